//! Leaving the device to the next person, and coming back by PIN.
//!
//! **Architecture Invariant**: the key of a PIN is made on a thread of its own, for one person at a
//! time; nobody is signed in whose PIN was not right.

use super::{Engine, Reply, confirmed::Confirmed};
use crate::{
    clock,
    pin::{NoKey, PinKey},
};
use keyrack_model::{
    ids::UserId,
    ipc::{Connection, Problem, Receipt},
    limits::{MAX_PIN, MIN_PIN},
    pin,
    time::Timestamp,
};
use keyrack_replica::{HasLeft, Input, NotTried, Sealed};
use tokio::task::{JoinError, JoinSet, spawn_blocking};
use zeroize::Zeroizing;

/// What a key is made for.
enum Purpose {
    /// The session of whoever chose the PIN.
    Seal { person: UserId },
    /// Whether whoever chose a PIN knows the one that they have.
    Replace {
        person: UserId,
        sealed: Sealed,
        chosen: Zeroizing<String>,
    },
    Open {
        person: UserId,
        sealed: Sealed,
        /// Who was here when it began.
        turn: u64,
    },
}

/// A key with whoever waits for what it opens or seals.
pub(super) struct KeyMade {
    purpose: Purpose,
    key: Result<PinKey, NoKey>,
    reply: Reply<Receipt>,
}

impl Engine {
    /// Whoever has a PIN gives it for another one, which is a try like any.
    pub(super) fn begin_to_choose(
        &mut self,
        chosen: String,
        present: String,
        reply: Reply<Receipt>,
    ) {
        let (chosen, present) = (Zeroizing::new(chosen), Zeroizing::new(present));
        match self.begin_choice(&chosen) {
            Ok((person, None)) => self.make_key(Purpose::Seal { person }, chosen, reply),
            Ok((person, Some(sealed))) => {
                let purpose = Purpose::Replace {
                    person,
                    sealed,
                    chosen,
                };
                self.make_key(purpose, present, reply);
            }
            Err(problem) => drop(reply.send(Err(problem))),
        }
    }

    fn begin_choice(&mut self, chosen: &str) -> Result<(UserId, Option<Sealed>), Problem> {
        let person = self.whoever_is_here()?;
        if !pin::is_fit(chosen) {
            return Err(Problem::WeakPin {
                least: MIN_PIN,
                most: MAX_PIN,
            });
        }
        if !self.keys.is_empty() {
            return Err(Problem::TryLater { seconds: 1 });
        }
        let has_pin = self
            .house
            .as_ref()
            .is_some_and(|house| house.replica.has_pin());
        // Whoever found the desk open would come back to it with a PIN of their own.
        if !has_pin && !self.confirmed.is_some_and(Confirmed::is_recent) {
            return Err(Problem::NotConfirmed);
        }
        let sealed = has_pin.then(|| self.begin_try(person)).transpose()?;
        Ok((person, sealed))
    }

    pub(super) fn begin_to_open(&mut self, person: UserId, typed: String, reply: Reply<Receipt>) {
        let typed = Zeroizing::new(typed);
        match self.begin_try(person) {
            Ok(sealed) => {
                let turn = self.turn;
                let purpose = Purpose::Open {
                    person,
                    sealed,
                    turn,
                };
                self.make_key(purpose, typed, reply);
            }
            Err(problem) => drop(reply.send(Err(problem))),
        }
    }

    fn begin_try(&mut self, person: UserId) -> Result<Sealed, Problem> {
        // Two tries at once would each be one of the last.
        if !self.keys.is_empty() {
            return Err(Problem::TryLater { seconds: 1 });
        }
        let house = self.house.as_mut().ok_or(Problem::NoPin)?;
        let begun = house.with_store(|store| store.begin_try(person, clock::now()))?;
        begun.map_err(|reason| match reason {
            NotTried::NotKept => Problem::NoPin,
            NotTried::Waits { millis } => {
                // By a clock that was set back it is another end than was told.
                self.tell_session();
                Problem::PinWaits {
                    seconds: u32::try_from((millis + 999) / 1_000).unwrap_or(u32::MAX),
                }
            }
        })
    }

    fn make_key(&mut self, purpose: Purpose, typed: Zeroizing<String>, reply: Reply<Receipt>) {
        let secret = self.installation.pin_secret.clone();
        self.keys.spawn(async move {
            let salt = match &purpose {
                Purpose::Seal { .. } => None,
                Purpose::Replace { sealed, .. } | Purpose::Open { sealed, .. } => Some(sealed.salt),
            };
            let made = spawn_blocking(move || match salt {
                None => PinKey::choose(&typed, &secret),
                Some(salt) => PinKey::derive(&typed, salt, &secret),
            });
            KeyMade {
                purpose,
                key: made.await.unwrap_or(Err(NoKey)),
                reply,
            }
        });
    }

    pub(super) fn use_key(&mut self, made: Result<KeyMade, JoinError>) {
        let made = match made {
            Ok(made) => made,
            Err(error) => {
                tracing::error!(%error, "a key was not made");
                return;
            }
        };
        let receipt = match (made.key, made.purpose) {
            (Err(error), _) => {
                tracing::error!(%error, "a key was not made");
                Err(Problem::Internal)
            }
            (Ok(key), Purpose::Seal { person }) => self.seal(key, person),
            (
                Ok(key),
                Purpose::Replace {
                    person,
                    sealed,
                    chosen,
                },
            ) => match self.know(&key, person, &sealed) {
                Ok(()) => {
                    self.make_key(Purpose::Seal { person }, chosen, made.reply);
                    return;
                }
                Err(problem) => Err(problem),
            },
            // Somebody else has come meanwhile, and goes on.
            (Ok(_), Purpose::Open { turn, .. }) if turn != self.turn => {
                Err(Problem::TryLater { seconds: 1 })
            }
            (Ok(key), Purpose::Open { person, sealed, .. }) => self.unlock(key, person, &sealed),
        };
        // Nobody waits when the window closed meanwhile.
        let _ = made.reply.send(receipt);
    }

    /// Whether a key is that of somebody's present PIN.
    fn know(&mut self, key: &PinKey, person: UserId, sealed: &Sealed) -> Result<(), Problem> {
        let house = self.house.as_mut().ok_or(Problem::NoPin)?;
        if key.open(sealed, house.hotel, person).is_none() {
            return Err(self.fail_try(person)?);
        }
        house.with_store(|store| store.succeed_try(person))
    }

    fn fail_try(&mut self, person: UserId) -> Result<Problem, Problem> {
        let house = self.house.as_mut().ok_or(Problem::NoPin)?;
        let left = house.with_store(|store| store.fail_try(person))?;
        tracing::info!(user = %person, left, "a PIN was wrong");
        // Their face is gone by it, or says until when they wait.
        self.tell_session();
        Ok(match left {
            0 => Problem::NoPin,
            left => Problem::WrongPin { left },
        })
    }

    fn seal(&mut self, key: PinKey, person: UserId) -> Result<Receipt, Problem> {
        // Somebody else may be here by now.
        if self.whoever_is_here()? != person {
            return Err(Problem::SignedOut);
        }
        self.pin_key = Some(key);
        self.seal_again()?;
        tracing::info!(user = %person, "a PIN was chosen");
        self.tell_session();
        Ok(Receipt::Noted)
    }

    /// Keeps the session as it is at present under the PIN of its person, if they have one.
    pub(super) fn seal_again(&mut self) -> Result<(), Problem> {
        let (Some(key), Some(house)) = (&self.pin_key, &mut self.house) else {
            return Ok(());
        };
        let Some(session) = house.replica.session() else {
            return Ok(());
        };
        let sealed = key.seal(session).map_err(|error| {
            tracing::error!(%error, "a session was not sealed");
            Problem::Internal
        })?;
        house.with_store(|store| store.seal(&sealed))
    }

    fn unlock(&mut self, key: PinKey, person: UserId, sealed: &Sealed) -> Result<Receipt, Problem> {
        let house = self.house.as_mut().ok_or(Problem::NoPin)?;
        let Some(session) = key.open(sealed, house.hotel, person) else {
            return Err(self.fail_try(person)?);
        };
        self.leave()?;
        let house = self.house.as_mut().ok_or(Problem::NoPin)?;
        if let Err(HasLeft) = house.with_store(|store| store.unlock(session))? {
            self.tell_session();
            return Err(Problem::NoPin);
        }
        self.pin_key = Some(key);
        self.follow_session();
        self.ended = None;
        tracing::info!(user = %person, "went on by PIN");
        self.tell_everything();
        self.feed(Input::SessionChanged);
        Ok(Receipt::Noted)
    }

    pub(super) fn lock(&mut self) -> Result<Receipt, Problem> {
        self.whoever_is_here()?;
        if !self.step_aside()? {
            return Err(Problem::NoPin);
        }
        self.ended = None;
        self.tell_session();
        self.feed(Input::SessionChanged);
        Ok(Receipt::Noted)
    }

    /// Leaves the session to its person's PIN. False when there is none, and nothing was done.
    pub(super) fn step_aside(&mut self) -> Result<bool, Problem> {
        let confirmed_at = self.confirmed_at();
        let Some(house) = &mut self.house else {
            return Ok(false);
        };
        let session = house.replica.session().cloned();
        let Some(session) = session.filter(|_| house.replica.has_pin()) else {
            return Ok(false);
        };
        house.with_store(|store| store.lock(confirmed_at))?;
        self.link = None;
        self.fetches = JoinSet::new();
        self.part_with_session(session);
        Ok(true)
    }

    /// When the server last answered the present session.
    fn confirmed_at(&self) -> Option<Timestamp> {
        let house = self.house.as_ref()?;
        let state = house.sync.state(&house.replica).ok()?;
        match state.connection {
            Connection::Online | Connection::CatchingUp => Some(clock::now()),
            Connection::Offline { .. } => state.synced_at,
        }
    }

    fn whoever_is_here(&self) -> Result<UserId, Problem> {
        let session = self
            .house
            .as_ref()
            .and_then(|house| house.replica.session());
        session
            .map(|session| session.me.id)
            .ok_or(Problem::SignedOut)
    }
}
