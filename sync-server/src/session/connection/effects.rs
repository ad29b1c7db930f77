//! Carrying out what a session wants.

use super::{
    Connection, Over, encode,
    greeting::{Said, greet},
};
use crate::{
    gate::Author,
    log::Log,
    session::{Closing, Effect, Input, binding::fresh_actors},
};
use axum::extract::ws::{CloseFrame, Message, close_code};
use keyrack_model::{action::Sequence, audit_head::AuditHead, wire::ActorRegistration};
use std::collections::VecDeque;

impl<L: Log> Connection<L> {
    /// Carries out what the session makes of an input, and of what follows from it.
    pub(super) async fn handle(&mut self, input: Input) -> Result<(), Over> {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            for effect in self.session.handle(self.hotels.now(), input) {
                inputs.extend(self.carry_out(effect).await?);
            }
        }
        Ok(())
    }

    async fn carry_out(&mut self, effect: Effect) -> Result<Option<Input>, Over> {
        match effect {
            Effect::Send(frame) => {
                self.send(&encode(&frame)).await?;
                Ok(None)
            }
            Effect::Ping { number } => {
                let number = number.to_be_bytes().to_vec();
                self.write(Message::Ping(number.into())).await?;
                Ok(None)
            }
            // What is rare is carried out in a box: a connection takes the memory of what it may do at
            // any time for as long as it lives.
            Effect::NoteTold { up_to } => {
                Box::pin(self.note_told(up_to)).await;
                Ok(None)
            }
            Effect::Greet {
                actors,
                epoch,
                known,
                cursor,
            } => {
                let said = Said {
                    epoch,
                    cursor,
                    known,
                };
                Ok(Some(Box::pin(self.greet(&actors, said)).await))
            }
            Effect::Register { actors } => Ok(Some(Box::pin(self.register(&actors)).await)),
            Effect::Admit { token } => Ok(Some(match (self.admit)(token).await {
                Ok(admitted) => Input::Admitted(admitted.map(Box::new)),
                Err(error) => self.not_given(&error),
            })),
            Effect::Follow { after, reading } => {
                match self.hotels.follow(self.session.who().hotel, after) {
                    Ok(feed) => {
                        self.feed = Some(feed.into_stream());
                        self.reading = reading;
                        self.answered = after;
                        let head = Box::pin(self.audit_head()).await;
                        Ok(head.map(Input::AuditHead))
                    }
                    Err(_) => Ok(Some(Input::Stopping)),
                }
            }
            Effect::Judge(claims) => {
                let who = self.session.who();
                let (hotel, from) = (who.hotel, Author::People(who.device));
                let pending = self.hotels.begin_claims(hotel, from, claims, self.turn);
                match Box::pin(pending).await {
                    Ok(pending) => {
                        self.pending.push_back(pending);
                        Ok(None)
                    }
                    Err(_) => Ok(Some(Input::Failed)),
                }
            }
            Effect::Suspect(suspicion) => {
                let who = self.session.who();
                let (hotel, of) = (who.hotel, (who.device, Some(who.user)));
                Box::pin(self.hotels.suspect(hotel, of, suspicion)).await;
                Ok(None)
            }
            Effect::LeaveOut(stored) => {
                self.left_out.push(stored);
                Ok(None)
            }
            Effect::Close(closing) => {
                // The device may have gone first.
                self.write(Message::Close(said(closing))).await.ok();
                Err(Over::Ended)
            }
        }
    }

    async fn greet(&mut self, actors: &[ActorRegistration], said: Said) -> Input {
        if let Some(input) = self.count_fresh(actors).await {
            return input;
        }
        let log = self.hotels.log().as_ref();
        let now = self.hotels.now();
        match greet(log, self.session.who(), actors, said, now).await {
            Ok(greeted) => {
                self.past = greeted.head.sequence;
                Input::Greeted(greeted)
            }
            Err(error) => self.failed(&error),
        }
    }

    async fn register(&mut self, actors: &[ActorRegistration]) -> Input {
        if let Some(input) = self.count_fresh(actors).await {
            return input;
        }
        let who = self.session.who();
        let log = self.hotels.log();
        match log.register_actors(who.hotel, who.device, actors).await {
            Ok(clashes) => Input::Registered { clashes },
            Err(error) => self.failed(&error),
        }
    }

    /// What is not written down is written down the next time.
    async fn note_told(&mut self, up_to: Sequence) {
        let (log, now, who) = (self.hotels.log(), self.hotels.now(), self.session.who());
        if let Err(error) = log.note_told(who.hotel, who.device, up_to, now).await {
            tracing::warn!(hotel = %who.hotel, device = %who.device, %error, "what a device has heard could not be written down");
        }
    }

    /// Counts the actors that are bound for the first time. What comes of it where they are too many.
    async fn count_fresh(&mut self, actors: &[ActorRegistration]) -> Option<Input> {
        let log = self.hotels.log().as_ref();
        match fresh_actors(log, self.session.who().hotel, actors).await {
            Ok(fresh) => (self.binds)(fresh)
                .err()
                .map(|error| self.not_given(&error)),
            Err(error) => Some(self.failed(&error)),
        }
    }

    /// Where the hotel's audit log ends at this moment. One that cannot be read is told later.
    async fn audit_head(&mut self) -> Option<AuditHead> {
        self.recorded.mark_unchanged();
        let who = self.session.who();
        let head = self.heads.present(who.hotel).await;
        head.unwrap_or_else(|error| {
            tracing::warn!(hotel = %who.hotel, %error, "the end of an audit log could not be read");
            None
        })
    }
}

/// With the code that RFC 6455 has for it, where it has one.
fn said(closing: Closing) -> Option<CloseFrame> {
    match closing {
        Closing::Over => None,
        Closing::TooLarge => Some(CloseFrame {
            code: close_code::SIZE,
            reason: "".into(),
        }),
    }
}
