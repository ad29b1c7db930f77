//! The phases of workload W, over all devices of this process.

use crate::{
    client::{Client, Order, PATIENCE, Status},
    durable::Durable,
    enrol::{Door, NewDevice, sign_in},
    memory::Memory,
};
use keyrack_model::{action::Sequence, ids::WorkOrderId};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::runtime::Runtime;
use uuid::Uuid;

pub struct Devices {
    runtime: Runtime,
    clients: Vec<Client>,
    file: PathBuf,
    work_orders: Arc<Vec<WorkOrderId>>,
    /// Devices that follow the log.
    attached: usize,
}

impl Devices {
    /// Signs the devices in and opens their sockets.
    pub fn begin(server: SocketAddr, count: usize, file: PathBuf, folder: Option<&Path>) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.expect("a runtime");
        let door = Door::of(server, count);
        let clients = (0..count).map(|number| {
            let device = NewDevice::drawn();
            let signed_in = sign_in(&door, number, &device);
            let signed_in = runtime.block_on(signed_in).expect("a sign-in");
            let token = signed_in.token.clone();
            match folder {
                None => Client::start(server, token, Box::new(Memory::new(&device, &signed_in))),
                Some(folder) => {
                    let store = folder.join(format!("{}.db", device.id));
                    let durable = Durable::new(&store, &device, signed_in);
                    Client::start(server, token, Box::new(durable))
                }
            }
        });
        let clients = clients.collect();
        let known = std::fs::read_to_string(&file).unwrap_or_default();
        let work_orders = known.lines().map(|id| id.parse().expect("an id"));
        Self {
            work_orders: Arc::new(work_orders.collect()),
            runtime,
            clients,
            file,
            attached: 0,
        }
    }

    /// The first device makes the work orders.
    pub fn seed(&mut self, count: usize) -> Result<Value, String> {
        let ids: Vec<_> = (0..count).map(|_| WorkOrderId(Uuid::now_v7())).collect();
        let lines: String = ids.iter().map(|id| format!("{id}\n")).collect();
        std::fs::write(&self.file, lines).map_err(|error| error.to_string())?;
        self.work_orders = Arc::new(ids.clone());
        let first = &self.clients[0];
        first.order(Order::Attach);
        let caught_up = first.until(|status| status.progress.is_caught_up());
        self.runtime.block_on(caught_up)?;
        let before = first.status().progress.cursor;
        first.order(Order::Create(ids));
        let made = Sequence(before.0 + count as u64);
        let all = |status: &Status| status.is_idle() && status.progress.cursor >= made;
        self.runtime.block_on(first.until(all))?;
        self.attached = 1;
        Ok(json!({}))
    }

    /// The others, or the only one, get everything.
    pub fn attach(&mut self) -> Result<Value, String> {
        let new = &self.clients[self.attached..];
        for client in new {
            client.order(Order::Attach);
        }
        for client in new {
            let caught_up = client.until(|status| status.progress.is_caught_up());
            self.runtime.block_on(caught_up)?;
        }
        let clients = new.len();
        self.attached = self.clients.len();
        Ok(json!({ "docs": self.work_orders.len(), "clients": clients }))
    }

    /// Every device makes its edits; done when each has all of them and every verdict is in.
    pub fn edit(&mut self, count: usize) -> Result<Value, String> {
        let begun = Instant::now();
        let before = self.clients[0].status().progress.cursor.0;
        let all = Sequence(before + (count * self.clients.len()) as u64);
        for (client, seed) in self.clients.iter().zip(1_000..) {
            let of = self.work_orders.clone();
            client.order(Order::Edit { of, count, seed });
        }
        loop {
            let statuses: Vec<_> = self.clients.iter().map(Client::status).collect();
            if let Some(failure) = statuses.iter().find_map(|status| status.failure.clone()) {
                return Err(failure);
            }
            let is_there = |status: &Status| status.is_idle() && status.progress.cursor >= all;
            if statuses.iter().all(is_there) {
                return Ok(json!({ "converged": begun.elapsed().as_secs_f64() }));
            }
            if begun.elapsed() > PATIENCE {
                return Err(format!("not converged: {statuses:?}"));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// One edit at a time, from the first device until the second has it.
    pub fn latency(&mut self, count: usize) -> Result<Value, String> {
        let [first, second, ..] = &self.clients[..] else {
            return Err("two devices are needed".to_owned());
        };
        let mut times = Vec::new();
        for number in 0..count {
            let begun = Instant::now();
            let next = first.status().progress.cursor.next();
            first.order(Order::Edit {
                of: self.work_orders.clone(),
                count: 1,
                seed: 77 + number as u64,
            });
            let has_it = second.until(|status| status.progress.cursor >= next);
            self.runtime.block_on(has_it)?;
            times.push(begun.elapsed().as_secs_f64() * 1_000.0);
            let settled = first.until(|status| status.is_idle() && status.progress.cursor >= next);
            self.runtime.block_on(settled)?;
            std::thread::sleep(Duration::from_millis(120));
        }
        times.sort_by(f64::total_cmp);
        let quantile = |share: f64| times[((share * times.len() as f64) as usize).min(count - 1)];
        Ok(json!({ "p50_ms": quantile(0.5), "p95_ms": quantile(0.95), "max_ms": quantile(1.0) }))
    }

    /// Whether all devices hold the same, document by document.
    pub fn same(&mut self) -> Result<Value, String> {
        let mut digests = Vec::new();
        for client in &self.clients {
            let (answer, digest) = tokio::sync::oneshot::channel();
            client.order(Order::Digest(self.work_orders.clone(), answer));
            let digest = self.runtime.block_on(digest);
            digests.push(digest.map_err(|_| "a device's thread ended".to_owned())?);
        }
        if digests.iter().all(|digest| *digest == digests[0]) {
            Ok(json!({ "digest": digests[0].to_string() }))
        } else {
            Err("the devices do not hold the same".to_owned())
        }
    }
}
