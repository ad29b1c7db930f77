//! Going on with a session when its token ends.
//!
//! **Architecture Invariant**: one refresh at a time, and its tokens are on the disk before they are
//! used. Only the answer to a refresh ends a session that can be refreshed; without an answer the
//! same is asked again, and the server answers it alike for a minute. One that asks for a pause gets
//! it.

use super::{Engine, Reply, administering::Errand, token_age::TokenAge};
use crate::{
    clock,
    pin::PinKey,
    server::{self, LinkEvent},
};
use keyrack_model::{
    ipc::{Problem, Receipt},
    wire::Refreshed,
};
use keyrack_replica::{Fetched, Input, KeptRenewal, UserSession, Wanted};
use tokio::task::{self, JoinError, JoinSet};

/// The session's token, as far as there is a next one.
#[derive(Default)]
pub(super) struct Renewing {
    /// None when nobody is signed in, or the session ends with its token.
    age: Option<TokenAge>,
    /// At most one.
    pub(super) refreshes: JoinSet<Result<Refreshed, Problem>>,
    /// What came and could not be stored so far.
    unstored: Option<(String, KeptRenewal)>,
    /// Whether another password is asked for, and with it other tokens: until they are there, or are
    /// not to come, nothing is refreshed.
    pub(super) exchange: Exchange,
    /// What waits for the next token.
    held: Vec<Held>,
    /// What is asked of the administration with it.
    pub(super) asked: Vec<(Errand, Reply<Receipt>)>,
}

/// Whether all tokens of the session are being replaced by others.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Exchange {
    #[default]
    None,
    /// By this task of the administration.
    UnderWay(task::Id),
}

/// A session that was left while it was being refreshed: what comes is kept for its person.
pub(super) struct Parted {
    key: PinKey,
    session: UserSession,
    answer: Option<Result<Refreshed, Problem>>,
}

/// What is done with a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Held {
    Connect,
    Fetch(Wanted),
    Administer,
}

/// Whether something can be done at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Token {
    Opens,
    /// Another one is asked for, and then it is done.
    Awaited,
}

impl Renewing {
    pub(super) fn let_go_of_connecting(&mut self) {
        self.held.retain(|held| *held != Held::Connect);
    }
}

impl Engine {
    /// Begins with the session that is at hand; whatever was under way for another one is dropped.
    pub(super) fn follow_session(&mut self) {
        self.turn += 1;
        self.confirmed = None;
        let session = self
            .house
            .as_ref()
            .and_then(|house| house.replica.session());
        let renewal = session.and_then(|session| session.renewal.as_ref());
        let jitter = getrandom::u64().unwrap_or_default();
        self.renewing = Renewing {
            age: renewal.map(|renewal| TokenAge::of(renewal, clock::now(), jitter)),
            ..Renewing::default()
        };
    }

    /// Looks at the clock: is it time for the next token?
    pub(super) fn renew_in_time(&mut self) {
        let Some(age) = &mut self.renewing.age else {
            return;
        };
        age.look(clock::now());
        if self.renewing.unstored.is_some() {
            if age.may_retry() {
                self.store_renewal();
            }
        } else if age.is_due() {
            self.refresh();
        }
    }

    /// Whether the token opens anything; when not, `what` is done once there is another one.
    pub(super) fn token_for(&mut self, what: Held) -> Token {
        let Some(age) = &mut self.renewing.age else {
            return Token::Opens;
        };
        age.look(clock::now());
        if age.opens() {
            return Token::Opens;
        }
        if !self.renewing.held.contains(&what) {
            self.renewing.held.push(what);
        }
        self.refresh();
        Token::Awaited
    }

    /// The same for what replaces the session's tokens: no refresh is under way beside it, because of
    /// two answers the one that came last would count.
    pub(super) fn token_to_exchange(&mut self, what: Held) -> Token {
        let token = self.token_for(what);
        if token == Token::Opens && !self.renewing.refreshes.is_empty() {
            self.renewing.held.push(what);
            return Token::Awaited;
        }
        token
    }

    /// Goes on with the session's other tokens: those that it had open nothing any more.
    ///
    /// # Errors
    /// `SignInNotKept` when they could not be stored. That is tried again for as long as the app runs.
    pub(super) fn go_on_with(&mut self, refreshed: Refreshed) -> Result<(), Problem> {
        let Refreshed {
            token,
            renewal,
            server_time,
        } = refreshed;
        self.renewing.exchange = Exchange::None;
        let renewal = KeptRenewal::received(renewal, server_time, clock::now());
        if self.renewing.age.is_none() {
            let jitter = getrandom::u64().unwrap_or_default();
            self.renewing.age = Some(TokenAge::of(&renewal, clock::now(), jitter));
        }
        self.renewing.unstored = Some((token, renewal));
        self.store_renewal();
        match self.renewing.unstored {
            None => Ok(()),
            Some(_) => Err(Problem::SignInNotKept),
        }
    }

    /// The session goes on with the tokens that it has, as far as they are good.
    pub(super) fn go_on_as_before(&mut self) {
        self.renewing.exchange = Exchange::None;
        if !self.renewing.held.is_empty() {
            self.refresh();
        }
    }

    /// Nobody waits for a connection any more.
    pub(super) fn hang_up(&mut self) {
        self.link = None;
        self.renewing.let_go_of_connecting();
    }

    /// The connection ended because the server does not know the token.
    pub(super) fn hear_that_signed_out(&mut self) {
        self.hang_up();
        let reason = Problem::SignedOut;
        let shown = (!self.may_go_on()).then(|| reason.clone());
        self.feed(Input::Closed(shown));
        self.doubt_session(reason);
    }

    /// The server does not know the token: the session goes on with another one, or is over.
    pub(super) fn doubt_session(&mut self, reason: Problem) {
        if !self.may_go_on() {
            self.forget_session(reason);
            return;
        }
        if let Some(age) = &mut self.renewing.age {
            age.look(clock::now());
            age.doubt();
        }
        self.refresh();
    }

    fn may_go_on(&self) -> bool {
        let age = self.renewing.age.as_ref();
        age.is_some_and(TokenAge::may_go_on)
    }

    /// The server has greeted.
    pub(super) fn believe_token(&mut self) {
        if let Some(age) = &mut self.renewing.age {
            age.greeted();
        }
    }

    /// Asks for the next token, unless that is under way.
    fn refresh(&mut self) {
        if !self.renewing.refreshes.is_empty()
            || self.renewing.unstored.is_some()
            || self.renewing.exchange != Exchange::None
        {
            return;
        }
        let session = self
            .house
            .as_ref()
            .and_then(|house| house.replica.session());
        let Some(session) = session else {
            return;
        };
        let Some(renewal) = &session.renewal else {
            return;
        };
        let (server, token) = (session.server.clone(), renewal.token.clone());
        let age = self.renewing.age.as_ref();
        let wait = age.and_then(TokenAge::asked_to_wait);
        self.renewing.refreshes.spawn(async move {
            match wait {
                // What the server would say is known.
                Some(seconds) => Err(Problem::TryLater { seconds }),
                None => server::refresh(&server, token).await,
            }
        });
    }

    pub(super) fn end_refresh(&mut self, end: Result<Result<Refreshed, Problem>, JoinError>) {
        let answer = end.unwrap_or_else(|error| {
            tracing::error!(%error, "a refresh failed");
            Err(Problem::Internal)
        });
        match answer {
            Ok(refreshed) => {
                let Refreshed {
                    token,
                    renewal,
                    server_time,
                } = refreshed;
                let renewal = KeptRenewal::received(renewal, server_time, clock::now());
                self.renewing.unstored = Some((token, renewal));
                self.store_renewal();
            }
            Err(reason @ Problem::SignedOut) => {
                self.hang_up();
                self.feed(Input::Closed(Some(reason.clone())));
                self.forget_session(reason);
            }
            Err(problem) => {
                if let Some(age) = &mut self.renewing.age {
                    age.look(clock::now());
                    age.failed();
                    if let Problem::TryLater { seconds } = problem {
                        age.told_to_wait(seconds);
                    }
                }
                for held in std::mem::take(&mut self.renewing.held) {
                    match held {
                        Held::Connect => self.hear(LinkEvent::Closed(Some(problem.clone()))),
                        Held::Fetch(wanted) => {
                            let failed = Fetched::Failed(problem.clone());
                            self.feed(Input::Fetched(wanted, failed));
                        }
                        Held::Administer => {
                            for (_, reply) in std::mem::take(&mut self.renewing.asked) {
                                // Nobody waits when the window closed meanwhile.
                                let _ = reply.send(Err(problem.clone()));
                            }
                        }
                    }
                }
            }
        }
    }

    /// Stores what came, and then uses it.
    fn store_renewal(&mut self) {
        let Some((token, renewal)) = self.renewing.unstored.clone() else {
            return;
        };
        let Some(house) = &mut self.house else {
            return;
        };
        let renewed = house.with_store(|store| store.renew_session(token.clone(), renewal.clone()));
        let stored = renewed.and_then(|()| self.seal_again());
        let Some(age) = &mut self.renewing.age else {
            return;
        };
        age.look(clock::now());
        if let Err(problem) = stored {
            tracing::error!(%problem, "the session's next token was not stored");
            age.failed();
            return;
        }
        age.renewed(&renewal);
        self.renewing.unstored = None;
        tracing::debug!("the session goes on");
        if self.link.is_some() {
            self.feed(Input::Renewed(token));
        }
        for held in std::mem::take(&mut self.renewing.held) {
            match held {
                Held::Connect => self.open_link(),
                Held::Fetch(wanted) => self.begin_fetch(wanted),
                Held::Administer => {
                    for (errand, reply) in std::mem::take(&mut self.renewing.asked) {
                        self.begin_administration(errand, reply);
                    }
                }
            }
        }
    }

    /// The session is left to its person's PIN. A refresh that is under way goes on: its answer is
    /// the only one that there will be.
    pub(super) fn part_with_session(&mut self, session: UserSession) {
        let mut refreshes = std::mem::take(&mut self.renewing.refreshes);
        if let Some(key) = self.pin_key.take()
            && !refreshes.is_empty()
        {
            self.partings.spawn(async move {
                let answer = refreshes.join_next().await.and_then(Result::ok);
                Parted {
                    key,
                    session,
                    answer,
                }
            });
        }
        self.follow_session();
    }

    /// Keeps what came for somebody who has left the device meanwhile. Without an answer they go on
    /// from where they were.
    pub(super) fn keep_for(&mut self, parted: Result<Parted, JoinError>) {
        let Ok(Parted {
            key,
            session,
            answer: Some(Ok(refreshed)),
        }) = parted
        else {
            return;
        };
        let received =
            KeptRenewal::received(refreshed.renewal, refreshed.server_time, clock::now());
        let session = UserSession {
            token: refreshed.token,
            renewal: Some(received),
            ..session
        };
        let Some(house) = self.house.as_mut() else {
            return;
        };
        let kept = match key.seal(&session) {
            Ok(sealed) => house.with_store(|store| store.seal_for(&session, &sealed)),
            Err(error) => {
                tracing::error!(%error, "a session was not sealed");
                return;
            }
        };
        if let Err(problem) = kept {
            tracing::error!(%problem, "a session's next token was not stored");
        }
    }
}
