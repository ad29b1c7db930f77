//! Automerge chunks made by hand.

use automerge::Change;
use flate2::{Compression, write::DeflateEncoder};
use sha2::{Digest, Sha256};
use std::{io::Write, panic::catch_unwind};

pub const SAVED: u8 = 0;
pub const PLAIN: u8 = 1;
pub const DEFLATED: u8 = 2;

/// 2⁶⁰ as signed LEB128, which is also how it reads unsigned.
pub const HUGE: [u8; 9] = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10];

/// A chunk whose checksum fits.
pub fn chunk(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, kind];
    unsigned(&mut bytes, body.len() as u64);
    bytes.extend(body);
    mend_checksum(&mut bytes);
    bytes
}

/// Makes the checksum fit what stands after it.
pub fn mend_checksum(chunk: &mut [u8]) {
    if let Some((head, content)) = chunk.split_at_mut_checked(8) {
        let hash = Sha256::digest(content);
        head[4..].copy_from_slice(&hash[..4]);
    }
}

/// A change of these columns: specification and content.
pub fn change(columns: &[(u64, &[u8])]) -> Vec<u8> {
    let mut body = vec![0, 16];
    body.extend([7; 16]);
    // Sequence, start, time, an empty message, no other actors.
    body.extend([1, 1, 0, 0, 0]);
    unsigned(&mut body, columns.len() as u64);
    for (specification, content) in columns {
        unsigned(&mut body, *specification);
        unsigned(&mut body, content.len() as u64);
    }
    for (_, content) in columns {
        body.extend(*content);
    }
    chunk(PLAIN, &body)
}

/// A deflated chunk that inflates to so many mebibytes, each a thousand times its size here.
pub fn deflate_bomb(mebibytes: usize) -> Vec<u8> {
    let mut deflated = DeflateEncoder::new(Vec::new(), Compression::best());
    let written = deflated.write_all(&[0; 1 << 20]);
    written.expect("memory takes what is written");
    // What is flushed ends with a whole byte and refers to nothing before it: it can come again.
    deflated.flush().expect("memory takes what is written");
    let mut body = deflated.get_ref().repeat(mebibytes);
    // The last block, and nothing in it.
    body.extend([3, 0]);
    chunk(DEFLATED, &body)
}

/// The same change in bytes that Automerge would not write: a value that stands alone as a run of
/// one.
///
/// # Panics
/// When no value of it stands alone.
pub fn written_otherwise(change: &[u8]) -> Vec<u8> {
    const ALONE: u8 = 0x7f;
    let places = (0..change.len()).filter(|at| change[*at] == ALONE);
    let mut others = places.map(|at| {
        let mut other = change.to_vec();
        other[at] = 1;
        mend_checksum(&mut other);
        other
    });
    let other = others.find(|other| as_written(other).as_deref() == Some(change));
    other.expect("a value stands alone")
}

/// What Automerge writes of the change that it reads; None where it reads none.
fn as_written(change: &[u8]) -> Option<Vec<u8>> {
    let written = catch_unwind(|| {
        let change = Change::from_bytes(change.to_vec()).ok()?;
        Some(Change::from(change.decode()).raw_bytes().to_vec())
    });
    written.ok().flatten()
}

/// A saved document of these columns of changes and of rows, by one actor.
pub fn saved(changes: &[(u64, &[u8])], rows: &[(u64, &[u8])]) -> Vec<u8> {
    let mut body = vec![1, 16];
    body.extend([7; 16]);
    // No heads.
    body.push(0);
    for columns in [changes, rows] {
        unsigned(&mut body, columns.len() as u64);
        for (specification, content) in columns {
            unsigned(&mut body, *specification);
            unsigned(&mut body, content.len() as u64);
        }
    }
    for (_, content) in changes.iter().chain(rows) {
        body.extend(*content);
    }
    chunk(SAVED, &body)
}

/// One value so often in a row, as a run-length column has it.
pub fn run(count: u64, value: &[u8]) -> Vec<u8> {
    let mut bytes = signed(count);
    bytes.extend(value);
    bytes
}

/// A number that is not below zero, as signed LEB128.
pub fn signed(number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    unsigned(&mut bytes, number);
    if let Some(last) = bytes.last_mut()
        && *last & 0x40 != 0
    {
        *last |= 0x80;
        bytes.push(0);
    }
    bytes
}

pub fn unsigned(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}
