//! What the desk does in the course of a day to the work of that day.

use super::house::{ANA, GUEST, House, ROOM, stay, today};
use crate::{
    change::Entity,
    cleanliness::Cleanliness,
    command::{BlockDraft, BlockEdit, Command, DeskCommand, RoomCommand, StayDraft, StayEdit},
    identity,
    ids::{BlockId, RoomId, StayId, TaskId},
    policy::Role,
    refusal::Refusal,
    room::{Occupancy, OccupancySeen, Room},
    room_block::{BlockKind, RoomBlock},
    rule_sheet::{RuleKey, RuleScope},
    stay::{StayStatus, StayoverWish},
    task::{Task, TaskKind, TaskRule, TaskStatus},
    time::BusinessDate,
};
use uuid::Uuid;

const OTHER: RoomId = RoomId(Uuid::from_u128(205));
const BLOCK: BlockId = BlockId(Uuid::from_u128(9));
const TASK: TaskId = TaskId(Uuid::from_u128(50));

fn day(text: &str) -> BusinessDate {
    text.parse().unwrap()
}

/// Rooms 204 and 205, and a guest of 204.
fn house(arrival: &str, departure: &str, status: StayStatus) -> House {
    let mut house = House::with_guest_due_out();
    house.put(GUEST.into(), stay(arrival, departure, status).into());
    let other = Room {
        number: "205".into(),
        ..Room::default()
    };
    house.put(OTHER.into(), other.into());
    house
}

fn desk(house: &mut House, asked: DeskCommand) -> Result<(), Refusal> {
    house.act(Role::FrontDesk, Command::Desk(asked)).map(|_| ())
}

fn edit(house: &mut House, write: impl FnOnce(&mut StayEdit)) -> Result<(), Refusal> {
    let mut edit = Box::new(StayEdit::default());
    write(&mut edit);
    desk(house, DeskCommand::EditStay { stay: GUEST, edit })
}

fn move_to(room: RoomId) -> DeskCommand {
    DeskCommand::MoveRoom { stay: GUEST, room }
}

fn set_rule(house: &mut House, rule: RuleKey, number: i64) {
    let command = Command::SetRule {
        scope: RuleScope::Hotel,
        rule,
        number: Some(number),
    };
    house.act(Role::Manager, command).unwrap();
}

fn put_task(house: &mut House, kind: TaskKind, rule: TaskRule) {
    let task = Task {
        kind,
        room: Some(ROOM),
        stay: Some(GUEST),
        business_date: today(),
        rule,
        ..Task::default()
    };
    house.put(TASK.into(), task.into());
}

fn block_room(house: &mut House, from: &str, until: &str) -> Result<(), Refusal> {
    let draft = Box::new(BlockDraft {
        room: ROOM,
        kind: BlockKind::OutOfOrder,
        reason: "Pipe".into(),
        from: day(from),
        until: day(until),
        return_status: Cleanliness::Dirty,
    });
    let command = RoomCommand::Block {
        block: BLOCK,
        draft,
    };
    house
        .act(Role::Engineer, Command::Rooms(command))
        .map(|_| ())
}

/// Every task: kind, status, rule and the number of its room.
fn tasks(house: &House) -> Vec<String> {
    let tasks = house.entities.values().filter_map(|entity| match entity {
        Entity::Task(task) => Some(task),
        _ => None,
    });
    let mut lines: Vec<String> = tasks
        .map(|task| {
            let number = match task.room {
                Some(OTHER) => "205",
                Some(ROOM) => "204",
                _ => "",
            };
            format!("{} {} {} {number}", task.kind, task.status, task.rule)
        })
        .collect();
    lines.sort();
    lines
}

#[test]
fn whoever_comes_for_their_last_day_has_a_departure_from_then_on() {
    let day_use = || house("2017-05-25", "2017-05-25", StayStatus::Expected);
    let check_in = Command::CheckIn { stay: GUEST };
    let mut used = day_use();
    used.act(Role::FrontDesk, check_in.clone()).unwrap();
    assert_eq!(tasks(&used), ["departure planned departure-due 204"]);
    // It is the one that the check-out would make.
    let check_out = Command::CheckOut { stay: GUEST };
    used.act(Role::FrontDesk, check_out).unwrap();
    assert_eq!(tasks(&used), ["departure planned departure-due 204"]);

    let mut by_rule = day_use();
    set_rule(&mut by_rule, RuleKey::Departure, 0);
    by_rule.act(Role::FrontDesk, check_in.clone()).unwrap();
    assert_eq!(tasks(&by_rule), [""; 0]);

    let mut stays_on = house("2017-05-25", "2017-05-27", StayStatus::Expected);
    stays_on.act(Role::FrontDesk, check_in).unwrap();
    assert_eq!(tasks(&stays_on), [""; 0]);

    let mut moved = house("2017-05-22", "2017-05-25", StayStatus::InHouse);
    desk(&mut moved, move_to(OTHER)).unwrap();
    let both = [
        "departure planned departure-due 205",
        "departure planned room-move 204",
    ];
    assert_eq!(tasks(&moved), both);
}

#[test]
fn a_move_makes_and_ends_what_the_rules_say() {
    let moved = |rules: &[(RuleKey, i64)]| {
        let mut house = house("2017-05-22", "2017-05-28", StayStatus::InHouse);
        for (rule, number) in rules {
            set_rule(&mut house, *rule, *number);
        }
        let check = Task {
            kind: TaskKind::Check,
            room: Some(OTHER),
            business_date: today(),
            rule: TaskRule::VacantTooLong,
            ..Task::default()
        };
        house.put(TASK.into(), check.into());
        desk(&mut house, move_to(OTHER)).unwrap();
        tasks(&house)
    };
    let checked = "check cancelled check-in 205";
    let departure = "departure planned room-move 204";
    assert_eq!(moved(&[]), [checked, departure]);
    assert_eq!(moved(&[(RuleKey::RoomMoveDeparture, 0)]), [checked]);
    let still = "check planned vacant-too-long 205";
    let goes_on = moved(&[(RuleKey::CheckInEndsChecks, 0)]);
    assert_eq!(goes_on, [still, departure]);
}

#[test]
fn what_somebody_asked_for_goes_where_the_guest_goes() {
    for (status, kind) in [
        (StayStatus::InHouse, TaskKind::GuestRequest),
        (StayStatus::Expected, TaskKind::Delivery),
    ] {
        let mut house = house("2017-05-25", "2017-05-28", status);
        put_task(&mut house, kind, TaskRule::Person);
        let asked = match status {
            StayStatus::InHouse => move_to(OTHER),
            _ => DeskCommand::AssignRoom {
                stay: GUEST,
                room: Some(OTHER),
            },
        };
        desk(&mut house, asked).unwrap();
        let task = house.task(TASK);
        assert_eq!((task.room, task.status), (Some(OTHER), TaskStatus::Planned));
        assert_eq!(task.rule, TaskRule::Person);
    }
    // What somebody has begun stays where they are.
    let mut house = house("2017-05-25", "2017-05-28", StayStatus::InHouse);
    put_task(&mut house, TaskKind::GuestRequest, TaskRule::Person);
    let start = Command::StartTask { task: TASK };
    house.act(Role::Housekeeper, start).unwrap();
    desk(&mut house, move_to(OTHER)).unwrap();
    assert_eq!(house.task(TASK).room, Some(ROOM));
}

#[test]
fn what_housekeeping_saw_of_two_rooms_was_true_until_the_guest_moved() {
    let mut house = house("2017-05-22", "2017-05-28", StayStatus::InHouse);
    for (room, value) in [(ROOM, Occupancy::Occupied), (OTHER, Occupancy::Vacant)] {
        let seen = Command::SetOccupancySeen { room, value };
        house.act(Role::Housekeeper, seen).unwrap();
    }
    desk(&mut house, move_to(OTHER)).unwrap();
    for room in [ROOM, OTHER] {
        let Entity::Room(room) = &house.entities[&room.into()] else {
            panic!("no room");
        };
        assert!(matches!(
            room.hk_occupancy,
            OccupancySeen {
                value: Occupancy::Unknown,
                ..
            }
        ));
    }
}

#[test]
fn an_arrival_is_made_when_somebody_is_to_come_today_and_goes_when_they_are_not() {
    let by_rule = |arrival: &str, room: Option<RoomId>| {
        let mut house = house(arrival, "2017-05-28", StayStatus::Expected);
        set_rule(&mut house, RuleKey::Arrival, 1);
        let mut expected = stay(arrival, "2017-05-28", StayStatus::Expected);
        expected.room = room;
        house.put(GUEST.into(), expected.into());
        house
    };
    let planned = "arrival planned arrival-due 204";
    let gone = "arrival cancelled stay-gone 204";

    let mut given = by_rule("2017-05-25", None);
    let assign = |room| DeskCommand::AssignRoom { stay: GUEST, room };
    desk(&mut given, assign(Some(ROOM))).unwrap();
    assert_eq!(tasks(&given), [planned]);
    desk(&mut given, assign(Some(OTHER))).unwrap();
    let moved = [
        "arrival cancelled room-move 204",
        "arrival planned arrival-due 205",
    ];
    assert_eq!(tasks(&given), moved);

    let mut postponed = by_rule("2017-05-26", Some(ROOM));
    edit(&mut postponed, |edit| edit.arrival = Some(today())).unwrap();
    assert_eq!(tasks(&postponed), [planned]);
    let tomorrow = today().plus_days(1);
    edit(&mut postponed, |edit| edit.arrival = Some(tomorrow)).unwrap();
    assert_eq!(tasks(&postponed), [gone]);
    edit(&mut postponed, |edit| edit.arrival = Some(today())).unwrap();
    assert_eq!(tasks(&postponed), [planned]);

    let mut walks_in = by_rule("2017-05-28", None);
    let draft = Box::new(StayDraft {
        room: Some(ROOM),
        arrival: today(),
        departure: tomorrow,
        adults: 1,
        ..StayDraft::default()
    });
    let book = DeskCommand::Book {
        stay: StayId(Uuid::from_u128(77)),
        draft,
    };
    desk(&mut walks_in, book).unwrap();
    assert_eq!(tasks(&walks_in), [planned]);

    // Later, and where no rule wants one, there is none.
    let mut later = by_rule("2017-05-26", None);
    desk(&mut later, assign(Some(ROOM))).unwrap();
    assert_eq!(tasks(&later), [""; 0]);
    let mut unruled = house("2017-05-25", "2017-05-28", StayStatus::Expected);
    desk(&mut unruled, assign(Some(OTHER))).unwrap();
    assert_eq!(tasks(&unruled), [""; 0]);
}

#[test]
fn another_wish_is_heard_on_the_day_on_which_it_is_said() {
    let wishes = |house: &mut House, wish| edit(house, |edit| edit.stayover_wish = Some(wish));
    let mut guest = house("2017-05-23", "2017-05-28", StayStatus::InHouse);
    let plan = DeskCommand::PlanRoom {
        room: ROOM,
        date: today(),
    };
    desk(&mut guest, plan).unwrap();
    let planned = "stayover planned stay-continues 204";
    assert_eq!(tasks(&guest), [planned]);
    wishes(&mut guest, StayoverWish::Never).unwrap();
    assert_eq!(tasks(&guest), ["stayover cancelled other-service 204"]);
    wishes(&mut guest, StayoverWish::Daily).unwrap();
    assert_eq!(tasks(&guest), [planned]);
    // What somebody has begun goes on.
    let task = identity::stayover_task(guest.hotel, today(), GUEST);
    guest
        .act_as(ANA, Role::Housekeeper, Command::StartTask { task })
        .unwrap();
    wishes(&mut guest, StayoverWish::Never).unwrap();
    assert_eq!(tasks(&guest), ["stayover in-progress stay-continues 204"]);

    // A rate that is served every other night, on the second and on the third.
    for (arrival, expected) in [
        ("2017-05-23", vec!["stayover planned stay-continues 204"]),
        ("2017-05-22", vec!["linen-change planned linen-due 204"]),
    ] {
        let mut saver = house(arrival, "2017-05-28", StayStatus::InHouse);
        let sheet = Command::SetRule {
            scope: RuleScope::Rate("SAVER".into()),
            rule: RuleKey::StayoverEvery,
            number: Some(2),
        };
        saver.act(Role::Manager, sheet).unwrap();
        edit(&mut saver, |edit| edit.rate = Some("SAVER".into())).unwrap();
        assert_eq!(tasks(&saver), expected);
    }
    // Who came today is served from tomorrow on.
    let mut new = house("2017-05-25", "2017-05-28", StayStatus::InHouse);
    wishes(&mut new, StayoverWish::Daily).unwrap();
    assert_eq!(tasks(&new), [""; 0]);
}

#[test]
fn nobody_is_brought_into_a_room_that_is_out_of_order() {
    let check_in = |kind, from: &str| {
        let mut house = house("2017-05-25", "2017-05-28", StayStatus::Expected);
        let block = RoomBlock {
            room: Some(ROOM),
            kind,
            reason: "Pipe".into(),
            from: day(from),
            until: day("2017-05-30"),
            ..RoomBlock::default()
        };
        house.put(BLOCK.into(), block.into());
        let command = Command::CheckIn { stay: GUEST };
        house.act(Role::FrontDesk, command).map(|_| ())
    };
    let refused = Err(Refusal::RoomOutOfOrder {
        number: "204".into(),
        until: day("2017-05-30"),
    });
    assert_eq!(check_in(BlockKind::OutOfOrder, "2017-05-24"), refused);
    assert_eq!(check_in(BlockKind::OutOfOrder, "2017-05-26"), Ok(()));
    assert_eq!(check_in(BlockKind::OutOfService, "2017-05-24"), Ok(()));
}

#[test]
fn nobody_cleans_a_room_while_it_is_out_of_order() {
    let departed = || {
        let mut house = house("2017-05-22", "2017-05-25", StayStatus::InHouse);
        let check_out = Command::CheckOut { stay: GUEST };
        house.act(Role::FrontDesk, check_out).unwrap();
        house
    };
    let over = "departure cancelled blocked 204";
    let mut blocked = departed();
    block_room(&mut blocked, "2017-05-25", "2017-05-28").unwrap();
    assert_eq!(tasks(&blocked), [over]);
    let end = Command::Rooms(RoomCommand::EndBlock { block: BLOCK });
    blocked.act(Role::Engineer, end).unwrap();
    assert_eq!(tasks(&blocked), [over, "touch-up planned block-ended 204"]);

    let mut tomorrow = departed();
    block_room(&mut tomorrow, "2017-05-26", "2017-05-28").unwrap();
    let planned = "departure planned check-out 204";
    assert_eq!(tasks(&tomorrow), [planned]);
    let edited = |house: &mut House, write: fn(&mut BlockEdit)| {
        let mut edit = Box::new(BlockEdit::default());
        write(&mut edit);
        let command = RoomCommand::EditBlock { block: BLOCK, edit };
        house
            .act(Role::Engineer, Command::Rooms(command))
            .map(|_| ())
    };
    edited(&mut tomorrow, |edit| edit.from = Some(today())).unwrap();
    assert_eq!(tasks(&tomorrow), [over]);
    // Put off again, the room is back in use until then, and to be cleaned.
    edited(&mut tomorrow, |edit| edit.from = Some(today().plus_days(1))).unwrap();
    assert_eq!(tasks(&tomorrow), [over, "touch-up planned block-ended 204"]);

    // One that has begun is ended, and not given days that are over.
    let mut begun = departed();
    block_room(&mut begun, "2017-05-24", "2017-05-28").unwrap();
    let day_over = Err(Refusal::DayOver { date: today() });
    assert_eq!(
        edited(&mut begun, |edit| edit.until = Some(today())),
        day_over
    );

    let mut by_rule = departed();
    set_rule(&mut by_rule, RuleKey::BlockEndIsCleaned, 0);
    block_room(&mut by_rule, "2017-05-25", "2017-05-28").unwrap();
    let end = Command::Rooms(RoomCommand::EndBlock { block: BLOCK });
    by_rule.act(Role::Engineer, end).unwrap();
    assert_eq!(tasks(&by_rule), [over]);
}

#[test]
fn what_somebody_asked_for_in_a_blocked_room_is_theirs_to_call_off() {
    let mut house = house("2017-05-20", "2017-05-24", StayStatus::Departed);
    put_task(&mut house, TaskKind::DeepClean, TaskRule::Person);
    block_room(&mut house, "2017-05-25", "2017-05-28").unwrap();
    assert_eq!(house.task(TASK).status, TaskStatus::Planned);
}

#[test]
fn a_room_that_the_desk_calls_dirty_is_cleaned_if_the_rules_say_so() {
    for (number, expected) in [(1, &["touch-up planned desk-dirty 204"][..]), (0, &[])] {
        let mut house = house("2017-05-20", "2017-05-24", StayStatus::Departed);
        let mut room = house.room();
        room.cleanliness.value = Cleanliness::Clean;
        house.put(ROOM.into(), room.into());
        set_rule(&mut house, RuleKey::DeskDirtyIsCleaned, number);
        let command = Command::SetCleanliness {
            rooms: vec![ROOM],
            value: Cleanliness::Dirty,
        };
        house.act(Role::FrontDesk, command).unwrap();
        assert_eq!(tasks(&house), expected);
    }
}
