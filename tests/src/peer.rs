//! A device without a window: the replica and its sync session over a real socket. As the app does, it
//! begins with the working set and asks for what it lacks.

use crate::{
    enrolment, fetch,
    hotel::{self, Somebody},
    http, sign_in,
    store_file::KEY,
    wait::{self, PATIENTLY},
    wire::{self, Socket},
};
use keyrack_model::{
    action::{LogEntry, Sequence},
    administration::Administration,
    command::Command,
    ids::{DeviceId, DocumentRef, OperationId, RoomId, WorkOrderId},
    ipc::{Answer, Connection, Problem, Question, SyncState},
    limits,
    room::ServiceStatus,
    rows::Row,
    time::Timestamp,
    wire::{ErrorBody, SignIn, SignedIn},
};
use keyrack_replica::{
    ActError, Effect, Fetched, Input, NewDevice, Replica, StoreError, SyncSession, UserKey,
    UserSession, Wanted,
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    net::SocketAddr,
    path::Path,
    time::Duration,
};
use tokio::{task::JoinSet, time::Instant};
use uuid::Uuid;

/// How long it waits for a server that does not answer.
const CONNECTING: Duration = Duration::from_secs(2);

/// Seeds the spread of its reconnections.
const JITTER: u64 = 7;

/// Somebody's device. It does nothing between the calls of a test.
pub struct Peer {
    server: SocketAddr,
    replica: Replica,
    sync: SyncSession,
    socket: Option<Socket>,
    fetches: JoinSet<(Wanted, Fetched)>,
    inputs: VecDeque<Input>,
    clock_ahead: i64,
}

impl Peer {
    /// One whose data ends with the test.
    pub fn in_memory(server: SocketAddr) -> Self {
        let replica = Replica::open_in_memory(new_device(), Box::new(Uuid::now_v7));
        Self::over(replica.expect("a store in memory"), server)
    }

    /// One that keeps its data in a file; opened again, it is the same device.
    pub fn at(store: &Path, server: SocketAddr) -> Self {
        let replica = Replica::open(store, &KEY, new_device(), Box::new(Uuid::now_v7));
        Self::over(replica.expect("the store opens"), server)
    }

    fn over(replica: Replica, server: SocketAddr) -> Self {
        Self {
            server,
            replica,
            sync: SyncSession::new(now(), JITTER).that_fetches(),
            socket: None,
            fetches: JoinSet::new(),
            inputs: VecDeque::new(),
            clock_ahead: 0,
        }
    }

    /// The same device as no app has it: it reads the hotel's whole log, and asks for nothing beside
    /// it.
    pub fn that_reads_the_log(mut self) -> Self {
        self.sync = SyncSession::new(now(), JITTER);
        self
    }

    /// Somebody wants to see a document with all of its story.
    pub fn open(&mut self, document: DocumentRef) {
        self.inputs.push_back(Input::Open(document));
    }

    /// Sets this device's clock to so many milliseconds before the true time; behind it when
    /// negative.
    pub fn set_clock_ahead(&mut self, millis: i64) {
        self.clock_ahead = millis;
    }

    fn now(&self) -> Timestamp {
        Timestamp(now().0 + self.clock_ahead)
    }

    /// A device at which somebody of the demo hotel has just signed in.
    pub async fn signed_in(server: SocketAddr, who: &Somebody) -> Self {
        let mut peer = Self::in_memory(server);
        peer.sign_in(who).await;
        peer
    }

    pub fn replica(&self) -> &Replica {
        &self.replica
    }

    /// A sign-in to the demo hotel on this device, without a code and a proof.
    pub fn asked(&self, who: &Somebody) -> SignIn {
        sign_in::asked(who, self.replica.device())
    }

    /// The body of a sign-in as this device signs it. The password and the code may be others
    /// afterwards.
    pub fn body(&self, asked: SignIn) -> serde_json::Value {
        sign_in::body(asked, self.replica.device(), self.now())
    }

    /// Signs somebody in, with a code of the server's operator where nobody has signed in before.
    pub async fn sign_in(&mut self, who: &Somebody) {
        let last = self.replica.last_sign_in().expect("the store answers");
        let code = match last {
            Some(_) => None,
            None => Some(enrolment::code(self.server).await),
        };
        self.sign_in_with(who, code).await;
    }

    pub async fn sign_in_with(&mut self, who: &Somebody, code: Option<String>) {
        let mut secret = [0; 32];
        secret[..16].copy_from_slice(Uuid::new_v4().as_bytes());
        let key = UserKey::of(secret);
        let asked = SignIn {
            code,
            person_key: Some(key.public_key()),
            ..self.asked(who)
        };
        let answer = sign_in::answer(self.server, asked, self.replica.device(), self.now());
        let answer = answer.await.expect("the server answers");
        assert_eq!(answer.status, 200, "{} signs in: {answer:?}", who.name);
        let signed_in: SignedIn = serde_json::from_value(answer.json()).expect("a session");
        let session = UserSession {
            server: format!("http://{}", self.server),
            hotel: signed_in.hotel,
            hotel_code: hotel::CODE.to_owned(),
            hotel_name: signed_in.hotel_name,
            me: signed_in.person,
            token: signed_in.token,
            renewal: None,
            key: Some(key),
            password_given: false,
        };
        self.replica
            .begin_session(session)
            .expect("a session is kept");
        if let Some(key) = signed_in.audit_key {
            let kept = self.replica.note_audit_key(&key);
            kept.expect("a key is kept");
        }
        self.inputs.push_back(Input::SessionChanged);
    }

    /// Does something as the signed-in person; it is durable on this device when this returns.
    pub fn act(&mut self, command: &Command) -> Result<OperationId, ActError> {
        let operation = OperationId(Uuid::now_v7());
        self.replica.act(command, operation, self.now())?;
        self.inputs.push_back(Input::Acted);
        Ok(operation)
    }

    /// Whether it talks to the server.
    pub fn is_online(&self) -> bool {
        !matches!(self.sync_state().connection, Connection::Offline { .. })
    }

    /// Whether something that it asked for beside the log is on its way.
    pub fn is_fetching(&self) -> bool {
        !self.fetches.is_empty()
    }

    /// What a person is shown of the sync.
    pub fn sync_state(&self) -> SyncState {
        let state = self.sync.state(&self.replica);
        state.expect("the store answers")
    }

    /// The actions that wait for the server's verdict.
    pub fn waiting(&self) -> BTreeSet<OperationId> {
        match self
            .replica
            .answer(&Question::Waiting)
            .expect("the store answers")
        {
            Answer::Waiting(actions) => actions.iter().map(|action| action.operation).collect(),
            Answer::History(_) | Answer::NotWhole(_) | Answer::Heard(_) => {
                unreachable!("a question of its own")
            }
        }
    }

    /// The hotel's rooms.
    pub fn rooms(&self) -> Vec<RoomId> {
        self.services().into_keys().collect()
    }

    /// The hotel's work orders, the oldest first.
    pub fn work_orders(&self) -> BTreeSet<WorkOrderId> {
        let rows = self.replica.all_rows().expect("the store answers");
        let orders = rows.iter().filter_map(Row::as_work_order);
        orders.map(|(id, _)| id).collect()
    }

    /// What the guests of the rooms want.
    pub fn services(&self) -> BTreeMap<RoomId, ServiceStatus> {
        services(&self.replica).expect("the store answers")
    }

    /// Talks to the server until it has everything from here, and this device everything that the
    /// server had when asked.
    pub async fn sync(&mut self) {
        let head = self.head().await;
        self.talk_until("everything is synced", |peer| peer.is_in_step(head))
            .await;
    }

    fn is_in_step(&self, head: Sequence) -> bool {
        let state = self.sync_state();
        let connected = state.connection == Connection::Online;
        connected && state.waiting == 0 && self.replica.cursor() >= head
    }

    /// Talks to the server until something is so.
    ///
    /// # Panics
    /// When it does not become so in time, or the server signs the device out before.
    pub async fn talk_until(&mut self, awaited: &str, is_so: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENTLY;
        while !is_so(self) {
            let state = self.sync.state(&self.replica);
            let is_signed_in = self.replica.session().is_some();
            assert!(is_signed_in, "{awaited}: signed out; {state:?}");
            assert!(
                Instant::now() < deadline,
                "{awaited}: not in time; {state:?}"
            );
            self.talk().await;
        }
    }

    /// Sends what is due, without looking for what has arrived: a timer for that would take a
    /// millisecond.
    pub async fn send(&mut self) {
        while !self.inputs.is_empty() {
            self.talk().await;
        }
    }

    /// Sends what is due and takes in what has already arrived, without waiting for more.
    pub async fn exchange(&mut self) {
        while !self.inputs.is_empty() || self.has_arrival().await {
            self.talk().await;
        }
    }

    /// Waits until something has arrived, without taking it in.
    pub async fn await_arrival(&mut self) {
        if self.inputs.is_empty() {
            let arrived = self.arrival().await;
            self.inputs.push_back(arrived);
        }
    }

    /// Lets a second go by.
    pub async fn tick(&mut self) {
        self.inputs.push_back(Input::Tick);
        self.exchange().await;
    }

    /// Takes in one thing: what waits to be handled, else what arrives, else the next tick.
    async fn talk(&mut self) {
        const TICK: Duration = Duration::from_millis(100);
        let input = match self.inputs.pop_front() {
            Some(input) => input,
            None => match tokio::time::timeout(TICK, self.arrival()).await {
                Ok(input) => input,
                Err(_) => Input::Tick,
            },
        };
        let is_signed_out = matches!(input, Input::Closed(Some(Problem::SignedOut)));
        let effects = self.handle(input);
        for effect in effects {
            self.carry_out(effect).await;
        }
        if is_signed_out {
            self.forget_session();
        }
    }

    /// Queues what has arrived, if anything has.
    async fn has_arrival(&mut self) -> bool {
        let arrived = tokio::time::timeout(Duration::ZERO, self.arrival()).await;
        let is_here = arrived.is_ok();
        self.inputs.extend(arrived);
        is_here
    }

    /// The next frame, the end of the connection, or what was asked for.
    async fn arrival(&mut self) -> Input {
        tokio::select! {
            received = received(&mut self.socket) => match received {
                Some(frame) => Input::Received(frame),
                None => {
                    self.socket = None;
                    Input::Closed(None)
                }
            },
            Some(fetched) = self.fetches.join_next() => {
                let (wanted, fetched) = fetched.expect("a request does not panic");
                Input::Fetched(wanted, fetched)
            }
        }
    }

    /// The server does not know the session any more.
    fn forget_session(&mut self) {
        self.fetches = JoinSet::new();
        self.replica.end_session().expect("the store works");
    }

    fn handle(&mut self, input: Input) -> Vec<Effect> {
        let now = self.now();
        self.sync
            .handle(&mut self.replica, now, input)
            .expect("the store works")
    }

    async fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Connect => {
                let connecting = wire::connect(self.server, self.token());
                let connected = tokio::time::timeout(CONNECTING, connecting).await;
                self.inputs.push_back(match connected {
                    Ok(Ok(socket)) => {
                        self.socket = Some(socket);
                        Input::Opened
                    }
                    Ok(Err(error)) => Input::Closed(wire::problem_of(&error)),
                    Err(_) => Input::Closed(None),
                });
            }
            Effect::Send(frame) => {
                if let Some(socket) = &mut self.socket
                    && !socket.send(&frame).await
                {
                    self.socket = None;
                    self.inputs.push_back(Input::Closed(None));
                }
            }
            Effect::Fetch(wanted) => {
                let (server, token) = (self.server, self.token().to_owned());
                self.fetches
                    .spawn(async move { (wanted, fetch::fetch(server, &token, wanted).await) });
            }
            Effect::Close => self.socket = None,
            Effect::SignedOut(_) => self.forget_session(),
            Effect::Rows(_)
            | Effect::AllRows
            | Effect::State(_)
            | Effect::People
            | Effect::Guests(_) => {}
        }
    }

    /// The last sequence of the hotel's log, as the server greets this device with it.
    pub async fn head(&self) -> Sequence {
        wire::greet(self.server, self.token(), limits::PROTOCOL)
            .await
            .expect("the server greets a signed-in device")
            .head
    }

    /// Introduces itself as a client of another protocol.
    pub async fn greet_with_protocol(&self, protocol: u16) -> Result<Sequence, ErrorBody> {
        let greeting = wire::greet(self.server, self.token(), protocol).await?;
        Ok(greeting.head)
    }

    /// Every entry of the hotel's log, from the first.
    pub async fn whole_log(&self) -> Vec<LogEntry> {
        wire::whole_log(self.server, self.token()).await
    }

    /// Asks the server for something about people, devices or access, as the signed-in person.
    pub async fn administer(&self, asked: &Administration) {
        let bearer = format!("authorization: Bearer {}", self.token());
        let headers = [&*bearer, "content-type: application/json"];
        let body = serde_json::to_vec(asked).expect("what is asked is JSON");
        let answer = http::post_bytes(self.server, "/v1/administration", &headers, &body).await;
        let answer = answer.expect("the server answers");
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    pub fn token(&self) -> &str {
        &self.replica.session().expect("somebody is signed in").token
    }
}

/// The next frame; None at the end of the connection, and never anything without one.
async fn received(socket: &mut Option<Socket>) -> Option<Vec<u8>> {
    match socket {
        Some(socket) => socket.receive().await,
        None => std::future::pending().await,
    }
}

/// Lets devices talk by turns until the server has everything from all of them, and each of them
/// everything that it has: one may have built on what another is still to send.
pub async fn sync_together(peers: &mut [Peer]) {
    wait::until("all are in step", PATIENTLY, async || {
        for peer in &mut *peers {
            peer.talk().await;
            peer.exchange().await;
        }
        let head = peers[0].head().await;
        let behind = peers.iter().find(|peer| !peer.is_in_step(head));
        behind.map_or(Ok(()), |peer| Err(format!("{:?}", peer.sync_state())))
    })
    .await;
}

/// What the guests of a device's rooms want.
pub fn services(replica: &Replica) -> Result<BTreeMap<RoomId, ServiceStatus>, StoreError> {
    let rows = replica.all_rows()?;
    let rooms = rows.iter().filter_map(Row::as_room);
    Ok(rooms.map(|(id, room)| (id, room.service_status)).collect())
}

/// Stands for everything that a device shows.
pub fn digest_of_rows(replica: &Replica) -> blake3::Hash {
    try_digest_of_rows(replica).expect("the store answers")
}

/// The same of a store that may not answer.
pub fn try_digest_of_rows(replica: &Replica) -> Result<blake3::Hash, StoreError> {
    let rows = replica.all_rows()?;
    let mut rows: Vec<_> = rows.iter().map(|row| format!("{row:?}")).collect();
    rows.sort_unstable();
    Ok(blake3::hash(rows.concat().as_bytes()))
}

/// A device that nobody has seen.
pub fn new_device() -> NewDevice {
    let mut signing_key = [0; 32];
    getrandom::fill(&mut signing_key).expect("the system has randomness");
    NewDevice {
        id: DeviceId(Uuid::now_v7()),
        signing_key,
        name: "test".to_owned(),
    }
}

/// The true time.
pub fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond())
}
