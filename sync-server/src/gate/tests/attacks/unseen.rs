//! Writes that nobody sees when they are made, and references to what their author did not see.

use super::*;

/// The server gives the room another number, which maria does not hear of.
fn renumbered() -> (Scene, Action) {
    let mut scene = Scene::set();
    let mut server = Device::of(identity::SERVER, 0xFC);
    scene.hotel.bind(server.actor, &server);
    for operation in scene.maria.knows() {
        server.receive(&scene.hotel.past[&operation].clone());
    }
    // A few times, so that the writes are far ahead of any that she makes.
    let mut last = None;
    for number in ["205", "206", "207", "208"] {
        let fields = Room {
            number: number.into(),
            floor: 2,
            ..Room::default()
        };
        let row = ImportedRow::Room { room: ROOM, fields };
        let action = server.ask(Command::Import(row)).unwrap();
        let from = Author::Server(server.id);
        scene.hotel.judge_from(from, action.clone()).unwrap();
        last = Some(action);
    }
    (scene, last.unwrap())
}

#[test]
fn a_forbidden_write_that_loses_and_shows_nowhere_is_refused_all_the_same() {
    let (scene, _) = renumbered();
    let mut attacker = scene.maria.clone();
    let operation = attacker.operation();
    let command = Command::SetCleanliness {
        rooms: vec![ROOM],
        value: Clean,
    };
    let number = Change::Room(ROOM, RoomChange::Number("1".into()));
    let action = attacker.act(operation, command, &[number]);
    // It makes no difference to be seen, until the winner is written over.
    let mut document = scene.hotel.document(ROOM).clone();
    let shown = document.reading();
    assert!(document.apply(&action.changes[0].bytes).unwrap());
    assert_eq!(document.reading(), shown);
    let reason = GateReason::NotOfCommand;
    let mut scene = scene;
    scene.refuses_from(&attacker, action, Refusal::Gate { reason });
}

#[test]
fn a_write_replaces_nothing_that_its_author_did_not_see() {
    let (scene, last) = renumbered();
    let unseen = CrdtChange::from_bytes(last.changes[0].bytes.clone()).unwrap();
    let ghost = OpId(unseen.start_op().get(), unseen.actor_id().clone());
    let mut attacker = scene.maria.clone();
    let action = rewritten(attacker.mark(Clean), |change| {
        change.operations[0].pred = vec![ghost].into();
    });
    let reason = GateReason::Unreadable;
    let mut scene = scene;
    scene.refuses_from(&attacker, action, Refusal::Gate { reason });
}

#[test]
fn a_character_stands_after_none_that_its_author_did_not_see() {
    let mut scene = Scene::set();
    let mut tomas = Device::of(TOMAS, 8);
    scene.hotel.bind(tomas.actor, &tomas);
    for operation in scene.maria.knows() {
        tomas.receive(&scene.hotel.past[&operation].clone());
    }
    let text = "All night long.";
    let typed = tomas.edit(vec![WorkOrderChange::Description(text.into())]);
    scene.hotel.judge(&tomas, typed.clone()).unwrap();
    let unseen = CrdtChange::from_bytes(typed.changes[0].bytes.clone()).unwrap();
    let character = OpId(unseen.start_op().get(), unseen.actor_id().clone());
    let reason = GateReason::Unreadable;
    scene.refuses_as(Refusal::Gate { reason }, |device| {
        let edit = device.edit(vec![WorkOrderChange::Description("All night!".into())]);
        rewritten(edit, |change| {
            let first = change
                .operations
                .iter_mut()
                .find(|operation| operation.insert)
                .unwrap();
            first.key = Key::Seq(automerge::legacy::ElementId::Id(character));
        })
    });
}

#[test]
fn a_conflict_is_settled_with_the_value_that_the_command_names() {
    let mut scene = Scene::set();
    let mut tomas = Device::of(TOMAS, 8);
    scene.hotel.bind(tomas.actor, &tomas);
    for operation in scene.maria.knows() {
        tomas.receive(&scene.hotel.past[&operation].clone());
    }
    let title = |text: &str| vec![WorkOrderChange::Title(text.into())];
    let by_tomas = tomas.edit(title("Tap drips"));
    let by_maria = scene.maria.edit(title("Tap runs"));
    scene.hotel.judge(&tomas, by_tomas.clone()).unwrap();
    scene.hotel.judge(&scene.maria, by_maria).unwrap();
    scene.maria.receive(&by_tomas);
    // Writing the value that won deletes the other; the command then says another one.
    let mut attacker = scene.maria.clone();
    let winner = match attacker.document(ORDER.into()).reading().entity {
        keyrack_model::change::Entity::WorkOrder(order) => order.title,
        other => panic!("not a work order: {other:?}"),
    };
    let mut action = attacker.edit(title(&winner));
    let settled = CrdtChange::from_bytes(action.changes[0].bytes.clone()).unwrap();
    assert_eq!(settled.decode().operations[0].action, OpType::Delete);
    let honest = action.clone();
    if let Command::EditWorkOrder { edit, .. } = &mut action.command {
        edit.title = Some("Tap drips and runs".into());
    }
    let before = scene.hotel.state();
    let reason = GateReason::NotOfCommand;
    let refused = scene.hotel.judge(&attacker, action);
    assert_eq!(refused, Err(Refusal::Gate { reason }));
    assert_eq!(scene.hotel.state(), before);
    assert_eq!(scene.hotel.judge(&attacker, honest), Ok(()));
}
