//! Deciding what several people wrote at the same time: what is chosen is said anew, and goes no
//! further back than what is there.

use super::{
    super::*,
    house::{ANA, GUEST, House, ROOM, today},
};
use crate::{cleanliness::TurnKind, room::ServiceStatus};

fn mark(value: Cleanliness) -> Command {
    Command::SetCleanliness {
        rooms: vec![ROOM],
        value,
    }
}

fn settle(document: impl Into<DocumentRef>, key: &str, chosen: OperationId) -> Command {
    Command::Settle {
        document: document.into(),
        key: key.to_owned(),
        chosen,
    }
}

#[test]
fn a_clean_of_the_turn_before_that_is_chosen_is_of_the_turn_that_the_room_is_in() {
    let mut house = House::with_guest_due_out();
    let clean = house.act(Role::Housekeeper, mark(Cleanliness::Clean));
    let clean = clean.unwrap();
    let before = house.room().cleanliness.turn;
    let out = Command::CheckOut { stay: GUEST };
    let out = house.act(Role::FrontDesk, out).unwrap();
    let departed = house.room().cleanliness;
    assert!(departed.turn.is_after(before));
    // The clean arrives late.
    house.contest(ROOM, "cleanliness", &[clean, out]);
    let chosen = settle(ROOM, "cleanliness", clean);
    let done = house.act_as(ANA, Role::Housekeeper, chosen).unwrap();
    let shown = house.room().cleanliness;
    assert_eq!(shown.value, Cleanliness::Clean);
    assert_eq!(
        (shown.turn, shown.turn.kind),
        (departed.turn, TurnKind::Departure)
    );
    let of_before = Change::Room(
        ROOM,
        RoomChange::Cleanliness(CleanlinessMark {
            turn: before,
            ..shown
        }),
    );
    assert!(done.rights().allows_write(&of_before).is_err());
}

#[test]
fn a_room_is_settled_as_inspected_by_who_inspects_whoever_put_that_back() {
    let mut house = House::with_guest_due_out();
    let maria = UserId(uuid::Uuid::from_u128(2));
    let by_maria = |house: &mut House, command| {
        let done = house.act_as(maria, Role::Housekeeper, command);
        done.map(|done| done.operation)
    };
    let inspected = mark(Cleanliness::Inspected);
    house.act(Role::Supervisor, inspected).unwrap();
    let slip = by_maria(&mut house, mark(Cleanliness::Dirty)).unwrap();
    let undo = Command::Undo { operation: slip };
    let back = by_maria(&mut house, undo).unwrap();
    assert_eq!(house.room().cleanliness.value, Cleanliness::Inspected);
    // A supervisor finds the room dirty meanwhile.
    let dirty = house.act(Role::Supervisor, mark(Cleanliness::Dirty));
    house.contest(ROOM, "cleanliness", &[back, dirty.unwrap()]);
    let chosen = || settle(ROOM, "cleanliness", back);
    let refused = by_maria(&mut house, chosen()).unwrap_err();
    assert_eq!(
        refused,
        Refusal::NotAllowed {
            command: "set-cleanliness".into(),
            role: Role::Housekeeper
        }
    );
    let mut done = house.act_as(maria, Role::Supervisor, chosen()).unwrap();
    done.context.role = Role::Housekeeper;
    assert_eq!(done.rights().allows_write(&done.changes[0]), Err(refused));
}

#[test]
fn a_day_that_is_over_is_not_chosen_again() {
    let mut house = House::with_guest_due_out();
    let hotel = house.hotel;
    let close = |date| Command::Desk(DeskCommand::CloseDay { date });
    let first = house.act(Role::FrontDesk, close(today())).unwrap();
    let next = close(today().plus_days(1));
    let second = house.act(Role::FrontDesk, next).unwrap();
    let chosen = settle(hotel, "business_date", first);
    assert_eq!(
        house.act(Role::FrontDesk, chosen.clone()),
        Err(Refusal::NothingToDo)
    );
    house.contest(hotel, "business_date", &[first, second]);
    assert_eq!(house.act(Role::FrontDesk, chosen), Err(Refusal::NotFound));
    assert_eq!(house.business_date(), today().plus_days(2));
}

#[test]
fn what_the_guest_wants_is_decided_by_whoever_says_it_once_more() {
    let mut house = House::with_guest_due_out();
    let wants = |value| Command::SetServiceStatus { room: ROOM, value };
    let nothing = house.act(Role::FrontDesk, wants(ServiceStatus::MakeUpRoom));
    let undisturbed = wants(ServiceStatus::DoNotDisturb);
    let kept = house.act(Role::Housekeeper, undisturbed.clone()).unwrap();
    assert_eq!(
        house.act(Role::Housekeeper, undisturbed.clone()),
        Err(Refusal::NothingToDo)
    );
    house.contest(ROOM, "service_status", &[nothing.unwrap(), kept]);
    house.act(Role::Housekeeper, undisturbed).unwrap();
    assert!(house.contested.is_empty());
    assert_eq!(house.room().service_status, ServiceStatus::DoNotDisturb);
}
