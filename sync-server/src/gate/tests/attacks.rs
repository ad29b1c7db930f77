//! Attacks: each is refused with its reason, and the honest work after it still passes.

use super::*;
use keyrack_model::{command::ImportedRow, room::Room};

mod bits;
mod chunks;
mod commands;
mod rights;
mod self_check;
mod settle;
mod size;
mod undo;
mod unseen;
mod work_orders;

const BEYOND: Refusal = Refusal::Gate {
    reason: GateReason::NotOfCommand,
};
const MISSING: Refusal = Refusal::Gate {
    reason: GateReason::MissingDependency,
};
const OTHER_ROOM: RoomId = RoomId(Uuid::from_u128(205));

/// An honest room, seen once by maria, to be attacked from her device.
struct Scene {
    hotel: Hotel,
    maria: Device,
}

impl Scene {
    fn set() -> Self {
        let mut maria = Device::of(MARIA, 1);
        let mut hotel = Hotel::with(&[&maria]);
        let first = maria.mark(Dirty);
        hotel.judge(&maria, first).unwrap();
        let second = maria.edit(vec![
            WorkOrderChange::Title("Shower drips".into()),
            WorkOrderChange::Description("All night.".into()),
        ]);
        hotel.judge(&maria, second).unwrap();
        Self { hotel, maria }
    }

    /// An attack is refused for this reason and leaves the documents as they were.
    fn refuses(mut self, reason: GateReason, attack: impl FnOnce(&mut Device) -> Action) {
        self.refuses_as(Refusal::Gate { reason }, attack);
    }

    fn refuses_as(&mut self, refusal: Refusal, attack: impl FnOnce(&mut Device) -> Action) {
        let mut attacker = self.maria.clone();
        let action = attack(&mut attacker);
        self.refuses_from(&attacker, action, refusal);
    }

    /// Every document and what is known of its writers stay as they were, byte for byte, and
    /// honest work goes on.
    fn refuses_from(&mut self, attacker: &Device, action: Action, refusal: Refusal) {
        let before = self.hotel.state();
        assert_eq!(self.hotel.judge(attacker, action), Err(refusal));
        assert_eq!(self.hotel.state(), before);
        let honest = self.maria.mark(Clean);
        self.hotel.judge(&self.maria, honest).unwrap();
    }
}

impl Scene {
    /// Somebody else's device at the same hotel, with all that was admitted.
    fn joined_by(&mut self, user: UserId, number: u128) -> Device {
        let mut device = Device::of(user, number);
        self.hotel.bind(device.actor, &device);
        for operation in self.maria.knows() {
            let action = self.hotel.past[&operation].clone();
            if action.author != identity::SERVER && action.author != RUI {
                device.receive(&action);
            }
        }
        device
    }

    /// A second room, imported by the server.
    fn with_another_room() -> Self {
        let mut scene = Self::set();
        let mut server = Device::of(identity::SERVER, 0xFC);
        scene.hotel.bind(server.actor, &server);
        let fields = Room {
            number: "205".into(),
            ..Room::default()
        };
        let row = ImportedRow::Room {
            room: OTHER_ROOM,
            fields,
        };
        let action = server.ask(Command::Import(row)).unwrap();
        let from = Author::Server(server.id);
        scene.hotel.judge_from(from, action.clone()).unwrap();
        scene.maria.receive(&action);
        scene
    }

    /// Somebody with a role writes changes of their own under a command.
    fn refuses_writing(user: UserId, command: Command, refusal: Refusal, changes: &[Change]) {
        let mut scene = Self::set();
        let mut device = scene.joined_by(user, 7);
        let operation = device.operation();
        let action = device.act(operation, command, changes);
        scene.refuses_from(&device, action, refusal);
    }
}

/// The action's change, rewritten; the checksum and the hash fit what it becomes.
fn rewritten(mut action: Action, rewrite: impl FnOnce(&mut ExpandedChange)) -> Action {
    let bytes = action.changes[0].bytes.clone();
    let mut change = CrdtChange::from_bytes(bytes).unwrap().decode();
    rewrite(&mut change);
    action.changes[0].bytes = CrdtChange::from(change).raw_bytes().to_vec();
    action
}

fn with_bytes(mut action: Action, bytes: Vec<u8>) -> Action {
    action.changes[0].bytes = bytes;
    action
}

/// A put of a text under a key of the root.
fn put(key: &str, value: ScalarValue) -> Op {
    Op {
        action: OpType::Put(value),
        obj: ObjectId::Root,
        key: Key::Map(key.into()),
        pred: Vec::<OpId>::new().into(),
        insert: false,
    }
}

#[test]
fn a_change_that_does_not_match_its_checksum_is_refused() {
    Scene::set().refuses(GateReason::Checksum, |device| {
        let mut action = device.mark(Clean);
        action.changes[0].bytes[4] ^= 1;
        action
    });
}

#[test]
fn a_change_beyond_the_limit_is_refused_by_its_length() {
    Scene::set().refuses(GateReason::TooLarge, |device| {
        with_bytes(device.mark(Clean), vec![0; MAX_CHANGE + 1])
    });
}

#[test]
fn an_action_without_changes_or_with_too_many_is_refused() {
    Scene::set().refuses(GateReason::NoChanges, |device| {
        let mut action = device.mark(Clean);
        action.changes.clear();
        action
    });
    Scene::set().refuses(GateReason::NoChanges, |device| {
        rewritten(device.mark(Clean), |change| change.operations.clear())
    });
    Scene::set().refuses(GateReason::TooLarge, |device| {
        let mut action = device.mark(Clean);
        action.changes = vec![action.changes[0].clone(); MAX_ACTION_CHANGES + 1];
        action
    });
}

#[test]
fn a_gap_in_an_actors_changes_is_refused_and_so_is_a_second_content_at_one_place() {
    Scene::set().refuses(GateReason::Sequence, |device| {
        rewritten(device.mark(Clean), |change| change.seq += 1)
    });
    let mut scene = Scene::set();
    let mut twin = scene.maria.clone();
    let first = scene.maria.mark(Clean);
    scene.hotel.judge(&scene.maria, first).unwrap();
    let reason = GateReason::Sequence;
    twin.operation();
    let second = twin.mark(Dirty);
    scene.refuses_as(Refusal::Gate { reason }, |_| second);
}

#[test]
fn a_change_that_builds_on_what_was_not_admitted_is_refused() {
    let reason = GateReason::MissingDependency;
    // On another device's change that never came.
    let mut scene = Scene::set();
    let mut rui = Device::of(RUI, 2);
    let unknown = rui.mark(Clean);
    scene.refuses_as(Refusal::Gate { reason }, |device| {
        device.receive(&unknown);
        device.mark(Clean)
    });
    Scene::set().refuses(reason, |device| {
        rewritten(device.mark(Clean), |change| change.deps.clear())
    });
    Scene::set().refuses(reason, |device| {
        rewritten(device.mark(Clean), |change| {
            let deps = 0..=MAX_CHANGE_DEPS as u8;
            change.deps = deps.map(|n| automerge::ChangeHash([n; 32])).collect();
        })
    });
}

#[test]
fn an_operation_counter_that_jumps_ahead_is_refused() {
    for start in [2u64.pow(32) - 10, 100, 1] {
        Scene::set().refuses(GateReason::StartOp, |device| {
            rewritten(device.mark(Clean), |change| {
                change.start_op = start.try_into().unwrap();
            })
        });
    }
}

#[test]
fn unknown_keys_wrong_types_and_nested_objects_are_refused() {
    let reason = GateReason::UnknownField;
    let with_operation = |operation: Op| {
        Scene::set().refuses(reason, |device| {
            rewritten(device.mark(Clean), |change| {
                change.operations.push(operation)
            })
        });
    };
    with_operation(put("guest", ScalarValue::Str("Maria".into())));
    with_operation(put("service_status", ScalarValue::Int(3)));
    with_operation(put("service_status", ScalarValue::Str("asleep".into())));
    with_operation(put("service_status", ScalarValue::Bytes(vec![0; 8])));
    let make = |object| Op {
        action: OpType::Make(object),
        ..put("service_status", ScalarValue::Null)
    };
    with_operation(make(automerge::ObjType::Map));
    with_operation(make(automerge::ObjType::List));
    with_operation(Op {
        action: OpType::Increment(1),
        ..put("floor", ScalarValue::Null)
    });
    with_operation(Op {
        insert: true,
        ..put("service_status", ScalarValue::Str("none".into()))
    });
    // An object that is not one of the document's Texts.
    let foreign = OpId(1, automerge::ActorId::from(&[9u8; 16][..]));
    with_operation(Op {
        obj: ObjectId::Id(foreign),
        key: Key::head(),
        insert: true,
        ..put("", ScalarValue::Str("x".into()))
    });
}

#[test]
fn a_field_of_another_kind_of_document_is_refused() {
    Scene::set().refuses(GateReason::UnknownField, |device| {
        let mut action = device.mark(Clean);
        let reference: DocumentRef = ORDER.into();
        // The same bytes, said to be of the work order: they build on the room's genesis.
        action.changes[0].document = reference;
        let order = device.document(reference).heads();
        let last = device
            .document(reference)
            .crdt()
            .get_changes(&[])
            .last()
            .unwrap()
            .clone();
        rewritten(action, |change| {
            change.deps = order
                .iter()
                .map(|head| automerge::ChangeHash(*head))
                .collect();
            change.seq = last.seq() + 1;
            change.start_op = (last.max_op() + 1).try_into().unwrap();
            change.operations[0].pred = Vec::new().into();
        })
    });
}

#[test]
fn a_write_that_does_not_replace_what_its_author_saw_is_refused() {
    let reason = GateReason::Unreadable;
    // It would stand beside the present value as if made concurrently.
    Scene::set().refuses(reason, |device| {
        rewritten(device.mark(Clean), |change| {
            change.operations[0].pred = Vec::new().into();
        })
    });
    // It deletes the only value there is.
    Scene::set().refuses(reason, |device| {
        rewritten(device.mark(Clean), |change| {
            change.operations[0].action = OpType::Delete;
        })
    });
    // It deletes nothing.
    Scene::set().refuses(reason, |device| {
        rewritten(device.mark(Clean), |change| {
            change.operations[0].action = OpType::Delete;
            change.operations[0].pred = Vec::new().into();
        })
    });
    // It replaces a write that does not exist.
    Scene::set().refuses(reason, |device| {
        rewritten(device.mark(Clean), |change| {
            let ghost = OpId(4_000, change.actor_id.clone());
            change.operations[0].pred = vec![ghost].into();
        })
    });
}

#[test]
fn characters_of_a_text_refer_to_characters_that_are_there() {
    let reason = GateReason::Unreadable;
    Scene::set().refuses(reason, |device| {
        let edit = device.edit(vec![WorkOrderChange::Description("All night long.".into())]);
        rewritten(edit, |change| {
            let ghost = OpId(4_000, change.actor_id.clone());
            change.operations[0].key = Key::Seq(automerge::legacy::ElementId::Id(ghost));
        })
    });
    // A Text is not replaced as a whole.
    Scene::set().refuses(GateReason::UnknownField, |device| {
        let edit = device.edit(vec![WorkOrderChange::Title("Sink drips".into())]);
        rewritten(edit, |change| {
            let text = ScalarValue::Str("mine".into());
            change.operations.push(put("description", text));
        })
    });
}

#[test]
fn texts_and_lists_that_no_person_can_enter_are_refused() {
    let limit = MAX_TITLE;
    let refusal = Refusal::TooLong {
        field: "title".into(),
        limit,
    };
    Scene::set().refuses_as(refusal, |device| {
        device.edit(vec![WorkOrderChange::Title("x".repeat(MAX_TITLE + 1))])
    });
    let refusal = Refusal::TooMany {
        limit: MAX_BULK_ROOMS,
    };
    Scene::set().refuses_as(refusal, |device| {
        let mut action = device.mark(Clean);
        action.command = Command::SetCleanliness {
            rooms: vec![RoomId(Uuid::nil()); MAX_BULK_ROOMS + 1],
            value: Clean,
        };
        action
    });
}

#[test]
fn an_action_passes_as_a_whole_or_not_at_all() {
    Scene::set().refuses(GateReason::Sequence, |device| {
        let mut action = device.mark(Clean);
        let good = action.changes[0].clone();
        let other = DocumentChange {
            document: DocumentRef {
                id: DocumentId(Uuid::from_u128(205)),
                ..good.document
            },
            bytes: good.bytes.clone(),
        };
        action.changes = vec![good, other];
        action
    });
}
