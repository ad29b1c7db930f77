//! What the gate lets through and what it refuses: honest work, and attacks made by hand.

use super::{shelf::Size, *};
use crate::{
    log::{ActorBinding, KnownRecord, StoredChange, review::Standing},
    pretend::*,
};
use automerge::{
    Change as CrdtChange, ExpandedChange, ScalarValue,
    legacy::{Key, ObjectId, Op, OpId, OpType},
};
use keyrack_document::Document;
use keyrack_model::{
    action::{Action, DocumentChange},
    change::Change,
    cleanliness::Cleanliness::{Clean, Dirty},
    command::Command,
    identity,
    ids::{ActorId, DocumentId, DocumentRef, OperationId, RoomId, UserId},
    limits::*,
    policy::Role,
    record::{Payload, RecordRef},
    refusal::{GateReason, Refusal},
    room::RoomChange,
    time::Timestamp,
    work_order::{Priority, WorkOrderChange},
};
use proptest::prelude::*;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

mod attacks;
mod decided;
mod honest;
mod javascript;
mod late;
mod matrix;
mod naming;
mod records;

/// A hotel at the gate.
struct Hotel {
    shelf: Shelf,
    actors: HashMap<ActorId, ActorBinding>,
    /// What was admitted, as the log has it.
    past: HashMap<OperationId, Action>,
    standing: Standing,
    records: HashMap<RecordRef, KnownRecord>,
}

impl Hotel {
    fn with(devices: &[&Device]) -> Self {
        let opened = opening().iter();
        let changes = opened.clone().flat_map(|action| &action.changes);
        let changes: Vec<StoredChange> = changes
            .map(|change| StoredChange {
                document: change.document,
                bytes: change.bytes.clone(),
            })
            .collect();
        let mut hotel = Self {
            shelf: Shelf::default(),
            actors: HashMap::new(),
            past: opened.map(|it| (it.operation, it.clone())).collect(),
            standing: Standing::of(&people()),
            records: HashMap::new(),
        };
        assert!(hotel.shelf.load(&documents(), &changes).is_empty());
        for device in devices {
            hotel.bind(device.actor, device);
        }
        hotel
    }

    fn bind(&mut self, actor: ActorId, device: &Device) {
        let binding = ActorBinding {
            actor,
            user: device.user,
            device: device.id,
        };
        self.actors.insert(actor, binding);
    }

    fn gate(&self) -> Gate<'_> {
        Gate {
            hotel: HOTEL,
            actors: &self.actors,
            past: &self.past,
            standing: &self.standing,
            records: &self.records,
            now: NOW,
        }
    }

    /// Judges an action of a device, and keeps what is admitted.
    fn judge(&mut self, device: &Device, action: Action) -> Result<(), Refusal> {
        self.judge_from(Author::People(device.id), action)
    }

    fn judge_from(&mut self, from: Author, action: Action) -> Result<(), Refusal> {
        let read = ReadAction::of(action);
        let documents = read.documents().chain([HOTEL.into()]);
        let missing = self.shelf.open(documents);
        self.shelf.load(&missing, &[]);
        for _ in 0..2 {
            let of_rules = rule_documents(HOTEL, [&read].into_iter(), &self.shelf);
            let missing = self.shelf.open(of_rules.into_iter());
            self.shelf.load(&missing, &[]);
        }
        let mut draft = Draft::on(&self.shelf);
        let judgement = self.gate().judge(&read, from, &mut draft);
        let written = draft.written();
        match judgement {
            Judgement::Admitted(entry) => {
                assert_eq!(entry.changes.len(), read.action.changes.len());
                self.shelf.keep(written);
                if let Some(record) = &entry.record {
                    let known = KnownRecord {
                        record: record.reference(),
                        version: record.version,
                        is_erased: record.payload == Payload::Erased,
                    };
                    self.records.insert(known.record, known);
                }
                self.past.insert(read.action.operation, read.action);
                Ok(())
            }
            Judgement::Refused(refusal) => {
                assert!(written.is_empty(), "a refused action wrote to a document");
                Err(refusal)
            }
            Judgement::Kept { refusal, .. } => {
                assert!(written.is_empty(), "a refused action wrote to a document");
                Err(refusal)
            }
            Judgement::NotNow { .. } => panic!("the gate could not read a document"),
            Judgement::Needs(earlier) => panic!("{earlier:?} were admitted and are not known"),
        }
    }

    fn document(&self, reference: impl Into<DocumentRef>) -> &Document {
        &self.shelf.get(reference.into()).unwrap().document
    }

    /// Takes a document for one with so many rows.
    fn fill(&mut self, document: DocumentRef, rows: u64) {
        let mut shelved = self.shelf.get(document).unwrap().clone();
        shelved.size = Size::with_rows(rows);
        self.shelf.keep([(document, Box::new(shelved))].into());
    }

    /// Has a document read from the log again.
    fn read_again(&mut self, document: DocumentRef) {
        let mut actions: Vec<_> = self.past.values().collect();
        actions.sort_by_key(|action| action.operation);
        let changes = actions.iter().flat_map(|action| &action.changes);
        let changes: Vec<_> = changes
            .filter(|change| change.document == document)
            .map(|change| StoredChange {
                document,
                bytes: change.bytes.clone(),
            })
            .collect();
        assert!(self.shelf.load(&[document], &changes).is_empty());
    }

    /// Everything that is known of every document that anything was written into.
    fn state(&self) -> BTreeMap<DocumentRef, (Vec<u8>, BTreeMap<ActorId, u64>)> {
        let written = self.past.values().flat_map(|action| &action.changes);
        written
            .map(|change| {
                let shelved = self.shelf.get(change.document).unwrap();
                let last = shelved.last.iter().map(|(actor, seq)| (*actor, *seq));
                (change.document, (shelved.document.save(), last.collect()))
            })
            .collect()
    }
}

#[test]
fn what_people_do_passes_and_reads_on_the_server_as_on_the_device() {
    let mut maria = Device::of(MARIA, 1);
    let mut hotel = Hotel::with(&[&maria]);
    for value in [Dirty, Clean, Clean] {
        let action = maria.mark(value);
        hotel.judge(&maria, action).unwrap();
    }
    let edit = maria.edit(vec![
        WorkOrderChange::Title("Shower drips".into()),
        WorkOrderChange::Description("Drips all night. 💧 Guest is in.".into()),
    ]);
    hotel.judge(&maria, edit).unwrap();
    let edit = maria.edit(vec![WorkOrderChange::Description("Drips. 💧".into())]);
    hotel.judge(&maria, edit).unwrap();
    for reference in [ROOM.into(), ORDER.into()] {
        assert_eq!(
            hotel.document(reference).heads(),
            maria.document(reference).heads()
        );
        assert_eq!(
            hotel.document(reference).reading(),
            maria.document(reference).reading()
        );
    }
}

#[test]
fn the_longest_description_can_be_written_and_written_anew() {
    let mut maria = Device::of(MARIA, 1);
    let mut hotel = Hotel::with(&[&maria]);
    for letter in ["a", "b"] {
        let text = letter.repeat(MAX_TEXT);
        let action = maria.edit(vec![WorkOrderChange::Description(text)]);
        hotel.judge(&maria, action).unwrap();
    }
    let text = "c".repeat(MAX_MERGED_TEXT + 1);
    let action = maria.edit(vec![WorkOrderChange::Description(text)]);
    assert!(matches!(
        hotel.judge(&maria, action),
        Err(Refusal::TooLong { .. })
    ));
}

#[test]
fn a_clock_that_is_wrong_is_told_and_does_not_lose_the_work() {
    let maria = Device::of(MARIA, 1);
    for (millis, reading) in [
        (0, keyrack_model::time::ClockReading::Plausible),
        (
            CLOCK_AHEAD_MILLIS + 1,
            keyrack_model::time::ClockReading::Ahead,
        ),
        (
            -CLOCK_BEHIND_MILLIS - 1,
            keyrack_model::time::ClockReading::Behind,
        ),
    ] {
        let mut maria = maria.clone();
        let hotel = Hotel::with(&[&maria]);
        maria.at = Timestamp(NOW.0 + millis);
        let read = ReadAction::of(maria.mark(Clean));
        let mut draft = Draft::on(&hotel.shelf);
        match hotel
            .gate()
            .judge(&read, Author::People(maria.id), &mut draft)
        {
            Judgement::Admitted(entry) => assert_eq!(entry.clock, reading),
            other => panic!("{other:?}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn flipped_bits_never_pass_and_never_panic(at in any::<prop::sample::Index>(), bit in 0..8u8) {
        let mut maria = Device::of(MARIA, 1);
        let mut hotel = Hotel::with(&[&maria]);
        let mut action = maria.edit(vec![
            WorkOrderChange::Title("Shower drips".into()),
            WorkOrderChange::Description("All night.".into()),
        ]);
        let bytes = &mut action.changes[0].bytes;
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(hotel.judge(&maria, action).is_err());
    }
}
