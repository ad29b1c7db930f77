//! A server that was brought back to an older state gets again what it has lost, and a device that
//! was brought back takes what the log has.

use crate::world::{
    log::encode,
    people,
    scene::{Device, Scene, room, stay, task},
};
use keyrack_model::{
    action::Sequence,
    cleanliness::Cleanliness,
    command::Command,
    ids::OperationId,
    policy::Role,
    refusal::{GateReason, Refusal},
    room::Occupancy,
    wire::{ErrorBody, ErrorCode, ServerFrame},
};
use keyrack_replica::{Input, SyncSession};

const RUI: usize = 0;
const MARIA: usize = 1;

fn seen(number: u128, value: Occupancy) -> Command {
    Command::SetOccupancySeen {
        room: room(number),
        value,
    }
}

fn logged(scene: &Scene) -> Vec<OperationId> {
    logged_after(scene, Sequence::default())
}

fn logged_after(scene: &Scene, place: Sequence) -> Vec<OperationId> {
    let entries = scene.log.entries.iter().skip(place.0 as usize);
    let actions = entries.filter_map(|entry| entry.action());
    actions.map(|action| action.operation).collect()
}

/// Both work on the same rooms, and the log then loses all of it.
fn all_of_a_morning_lost() -> (Scene, Sequence, Vec<OperationId>) {
    let mut scene = Scene::with(&[Role::FrontDesk, Role::Housekeeper]);
    let before = scene.log.head();
    let mut done = Vec::new();
    for (who, command) in [
        (RUI, Command::CheckOut { stay: stay(1) }),
        (MARIA, Command::StartTask { task: task(1) }),
        (MARIA, seen(2, Occupancy::Vacant)),
        (RUI, seen(2, Occupancy::Occupied)),
        (MARIA, Command::FinishTask { task: task(1) }),
    ] {
        done.push(scene.act(who, &command).unwrap());
        scene.settle();
    }
    for who in [RUI, MARIA] {
        scene.cut(who);
    }
    scene.log.restore(before);
    (scene, before, done)
}

#[test]
fn what_the_log_lost_is_sent_again_whoever_comes_first() {
    for order in [[RUI, MARIA], [MARIA, RUI]] {
        let (mut scene, before, done) = all_of_a_morning_lost();
        scene.log.recovers = true;
        let offline = scene.act(RUI, &seen(3, Occupancy::Vacant)).unwrap();
        for _ in 0..3 {
            for who in order {
                scene.connect(who);
                scene.pass_time();
            }
        }
        scene.settle();
        scene.check_agreement();
        let mut again = logged_after(&scene, before);
        again.sort();
        let mut expected = done.clone();
        expected.push(offline);
        expected.sort();
        assert_eq!(again, expected);
        assert_eq!(scene.devices[RUI].replica.refused().unwrap(), []);
        assert_eq!(scene.devices[MARIA].replica.refused().unwrap(), []);
    }
}

#[test]
fn what_was_accepted_and_lost_before_it_was_delivered_is_sent_again() {
    let mut scene = Scene::with(&[Role::FrontDesk, Role::Housekeeper]);
    let before = scene.log.head();
    // Its verdict comes, and no delivery before the connection breaks.
    let lost = scene.act(MARIA, &seen(1, Occupancy::Vacant)).unwrap();
    assert_eq!(scene.devices[MARIA].replica.waiting().unwrap(), 0);
    for who in [RUI, MARIA] {
        scene.cut(who);
    }
    scene.log.restore(before);
    scene.act(RUI, &seen(2, Occupancy::Vacant)).unwrap();
    scene.connect(RUI);
    scene.settle();
    scene.check_agreement();
    assert!(logged(&scene).contains(&lost));
}

/// A record has the same version in both logs, and another content.
#[test]
fn who_somebody_was_in_a_log_that_was_brought_back_is_forgotten_while_it_is_read_anew() {
    let mut scene = Scene::with(&[Role::FrontDesk, Role::Housekeeper]);
    let before = scene.log.head();
    scene.log.put_person(&people::person(2, Role::Engineer));
    scene.settle();
    // The desk is about to read all of the log once more.
    let refusal = ServerFrame::Refuse(ErrorBody {
        code: ErrorCode::MustRefetch,
        message: "There is more to read.".into(),
    });
    scene.feed(RUI, Input::Received(encode(&refusal)));
    assert_eq!(scene.devices[RUI].replica.cursor(), Sequence::default());
    for who in [RUI, MARIA] {
        scene.cut(who);
    }
    scene.log.restore(before);
    let maria = people::person(2, Role::Supervisor);
    scene.log.put_person(&maria);
    scene.settle();
    for device in &scene.devices {
        assert_eq!(device.replica.people().unwrap().last(), Some(&maria));
    }
}

#[test]
fn what_builds_on_something_that_never_comes_again_is_done_again_without_it() {
    let mut scene = Scene::with(&[Role::FrontDesk, Role::Housekeeper]);
    let before = scene.log.head();
    let lost = scene.act(MARIA, &seen(1, Occupancy::Vacant)).unwrap();
    scene.settle();
    let mark = Command::SetCleanliness {
        rooms: vec![room(1)],
        value: Cleanliness::Pickup,
    };
    let kept = scene.act(RUI, &mark).unwrap();
    scene.settle();
    for who in [RUI, MARIA] {
        scene.cut(who);
    }
    scene.log.restore(before);
    for _ in 0..3 {
        scene.connect(RUI);
        scene.pass_time();
    }
    assert_eq!(logged_after(&scene, before), [kept]);
    assert_eq!(scene.devices[RUI].replica.waiting().unwrap(), 0);
    assert_eq!(scene.devices[RUI].replica.refused().unwrap(), []);

    // Late, but Maria comes.
    scene.settle();
    scene.check_agreement();
    assert!(logged(&scene).contains(&lost));
}

#[test]
fn whatever_rests_on_something_that_never_comes_again_is_done_again() {
    let mut scene = Scene::with(&[Role::FrontDesk, Role::Housekeeper]);
    let before = scene.log.head();
    scene.act(MARIA, &seen(1, Occupancy::Vacant)).unwrap();
    scene.settle();
    for who in [RUI, MARIA] {
        scene.cut(who);
    }
    // The first writes where something was lost; the others rest on that without writing there.
    let done = [1, 2, 3].map(|number| {
        let mark = Command::SetCleanliness {
            rooms: vec![room(number)],
            value: Cleanliness::Pickup,
        };
        scene.act(RUI, &mark).unwrap()
    });
    scene.log.groundless.extend(&done[1..]);
    scene.log.restore(before);
    for _ in 0..3 {
        scene.connect(RUI);
        scene.pass_time();
    }
    assert_eq!(scene.devices[RUI].replica.refused().unwrap(), []);
    assert_eq!(scene.devices[RUI].replica.waiting().unwrap(), 0);
    let mut logged = logged_after(&scene, before);
    logged.sort_unstable();
    assert_eq!(logged, done);

    // Once more it is not for what was lost.
    let mark = Command::SetCleanliness {
        rooms: vec![room(2)],
        value: Cleanliness::Dirty,
    };
    scene.cut(RUI);
    let groundless = scene.act(RUI, &mark).unwrap();
    scene.log.groundless.insert(groundless);
    scene.connect(RUI);
    let refused = scene.devices[RUI].replica.refused().unwrap();
    assert_eq!(refused[0].operation, groundless);
}

#[test]
fn a_store_put_back_from_before_a_refusal_takes_what_the_log_has_of_its_own_work() {
    let mut scene = Scene::with(&[Role::FrontDesk, Role::Housekeeper]);
    let mut copy = people::replica(1, Role::FrontDesk);
    let now = scene.tick();
    copy.receive(&scene.log.after(Role::Server, Sequence::default()), now)
        .unwrap();
    scene.cut(RUI);
    let mark = |value| Command::SetCleanliness {
        rooms: vec![room(1), room(2)],
        value,
    };
    let morning = [seen(1, Occupancy::Vacant), mark(Cleanliness::Pickup)];
    let done = morning.clone().map(|command| {
        let operation = scene.act(RUI, &command).unwrap();
        copy.act(&command, operation, scene.tick()).unwrap();
        operation
    });
    // The copy is a moment older than the refusal, and what comes after is done on it.
    let later = scene.next_operation();
    copy.act(&mark(Cleanliness::Clean), later, scene.tick())
        .unwrap();
    let reason = GateReason::Signature;
    scene.log.refuses.insert(done[0], Refusal::Gate { reason });
    scene.connect(RUI);
    assert!(logged(&scene).contains(&done[1]), "it was done again");
    scene.devices[RUI] = Device {
        replica: copy,
        session: SyncSession::new(scene.tick(), 1),
        connected: false,
    };
    scene.settle();
    scene.check_agreement();
    assert!(logged(&scene).contains(&later));
    let refused = scene.devices[RUI].replica.refused().unwrap();
    assert_eq!(refused[0].operation, done[0]);
    assert_eq!(refused.len(), 1);
}

#[test]
fn what_the_log_lost_is_gone_from_a_long_lived_document_too() {
    let mut scene = Scene::with(&[Role::FrontDesk, Role::Housekeeper]);
    let before = scene.log.head();
    // Enough of it that the document is kept as a snapshot on the way.
    for number in 0..70 {
        let value = [Occupancy::Vacant, Occupancy::Occupied][number % 2];
        scene.act(MARIA, &seen(1, value)).unwrap();
        scene.connect(RUI);
    }
    scene.cut(MARIA);
    scene.cut(RUI);
    scene.log.restore(before);
    // Maria never comes back.
    scene.devices.remove(MARIA);
    scene.give_up_hope();
    let fresh = people::replica(9, Role::FrontDesk);
    let session = SyncSession::new(scene.tick(), 9);
    scene.devices.push(Device {
        replica: fresh,
        session,
        connected: false,
    });
    scene.settle();
    scene.check_agreement();
}
