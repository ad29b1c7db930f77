//! The server's end for a device that reaches it by requests, as where WebSockets are blocked: each of
//! its frames is one, and it asks again and again for what the log has. Carried out as the server does
//! at `/v1/actors`, `/v1/push` and `/v1/pull`.
//!
//! **Invariant**: one request comes after the other, and the next one says what the device had taken in
//! when it answered a ping, never what is still on its way.

use super::{
    device,
    link::{Down, Link, Up, encode},
    trace::Event,
};
use keyrack_model::{
    action::{LogEntry, Sequence},
    class::Reading,
    ids::LogEpoch,
    wire::{ActorRegistration, ClientFrame, ErrorBody, ErrorCode, KnownPlace, Proof, ServerFrame},
};
use keyrack_server::{
    gate::{Author, read_push},
    hotel::PAGE,
    log::{Log, LogError},
    session::{
        Admitted, Said, SignedBatch, clashes, greet, read_frame, reading_of, told_in, welcome,
    },
};
use std::{ops::ControlFlow, pin::pin, time::Duration};
use tokio::time::{MissedTickBehavior, interval};

/// How often a device asks while there is nothing for it.
const ASKS_EVERY: Duration = Duration::from_secs(1);

pub(super) struct Requests {
    link: Link,
    admitted: Admitted,
    /// The version that the device speaks.
    protocol: u16,
    /// What it has of the log; None before it was greeted.
    has: Option<Has>,
    /// The answer that it has not taken in yet.
    awaited: Option<Awaited>,
    pings: u32,
}

/// What a device has of the log.
#[derive(Clone, Copy)]
struct Has {
    epoch: LogEpoch,
    cursor: Sequence,
    known: Option<KnownPlace>,
    reading: Reading,
}

/// An answer on its way.
struct Awaited {
    /// What the device answers once it has taken it in.
    ping: u32,
    /// What it has then.
    has: Has,
    entries: usize,
}

/// The answer to a pull.
struct Pulled {
    welcome: ServerFrame,
    has: Has,
    entries: Vec<LogEntry>,
}

impl Requests {
    pub fn new(link: Link, admitted: Admitted) -> Self {
        Self {
            link,
            admitted,
            protocol: 0,
            has: None,
            awaited: None,
            pings: 0,
        }
    }

    /// Answers until the device goes, is turned away or the server stops.
    pub async fn serve(&mut self) {
        let stopping = self.link.stopping.clone();
        let mut stopped = pin!(stopping.cancelled());
        let mut asks = interval(ASKS_EVERY);
        asks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            let answered = tokio::select! {
                biased;
                () = &mut stopped => return,
                received = self.link.inbox.recv() => match received {
                    Some(Up::Frame(frame)) => self.answer(&frame).await,
                    Some(Up::Pong(number)) => self.has_taken_in(number).await,
                    // The next request is not answered.
                    Some(Up::Ended) => self.check_token(),
                    Some(Up::Closed) | None => return,
                },
                _ = asks.tick() => self.look().await,
            };
            if answered.is_break() {
                return;
            }
        }
    }

    async fn answer(&mut self, frame: &[u8]) -> ControlFlow<()> {
        self.check_token()?;
        let sent = frame.len();
        let frame = match read_frame(frame) {
            Ok(frame) => frame,
            Err(body) => return self.refuse(body),
        };
        match frame {
            ClientFrame::Hello {
                protocol,
                epoch,
                cursor,
                known,
                classes,
                actors,
            } => {
                self.protocol = protocol;
                self.register(actors).await?;
                let said = Said {
                    epoch,
                    cursor,
                    known,
                };
                self.begin(said, classes.into_iter().collect()).await
            }
            ClientFrame::Register { actors } => self.register(actors).await,
            ClientFrame::Push {
                batch,
                signature,
                proofs,
            } => self.push(sent, &batch, &signature, &proofs).await,
            ClientFrame::Ping => {
                self.say(&ServerFrame::Pong);
                ControlFlow::Continue(())
            }
            ClientFrame::Renew { token } => {
                let now = self.link.hotels.now();
                match self.link.tokens.admit(&token, now) {
                    Some(admitted) => {
                        self.admitted.until = admitted.until;
                        ControlFlow::Continue(())
                    }
                    None => self.sign_out(),
                }
            }
        }
    }

    async fn register(&mut self, actors: Vec<ActorRegistration>) -> ControlFlow<()> {
        let who = &self.admitted.who;
        let actors = match who.known_actors(self.protocol, actors) {
            Ok(actors) => actors,
            Err(body) => return self.refuse(body),
        };
        let log = self.link.hotels.log();
        let bound = log.register_actors(who.hotel, who.device, &actors).await;
        match bound {
            Ok(bound) => match clashes(&bound) {
                Ok(()) => ControlFlow::Continue(()),
                Err(body) => self.refuse(body),
            },
            Err(_) => self.fail(),
        }
    }

    async fn push(
        &mut self,
        sent: usize,
        batch: &[u8],
        signature: &[u8],
        proofs: &[Proof],
    ) -> ControlFlow<()> {
        let push = SignedBatch {
            batch,
            signature,
            proofs,
            sent,
        };
        let claims = match self.admitted.who.open_push(self.protocol, push) {
            Ok(claims) => claims,
            Err(body) => return self.refuse(body),
        };
        self.link.note(&claims);
        let (hotel, device) = (self.admitted.who.hotel, self.admitted.who.device);
        let from = Author::People(device);
        let judged = self.link.hotels.push(hotel, from, read_push(claims)).await;
        let Ok(verdicts) = judged else {
            return self.fail();
        };
        self.link.ledger.answered(&verdicts);
        let verdicts = told_in(self.protocol, verdicts);
        self.say(&ServerFrame::Verdicts { verdicts });
        ControlFlow::Continue(())
    }

    /// The first time that a device asks for what the log has.
    async fn begin(&mut self, said: Said, held: Reading) -> ControlFlow<()> {
        match self.pull(said, held).await {
            Ok(Ok(pulled)) => {
                let device = device::number(self.admitted.who.device);
                self.link.ledger.note(Event::Asks { device });
                self.say(&pulled.welcome);
                self.hand_over(pulled);
                ControlFlow::Continue(())
            }
            Ok(Err(body)) => self.refuse(body),
            Err(_) => self.fail(),
        }
    }

    /// It asks once more, unless it has not taken in the last answer. Where the terms are others than it
    /// was told, it begins anew.
    async fn look(&mut self) -> ControlFlow<()> {
        let (Some(has), None) = (self.has, &self.awaited) else {
            return ControlFlow::Continue(());
        };
        self.check_token()?;
        let said = Said {
            epoch: Some(has.epoch),
            cursor: has.cursor,
            known: has.known,
        };
        match self.pull(said, has.reading).await {
            Ok(Ok(pulled))
                if pulled.has.epoch == has.epoch && pulled.has.reading == has.reading =>
            {
                self.hand_over(pulled);
                ControlFlow::Continue(())
            }
            Ok(Ok(_)) => ControlFlow::Break(()),
            Ok(Err(body)) => self.refuse(body),
            Err(_) => self.fail(),
        }
    }

    /// What the log has after what the device said, on the terms that it has.
    async fn pull(
        &mut self,
        said: Said,
        held: Reading,
    ) -> Result<Result<Pulled, ErrorBody>, LogError> {
        let log = self.link.hotels.log().as_ref();
        let (who, now) = (&self.admitted.who, self.link.hotels.now());
        let greeted = greet(log, who, &[], said, now).await?;
        let (reading, epoch) = (greeted.reading, greeted.head.epoch);
        let terms = welcome(
            now,
            self.protocol,
            said.epoch,
            said.cursor,
            Some(held),
            greeted,
        );
        let (welcome, after) = match terms {
            Ok(terms) => terms,
            Err(body) => return Ok(Err(body)),
        };
        let page = log.read(who.hotel, after, PAGE).await?;
        self.link.ledger.delivered(&page);
        let present = reading_of(log, who).await?;
        let entries = reading.and(present).shown(&page);
        let is_where_it_was = said.epoch == Some(epoch) && after == said.cursor;
        let known = said.known.filter(|_| is_where_it_was);
        Ok(Ok(Pulled {
            welcome,
            has: Has {
                epoch,
                cursor: after,
                known,
                reading,
            },
            entries,
        }))
    }

    /// The device is told, and asks again once it has taken that in: whoever is not there any more does
    /// not.
    fn hand_over(&mut self, pulled: Pulled) {
        let Pulled {
            mut has, entries, ..
        } = pulled;
        let told = entries.len();
        if let Some(last) = entries.last() {
            has.cursor = last.sequence;
            has.known = entries.iter().rev().find_map(KnownPlace::of).or(has.known);
            self.say(&ServerFrame::Deliver { entries });
        }
        self.pings += 1;
        self.awaited = Some(Awaited {
            ping: self.pings,
            has,
            entries: told,
        });
        self.send(Down::Ping(self.pings));
    }

    /// Whoever was told something asks for more at once.
    async fn has_taken_in(&mut self, ping: u32) -> ControlFlow<()> {
        let Some(taken_in) = self.awaited.take_if(|awaited| awaited.ping == ping) else {
            return ControlFlow::Continue(());
        };
        self.has = Some(taken_in.has);
        match taken_in.entries {
            0 => ControlFlow::Continue(()),
            _ => self.look().await,
        }
    }

    /// Every request shows the token, which may have ended.
    fn check_token(&self) -> ControlFlow<()> {
        let who = &self.admitted.who;
        let is_ended = self.link.tokens.has_ended(who.device, who.session);
        if is_ended || self.link.hotels.now() >= self.admitted.until {
            self.sign_out()
        } else {
            ControlFlow::Continue(())
        }
    }

    fn sign_out(&self) -> ControlFlow<()> {
        self.say(&ServerFrame::Refuse(ErrorBody {
            code: ErrorCode::SignedOut,
            message: "the token opens nothing".to_owned(),
        }));
        ControlFlow::Break(())
    }

    fn fail(&self) -> ControlFlow<()> {
        self.refuse(ErrorBody {
            code: ErrorCode::TryLater,
            message: "the store cannot be reached".to_owned(),
        })
    }

    fn refuse(&self, body: ErrorBody) -> ControlFlow<()> {
        let device = device::number(self.admitted.who.device);
        self.link.ledger.turned_away(device, &body);
        self.say(&ServerFrame::Refuse(body));
        ControlFlow::Break(())
    }

    fn say(&self, frame: &ServerFrame) {
        self.send(Down::Frame(encode(frame)));
    }

    pub fn send(&self, down: Down) {
        self.link.send(down);
    }
}
