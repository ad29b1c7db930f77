//! Chunks that are not what they seem: refused before Automerge sees them.

use super::*;

/// A chunk with this body; its checksum is left empty.
fn chunk(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, kind];
    unsigned(&mut bytes, body.len() as u64);
    bytes.extend(body);
    bytes
}

fn unsigned(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// A change of one column.
fn bomb(specification: u8, column: &[u8]) -> Vec<u8> {
    let mut body = vec![0, 16];
    body.extend([7; 16]);
    // Sequence, start, time, an empty message, no other actors, one column.
    body.extend([1, 1, 0, 0, 0, 1, specification, column.len() as u8]);
    body.extend(column);
    chunk(1, &body)
}

/// 2⁶⁰ as signed LEB128, which is also how it reads unsigned.
const HUGE: [u8; 9] = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10];

#[test]
fn a_run_that_claims_more_rows_than_memory_is_never_unpacked() {
    let run: Vec<u8> = [&HUGE[..], &[1]].concat();
    let nulls: Vec<u8> = [&[0][..], &HUGE].concat();
    for (specification, column) in [
        (0x42, &run),
        (0x02, &nulls),
        (0x15, &nulls),
        (0x34, &HUGE.to_vec()),
        (0x13, &run),
        (0x71, &nulls),
        (0x73, &run),
    ] {
        let bytes = bomb(specification, column);
        assert!(bytes.len() < 100);
        let reason = GateReason::TooManyRows;
        Scene::set().refuses(reason, |device| with_bytes(device.mark(Clean), bytes));
    }
}

#[test]
fn predecessors_are_counted_over_all_rows() {
    // 2,000 rows of 2,000 predecessors each.
    let mut column = vec![0xd0, 0x0f];
    unsigned(&mut column, 2_000);
    let bytes = bomb(0x70, &column);
    Scene::set().refuses(GateReason::TooManyRows, |device| {
        with_bytes(device.mark(Clean), bytes)
    });
}

#[test]
fn rows_up_to_the_limit_are_counted_and_one_more_is_too_many() {
    let claims = |rows: u64| {
        let mut column = Vec::new();
        unsigned(&mut column, rows);
        scanner::measure(&bomb(0x34, &column))
    };
    assert_eq!(claims(MAX_CHANGE_ROWS).unwrap().rows, MAX_CHANGE_ROWS);
    assert_eq!(claims(MAX_CHANGE_ROWS + 1), Err(GateReason::TooManyRows));
    let predecessors = |count: u64| {
        let mut column = vec![1];
        unsigned(&mut column, count);
        scanner::measure(&bomb(0x70, &column))
    };
    assert!(predecessors(MAX_CHANGE_PREDECESSORS).is_ok());
    assert!(predecessors(MAX_CHANGE_PREDECESSORS + 1).is_err());
}

#[test]
fn values_that_are_longer_than_their_bytes_are_not_a_change() {
    // One value of text of 1,000 bytes, without them.
    let mut column = vec![1];
    unsigned(&mut column, 1_000 << 4 | 6);
    assert_eq!(
        scanner::measure(&bomb(0x56, &column)),
        Err(GateReason::NotAChange)
    );
}

#[test]
fn compressed_chunks_compressed_columns_and_documents_are_not_changes() {
    let reason = GateReason::NotAChange;
    Scene::set().refuses(reason, |device| {
        let long = device.edit(vec![WorkOrderChange::Title("x".repeat(MAX_TITLE))]);
        let mut change = CrdtChange::from_bytes(long.changes[0].bytes.clone()).unwrap();
        let compressed = change.bytes().into_owned();
        assert_eq!(compressed[8], 2);
        with_bytes(long, compressed)
    });
    let deflated = bomb(0x42 | 0x08, &[1, 1]);
    Scene::set().refuses(reason, |device| with_bytes(device.mark(Clean), deflated));
    Scene::set().refuses(reason, |device| {
        let saved = device.document(ROOM.into()).save();
        with_bytes(device.mark(Clean), saved)
    });
}

/// The same operations in bytes that Automerge would not write: a single value as a run of one.
fn written_otherwise(bytes: &[u8]) -> Vec<u8> {
    let honest = CrdtChange::from_bytes(bytes.to_vec()).unwrap().decode();
    let single = bytes.iter().enumerate().filter(|(_, byte)| **byte == 0x7f);
    let mut others = single.filter_map(|(at, _)| {
        let mut other = bytes.to_vec();
        other[at] = 1;
        let change = std::panic::catch_unwind(|| CrdtChange::from_bytes(other.clone()));
        let change = change.ok()?.ok()?;
        other[4..8].copy_from_slice(&change.hash().0[..4]);
        (change.decode().operations == honest.operations).then_some(other)
    });
    others.next().expect("no value stands alone")
}

#[test]
fn a_change_in_another_encoding_is_refused_because_no_document_loads_with_it() {
    Scene::set().refuses(GateReason::NotAChange, |device| {
        let mut action = device.mark(Clean);
        action.changes[0].bytes = written_otherwise(&action.changes[0].bytes);
        action
    });
}

#[test]
fn a_chunk_that_inflates_to_a_thousand_times_its_size_is_never_inflated() {
    use std::io::Write;
    let level = flate2::Compression::best();
    let mut deflated = flate2::write::DeflateEncoder::new(Vec::new(), level);
    for _ in 0..64 {
        deflated.write_all(&[0; 1 << 20]).unwrap();
    }
    let bytes = chunk(2, &deflated.finish().unwrap());
    assert!(bytes.len() < 64 << 10);
    Scene::set().refuses(GateReason::NotAChange, |device| {
        with_bytes(device.mark(Clean), bytes)
    });
}
