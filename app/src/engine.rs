//! The engine: one thread, one loop, one owner of the replica and of its conversation with the
//! server.
//!
//! **Architecture Invariant**: nothing else touches the store. Whoever wants something sends a
//! [`Call`]; the reply means that it is on the disk. SQLite is called on this thread, because it
//! answers sooner than a hand-over would take.

mod administering;
mod auditing;
mod calls;
mod confirmed;
mod elsewhere;
mod house;
mod renewing;
mod signing;
mod switching;
mod token_age;

use crate::{
    clock,
    data_folder::DataFolder,
    device_secret::KeyPlace,
    line::Line,
    pin::{PinKey, PinSecret},
    server::{self, Link, LinkEvent, Source},
    trouble::Trouble,
};
use administering::AdministrationEnd;
use confirmed::Confirmed;
use house::House;
use keyrack_model::{
    ipc::{Answer, Connection, Event, OtherHotel, Problem, Question, Receipt, Request},
    limits,
};
use keyrack_replica::{Effect, Fetched, Input, NewDevice, StoreKey, Wanted};
use renewing::{Held, Parted, Renewing, Token};
use signing::SignInEnd;
use std::{future, thread, time::Duration};
use switching::KeyMade;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

const TICK: Duration = Duration::from_secs(1);

/// What the engine needs to know of where it runs.
pub(crate) struct Installation {
    pub(crate) folder: DataFolder,
    pub(crate) store_key: StoreKey,
    pub(crate) pin_secret: PinSecret,
    pub(crate) key_place: KeyPlace,
    pub(crate) device: NewDevice,
    /// What the sign-in offers, when somebody said so at the start.
    pub(crate) server: Option<String>,
    pub(crate) hotel: Option<String>,
    /// Until a sign-in has used it.
    pub(crate) code: Option<String>,
}

/// Whether a watcher wants to hear more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum KeepsWatching {
    Yes,
    No,
}

type Reply<T> = oneshot::Sender<Result<T, Problem>>;
type Watcher = Box<dyn Fn(Event) -> KeepsWatching + Send>;

/// What others ask of the engine.
pub(crate) enum Call {
    Ask(Question, Reply<Answer>),
    Act(Request, Reply<Receipt>),
    Watch(Watcher),
    Finish,
}

pub(crate) struct Engine {
    installation: Installation,
    /// The hotel whose data is at hand; none before the first sign-in.
    house: Option<House>,
    link: Option<Link>,
    sign_ins: JoinSet<SignInEnd>,
    keys: JoinSet<KeyMade>,
    partings: JoinSet<Parted>,
    /// Under which the present session is kept; none without a PIN.
    pin_key: Option<PinKey>,
    administrations: JoinSet<AdministrationEnd>,
    /// What was asked for in this session, and what came.
    fetches: JoinSet<(Wanted, Fetched)>,
    begun: server::Begun,
    /// Counts who was here: what was begun before somebody else came, changes nothing any more.
    turn: u64,
    renewing: Renewing,
    /// None when whoever is here has not shown their password since the app began or they came back.
    confirmed: Option<Confirmed>,
    watcher: Option<Watcher>,
    others: Vec<OtherHotel>,
    /// Why the last session ended, when it was not the person who ended it.
    ended: Option<Problem>,
    shown_utc_offset: i32,
}

/// The engine's thread.
pub(crate) struct Running {
    calls: mpsc::Sender<Call>,
    thread: thread::JoinHandle<()>,
}

impl Running {
    /// Waits until the engine has finished what it is doing.
    pub(crate) fn finish(self) {
        // An engine that failed takes no call.
        let _ = self.calls.blocking_send(Call::Finish);
        if self.thread.join().is_err() {
            tracing::error!("the engine had failed");
        }
    }
}

impl Engine {
    /// Opens the data of the hotel that was signed in to last.
    pub(crate) fn open(mut installation: Installation) -> Result<Self, Trouble> {
        let house = match installation.folder.last_hotel()? {
            Some(hotel) => Some(House::open(&installation, hotel)?),
            None => None,
        };
        // Where the key was renewed, the secret would make another device.
        if let Some(house) = &house {
            installation.device = house.replica.device().clone();
        }
        let mut engine = Self {
            installation,
            house,
            link: None,
            sign_ins: JoinSet::new(),
            keys: JoinSet::new(),
            partings: JoinSet::new(),
            pin_key: None,
            administrations: JoinSet::new(),
            fetches: JoinSet::new(),
            begun: server::Begun::default(),
            turn: 0,
            confirmed: None,
            renewing: Renewing::default(),
            watcher: None,
            others: Vec::new(),
            ended: None,
            shown_utc_offset: clock::utc_offset_minutes(),
        };
        engine.look_elsewhere();
        engine.follow_session();
        Ok(engine)
    }

    /// Runs on a thread of its own from here on.
    pub(crate) fn start(self) -> Result<(Line, Running), Trouble> {
        let folder = self.installation.folder.clone();
        let failed = |source| folder.failed(source);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(failed)?;
        let (calls, to_take) = mpsc::channel(limits::CALL_QUEUE);
        let thread = thread::Builder::new()
            .name("engine".to_owned())
            .spawn(move || {
                runtime.block_on(self.run(to_take));
                // A name that is being looked up is not waited for.
                runtime.shutdown_background();
            })
            .map_err(failed)?;
        let line = Line::new(calls.clone());
        Ok((line, Running { calls, thread }))
    }

    async fn run(mut self, mut calls: mpsc::Receiver<Call>) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                call = calls.recv() => match call {
                    Some(Call::Finish) | None => return,
                    Some(call) => self.take(call),
                },
                event = next_event(&mut self.link) => self.hear(event),
                Some(end) = self.sign_ins.join_next() => self.end_sign_in(end),
                Some(made) = self.keys.join_next() => self.use_key(made),
                Some(parted) = self.partings.join_next() => self.keep_for(parted),
                Some(end) = self.administrations.join_next() => self.end_administration(end),
                Some(came) = self.fetches.join_next() => match came {
                    Ok((wanted, fetched)) => self.feed(Input::Fetched(wanted, fetched)),
                    Err(error) => {
                        tracing::error!(%error, "a request failed");
                        self.feed(Input::SessionChanged);
                    }
                },
                Some(end) = self.renewing.refreshes.join_next() => self.end_refresh(end),
                _ = ticks.tick() => self.tick(),
            }
        }
    }

    fn tick(&mut self) {
        if self.house.as_mut().is_some_and(House::comes_back) {
            if self.link.is_none() {
                self.feed(Input::Closed(None));
            }
            self.tell_everything();
        }
        self.renew_in_time();
        self.feed(Input::Tick);
        let offset = clock::utc_offset_minutes();
        if offset != self.shown_utc_offset {
            self.shown_utc_offset = offset;
            self.tell_session();
        }
    }

    fn hear(&mut self, event: LinkEvent) {
        match event {
            LinkEvent::Opened => self.feed(Input::Opened),
            LinkEvent::Received(frame) => self.feed(Input::Received(frame)),
            LinkEvent::Closed(Some(Problem::SignedOut)) => self.hear_that_signed_out(),
            LinkEvent::Closed(reason) => {
                self.link = None;
                self.feed(Input::Closed(reason));
            }
        }
    }

    /// Gives the sync session an input and carries out what it wants.
    fn feed(&mut self, input: Input) {
        let Some(house) = &mut self.house else {
            return;
        };
        match house.sync.handle(&mut house.replica, clock::now(), input) {
            Ok(effects) => self.carry_out(effects),
            Err(error) => {
                // What was received is not kept: it is received again after the next connection.
                house.failed(&error);
                self.link = None;
                self.renewing.let_go_of_connecting();
                let closed = Input::Closed(Some(error.problem()));
                match house.sync.handle(&mut house.replica, clock::now(), closed) {
                    Ok(effects) => self.carry_out(effects),
                    Err(error) => house.failed(&error),
                }
            }
        }
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        let mut broke_off = false;
        for effect in effects {
            match effect {
                Effect::Connect => {
                    broke_off = false;
                    self.connect();
                }
                Effect::Send(frame) => {
                    let sent = self.link.as_ref().map(|link| link.send(frame));
                    if matches!(sent, Some(Err(_))) {
                        tracing::warn!("the server does not keep up; the connection is closed");
                        self.link = None;
                        broke_off = true;
                    }
                }
                Effect::Close => {
                    broke_off = false;
                    self.hang_up();
                }
                Effect::Fetch(wanted) => self.fetch(wanted),
                Effect::Rows(documents) => self.tell_rows_of(&documents),
                Effect::Guests(stays) => self.tell_guests_of(&stays),
                Effect::AllRows => self.tell_all_rows(),
                Effect::State(state) => {
                    if state.connection == Connection::Online {
                        self.believe_token();
                    }
                    self.tell(Event::Sync(state));
                }
                Effect::People => self.tell_session(),
                Effect::SignedOut(reason @ Problem::SignedOut) => self.doubt_session(reason),
                Effect::SignedOut(reason) => self.forget_everybody(reason),
            }
        }
        // Only here: the other effects are of before, and what is told last stays on the screen.
        if broke_off {
            self.feed(Input::Closed(None));
        }
    }

    fn connect(&mut self) {
        if self.token_for(Held::Connect) == Token::Opens {
            self.open_link();
        }
    }

    fn fetch(&mut self, wanted: Wanted) {
        if self.token_for(Held::Fetch(wanted)) == Token::Opens {
            self.begin_fetch(wanted);
        }
    }

    fn open_link(&mut self) {
        let session = self
            .house
            .as_ref()
            .and_then(|house| house.replica.session());
        self.link =
            session.map(|session| Link::open(session.server.clone(), session.token.clone()));
    }

    fn begin_fetch(&mut self, wanted: Wanted) {
        let session = self
            .house
            .as_ref()
            .and_then(|house| house.replica.session());
        if let Some(session) = session {
            let source = Source {
                address: session.server.clone(),
                token: session.token.clone(),
                begun: self.begun.clone(),
            };
            self.fetches
                .spawn(async move { (wanted, server::fetch(&source, wanted).await) });
        }
    }
}

/// Never, while there is no link.
async fn next_event(link: &mut Option<Link>) -> LinkEvent {
    match link {
        Some(link) => link.event().await,
        None => future::pending().await,
    }
}

#[cfg(test)]
mod tests;
