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
    let due = identity::departure_task(house.hotel, today(), GUEST);
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
