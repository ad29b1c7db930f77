//! What a device pushed and the server stored as it was sent is not told it again.

use crate::world::{
    log::{self, decode, decode_batch},
    scene::{Scene, room},
};
use keyrack_model::{
    action::Sequence,
    cleanliness::Cleanliness,
    command::Command,
    limits::MAX_COUNTED,
    policy::Role,
    time::Timestamp,
    wire::{ClientFrame, ServerFrame},
};
use keyrack_replica::{Effect, Input};

fn mark(number: u128, value: Cleanliness) -> Command {
    Command::SetCleanliness {
        rooms: vec![room(number)],
        value,
    }
}

/// What a device makes of an input.
fn hears(scene: &mut Scene, input: Input) -> Vec<Effect> {
    let now = scene.tick();
    let device = &mut scene.devices[0];
    device
        .session
        .handle(&mut device.replica, now, input)
        .unwrap()
}

fn says(scene: &mut Scene, frame: &ServerFrame) -> Vec<Effect> {
    hears(scene, Input::Received(log::encode(frame)))
}

/// The actions of the one push among effects.
fn pushed(effects: &[Effect]) -> Vec<keyrack_model::action::Action> {
    let frames = effects.iter().filter_map(|effect| match effect {
        Effect::Send(bytes) => Some(decode(bytes)),
        _ => None,
    });
    let mut pushes = frames.filter_map(|frame| match frame {
        ClientFrame::Push { batch, .. } => Some(decode_batch(&batch)),
        _ => None,
    });
    let push = pushes.next().unwrap();
    assert!(pushes.next().is_none());
    push
}

/// A device whose action is in the log right after another's, of which it was told nothing yet; it
/// knows the places of both.
fn told_of_its_own_first() -> (Scene, Sequence) {
    let mut scene = Scene::with(&[Role::FrontDesk, Role::Housekeeper]);
    let before = scene.log.head();
    scene.cut(0);
    scene.act(0, &mark(0, Cleanliness::Clean)).unwrap();
    let replica = &scene.devices[0].replica;
    let held = keyrack_model::class::Reading::of(Role::FrontDesk).classes();
    let epoch = Some(scene.log.epoch());
    let welcome = scene
        .log
        .welcome(Role::FrontDesk, epoch, replica.cursor(), held);
    scene.pass_time();
    for input in [Input::Tick, Input::Opened] {
        hears(&mut scene, input);
    }
    let sent = pushed(&says(&mut scene, &welcome));
    scene.act(1, &mark(1, Cleanliness::Dirty)).unwrap();
    let device = scene.devices[0].replica.registration().id;
    let answer = scene.log.push(device, sent);
    let first = Sequence(before.0 + 2);
    let received_at = Timestamp(first.0 as i64);
    assert_eq!(answer, ServerFrame::Stored { first, received_at });
    says(&mut scene, &answer);
    let replica = &scene.devices[0].replica;
    assert_eq!((replica.cursor(), replica.waiting().unwrap()), (before, 0));
    (scene, before)
}

#[test]
fn its_place_is_passed_when_the_log_has_come_to_it() {
    let (mut scene, before) = told_of_its_own_first();
    let entries = vec![scene.log.entries[before.0 as usize].clone()];
    let effects = says(&mut scene, &ServerFrame::Deliver { entries });
    assert!(!effects.contains(&Effect::Close));
    assert_eq!(scene.devices[0].replica.cursor(), scene.log.head());
    scene.settle();
    scene.check_agreement();
}

#[test]
fn after_the_connection_it_is_told_like_everything_else() {
    let (mut scene, before) = told_of_its_own_first();
    hears(&mut scene, Input::Closed(None));
    let replica = &scene.devices[0].replica;
    assert_eq!(replica.cursor(), before);
    scene.connect(0);
    assert_eq!(scene.devices[0].replica.cursor(), scene.log.head());
    scene.settle();
    scene.check_agreement();
}

#[test]
fn an_entry_may_be_missing_only_where_its_own_action_is() {
    let (mut scene, before) = told_of_its_own_first();
    for number in [2, 3] {
        scene.act(1, &mark(number, Cleanliness::Dirty)).unwrap();
    }
    // The other's first action is left out as well.
    let entries = scene.log.entries[before.0 as usize + 2..].to_vec();
    let effects = says(&mut scene, &ServerFrame::Deliver { entries });
    assert!(effects.contains(&Effect::Close));
    assert_eq!(scene.devices[0].replica.cursor(), before);
    scene.connect(0);
    scene.settle();
    scene.check_agreement();
}

#[test]
fn an_answer_to_no_push_or_about_a_place_that_was_told_ends_the_connection() {
    let received_at = Timestamp(1);
    for first in [1, 10_000] {
        let first = Sequence(first);
        let (mut scene, before) = told_of_its_own_first();
        let effects = says(&mut scene, &ServerFrame::Stored { first, received_at });
        assert!(effects.contains(&Effect::Close), "{first:?}");
        assert_eq!(scene.devices[0].replica.cursor(), before);
    }
    // One that was told, and one after which no log has another.
    for first in [1, MAX_COUNTED] {
        let (mut scene, _) = told_of_its_own_first();
        scene.connect(0);
        let operation = scene.next_operation();
        let now = scene.tick();
        let device = &mut scene.devices[0];
        let command = mark(2, Cleanliness::Dirty);
        device.replica.act(&command, operation, now).unwrap();
        pushed(&hears(&mut scene, Input::Acted));
        let first = Sequence(first);
        let effects = says(&mut scene, &ServerFrame::Stored { first, received_at });
        assert!(effects.contains(&Effect::Close));
        assert_eq!(scene.devices[0].replica.waiting().unwrap(), 1, "it waits");
        scene.connect(0);
        scene.settle();
        scene.check_agreement();
    }
}
