//! Tables of commands, what was known, and what became true.

use super::*;
use crate::{
    cleanliness::TurnKind,
    identity,
    stay::StayStatus,
    task::{TaskKind, TaskRule, TaskStatus},
};
use uuid::Uuid;

pub(crate) mod house;
mod import;
mod rooms;
mod settle;
mod stays;
mod transitions;
mod work;

use house::{ANA, GUEST, House, ROOM, stay, today};

#[test]
fn a_check_out_makes_the_room_dirty_and_its_departure_task_once() {
    let mut house = House::with_guest_due_out();
    let set_clean = Command::SetCleanliness {
        rooms: vec![ROOM],
        value: Cleanliness::Clean,
    };
    house.act(Role::Manager, set_clean).unwrap();
    house
        .act(Role::FrontDesk, Command::CheckOut { stay: GUEST })
        .unwrap();

    assert_eq!(house.room().cleanliness.value, Cleanliness::Dirty);
    assert_eq!(house.room().cleanliness.turn.kind, TurnKind::Departure);
    let task = house.task(identity::departure_task(
        house.hotel,
        today(),
        (GUEST, ROOM),
    ));
    assert_eq!(
        (task.kind, task.status, task.rule),
        (TaskKind::Departure, TaskStatus::Planned, TaskRule::CheckOut)
    );
    assert_eq!(
        house.act(Role::FrontDesk, Command::CheckOut { stay: GUEST }),
        Err(Refusal::StayState {
            status: StayStatus::Departed
        })
    );
}

#[test]
fn a_guest_who_leaves_early_turns_the_stayover_into_a_departure() {
    let mut house = House::with_guest_due_out();
    house.put(
        GUEST.into(),
        Entity::Stay(stay("2017-05-22", "2017-05-28", StayStatus::InHouse)),
    );
    let stayover = identity::stayover_task(house.hotel, today(), GUEST);
    house.put(
        stayover.into(),
        Entity::Task(Task {
            kind: TaskKind::Stayover,
            room: Some(ROOM),
            stay: Some(GUEST),
            business_date: today(),
            rule: TaskRule::StayContinues,
            ..Task::default()
        }),
    );
    house
        .act(Role::FrontDesk, Command::CheckOut { stay: GUEST })
        .unwrap();
    assert_eq!(house.task(stayover).status, TaskStatus::Cancelled);
    let departure = house.task(identity::departure_task(
        house.hotel,
        today(),
        (GUEST, ROOM),
    ));
    assert_eq!(departure.rule, TaskRule::EarlyDeparture);
    let Some(Entity::Stay(left)) = house.entities.get(&GUEST.into()) else {
        panic!("the stay is gone");
    };
    assert_eq!(
        left.departure,
        today(),
        "it ends on the day on which they left"
    );
}

#[test]
fn a_check_out_after_midnight_and_before_the_night_audit_is_of_the_day_that_goes_on() {
    use TaskRule::{CheckOut, EarlyDeparture};
    const HOUR: i64 = 3_600_000;
    /// Midnight at the end of the hotel's day.
    const MIDNIGHT: i64 = 1_495_756_800_000;
    let tomorrow = today().plus_days(1);
    for (case, hours, leaves, audits, day, rule) in [
        ("at noon", -12, today(), 0, today(), CheckOut),
        ("a little before", -1, today(), 0, today(), CheckOut),
        ("a little after", 1, today(), 0, today(), CheckOut),
        ("in the morning", 6, today(), 0, today(), CheckOut),
        ("a night too soon", 1, tomorrow, 0, today(), EarlyDeparture),
        ("audited early", -1, tomorrow, 1, tomorrow, CheckOut),
        ("audited at night", 2, tomorrow, 1, tomorrow, CheckOut),
        ("audited, overdue", 2, today(), 1, tomorrow, CheckOut),
    ] {
        let mut house = House::with_guest_due_out();
        house.clock = Timestamp(MIDNIGHT + hours * HOUR);
        let stay = Stay {
            departure: leaves,
            ..stay("2017-05-22", "2017-05-25", StayStatus::InHouse)
        };
        house.put(GUEST.into(), Entity::Stay(stay));
        for _ in 0..audits {
            let date = house.business_date();
            let close = Command::Desk(DeskCommand::CloseDay { date });
            house.act(Role::FrontDesk, close).unwrap();
        }
        let out = Command::CheckOut { stay: GUEST };
        house.act(Role::FrontDesk, out).unwrap();

        let id = identity::departure_task(house.hotel, day, (GUEST, ROOM));
        let task = house.task(id);
        assert_eq!((task.business_date, task.rule), (day, rule), "{case}");
        let turn = house.room().cleanliness.turn;
        assert_eq!((turn.date, turn.kind), (day, TurnKind::Departure), "{case}");
        // Whoever cleans it then cleans the room that the guest has left.
        let finish = Command::FinishTask { task: id };
        house.act(Role::Housekeeper, finish).unwrap();
        let mark = house.room().cleanliness;
        assert_eq!(
            (mark.value, mark.turn),
            (Cleanliness::Clean, turn),
            "{case}"
        );
    }
}

#[test]
fn a_clean_that_is_finished_after_the_next_guest_came_leaves_the_room_as_it_is() {
    let mut house = House::with_guest_due_out();
    house
        .act(Role::FrontDesk, Command::CheckOut { stay: GUEST })
        .unwrap();
    let task = identity::departure_task(house.hotel, today(), (GUEST, ROOM));
    let next = StayId(Uuid::from_u128(32));
    house.put(
        next.into(),
        Entity::Stay(stay("2017-05-25", "2017-05-29", StayStatus::Expected)),
    );
    house
        .act(Role::FrontDesk, Command::CheckIn { stay: next })
        .unwrap();
    house
        .act(Role::Housekeeper, Command::FinishTask { task })
        .unwrap();
    assert_eq!(house.task(task).status, TaskStatus::Done);
    assert_eq!(house.room().cleanliness.value, Cleanliness::Dirty);
}

#[test]
fn a_room_cleaned_before_the_check_out_stays_clean_through_it() {
    let mut house = House::with_guest_due_out();
    let task = identity::departure_task(house.hotel, today(), (GUEST, ROOM));
    house.put(
        task.into(),
        Entity::Task(Task {
            kind: TaskKind::Departure,
            room: Some(ROOM),
            stay: Some(GUEST),
            business_date: today(),
            ..Task::default()
        }),
    );
    house
        .act(Role::Housekeeper, Command::FinishTask { task })
        .unwrap();
    house
        .act(Role::FrontDesk, Command::CheckOut { stay: GUEST })
        .unwrap();
    assert_eq!(house.room().cleanliness.value, Cleanliness::Clean);
}

#[test]
fn a_clean_for_a_guest_who_came_late_today_counts_for_them() {
    let mut house = House::with_guest_due_out();
    house.put(
        GUEST.into(),
        Entity::Stay(stay("2017-05-24", "2017-05-27", StayStatus::Expected)),
    );
    let id = identity::stayover_task(house.hotel, today(), GUEST);
    house.put(
        id.into(),
        Entity::Task(Task {
            kind: TaskKind::Stayover,
            room: Some(ROOM),
            stay: Some(GUEST),
            business_date: today(),
            ..Task::default()
        }),
    );
    house
        .act(Role::FrontDesk, Command::CheckIn { stay: GUEST })
        .unwrap();
    house
        .act(Role::Housekeeper, Command::FinishTask { task: id })
        .unwrap();
    assert_eq!(house.room().cleanliness.value, Cleanliness::Clean);
}

#[test]
fn undoing_a_check_out_puts_everything_back_and_cancels_its_task() {
    let mut house = House::with_guest_due_out();
    let before = house.room().cleanliness;
    let operation = house
        .act(Role::FrontDesk, Command::CheckOut { stay: GUEST })
        .unwrap();
    house
        .act(Role::FrontDesk, Command::Undo { operation })
        .unwrap();
    let room = house.room();
    assert_eq!(
        (room.cleanliness.value, room.cleanliness.turn),
        (before.value, before.turn)
    );
    let task = house.task(identity::departure_task(
        house.hotel,
        today(),
        (GUEST, ROOM),
    ));
    assert_eq!(task.status, TaskStatus::Cancelled);
    assert_eq!(
        house.act(Role::FrontDesk, Command::Undo { operation }),
        Err(Refusal::ChangedSince)
    );
}

#[test]
fn what_was_done_one_after_another_is_taken_back_one_after_another() {
    let mut house = House::with_guest_due_out();
    let dirty = house.room().cleanliness;
    let set = |value| Command::SetCleanliness {
        rooms: vec![ROOM],
        value,
    };
    let mut done = Vec::new();
    for value in [
        Cleanliness::Pickup,
        Cleanliness::Clean,
        Cleanliness::Inspected,
    ] {
        done.push(house.act(Role::Supervisor, set(value)).unwrap());
    }
    let mut undo = |operation| house.act(Role::Supervisor, Command::Undo { operation });
    let undone: Vec<_> = done.iter().rev().map(|it| undo(*it).unwrap()).collect();
    // And done again in turn, and taken back once more.
    for operation in undone.into_iter().rev() {
        undo(operation).unwrap();
    }
    assert_eq!(undo(done[0]), Err(Refusal::ChangedSince));
    for operation in done.into_iter().rev() {
        undo(operation).unwrap();
    }
    let room = house.room().cleanliness;
    assert_eq!((room.value, room.turn), (dirty.value, dirty.turn));
}

#[test]
fn nobody_undoes_what_their_role_could_not_have_done() {
    let mut house = House::with_guest_due_out();
    let inspected = Command::SetCleanliness {
        rooms: vec![ROOM],
        value: Cleanliness::Inspected,
    };
    let operation = house.act(Role::Supervisor, inspected).unwrap();
    assert!(matches!(
        house.act(Role::Housekeeper, Command::Undo { operation }),
        Err(Refusal::NotAllowed { .. })
    ));
}

#[test]
fn an_undo_that_takes_itself_back_is_not_followed_for_ever() {
    let mut house = House::with_guest_due_out();
    let [one, other] = [901, 902].map(|number| OperationId(Uuid::from_u128(number)));
    for (operation, undone) in [(one, other), (other, one)] {
        let past = PastAction {
            command: Command::Undo { operation: undone },
            author: ANA,
            effects: Vec::new(),
        };
        house.past.insert(operation, past);
    }
    assert_eq!(
        house.act(Role::Manager, Command::Undo { operation: one }),
        Err(Refusal::NotFound)
    );
}

#[test]
fn a_text_typed_over_an_older_one_changes_what_was_typed_and_nothing_else() {
    use crate::{
        change::Entity,
        command::{WorkOrderDraft, WorkOrderEdit},
        limits::MAX_TEXT,
    };
    let work_order = WorkOrderId(Uuid::from_u128(77));
    let mut house = House::with_guest_due_out();
    let draft = WorkOrderDraft {
        title: "Bath".into(),
        description: "Tap drips.\nBulb is dark.".into(),
        ..WorkOrderDraft::default()
    };
    let create = Command::CreateWorkOrder { work_order, draft };
    house.act(Role::Engineer, create).unwrap();
    let mut edit = |base: Option<&str>, typed: &str| {
        let edit = WorkOrderEdit {
            description: Some(typed.to_owned()),
            description_base: base.map(str::to_owned),
            ..WorkOrderEdit::default()
        };
        let done = house.act(Role::Engineer, Command::EditWorkOrder { work_order, edit });
        let text = match &house.entities[&work_order.into()] {
            Entity::WorkOrder(order) => order.description.clone(),
            other => panic!("not a work order: {other:?}"),
        };
        done.map(|_| text)
    };
    let seen = "Tap drips.\nBulb is dark.";
    // Somebody else is done with the bulb while the tap is typed.
    edit(Some(seen), "Tap drips.\nBulb is changed.").unwrap();
    assert_eq!(
        edit(Some(seen), "Tap is mended.\nBulb is dark.").unwrap(),
        "Tap is mended.\nBulb is changed."
    );
    // In one place only a person can decide.
    let field = "description".to_owned();
    assert_eq!(
        edit(Some(seen), "Tap runs.\nBulb is dark."),
        Err(Refusal::WrittenMeanwhile {
            field: field.clone()
        })
    );
    assert_eq!(edit(None, "All is well.").unwrap(), "All is well.");
    // What both make of it together is held to a bound too.
    let long = |letter: &str| letter.repeat(MAX_TEXT);
    edit(None, &long("a")).unwrap();
    let behind = format!("{}\n{}", long("a"), "b".repeat(9));
    assert!(matches!(
        edit(Some(&long("a")), &behind),
        Err(Refusal::TooLong { .. })
    ));
}

#[test]
fn texts_and_bulk_commands_are_bounded() {
    use crate::{command::WorkOrderDraft, limits};
    let mut house = House::with_guest_due_out();
    let draft = |title: String| Command::CreateWorkOrder {
        work_order: WorkOrderId(Uuid::from_u128(77)),
        draft: WorkOrderDraft {
            title,
            ..WorkOrderDraft::default()
        },
    };
    assert!(matches!(
        house.act(Role::Engineer, draft("  ".into())),
        Err(Refusal::Empty { .. })
    ));
    assert!(matches!(
        house.act(Role::Engineer, draft("x".repeat(limits::MAX_TITLE + 1))),
        Err(Refusal::TooLong { .. })
    ));
    house
        .act(Role::Engineer, draft("x".repeat(limits::MAX_TITLE)))
        .unwrap();
    let many = Command::SetCleanliness {
        rooms: vec![ROOM; limits::MAX_BULK_ROOMS + 1],
        value: Cleanliness::Dirty,
    };
    assert!(matches!(
        house.act(Role::Manager, many),
        Err(Refusal::TooMany { .. })
    ));
}

#[test]
fn what_was_approved_is_done_as_its_author_asked_for_it_and_can_be_taken_back() {
    use crate::{command::Approval, policy::Role, time::Timestamp};
    let mut house = House::with_guest_due_out();
    let maria = crate::ids::UserId(Uuid::from_u128(2));
    let approve = |command| {
        Command::Approved(Approval {
            command: Box::new(command),
            author: maria,
            role: Role::Housekeeper,
            at: Timestamp(5),
            approver: ANA,
        })
    };
    let clean = Command::SetCleanliness {
        rooms: vec![ROOM],
        value: Cleanliness::Clean,
    };
    let operation = house.act(Role::Server, approve(clean)).unwrap();
    assert_eq!(house.room().cleanliness.value, Cleanliness::Clean);
    let seen = Command::SetOccupancySeen {
        room: ROOM,
        value: crate::room::Occupancy::Vacant,
    };
    house.act(Role::Server, approve(seen)).unwrap();
    assert_eq!(house.room().hk_occupancy.at, Timestamp(5));
    // The role is the one of its author, not the server's.
    let out = approve(Command::CheckOut { stay: GUEST });
    assert!(matches!(
        house.act(Role::Server, out),
        Err(Refusal::NotAllowed { .. })
    ));
    assert!(matches!(
        house.act(Role::Engineer, Command::Undo { operation }),
        Err(Refusal::NotAllowed { .. })
    ));
    house
        .act(Role::Housekeeper, Command::Undo { operation })
        .unwrap();
    assert_eq!(house.room().cleanliness.value, Cleanliness::Dirty);
}
