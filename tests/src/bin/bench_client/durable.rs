//! A device as it is in a hotel: its replica in an encrypted SQLite file, durable before anything
//! is sent.

use crate::{
    device::{Device, Frames, Progress, now},
    enrol,
};
use keyrack_model::{
    command::Command,
    ids::{DocumentRef, OperationId, RoomId, UserId, WorkOrderId},
    ipc::Connection,
    rows::Row,
    wire::SignedIn,
    work_order::WorkOrder,
};
use keyrack_replica::{
    Effect, Fetched, Input, Replica, StoreKey, SyncSession, UserSession, Wanted,
};
use std::{collections::VecDeque, path::Path};
use uuid::Uuid;

pub struct Durable {
    replica: Replica,
    sync: SyncSession,
    progress: Progress,
    wanted: VecDeque<Wanted>,
}

impl Durable {
    pub fn new(store: &Path, device: &enrol::NewDevice, signed_in: SignedIn) -> Self {
        let new = device.installed();
        let replica = Replica::open(store, &StoreKey([7; 32]), new, Box::new(Uuid::now_v7));
        let mut replica = replica.expect("the store opens");
        let session = UserSession {
            server: String::new(),
            hotel: signed_in.hotel,
            hotel_code: String::new(),
            hotel_name: signed_in.hotel_name,
            me: signed_in.person,
            token: signed_in.token,
            renewal: None,
            key: None,
            password_given: false,
        };
        replica.begin_session(session).expect("a session is kept");
        Self {
            replica,
            sync: SyncSession::new(now(), 7).that_fetches(),
            progress: Progress::default(),
            wanted: VecDeque::new(),
        }
    }

    fn handle(&mut self, input: Input) -> Result<Frames, String> {
        let effects = self.sync.handle(&mut self.replica, now(), input);
        let mut frames = Frames::new();
        for effect in effects.map_err(|error| error.to_string())? {
            match effect {
                Effect::Send(frame) => frames.push(frame),
                Effect::State(state) => {
                    if let Some(refused) = state.refused.first() {
                        return Err(format!("refused: {refused:?}"));
                    }
                    if state.connection == Connection::Online {
                        self.progress.greeted.get_or_insert(self.replica.cursor());
                    }
                    self.progress.waiting = state.waiting;
                }
                Effect::Close | Effect::SignedOut(_) => {
                    return Err("the connection ended".to_owned());
                }
                Effect::Fetch(wanted) => self.wanted.push_back(wanted),
                Effect::Connect
                | Effect::Rows(_)
                | Effect::AllRows
                | Effect::People
                | Effect::Guests(_) => {}
            }
        }
        self.progress.cursor = self.replica.cursor();
        Ok(frames)
    }
}

impl Device for Durable {
    fn hello(&mut self) -> Result<Frames, String> {
        self.handle(Input::Tick)?;
        self.handle(Input::Opened)
    }

    fn wanted(&mut self) -> Option<Wanted> {
        self.wanted.pop_front()
    }

    fn fetched(&mut self, wanted: Wanted, fetched: Fetched) -> Result<Frames, String> {
        self.handle(Input::Fetched(wanted, fetched))
    }

    fn take_in(&mut self, frame: &[u8]) -> Result<Frames, String> {
        self.handle(Input::Received(frame.to_vec()))
    }

    fn act(&mut self, command: &Command) -> Result<Frames, String> {
        let acted = self
            .replica
            .act(command, OperationId(Uuid::now_v7()), now());
        acted.map_err(|error| error.to_string())?;
        self.handle(Input::Acted)
    }

    fn tick(&mut self) -> Result<Frames, String> {
        self.handle(Input::Tick)
    }

    fn progress(&self) -> Progress {
        self.progress
    }

    fn work_order(&self, id: WorkOrderId) -> Option<WorkOrder> {
        let rows = self.replica.rows_of(&[id.into()]).expect("the store reads");
        rows.first()?
            .as_work_order()
            .map(|(_, order)| order.clone())
    }

    fn rooms(&self) -> Vec<RoomId> {
        let rows = self.replica.all_rows().expect("the store reads");
        let rooms = rows.iter().filter_map(Row::as_room);
        rooms.map(|(id, _)| id).collect()
    }

    fn people(&self) -> Vec<UserId> {
        let people = self.replica.people().expect("the store reads");
        people.iter().map(|person| person.id).collect()
    }

    fn digest(&self, work_orders: &[WorkOrderId]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        for id in work_orders {
            let rows = self.replica.rows_of(&[DocumentRef::from(*id)]);
            let rows = rows.expect("the store reads");
            hasher.update(&serde_json::to_vec(&rows).expect("rows are JSON"));
        }
        hasher.finalize()
    }
}
