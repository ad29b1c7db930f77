//! What is wrong with what a device asked for: in the hands of one that begins, and of one that was
//! handed out the house and works.

use super::{Input, named};
use crate::hostile::{
    choices::Script,
    chunk::{self, run},
    pull::{Spoilt, Step, Wrong, deliver},
};
use flate2::{Compression, write::DeflateEncoder};
use keyrack_model::limits::{MAX_SAVED, MAX_SAVED_ROWS};
use keyrack_wire::packed;
use std::io::Write;

pub(super) fn inputs() -> Vec<Input> {
    let mut inputs = beginnings();
    inputs.extend(segments());
    inputs.extend(documents());
    inputs.extend(saved());
    inputs
}

/// The working set comes to a device that has nothing.
fn begins() -> Script {
    Script::default().one_of(&Step::ALL, Step::Fresh)
}

/// So far everything comes as it is.
fn honest(script: Script) -> Script {
    Spoilt::Nothing.step(script)
}

/// The page of records is about to come.
fn before_records() -> Script {
    honest(begins())
}

/// A segment is about to come, to a device that follows the log.
fn before_a_segment() -> Script {
    honest(before_records()).one_of(&Step::ALL, Step::Opened)
}

/// The work order is about to come, as somebody wants to see all of its story.
fn before_a_document() -> Script {
    Script::default().one_of(&Step::ALL, Step::HandedOut)
}

fn beginnings() -> Vec<Input> {
    let set = |spoilt: Spoilt| spoilt.step(begins());
    let page = |spoilt: Spoilt| spoilt.step(before_records());
    let guest = |place, version| {
        let script = page(Spoilt::Guest).number(place).number(version);
        honest(script.below(0))
    };
    let again = |script: Script| Spoilt::Nowhere.step(script);
    let pages = |script| honest(again(again(again(script))));
    let unasked = Spoilt::Unasked.step(begins()).byte(0);
    named([
        ("begins", honest(before_a_segment()).byte(0)),
        ("begins-with-something-else", unasked),
        ("begins-with-nothing", set(Spoilt::Gone)),
        ("begins-signed-out", set(Spoilt::Failed).byte(1)),
        (
            "begins-at-the-last-place",
            honest(set(Spoilt::Sequence).number(i64::MAX as u64)),
        ),
        (
            "begins-beyond-what-the-store-counts",
            set(Spoilt::Sequence).number(1 << 63),
        ),
        (
            "begins-at-the-end-of-all-numbers",
            set(Spoilt::Sequence).number(u64::MAX),
        ),
        (
            "begins-without-segments",
            honest(set(Spoilt::Names).below(0)),
        ),
        (
            "begins-with-one-segment-often",
            honest(set(Spoilt::Names).below(100)),
        ),
        (
            "begins-with-too-many-segments",
            set(Spoilt::Names).below(5_000),
        ),
        (
            "begins-with-a-huge-segment",
            honest(set(Spoilt::Other).number(u64::MAX)),
        ),
        ("records-of-another-log", page(Spoilt::Epoch)),
        ("records-that-lead-nowhere", pages(before_records())),
        (
            "records-and-one-of-the-last-version",
            guest(1, i64::MAX as u64),
        ),
        ("records-and-one-of-no-version", guest(1, 0)),
        ("records-and-one-of-a-version-beyond", guest(1, u64::MAX)),
        ("records-and-one-from-before", guest(0, 1)),
        ("records-and-one-beyond-the-end", guest(7, 1)),
        ("records-and-one-beyond-all", guest(u64::MAX, 1)),
        (
            "records-of-a-class-that-is-not-read",
            page(Spoilt::Class).number(1).number(1).below(0),
        ),
        ("records-backwards", page(Spoilt::Backwards)),
        ("records-that-are-gone", page(Spoilt::Gone)),
    ])
}

fn segments() -> Vec<Input> {
    let segment = |spoilt: Spoilt| spoilt.step(before_a_segment()).byte(0);
    let bomb = packed::pack(&vec![0; 2 << 20]);
    // The frame says that four bytes are in it.
    let mut liar = bomb.clone();
    liar[5..9].copy_from_slice(&4_u32.to_le_bytes());
    let endless = packed::pack(&[b"\xa1\x67actions\x9b".as_slice(), &[0xff; 8]].concat());
    named([
        (
            "segment-of-another-document",
            segment(Spoilt::Other).byte(1).number(9),
        ),
        ("segment-of-other-kinds", segment(Spoilt::Kind).byte(3)),
        ("segment-with-a-document-twice", segment(Spoilt::Twice)),
        ("segment-backwards", segment(Spoilt::Backwards)),
        (
            "segment-of-places-beyond-all",
            segment(Spoilt::Place).number(u64::MAX),
        ),
        ("segment-of-one-place", segment(Spoilt::Place).number(3)),
        ("segment-under-another-name", segment(Spoilt::Row)),
        ("segment-that-is-a-working-set", segment(Spoilt::Unasked)),
        (
            "segment-larger-than-its-name",
            segment(Spoilt::Packed).bytes(&bomb),
        ),
        (
            "segment-larger-than-it-says",
            segment(Spoilt::Packed).bytes(&liar),
        ),
        (
            "segment-of-huge-lists",
            segment(Spoilt::Packed).bytes(&endless),
        ),
        ("segment-of-noise", segment(Spoilt::Packed).bytes(b"hello")),
    ])
}

fn document(spoilt: Spoilt) -> Script {
    spoilt.step(before_a_document())
}

fn documents() -> Vec<Input> {
    let at = |place: u64| document(Spoilt::Sequence).number(place).byte(0);
    let delivered = |script| deliver(script, Wrong::Nothing);
    let works = deliver(before_a_document(), Wrong::Document);
    named([
        ("document", delivered(document(Spoilt::Nothing).byte(0))),
        (
            "document-at-the-last-place",
            honest(at(i64::MAX as u64)).byte(0),
        ),
        ("document-beyond-what-the-store-counts", at(1 << 63)),
        ("document-at-the-end-of-all-numbers", at(u64::MAX)),
        ("document-of-another-log", document(Spoilt::Epoch).byte(0)),
        (
            "document-that-was-not-asked-for",
            document(Spoilt::Other).byte(0).byte(1).number(9),
        ),
        (
            "document-of-another-kind",
            document(Spoilt::Kind).byte(0).byte(3),
        ),
        ("another-document-after-a-segment", works.clone().byte(0)),
        ("another-kind-of-document-after-a-segment", works.byte(2)),
        ("document-twice", document(Spoilt::Twice).byte(0)),
        ("document-under-another-name", document(Spoilt::Row).byte(0)),
        ("document-that-is-a-working-set", document(Spoilt::Unasked)),
        ("document-that-is-gone", document(Spoilt::Gone)),
    ])
}

/// Saved documents that are none, or more than one can be.
fn saved() -> Vec<Input> {
    // Beyond any memory.
    const HUGE: u64 = 1 << 60;
    let of_changes = |column, content: &[u8]| chunk::saved(&[(column, content)], &[]);
    let of_rows = |column, content: &[u8]| chunk::saved(&[], &[(column, content)]);
    let inflates = deflated(&vec![0; MAX_SAVED + 1]);
    let chunks = [
        ("rows-without-end", of_rows(0x21, &run(HUGE, &[0]))),
        ("changes-without-end", of_changes(0x01, &run(HUGE, &[0]))),
        (
            "a-row-with-successors-without-end",
            of_rows(0x80, &run(1, &chunk::HUGE)),
        ),
        ("successors-without-end", of_rows(0x81, &run(HUGE, &[0]))),
        (
            "a-last-operation-beyond-all",
            of_changes(0x13, &run(1, &chunk::HUGE)),
        ),
        ("values-that-inflate-without-end", of_rows(0x5f, &inflates)),
        ("rows-that-inflate-without-end", of_rows(0x29, &inflates)),
        (
            "as-many-rows-as-there-may-be",
            as_many_rows_as_there_may_be(),
        ),
        ("a-document-of-nothing", chunk::saved(&[], &[])),
        ("a-change", chunk::change(&[])),
    ];
    let comes = |spoilt: Spoilt| document(spoilt).byte(0);
    let mut inputs: Vec<Input> = chunks
        .into_iter()
        .map(|(name, bytes)| {
            let script = comes(Spoilt::SavedThatFits).bytes(&bytes);
            (format!("saved-{name}"), script.done())
        })
        .collect();
    let flipped = |bit| comes(Spoilt::FlipThatFits).below(bit);
    inputs.extend(named([
        ("saved-nothing", comes(Spoilt::Saved).bytes(b"")),
        ("saved-with-a-flipped-bit", flipped(40 * 8)),
        ("saved-with-another-flipped-bit", flipped(200 * 8)),
        (
            "saved-with-a-wrong-checksum",
            comes(Spoilt::Flip).below(4 * 8),
        ),
    ]));
    inputs
}

/// One change of as many writes of one key, each of which is in order.
fn as_many_rows_as_there_may_be() -> Vec<u8> {
    let rows = MAX_SAVED_ROWS;
    let mut none_is_put_in = Vec::new();
    chunk::unsigned(&mut none_is_put_in, rows);
    chunk::saved(
        &[
            (0x01, &run(1, &[0])),
            (0x03, &run(1, &[1])),
            (0x13, &run(1, &chunk::signed(rows))),
            (0x23, &run(1, &[0])),
            (0x40, &run(1, &[0])),
            (0x56, &run(1, &[0])),
        ],
        &[
            (0x15, &run(rows, b"\x01k")),
            (0x21, &run(rows, &[0])),
            (0x23, &run(rows, &[1])),
            (0x34, &none_is_put_in),
            (0x42, &run(rows, &[1])),
            (0x56, &run(rows, &[0])),
            (0x80, &run(rows, &[0])),
        ],
    )
}

fn deflated(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(content).and_then(|()| encoder.finish());
    written.expect("memory can be written")
}
