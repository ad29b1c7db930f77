//! Undo takes back one's own work and nobody else's.

use crate::world::scene::{Scene, room, seen, stay, task};
use keyrack_model::{
    change::Entity,
    cleanliness::Cleanliness,
    command::{Command, WorkOrderDraft, WorkOrderEdit},
    ids::{OperationId, WorkOrderId},
    ipc::{Answer, Question},
    limits::MAX_STORY,
    policy::Role,
    refusal::Refusal,
    room::{Occupancy, ServiceStatus},
    work_order::{WorkOrder, WorkOrderStatus},
};
use keyrack_replica::ActError;
use uuid::Uuid;

const ORDER: WorkOrderId = WorkOrderId(Uuid::from_u128(900));
const RUI: usize = 0;
const MARIA: usize = 1;

fn order_made_by_rui() -> (Scene, OperationId) {
    let mut scene = Scene::with(&[Role::FrontDesk, Role::Housekeeper]);
    let command = Command::CreateWorkOrder {
        work_order: ORDER,
        draft: WorkOrderDraft {
            title: "The tap drips".into(),
            ..WorkOrderDraft::default()
        },
    };
    let made = scene.act(RUI, &command).unwrap();
    scene.settle();
    (scene, made)
}

fn edit(scene: &mut Scene, who: usize, edit: WorkOrderEdit) -> OperationId {
    let work_order = ORDER;
    scene
        .act(who, &Command::EditWorkOrder { work_order, edit })
        .unwrap()
}

fn titled(title: &str) -> WorkOrderEdit {
    WorkOrderEdit {
        title: Some(title.into()),
        ..WorkOrderEdit::default()
    }
}

fn order(scene: &Scene) -> WorkOrder {
    let rows = scene.devices[RUI].replica.rows_of(&[ORDER.into()]).unwrap();
    match &rows[0].entity {
        Entity::WorkOrder(order) => order.clone(),
        other => panic!("{other:?} is not a work order"),
    }
}

fn assert_left_as_it_is(scene: &mut Scene, who: usize, operation: OperationId) {
    let undone = scene.act(who, &Command::Undo { operation });
    assert!(
        matches!(undone, Err(ActError::Refused(Refusal::ChangedSince))),
        "{undone:?}"
    );
}

#[test]
fn what_was_made_and_left_alone_is_taken_back() {
    let (mut scene, operation) = order_made_by_rui();
    scene.act(RUI, &Command::Undo { operation }).unwrap();
    assert_eq!(order(&scene).status, WorkOrderStatus::Cancelled);
}

#[test]
fn what_was_made_stays_once_somebody_wrote_a_field_that_its_maker_left_empty() {
    for by_maria in [
        WorkOrderEdit {
            room: Some(Some(room(1))),
            ..WorkOrderEdit::default()
        },
        WorkOrderEdit {
            description: Some("The seal is gone".into()),
            ..WorkOrderEdit::default()
        },
    ] {
        let (mut scene, made) = order_made_by_rui();
        edit(&mut scene, MARIA, by_maria);
        scene.settle();
        assert_left_as_it_is(&mut scene, RUI, made);
    }
}

#[test]
fn a_started_departure_outlives_the_undo_of_the_check_out_that_made_it() {
    let mut scene = Scene::with(&[Role::FrontDesk, Role::Housekeeper]);
    let left = scene.act(0, &Command::CheckOut { stay: stay(1) }).unwrap();
    scene.settle();
    let started = Command::SetCleanliness {
        rooms: vec![room(1)],
        value: Cleanliness::Pickup,
    };
    scene.act(1, &Command::StartTask { task: task(1) }).unwrap();
    scene.act(1, &started).unwrap();
    scene.settle();
    assert_left_as_it_is(&mut scene, 0, left);
}

#[test]
fn a_value_written_at_the_same_time_is_not_taken_back_with_ones_own() {
    let (mut scene, _) = order_made_by_rui();
    scene.cut(RUI);
    scene.cut(MARIA);
    let by_rui = edit(&mut scene, RUI, titled("The tap in the bath drips"));
    let by_maria = edit(&mut scene, MARIA, titled("The tap runs"));
    scene.settle();
    assert_left_as_it_is(&mut scene, RUI, by_rui);
    assert_left_as_it_is(&mut scene, MARIA, by_maria);
}

#[test]
fn a_value_that_somebody_changed_and_put_back_is_theirs() {
    let (mut scene, _) = order_made_by_rui();
    let first = edit(&mut scene, RUI, titled("The tap runs"));
    scene.settle();
    edit(&mut scene, MARIA, titled("Nothing runs"));
    edit(&mut scene, MARIA, titled("The tap runs"));
    scene.settle();
    assert_left_as_it_is(&mut scene, RUI, first);
}

#[test]
fn a_value_that_somebody_changed_and_took_back_is_as_it_was() {
    let (mut scene, made) = order_made_by_rui();
    let first = edit(&mut scene, RUI, titled("The tap runs"));
    scene.settle();
    let operation = edit(&mut scene, MARIA, titled("Nothing runs"));
    scene.act(MARIA, &Command::Undo { operation }).unwrap();
    scene.settle();
    // Offline, all of it goes to the server at once.
    scene.cut(RUI);
    for operation in [first, made] {
        scene.act(RUI, &Command::Undo { operation }).unwrap();
    }
    scene.settle();
    let order = order(&scene);
    assert_eq!(order.status, WorkOrderStatus::Cancelled);
    assert_eq!(order.title, "The tap drips");
    assert_eq!(scene.devices[RUI].replica.refused().unwrap(), []);
}

#[test]
fn nobody_undoes_an_undo_of_what_they_could_not_have_done() {
    let mut scene = Scene::with(&[Role::FrontDesk, Role::Housekeeper]);
    let operation = scene.act(0, &Command::CheckOut { stay: stay(1) }).unwrap();
    let operation = scene.act(0, &Command::Undo { operation }).unwrap();
    scene.settle();
    let again = scene.act(1, &Command::Undo { operation });
    assert!(
        matches!(again, Err(ActError::Refused(Refusal::NotAllowed { .. }))),
        "{again:?}"
    );
}

#[test]
fn what_wrote_a_field_is_told_however_much_was_written_beside_it() {
    let mut scene = Scene::with(&[Role::FrontDesk]);
    let wishes = |value| Command::SetServiceStatus {
        room: room(1),
        value,
    };
    let mut wished = Vec::new();
    for value in [ServiceStatus::DoNotDisturb, ServiceStatus::MakeUpRoom] {
        wished.insert(0, scene.act(RUI, &wishes(value)).unwrap());
    }
    for turn in 0..=MAX_STORY {
        let value = [Occupancy::Vacant, Occupancy::Occupied][turn % 2];
        scene.act(RUI, &seen(1, value)).unwrap();
    }
    let told = |question: Question| {
        let Answer::History(entries) = scene.devices[RUI].replica.answer(&question).unwrap() else {
            panic!("not a history");
        };
        let operations = entries.into_iter().map(|entry| entry.operation);
        operations.collect::<Vec<_>>()
    };
    let all = told(Question::History {
        documents: vec![room(1).into()],
        limit: usize::MAX,
    });
    assert_eq!(all.len(), MAX_STORY);
    assert!(!all.contains(&wished[0]));
    let written = |limit| {
        told(Question::Written {
            document: room(1).into(),
            field: "service_status".into(),
            limit,
        })
    };
    assert_eq!(written(usize::MAX), wished);
    assert_eq!(written(1), wished[..1]);
}

#[test]
fn a_story_tells_each_of_its_actions_whole() {
    let mut scene = Scene::with(&[Role::FrontDesk]);
    scene
        .act(RUI, &Command::CheckOut { stay: stay(1) })
        .unwrap();
    let documents = vec![room(1).into(), stay(1).into()];
    let story = |limit| {
        let documents = documents.clone();
        let question = Question::History { documents, limit };
        match scene.devices[RUI].replica.answer(&question).unwrap() {
            Answer::History(entries) => entries,
            Answer::NotWhole(_) | Answer::Waiting(_) | Answer::Heard(_) => panic!("not a history"),
        }
    };
    let last = story(1);
    assert_eq!(last.len(), 2, "the room and the stay: {last:?}");
    assert_eq!(last[0].operation, last[1].operation);
    assert_eq!(story(0), []);
    assert!(story(2).len() >= last.len());
}
