//! A decision between values that were written at the same time is taken back, whichever of them it
//! kept, if anything else than that was shown.

use super::*;
use keyrack_model::{
    change::Entity,
    command::{BlockDraft, BlockEdit, ImportedRow, RoomCommand},
    field::{FieldType, FieldValue},
    ids::BlockId,
    room::Room,
    room_block::BlockKind,
};

const EMPTY: RoomId = RoomId(Uuid::from_u128(205));
const BLOCK: BlockId = BlockId(Uuid::from_u128(60));

/// Two people who do not hear of each other until they have both written.
struct Two {
    hotel: Hotel,
    devices: [Device; 2],
}

impl Two {
    fn set() -> Self {
        let (mut rui, mut ines) = (Device::of(RUI, 1), Device::of(INES, 2));
        let mut server = Device::of(identity::SERVER, 0xFC);
        let mut hotel = Hotel::with(&[&rui, &ines, &server]);
        // Nobody is in it.
        let fields = Room {
            number: "205".into(),
            ..Room::default()
        };
        let room = ImportedRow::Room {
            room: EMPTY,
            fields,
        };
        let room = server.ask(Command::Import(room)).unwrap();
        let from = Author::Server(server.id);
        hotel.judge_from(from, room.clone()).unwrap();
        for device in [&mut rui, &mut ines] {
            device.receive(&room);
        }
        let draft = BlockDraft {
            room: EMPTY,
            kind: BlockKind::OutOfService,
            reason: "Paint".into(),
            from: today(),
            until: today().plus_days(3),
            ..BlockDraft::default()
        };
        let draft = Box::new(draft);
        let block = Command::Rooms(RoomCommand::Block {
            block: BLOCK,
            draft,
        });
        let block = rui.ask(block).unwrap();
        let mut two = Self {
            hotel,
            devices: [rui, ines],
        };
        two.hotel.judge(&two.devices[0], block.clone()).unwrap();
        two.devices[1].receive(&block);
        two
    }

    /// One of them writes; the other does not hear of it.
    fn writes(&mut self, device: usize, command: Command) -> Action {
        let device = &mut self.devices[device];
        let action = device.ask(command).unwrap();
        self.hotel.judge(device, action.clone()).unwrap();
        action
    }

    /// The second of them asks for something and has it admitted.
    fn asks(&mut self, command: Command) -> Result<OperationId, Refusal> {
        let action = self.devices[1].ask(command)?;
        self.hotel.judge(&self.devices[1], action.clone())?;
        Ok(action.operation)
    }

    fn shows(&self, document: impl Into<DocumentRef>, key: &str) -> FieldValue {
        let entity: Entity = self.hotel.document(document).reading().entity;
        entity.field(key).unwrap()
    }
}

fn kind(kind: BlockKind) -> Command {
    let edit = BlockEdit {
        kind: Some(kind),
        ..BlockEdit::default()
    };
    let edit = Box::new(edit);
    Command::Rooms(RoomCommand::EditBlock { block: BLOCK, edit })
}

fn priority(priority: Priority) -> Command {
    Command::EditWorkOrder {
        work_order: ORDER,
        edit: keyrack_model::command::WorkOrderEdit {
            priority: Some(priority),
            ..Default::default()
        },
    }
}

#[test]
fn a_decision_is_taken_back_whichever_value_it_kept() {
    use BlockKind::{OutOfOrder, OutOfService};
    let block = DocumentRef::from(BLOCK);
    let order = DocumentRef::from(ORDER);
    // What the first writes, what the second does, and of which of them the last is decided for.
    let of_block = (
        vec![kind(OutOfOrder)],
        vec![kind(OutOfOrder), kind(OutOfService)],
    );
    let of_order = (vec![priority(Priority::P1)], vec![priority(Priority::P2)]);
    for (document, key, (first, second), chosen, shown, kept) in [
        // Automerge's own winner, over what is safer and shown.
        (
            block,
            "kind",
            &of_block,
            1,
            OutOfOrder.to_value(),
            OutOfService.to_value(),
        ),
        // What is shown.
        (
            block,
            "kind",
            &of_block,
            0,
            OutOfOrder.to_value(),
            OutOfOrder.to_value(),
        ),
        (
            order,
            "priority",
            &of_order,
            0,
            Priority::P2.to_value(),
            Priority::P1.to_value(),
        ),
        (
            order,
            "priority",
            &of_order,
            1,
            Priority::P2.to_value(),
            Priority::P2.to_value(),
        ),
    ] {
        let mut two = Two::set();
        let ask = |two: &mut Two, device, commands: &[Command]| {
            let actions = commands.iter().map(|it| two.writes(device, it.clone()));
            actions.collect::<Vec<_>>()
        };
        let by_first = ask(&mut two, 0, first);
        let by_second = ask(&mut two, 1, second);
        by_first.iter().for_each(|it| two.devices[1].receive(it));
        assert_eq!(two.shows(document, key), shown);
        let chosen = [&by_first, &by_second][chosen].last().unwrap().operation;
        let key = key.to_owned();
        let settle = Command::Settle {
            document,
            key: key.clone(),
            chosen,
        };
        let decided = two.asks(settle).unwrap();
        assert_eq!(two.shows(document, &key), kept);
        assert!(two.hotel.document(document).reading().contested.is_empty());
        let back = two.asks(Command::Undo { operation: decided });
        if kept == shown {
            assert_eq!(back, Err(Refusal::NothingToDo));
            continue;
        }
        assert_eq!(two.shows(document, &key), shown);
        // And done again, and taken back again.
        let again = two.asks(Command::Undo {
            operation: back.unwrap(),
        });
        assert_eq!(two.shows(document, &key), kept);
        two.asks(Command::Undo {
            operation: again.unwrap(),
        })
        .unwrap();
        assert_eq!(two.shows(document, &key), shown);
    }
}

#[test]
fn a_decision_over_which_somebody_wrote_is_not_taken_back() {
    let mut two = Two::set();
    let safer = two.writes(0, kind(BlockKind::OutOfOrder));
    two.writes(1, kind(BlockKind::OutOfOrder));
    let kept = two.writes(1, kind(BlockKind::OutOfService));
    two.devices[1].receive(&safer);
    let decided = Command::Settle {
        document: BLOCK.into(),
        key: "kind".into(),
        chosen: kept.operation,
    };
    let decided = two.asks(decided).unwrap();
    let mut unaware = two.devices[1].clone();
    two.asks(kind(BlockKind::OutOfOrder)).unwrap();
    let undo = Command::Undo { operation: decided };
    assert_eq!(two.asks(undo.clone()), Err(Refusal::ChangedSince));
    // Who has not heard of it sees it stand; what the actor has written already is another matter.
    unaware.actor = ActorId(Uuid::from_u128(0xAC99));
    two.hotel.bind(unaware.actor, &unaware);
    unaware.operation();
    let late = unaware.ask(undo).unwrap();
    assert_eq!(two.hotel.judge(&unaware, late), Ok(()));
}
