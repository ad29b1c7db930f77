//! Runs a session over a WebSocket: reads, asks the hotel, writes. It decides nothing.

use super::{Effect, Greeted, Identity, Input, Session};
use crate::{
    gate::{Author, ReadAction},
    hotel::{Feed, Hotels, Pending, off_the_runtime},
    log::{Log, LogError},
};
use axum::extract::ws::{Message, WebSocket};
use futures_util::stream::{FuturesOrdered, StreamExt};
use keyrack_model::wire::{ActorRegistration, ServerFrame};
use std::{collections::VecDeque, future::Future, pin::pin, sync::Arc, time::Duration};
use tokio::time::{MissedTickBehavior, interval};

const TICK: Duration = Duration::from_secs(1);

/// Why the connection is over.
#[derive(Debug)]
enum Over {
    /// The session said so, or the device hung up.
    Ended,
    Socket(axum::Error),
}

impl From<axum::Error> for Over {
    fn from(error: axum::Error) -> Self {
        Self::Socket(error)
    }
}

/// Serves one device until it goes, or until `stopping` completes and its verdicts are out.
pub async fn run<L: Log>(
    socket: WebSocket,
    hotels: Hotels<L>,
    who: Identity,
    stopping: impl Future<Output = ()>,
) {
    let session = Session::new(who, hotels.now());
    let mut connection = Connection {
        socket,
        hotels,
        session,
        feed: None,
        pending: FuturesOrdered::new(),
    };
    match connection.serve(stopping).await {
        Over::Ended => {}
        Over::Socket(error) => {
            let device = connection.session.who().device;
            tracing::debug!(%device, %error, "the connection broke");
        }
    }
}

struct Connection<L> {
    socket: WebSocket,
    hotels: Hotels<L>,
    session: Session,
    feed: Option<Feed<L>>,
    /// Pushes being judged, in the order in which they came.
    pending: FuturesOrdered<Pending>,
}

impl<L: Log> Connection<L> {
    async fn serve(&mut self, stopping: impl Future<Output = ()>) -> Over {
        let mut stopping = pin!(stopping);
        let mut is_stopping = false;
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            let input = tokio::select! {
                received = self.socket.recv(), if self.session.reads() => match received {
                    Some(Ok(Message::Binary(bytes))) => Input::Frame(bytes.into()),
                    Some(Ok(Message::Close(_))) | None => return Over::Ended,
                    Some(Ok(Message::Text(_) | Message::Ping(_) | Message::Pong(_))) => Input::Heard,
                    Some(Err(error)) => return error.into(),
                },
                Some(judged) = self.pending.next() => match judged {
                    Ok(verdicts) => Input::Judged(verdicts),
                    Err(_) => Input::Failed,
                },
                delivery = next(&mut self.feed) => match delivery {
                    Ok(delivery) => {
                        if let Err(error) = self.socket.send(Message::Binary(delivery.frame())).await {
                            return error.into();
                        }
                        continue;
                    }
                    Err(error) => {
                        self.feed = None;
                        // Verdicts that are due still go out.
                        if is_stopping {
                            continue;
                        }
                        self.failed(&error)
                    }
                },
                () = &mut stopping, if !is_stopping => {
                    is_stopping = true;
                    Input::Stopping
                }
                _ = ticks.tick() => Input::Tick,
            };
            if let Err(over) = self.handle(input).await {
                return over;
            }
        }
    }

    /// Carries out what the session makes of an input, and of what follows from it.
    async fn handle(&mut self, input: Input) -> Result<(), Over> {
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
                self.socket.send(encode(&frame)).await?;
                Ok(None)
            }
            Effect::Ping => {
                self.socket.send(Message::Ping(Default::default())).await?;
                Ok(None)
            }
            Effect::Greet { actors } => Ok(Some(match self.greet(&actors).await {
                Ok(greeted) => Input::Greeted(greeted),
                Err(error) => self.failed(&error),
            })),
            Effect::Register { actors } => {
                let who = self.session.who();
                let log = self.hotels.log();
                let clashes = log.register_actors(who.hotel, who.device, &actors).await;
                Ok(Some(match clashes {
                    Ok(clashes) => Input::Registered { clashes },
                    Err(error) => self.failed(&error),
                }))
            }
            Effect::Follow { after } => match self.hotels.follow(self.session.who().hotel, after) {
                Ok(feed) => {
                    self.feed = Some(feed);
                    Ok(None)
                }
                Err(_) => Ok(Some(Input::Stopping)),
            },
            Effect::Judge(actions) => {
                let read = off_the_runtime(|| actions.into_iter().map(ReadAction::of).collect());
                let who = self.session.who();
                let from = Author::People(who.device);
                match self.hotels.begin_push(who.hotel, from, read).await {
                    Ok(pending) => {
                        self.pending.push_back(pending);
                        Ok(None)
                    }
                    Err(_) => Ok(Some(Input::Failed)),
                }
            }
            Effect::Close => {
                // The device may have gone first.
                self.socket.send(Message::Close(None)).await.ok();
                Err(Over::Ended)
            }
        }
    }

    async fn greet(&mut self, actors: &[ActorRegistration]) -> Result<Greeted, LogError> {
        let who = self.session.who();
        let log = self.hotels.log();
        let clashes = log.register_actors(who.hotel, who.device, actors).await?;
        let (head, people) =
            futures_util::future::try_join(log.head(who.hotel), log.people(who.hotel)).await?;
        Ok(Greeted {
            head,
            people,
            clashes,
        })
    }

    fn failed(&self, error: &LogError) -> Input {
        let who = self.session.who();
        tracing::error!(hotel = %who.hotel, device = %who.device, %error, "a session could not be served");
        Input::Failed
    }
}

/// Waits for ever while nothing is followed.
async fn next<L: Log>(feed: &mut Option<Feed<L>>) -> Result<Arc<crate::hotel::Delivery>, LogError> {
    match feed {
        Some(feed) => feed.next().await,
        None => std::future::pending().await,
    }
}

fn encode(frame: &ServerFrame) -> Message {
    let mut bytes = Vec::new();
    ciborium::into_writer(frame, &mut bytes)
        .expect("a frame has no value that CBOR lacks, and memory takes all bytes");
    Message::Binary(bytes.into())
}

#[cfg(test)]
mod tests;
