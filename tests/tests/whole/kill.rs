//! Power cuts under load: what was acknowledged is stored, and everything is stored once.

use keyrack_model::{
    command::Command as Wish,
    ids::{OperationId, RoomId},
    room::ServiceStatus,
};
use keyrack_replica::Replica;
use keyrack_tests::{
    enrolment,
    hotel::RUI,
    ledger::assert_logged_once,
    load::Load,
    peer::{self, Peer},
    proxy::{Proxy, Way, Weather},
    server::Server,
    store_file::{self, KEY},
    world::World,
};
use std::io::{BufRead, BufReader};
use std::{
    collections::BTreeSet,
    net::SocketAddr,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};
use uuid::Uuid;

/// Wishes that each change something: the guest of one room after the other wants service, and
/// then does not.
fn wishes(rooms: &[RoomId]) -> impl Iterator<Item = Wish> {
    [ServiceStatus::MakeUpRoom, ServiceStatus::None]
        .into_iter()
        .cycle()
        .flat_map(move |value| {
            rooms
                .iter()
                .map(move |room| Wish::SetServiceStatus { room: *room, value })
        })
}

/// Fails unless each of the operations is in the hotel's log, and nothing is there twice.
async fn assert_stored_once(server: &Server, operations: &BTreeSet<OperationId>) {
    let reader = Peer::signed_in(server.address(), &RUI).await;
    assert_logged_once(&reader, operations).await;
}

#[tokio::test]
async fn what_the_server_acknowledged_survives_its_kill_and_is_stored_once() {
    let world = World::new();
    let mut server = world.demo_server().await;
    let mut peer = Peer::signed_in(server.address(), &RUI).await;
    peer.sync().await;
    let rooms = peer.rooms();
    let mut wishes = wishes(&rooms);
    let mut done = BTreeSet::new();

    for round in 0..8 {
        // Some of it is acknowledged, some is on its way, some has not left.
        let mut work = async |peer: &mut Peer, actions: usize| {
            for wish in wishes.by_ref().take(actions) {
                done.insert(peer.act(&wish).expect("a wish that changes something"));
                peer.exchange().await;
            }
        };
        work(&mut peer, 20 + 7 * round).await;
        let before = peer.waiting().len();
        peer.talk_until("an acknowledgement", |peer| {
            before == 0 || peer.waiting().len() < before
        })
        .await;
        work(&mut peer, 12).await;
        server.kill().await;
        let acknowledged = &done - &peer.waiting();
        assert!(
            !acknowledged.is_empty(),
            "the server was killed before it did anything"
        );
        server.start_again().await;
        assert_stored_once(&server, &acknowledged).await;
    }

    peer.sync().await;
    assert_stored_once(&server, &done).await;
}

/// Many at once: rounds of several pushes are cut off, and deliveries to everybody.
#[tokio::test]
async fn a_hotel_at_work_loses_nothing_when_its_server_is_killed_over_and_over() {
    let world = World::new();
    let mut server = world.demo_server().await;
    let mut load = Load::on(&server, 12).await;
    let mut cut_off = 0;
    for _ in 0..4 {
        load.work(8).await;
        server.kill().await;
        let acknowledged = load.acknowledged();
        cut_off += load.waiting();
        load.work(4).await;
        server.start_again().await;
        assert_stored_once(&server, &acknowledged).await;
    }
    assert!(cut_off > 0, "nothing was on its way");
    load.settle().await;
}

#[tokio::test]
async fn what_a_device_reported_as_done_survives_its_kill_and_arrives_once() {
    let world = World::new();
    let server = world.demo_server().await;
    let store = world.folder().join("device.db");
    let mut reported = BTreeSet::new();
    let code = enrolment::code(server.address()).await;

    let mut rounds_that_sent = 0;
    for round in 0..12 {
        let waited = waiting(&store, server.address());
        let reports = 5 + 23 * round;
        let device = device(&store, server.address(), &code);
        reported.extend(work_until_killed(device, reports));
        assert_kept(&store, &reported);
        let waits = waiting(&store, server.address());
        rounds_that_sent += usize::from(!waited.is_subset(&waits));
    }
    assert!(
        rounds_that_sent > 3,
        "{rounds_that_sent} sent what the one before left"
    );

    let mut peer = Peer::at(&store, server.address());
    peer.sync().await;
    assert_stored_once(&server, &reported).await;

    // The device shows what a device that never crashed shows.
    let mut other = Peer::signed_in(server.address(), &RUI).await;
    other.sync().await;
    assert_eq!(peer.services(), other.services());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_killed_while_the_working_set_arrives_goes_on_where_it_was() {
    let world = World::new();
    let server = world.demo_server().await;
    let store = world.folder().join("device.db");
    let mut reported = BTreeSet::new();

    let network = Proxy::before(server.address()).await;
    network.set(Weather {
        to_device: Way::Slow(Duration::from_millis(50)),
        ..Weather::default()
    });
    let code = enrolment::code(server.address()).await;
    let mut killed_before_the_end = 0;
    for _ in 0..4 {
        let device = device(&store, network.address(), &code);
        reported.extend(work_until_killed(device, 1));
        assert_kept(&store, &reported);
        let is_incomplete =
            store_file::open(&store).and_then(|file| store_file::is_incomplete(&file));
        killed_before_the_end += usize::from(is_incomplete.expect("the store opens"));
    }
    assert!(killed_before_the_end > 0, "everything had come");

    let mut peer = Peer::at(&store, server.address());
    peer.sync().await;
    assert_stored_once(&server, &reported).await;
    let mut other = Peer::signed_in(server.address(), &RUI).await;
    other.sync().await;
    let digest = |peer: &Peer| peer::digest_of_rows(peer.replica());
    assert_eq!(digest(&peer), digest(&other));
}

/// Fails unless a device's store has each of the operations, and shows what its documents say.
fn assert_kept(store: &Path, operations: &BTreeSet<OperationId>) {
    let kept = store_file::open(store).and_then(|file| store_file::operations(&file));
    let kept = kept.expect("the store opens");
    let lost: Vec<_> = operations.difference(&kept).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    let replica = Replica::open(store, &KEY, peer::new_device(), Box::new(Uuid::now_v7));
    let mut replica = replica.expect("the store opens");
    let shown = peer::digest_of_rows(&replica);
    replica.rebuild().expect("the store works");
    assert_eq!(peer::digest_of_rows(&replica), shown);
}

/// What waits on a device that does not run.
fn waiting(store: &Path, server: SocketAddr) -> BTreeSet<OperationId> {
    if store.exists() {
        Peer::at(store, server).waiting()
    } else {
        BTreeSet::new()
    }
}

/// A device that works in a process of its own. Its first sign-in brings the code.
pub(crate) fn device(store: &Path, server: SocketAddr, code: &str) -> Command {
    let mut device = Command::new(env!("CARGO_BIN_EXE_device"));
    device.arg(store).arg(server.to_string()).arg(code);
    device
}

/// Lets a device work, and kills it after `reports` reports. Returns all that it reported.
pub(crate) fn work_until_killed(mut device: Command, reports: usize) -> Vec<OperationId> {
    let mut device = device
        .stdout(Stdio::piped())
        .spawn()
        .expect("the device starts");
    let stdout = device.stdout.take().expect("its output is a pipe");
    let mut lines = BufReader::new(stdout)
        .lines()
        .map(|line| line.expect("text"));
    let mut seen: Vec<String> = lines.by_ref().take(reports).collect();
    device.kill().expect("the device is killed");
    device.wait().expect("its end");
    // What it reported before it died counts too; the last line may be torn.
    seen.extend(lines);
    seen.iter().filter_map(|line| line.parse().ok()).collect()
}
