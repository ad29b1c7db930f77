//! Writing as somebody else, or beyond one's role.

use super::*;

#[test]
fn only_actors_of_this_device_and_of_the_author_may_write() {
    Scene::set().refuses(GateReason::UnregisteredActor, |device| {
        device.actor = ActorId(Uuid::from_u128(66));
        device.mark(Clean)
    });
    // Another device's actor.
    let mut scene = Scene::set();
    let rui = Device::of(RUI, 2);
    scene.hotel.bind(rui.actor, &rui);
    let reason = GateReason::UnregisteredActor;
    scene.refuses_as(Refusal::Gate { reason }, |device| {
        device.actor = rui.actor;
        device.mark(Clean)
    });
    // The author of the action is not the actor's.
    Scene::set().refuses(GateReason::WrongAuthor, |device| {
        let mut action = device.mark(Clean);
        action.author = RUI;
        action
    });
    // Somebody who is not of the hotel.
    let mut scene = Scene::set();
    scene.hotel.standing.roles.remove(&TOMAS);
    let reason = GateReason::WrongAuthor;
    scene.refuses_as(Refusal::Gate { reason }, |device| {
        let mut action = device.mark(Clean);
        action.author = TOMAS;
        action
    });
    // The genesis is derived; nobody writes on under its actor, even when it is registered.
    let mut scene = Scene::set();
    let genesis = ActorId(identity::genesis_actor(ROOM.into()));
    let maria = scene.maria.clone();
    scene.hotel.bind(genesis, &maria);
    let reason = GateReason::UnregisteredActor;
    scene.refuses_as(Refusal::Gate { reason }, |device| {
        device.actor = genesis;
        device.mark(Clean)
    });
}

#[test]
fn nobody_acts_or_writes_beyond_their_role() {
    // A command of the desk.
    let mut scene = Scene::set();
    let refusal = Refusal::NotAllowed {
        command: "check-in".into(),
        role: Role::Housekeeper,
    };
    scene.refuses_as(refusal, |device| {
        let mut action = device.mark(Clean);
        action.command = Command::CheckIn {
            stay: Default::default(),
        };
        action
    });
    // A command of the server.
    Scene::set().refuses_as(Refusal::ServerOnly, |device| {
        let mut action = device.mark(Clean);
        action.command = Command::OpenHotel {
            hotel: HOTEL,
            name: "Mine".into(),
            business_date: Default::default(),
        };
        action
    });
    // A command of hers, with a field that is not.
    let reason = GateReason::NotOfCommand;
    Scene::set().refuses(reason, |device| {
        let operation = device.operation();
        let command = Command::SetCleanliness {
            rooms: vec![ROOM],
            value: Clean,
        };
        let change = Change::Room(ROOM, RoomChange::Number("1".into()));
        device.act(operation, command, &[change])
    });
    // The same, beside a value that is hers.
    Scene::set().refuses(reason, |device| {
        rewritten(device.mark(Clean), |change| {
            let number = Op {
                pred: number_of_the_room(),
                ..put("number", ScalarValue::Str("1".into()))
            };
            change.operations.insert(0, number);
        })
    });
}

/// The write by which the room has its number.
fn number_of_the_room() -> automerge::legacy::SortedVec<OpId> {
    let mut maria = Device::of(MARIA, 1);
    let crdt = maria.document(ROOM.into()).crdt();
    match automerge::ReadDoc::get(crdt, automerge::ROOT, "number").unwrap() {
        Some((_, automerge::ObjId::Id(counter, actor, _))) => vec![OpId(counter, actor)].into(),
        other => panic!("the room has no number: {other:?}"),
    }
}

#[test]
fn a_change_names_the_action_that_carries_it() {
    Scene::set().refuses(GateReason::WrongOperation, |device| {
        let mut action = device.mark(Clean);
        action.operation = device.operation();
        action
    });
    Scene::set().refuses(GateReason::WrongOperation, |device| {
        rewritten(device.mark(Clean), |change| change.message = None)
    });
    Scene::set().refuses(GateReason::WrongOperation, |device| {
        rewritten(device.mark(Clean), |change| {
            change.message = Some("cleaned it".into());
        })
    });
    // What the server derives is not taken by a device beforehand.
    Scene::set().refuses(GateReason::WrongOperation, |device| {
        let derived = identity::import_operation(HOTEL, ROOM.into(), b"row");
        let command = Command::SetCleanliness {
            rooms: vec![ROOM],
            value: Clean,
        };
        let mark = Change::Room(ROOM, RoomChange::ServiceStatus(Default::default()));
        device.act(derived, command, &[mark])
    });
}
