//! The tokens that a server gave: whose session each is of, and until when it opens anything.
//!
//! **Invariant**: clones share one register, and it outlives every server of its world.

use keyrack_model::{
    ids::{DeviceId, SessionId},
    time::Timestamp,
};
use keyrack_server::session::{Admitted, Identity};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

#[derive(Clone, Default)]
pub(super) struct Tokens(Arc<Mutex<Register>>);

#[derive(Default)]
struct Register {
    /// How long a token opens anything, in milliseconds; None for ever.
    lasts: Option<u64>,
    /// In the order in which they were given.
    given: Vec<Admitted>,
    /// Sessions that somebody ended.
    ended: BTreeSet<(DeviceId, SessionId)>,
    /// Whether a device may be told that its token opens nothing.
    may_end: bool,
}

/// A token as a device is given it.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub text: String,
    pub until: Timestamp,
}

const PREFIX: &str = "token-";

impl Tokens {
    pub fn that_last(lasts: Option<u64>) -> Self {
        Self(Arc::new(Mutex::new(Register {
            lasts,
            may_end: lasts.is_some(),
            ..Register::default()
        })))
    }

    /// How long one opens anything that is given from here on.
    pub fn lasts(&self) -> Option<u64> {
        self.lock().lasts
    }

    /// Those that are given from here on open everything for ever.
    pub fn last_for_ever(&self) {
        self.lock().lasts = None;
    }

    /// The next one of somebody's session, by the server's clock.
    pub fn give(&self, who: Identity, now: Timestamp) -> Token {
        let register = &mut *self.lock();
        let until = match register.lasts {
            Some(millis) => Timestamp(now.0 + millis as i64),
            None => Timestamp(i64::MAX),
        };
        let text = format!("{PREFIX}{}", register.given.len());
        register.given.push(Admitted { who, until });
        Token { text, until }
    }

    /// Whether a token is one that was given.
    pub fn knows(&self, token: &str) -> bool {
        self.lock().find(token).is_some()
    }

    /// Whose it is, while it opens anything.
    pub fn admit(&self, token: &str, now: Timestamp) -> Option<Admitted> {
        let register = self.lock();
        let admitted = register.find(token)?;
        let opens = now < admitted.until && !register.ended.contains(&session(admitted));
        opens.then(|| admitted.clone())
    }

    /// Ends the session of a token. Whether it had not ended before.
    pub fn end(&self, token: &str) -> bool {
        let register = &mut *self.lock();
        let Some(of) = register.find(token).map(session) else {
            return false;
        };
        register.may_end = true;
        register.ended.insert(of)
    }

    /// Whether somebody ended the session of a token.
    pub fn is_ended(&self, token: &str) -> bool {
        let register = self.lock();
        let of = register.find(token).map(session);
        of.is_some_and(|of| register.ended.contains(&of))
    }

    /// Whether somebody ended this session.
    pub fn has_ended(&self, device: DeviceId, session: SessionId) -> bool {
        self.lock().ended.contains(&(device, session))
    }

    /// Whether any token of this world has ended, or may have.
    pub fn may_end(&self) -> bool {
        self.lock().may_end
    }

    fn lock(&self) -> MutexGuard<'_, Register> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Register {
    fn find(&self, token: &str) -> Option<&Admitted> {
        let number: usize = token.strip_prefix(PREFIX)?.parse().ok()?;
        self.given.get(number)
    }
}

fn session(admitted: &Admitted) -> (DeviceId, SessionId) {
    (admitted.who.device, admitted.who.session)
}
