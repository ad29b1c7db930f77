//! Bad networks: nothing is lost or done twice, no device is stuck when the network is well again,
//! and the server pays little for devices that take nothing.

use keyrack_model::{
    action::{Content, LogEntry},
    command::{Command, WorkOrderDraft},
    ids::{OperationId, WorkOrderId},
    ipc::{Connection, Problem},
    limits::{AHEAD_BYTES, DROP_MILLIS},
    room::ServiceStatus,
};
use keyrack_tests::{
    hotel::{INES, RUI},
    ledger::assert_logged_once,
    peer::{self, Peer},
    proxy::{Proxy, Way, Weather},
    server::Server,
    wait, wire,
    world::World,
};
use std::{collections::BTreeSet, time::Duration};
use uuid::Uuid;

/// A device behind a network, and what it has done.
struct Remote {
    device: Peer,
    proxy: Proxy,
    done: BTreeSet<OperationId>,
    turns: usize,
    clock_ahead: i64,
}

impl Remote {
    async fn of(server: &Server) -> Self {
        let proxy = Proxy::before(server.address()).await;
        let device = Peer::signed_in(proxy.address(), &RUI).await;
        Self {
            device,
            proxy,
            done: BTreeSet::new(),
            turns: 0,
            clock_ahead: 0,
        }
    }

    /// Does so much, and sends it as far as the network lets it.
    async fn work(&mut self, actions: usize) {
        let services: Vec<_> = self.device.services().into_iter().collect();
        for _ in 0..actions {
            let (room, before) = services[self.turns % services.len()];
            self.turns += 1;
            let value = match before {
                ServiceStatus::None => ServiceStatus::MakeUpRoom,
                _ => ServiceStatus::None,
            };
            let wish = Command::SetServiceStatus { room, value };
            self.done.insert(self.device.act(&wish).expect("a change"));
            self.device.exchange().await;
        }
    }

    /// So much time goes by for the device that it gives the connection up.
    async fn lose_patience(&mut self) {
        self.clock_ahead += DROP_MILLIS + 1;
        self.device.set_clock_ahead(self.clock_ahead);
    }

    /// Everything arrives when the network is well, once, and the device has all there is.
    async fn settle(mut self, server: &Server) {
        self.proxy.heal();
        self.lose_patience().await;
        self.device.sync().await;
        assert_eq!(
            self.device.replica().refused().expect("the store answers"),
            []
        );
        assert_logged_once(&self.device, &self.done).await;
        let mut near = Peer::signed_in(server.address(), &INES).await;
        near.sync().await;
        let digest = |peer: &Peer| peer::digest_of_rows(peer.replica());
        assert_eq!(digest(&self.device), digest(&near));
    }
}

#[tokio::test]
async fn a_network_that_is_slow_or_delivers_byte_by_byte_changes_nothing() {
    let world = World::new();
    let server = world.demo_server().await;
    let mut remote = Remote::of(&server).await;
    let slow = Way::Slow(Duration::from_millis(40));
    for (to_server, to_device) in [
        (Way::ByteByByte, Way::ByteByByte),
        (slow, Way::ByteByByte),
        (Way::ByteByByte, slow),
        (slow, slow),
    ] {
        remote.proxy.set(Weather {
            to_server,
            to_device,
            resets: false,
        });
        remote.device.sync().await;
        remote.work(10).await;
        remote.device.sync().await;
    }
    remote.settle(&server).await;
}

#[tokio::test]
async fn a_direction_that_swallows_everything_is_noticed_and_nothing_is_done_twice() {
    let world = World::new();
    let server = world.demo_server().await;
    let mut remote = Remote::of(&server).await;
    remote.device.sync().await;
    let to_server = Weather {
        to_server: Way::BlackHole,
        ..Weather::default()
    };
    let to_device = Weather {
        to_device: Way::BlackHole,
        ..Weather::default()
    };
    for weather in [to_device, to_server, to_device] {
        remote.work(10).await;
        remote.proxy.set(weather);
        remote.work(20).await;
        // It gives up the connection, and finds no other.
        remote.lose_patience().await;
        remote
            .device
            .talk_until("offline", |device| !device.is_online())
            .await;
        remote.work(5).await;
        remote.proxy.heal();
        remote.lose_patience().await;
        remote
            .device
            .talk_until("online again", Peer::is_online)
            .await;
    }
    remote.settle(&server).await;
}

#[tokio::test]
async fn connections_that_break_at_any_moment_lose_nothing() {
    let world = World::new();
    let server = world.demo_server().await;
    let mut remote = Remote::of(&server).await;
    remote.device.sync().await;
    let breaks = Weather {
        resets: true,
        ..Weather::default()
    };
    for round in 0..12 {
        remote.work(1 + 3 * round).await;
        remote.proxy.set(breaks);
        remote.work(3).await;
        remote.proxy.heal();
        remote.lose_patience().await;
        remote.device.exchange().await;
    }
    remote.settle(&server).await;
}

#[tokio::test]
async fn a_working_set_that_comes_slowly_and_is_cut_again_and_again_arrives_whole() {
    let world = World::new();
    let server = world.demo_server().await;
    let mut remote = Remote::of(&server).await;
    let piece = Duration::from_millis(20);
    let slow = Weather {
        to_device: Way::Slow(piece),
        ..Weather::default()
    };
    let breaks = Weather {
        resets: true,
        ..slow
    };
    for pieces in 1..=8 {
        remote.proxy.set(slow);
        remote.lose_patience().await;
        remote
            .device
            .talk_until("it asks for something", Peer::is_fetching)
            .await;
        tokio::time::sleep(piece * pieces).await;
        remote.proxy.set(breaks);
        remote
            .device
            .talk_until("nothing comes", |device| !device.is_fetching())
            .await;
        let Connection::Offline { reason, .. } = remote.device.sync_state().connection else {
            panic!("everything came through");
        };
        assert!(matches!(reason, Some(Problem::ServerUnreachable { .. })));
    }
    remote.proxy.set(slow);
    remote.lose_patience().await;
    remote.device.sync().await;
    remote.work(5).await;
    remote.settle(&server).await;
}

#[tokio::test]
async fn devices_that_read_nothing_cost_the_server_little_and_hold_up_nobody() {
    const DEVICES: usize = 100;
    const NOTES: usize = 100;
    /// Each note takes this much on its way at least: nobody can pack it.
    const NOTE: usize = 7_000;
    let world = World::new();
    let server = world.demo_server().await;
    let mut writer = Peer::signed_in(server.address(), &RUI).await;
    writer.sync().await;
    let proxy = Proxy::before(server.address()).await;
    for _ in 0..DEVICES {
        let mut follower = wire::follow(proxy.address(), writer.token()).await;
        tokio::spawn(async move { while follower.receive().await.is_some() {} });
    }

    // What the notes themselves take is measured on devices that read.
    let mut notes = Notes::default();
    let before = server.memory();
    notes.write(&mut writer, NOTES).await;
    let taken = server.memory().saturating_sub(before);
    proxy.set(Weather {
        to_device: Way::Stuck,
        ..Weather::default()
    });
    let before = server.memory();
    notes.write(&mut writer, NOTES).await;
    let grown = server.memory().saturating_sub(before);

    let more = grown.saturating_sub(taken);
    let held_for_each = DEVICES * NOTES * NOTE;
    assert!(more < held_for_each / 2, "by {} MB more", more >> 20);
}

#[tokio::test]
async fn a_device_whose_answers_get_lost_is_sent_so_much_and_no_more() {
    const NOTES: usize = 200;
    let world = World::new();
    let server = world.demo_server().await;
    let mut writer = Peer::signed_in(server.address(), &RUI).await;
    writer.sync().await;
    let proxy = Proxy::before(server.address()).await;
    let mut follower = wire::follow(proxy.address(), writer.token()).await;
    proxy.set(Weather {
        to_server: Way::BlackHole,
        ..Weather::default()
    });
    let following = tokio::spawn(async move {
        // The server hangs up on a device that it hears nothing of.
        while follower.receive().await.is_some() {}
        follower.taken_in()
    });

    let mut notes = Notes::default();
    notes.write(&mut writer, NOTES).await;
    let taken_in = wait::answered("the server hangs up", following).await;
    let taken_in = taken_in.expect("the follower ends well");
    assert!(taken_in >= AHEAD_BYTES, "only {taken_in} bytes");
    assert!(taken_in < 2 * AHEAD_BYTES, "{taken_in} bytes");

    // Nothing of it is lost by that.
    proxy.set(Weather::default());
    let log = wire::whole_log(proxy.address(), writer.token()).await;
    let is_note = |entry: &&LogEntry| match &entry.content {
        Content::Action { action, .. } => matches!(action.command, Command::CreateWorkOrder { .. }),
        Content::Record { .. } | Content::Hidden { .. } => false,
    };
    assert!(log.iter().filter(is_note).count() >= NOTES);
}

/// Long work orders whose text cannot be packed.
struct Notes(fastrand::Rng);

impl Default for Notes {
    fn default() -> Self {
        Self(fastrand::Rng::with_seed(7))
    }
}

impl Notes {
    async fn write(&mut self, writer: &mut Peer, notes: usize) {
        for number in 0..notes {
            let draft = WorkOrderDraft {
                title: format!("Note {number}"),
                description: (0..4_000).map(|_| self.0.char('一'..='龥')).collect(),
                ..WorkOrderDraft::default()
            };
            let work_order = WorkOrderId(Uuid::now_v7());
            let note = Command::CreateWorkOrder { work_order, draft };
            writer.act(&note).expect("a note");
            writer.exchange().await;
        }
        writer.sync().await;
    }
}
