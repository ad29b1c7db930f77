//! The plain form: the CBOR of a frame, written piece by piece as it stands in the protocol.
//!
//! **Architecture Invariant**: what is written here is what the model's types are written as; the
//! sender compares the two before it relies on that.

use super::parts::{Change, Deed, Entry, Form};
use keyrack_model::wire::Proof;
use uuid::Uuid;

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
pub const BYTES: u8 = 2;
pub const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;

/// The beginning of an item in its shortest form.
pub fn head(out: &mut Vec<u8>, major: u8, number: u64) {
    let major = major << 5;
    match number {
        0..24 => out.push(major | number as u8),
        24..0x100 => out.extend([major | 24, number as u8]),
        0x100..0x1_0000 => {
            out.push(major | 25);
            out.extend_from_slice(&(number as u16).to_be_bytes());
        }
        0x1_0000..0x1_0000_0000 => {
            out.push(major | 26);
            out.extend_from_slice(&(number as u32).to_be_bytes());
        }
        _ => {
            out.push(major | 27);
            out.extend_from_slice(&number.to_be_bytes());
        }
    }
}

pub fn array(out: &mut Vec<u8>, count: usize) {
    head(out, ARRAY, count as u64);
}

fn map(out: &mut Vec<u8>, count: u64) {
    head(out, MAP, count);
}

pub fn key(out: &mut Vec<u8>, key: &str) {
    head(out, TEXT, key.len() as u64);
    out.extend_from_slice(key.as_bytes());
}

fn bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    head(out, BYTES, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn id(out: &mut Vec<u8>, name: &str, id: Uuid) {
    key(out, name);
    bytes(out, id.as_bytes());
}

fn unsigned(out: &mut Vec<u8>, name: &str, number: u64) {
    key(out, name);
    head(out, UNSIGNED, number);
}

fn integer(out: &mut Vec<u8>, name: &str, number: i64) {
    key(out, name);
    match u64::try_from(number) {
        Ok(number) => head(out, UNSIGNED, number),
        Err(_) => head(out, NEGATIVE, !number as u64),
    }
}

/// What stands before the entries of a `Deliver`.
pub fn deliver(out: &mut Vec<u8>, entries: usize) {
    map(out, 1);
    key(out, "Deliver");
    map(out, 1);
    key(out, "entries");
    array(out, entries);
}

/// A whole `Push`.
pub fn push(batch: &[u8], signature: &[u8], proofs: &[Proof]) -> Vec<u8> {
    let mut out = Vec::with_capacity(batch.len() + 128);
    map(&mut out, 1);
    key(&mut out, "Push");
    map(&mut out, 2 + u64::from(!proofs.is_empty()));
    key(&mut out, "batch");
    bytes(&mut out, batch);
    key(&mut out, "signature");
    bytes(&mut out, signature);
    if !proofs.is_empty() {
        key(&mut out, "proofs");
        array(&mut out, proofs.len());
        for proof in proofs {
            map(&mut out, 3);
            unsigned(&mut out, "index", u64::from(proof.index));
            key(&mut out, "key");
            bytes(&mut out, &proof.key);
            key(&mut out, "signature");
            bytes(&mut out, &proof.signature);
        }
    }
    out
}

pub fn entry(out: &mut Vec<u8>, entry: &Entry) {
    match entry {
        Entry::Other(cbor) => out.extend_from_slice(cbor),
        Entry::Deed {
            sequence,
            received_at,
            deed,
        } => {
            map(out, 2);
            unsigned(out, "sequence", *sequence);
            key(out, "content");
            map(out, 1);
            key(out, "Action");
            map(out, 3);
            integer(out, "received_at", *received_at);
            id(out, "device", deed.hand.device);
            key(out, "action");
            action(out, deed);
        }
    }
}

pub fn action(out: &mut Vec<u8>, deed: &Deed) {
    map(out, 6);
    id(out, "operation", deed.operation);
    id(out, "author", deed.hand.author);
    key(out, "at");
    map(out, 2);
    integer(out, "wall", deed.wall);
    unsigned(out, "counter", u64::from(deed.counter));
    unsigned(out, "schema", u64::from(deed.schema));
    key(out, "command");
    out.extend_from_slice(&deed.command);
    key(out, "changes");
    array(out, deed.changes.len());
    for change in &deed.changes {
        self::change(out, change);
    }
}

fn change(out: &mut Vec<u8>, change: &Change) {
    map(out, 2);
    key(out, "document");
    map(out, 2);
    unsigned(out, "kind", u64::from(u8::from(change.document.kind)));
    id(out, "id", change.document.id.0);
    key(out, "bytes");
    match &change.form {
        Form::Whole(whole) => bytes(out, whole),
        Form::Taken(chunk) => bytes(out, &chunk.join_as(change.hash)),
    }
}
