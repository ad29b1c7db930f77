//! The desk's day: booked, given a room, moved, cancelled, each with its effect on the work.

use super::house::{GUEST, House, ROOM, stay, today};
use crate::{
    change::Entity,
    cleanliness::{Cleanliness, Turn, TurnKind},
    command::{Command, DeskCommand, StayDraft, StayEdit},
    identity,
    ids::{BlockId, RoomId, StayId, TaskId},
    policy::Role,
    refusal::Refusal,
    room::{Room, RoomUse},
    room_block::{BlockKind, RoomBlock},
    stay::{Stay, StayStatus},
    task::{Task, TaskKind, TaskRule, TaskStatus},
    time::{BusinessDate, Timestamp},
};
use uuid::Uuid;

const OTHER: RoomId = RoomId(Uuid::from_u128(205));
const NEXT: StayId = StayId(Uuid::from_u128(32));

fn day(text: &str) -> BusinessDate {
    text.parse().unwrap()
}

/// Room 204 with a guest who stays on, and room 205 beside it.
fn two_rooms() -> House {
    let mut house = House::with_guest_due_out();
    house.put(
        GUEST.into(),
        Entity::Stay(stay("2017-05-22", "2017-05-28", StayStatus::InHouse)),
    );
    house.put(
        OTHER.into(),
        Entity::Room(Room {
            number: "205".into(),
            ..Room::default()
        }),
    );
    house
}

fn desk(house: &mut House, asked: DeskCommand) -> Result<(), Refusal> {
    house.act(Role::FrontDesk, Command::Desk(asked)).map(|_| ())
}

fn draft(room: Option<RoomId>, arrival: &str, departure: &str) -> Box<StayDraft> {
    Box::new(StayDraft {
        booking: " W-1 ".into(),
        room,
        arrival: day(arrival),
        departure: day(departure),
        adults: 2,
        ..StayDraft::default()
    })
}

fn stay_of(house: &House, id: StayId) -> Stay {
    match &house.entities[&id.into()] {
        Entity::Stay(stay) => stay.clone(),
        other => panic!("not a stay: {other:?}"),
    }
}

fn planned(house: &mut House, id: u128, kind: TaskKind, room: RoomId) -> TaskId {
    let id = TaskId(Uuid::from_u128(id));
    let task = Task {
        kind,
        room: Some(room),
        stay: Some(GUEST),
        business_date: today(),
        ..Task::default()
    };
    house.put(id.into(), Entity::Task(task));
    id
}

#[test]
fn a_room_is_booked_for_the_nights_on_which_it_is_free() {
    let block = RoomBlock {
        room: Some(OTHER),
        kind: BlockKind::OutOfOrder,
        reason: "Bath".into(),
        from: day("2017-05-29"),
        until: day("2017-06-01"),
        ..RoomBlock::default()
    };
    let taken = Refusal::RoomTaken {
        number: "204".into(),
        from: day("2017-05-22"),
        until: day("2017-05-28"),
    };
    let out_of_order = Refusal::RoomOutOfOrder {
        number: "205".into(),
        until: day("2017-06-01"),
    };
    for (room, arrival, departure, expected) in [
        (Some(ROOM), "2017-05-25", "2017-05-26", Err(taken.clone())),
        (Some(ROOM), "2017-05-27", "2017-05-29", Err(taken)),
        (Some(ROOM), "2017-05-28", "2017-05-29", Ok(())),
        (Some(OTHER), "2017-05-25", "2017-05-29", Ok(())),
        (Some(OTHER), "2017-05-25", "2017-05-30", Err(out_of_order)),
        (Some(OTHER), "2017-05-25", "2017-05-25", Ok(())),
        (None, "2017-05-29", "2017-05-30", Ok(())),
        (
            None,
            "2017-05-24",
            "2017-05-30",
            Err(Refusal::DayOver {
                date: day("2017-05-24"),
            }),
        ),
        (
            None,
            "2017-05-30",
            "2017-05-29",
            Err(Refusal::BadDays { nights: 400 }),
        ),
    ] {
        let mut house = two_rooms();
        house.put(
            BlockId(Uuid::from_u128(9)).into(),
            Entity::RoomBlock(block.clone()),
        );
        let asked = DeskCommand::Book {
            stay: NEXT,
            draft: draft(room, arrival, departure),
        };
        assert_eq!(desk(&mut house, asked), expected, "{arrival} {departure}");
        if expected.is_ok() {
            let made = stay_of(&house, NEXT);
            assert_eq!((&*made.booking, made.status), ("W-1", StayStatus::Expected));
        }
    }
}

#[test]
fn nobody_sleeps_in_the_lobby_and_nobody_comes_without_a_guest() {
    let mut house = two_rooms();
    let lobby = Room {
        number: "Lobby".into(),
        used_for: RoomUse::Public,
        ..Room::default()
    };
    house.put(OTHER.into(), Entity::Room(lobby));
    let book = |draft| DeskCommand::Book { stay: NEXT, draft };
    let number = "Lobby".to_owned();
    assert_eq!(
        desk(
            &mut house,
            book(draft(Some(OTHER), "2017-05-25", "2017-05-26"))
        ),
        Err(Refusal::NotForGuests { number })
    );
    let mut nobody = draft(None, "2017-05-25", "2017-05-26");
    nobody.adults = 0;
    assert_eq!(
        desk(&mut house, book(nobody)),
        Err(Refusal::BadGuests { most: 99 })
    );
}

#[test]
fn a_stay_that_was_brought_in_without_a_guest_takes_a_note_and_another_day() {
    let mut house = two_rooms();
    let mut nobody = stay("2017-05-26", "2017-05-28", StayStatus::Expected);
    (nobody.room, nobody.adults, nobody.children) = (None, 0, 0);
    house.put(NEXT.into(), Entity::Stay(nobody));
    let mut edit = |edit| {
        let edit = Box::new(edit);
        desk(&mut house, DeskCommand::EditStay { stay: NEXT, edit })
    };
    let note = StayEdit {
        note: Some("Asked for a cot".into()),
        departure: Some("2017-05-29".parse().unwrap()),
        ..StayEdit::default()
    };
    assert!(edit(note).is_ok());
    let children = |children| StayEdit {
        children: Some(children),
        ..StayEdit::default()
    };
    assert!(edit(children(1)).is_ok());
    assert_eq!(edit(children(0)), Err(Refusal::BadGuests { most: 99 }));
}

#[test]
fn a_guest_who_moves_leaves_a_dirty_room_with_its_departure() {
    let mut house = two_rooms();
    let stayover = planned(&mut house, 1, TaskKind::Stayover, ROOM);
    let linen = planned(&mut house, 2, TaskKind::LinenChange, ROOM);
    let check = planned(&mut house, 3, TaskKind::Check, OTHER);
    let inspection = planned(&mut house, 4, TaskKind::Inspection, OTHER);
    desk(
        &mut house,
        DeskCommand::MoveRoom {
            stay: GUEST,
            room: OTHER,
        },
    )
    .unwrap();
    for withdrawn in [stayover, linen, check, inspection] {
        assert_eq!(house.task(withdrawn).status, TaskStatus::Cancelled);
    }
    assert_eq!(house.task(stayover).rule, TaskRule::RoomMove);
    assert_eq!(house.task(check).rule, TaskRule::CheckIn);
    let left = house.room().cleanliness;
    assert_eq!(
        (left.value, left.turn.kind),
        (Cleanliness::Dirty, TurnKind::Departure)
    );
    let departure = identity::stay_task(house.hotel, TaskKind::Departure, today(), (GUEST, ROOM));
    let departure = house.task(departure);
    assert_eq!(
        (departure.room, departure.rule),
        (Some(ROOM), TaskRule::RoomMove)
    );
    assert_eq!(stay_of(&house, GUEST).room, Some(OTHER));
}

#[test]
fn what_is_to_be_inspected_or_done_again_of_a_night_ends_with_a_move() {
    for (kind, begins, status) in [
        (TaskKind::Inspection, TurnKind::Night, TaskStatus::Cancelled),
        (TaskKind::TouchUp, TurnKind::Night, TaskStatus::Cancelled),
        (TaskKind::TouchUp, TurnKind::Departure, TaskStatus::Planned),
    ] {
        let mut house = two_rooms();
        let id = planned(&mut house, 1, kind, ROOM);
        let mut task = house.task(id);
        let turn = Turn::night(today(), Some(GUEST));
        task.turn = Some(Turn {
            kind: begins,
            ..turn
        });
        house.put(id.into(), Entity::Task(task));
        let (stay, room) = (GUEST, OTHER);
        desk(&mut house, DeskCommand::MoveRoom { stay, room }).unwrap();
        assert_eq!(house.task(id).status, status, "{kind} {begins}");
    }
}

#[test]
fn what_somebody_has_begun_pinned_or_written_on_survives_a_move() {
    for change in [
        |task: &mut Task| task.status = TaskStatus::InProgress,
        |task: &mut Task| task.status = TaskStatus::Paused,
        |task: &mut Task| task.pinned = true,
        |task: &mut Task| task.note = "Baby cot".into(),
    ] {
        let mut house = two_rooms();
        let id = planned(&mut house, 1, TaskKind::Stayover, ROOM);
        let mut task = house.task(id);
        change(&mut task);
        house.put(id.into(), Entity::Task(task.clone()));
        desk(
            &mut house,
            DeskCommand::MoveRoom {
                stay: GUEST,
                room: OTHER,
            },
        )
        .unwrap();
        assert_eq!(house.task(id), task);
    }
}

#[test]
fn both_rooms_of_a_guest_who_moved_and_left_are_cleaned() {
    let mut house = two_rooms();
    house.put(
        GUEST.into(),
        Entity::Stay(stay("2017-05-22", "2017-05-25", StayStatus::InHouse)),
    );
    let due = identity::departure_task(house.hotel, today(), (GUEST, ROOM));
    let task = Task {
        kind: TaskKind::Departure,
        room: Some(ROOM),
        stay: Some(GUEST),
        business_date: today(),
        ..Task::default()
    };
    house.put(due.into(), Entity::Task(task));
    desk(
        &mut house,
        DeskCommand::MoveRoom {
            stay: GUEST,
            room: OTHER,
        },
    )
    .unwrap();
    house
        .act(Role::FrontDesk, Command::CheckOut { stay: GUEST })
        .unwrap();
    let open = |room| {
        let tasks = house.entities.values();
        let of_room = tasks.filter(|entity| {
            matches!(entity, Entity::Task(task)
                if task.room == Some(room)
                    && task.kind == TaskKind::Departure
                    && task.status.is_open())
        });
        of_room.count()
    };
    assert_eq!((open(ROOM), open(OTHER)), (1, 1));
}

#[test]
fn a_stay_that_does_not_come_takes_its_work_with_it_and_leaves_its_room() {
    for (asked, status) in [
        (
            DeskCommand::CancelStay { stay: GUEST },
            StayStatus::Cancelled,
        ),
        (DeskCommand::MarkNoShow { stay: GUEST }, StayStatus::NoShow),
    ] {
        let mut house = two_rooms();
        let mut expected = stay("2017-05-25", "2017-05-28", StayStatus::Expected);
        expected.queued_at = Some(Timestamp(1));
        house.put(GUEST.into(), Entity::Stay(expected));
        let arrival = planned(&mut house, 1, TaskKind::Arrival, ROOM);
        desk(&mut house, asked).unwrap();
        let over = stay_of(&house, GUEST);
        assert_eq!((over.status, over.queued_at), (status, None));
        assert_eq!(house.task(arrival).status, TaskStatus::Cancelled);
        let book = DeskCommand::Book {
            stay: NEXT,
            draft: draft(Some(ROOM), "2017-05-25", "2017-05-26"),
        };
        assert_eq!(desk(&mut house, book), Ok(()));
    }
}

#[test]
fn who_is_in_house_has_arrived_and_leaves_today_at_the_earliest() {
    let edit = |arrival: Option<&str>, departure: Option<&str>| DeskCommand::EditStay {
        stay: GUEST,
        edit: Box::new(StayEdit {
            arrival: arrival.map(day),
            departure: departure.map(day),
            ..StayEdit::default()
        }),
    };
    let in_house = Err(Refusal::StayState {
        status: StayStatus::InHouse,
    });
    for (asked, expected) in [
        (edit(None, Some("2017-05-25")), Ok(())),
        (edit(None, Some("2017-05-30")), Ok(())),
        (
            edit(None, Some("2017-05-24")),
            Err(Refusal::DayOver {
                date: day("2017-05-24"),
            }),
        ),
        (edit(Some("2017-05-23"), None), in_house),
        (edit(None, Some("2017-05-28")), Err(Refusal::NothingToDo)),
    ] {
        let mut house = two_rooms();
        house.put(
            GUEST.into(),
            Entity::Stay(Stay {
                adults: 1,
                ..stay("2017-05-22", "2017-05-28", StayStatus::InHouse)
            }),
        );
        assert_eq!(desk(&mut house, asked.clone()), expected, "{asked:?}");
    }
}

#[test]
fn a_longer_stay_needs_the_room_for_the_nights_it_adds() {
    let mut house = two_rooms();
    house.put(
        GUEST.into(),
        Entity::Stay(Stay {
            adults: 1,
            ..stay("2017-05-22", "2017-05-28", StayStatus::InHouse)
        }),
    );
    house.put(
        NEXT.into(),
        Entity::Stay(stay("2017-05-28", "2017-05-30", StayStatus::Expected)),
    );
    let longer = DeskCommand::EditStay {
        stay: GUEST,
        edit: Box::new(StayEdit {
            departure: Some(day("2017-05-29")),
            ..StayEdit::default()
        }),
    };
    assert!(matches!(
        desk(&mut house, longer),
        Err(Refusal::RoomTaken { .. })
    ));
}

#[test]
fn a_guest_who_waits_for_the_room_waits_no_more_when_checked_in() {
    let mut house = two_rooms();
    house.put(
        NEXT.into(),
        Entity::Stay(Stay {
            room: Some(OTHER),
            ..stay("2017-05-25", "2017-05-28", StayStatus::Expected)
        }),
    );
    let queue = |queued| DeskCommand::SetQueued { stay: NEXT, queued };
    desk(&mut house, queue(true)).unwrap();
    assert!(stay_of(&house, NEXT).queued_at.is_some());
    assert_eq!(desk(&mut house, queue(true)), Err(Refusal::NothingToDo));
    house
        .act(Role::FrontDesk, Command::CheckIn { stay: NEXT })
        .unwrap();
    assert_eq!(stay_of(&house, NEXT).queued_at, None);
}

#[test]
fn taking_a_booking_or_a_move_back_puts_everything_as_it_was() {
    let mut house = two_rooms();
    let stayover = planned(&mut house, 1, TaskKind::Stayover, ROOM);
    let before = house.room().cleanliness;
    let moved = house
        .act(
            Role::FrontDesk,
            Command::Desk(DeskCommand::MoveRoom {
                stay: GUEST,
                room: OTHER,
            }),
        )
        .unwrap();
    house
        .act(Role::FrontDesk, Command::Undo { operation: moved })
        .unwrap();
    assert_eq!(stay_of(&house, GUEST).room, Some(ROOM));
    assert_eq!(house.task(stayover).status, TaskStatus::Planned);
    assert_eq!(house.room().cleanliness.value, before.value);
    let booked = house
        .act(
            Role::FrontDesk,
            Command::Desk(DeskCommand::Book {
                stay: NEXT,
                draft: draft(None, "2017-05-25", "2017-05-26"),
            }),
        )
        .unwrap();
    house
        .act(Role::FrontDesk, Command::Undo { operation: booked })
        .unwrap();
    assert_eq!(stay_of(&house, NEXT).status, StayStatus::Cancelled);
}

/// A task of the guest today, made by a rule, with what somebody did to it.
fn of_today(
    house: &mut House,
    kind: TaskKind,
    rule: TaskRule,
    write: impl FnOnce(&mut Task),
) -> TaskId {
    let id = match kind {
        TaskKind::Stayover => identity::stayover_task(house.hotel, today(), GUEST),
        _ => identity::stay_task(house.hotel, kind, today(), (GUEST, ROOM)),
    };
    let mut task = Task {
        kind,
        room: Some(ROOM),
        stay: Some(GUEST),
        business_date: today(),
        rule,
        ..Task::default()
    };
    write(&mut task);
    house.put(id.into(), Entity::Task(task));
    id
}

fn leaves_on(house: &mut House, departure: &str) {
    let edit = Box::new(StayEdit {
        departure: Some(day(departure)),
        adults: Some(2),
        ..StayEdit::default()
    });
    desk(house, DeskCommand::EditStay { stay: GUEST, edit }).unwrap();
}

/// Kind, status and rule of every task of the room.
fn tasks(house: &House) -> Vec<String> {
    let tasks = house.entities.values().filter_map(|entity| match entity {
        Entity::Task(task) => Some(format!("{} {} {}", task.kind, task.status, task.rule)),
        _ => None,
    });
    let mut tasks: Vec<String> = tasks.collect();
    tasks.sort();
    tasks
}

const ANYWAY: fn(&mut Task) = |_| ();

#[test]
fn a_guest_who_stays_on_beyond_their_last_day_has_a_stayover_instead_of_a_departure() {
    let begun = |task: &mut Task| task.status = TaskStatus::InProgress;
    let pinned = |task: &mut Task| task.pinned = true;
    let noted = |task: &mut Task| task.note = "Mind the dog".into();
    let done = |task: &mut Task| task.status = TaskStatus::Done;
    let asked_for = |task: &mut Task| task.rule = TaskRule::Person;
    for (what, until, write, expected) in [
        (
            "longer",
            "2017-05-27",
            ANYWAY,
            &[
                "departure cancelled stay-continues",
                "linen-change planned linen-due",
                "stayover planned stay-continues",
            ][..],
        ),
        (
            "begun",
            "2017-05-27",
            begun,
            &["departure in-progress departure-due"],
        ),
        (
            "pinned",
            "2017-05-27",
            pinned,
            &["departure planned departure-due"],
        ),
        (
            "noted",
            "2017-05-27",
            noted,
            &["departure planned departure-due"],
        ),
        (
            "done",
            "2017-05-27",
            done,
            &["departure done departure-due"],
        ),
        (
            "asked for",
            "2017-05-27",
            asked_for,
            &["departure planned person"],
        ),
    ] as [(&str, &str, fn(&mut Task), &[&str]); 6]
    {
        let mut house = House::with_guest_due_out();
        of_today(
            &mut house,
            TaskKind::Departure,
            TaskRule::DepartureDue,
            write,
        );
        leaves_on(&mut house, until);
        assert_eq!(tasks(&house), expected, "{what}");
        // Planning the room finds that all of it is said.
        let date = today();
        desk(&mut house, DeskCommand::PlanRoom { room: ROOM, date }).unwrap();
        let of_stay = |task: &String| !task.starts_with("deep-clean") && !task.starts_with("check");
        let mut planned = tasks(&house);
        planned.retain(of_stay);
        if what == "longer" {
            assert_eq!(planned, expected);
        }
    }
}

#[test]
fn a_guest_who_leaves_sooner_than_they_said_has_a_departure_instead_of_a_stayover() {
    let begun = |task: &mut Task| task.status = TaskStatus::Paused;
    let pinned = |task: &mut Task| task.pinned = true;
    for (what, write, stayover) in [
        ("sooner", ANYWAY, "stayover cancelled departure-due"),
        ("begun", begun, "stayover paused stay-continues"),
        ("pinned", pinned, "stayover planned stay-continues"),
    ] as [(&str, fn(&mut Task), &str); 3]
    {
        let mut house = two_rooms();
        of_today(
            &mut house,
            TaskKind::Stayover,
            TaskRule::StayContinues,
            write,
        );
        of_today(
            &mut house,
            TaskKind::Turndown,
            TaskRule::TurndownDue,
            ANYWAY,
        );
        leaves_on(&mut house, "2017-05-25");
        let turndown = "turndown cancelled departure-due";
        let expected = ["departure planned departure-due", stayover, turndown];
        assert_eq!(tasks(&house), expected, "{what}");
    }
}

#[test]
fn another_last_day_that_is_not_today_changes_nothing_today() {
    let mut house = two_rooms();
    of_today(
        &mut house,
        TaskKind::Stayover,
        TaskRule::StayContinues,
        ANYWAY,
    );
    for until in ["2017-05-26", "2017-05-30"] {
        leaves_on(&mut house, until);
        assert_eq!(tasks(&house), ["stayover planned stay-continues"]);
    }
    // Who has not come yet has nothing done for them.
    let expected = stay("2017-05-25", "2017-05-28", StayStatus::Expected);
    house.put(GUEST.into(), Entity::Stay(expected));
    leaves_on(&mut house, "2017-05-25");
    assert_eq!(tasks(&house), ["stayover planned stay-continues"]);
}

#[test]
fn a_day_added_and_taken_back_leaves_the_departure_that_was_there() {
    let mut house = House::with_guest_due_out();
    let departure = of_today(
        &mut house,
        TaskKind::Departure,
        TaskRule::DepartureDue,
        ANYWAY,
    );
    leaves_on(&mut house, "2017-05-27");
    leaves_on(&mut house, "2017-05-25");
    assert_eq!(house.task(departure).status, TaskStatus::Planned);
    leaves_on(&mut house, "2017-05-27");
    let operation = *house.past.keys().next_back().unwrap();
    let undo = Command::Undo { operation };
    house.act(Role::FrontDesk, undo).unwrap();
    assert_eq!(house.task(departure).status, TaskStatus::Planned);
    let stayover = identity::stayover_task(house.hotel, today(), GUEST);
    assert_eq!(house.task(stayover).status, TaskStatus::Cancelled);
}
