//! Conflicts that are none, or that are decided with what nobody could choose, or by who may not.

use super::*;
use keyrack_model::{
    change::Entity,
    cleanliness::{Cleanliness, CleanlinessMark, MarkCause, Turn},
    command::DeskCommand,
    hotel::HotelChange,
    time::BusinessDate,
};

fn settle(document: impl Into<DocumentRef>, key: &str, chosen: OperationId) -> Command {
    Command::Settle {
        document: document.into(),
        key: key.to_owned(),
        chosen,
    }
}

/// The room's mark as the log has it.
fn shown(hotel: &Hotel) -> CleanlinessMark {
    match hotel.document(ROOM).reading().entity {
        Entity::Room(room) => room.cleanliness,
        other => panic!("not a room: {other:?}"),
    }
}

fn date(hotel: &Hotel) -> BusinessDate {
    match hotel.document(HOTEL).reading().entity {
        Entity::Hotel(hotel) => hotel.business_date,
        other => panic!("not a hotel: {other:?}"),
    }
}

#[test]
fn what_only_moves_forward_is_not_settled_back() {
    let mut rui = Device::of(RUI, 1);
    let mut late = Device::of(RUI, 2);
    let mut hotel = Hotel::with(&[&rui, &late]);
    let mut days = Vec::new();
    for day in 0..3 {
        let date = today().plus_days(day);
        let close = Command::Desk(DeskCommand::CloseDay { date });
        let closed = rui.ask(close).unwrap();
        hotel.judge(&rui, closed.clone()).unwrap();
        days.push(closed);
    }
    // A desk that was away ends the first of the days as well, which changes nothing.
    let close = Command::Desk(DeskCommand::CloseDay { date: today() });
    let closed = late.ask(close).unwrap();
    hotel.judge(&late, closed.clone()).unwrap();
    assert_eq!(date(&hotel), today().plus_days(3));
    days.iter().for_each(|day| late.receive(day));
    for chosen in [closed.operation, days[2].operation] {
        let mut attacker = late.clone();
        let command = settle(HOTEL, "business_date", chosen);
        let back = HotelChange::BusinessDate(today().plus_days(1));
        let operation = attacker.operation();
        let action = attacker.act(operation, command, &[Change::Hotel(HOTEL, back)]);
        let before = hotel.state();
        let judged = hotel.judge(&attacker, action);
        assert_eq!(judged, Err(Refusal::ChangedSince));
        assert_eq!(hotel.state(), before);
        assert_eq!(date(&hotel), today().plus_days(3));
    }
}

#[test]
fn what_nobody_disputes_is_not_settled() {
    let mut scene = Scene::set();
    let first = scene.maria.mark(Clean);
    let operation = first.operation;
    scene.hotel.judge(&scene.maria, first).unwrap();
    scene.refuses_as(Refusal::ChangedSince, |device| {
        let mark = shown_to(device);
        let own = device.clone().operation();
        let again = RoomChange::Cleanliness(CleanlinessMark {
            cause: MarkCause::Person,
            action: own,
            ..mark
        });
        let own = device.operation();
        let command = settle(ROOM, "cleanliness", operation);
        device.act(own, command, &[Change::Room(ROOM, again)])
    });
}

/// The room's mark as a device has it.
fn shown_to(device: &mut Device) -> CleanlinessMark {
    match device.document(ROOM.into()).reading().entity {
        Entity::Room(room) => room.cleanliness,
        other => panic!("not a room: {other:?}"),
    }
}

/// A room that was cleaned in the turn of a guest whose check-out the housekeeper had not heard of;
/// the turn, and the clean. Maria knows of both.
fn cleaned_late() -> (Scene, Turn, OperationId) {
    let mut scene = Scene::set();
    let mut rui = scene.joined_by(RUI, 7);
    let stayed = shown(&scene.hotel).turn;
    let out = rui.ask(Command::CheckOut { stay: GUEST }).unwrap();
    scene.hotel.judge(&rui, out.clone()).unwrap();
    let clean = scene.maria.mark(Clean);
    let operation = clean.operation;
    scene.hotel.judge(&scene.maria, clean).unwrap();
    scene.maria.receive(&out);
    assert_eq!(shown(&scene.hotel).value, Dirty);
    (scene, stayed, operation)
}

#[test]
fn a_clean_of_the_guest_before_is_chosen_for_the_turn_that_the_room_is_in() {
    let (mut scene, stayed, clean) = cleaned_late();
    let departed = shown(&scene.hotel).turn;
    assert!(departed.is_after(stayed));
    let mut attacker = scene.maria.clone();
    let own = attacker.clone().operation();
    let of_before = CleanlinessMark {
        value: Clean,
        turn: stayed,
        cause: MarkCause::Person,
        action: own,
    };
    let own = attacker.operation();
    let change = Change::Room(ROOM, RoomChange::Cleanliness(of_before));
    let action = attacker.act(own, settle(ROOM, "cleanliness", clean), &[change]);
    let before = scene.hotel.state();
    assert_eq!(scene.hotel.judge(&attacker, action), Err(BEYOND));
    assert_eq!(scene.hotel.state(), before);
    let honest = scene.maria.ask(settle(ROOM, "cleanliness", clean));
    scene.hotel.judge(&scene.maria, honest.unwrap()).unwrap();
    let mark = shown(&scene.hotel);
    assert_eq!((mark.value, mark.turn), (Clean, departed));
}

#[test]
fn nobody_chooses_or_takes_back_a_choice_of_what_their_role_could_not_have_done() {
    let mut scene = Scene::set();
    let mut ines = scene.joined_by(INES, 7);
    let mut other = scene.joined_by(INES, 8);
    let assign = |assignee| Command::AssignTask {
        task: stayover(),
        assignee: Some(assignee),
    };
    let to_maria = ines.ask(assign(MARIA)).unwrap();
    let to_ines = other.ask(assign(INES)).unwrap();
    scene.hotel.judge(&ines, to_maria.clone()).unwrap();
    scene.hotel.judge(&other, to_ines.clone()).unwrap();
    ines.receive(&to_ines);
    let mut chosen = to_maria.operation;
    let first = settle(stayover(), "assignee", chosen);
    let settled = ines.ask(first.clone()).unwrap();
    let known = [&to_maria, &to_ines];
    known.into_iter().for_each(|it| scene.maria.receive(it));
    let refusal = || Refusal::NotAllowed {
        command: "assign-task".into(),
        role: Role::Housekeeper,
    };
    // As an app would for somebody who may.
    let mut attacker = scene.maria.clone();
    let action = attacker.act_beyond_role(first);
    scene.refuses_from(&attacker, action, refusal());
    scene.hotel.judge(&ines, settled.clone()).unwrap();
    scene.maria.receive(&settled);
    chosen = settled.operation;
    let mut attacker = scene.maria.clone();
    let action = attacker.act_beyond_role(Command::Undo { operation: chosen });
    scene.refuses_from(&attacker, action, refusal());
    // Beside another choice made at the same time, which is one more conflict.
    let again = other.ask(assign(TOMAS)).unwrap();
    scene.hotel.judge(&other, again.clone()).unwrap();
    scene.maria.receive(&again);
    let mut attacker = scene.maria.clone();
    let command = settle(stayover(), "assignee", chosen);
    let action = attacker.act_beyond_role(command);
    scene.refuses_from(&attacker, action, refusal());
}

#[test]
fn an_inspection_that_was_put_back_unseen_is_not_chosen_by_who_does_not_inspect() {
    let mut scene = Scene::set();
    let mut ines = scene.joined_by(INES, 7);
    let inspected = ines.mark(Cleanliness::Inspected);
    scene.hotel.judge(&ines, inspected.clone()).unwrap();
    scene.maria.receive(&inspected);
    // The room is found dirty, of which maria says that she has not heard.
    let found = ines.mark(Dirty);
    scene.hotel.judge(&ines, found.clone()).unwrap();
    let slip = scene.maria.mark(Dirty);
    let operation = slip.operation;
    scene.hotel.judge(&scene.maria, slip).unwrap();
    let back = scene.maria.ask(Command::Undo { operation }).unwrap();
    scene.hotel.judge(&scene.maria, back.clone()).unwrap();
    assert_eq!(shown(&scene.hotel).value, Dirty);
    scene.maria.receive(&found);
    let refusal = Refusal::NotAllowed {
        command: "set-cleanliness".into(),
        role: Role::Housekeeper,
    };
    let mut attacker = scene.maria.clone();
    let command = settle(ROOM, "cleanliness", back.operation);
    let action = attacker.act_beyond_role(command);
    scene.refuses_from(&attacker, action, refusal);
}
