//! A change as Automerge writes one, made by hand.

use sha2::{Digest, Sha256};
use uuid::Uuid;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];

/// What stands in a chunk's header, and what follows it.
pub struct Chunk<'a> {
    pub deps: &'a [[u8; 32]],
    pub actor: Uuid,
    pub seq: u64,
    pub start_op: u64,
    pub time: i64,
    pub message: &'a str,
    pub others: &'a [Uuid],
    pub columns: &'a [u8],
}

impl Chunk<'_> {
    pub fn bytes(&self) -> Vec<u8> {
        let mut content = Vec::new();
        unsigned(&mut content, self.deps.len() as u64);
        content.extend(self.deps.iter().flatten());
        content.push(16);
        content.extend_from_slice(self.actor.as_bytes());
        unsigned(&mut content, self.seq);
        unsigned(&mut content, self.start_op);
        signed(&mut content, self.time);
        unsigned(&mut content, self.message.len() as u64);
        content.extend_from_slice(self.message.as_bytes());
        unsigned(&mut content, self.others.len() as u64);
        for other in self.others {
            content.push(16);
            content.extend_from_slice(other.as_bytes());
        }
        content.extend_from_slice(self.columns);
        let mut rest = vec![1];
        unsigned(&mut rest, content.len() as u64);
        rest.extend(content);
        [&MAGIC, &hash(&rest)[..4], &rest].concat()
    }
}

/// Of a chunk from its type on.
fn hash(rest: &[u8]) -> [u8; 32] {
    Sha256::digest(rest).into()
}

fn unsigned(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn signed(out: &mut Vec<u8>, mut number: i64) {
    while !(-0x40..0x40).contains(&number) {
        out.push(number as u8 & 0x7f | 0x80);
        number >>= 7;
    }
    out.push(number as u8 & 0x7f);
}
