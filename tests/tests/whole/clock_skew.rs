//! Clocks that are wrong: nobody loses anything, and what is done last stands.

use crate::kill::{device, work_until_killed};
use keyrack_model::{command::Command, ids::RoomId, room::ServiceStatus};
use keyrack_tests::{
    enrolment, faulty_disk,
    hotel::{INES, MARIA, RUI},
    ledger::assert_logged_once,
    peer::Peer,
    world::World,
};
use std::collections::BTreeSet;

const YEAR: i64 = 365 * 24 * 60 * 60 * 1_000;

fn wish(room: RoomId, value: ServiceStatus) -> Command {
    Command::SetServiceStatus { room, value }
}

#[tokio::test]
async fn what_is_done_last_stands_whatever_the_clocks_say() {
    let world = World::new();
    let server = world.demo_server().await;
    let mut devices = Vec::new();
    for (who, ahead) in [(&RUI, YEAR), (&MARIA, -YEAR), (&INES, 0)] {
        let mut device = Peer::signed_in(server.address(), who).await;
        device.set_clock_ahead(ahead);
        device.sync().await;
        devices.push(device);
    }
    let rooms = devices[0].rooms();
    let mut done = BTreeSet::new();

    // In each room, each device has the last word once.
    let values = [
        ServiceStatus::MakeUpRoom,
        ServiceStatus::DoNotDisturb,
        ServiceStatus::None,
    ];
    for turn in 0..9 {
        let (number, room) = (turn % 3, rooms[turn / 3]);
        for step in 0..3 {
            let device = &mut devices[(number + step) % 3];
            device.sync().await;
            let operation = device.act(&wish(room, values[(turn + step) % 3]));
            done.extend(operation.ok());
            device.sync().await;
        }
        let last = values[(turn + 2) % 3];
        for device in &mut devices {
            device.sync().await;
            assert_eq!(device.services()[&room], last, "turn {turn}");
        }
    }
    for device in &devices {
        assert_eq!(device.replica().refused().unwrap(), []);
    }
    assert!(done.len() > 15);
    assert_logged_once(&devices[0], &done).await;
}

#[tokio::test]
async fn a_device_whose_clock_is_a_year_wrong_signs_in_and_works() {
    let world = World::new();
    let server = world.demo_server().await;
    let mut done = BTreeSet::new();
    let mut devices = Vec::new();
    for (who, ahead) in [(&RUI, YEAR), (&MARIA, -YEAR)] {
        let mut device = Peer::in_memory(server.address());
        device.set_clock_ahead(ahead);
        device.sign_in(who).await;
        device.sync().await;
        let room = device.rooms()[devices.len()];
        done.insert(device.act(&wish(room, ServiceStatus::MakeUpRoom)).unwrap());
        device.sync().await;
        assert_eq!(device.replica().refused().unwrap(), []);
        devices.push(device);
    }
    assert_logged_once(&devices[0], &done).await;
}

#[tokio::test]
async fn a_clock_that_is_set_while_the_device_runs_stops_nothing() {
    let world = World::new();
    let mut server = world.demo_server().await;
    let mut device = Peer::signed_in(server.address(), &RUI).await;
    device.sync().await;
    let rooms = device.rooms();
    let mut done = BTreeSet::new();

    for (turn, ahead) in [YEAR, 0, -YEAR, YEAR, -1_000].into_iter().enumerate() {
        // Set while it is connected, and again while it waits to try once more.
        device.set_clock_ahead(ahead);
        done.insert(
            device
                .act(&wish(rooms[turn], ServiceStatus::MakeUpRoom))
                .unwrap(),
        );
        device.exchange().await;
        server.kill().await;
        device.exchange().await;
        device.set_clock_ahead(-ahead);
        done.insert(
            device
                .act(&wish(rooms[turn], ServiceStatus::DoNotDisturb))
                .unwrap(),
        );
        device.exchange().await;
        server.start_again().await;
        device.sync().await;
    }

    assert_eq!(device.replica().refused().unwrap(), []);
    assert_logged_once(&device, &done).await;
    let mut other = Peer::signed_in(server.address(), &MARIA).await;
    other.sync().await;
    assert_eq!(device.services(), other.services());
}

/// The clocks of the machines themselves: of the server, and of devices whose processes are killed and
/// start again by another time.
#[tokio::test(flavor = "multi_thread")]
async fn machines_whose_clocks_are_wrong_and_are_set_right_lose_nothing() {
    const TWENTY_MINUTES: i64 = 20 * 60;
    let world = World::new();
    let mut server = world.demo_server().await;
    server.set_clock_ahead(-TWENTY_MINUTES);
    server.kill().await;
    server.start_again().await;
    let mut done = BTreeSet::new();
    let mut stores = Vec::new();
    for (name, ahead) in [("ahead.db", YEAR / 1_000), ("behind.db", -YEAR / 1_000)] {
        let store = world.folder().join(name);
        let code = enrolment::code(server.address()).await;
        let mut device = device(&store, server.address(), &code);
        faulty_disk::clock_ahead(&mut device, ahead);
        done.extend(work_until_killed(device, 20));
        stores.push(store);
    }
    assert!(done.len() >= 40);

    server.set_clock_ahead(TWENTY_MINUTES);
    server.kill().await;
    server.start_again().await;
    let mut devices = Vec::new();
    for store in &stores {
        let mut device = Peer::at(store, server.address());
        device.sync().await;
        assert_eq!(device.replica().refused().unwrap(), []);
        devices.push(device);
    }
    devices[0].sync().await;
    assert_eq!(devices[0].services(), devices[1].services());
    assert_logged_once(&devices[0], &done).await;
}
