//! A plain change chunk of Automerge, taken apart at its header and put together again.
//!
//! **Architecture Invariant**: a chunk that would not come out byte for byte is not taken apart.

use super::{
    Unfit,
    octets::{Octets, put_bytes, put_leb_signed, put_unsigned},
};
use keyrack_model::limits::{MAX_CHANGE, MAX_CHANGE_DEPS};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const PLAIN_CHANGE: u8 = 1;
const CHECKSUM: std::ops::Range<usize> = 4..8;
/// The other actors that a change names, at most.
pub const MAX_OTHERS: usize = 256;
/// Bytes of a change's message, at most.
pub const MAX_MESSAGE: usize = 64;

/// SHA-256 of a chunk from its type on; its checksum is the beginning.
pub type Hash = [u8; 32];

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chunk {
    pub deps: Vec<Hash>,
    pub actor: Uuid,
    pub seq: u64,
    pub start_op: u64,
    pub time: i64,
    pub message: Vec<u8>,
    pub others: Vec<Uuid>,
    /// Whatever follows: which columns there are, and what is in them.
    pub columns: Vec<u8>,
}

impl Chunk {
    /// With its hash. None for anything but a chunk in the one form in which Automerge writes it.
    pub fn of(bytes: &[u8]) -> Option<(Self, Hash)> {
        let chunk = Self::read(bytes).ok()?;
        let hash = hash_of(bytes);
        (chunk.join_as(hash) == bytes).then_some((chunk, hash))
    }

    fn read(bytes: &[u8]) -> Result<Self, Unfit> {
        let mut octets = Octets(bytes);
        if octets.array()? != MAGIC {
            return Err(Unfit::Form);
        }
        let _checksum: [u8; 4] = octets.array()?;
        if octets.byte()? != PLAIN_CHANGE {
            return Err(Unfit::Form);
        }
        octets.count(MAX_CHANGE)?;
        let deps = (0..octets.count(MAX_CHANGE_DEPS)?).map(|_| octets.array());
        Ok(Self {
            deps: deps.collect::<Result<_, _>>()?,
            actor: actor(&mut octets)?,
            seq: octets.unsigned()?,
            start_op: octets.unsigned()?,
            time: octets.leb_signed()?,
            message: octets.bytes(MAX_MESSAGE)?.to_vec(),
            others: (0..octets.count(MAX_OTHERS)?)
                .map(|_| actor(&mut octets))
                .collect::<Result<_, _>>()?,
            columns: octets.0.to_vec(),
        })
    }

    /// The bytes of the chunk, whose hash is known.
    pub fn join_as(&self, hash: Hash) -> Vec<u8> {
        let mut bytes = self.unchecked();
        bytes[CHECKSUM].copy_from_slice(&hash[..CHECKSUM.len()]);
        bytes
    }

    pub fn hash(&self) -> Hash {
        hash_of(&self.unchecked())
    }

    /// The bytes of the chunk without its checksum.
    fn unchecked(&self) -> Vec<u8> {
        let mut content = Vec::with_capacity(self.columns.len() + HEADER);
        put_unsigned(&mut content, self.deps.len() as u64);
        for dep in &self.deps {
            content.extend_from_slice(dep);
        }
        put_bytes(&mut content, self.actor.as_bytes());
        put_unsigned(&mut content, self.seq);
        put_unsigned(&mut content, self.start_op);
        put_leb_signed(&mut content, self.time);
        put_bytes(&mut content, &self.message);
        put_unsigned(&mut content, self.others.len() as u64);
        for other in &self.others {
            put_bytes(&mut content, other.as_bytes());
        }
        content.extend_from_slice(&self.columns);
        let mut bytes = Vec::with_capacity(content.len() + 16);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&[0; CHECKSUM.end - CHECKSUM.start]);
        bytes.push(PLAIN_CHANGE);
        put_bytes(&mut bytes, &content);
        bytes
    }
}

/// Room for what stands before the columns of most changes.
const HEADER: usize = 160;

/// Of a whole chunk; of bytes that are none, a number like any other.
pub fn hash_of(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes.get(CHECKSUM.end..).unwrap_or_default()).into()
}

fn actor(octets: &mut Octets<'_>) -> Result<Uuid, Unfit> {
    let bytes = octets.bytes(16)?;
    Uuid::from_slice(bytes).map_err(|_| Unfit::Form)
}
