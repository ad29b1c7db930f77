//! Keyrack under workload W: its server, Postgres, and devices in one process of their own.

use super::{
    clients::Clients,
    phase::{MEGABYTE, Phase, Run, SINGLE_EDITS, Size},
};
use crate::machine::{self, Wire};
use keyrack_model::limits::RECENT_MILLIS;
use keyrack_tests::{
    hotel::{self, INES, Somebody},
    postgres::Database,
    server::{Cli, Server},
    world::World,
};
use rustix::process::Pid;
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// Where the devices keep their replicas.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Replicas {
    InMemory,
    Durable,
}

impl Replicas {
    fn name(self) -> &'static str {
        match self {
            Self::InMemory => "Keyrack",
            Self::Durable => "Keyrack, SQLite",
        }
    }
}

/// Bookings that are imported for their rooms.
const BOOKINGS: usize = 40;

/// A server whose hotel has people and a few rooms.
pub struct House {
    pub server: Server,
    pub postgres: Pid,
}

impl House {
    pub async fn new(world: &World) -> Self {
        let database = Database::empty().await;
        let cli = Cli::new(&database);
        let hotel = ["--code", hotel::CODE, "--name", hotel::NAME];
        let date = ["--business-date", hotel::BUSINESS_DATE];
        cli.succeed(&[&["hotel", "create"], &hotel[..], &date].concat(), "")
            .await;
        for person in hotel::PEOPLE {
            // In W anybody writes any field of a work order.
            let role = INES.role;
            cli.add_person(hotel::CODE, &Somebody { role, ..person })
                .await;
        }
        let bookings = few_bookings(world.folder());
        let bookings = bookings.to_str().expect("a path in text");
        let import = ["import", "bookings", bookings, "--hotel", hotel::CODE];
        cli.succeed(&[&import[..], &date].concat(), "").await;
        let file: String = sqlx::query_scalar("select pg_read_file('postmaster.pid')")
            .fetch_one(&mut database.inspect().await)
            .await
            .expect("Postgres tells its number");
        let number = file.lines().next().and_then(|line| line.parse().ok());
        Self {
            server: Server::start(database, world.folder()).await,
            postgres: number.and_then(Pid::from_raw).expect("a number"),
        }
    }

    pub async fn database_bytes(&self) -> f64 {
        let size: i64 = sqlx::query_scalar("select pg_database_size(current_database())")
            .fetch_one(&mut self.server.database().inspect().await)
            .await
            .expect("Postgres tells the size");
        size as f64
    }

    /// One phase: what the clients are asked, and what it cost until all is quiet again.
    pub async fn phase(&self, name: &str, clients: &mut Clients, question: &Value) -> Phase {
        let before = self.costs(clients);
        let begun = Instant::now();
        let answer = clients.ask(question).await;
        let wall = begun.elapsed();
        self.settle().await;
        let after = self.costs(clients);
        let (memory, peak) = machine::memory(self.server.pid());
        let number = |name: &str| answer[name].as_f64().unwrap_or_default();
        Phase {
            phase: name.to_owned(),
            wall_s: wall.as_secs_f64(),
            server_cpu_s: after.server.saturating_sub(before.server).as_secs_f64(),
            client_cpu_s: after.clients.saturating_sub(before.clients).as_secs_f64(),
            postgres_cpu_s: after.postgres.saturating_sub(before.postgres).as_secs_f64(),
            received: after.wire.received as f64 - before.wire.received as f64,
            sent: after.wire.sent as f64 - before.wire.sent as f64,
            connections: after.wire.connections,
            memory_mb: memory as f64 / MEGABYTE,
            peak_mb: peak as f64 / MEGABYTE,
            p50_ms: number("p50_ms"),
            p95_ms: number("p95_ms"),
            disk_bytes: 0.0,
            error: answer["error"].as_str().map(str::to_owned),
            not_converged: None,
        }
    }

    fn costs(&self, clients: &Clients) -> Costs {
        Costs {
            server: machine::processor_time(self.server.pid()),
            postgres: machine::processor_time_of_tree(self.postgres),
            clients: machine::processor_time(clients.pid()),
            wire: machine::wire(self.server.address().port()),
        }
    }

    /// Bytes that the server holds once it has given back what it will: its memory is looked at until
    /// it has not fallen any more for longer than anything is kept in case that somebody asks.
    pub async fn memory_at_rest(&self) -> u64 {
        let memory = || machine::memory(self.server.pid()).0;
        self.settle().await;
        let (mut least, mut since) = (memory(), Instant::now());
        for _ in 0..MOST_LOOKS {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let now = memory();
            if now < least - least / 100 {
                (least, since) = (now, Instant::now());
            }
            if since.elapsed() > REST {
                break;
            }
        }
        memory()
    }

    /// Waits until trailing acknowledgements are over, so that they are counted.
    async fn settle(&self) {
        let look = || {
            let wire = machine::wire(self.server.address().port());
            (wire, machine::processor_time(self.server.pid()))
        };
        let (mut last, mut still) = (look(), 0);
        for _ in 0..MOST_LOOKS {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let now = look();
            let is_quiet = says_little(last.0, now.0) && now.1 - last.1 < Duration::from_millis(30);
            still = if is_quiet { still + 1 } else { 0 };
            if still == 3 {
                return;
            }
            last = now;
        }
    }
}

const MOST_LOOKS: usize = 400;
/// What was told last is kept for less.
const REST: Duration = Duration::from_millis(RECENT_MILLIS + 5_000);

#[derive(Clone, Copy)]
struct Costs {
    server: Duration,
    postgres: Duration,
    clients: Duration,
    wire: Wire,
}

/// Whether nothing went over the wire in between but signs of life, which a crowd always has some of.
fn says_little(before: Wire, after: Wire) -> bool {
    const SIGN_OF_LIFE: u64 = 16;
    let few = after.connections as u64 * SIGN_OF_LIFE / 10;
    after.sent.abs_diff(before.sent) <= few && after.received.abs_diff(before.received) <= few
}

/// All phases; the server and the database are new.
pub async fn run(world: &World, size: Size, replicas: Replicas) -> Run {
    eprintln!("Keyrack, {replicas:?}: {size:?}");
    let mut house = House::new(world).await;
    let scratch = tempfile::tempdir_in("/var/tmp").expect("a folder on a disk");
    let file = scratch.path().join("work-orders");
    let folder = scratch.path().to_str().expect("a path in text");
    let more = match replicas {
        Replicas::InMemory => &[][..],
        Replicas::Durable => &[folder][..],
    };
    let mut phases = Vec::new();

    let mut clients = Clients::start(&house.server, size.clients, &file, more).await;
    let seed = json!({ "cmd": "seed", "n": size.documents });
    let edit = json!({ "cmd": "edit", "k": size.edits });
    let latency = json!({ "cmd": "latency", "n": SINGLE_EDITS });
    let attach = json!({ "cmd": "attach" });
    for (name, question) in [
        ("seed", &seed),
        ("attach", &attach),
        ("edit", &edit),
        ("latency", &latency),
    ] {
        let phase = house.phase(name, &mut clients, question).await;
        let has_failed = phase.error.is_some();
        phases.push(phase);
        if has_failed {
            return Run {
                server: replicas.name().to_owned(),
                phases,
            };
        }
    }
    let same = clients.ask(&json!({ "cmd": "same" })).await;
    let mut cold = Clients::start(&house.server, 1, &file, more).await;
    phases.push(house.phase("cold-hot-server", &mut cold, &attach).await);
    phases.push(held(&same, &cold.ask(&json!({ "cmd": "same" })).await));
    cold.quit().await;
    clients.quit().await;
    phases.push(Phase {
        phase: "disk".to_owned(),
        disk_bytes: house.database_bytes().await,
        ..Phase::default()
    });
    house.server.stop().await;
    house.server.start_again().await;
    let mut cold = Clients::start(&house.server, 1, &file, more).await;
    phases.push(
        house
            .phase("cold-restarted-server", &mut cold, &attach)
            .await,
    );
    phases.push(held(&same, &cold.ask(&json!({ "cmd": "same" })).await));
    cold.quit().await;
    Run {
        server: replicas.name().to_owned(),
        phases,
    }
}

/// Whether a new device holds what the others hold.
fn held(by_all: &Value, by_new: &Value) -> Phase {
    let told = |value: &Value| value["error"].as_str().map(str::to_owned);
    let differ =
        || (by_all["digest"] != by_new["digest"]).then(|| "a new device differs".to_owned());
    Phase {
        phase: "same".to_owned(),
        error: told(by_all).or_else(|| told(by_new)).or_else(differ),
        ..Phase::default()
    }
}

/// The head of the demo's bookings.
fn few_bookings(folder: &Path) -> PathBuf {
    let all = std::fs::read_to_string(hotel::bookings()).expect("the demo's bookings");
    let few: String = all.split_inclusive('\n').take(BOOKINGS + 1).collect();
    let file = folder.join("few-bookings.csv");
    std::fs::write(&file, few).expect("the folder can be written");
    file
}
