//! Saved documents, honest ones and such as nobody saved, up to their bounds and over them.

use super::*;
use crate::{Document, DocumentError, Stamp};
use flate2::{Compression, read::DeflateEncoder};
use keyrack_model::{
    change::Change,
    ids::{ActorId, DocumentRef, OperationId, WorkOrderId},
    time::Timestamp,
    work_order::WorkOrderChange,
};
use uuid::Uuid;

/// A column by its specification.
type Made = (u64, Vec<u8>);

const ORDER: WorkOrderId = WorkOrderId(Uuid::from_u128(9));

/// A chunk of these columns by one actor; nobody compares its checksum before it is measured.
fn saved(changes: &[Made], rows: &[Made]) -> Vec<u8> {
    saved_by(1, changes, rows)
}

fn saved_by(actors: u64, changes: &[Made], rows: &[Made]) -> Vec<u8> {
    let mut body = unsigned(actors);
    for _ in 0..actors {
        body.push(16);
        body.extend([7; 16]);
    }
    body.push(0);
    for columns in [changes, rows] {
        body.extend(unsigned(columns.len() as u64));
        for (specification, content) in columns {
            body.extend(unsigned(*specification));
            body.extend(unsigned(content.len() as u64));
        }
    }
    for (_, content) in changes.iter().chain(rows) {
        body.extend(content);
    }
    chunk(&body)
}

fn chunk(body: &[u8]) -> Vec<u8> {
    let mut chunk = vec![0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, DOCUMENT];
    chunk.extend(unsigned(body.len() as u64));
    chunk.extend(body);
    chunk
}

fn unsigned(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// One value so often.
fn run(count: u64, value: &[u8]) -> Vec<u8> {
    // One more byte keeps the sign apart.
    let mut bytes = unsigned(count);
    if bytes.last().is_some_and(|last| last & 0x40 != 0) {
        *bytes.last_mut().unwrap() |= 0x80;
        bytes.push(0);
    }
    bytes.extend(value);
    bytes
}

fn deflated(content: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    DeflateEncoder::new(content, Compression::best())
        .read_to_end(&mut bytes)
        .unwrap();
    bytes
}

/// A work order whose description several people wrote and wrote anew.
fn honest() -> Document {
    let mut document = Document::genesis(ORDER.into());
    for time in 0..20_u128 {
        let stamp = Stamp {
            operation: OperationId(Uuid::from_u128(100 + time)),
            at: Timestamp(time as i64),
        };
        let text = format!(
            "{time} {}",
            "Drips, and loudly. ".repeat(1 + time as usize % 7)
        );
        let changes = [
            Change::WorkOrder(ORDER, WorkOrderChange::Title(format!("Shower {time}"))),
            Change::WorkOrder(ORDER, WorkOrderChange::Description(text)),
        ];
        let actor = ActorId(Uuid::from_u128(1 + time % 3));
        document.write(actor, stamp, &changes).unwrap();
    }
    document
}

#[test]
fn what_automerge_saves_is_measured_as_what_it_is_and_loads() {
    let document = honest();
    let bytes = document.save();
    let measured = measure_saved(&bytes).unwrap();
    assert_eq!(measured.changes, 21, "the genesis and twenty edits");
    // 20 titles, a Text for each field that is one, and each character that was typed.
    assert!(measured.rows > 200, "{measured:?}");
    assert!(measured.successors > 100, "{measured:?}");
    let again = Document::load_measured(ORDER.into(), &bytes).unwrap();
    assert_eq!(again.heads(), document.heads());
    let flat = document.crdt().save_nocompress();
    assert!(flat.len() > bytes.len(), "some columns are deflated");
    assert_eq!(measure_saved(&flat), Ok(measured));
}

#[test]
fn a_document_of_every_kind_is_measured_from_its_genesis_on() {
    for kind in keyrack_model::ids::DocumentKind::ALL {
        let id = keyrack_model::ids::DocumentId(Uuid::from_u128(5));
        let reference = DocumentRef { kind, id };
        let bytes = Document::genesis(reference).save();
        assert_eq!(measure_saved(&bytes).unwrap().changes, 1, "{kind:?}");
    }
}

#[test]
fn every_count_is_bounded_and_what_is_at_its_bound_passes() {
    let row =
        |specification, count: u64, value: &[u8]| saved(&[], &[(specification, run(count, value))]);
    let change =
        |specification, count: u64, value: &[u8]| saved(&[(specification, run(count, value))], &[]);
    let twice = |specification, first: Vec<u8>, second: Vec<u8>| {
        saved(&[], &[(specification, [first, second].concat())])
    };
    let long = [
        unsigned(MAX_SAVED as u64 / 1_000),
        vec![b'k'; MAX_SAVED / 1_000],
    ]
    .concat();
    for (what, least, most) in [
        (
            "rows",
            row(0x21, MAX_SAVED_ROWS, &[0]),
            row(0x21, MAX_SAVED_ROWS + 1, &[0]),
        ),
        (
            "rows of two runs",
            twice(0x42, run(MAX_SAVED_ROWS - 1, &[1]), run(1, &[2])),
            twice(0x42, run(MAX_SAVED_ROWS - 1, &[1]), run(2, &[2])),
        ),
        (
            "successors",
            row(
                0x80,
                MAX_SAVED_ROWS,
                &[(MAX_SAVED_SUCCESSORS / MAX_SAVED_ROWS) as u8],
            ),
            row(
                0x80,
                MAX_SAVED_ROWS,
                &[1 + (MAX_SAVED_SUCCESSORS / MAX_SAVED_ROWS) as u8],
            ),
        ),
        (
            "rows of successors",
            row(0x81, MAX_SAVED_SUCCESSORS, &[0]),
            row(0x81, MAX_SAVED_SUCCESSORS + 1, &[0]),
        ),
        ("keys", row(0x15, 1_000, &long), row(0x15, 1_001, &long)),
        (
            "changes",
            change(0x01, MAX_SAVED_CHANGES, &[0]),
            change(0x01, MAX_SAVED_CHANGES + 1, &[0]),
        ),
        (
            "what changes build on",
            change(0x40, MAX_SAVED_CHANGES, &[1]),
            change(0x40, MAX_SAVED_CHANGES, &[2]),
        ),
    ] {
        assert!(measure_saved(&least).is_ok(), "{what}");
        assert_eq!(measure_saved(&most), Err(GateReason::TooManyRows), "{what}");
    }
}

#[test]
fn many_actors_and_many_changes_are_too_many_together() {
    let changes = MAX_SAVED_CHANGES;
    let of = |actors| saved_by(actors, &[(0x01, run(changes, &[0]))], &[]);
    let most = MAX_SAVED_CLOCKS / changes;
    assert!(measure_saved(&of(most)).is_ok());
    assert_eq!(measure_saved(&of(most + 1)), Err(GateReason::TooManyRows));
    let nobody = saved_by(MAX_SAVED_CHANGES + 1, &[], &[]);
    assert_eq!(measure_saved(&nobody), Err(GateReason::TooManyRows));
}

#[test]
fn no_operation_is_counted_beyond_what_there_can_be() {
    for specification in [0x13, 0x23] {
        let at = |counter: u64| saved(&[], &[(specification, run(1, &run(counter, &[])))]);
        assert!(measure_saved(&at(MAX_COUNTER)).is_ok());
        assert_eq!(
            measure_saved(&at(MAX_COUNTER + 1)),
            Err(GateReason::NotAChange)
        );
    }
    let ends_at = |counter: u64| saved(&[(0x13, run(1, &run(counter, &[])))], &[]);
    assert!(measure_saved(&ends_at(MAX_COUNTER)).is_ok());
    let beyond = ends_at(MAX_COUNTER + 1);
    assert_eq!(measure_saved(&beyond), Err(GateReason::NotAChange));
}

#[test]
fn columns_are_inflated_only_as_far_as_all_of_them_may_go() {
    let values = |count: usize| {
        let sizes = run(1, &unsigned((count as u64) << 4 | 7));
        let bytes = deflated(&vec![0; count]);
        saved(&[], &[(0x56, sizes), (0x57 | DEFLATED, bytes)])
    };
    // The sizes take some of it.
    let sizes = run(1, &unsigned((MAX_SAVED as u64 - 9) << 4)).len();
    let most = values(MAX_SAVED - sizes);
    assert!(most.len() < MAX_SAVED / 500, "{}", most.len());
    assert!(measure_saved(&most).is_ok());
    let more = values(MAX_SAVED - sizes + 1);
    assert_eq!(measure_saved(&more), Err(GateReason::TooLarge));
    let far_more = values(20 * MAX_SAVED);
    assert!(measure_saved(&far_more).is_err());
    let large = chunk(&vec![0; MAX_SAVED]);
    assert_eq!(measure_saved(&large), Err(GateReason::TooLarge));
}

#[test]
fn what_automerge_does_not_write_is_no_saved_document() {
    let value = |size: u64, bytes: &[u8]| {
        saved(
            &[],
            &[(0x56, run(1, &unsigned(size << 4))), (0x57, bytes.to_vec())],
        )
    };
    assert!(measure_saved(&value(2, b"ab")).is_ok());
    let honest = honest().save();
    let behind = [honest.clone(), Document::genesis(ORDER.into()).save()].concat();
    let change = {
        let mut document = Document::genesis(ORDER.into());
        let stamp = Stamp {
            operation: OperationId(Uuid::from_u128(1)),
            at: Timestamp(1),
        };
        let title = Change::WorkOrder(ORDER, WorkOrderChange::Title("Tap".into()));
        let actor = ActorId(Uuid::from_u128(1));
        document.write(actor, stamp, &[title]).unwrap().unwrap()
    };
    for (what, bytes) in [
        ("nothing", vec![]),
        ("a change", change),
        ("two documents", behind),
        ("a part of one", honest[..honest.len() - 1].to_vec()),
        ("more values than are stated", value(1, b"ab")),
        ("fewer values than are stated", value(3, b"ab")),
        ("an actor of nobody", saved(&[(0x01, run(1, &[1]))], &[])),
        ("an unknown column", saved(&[], &[(0xa5, run(1, b"\x01m"))])),
        (
            "columns out of order",
            saved(&[], &[(0x42, vec![]), (0x34, vec![])]),
        ),
        (
            "one column twice",
            saved(&[], &[(0x21, vec![]), (0x21 | DEFLATED, vec![])]),
        ),
        (
            "noise that is not deflated",
            saved(&[], &[(0x21 | DEFLATED, vec![0xff; 9])]),
        ),
        ("counted below zero", saved(&[], &[(0x23, run(1, &[0x7f]))])),
    ] {
        assert_eq!(measure_saved(&bytes), Err(GateReason::NotAChange), "{what}");
        let loaded = Document::load_measured(ORDER.into(), &bytes);
        let is_refused = matches!(loaded, Err(DocumentError::Unfit(_)));
        assert!(is_refused, "{what}: {loaded:?}");
    }
}
