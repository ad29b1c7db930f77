//! Many devices that come back at once with what they did offline.
//!
//! One in a hundred holds the documents. The others hold their outbox and check what they are
//! told: each entry once, in order, the same as everybody else's.

mod visitor;

use crate::{
    device::{Device, now},
    enrol::{Door, NewDevice, sign_in},
    memory::{Memory, Shared},
    workload::{self, House},
};
use futures_util::{StreamExt, stream};
use keyrack_model::{action::Sequence, ids::WorkOrderId, wire::SignedIn};
use keyrack_tests::{fetch::fetch, wire};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    runtime::Runtime,
    sync::{Barrier, Semaphore},
    task::{JoinHandle, JoinSet},
    time::timeout,
};
use visitor::{Account, Ledger, Visitor};

/// Sign-ins at once; each hashes a password, and is not what is measured.
const SIGN_INS: usize = 4;
/// Of so many devices one holds the documents.
const WITNESSES: usize = 100;
/// Whoever is not done by then has failed.
const PATIENCE: Duration = Duration::from_secs(1_500);

struct Enrolled {
    device: NewDevice,
    signed_in: SignedIn,
}

struct Crowd {
    server: SocketAddr,
    runtime: Runtime,
    enrolled: Vec<Enrolled>,
    work_orders: Vec<WorkOrderId>,
    shared: Arc<Shared>,
    /// Devices with what they did offline.
    visitors: Vec<Visitor>,
    /// Devices that are connected, have said all, and listen.
    staying: Vec<JoinHandle<()>>,
}

/// Serves `meet`, `part`, `work` and `return` until `quit`.
pub fn listen(server: SocketAddr, count: usize, file: &Path) {
    let mut crowd = Crowd::enrol(server, count, file);
    crate::converse(|command, argument| match command {
        "meet" => crowd.meet(),
        "part" => Ok(crowd.part(argument("but"))),
        "work" => crowd.work(argument("k")),
        "return" => crowd.come_back(argument("k")),
        other => Err(format!("no such command: {other}")),
    });
}

impl Crowd {
    fn enrol(server: SocketAddr, count: usize, file: &Path) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let door = &Door::of(server, count);
        let enrolled: Vec<Enrolled> = runtime.block_on(async {
            let signing_in = (0..count).map(|number| async move {
                let device = NewDevice::drawn();
                let signed_in = sign_in(door, number, &device).await;
                Enrolled {
                    signed_in: signed_in.expect("a sign-in"),
                    device,
                }
            });
            stream::iter(signing_in)
                .buffer_unordered(SIGN_INS)
                .collect()
                .await
        });
        let known = std::fs::read_to_string(file).unwrap_or_default();
        let work_orders = known.lines().map(|id| id.parse().expect("an id"));
        let shared = runtime.block_on(get_everything(server, &enrolled[0]));
        Self {
            work_orders: work_orders.collect(),
            shared: Arc::new(shared.expect("everything that the server has")),
            server,
            runtime,
            enrolled,
            visitors: Vec::new(),
            staying: Vec::new(),
        }
    }

    /// All connect, have nothing to say, and stay.
    fn meet(&mut self) -> Result<Value, String> {
        let quiet = self.enrolled.iter().map(|enrolled| {
            let memory = Memory::twin(&self.shared, &enrolled.device, &enrolled.signed_in);
            let token = enrolled.signed_in.token.clone();
            Visitor::without_documents(memory, token, &self.shared)
        });
        let quiet: Vec<Visitor> = quiet.collect();
        let met = self.run(quiet, self.shared.cursor())?;
        Ok(json!({ "clients": met.len() }))
    }

    /// All but some hang up.
    fn part(&mut self, but: usize) -> Value {
        let gone = self.staying.split_off(but.min(self.staying.len()));
        self.runtime.block_on(async {
            for device in gone {
                device.abort();
                // Its socket is closed by then.
                device.await.ok();
            }
        });
        json!({})
    }

    /// Each makes its edits offline.
    fn work(&mut self, count: usize) -> Result<Value, String> {
        let begun = Instant::now();
        for (number, enrolled) in self.enrolled.iter().enumerate() {
            let mut memory = Memory::twin(&self.shared, &enrolled.device, &enrolled.signed_in);
            let mut random = fastrand::Rng::with_seed(5_000 + number as u64);
            let house = House {
                rooms: memory.rooms(),
                people: memory.people(),
            };
            for _ in 0..count {
                let id = self.work_orders[random.usize(..self.work_orders.len())];
                let now = memory.work_order(id).ok_or("a work order is not here")?;
                memory.act(&workload::edit(id, &now, &house, &mut random))?;
            }
            let token = enrolled.signed_in.token.clone();
            self.visitors.push(if number % WITNESSES == 0 {
                Visitor::with_documents(memory, token)
            } else {
                Visitor::without_documents(memory, token, &self.shared)
            });
        }
        Ok(json!({ "made": begun.elapsed().as_secs_f64() }))
    }

    /// All connect at once, send what they did, and get what everybody did.
    fn come_back(&mut self, count: usize) -> Result<Value, String> {
        let all = (count * self.visitors.len()) as u64;
        let head = Sequence(self.shared.cursor().0 + all);
        let visitors = std::mem::take(&mut self.visitors);
        let accounts = self.run(visitors, head)?;
        let Some(first) = accounts.first() else {
            return Err("nobody came".to_owned());
        };
        if accounts.iter().any(|account| account.told != first.told) {
            return Err("the devices were not told the same".to_owned());
        }
        let held = accounts.iter().filter_map(|account| account.held);
        let held: Vec<_> = held.collect();
        if held.iter().any(|digest| *digest != held[0]) {
            return Err("the devices do not hold the same".to_owned());
        }
        Ok(json!({ "entries": all, "witnesses": held.len() }))
    }

    /// Each connects and talks until it has no more to say and has the log up to `head`. Then it only
    /// listens, as the others do that are not there yet: one that does not answer is cut off.
    fn run(&mut self, visitors: Vec<Visitor>, head: Sequence) -> Result<Vec<Account>, String> {
        let ledger = Arc::new(Ledger::default());
        let start = Arc::new(Barrier::new(visitors.len()));
        // What a kernel holds back of connections that nobody has accepted yet is bounded.
        let doors = Arc::new(Semaphore::new(100));
        let server = self.server;
        let work_orders = &self.work_orders;
        let staying = &mut self.staying;
        let all = async {
            let mut talking = JoinSet::new();
            for mut visitor in visitors {
                let (ledger, start, doors) = (ledger.clone(), start.clone(), doors.clone());
                talking.spawn(async move {
                    start.wait().await;
                    visitor.connect(server, &doors).await?;
                    visitor.talk_until(head, &ledger).await?;
                    Ok::<_, String>(visitor)
                });
            }
            let mut accounts = Vec::new();
            while let Some(talked) = talking.join_next().await {
                let visitor = talked.map_err(|error| error.to_string())??;
                accounts.push(visitor.account(work_orders));
                staying.push(tokio::spawn(visitor.stay()));
            }
            Ok(accounts)
        };
        self.runtime.block_on(async {
            let all = timeout(PATIENCE, all).await;
            all.unwrap_or_else(|_| Err("not in time".to_owned()))
        })
    }
}

/// A device that has what the server has.
async fn get_everything(server: SocketAddr, enrolled: &Enrolled) -> Result<Shared, String> {
    let mut memory = Memory::new(&enrolled.device, &enrolled.signed_in);
    let socket = wire::connect(server, &enrolled.signed_in.token).await;
    let mut socket = socket.map_err(|error| error.to_string())?;
    let deadline = Instant::now() + PATIENCE;
    let mut frames = memory.hello()?;
    while let Some(wanted) = memory.wanted() {
        let fetched = fetch(server, &enrolled.signed_in.token, wanted).await;
        frames.extend(memory.fetched(wanted, fetched)?);
    }
    for frame in frames {
        socket.send(&frame).await;
    }
    while !memory.progress().is_caught_up() {
        if Instant::now() > deadline {
            return Err(format!("not in time, at {:?}", now()));
        }
        let frame = socket.receive().await.ok_or("the server hung up")?;
        memory.take_in(&frame)?;
    }
    Ok(memory.share())
}
