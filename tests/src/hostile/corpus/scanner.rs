//! Chunks that claim, refer and end otherwise than they should.

use super::Input;
use crate::hostile::chunk::{DEFLATED, HUGE, PLAIN, change, chunk, unsigned};
use flate2::{Compression, write::DeflateEncoder};
use keyrack_model::cleanliness::Cleanliness;
use keyrack_server::pretend::{Device, MARIA, ROOM};
use std::io::Write;

/// Every column that a change of ours may have: specification and name.
const COLUMNS: [(u64, &str); 11] = [
    (0x01, "object-actors"),
    (0x02, "object-counters"),
    (0x11, "key-actors"),
    (0x13, "key-counters"),
    (0x15, "key-strings"),
    (0x34, "inserts"),
    (0x42, "actions"),
    (0x56, "value-sizes"),
    (0x70, "predecessors"),
    (0x71, "predecessor-actors"),
    (0x73, "predecessor-counters"),
];

pub(super) fn inputs() -> Vec<Input> {
    let mut inputs = bombs();
    let fits = |name: &str, chunk: Vec<u8>| (name.to_owned(), [vec![1], chunk].concat());
    inputs.extend(
        [
            ("honest-change", honest()),
            ("empty", Vec::new()),
            ("cut-off", honest()[..60].to_vec()),
            ("cut-off-in-the-head", honest()[..7].to_vec()),
            ("longer-than-it-says", [honest(), vec![0]].concat()),
            ("no-columns", change(&[])),
            ("unknown-column", change(&[(0x99, &[1, 1])])),
            ("deflated-column", change(&[(0x42 | 0x08, &[1, 1])])),
            (
                "columns-out-of-order",
                change(&[(0x42, &[1, 1]), (0x34, &[1])]),
            ),
            ("column-twice", change(&[(0x34, &[1]), (0x34, &[1])])),
            ("column-longer-than-the-chunk", overlong_column()),
            ("deflated-chunk", deflated(&[0; 64])),
            ("deflate-bomb", deflated(&[0; 1 << 20])),
            (
                "document-chunk",
                Device::of(MARIA, 1).document(ROOM.into()).save(),
            ),
            ("many-dependencies", with_body(&huge())),
            ("endless-number", with_body(&[0x80; 64])),
            ("long-message", message()),
            ("many-actors", actors()),
            (
                "value-longer-than-its-bytes",
                change(&[(0x56, &[1, 0x96, 0x7d])]),
            ),
            ("actor-that-is-not-there", change(&[(0x01, &[1, 7])])),
            ("unknown-action", change(&[(0x42, &[1, 0x7e])])),
        ]
        .map(|(name, chunk)| fits(name, chunk)),
    );
    let mut flipped = honest();
    flipped[4] ^= 1;
    inputs.push(("bad-checksum".into(), [vec![0], flipped].concat()));
    inputs
}

/// Columns of a few bytes that claim 2⁶⁰ rows: of one value, of none, and each its own.
fn bombs() -> Vec<Input> {
    let repeated = [&HUGE[..], &[1]].concat();
    let nulls = [&[0][..], &HUGE].concat();
    // -2⁶² as signed LEB128.
    let literal = [[0x80; 8].as_slice(), &[0x40, 1]].concat();
    let mut inputs = Vec::new();
    for (specification, name) in COLUMNS {
        for (kind, column) in [
            ("run-length-bomb", &repeated),
            ("run-of-nulls-bomb", &nulls),
            ("literal-run-bomb", &literal),
        ] {
            let bomb = change(&[(specification, column)]);
            inputs.push((format!("{kind}-{name}"), [vec![1], bomb].concat()));
        }
    }
    let mut many = vec![0xd0, 0x0f];
    unsigned(&mut many, 2_000);
    let bomb = change(&[(0x70, &many)]);
    inputs.push(("predecessors-of-all-rows".into(), [vec![1], bomb].concat()));
    inputs
}

fn honest() -> Vec<u8> {
    let action = Device::of(MARIA, 1).mark(Cleanliness::Clean);
    action.changes[0].bytes.clone()
}

fn with_body(body: &[u8]) -> Vec<u8> {
    chunk(PLAIN, body)
}

fn huge() -> Vec<u8> {
    HUGE.to_vec()
}

/// What stands before the message: no dependencies, an actor, sequence, start and time.
fn head() -> Vec<u8> {
    let mut body = vec![0, 16];
    body.extend([7; 16]);
    body.extend([1, 1, 0]);
    body
}

fn message() -> Vec<u8> {
    let mut body = head();
    body.extend(HUGE);
    with_body(&body)
}

fn actors() -> Vec<u8> {
    let mut body = head();
    body.push(0);
    body.extend(HUGE);
    with_body(&body)
}

fn overlong_column() -> Vec<u8> {
    let mut body = head();
    body.extend([0, 0, 1, 0x42]);
    body.extend(HUGE);
    with_body(&body)
}

fn deflated(content: &[u8]) -> Vec<u8> {
    let mut deflated = DeflateEncoder::new(Vec::new(), Compression::best());
    let written = deflated.write_all(content);
    written.expect("memory takes what is written");
    chunk(DEFLATED, &deflated.finish().expect("it ends"))
}

/// The bombs and a few others without the byte before them, by name.
pub(super) fn chunks(wanted: &[&str]) -> Vec<Input> {
    let all = inputs().into_iter();
    all.filter(|(name, _)| wanted.iter().any(|start| name.starts_with(start)))
        .map(|(name, bytes)| (name, bytes[1..].to_vec()))
        .collect()
}
