//! What several people did on one device is sent under the session of one, each with the word of whoever
//! did it.

use crate::world::{
    people::{person, session},
    scene::{Scene, mark, room, seen},
};
use keyrack_model::{
    action::LogEntry,
    cleanliness::Cleanliness::{Clean, Dirty},
    ids::{OperationId, UserId},
    policy::Role::{self, FrontDesk, Housekeeper},
    refusal::Refusal,
    room::Occupancy,
};
use keyrack_replica::{UserKey, UserSession};

/// Another person of the hotel signs in at the first device, which has no connection.
fn takes_over(scene: &mut Scene, number: u128, role: Role) {
    scene.cut(0);
    let replica = &mut scene.devices[0].replica;
    replica
        .begin_session(session(person(number, role)))
        .unwrap();
}

fn logged(scene: &Scene) -> Vec<(OperationId, UserId)> {
    let actions = scene.log.entries.iter().filter_map(LogEntry::action);
    actions
        .map(|action| (action.operation, action.author))
        .collect()
}

#[test]
fn whoever_is_here_sends_what_everybody_did_as_theirs() {
    let mut scene = Scene::with(&[FrontDesk, Housekeeper, Housekeeper]);
    let mut done = Vec::new();
    for (number, role) in [(1, FrontDesk), (2, Housekeeper), (3, Housekeeper)] {
        takes_over(&mut scene, number, role);
        let operation = scene.act(0, &mark(number, Clean)).unwrap();
        done.push((operation, person(number, role).id));
    }
    assert_eq!(scene.devices[0].replica.awaited().unwrap(), []);
    // That each is proven is looked at wherever something is pushed.
    scene.settle();
    scene.check_agreement();
    let logged = logged(&scene);
    assert!(done.iter().all(|done| logged.contains(done)));
}

#[test]
fn what_is_done_again_in_somebodys_name_waits_for_them_and_what_rests_on_it_with_it() {
    let mut scene = Scene::with(&[FrontDesk, Housekeeper]);
    scene.cut(0);
    let refused = scene.act(0, &mark(1, Clean)).unwrap();
    takes_over(&mut scene, 2, Housekeeper);
    let theirs = scene.act(0, &seen(1, Occupancy::Vacant)).unwrap();
    takes_over(&mut scene, 1, FrontDesk);
    let on_it = scene.act(0, &mark(1, Dirty)).unwrap();
    let elsewhere = scene.act(0, &mark(2, Clean)).unwrap();
    scene.log.refuses.insert(refused, Refusal::NothingToDo);
    scene.settle();
    scene.settle();

    let away = person(2, Housekeeper).id;
    let replica = &scene.devices[0].replica;
    assert_eq!(replica.awaited().unwrap(), [away]);
    assert_eq!(replica.waiting().unwrap(), 2);
    let sent = |scene: &Scene, operation| {
        let mut logged = logged(scene).into_iter();
        logged.any(|(of, _)| of == operation)
    };
    assert!(sent(&scene, elsewhere));
    assert!(!sent(&scene, theirs) && !sent(&scene, on_it));
    let rows = replica.rows_of(&[room(1).into()]).unwrap();
    assert_eq!(rows.len(), 1, "it shows meanwhile");

    takes_over(&mut scene, 2, Housekeeper);
    assert_eq!(scene.devices[0].replica.awaited().unwrap(), []);
    scene.settle();
    scene.check_agreement();
    assert!(sent(&scene, theirs) && sent(&scene, on_it));
    assert_eq!(scene.devices[0].replica.waiting().unwrap(), 0);
}

#[test]
fn what_waits_is_signed_anew_when_its_author_signs_in_with_another_key() {
    let mut scene = Scene::with(&[FrontDesk, Housekeeper]);
    scene.cut(0);
    let other = UserSession {
        key: Some(UserKey::of([9; 32])),
        ..session(person(1, FrontDesk))
    };
    scene.devices[0].replica.begin_session(other).unwrap();
    let done = scene.act(0, &mark(1, Clean)).unwrap();
    takes_over(&mut scene, 1, FrontDesk);
    takes_over(&mut scene, 2, Housekeeper);
    scene.settle();
    let author = person(1, FrontDesk).id;
    assert!(logged(&scene).contains(&(done, author)));
}

#[test]
fn what_was_done_in_a_session_without_a_key_is_sent_by_its_author_alone() {
    let mut scene = Scene::with(&[FrontDesk, Housekeeper]);
    scene.cut(0);
    let keyless = UserSession {
        key: None,
        ..session(person(1, FrontDesk))
    };
    scene.devices[0].replica.begin_session(keyless).unwrap();
    let done = scene.act(0, &mark(1, Clean)).unwrap();
    takes_over(&mut scene, 2, Housekeeper);
    scene.settle();
    let author = person(1, FrontDesk).id;
    assert_eq!(scene.devices[0].replica.awaited().unwrap(), [author]);
    assert!(!logged(&scene).contains(&(done, author)));

    takes_over(&mut scene, 1, FrontDesk);
    scene.settle();
    assert!(logged(&scene).contains(&(done, author)));
}
