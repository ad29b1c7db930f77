//! The database dies under load: clients wait, readiness says so, and everything is stored once
//! when it is back.

use keyrack_model::{command::Command, ids::OperationId, room::ServiceStatus};
use keyrack_tests::{
    hotel::{INES, MARIA, RUI},
    http,
    ledger::assert_logged_once,
    own_postgres::OwnPostgres,
    peer::Peer,
    postgres::Database,
    server::Server,
    world::World,
};
use std::collections::BTreeSet;

/// Devices that work at once, and what they have done.
struct Load {
    devices: Vec<Peer>,
    done: BTreeSet<OperationId>,
    turns: usize,
}

impl Load {
    async fn on(server: &Server) -> Self {
        let mut devices = Vec::new();
        for who in [&RUI, &MARIA, &INES] {
            let mut device = Peer::signed_in(server.address(), who).await;
            device.sync().await;
            devices.push(device);
        }
        Self {
            devices,
            done: BTreeSet::new(),
            turns: 0,
        }
    }

    /// Every device does so much; what is sent is not waited for.
    async fn work(&mut self, actions: usize) {
        for _ in 0..actions {
            self.turns += 1;
            for (number, device) in self.devices.iter_mut().enumerate() {
                let services: Vec<_> = device.services().into_iter().collect();
                let (room, now) = services[(self.turns * 5 + number * 61) % services.len()];
                let value = match now {
                    ServiceStatus::None => ServiceStatus::MakeUpRoom,
                    _ => ServiceStatus::None,
                };
                let wish = Command::SetServiceStatus { room, value };
                self.done.insert(device.act(&wish).expect("a change"));
                device.exchange().await;
            }
        }
    }

    /// Every device gets its verdicts, everything is stored once, and all show the same.
    async fn settle(&mut self) {
        for _ in 0..2 {
            for device in &mut self.devices {
                device.sync().await;
            }
        }
        for device in &self.devices {
            assert_eq!(device.replica().refused().expect("the store answers"), []);
            assert_eq!(device.services(), self.devices[0].services());
        }
        assert_logged_once(&self.devices[0], &self.done).await;
    }
}

#[tokio::test]
async fn a_database_that_is_killed_loses_nothing_and_the_server_recovers_with_it() {
    let world = World::new();
    let mut postgres = OwnPostgres::start().await;
    let database = Database::with_demo_on(postgres.options()).await;
    let server = Server::start(database, world.folder()).await;
    let mut load = Load::on(&server).await;

    for _ in 0..2 {
        load.work(8).await;
        // All connections end with one of them, and the database recovers by itself.
        postgres.kill_a_backend_of("keyrack_app").await;
        load.work(8).await;
        server.until_ready_is(200).await;

        load.work(8).await;
        postgres.kill();
        load.work(8).await;
        server.until_ready_is(503).await;
        let live = http::get(server.address(), "/health/live").await.unwrap();
        assert_eq!(live.status, 200, "a server without a database lives");
        postgres.start_again().await;
        server.until_ready_is(200).await;
    }
    load.settle().await;
}
