//! What the gate lets through and what it refuses: honest work, and attacks made by hand.

use super::*;
use crate::{log::ActorBinding, pretend::*};
use automerge::{
    Change as CrdtChange, ExpandedChange, ScalarValue,
    legacy::{Key, ObjectId, Op, OpId, OpType},
};
use keyrack_document::Document;
use keyrack_model::{
    action::{Action, DocumentChange},
    change::Change,
    cleanliness::{
        Cleanliness,
        Cleanliness::{Clean, Dirty},
    },
    command::Command,
    identity,
    ids::{ActorId, DocumentId, DocumentRef, RoomId, UserId},
    limits::*,
    policy::Role,
    refusal::{GateReason, Refusal},
    room::RoomChange,
    time::Timestamp,
    work_order::{Priority, WorkOrderChange},
};
use proptest::prelude::*;
use std::collections::HashMap;
use uuid::Uuid;

mod attacks;

/// A hotel at the gate.
struct Hotel {
    shelf: Shelf,
    roles: HashMap<UserId, Role>,
    actors: HashMap<ActorId, ActorBinding>,
}

impl Hotel {
    fn with(devices: &[&Device]) -> Self {
        let mut hotel = Self {
            shelf: Shelf::default(),
            roles: people()
                .into_iter()
                .map(|person| (person.id, person.role))
                .collect(),
            actors: HashMap::new(),
        };
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

    /// Judges an action of a device, and keeps what is admitted.
    fn judge(&mut self, device: &Device, action: Action) -> Result<(), Refusal> {
        let read = ReadAction::of(action);
        let documents = read.headers().map(|(document, _)| document);
        let missing = self.shelf.missing(documents);
        self.shelf.load(&missing, &[]);
        let gate = Gate {
            roles: &self.roles,
            actors: &self.actors,
            now: NOW,
        };
        let mut draft = Draft::on(&self.shelf);
        let judgement = gate.judge(&read, Author::People(device.id), &mut draft);
        let written = draft.written();
        match judgement {
            Judgement::Admitted(entry) => {
                assert_eq!(entry.changes.len(), read.action.changes.len());
                self.shelf.keep(written);
                Ok(())
            }
            Judgement::Refused(refusal) => {
                assert!(written.is_empty(), "a refused action wrote to a document");
                Err(refusal)
            }
            Judgement::NotNow => panic!("the gate could not read a document"),
        }
    }

    fn document(&self, reference: impl Into<DocumentRef>) -> &Document {
        &self.shelf.get(reference.into()).unwrap().document
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
        (0, crate::log::ClockReading::Plausible),
        (CLOCK_AHEAD_MILLIS + 1, crate::log::ClockReading::Ahead),
        (-CLOCK_BEHIND_MILLIS - 1, crate::log::ClockReading::Behind),
    ] {
        let mut maria = maria.clone();
        let mut hotel = Hotel::with(&[&maria]);
        let mut action = maria.mark(Clean);
        action.at.wall = Timestamp(NOW.0 + millis);
        hotel.shelf.load(&[ROOM.into()], &[]);
        let gate = Gate {
            roles: &hotel.roles,
            actors: &hotel.actors,
            now: NOW,
        };
        let mut draft = Draft::on(&hotel.shelf);
        let read = ReadAction::of(action);
        match gate.judge(&read, Author::People(maria.id), &mut draft) {
            Judgement::Admitted(entry) => assert_eq!(entry.clock, reading),
            other => panic!("{other:?}"),
        }
    }
}

/// One step of honest work: by whom, what, and whether they have first received what is stored.
#[derive(Clone, Debug)]
struct Step {
    device: usize,
    work: Work,
    receives: Receives,
}

#[derive(Clone, Debug)]
enum Work {
    Mark(Cleanliness),
    Title(String),
    Describe(String),
    Prioritise(Priority),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Receives {
    Everything,
    Nothing,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let work = prop_oneof![
        prop::sample::select(&[Cleanliness::Dirty, Cleanliness::Clean][..]).prop_map(Work::Mark),
        "[a-zé💧 ]{1,30}".prop_map(Work::Title),
        "[a-zé💧 ]{0,40}".prop_map(Work::Describe),
        prop::sample::select(Priority::ALL).prop_map(Work::Prioritise),
    ];
    let receives = prop::sample::select(&[Receives::Everything, Receives::Nothing][..]);
    let step = (0..3usize, work, receives).prop_map(|(device, work, receives)| Step {
        device,
        work,
        receives,
    });
    prop::collection::vec(step, 1..25)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn honest_work_passes_whatever_its_order(steps in steps()) {
        let users = [MARIA, MARIA, RUI];
        let mut devices: Vec<Device> = (0u128..).zip(users).map(|(n, user)| Device::of(user, n)).collect();
        let mut hotel = Hotel::with(&devices.iter().collect::<Vec<_>>());
        let mut stored: Vec<Action> = Vec::new();
        for step in steps {
            let device = &mut devices[step.device];
            if step.receives == Receives::Everything {
                stored.iter().for_each(|action| device.receive(action));
            }
            let action = match step.work {
                Work::Mark(value) => device.mark(value),
                Work::Title(title) => device.edit(vec![WorkOrderChange::Title(title)]),
                Work::Describe(text) => device.edit(vec![WorkOrderChange::Description(text)]),
                Work::Prioritise(priority) => device.edit(vec![WorkOrderChange::Priority(priority)]),
            };
            // A value that is there already makes no change, and so no action.
            if action.changes.is_empty() {
                continue;
            }
            let device = device.clone();
            prop_assert_eq!(hotel.judge(&device, action.clone()), Ok(()));
            stored.push(action);
        }
        for device in &mut devices {
            stored.iter().for_each(|action| device.receive(action));
            for action in &stored {
                let reference = action.changes[0].document;
                prop_assert_eq!(hotel.document(reference).heads(), device.document(reference).heads());
                prop_assert_eq!(hotel.document(reference).reading(), device.document(reference).reading());
            }
        }
    }

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
