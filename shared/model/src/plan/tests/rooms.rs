//! Rooms added, edited, linked and taken out of use; what several wrote at once, decided.

use super::house::{GUEST, House, ROOM, today};
use crate::{
    change::Entity,
    cleanliness::Cleanliness,
    command::{BlockDraft, BlockEdit, Command, RoomCommand, RoomDraft, RoomEdit},
    identity,
    ids::{BlockId, RoomId},
    policy::Role,
    refusal::Refusal,
    room::Room,
    room_block::{BlockKind, RoomBlock},
    room_link::{RoomLink, RoomLinkKind},
    task::{TaskKind, TaskRule, TaskStatus},
    time::BusinessDate,
};
use uuid::Uuid;

const BLOCK: BlockId = BlockId(Uuid::from_u128(9));
const OTHER: RoomId = RoomId(Uuid::from_u128(205));

fn day(text: &str) -> BusinessDate {
    text.parse().unwrap()
}

fn ask(house: &mut House, role: Role, asked: RoomCommand) -> Result<(), Refusal> {
    house.act(role, Command::Rooms(asked)).map(|_| ())
}

/// Room 204 without a guest.
fn vacant() -> House {
    let mut house = House::with_guest_due_out();
    house.entities.remove(&GUEST.into());
    house.put(
        OTHER.into(),
        Entity::Room(Room {
            number: "205".into(),
            ..Room::default()
        }),
    );
    house
}

fn block(from: &str, until: &str, return_status: Cleanliness) -> RoomCommand {
    RoomCommand::Block {
        block: BLOCK,
        draft: Box::new(BlockDraft {
            room: ROOM,
            kind: BlockKind::OutOfOrder,
            reason: " Pipe burst ".into(),
            from: day(from),
            until: day(until),
            return_status,
        }),
    }
}

fn block_of(house: &House) -> RoomBlock {
    match &house.entities[&BLOCK.into()] {
        Entity::RoomBlock(block) => block.clone(),
        other => panic!("not a block: {other:?}"),
    }
}

#[test]
fn a_room_has_one_number_whoever_adds_it() {
    let mut house = vacant();
    let add = |number: &str| RoomCommand::Add {
        room: identity::room(house.hotel, "301"),
        draft: Box::new(RoomDraft {
            number: number.into(),
            floor: 3,
            ..RoomDraft::default()
        }),
    };
    let (right, wrong) = (add(" 301 "), add("302"));
    assert_eq!(ask(&mut house, Role::Manager, right.clone()), Ok(()));
    let number = "301".to_owned();
    assert_eq!(
        ask(&mut house, Role::Manager, right.clone()),
        Err(Refusal::RoomExists { number })
    );
    assert_eq!(
        ask(&mut house, Role::Manager, wrong),
        Err(Refusal::NotFound)
    );
    assert!(matches!(
        ask(&mut house, Role::FrontDesk, right),
        Err(Refusal::NotAllowed { .. })
    ));
}

#[test]
fn only_what_differs_of_a_room_is_written() {
    let mut house = vacant();
    let edit = RoomCommand::Edit {
        room: ROOM,
        edit: Box::new(RoomEdit {
            section: Some("East".into()),
            floor: Some(0),
            ..RoomEdit::default()
        }),
    };
    let done = house
        .act_as(
            super::house::ANA,
            Role::Manager,
            Command::Rooms(edit.clone()),
        )
        .unwrap();
    assert_eq!(done.changes.len(), 1);
    assert_eq!(
        ask(&mut house, Role::Manager, edit),
        Err(Refusal::NothingToDo)
    );
}

#[test]
fn two_rooms_are_one_thing_to_each_other_whichever_is_named_first() {
    let mut house = vacant();
    let link = |first, second, kind| RoomCommand::Link {
        first,
        second,
        kind,
    };
    let connecting = Some(RoomLinkKind::Connecting);
    ask(&mut house, Role::Manager, link(ROOM, OTHER, connecting)).unwrap();
    ask(
        &mut house,
        Role::Manager,
        link(OTHER, ROOM, Some(RoomLinkKind::Component)),
    )
    .unwrap();
    let id = identity::room_link(house.hotel, ROOM, OTHER);
    let linked = RoomLink {
        first: Some(OTHER),
        second: Some(ROOM),
        kind: RoomLinkKind::Component,
        removed: false,
    };
    assert_eq!(house.entities[&id.into()], Entity::RoomLink(linked.clone()));
    assert_eq!(
        (linked.other(ROOM), linked.other(OTHER)),
        (Some(OTHER), Some(ROOM))
    );
    ask(&mut house, Role::Manager, link(ROOM, OTHER, None)).unwrap();
    assert_eq!(
        ask(&mut house, Role::Manager, link(ROOM, OTHER, None)),
        Err(Refusal::NothingToDo)
    );
    assert_eq!(
        ask(&mut house, Role::Manager, link(ROOM, ROOM, connecting)),
        Err(Refusal::SameRoom)
    );
}

#[test]
fn a_note_is_brought_together_with_what_somebody_else_wrote_meanwhile() {
    let mut house = vacant();
    let note = |text: &str, base: &str| RoomCommand::Note {
        room: ROOM,
        text: text.into(),
        base: base.into(),
    };
    ask(&mut house, Role::Housekeeper, note("Lamp\nTap", "")).unwrap();
    ask(
        &mut house,
        Role::Engineer,
        note("Lamp new\nTap", "Lamp\nTap"),
    )
    .unwrap();
    ask(
        &mut house,
        Role::FrontDesk,
        note("Lamp\nTap drips", "Lamp\nTap"),
    )
    .unwrap();
    assert_eq!(house.room().note, "Lamp new\nTap drips");
    let field = "note".to_owned();
    assert_eq!(
        ask(
            &mut house,
            Role::FrontDesk,
            note("Lamp gone\nTap", "Lamp\nTap")
        ),
        Err(Refusal::WrittenMeanwhile { field })
    );
}

#[test]
fn a_room_in_use_again_is_what_the_block_says() {
    for (return_status, tasks) in [(Cleanliness::Dirty, 1), (Cleanliness::Inspected, 0)] {
        let mut house = vacant();
        let asked = block("2017-05-24", "2017-05-30", return_status);
        ask(&mut house, Role::Engineer, asked).unwrap();
        assert_eq!(block_of(&house).reason, "Pipe burst");
        assert!(block_of(&house).covers(today()));
        let end = RoomCommand::EndBlock { block: BLOCK };
        ask(&mut house, Role::Engineer, end.clone()).unwrap();
        assert!(!block_of(&house).covers(today()));
        assert_eq!(house.room().cleanliness.value, return_status);
        let made = house.entities.values().filter(|entity| {
            matches!(entity, Entity::Task(task)
                if task.kind == TaskKind::TouchUp
                    && task.rule == TaskRule::BlockEnded
                    && task.status == TaskStatus::Planned)
        });
        assert_eq!(made.count(), tasks);
        assert_eq!(
            ask(&mut house, Role::Engineer, end),
            Err(Refusal::BlockEnded)
        );
    }
}

#[test]
fn a_room_that_another_block_keeps_out_of_use_is_not_given_back() {
    let mut house = vacant();
    let asked = block("2017-05-24", "2017-05-30", Cleanliness::Clean);
    ask(&mut house, Role::Engineer, asked).unwrap();
    let other = RoomBlock {
        room: Some(ROOM),
        from: today(),
        until: today().plus_days(3),
        ..RoomBlock::default()
    };
    let before = house.room();
    house.put(
        BlockId(Uuid::from_u128(61)).into(),
        Entity::RoomBlock(other),
    );
    let end = RoomCommand::EndBlock { block: BLOCK };
    ask(&mut house, Role::Engineer, end).unwrap();
    assert!(block_of(&house).ended);
    assert_eq!(house.room(), before);
}

#[test]
fn nobody_is_taken_out_of_their_room_by_a_block() {
    let mut house = House::with_guest_due_out();
    let asked = |from, until| block(from, until, Cleanliness::Dirty);
    assert_eq!(
        ask(
            &mut house,
            Role::FrontDesk,
            asked("2017-05-25", "2017-05-27")
        ),
        Ok(()),
        "the guest leaves on the first day"
    );
    let mut house = vacant();
    house.put(
        GUEST.into(),
        Entity::Stay(super::house::stay(
            "2017-05-22",
            "2017-05-28",
            crate::stay::StayStatus::InHouse,
        )),
    );
    assert!(matches!(
        ask(
            &mut house,
            Role::FrontDesk,
            asked("2017-05-26", "2017-05-27")
        ),
        Err(Refusal::RoomTaken { .. })
    ));
    assert_eq!(
        ask(
            &mut house,
            Role::FrontDesk,
            asked("2017-05-28", "2017-05-30")
        ),
        Ok(())
    );
    let earlier = RoomCommand::EditBlock {
        block: BLOCK,
        edit: Box::new(BlockEdit {
            from: Some(day("2017-05-27")),
            ..BlockEdit::default()
        }),
    };
    assert!(matches!(
        ask(&mut house, Role::FrontDesk, earlier),
        Err(Refusal::RoomTaken { .. })
    ));
    assert_eq!(
        ask(
            &mut house,
            Role::FrontDesk,
            asked("2017-05-20", "2017-05-20")
        ),
        Err(Refusal::NothingToDo),
        "the block is there already"
    );
}

#[test]
fn days_of_a_block_run_forward_and_are_not_over() {
    for (from, until, refusal) in [
        (
            "2017-05-27",
            "2017-05-27",
            Refusal::BadBlock { days: 1_000 },
        ),
        (
            "2017-05-20",
            "2017-05-25",
            Refusal::DayOver {
                date: day("2017-05-25"),
            },
        ),
    ] {
        let mut house = vacant();
        let asked = block(from, until, Cleanliness::Dirty);
        assert_eq!(ask(&mut house, Role::FrontDesk, asked), Err(refusal));
    }
}
