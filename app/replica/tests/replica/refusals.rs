//! What the server refuses comes back to its author whole, and nothing else is lost.

use crate::world::{
    people,
    scene::{Scene, room, seen, task},
};
use keyrack_model::{
    action::LogEntry,
    change::Entity,
    cleanliness::Cleanliness,
    command::Command,
    policy::Role,
    refusal::Refusal,
    room::{Occupancy, ServiceStatus},
    task::TaskStatus,
};
use keyrack_replica::ActError;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

#[test]
fn a_refused_action_is_withdrawn_and_kept_and_what_followed_it_is_done_again() {
    let mut scene = Scene::with(&[Role::FrontDesk, Role::Housekeeper]);
    scene.cut(0);
    let mark = |value| Command::SetCleanliness {
        rooms: vec![room(1)],
        value,
    };
    let refused = scene.act(0, &mark(Cleanliness::Clean)).unwrap();
    let seen = Command::SetOccupancySeen {
        room: room(1),
        value: Occupancy::Vacant,
    };
    let follows = scene.act(0, &seen).unwrap();
    let elsewhere = scene
        .act(
            0,
            &Command::SetOccupancySeen {
                room: room(2),
                value: Occupancy::Vacant,
            },
        )
        .unwrap();
    scene.log.refuses.insert(refused, Refusal::NothingToDo);
    scene.settle();
    scene.check_agreement();

    let kept = scene.devices[0].replica.refused().unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(
        (kept[0].operation, &kept[0].command),
        (refused, &mark(Cleanliness::Clean))
    );
    let logged: Vec<_> = scene
        .log
        .entries
        .iter()
        .filter_map(LogEntry::action)
        .map(|action| action.operation)
        .collect();
    assert!(logged.contains(&follows) && logged.contains(&elsewhere));
    assert!(!logged.contains(&refused));
    let rows = scene.devices[0].replica.rows_of(&[room(1).into()]).unwrap();
    let Entity::Room(shown) = &rows[0].entity else {
        panic!("not a room")
    };
    assert_eq!(shown.cleanliness.value, Cleanliness::Dirty);
    assert_eq!(shown.hk_occupancy.value, Occupancy::Vacant);

    scene.devices[0].replica.dismiss_refused(refused).unwrap();
    assert!(scene.devices[0].replica.refused().unwrap().is_empty());
}

#[test]
fn a_clean_that_was_begun_before_the_room_was_marked_is_done_again_after_it() {
    let mut scene = Scene::with(&[Role::Supervisor]);
    scene.cut(0);
    let task = task(1);
    let own = scene.devices[0].replica.session().unwrap().me.id;
    let given = Command::AssignTask {
        task,
        assignee: Some(own),
    };
    let refused = scene.act(0, &given).unwrap();
    let start = Command::StartTask { task };
    let started = scene.act(0, &start).unwrap();
    // The guest is back, and hangs the sign out while the room is being cleaned.
    let sign = Command::SetServiceStatus {
        room: room(1),
        value: ServiceStatus::DoNotDisturb,
    };
    let marked = scene.act(0, &sign).unwrap();
    let paused = scene.act(0, &Command::PauseTask { task }).unwrap();
    let put_off = scene.act(0, &start);
    assert!(
        matches!(
            put_off,
            Err(ActError::Refused(Refusal::KeptOut {
                by: ServiceStatus::DoNotDisturb
            }))
        ),
        "nobody goes in again without a reason"
    );
    scene.log.refuses.insert(refused, Refusal::NothingToDo);
    scene.settle();
    scene.check_agreement();

    let kept = scene.devices[0].replica.refused().unwrap();
    let kept: Vec<_> = kept.iter().map(|it| it.operation).collect();
    assert_eq!(kept, [refused]);
    let entries = scene.log.entries.iter().filter_map(LogEntry::action);
    let logged: Vec<_> = entries.map(|action| action.operation).collect();
    for operation in [started, marked, paused] {
        assert!(logged.contains(&operation));
    }
    let rows = scene.devices[0].replica.rows_of(&[task.into()]).unwrap();
    let Entity::Task(shown) = &rows[0].entity else {
        panic!("not a task")
    };
    assert_eq!(shown.status, TaskStatus::Paused);
    assert!(shown.worked_millis > 0);
}

#[test]
fn what_is_refused_together_is_withdrawn_together_however_much_it_is() {
    let transactions_for = |refused: u128| {
        let mut scene = Scene::with(&[Role::FrontDesk]);
        scene.cut(0);
        for number in 0..refused {
            let value = match number / 2 % 2 {
                0 => Occupancy::Vacant,
                _ => Occupancy::Occupied,
            };
            let operation = scene.act(0, &seen(1 + number % 2, value)).unwrap();
            scene.log.refuses.insert(operation, Refusal::NothingToDo);
        }
        let counted = Arc::new(AtomicUsize::new(0));
        let counter = counted.clone();
        scene.devices[0]
            .replica
            .commits_while(move || {
                counter.fetch_add(1, Ordering::Relaxed);
                true
            })
            .unwrap();
        scene.settle();
        scene.check_agreement();
        let kept = scene.devices[0].replica.refused().unwrap();
        assert_eq!(kept.len() as u128, refused);
        assert!(kept.iter().all(|it| it.reason == Refusal::NothingToDo));
        counted.load(Ordering::Relaxed)
    };
    assert_eq!(transactions_for(2), transactions_for(40));
}

#[test]
fn what_was_done_before_and_beside_refused_actions_is_not_done_again() {
    let mut scene = Scene::with(&[Role::FrontDesk]);
    scene.cut(0);
    let first = scene.act(0, &seen(1, Occupancy::Vacant)).unwrap();
    // Before what is refused of the second room, after what is refused of the first.
    let between = scene.act(0, &seen(2, Occupancy::Vacant)).unwrap();
    let second = scene.act(0, &seen(2, Occupancy::Occupied)).unwrap();
    let last = scene.act(0, &seen(1, Occupancy::Occupied)).unwrap();
    let withdrawn = scene.devices[0]
        .replica
        .refuse(&[(second, Refusal::NothingToDo), (first, Refusal::NotFound)])
        .unwrap();
    assert_eq!(withdrawn.done_again, [last]);
    let kept = scene.devices[0].replica.refused().unwrap();
    let reason = |operation| {
        let of = kept.iter().find(|it| it.operation == operation);
        of.map(|it| it.reason.clone())
    };
    assert_eq!(reason(first), Some(Refusal::NotFound));
    assert_eq!(reason(second), Some(Refusal::NothingToDo));
    assert_eq!(reason(between), None);
    scene.settle();
    scene.check_agreement();
}

#[test]
fn only_its_author_puts_a_refused_action_away() {
    let mut scene = Scene::with(&[Role::FrontDesk]);
    scene.cut(0);
    let seen = Command::SetOccupancySeen {
        room: room(1),
        value: Occupancy::Vacant,
    };
    let refused = scene.act(0, &seen).unwrap();
    scene.log.refuses.insert(refused, Refusal::NothingToDo);
    scene.settle();
    let replica = &mut scene.devices[0].replica;
    let author = replica.session().unwrap().clone();
    let other = people::session(people::person(77, Role::Manager));
    replica.begin_session(other).unwrap();
    replica.dismiss_refused(refused).unwrap();
    assert_eq!(replica.refused().unwrap().len(), 1);
    replica.begin_session(author).unwrap();
    replica.dismiss_refused(refused).unwrap();
    assert!(replica.refused().unwrap().is_empty());
}

#[test]
fn what_is_under_review_is_asked_for_again_and_the_outcome_is_shown() {
    let mut scene = Scene::with(&[Role::Housekeeper]);
    scene.cut(0);
    let clean = |number| Command::SetCleanliness {
        rooms: vec![room(number)],
        value: Cleanliness::Clean,
    };
    let reviewed = [1, 2].map(|number| scene.act(0, &clean(number)).unwrap());
    for operation in reviewed {
        scene.log.refuses.insert(operation, Refusal::UnderReview);
    }
    scene.settle();
    let reasons = |scene: &Scene| -> Vec<Refusal> {
        let refused = scene.devices[0].replica.refused().unwrap();
        refused.into_iter().map(|action| action.reason).collect()
    };
    let waiting = [Refusal::UnderReview, Refusal::UnderReview];
    assert_eq!(reasons(&scene), waiting);

    // Nothing changes until somebody has decided; then it is shown, read or not.
    scene.cut(0);
    scene.settle();
    assert_eq!(reasons(&scene), waiting);
    let replica = &mut scene.devices[0].replica;
    replica.dismiss_refused(reviewed[0]).unwrap();
    scene.log.refuses.insert(reviewed[0], Refusal::Declined);
    scene.log.refuses.remove(&reviewed[1]);
    scene.cut(0);
    scene.settle();
    assert_eq!(reasons(&scene), [Refusal::Declined]);
    let entries = scene.log.entries.iter();
    let mut logged = entries.filter_map(|entry| entry.operation());
    assert!(logged.any(|operation| operation == reviewed[1]));
    scene.check_agreement();
}
