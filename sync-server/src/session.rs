//! One device's connection, as a plain value: frames and facts in, effects out.
//!
//! **Architecture Invariant**: nothing is judged before the `Hello` was answered, and nothing that
//! the device's key has not signed is judged at all. Whoever runs a session carries its effects
//! out one after another, so a push meets the actors that were registered before it. A connection
//! lasts no longer than the last token of its own session that was shown on it.

use crate::{
    bucket::{Bucket, Cost},
    hotel::Answer,
};
use keyrack_model::{
    action::Sequence,
    administration::Suspicion,
    audit_head::AuditHead,
    class::Reading,
    ids::LogEpoch,
    limits::{FRAME_ALLOWANCE, MAX_PUSHES_IN_FLIGHT, OLDEST_PROTOCOL},
    time::Timestamp,
    wire::{ClientFrame, ErrorBody, ErrorCode, ServerFrame},
};
use keyrack_wire::Unreadable;
use pulse::Pulse;

mod ahead;
mod binding;
mod connection;
mod effect;
mod identity;
mod input;
mod proofs;
mod pulse;
mod refusing;
mod terms;

pub use binding::{Binds, fresh_actors};
pub use connection::{Admit, Around, Gave, Look, Said, greet, reading_at, reading_of, run};
pub use effect::{Closing, Effect};
pub use identity::{Admitted, Identity};
pub use input::{Greeted, Input};
pub use proofs::AuthorKey;
pub(crate) use refusing::clashes;
use refusing::refuse;
pub(crate) use terms::{SignedBatch, read_frame, told_in, welcome};

/// A device's connection.
pub struct Session {
    who: Identity,
    /// When the token ends that counts at present.
    until: Timestamp,
    phase: Phase,
    pulse: Pulse,
    /// Pushes that wait for their verdicts.
    waiting: usize,
    /// The version that both sides speak.
    protocol: u16,
    /// The end of the audit log that the device was told last.
    told: Option<AuditHead>,
    /// What it may send beside what is bounded otherwise.
    frames: Bucket,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    /// Nothing was said yet.
    Silent,
    /// The log is being asked what to answer to the `Hello`.
    Greeting {
        epoch: Option<LogEpoch>,
        cursor: Sequence,
        held: Reading,
    },
    Live,
    /// Verdicts that are due go out, and nothing else comes in.
    Leaving,
    Closed,
}

impl Session {
    pub fn new(Admitted { who, until }: Admitted, now: Timestamp) -> Self {
        Self {
            who,
            until,
            phase: Phase::Silent,
            pulse: Pulse::new(now),
            waiting: 0,
            protocol: OLDEST_PROTOCOL,
            told: None,
            frames: Bucket::full(FRAME_ALLOWANCE, now),
        }
    }

    pub fn who(&self) -> &Identity {
        &self.who
    }

    /// Until when the token holds that was shown last.
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// Whether another frame may be read. What is not read waits with the device.
    pub fn reads(&self) -> bool {
        match self.phase {
            Phase::Silent | Phase::Live => self.waiting < MAX_PUSHES_IN_FLIGHT,
            Phase::Greeting { .. } | Phase::Leaving | Phase::Closed => false,
        }
    }

    /// Whether more of the log may be sent before the device has answered.
    pub fn has_room(&self) -> bool {
        self.pulse.has_room()
    }

    /// Whether what a push stored may be left out of what is delivered.
    pub fn leaves_out(&self) -> bool {
        self.protocol >= FIRST_WITH_STORED
    }

    pub fn handle(&mut self, now: Timestamp, input: Input) -> Vec<Effect> {
        if self.phase == Phase::Closed {
            return vec![];
        }
        match input {
            Input::Frame(bytes) => {
                self.pulse.heard(now);
                self.frame(now, &bytes).unwrap_or_else(|body| self.close(body))
            }
            Input::Unreadable(Unreadable::TooLarge) => self.close(refusing::too_large()),
            Input::Unreadable(Unreadable::NotOfTheStream(_) | Unreadable::NotRestored(_)) => {
                self.close(refusing::bad_request())
            }
            // It was asked for, as often as there was much to send.
            Input::Answered { ping } if self.phase == Phase::Live && self.pulse.awaits(ping) => {
                self.answered(now)
            }
            Input::Heard | Input::Answered { .. } => {
                self.pulse.heard(now);
                self.charge(now, 1)
                    .map_or_else(|body| self.close(body), |()| vec![])
            }
            Input::Delivered { last, bytes } => {
                self.pulse.delivered(last, bytes);
                self.ask(now)
            }
            Input::Greeted(greeted) => self
                .greeted(now, greeted)
                .unwrap_or_else(|body| self.close(body)),
            Input::Registered { clashes } => match refusing::clashes(&clashes) {
                Ok(()) => vec![],
                Err(body) => self.close(body),
            },
            Input::Admitted(admitted) => self
                .renewed(admitted)
                .unwrap_or_else(|body| self.close(body)),
            Input::Judged(answer) => self.judged(answer),
            Input::AuditHead(head) => self.tell_audit_head(head),
            Input::Failed => self.close(refuse(
                ErrorCode::TryLater,
                "The server cannot reach its store. Everything is kept on this device; it will try again.",
            )),
            Input::Crowded => self.close(refusing::asks_too_much()),
            Input::Tick => self.tick(now),
            // It is greeted anew, on other terms.
            Input::ReadingChanged => self.leave(0),
            Input::Ended => self.close(refusing::session_ended()),
            Input::Stopping => self.leave_for_later(),
        }
    }

    fn frame(&mut self, now: Timestamp, bytes: &[u8]) -> Result<Vec<Effect>, ErrorBody> {
        let frame = terms::read_frame(bytes)?;
        if !is_bounded_otherwise(&frame) {
            self.charge(now, bytes.len() as u64)?;
        }
        match (self.phase, frame) {
            (Phase::Live | Phase::Silent, ClientFrame::Ping) => {
                Ok(vec![Effect::Send(ServerFrame::Pong)])
            }
            (
                Phase::Silent,
                ClientFrame::Hello {
                    protocol,
                    epoch,
                    cursor,
                    known,
                    classes,
                    actors,
                },
            ) => {
                terms::check_protocol(protocol)?;
                self.protocol = protocol;
                let actors = self.who.known_actors(self.protocol, actors)?;
                let held = classes.into_iter().collect();
                self.phase = Phase::Greeting {
                    epoch,
                    cursor,
                    held,
                };
                self.pulse.greets(now);
                Ok(vec![Effect::Greet {
                    actors,
                    epoch,
                    known,
                    cursor,
                }])
            }
            (Phase::Live, ClientFrame::Register { actors }) => {
                let actors = self.who.known_actors(self.protocol, actors)?;
                Ok(vec![Effect::Register { actors }])
            }
            (
                Phase::Live,
                ClientFrame::Push {
                    batch,
                    signature,
                    proofs,
                },
            ) => self.push(SignedBatch {
                batch: &batch,
                signature: &signature,
                proofs: &proofs,
                sent: bytes.len(),
            }),
            (Phase::Live, ClientFrame::Renew { token }) if self.protocol >= FIRST_WITH_RENEW => {
                Ok(vec![Effect::Admit { token }])
            }
            (
                _,
                ClientFrame::Hello { .. }
                | ClientFrame::Register { .. }
                | ClientFrame::Push { .. }
                | ClientFrame::Ping
                | ClientFrame::Renew { .. },
            ) => Err(refusing::bad_request()),
        }
    }

    /// Counts something that a device may say however often it is of no use.
    fn charge(&mut self, now: Timestamp, bytes: u64) -> Result<(), ErrorBody> {
        let cost = Cost {
            operations: 1,
            bytes,
        };
        self.frames.follow(now);
        if self.frames.wait(cost, now) > 0 {
            return Err(refusing::crowded());
        }
        self.frames.take(cost, now);
        Ok(())
    }

    fn push(&mut self, push: SignedBatch<'_>) -> Result<Vec<Effect>, ErrorBody> {
        let opened = self.who.open_push(self.protocol, push);
        let claims = match opened {
            Ok(claims) => claims,
            Err(body) if body.code == ErrorCode::DeviceKey => {
                let mut effects = vec![Effect::Suspect(Suspicion::Signature)];
                effects.extend(self.close(body));
                return Ok(effects);
            }
            Err(body) => return Err(body),
        };
        self.waiting += 1;
        Ok(vec![Effect::Judge(claims)])
    }

    fn greeted(&mut self, now: Timestamp, greeted: Greeted) -> Result<Vec<Effect>, ErrorBody> {
        let Phase::Greeting {
            epoch,
            cursor,
            held,
        } = self.phase
        else {
            return Ok(vec![]);
        };
        let reading = greeted.reading;
        let (welcome, after) =
            terms::welcome(now, self.protocol, epoch, cursor, Some(held), greeted)?;
        self.phase = Phase::Live;
        self.pulse.follows(now, after);
        Ok(vec![
            Effect::Send(welcome),
            Effect::Follow { after, reading },
        ])
    }

    /// Another token counts from here on, if it is of the same session.
    fn renewed(&mut self, admitted: Option<Box<Admitted>>) -> Result<Vec<Effect>, ErrorBody> {
        let admitted = admitted.filter(|admitted| {
            let (other, own) = (&admitted.who, &self.who);
            (other.hotel, other.session) == (own.hotel, own.session)
                && (other.user, other.device) == (own.user, own.device)
        });
        self.until = admitted.ok_or_else(refusing::signed_out)?.until;
        Ok(vec![])
    }

    fn judged(&mut self, answer: Answer) -> Vec<Effect> {
        self.waiting = self.waiting.saturating_sub(1);
        let mut effects = match answer.stored {
            Some(stored) if self.leaves_out() => vec![
                Effect::Send(ServerFrame::Stored {
                    first: stored.first,
                    received_at: stored.received_at,
                }),
                Effect::LeaveOut(stored),
            ],
            _ => {
                let verdicts = terms::told_in(self.protocol, answer.verdicts);
                vec![Effect::Send(ServerFrame::Verdicts { verdicts })]
            }
        };
        if self.phase == Phase::Leaving && self.waiting == 0 {
            self.phase = Phase::Closed;
            effects.push(Effect::Close(Closing::Over));
        }
        effects
    }

    /// Once it is greeted, and when it is another one than the device was told: not an earlier one,
    /// which was read before and comes late.
    fn tell_audit_head(&mut self, head: AuditHead) -> Vec<Effect> {
        let is_served = self.phase == Phase::Live && self.protocol >= FIRST_WITH_AUDIT_HEAD;
        let is_news = self.told.as_ref().is_none_or(|told| {
            told.number < head.number || (told.number == head.number && told.hash != head.hash)
        });
        if !is_served || !is_news {
            return vec![];
        }
        self.told = Some(head.clone());
        vec![Effect::Send(ServerFrame::AuditHead(head))]
    }

    fn tick(&mut self, now: Timestamp) -> Vec<Effect> {
        if now >= self.until && self.phase != Phase::Leaving {
            return self.leave_for_later();
        }
        // A device whose pushes wait here may have nothing to say.
        if self.waiting == 0 && self.pulse.is_gone(now) {
            self.phase = Phase::Closed;
            return vec![Effect::Close(Closing::Over)];
        }
        let is_live = self.phase == Phase::Live;
        if self.pulse.is_due(now) || (is_live && self.pulse.is_due_to_be_noted(now)) {
            return vec![self.ping(now)];
        }
        vec![]
    }

    fn ping(&mut self, now: Timestamp) -> Effect {
        Effect::Ping {
            number: self.pulse.ping(now),
        }
    }

    /// Asks how far the device has come, once it was sent much.
    fn ask(&mut self, now: Timestamp) -> Vec<Effect> {
        if self.phase == Phase::Live && self.pulse.is_to_ask() {
            vec![self.ping(now)]
        } else {
            vec![]
        }
    }

    /// How far the device has heard is written down now and then.
    fn answered(&mut self, now: Timestamp) -> Vec<Effect> {
        self.pulse.answered(now);
        // What it has heard is what the ping that it answered came after, not the next one.
        let heard = self.pulse.take_note(now);
        let mut effects = self.ask(now);
        effects.extend(heard.map(|up_to| Effect::NoteTold { up_to }));
        effects
    }

    /// Spread by device, so that they do not all come back at once.
    fn leave_for_later(&mut self) -> Vec<Effect> {
        let spread = self.who.device.0.as_u128() % u128::from(COME_BACK_SPREAD_MILLIS);
        self.leave(COME_BACK_MILLIS + spread as u32)
    }

    fn leave(&mut self, retry_after_millis: u32) -> Vec<Effect> {
        if self.phase == Phase::Leaving {
            return vec![];
        }
        let mut effects = vec![Effect::Send(ServerFrame::GoAway { retry_after_millis })];
        self.phase = Phase::Leaving;
        if self.waiting == 0 {
            self.phase = Phase::Closed;
            effects.push(Effect::Close(Closing::Over));
        }
        effects
    }

    fn close(&mut self, body: ErrorBody) -> Vec<Effect> {
        self.phase = Phase::Closed;
        let closing = if body.code == ErrorCode::TooLarge {
            Closing::TooLarge
        } else {
            Closing::Over
        };
        vec![
            Effect::Send(ServerFrame::Refuse(body)),
            Effect::Close(closing),
        ]
    }
}

/// Whether a frame is counted by what is in it: actions with all that was sent of them, or actors.
fn is_bounded_otherwise(frame: &ClientFrame) -> bool {
    match frame {
        ClientFrame::Push { .. } | ClientFrame::Register { .. } => true,
        ClientFrame::Hello { .. } | ClientFrame::Ping | ClientFrame::Renew { .. } => false,
    }
}

/// Earlier versions know no `Stored`.
const FIRST_WITH_STORED: u16 = 2;
/// Earlier versions end a connection whose token ends.
const FIRST_WITH_RENEW: u16 = 3;
/// Earlier versions know no `AuditHead`.
const FIRST_WITH_AUDIT_HEAD: u16 = 3;

/// When a device may come back to a server that stops, or with another token.
const COME_BACK_MILLIS: u32 = 1_000;
const COME_BACK_SPREAD_MILLIS: u32 = 4_000;

#[cfg(test)]
mod tests;
