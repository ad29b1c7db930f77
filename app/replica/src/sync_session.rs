//! The sync session of a device: what to send, and what to do with what arrives.
//!
//! **Architecture Invariant**: a session never waits. It takes an input and the time, and returns
//! effects for the runtime to carry out. An action leaves the outbox only on the server's verdict.

mod backoff;
mod fetching;
mod hearing;
mod phase;
mod turned_away;
mod verdicts;

use crate::{
    error::StoreError,
    replica::{Parcel, Replica},
    store::actions::ActionId,
};
pub use backoff::Backoff;
use fetching::Fetching;
pub use fetching::{Fetched, Wanted};
use keyrack_model::{
    ids::DocumentRef,
    ipc::{Connection, Problem, SyncState},
    limits,
    time::Timestamp,
    wire::{ActorRegistration, ClientFrame},
};
use phase::Phase;

/// What happened.
#[derive(Debug)]
pub enum Input {
    /// The socket is open.
    Opened,
    /// A frame arrived.
    Received(Vec<u8>),
    /// The socket is closed or could not be opened; with what a person should know.
    Closed(Option<Problem>),
    /// What was asked for by [`Effect::Fetch`] came, or did not.
    Fetched(Wanted, Fetched),
    /// Somebody wants to see a document with all of its story.
    Open(DocumentRef),
    /// A second went by.
    Tick,
    /// An action entered the outbox.
    Acted,
    /// Somebody signed in or out.
    SessionChanged,
    /// The session goes on with this token, which is stored. The open connection is of an earlier one.
    Renewed(String),
}

/// What to do about it.
#[derive(Debug, PartialEq)]
pub enum Effect {
    /// Open the socket to the session's server.
    Connect,
    Send(Vec<u8>),
    /// Ask the session's server for this, and say what came by [`Input::Fetched`].
    Fetch(Wanted),
    Close,
    /// The rows of these documents changed.
    Rows(Vec<DocumentRef>),
    /// All rows may have changed, and which of them are shown.
    AllRows,
    State(SyncState),
    /// People, what devices are called, or the signed-in person's role changed.
    People,
    /// Who the guests of these stays are changed.
    Guests(Vec<DocumentRef>),
    /// The server does not know the token (any more): the session is over, unless it goes on with
    /// another one. What waits is kept.
    SignedOut(Problem),
}

/// One device's conversation with its server, across connections.
pub struct SyncSession {
    phase: Phase,
    /// The time of the last input.
    last: Timestamp,
    backoff: Backoff,
    fetching: Fetching,
    form: Form,
    /// A token that the server has to be shown once it has greeted.
    unshown: Option<String>,
    /// When all was last in sync, since this session began.
    synced_at: Option<Timestamp>,
    /// Until when this device's grant holds by what was heard in this session.
    grant_until: Option<Timestamp>,
    shown: Option<SyncState>,
}

/// In which form frames travel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    /// What the other side knows is left out.
    Compact,
    /// One side did not understand the other: from then on nothing is left out, as long as this
    /// session lives.
    Plain,
}

/// Servers of earlier versions know no `Renew`.
const FIRST_WITH_RENEW: u16 = 3;

/// While a connection lasts, the store is told this often when all was in sync.
const KEPT_EVERY_MILLIS: i64 = 60_000;

impl SyncSession {
    /// `jitter` seeds the spread of reconnection times.
    pub fn new(now: Timestamp, jitter: u64) -> Self {
        Self {
            phase: Phase::Offline {
                since: now,
                reason: None,
                retry_at: now,
            },
            last: now,
            backoff: Backoff::seeded(jitter),
            fetching: Fetching::begun(now, jitter),
            form: Form::Compact,
            unshown: None,
            synced_at: None,
            grant_until: None,
            shown: None,
        }
    }

    /// # Errors
    /// Only what the store says; a misbehaving server ends the connection instead.
    pub fn handle(
        &mut self,
        replica: &mut Replica,
        now: Timestamp,
        input: Input,
    ) -> Result<Vec<Effect>, StoreError> {
        let mut effects = Vec::new();
        if now < self.last {
            let millis = self.last.millis_since(now);
            self.phase.move_back(millis);
            self.fetching.move_back(millis);
        }
        self.last = now;
        match input {
            Input::Opened => self.greet(replica, now, &mut effects)?,
            Input::Received(bytes) => self.receive(replica, now, &bytes, &mut effects)?,
            Input::Closed(reason) => {
                if reason == Some(Problem::ServerConfused) {
                    self.form = Form::Plain;
                }
                self.offline(now, reason);
            }
            Input::Tick => self.tick(replica, now, &mut effects)?,
            Input::Acted => self.push(replica, now, &mut effects)?,
            Input::Fetched(wanted, fetched) => {
                self.fetched(replica, now, wanted, fetched, &mut effects)?;
            }
            Input::Open(document) => {
                replica.want(document)?;
                // It may be here and on no screen of the day.
                let here = replica.with_comments(document)?;
                if !here.is_empty() {
                    effects.push(Effect::Rows(here));
                }
            }
            Input::Renewed(token) => self.renewed(token, &mut effects),
            Input::SessionChanged => {
                effects.push(Effect::Close);
                self.backoff.reset();
                self.fetching.start_over(now);
                self.phase = Phase::Offline {
                    since: now,
                    reason: None,
                    retry_at: now,
                };
                self.tick(replica, now, &mut effects)?;
            }
        }
        self.take_what_was_early(replica, now, &mut effects)?;
        self.fetch(replica, now, &mut effects)?;
        self.end_when_handed_in(replica, now, &mut effects)?;
        self.keep_synced_at(replica)?;
        self.keep_grant(replica)?;
        let state = self.state(replica)?;
        if self.shown.as_ref() != Some(&state) {
            self.shown = Some(state.clone());
            effects.push(Effect::State(state));
        }
        Ok(effects)
    }

    /// What a person is shown of the sync.
    pub fn state(&self, replica: &Replica) -> Result<SyncState, StoreError> {
        let is_asking = self.fetching.is_asking();
        let connection = match self.phase.connection(replica.cursor()) {
            Connection::Online if self.fetching.lacks => Connection::CatchingUp,
            Connection::Offline { .. } if is_asking && replica.is_beginning()? => {
                Connection::CatchingUp
            }
            Connection::Offline { since, reason } => Connection::Offline {
                since: self.last_in_touch(since, replica)?,
                reason: reason.or_else(|| self.fetching.trouble.clone()),
            },
            connection => connection,
        };
        Ok(SyncState {
            connection,
            synced_at: match self.synced_at {
                Some(synced_at) => Some(synced_at),
                None => replica.synced_at()?,
            },
            grant_until: match (&self.phase, self.grant_until) {
                // With every word of the server it is a later one.
                (Phase::Live(_), _) => None,
                (_, Some(until)) => Some(until),
                (_, None) => replica.grant_until()?,
            },
            waiting: replica.waiting()?,
            refused: replica.refused()?,
            damage: replica.damage()?,
            audit_alarm: replica.audit_alarm()?,
        })
    }

    /// Since when there is no connection: before this session was one in sync, that is when an
    /// earlier one last was.
    fn last_in_touch(&self, since: Timestamp, replica: &Replica) -> Result<Timestamp, StoreError> {
        let before = match self.synced_at {
            Some(_) => None,
            None => replica.synced_at()?,
        };
        Ok(before.map_or(since, |before| before.min(since)))
    }

    fn tick(
        &mut self,
        replica: &mut Replica,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) -> Result<(), StoreError> {
        let is_held_back = self.fetching.holds_back(replica)?;
        match &mut self.phase {
            Phase::Offline {
                since,
                reason,
                retry_at,
            } if *retry_at <= now && replica.session().is_some() && !is_held_back => {
                self.phase = Phase::Connecting {
                    since: *since,
                    reason: reason.take(),
                };
                // It is opened with the latest one.
                self.unshown = None;
                effects.push(Effect::Connect);
            }
            Phase::Live(live) => {
                if now.millis_since(live.heard_at) > limits::DROP_MILLIS {
                    self.drop_connection(now, effects);
                    return Ok(());
                }
                let quiet = live.heard_at.max(live.pinged_at);
                if now.millis_since(quiet) > limits::PING_MILLIS {
                    live.pinged_at = now;
                    effects.push(send(&ClientFrame::Ping));
                }
                let is_up_to_date = replica.cursor() >= live.head;
                if is_up_to_date && replica.lost_for_good(now)? {
                    let withdrawal = replica.give_up_lost()?;
                    live.superseded.extend(withdrawal.done_again);
                    live.pushed = ActionId::default();
                    effects.push(Effect::AllRows);
                    effects.extend(registrations(&replica.actors_in_use()?));
                }
                if is_up_to_date && self.fetching.offered && replica.tidy(now)? {
                    effects.push(Effect::AllRows);
                }
                self.push(replica, now, effects)?;
            }
            Phase::Greeting { greeted_at, .. }
                if now.millis_since(*greeted_at) > limits::DROP_MILLIS =>
            {
                self.drop_connection(now, effects);
            }
            Phase::Offline { .. } | Phase::Connecting { .. } | Phase::Greeting { .. } => {}
        }
        Ok(())
    }

    fn greet(
        &mut self,
        replica: &Replica,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) -> Result<(), StoreError> {
        let since = self.phase.offline_since().unwrap_or(now);
        let mut actors = replica.actors_in_use()?;
        actors.truncate(limits::MAX_HELLO_ACTORS);
        effects.push(send(&ClientFrame::Hello {
            protocol: match self.form {
                Form::Compact => limits::PROTOCOL,
                Form::Plain => limits::LAST_PLAIN_PROTOCOL,
            },
            epoch: replica.known_epoch()?,
            cursor: replica.cursor(),
            known: replica.known_place()?,
            classes: replica.classes()?,
            actors,
        }));
        self.phase = Phase::Greeting {
            since,
            greeted_at: now,
        };
        Ok(())
    }

    /// Sends what waits, as much at once as the bounds allow. What the log had at the greeting is
    /// taken in first: it may have other contents of what waits here.
    fn push(
        &mut self,
        replica: &mut Replica,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) -> Result<(), StoreError> {
        let Phase::Live(live) = &mut self.phase else {
            return Ok(());
        };
        if replica.cursor() < live.head_at_greeting {
            return Ok(());
        }
        // On all that the server has, as far as it hands it out.
        let is_whole = !self.fetching.offered || !replica.is_incomplete()?;
        if is_whole && let Some(rescued) = replica.do_rescued_again()? {
            tracing::info!(
                actions = rescued.done_again.len(),
                "what was rescued is done again"
            );
            effects.push(Effect::AllRows);
            effects.extend(registrations(&replica.actors_in_use()?));
        }
        if let Some(withdrawal) = replica.withdraw_what_nobody_signs()? {
            if !live.in_flight.is_empty() {
                live.superseded.extend(withdrawal.done_again);
            }
            effects.push(Effect::AllRows);
            effects.extend(registrations(&replica.actors_in_use()?));
        }
        while live.in_flight.len() < limits::MAX_PUSHES_IN_FLIGHT && live.push_after <= now {
            let mut parcel = if live.asked_for_reviews {
                Parcel::default()
            } else {
                live.asked_for_reviews = true;
                replica.under_review()?
            };
            if parcel.actions.is_empty() {
                parcel = replica.next_parcel(live.pushed)?;
            }
            let Parcel {
                actions,
                proofs,
                pushed,
            } = parcel;
            if actions.is_empty() {
                break;
            }
            live.pushed = pushed.last().map_or(live.pushed, |last| last.id);
            live.in_flight.push_back(pushed);
            let batch = crate::store::encode(&actions);
            let signature = replica.sign(&batch);
            effects.push(send(&ClientFrame::Push {
                batch,
                signature,
                proofs,
            }));
        }
        Ok(())
    }

    /// Another token counts from here on: an open connection is told of it, as soon as the server
    /// has said that it understands.
    fn renewed(&mut self, token: String, effects: &mut Vec<Effect>) {
        match &self.phase {
            Phase::Live(live) if live.protocol >= FIRST_WITH_RENEW => {
                effects.push(send(&ClientFrame::Renew { token }));
            }
            Phase::Connecting { .. } | Phase::Greeting { .. } => self.unshown = Some(token),
            // Earlier versions end the connection, and the next one is opened with it.
            Phase::Live(_) | Phase::Offline { .. } => {}
        }
    }

    fn note_if_synced(&mut self, replica: &Replica, now: Timestamp) -> Result<(), StoreError> {
        if let Phase::Live(live) = &self.phase
            && replica.cursor() >= live.head
            && replica.waiting()? == 0
        {
            self.synced_at = Some(now);
        }
        Ok(())
    }

    /// A device that has all that the server has knows everybody's role, whatever waits here.
    fn note_grant(&mut self, replica: &Replica, now: Timestamp) {
        if let Phase::Live(live) = &self.phase
            && let Some(millis) = live.grant_millis
            && replica.cursor() >= live.head
        {
            self.grant_until = Some(later(now, i64::from(millis)));
        }
    }

    /// Keeps the same for the next start.
    fn keep_grant(&self, replica: &Replica) -> Result<(), StoreError> {
        let Some(until) = self.grant_until else {
            return Ok(());
        };
        let is_live = matches!(self.phase, Phase::Live(_));
        let kept = replica.grant_until()?;
        let is_close = |kept: Timestamp| until.millis_since(kept).abs() < KEPT_EVERY_MILLIS;
        if kept != Some(until) && !(is_live && kept.is_some_and(is_close)) {
            replica.note_grant(until)?;
        }
        Ok(())
    }

    /// Keeps, for the next start, when all was in sync: at the end of a connection, and now and then.
    fn keep_synced_at(&self, replica: &Replica) -> Result<(), StoreError> {
        let Some(synced_at) = self.synced_at else {
            return Ok(());
        };
        let is_live = matches!(self.phase, Phase::Live(_));
        let kept = replica.synced_at()?;
        let is_close = |kept: Timestamp| synced_at.millis_since(kept).abs() < KEPT_EVERY_MILLIS;
        if kept != Some(synced_at) && !(is_live && kept.is_some_and(is_close)) {
            replica.note_synced(synced_at)?;
        }
        Ok(())
    }

    /// A device that is told nothing any more has nothing to stay for once all is handed in that
    /// whoever is here can send: what waits for somebody else's signature stays here, and theirs are
    /// the PINs that have to go.
    fn end_when_handed_in(
        &mut self,
        replica: &Replica,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) -> Result<(), StoreError> {
        if let Phase::Live(live) = &self.phase
            && live.reads_nothing
            && live.in_flight.is_empty()
            && replica.has_nothing_to_send()?
        {
            effects.push(Effect::Close);
            effects.push(Effect::SignedOut(Problem::DeviceKey));
            self.offline(now, Some(Problem::DeviceKey));
        }
        Ok(())
    }

    fn confused(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        self.form = Form::Plain;
        effects.push(Effect::Close);
        self.offline(now, Some(Problem::ServerConfused));
    }

    /// Ends the connection for another one at once.
    fn come_back(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        effects.push(Effect::Close);
        self.phase = Phase::Offline {
            since: self.phase.offline_since().unwrap_or(now),
            reason: None,
            retry_at: now,
        };
    }

    fn drop_connection(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        effects.push(Effect::Close);
        self.offline(now, None);
    }

    fn offline(&mut self, now: Timestamp, reason: Option<Problem>) {
        let since = self.phase.offline_since().unwrap_or(now);
        let known = self.phase.take_reason();
        self.phase = Phase::Offline {
            since,
            reason: reason.or(known),
            retry_at: later(now, self.backoff.pause()),
        };
    }
}

fn send(frame: &ClientFrame) -> Effect {
    Effect::Send(crate::store::encode(frame))
}

fn registrations(actors: &[ActorRegistration]) -> impl Iterator<Item = Effect> {
    actors
        .chunks(limits::MAX_HELLO_ACTORS)
        .map(|actors| actors.to_vec())
        .map(|actors| send(&ClientFrame::Register { actors }))
}

fn later(now: Timestamp, millis: i64) -> Timestamp {
    Timestamp(now.0.saturating_add(millis))
}
