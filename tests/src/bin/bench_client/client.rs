//! One device on a thread of its own, with its socket: it takes orders, and tells how far it is.

use crate::{
    device::{Device, Frames, Progress},
    workload::{self, House},
};
use keyrack_model::ids::WorkOrderId;
use keyrack_tests::{
    fetch::fetch,
    wire::{self, Socket},
};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Instant, MissedTickBehavior, interval, timeout_at},
};

/// Whoever is not done by then has failed.
pub const PATIENCE: Duration = Duration::from_secs(540);

pub enum Order {
    /// Say hello, and follow from there on.
    Attach,
    /// Make these work orders.
    Create(Vec<WorkOrderId>),
    /// Make so many edits of random ones of these, as the seed says.
    Edit {
        of: Arc<Vec<WorkOrderId>>,
        count: usize,
        seed: u64,
    },
    /// Say what these look like here.
    Digest(Arc<Vec<WorkOrderId>>, oneshot::Sender<blake3::Hash>),
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Status {
    pub progress: Progress,
    /// What it was ordered and has not done yet.
    pub to_do: usize,
    pub failure: Option<String>,
}

impl Status {
    /// Everything ordered is done and has its verdict.
    pub fn is_idle(&self) -> bool {
        self.to_do == 0 && self.progress.waiting == 0
    }
}

/// The handle to a device's thread, which ends with the process.
pub struct Client {
    orders: mpsc::UnboundedSender<Order>,
    status: watch::Receiver<Status>,
}

impl Client {
    /// Returns when the socket is open.
    pub fn start(server: SocketAddr, token: String, device: Box<dyn Device>) -> Self {
        let (orders, taken) = mpsc::unbounded_channel();
        let (told, status) = watch::channel(Status::default());
        let (opened, open) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.expect("a runtime").block_on(async {
                let socket = wire::connect(server, &token).await;
                let socket = socket.expect("the server opens a socket");
                opened.send(()).expect("somebody waits");
                let driven = Driven {
                    device,
                    server,
                    token,
                    socket,
                    told,
                    doing: Vec::new(),
                    house: None,
                };
                driven.run(taken).await;
            });
        });
        open.recv().expect("the socket opens");
        Self { orders, status }
    }

    /// Of no effect on a device that has failed; its status says so.
    pub fn order(&self, order: Order) {
        let _ = self.orders.send(order);
    }

    pub fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// Waits until something is so.
    pub async fn until(&self, is_so: impl Fn(&Status) -> bool) -> Result<(), String> {
        let mut status = self.status.clone();
        let done = status.wait_for(|status| status.failure.is_some() || is_so(status));
        let status = timeout_at(Instant::now() + PATIENCE, done).await;
        let status = status.map_err(|_| "not in time".to_owned())?;
        match &*status.map_err(|_| "the device's thread ended".to_owned())? {
            Status {
                failure: Some(failure),
                ..
            } => Err(failure.clone()),
            _ => Ok(()),
        }
    }
}

/// Something to do, one action after another.
enum Doing {
    Creating(Vec<WorkOrderId>, fastrand::Rng),
    Editing {
        of: Arc<Vec<WorkOrderId>>,
        left: usize,
        random: fastrand::Rng,
    },
}

struct Driven {
    device: Box<dyn Device>,
    server: SocketAddr,
    token: String,
    socket: Socket,
    told: watch::Sender<Status>,
    doing: Vec<Doing>,
    house: Option<House>,
}

impl Driven {
    async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        let mut ticks = interval(Duration::from_millis(200));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            let done = tokio::select! {
                frame = self.socket.receive() => match frame {
                    Some(frame) => self.device.take_in(&frame),
                    None => Err("the server closed the connection".to_owned()),
                },
                order = orders.recv() => match order {
                    Some(order) => self.begin(order),
                    None => return,
                },
                () = tokio::task::yield_now(), if !self.doing.is_empty() => self.go_on(),
                _ = ticks.tick() => self.device.tick(),
            };
            let sent = match done {
                Ok(frames) => self.follow_up(frames).await,
                Err(failure) => Err(failure),
            };
            let failed = sent.is_err();
            let status = Status {
                progress: self.device.progress(),
                to_do: self.doing.iter().map(Doing::left).sum(),
                failure: sent.err(),
            };
            self.told.send_if_modified(|told| {
                let is_news = *told != status;
                *told = status;
                is_news
            });
            if failed {
                return;
            }
        }
    }

    /// Sends what is due, and gets what the device asks for.
    async fn follow_up(&mut self, frames: Frames) -> Result<(), String> {
        self.send(frames).await?;
        while let Some(wanted) = self.device.wanted() {
            let fetched = fetch(self.server, &self.token, wanted).await;
            let frames = self.device.fetched(wanted, fetched)?;
            self.send(frames).await?;
        }
        Ok(())
    }

    async fn send(&mut self, frames: Frames) -> Result<(), String> {
        for frame in frames {
            if !self.socket.send(&frame).await {
                return Err("the server closed the connection".to_owned());
            }
        }
        Ok(())
    }

    fn begin(&mut self, order: Order) -> Result<Frames, String> {
        match order {
            Order::Attach => return self.device.hello(),
            Order::Create(ids) => self
                .doing
                .push(Doing::Creating(ids, fastrand::Rng::with_seed(1))),
            Order::Edit { of, count, seed } => self.doing.push(Doing::Editing {
                of,
                left: count,
                random: fastrand::Rng::with_seed(seed),
            }),
            Order::Digest(of, answer) => {
                // Whoever asked waits.
                let _ = answer.send(self.device.digest(&of));
            }
        }
        Ok(Frames::new())
    }

    fn go_on(&mut self) -> Result<Frames, String> {
        let house = self.house.get_or_insert_with(|| House {
            rooms: self.device.rooms(),
            people: self.device.people(),
        });
        let command = match self.doing.first_mut() {
            Some(Doing::Creating(ids, random)) => ids
                .pop()
                .map(|work_order| workload::creation(work_order, house, random)),
            Some(Doing::Editing { of, left, random }) if *left > 0 => {
                *left -= 1;
                let work_order = of[random.usize(..of.len())];
                let now = self.device.work_order(work_order);
                let now = now.ok_or_else(|| format!("{work_order} is not here"))?;
                Some(workload::edit(work_order, &now, house, random))
            }
            Some(Doing::Editing { .. }) | None => None,
        };
        match command {
            Some(command) => {
                let frames = self.device.act(&command);
                self.doing.retain(|doing| doing.left() > 0);
                frames
            }
            None => {
                self.doing.retain(|doing| doing.left() > 0);
                Ok(Frames::new())
            }
        }
    }
}

impl Doing {
    fn left(&self) -> usize {
        match self {
            Self::Creating(ids, _) => ids.len(),
            Self::Editing { left, .. } => *left,
        }
    }
}
