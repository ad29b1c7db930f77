//! What several people did on one device is sent under the session of one, each with the word of whoever
//! did it.

use crate::world::{
    log::encode,
    people::{person, session},
    scene::{Device, Scene, mark, room, seen},
};
use keyrack_model::{
    action::LogEntry,
    cleanliness::Cleanliness::{Clean, Dirty},
    ids::{OperationId, UserId},
    ipc::{Answer, Problem, Question},
    policy::Role::{self, FrontDesk, Housekeeper},
    refusal::{GateReason, Refusal},
    room::Occupancy,
    rows::Person,
    time::Timestamp,
    wire::ServerFrame,
};
use keyrack_replica::{Effect, Input, Replica, UserKey, UserSession};

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

fn is_logged(scene: &Scene, operation: OperationId) -> bool {
    let mut logged = logged(scene).into_iter();
    logged.any(|(of, _)| of == operation)
}

/// What waits on a device, each with whom it waits for.
fn waiting(replica: &Replica) -> Vec<(OperationId, Option<UserId>)> {
    let Answer::Waiting(waiting) = replica.answer(&Question::Waiting).unwrap() else {
        panic!("another question was answered");
    };
    let waiting = waiting.into_iter();
    waiting.map(|it| (it.operation, it.awaits)).collect()
}

/// What the first device keeps for people to read, with the reasons.
fn set_aside(scene: &Scene) -> Vec<(OperationId, Refusal)> {
    let refused = scene.devices[0].replica.refused().unwrap().into_iter();
    refused.map(|it| (it.operation, it.reason)).collect()
}

/// The log says that the second person does not work at the hotel any more.
fn leaves(scene: &mut Scene) {
    scene.log.put_person(&Person {
        left: true,
        ..person(2, Housekeeper)
    });
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
    assert!(is_logged(&scene, elsewhere));
    assert!(!is_logged(&scene, theirs) && !is_logged(&scene, on_it));
    // What rests on theirs says whom it waits for, too.
    let waiting = waiting(replica);
    assert_eq!(waiting, [(theirs, Some(away)), (on_it, Some(away))]);
    let unsigned: Vec<_> = replica
        .waiting_by_person()
        .unwrap()
        .into_iter()
        .map(|of| (of.user, of.actions, of.unsigned))
        .collect();
    assert_eq!(unsigned, [(person(1, FrontDesk).id, 1, 0), (away, 1, 1)]);
    let rows = replica.rows_of(&[room(1).into()]).unwrap();
    assert_eq!(rows.len(), 1, "it shows meanwhile");

    takes_over(&mut scene, 2, Housekeeper);
    assert_eq!(scene.devices[0].replica.awaited().unwrap(), []);
    scene.settle();
    scene.check_agreement();
    assert!(is_logged(&scene, theirs) && is_logged(&scene, on_it));
    assert_eq!(scene.devices[0].replica.waiting().unwrap(), 0);
}

/// The server tells a device that is not trusted of nothing. Whoever is here has nothing to hand in,
/// and the one whose signature is awaited can sign in nowhere here any more.
#[test]
fn a_device_that_is_told_nothing_ends_though_somebody_elses_work_waits_for_their_signature() {
    let mut scene = Scene::with(&[FrontDesk, Housekeeper]);
    scene.cut(0);
    let refused = scene.act(0, &mark(1, Clean)).unwrap();
    takes_over(&mut scene, 2, Housekeeper);
    scene.act(0, &seen(1, Occupancy::Vacant)).unwrap();
    takes_over(&mut scene, 1, FrontDesk);
    scene.log.refuses.insert(refused, Refusal::NothingToDo);
    scene.settle();
    scene.settle();
    assert_eq!(scene.devices[0].replica.waiting().unwrap(), 1);
    scene.cut(0);

    let welcome = ServerFrame::Welcome {
        protocol: 1,
        epoch: scene.log.epoch(),
        head: scene.log.head(),
        after: scene.devices[0].replica.cursor(),
        server_time: Timestamp(0),
        classes: Vec::new(),
        grant_millis: None,
    };
    let now = scene.tick();
    let Device {
        replica, session, ..
    } = &mut scene.devices[0];
    let inputs = [
        Input::SessionChanged,
        Input::Opened,
        Input::Received(encode(&welcome)),
    ];
    let effects = inputs.map(|input| session.handle(replica, now, input).unwrap());
    let mut effects = effects.iter().flatten();
    let is_end = |it: &Effect| matches!(it, Effect::SignedOut(Problem::DeviceKey));
    assert!(effects.any(is_end));
    assert_eq!(replica.waiting().unwrap(), 1, "it is kept");
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

#[test]
fn what_a_restored_server_does_not_take_for_somebodys_waits_for_them_and_is_not_refused() {
    let mut scene = Scene::with(&[FrontDesk, Housekeeper]);
    takes_over(&mut scene, 2, Housekeeper);
    let theirs = scene.act(0, &seen(1, Occupancy::Vacant)).unwrap();
    let more = scene.act(0, &mark(1, Clean)).unwrap();
    takes_over(&mut scene, 1, FrontDesk);
    let on_it = scene.act(0, &mark(1, Dirty)).unwrap();
    let elsewhere = scene.act(0, &mark(2, Clean)).unwrap();
    // The key of their last sign-in is newer than the backup.
    for operation in [theirs, more] {
        let unproven = Refusal::from(GateReason::WrongAuthor);
        scene.log.refuses.insert(operation, unproven);
    }
    scene.settle();

    let away = person(2, Housekeeper).id;
    let replica = &scene.devices[0].replica;
    assert_eq!(replica.awaited().unwrap(), [away]);
    assert_eq!(replica.waiting().unwrap(), 3);
    assert_eq!(set_aside(&scene), []);
    assert!(is_logged(&scene, elsewhere));

    scene.log.refuses.clear();
    takes_over(&mut scene, 2, Housekeeper);
    scene.settle();
    scene.check_agreement();
    let all = [theirs, more, on_it];
    assert!(all.into_iter().all(|it| is_logged(&scene, it)));
    assert_eq!(set_aside(&scene), []);
}

#[test]
fn what_the_server_does_not_take_for_the_signed_in_persons_own_is_refused() {
    let mut scene = Scene::with(&[FrontDesk]);
    scene.cut(0);
    let own = scene.act(0, &mark(1, Clean)).unwrap();
    let reason = Refusal::from(GateReason::WrongAuthor);
    scene.log.refuses.insert(own, reason.clone());
    scene.settle();
    assert_eq!(set_aside(&scene), [(own, reason)]);
    scene.check_agreement();
}

#[test]
fn nothing_is_done_again_in_the_name_of_somebody_who_has_left() {
    let mut scene = Scene::with(&[FrontDesk, Housekeeper]);
    scene.cut(0);
    let refused = scene.act(0, &mark(1, Clean)).unwrap();
    takes_over(&mut scene, 2, Housekeeper);
    let theirs = scene.act(0, &seen(1, Occupancy::Vacant)).unwrap();
    takes_over(&mut scene, 1, FrontDesk);
    let on_it = scene.act(0, &mark(1, Dirty)).unwrap();
    scene.log.refuses.insert(refused, Refusal::NothingToDo);
    leaves(&mut scene);
    scene.settle();

    assert_eq!(scene.devices[0].replica.awaited().unwrap(), []);
    assert!(set_aside(&scene).contains(&(theirs, Refusal::Quarantined)));
    assert!(is_logged(&scene, on_it) && !is_logged(&scene, theirs));
    scene.check_agreement();
}

#[test]
fn what_waits_for_somebody_who_then_leaves_is_withdrawn_and_what_rests_on_it_goes_on() {
    let mut scene = Scene::with(&[FrontDesk, Housekeeper]);
    scene.cut(0);
    let refused = scene.act(0, &mark(1, Clean)).unwrap();
    takes_over(&mut scene, 2, Housekeeper);
    let theirs = scene.act(0, &seen(1, Occupancy::Vacant)).unwrap();
    takes_over(&mut scene, 1, FrontDesk);
    let on_it = scene.act(0, &mark(1, Dirty)).unwrap();
    scene.log.refuses.insert(refused, Refusal::NothingToDo);
    scene.settle();
    assert_eq!(scene.devices[0].replica.waiting().unwrap(), 2);

    leaves(&mut scene);
    scene.settle();
    assert_eq!(scene.devices[0].replica.awaited().unwrap(), []);
    assert!(set_aside(&scene).contains(&(theirs, Refusal::Quarantined)));
    assert!(is_logged(&scene, on_it) && !is_logged(&scene, theirs));
    scene.check_agreement();
}

#[test]
fn what_waits_for_somebody_whom_a_restored_server_never_knew_is_kept_with_the_reason() {
    let mut scene = Scene::with(&[FrontDesk]);
    // They were taken on after the backup.
    takes_over(&mut scene, 2, Housekeeper);
    let theirs = scene.act(0, &seen(1, Occupancy::Vacant)).unwrap();
    takes_over(&mut scene, 1, FrontDesk);
    let on_it = scene.act(0, &mark(1, Dirty)).unwrap();
    let elsewhere = scene.act(0, &mark(2, Clean)).unwrap();
    let unproven = Refusal::from(GateReason::WrongAuthor);
    scene.log.refuses.insert(theirs, unproven);
    scene.settle();
    scene.settle();

    let replica = &scene.devices[0].replica;
    assert_eq!(replica.awaited().unwrap(), []);
    assert_eq!(replica.waiting().unwrap(), 0);
    assert!(set_aside(&scene).contains(&(theirs, Refusal::AuthorUnknown)));
    assert!(is_logged(&scene, on_it) && is_logged(&scene, elsewhere));
    assert!(!is_logged(&scene, theirs));
    scene.check_agreement();
}
