//! Undos that take back more than there was, what was changed since, or what is not theirs.

use super::*;
use keyrack_model::{
    cleanliness::{Cleanliness, CleanlinessMark, MarkCause},
    ids::CommentId,
    room::ServiceStatus,
    work_order::CommentChange,
};

/// A scene in which maria marked the room, and the operation by which she did.
fn marked() -> (Scene, OperationId) {
    let mut scene = Scene::set();
    let mark = scene.maria.mark(Clean);
    let operation = mark.operation;
    scene.hotel.judge(&scene.maria, mark).unwrap();
    (scene, operation)
}

fn undo(device: &mut Device, operation: OperationId, changes: &[Change]) -> Action {
    let own = device.operation();
    device.act(own, Command::Undo { operation }, changes)
}

/// The mark that an undo leaves.
fn back(device: &mut Device, value: Cleanliness) -> Change {
    let shown = match device.document(ROOM.into()).reading().entity {
        keyrack_model::change::Entity::Room(room) => room.cleanliness,
        other => panic!("not a room: {other:?}"),
    };
    // The operation that `undo` draws next.
    let action = device.clone().operation();
    let mark = CleanlinessMark {
        value,
        turn: shown.turn,
        cause: MarkCause::Undo,
        action,
    };
    Change::Room(ROOM, RoomChange::Cleanliness(mark))
}

#[test]
fn an_undo_puts_back_what_was_there_and_nothing_else() {
    let reason = GateReason::NotOfCommand;
    let (mut scene, operation) = marked();
    scene.refuses_as(Refusal::Gate { reason }, |device| {
        let inspected = back(device, Cleanliness::Inspected);
        undo(device, operation, &[inspected])
    });
    let (mut scene, operation) = marked();
    scene.refuses_as(Refusal::Gate { reason }, |device| {
        let status = RoomChange::ServiceStatus(ServiceStatus::DoubleLock);
        undo(device, operation, &[Change::Room(ROOM, status)])
    });
    let (mut scene, operation) = marked();
    scene.refuses_as(Refusal::Gate { reason }, |device| {
        let dirty = back(device, Dirty);
        let title = WorkOrderChange::Title("Mine".into());
        undo(device, operation, &[dirty, Change::WorkOrder(ORDER, title)])
    });
    // And what was there passes.
    let (mut scene, operation) = marked();
    let dirty = back(&mut scene.maria, Dirty);
    let honest = undo(&mut scene.maria, operation, &[dirty]);
    scene.hotel.judge(&scene.maria, honest).unwrap();
}

#[test]
fn an_undo_of_what_is_not_in_the_log_waits_for_it_in_vain() {
    let reason = GateReason::MissingDependency;
    let (mut scene, _) = marked();
    scene.refuses_as(Refusal::Gate { reason }, |device| {
        let dirty = back(device, Dirty);
        undo(device, OperationId(Uuid::max()), &[dirty])
    });
    // One that takes itself back.
    let (mut scene, _) = marked();
    scene.refuses_as(Refusal::Gate { reason }, |device| {
        let dirty = back(device, Dirty);
        let own = device.clone().operation();
        undo(device, own, &[dirty])
    });
}

#[test]
fn what_was_written_again_is_not_taken_back() {
    let (mut scene, operation) = marked();
    let again = scene.maria.mark(Clean);
    scene.hotel.judge(&scene.maria, again).unwrap();
    scene.refuses_as(Refusal::ChangedSince, |device| {
        let dirty = back(device, Dirty);
        undo(device, operation, &[dirty])
    });
    // What was made, once somebody wrote a field that its maker left empty.
    let mut scene = Scene::set();
    let made = opening().last().unwrap().operation;
    scene.refuses_as(Refusal::ChangedSince, |device| {
        let status = WorkOrderChange::Status(keyrack_model::work_order::WorkOrderStatus::Cancelled);
        undo(device, made, &[Change::WorkOrder(ORDER, status)])
    });
}

#[test]
fn what_was_put_back_over_what_somebody_else_wrote_is_not_taken_back() {
    let (mut scene, first) = marked();
    let mut rui = Device::of(RUI, 8);
    scene.hotel.bind(rui.actor, &rui);
    for operation in scene.maria.knows() {
        rui.receive(&scene.hotel.past[&operation].clone());
    }
    let second = scene.maria.mark(Cleanliness::Pickup);
    let operation = second.operation;
    scene.hotel.judge(&scene.maria, second).unwrap();
    let undone = scene.maria.ask(Command::Undo { operation }).unwrap();
    scene.hotel.judge(&scene.maria, undone).unwrap();
    // At the same time, over the first.
    let other = rui.mark(Clean);
    scene.hotel.judge(&rui, other.clone()).unwrap();
    scene.maria.receive(&other);
    scene.refuses_as(Refusal::ChangedSince, |device| {
        let dirty = back(device, Dirty);
        undo(device, first, &[dirty])
    });
}

#[test]
fn nobody_takes_back_what_their_role_could_not_have_done_however_it_is_wrapped() {
    let (mut scene, _) = marked();
    let mut ines = Device::of(INES, 8);
    scene.hotel.bind(ines.actor, &ines);
    for operation in scene.maria.knows() {
        ines.receive(&scene.hotel.past[&operation].clone());
    }
    let inspected = ines.mark(Cleanliness::Inspected);
    let mut operation = inspected.operation;
    scene.hotel.judge(&ines, inspected.clone()).unwrap();
    scene.maria.receive(&inspected);
    let refusal = || Refusal::NotAllowed {
        command: "set-cleanliness".into(),
        role: Role::Housekeeper,
    };
    let mut attacker = scene.maria.clone();
    let clean = back(&mut attacker, Clean);
    let action = undo(&mut attacker, operation, &[clean]);
    refuses_and_stays(&mut scene, &attacker, action, refusal());
    // An undo of the undo would inspect the room again.
    let undone = ines.ask(Command::Undo { operation }).unwrap();
    operation = undone.operation;
    scene.hotel.judge(&ines, undone.clone()).unwrap();
    scene.maria.receive(&undone);
    let mut attacker = scene.maria.clone();
    let again = back(&mut attacker, Cleanliness::Inspected);
    let action = undo(&mut attacker, operation, &[again]);
    refuses_and_stays(&mut scene, &attacker, action, refusal());
}

#[test]
fn an_inspection_is_not_put_back_over_what_an_inspector_found_since() {
    let mut scene = Scene::set();
    let mut ines = scene.joined_by(INES, 8);
    let inspected = ines.mark(Cleanliness::Inspected);
    let found = ines.mark(Dirty);
    for action in [&inspected, &found] {
        scene.hotel.judge(&ines, action.clone()).unwrap();
        scene.maria.receive(action);
    }
    let operation = found.operation;
    let mut attacker = scene.maria.clone();
    let again = back(&mut attacker, Cleanliness::Inspected);
    let action = undo(&mut attacker, operation, &[again]);
    let refusal = Refusal::NotAllowed {
        command: "set-cleanliness".into(),
        role: Role::Housekeeper,
    };
    refuses_and_stays(&mut scene, &attacker, action, refusal.clone());
    assert_eq!(scene.maria.ask(Command::Undo { operation }), Err(refusal));
    let by_inspector = ines.ask(Command::Undo { operation }).unwrap();
    scene.hotel.judge(&ines, by_inspector.clone()).unwrap();
    scene.maria.receive(&by_inspector);
    // One's own slip is taken back by anybody who could make it.
    let slip = scene.maria.mark(Dirty);
    let operation = slip.operation;
    scene.hotel.judge(&scene.maria, slip).unwrap();
    let honest = scene.maria.ask(Command::Undo { operation }).unwrap();
    scene.hotel.judge(&scene.maria, honest).unwrap();
}

/// Without honest work after it.
fn refuses_and_stays(scene: &mut Scene, attacker: &Device, action: Action, refusal: Refusal) {
    let before = scene.hotel.state();
    assert_eq!(scene.hotel.judge(attacker, action), Err(refusal));
    assert_eq!(scene.hotel.state(), before);
}

#[test]
fn a_comment_is_not_taken_back_by_somebody_else() {
    let mut scene = Scene::set();
    let mut tomas = Device::of(TOMAS, 8);
    scene.hotel.bind(tomas.actor, &tomas);
    let comment = CommentId(Uuid::from_u128(50));
    let said = tomas
        .ask(Command::AddComment {
            comment,
            subject: ORDER,
            text: "It is the seal.".into(),
        })
        .unwrap();
    scene.hotel.judge(&tomas, said.clone()).unwrap();
    scene.maria.receive(&said);
    let refusal = Refusal::NotAllowed {
        command: "undo".into(),
        role: Role::Housekeeper,
    };
    scene.refuses_as(refusal, |device| {
        let withdrawn = Change::Comment(comment, CommentChange::Withdrawn(true));
        undo(device, said.operation, &[withdrawn])
    });
}

#[test]
fn an_action_is_taken_back_and_done_again_only_so_often() {
    let (mut scene, mut operation) = marked();
    for _ in 0..MAX_UNDO_CHAIN {
        let undone = scene.maria.ask(Command::Undo { operation }).unwrap();
        operation = undone.operation;
        scene.hotel.judge(&scene.maria, undone).unwrap();
    }
    let limit = MAX_UNDO_CHAIN;
    scene.refuses_as(Refusal::TakenBackTooOften { limit }, |device| {
        let clean = back(device, Clean);
        undo(device, operation, &[clean])
    });
}
