//! Runs a session over a WebSocket: reads, asks the hotel, writes. It decides nothing.

use super::{Admitted, Input, Session, binding::Binds};
use crate::{
    access::AccessNews,
    accounts::{AccountError, Seen},
    audit::AuditHeads,
    hotel::{Answer, Hotels, Pending, Stored, Turn},
    log::Log,
};
use axum::{
    body::Bytes,
    extract::ws::{Message, WebSocket},
};
use futures_util::{
    future::BoxFuture,
    stream::{FuturesOrdered, StreamExt},
};
use keyrack_model::{
    action::Sequence,
    audit_head::AuditHead,
    class::Reading,
    limits::{DROP_MILLIS, PROMPT_MESSAGE, SEEN_MILLIS, STREAM_REST_MILLIS, UNREAD_MESSAGES},
    time::Timestamp,
    wire::ServerFrame,
};
use keyrack_wire::{Incoming, Outgoing, TooLarge, Unreadable};
use std::{collections::VecDeque, fmt, future::Future, pin::pin, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval, interval_at, timeout},
};
use tungstenite::error::CapacityError;
use waiting::{Deliveries, in_turn, next, next_head};

mod effects;
mod greeting;
mod looking;
mod telling;
mod waiting;

pub use greeting::{Said, greet, reading_at, reading_of};

const TICK: Duration = Duration::from_secs(1);
const REST: Duration = Duration::from_millis(STREAM_REST_MILLIS);
/// How long a device stays connected after its session was ended elsewhere, where no news of it came.
const LOOK_AGAIN: Duration = Duration::from_millis(SEEN_MILLIS as u64);
const DROP: Duration = Duration::from_millis(DROP_MILLIS as u64);

/// Why the connection is over.
#[derive(Debug)]
enum Over {
    /// The session said so, or the device hung up.
    Ended,
    Socket(axum::Error),
    /// The device did not take what was sent.
    NotRead,
    /// Something is too large to be delivered; a fault of the server.
    Frame(TooLarge),
}

impl From<axum::Error> for Over {
    fn from(error: axum::Error) -> Self {
        Self::Socket(error)
    }
}

/// Looks whose token something is; nobody's when it opens nothing.
pub type Admit =
    Box<dyn Fn(String) -> BoxFuture<'static, Result<Option<Admitted>, AccountError>> + Send + Sync>;

/// Counts bytes of the log that were there before the device came, and that it is sent.
pub type Gave = Box<dyn Fn(u64) + Send + Sync>;

/// Says that the device is told why its connection ends while it is still sending: the rest is taken for
/// a moment, or the end would overtake what it was told.
pub type SaysFarewell = Box<dyn Fn() + Send + Sync>;

/// What a session has of the server around it.
pub struct Around {
    pub admit: Admit,
    pub gave: Gave,
    pub binds: Binds,
    pub heads: AuditHeads,
    pub look: Look,
    pub access: AccessNews,
    pub farewell: SaysFarewell,
}

/// Looks whether a session goes on that was admitted until an instant.
pub type Look =
    Box<dyn Fn(Timestamp) -> BoxFuture<'static, Result<Seen, AccountError>> + Send + Sync>;

/// Serves one device until it goes, or until `stopping` completes and its verdicts are out.
pub async fn run<L: Log>(
    socket: WebSocket,
    hotels: Hotels<L>,
    admitted: Admitted,
    Around {
        admit,
        gave,
        binds,
        heads,
        look,
        access,
        farewell,
    }: Around,
    stopping: impl Future<Output = ()>,
) {
    let recorded = heads.follow(admitted.who.hotel);
    let session = Session::new(admitted, hotels.now());
    let mut connection = Connection {
        socket,
        incoming: Incoming::default(),
        unread: VecDeque::new(),
        turn: Turn::Prompt,
        outgoing: Outgoing::default(),
        told_at: Instant::now(),
        hotels,
        session,
        admit,
        gave,
        binds,
        past: Sequence::default(),
        feed: None,
        reading: Reading::default(),
        pending: FuturesOrdered::new(),
        left_out: Vec::new(),
        answered: Sequence::default(),
        heads,
        recorded,
        look,
        access,
        farewell,
    };
    match connection.serve(stopping).await {
        Over::Ended => {}
        Over::NotRead => {
            let device = connection.session.who().device;
            tracing::info!(%device, "the device no longer reads; its connection is closed");
        }
        Over::Socket(error) => {
            let device = connection.session.who().device;
            tracing::debug!(%device, %error, "the connection broke");
        }
        Over::Frame(error) => {
            let device = connection.session.who().device;
            tracing::error!(%device, %error, "a frame was not sent");
        }
    }
}

struct Connection<L> {
    socket: WebSocket,
    incoming: Incoming,
    /// A large message, as it came, until the hotel has room for what is in it, and the one after it.
    unread: VecDeque<Bytes>,
    /// How the last one came to be read.
    turn: Turn,
    outgoing: Outgoing,
    /// When the device was told of something last.
    told_at: Instant,
    hotels: Hotels<L>,
    session: Session,
    admit: Admit,
    gave: Gave,
    binds: Binds,
    /// Where the log ended when the device was greeted: up to there it is handed out.
    past: Sequence,
    feed: Option<Deliveries>,
    /// What the person may read of it.
    reading: Reading,
    /// Pushes being judged, in the order in which they came.
    pending: FuturesOrdered<Pending>,
    /// What was pushed here and is not delivered, as far as the feed has not come to it, in order.
    left_out: Vec<Stored>,
    /// The last place of which an answer to a push told, or up to which the device had the log.
    answered: Sequence,
    heads: AuditHeads,
    /// Where the hotel's audit log ends, as recorded last.
    recorded: watch::Receiver<Option<AuditHead>>,
    look: Look,
    access: AccessNews,
    farewell: SaysFarewell,
}

impl<L: Log> Connection<L> {
    async fn serve(&mut self, stopping: impl Future<Output = ()>) -> Over {
        let mut stopping = pin!(stopping);
        let mut is_stopping = false;
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut looks = interval_at(Instant::now() + LOOK_AGAIN, LOOK_AGAIN);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let input = tokio::select! {
                received = self.socket.recv(), if self.reads() => match received {
                    Some(Ok(Message::Binary(message))) if self.waits(&message) => {
                        self.unread.push_back(message);
                        continue;
                    }
                    Some(Ok(Message::Binary(message))) => self.read(&message, Turn::Prompt),
                    Some(Ok(Message::Close(_))) | None => return Over::Ended,
                    Some(Ok(Message::Pong(number))) => answered(&number),
                    Some(Ok(Message::Text(_) | Message::Ping(_))) => Input::Heard,
                    Some(Err(error)) => match too_large(error) {
                        Ok(input) => {
                            (self.farewell)();
                            input
                        }
                        Err(broken) => return broken,
                    },
                },
                Some(message) = in_turn(&self.hotels, self.session.who().hotel, &mut self.unread),
                    if self.session.reads() => self.read(&message, Turn::Waited),
                Some(answer) = self.pending.next() => self.judged(answer),
                delivery = next(&mut self.feed), if self.sends() => match delivery {
                    Ok(delivery) => match self.deliver(delivery).await {
                        Ok(input) => input,
                        Err(over) => return over,
                    },
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
                Some(head) = next_head(&mut self.recorded) => Input::AuditHead(head),
                () = self.access.come() => match self.look_again().await {
                    Some(input) => input,
                    None => continue,
                },
                // The net beneath the news: a database that cannot be asked is asked in a minute.
                _ = looks.tick() => match self.look().await {
                    Ok(Some(input)) => input,
                    Ok(None) | Err(_) => continue,
                },
                _ = ticks.tick() => {
                    if self.told_at.elapsed() >= REST {
                        self.outgoing.rest();
                    }
                    // It may not be listened to; what it sent is a sign of life until it is read.
                    if !self.unread.is_empty()
                        && let Err(over) = self.handle(Input::Heard).await
                    {
                        return over;
                    }
                    Input::Tick
                }
            };
            if let Err(over) = self.handle(input).await {
                return over;
            }
        }
    }

    /// Whether a message waits for room: one of a device that was greeted, if it is large, and what
    /// comes after one that waits.
    fn waits(&self, message: &[u8]) -> bool {
        !self.unread.is_empty() || (message.len() >= PROMPT_MESSAGE && self.feed.is_some())
    }

    fn reads(&self) -> bool {
        self.session.reads() && self.unread.len() < UNREAD_MESSAGES
    }

    /// Whether the device is told more: it has answered for what it was sent, or is not listened to.
    fn sends(&self) -> bool {
        self.session.has_room() || !self.reads()
    }

    fn read(&mut self, message: &[u8], turn: Turn) -> Input {
        self.turn = turn;
        match self.incoming.unpack(message) {
            Ok(frame) => Input::Frame(frame),
            Err(why) => Input::Unreadable(why),
        }
    }

    fn judged<E>(&mut self, answer: Result<Answer, E>) -> Input {
        match answer {
            Ok(answer) => {
                self.answered = self.answered.max(answer.reach().unwrap_or_default());
                Input::Judged(answer)
            }
            Err(_) => Input::Failed,
        }
    }

    /// A device that does not read for as long as it may be silent is gone.
    async fn write(&mut self, message: Message) -> Result<(), Over> {
        match timeout(DROP, self.socket.send(message)).await {
            Ok(sent) => Ok(sent?),
            Err(_) => Err(Over::NotRead),
        }
    }

    async fn send(&mut self, frame: &[u8]) -> Result<(), Over> {
        self.told_at = Instant::now();
        let message = self.outgoing.pack(frame).map_err(Over::Frame)?;
        self.write(Message::Binary(message.into())).await
    }

    /// What comes of something that the device is not given.
    fn not_given(&self, error: &AccountError) -> Input {
        if let AccountError::Crowded { seconds } = error {
            let device = self.session.who().device;
            tracing::info!(%device, seconds, "a device asks for more than it is given");
            return Input::Crowded;
        }
        self.failed(error)
    }

    fn failed(&self, error: &dyn fmt::Display) -> Input {
        let who = self.session.who();
        tracing::error!(hotel = %who.hotel, device = %who.device, %error, "a session could not be served");
        Input::Failed
    }
}

/// What comes of a message that was not read, where that is for its size alone.
fn too_large(error: axum::Error) -> Result<Input, Over> {
    match error.into_inner().downcast::<tungstenite::Error>() {
        Ok(error) => match *error {
            tungstenite::Error::Capacity(CapacityError::MessageTooLong { .. }) => {
                Ok(Input::Unreadable(Unreadable::TooLarge))
            }
            other => Err(Over::Socket(axum::Error::new(other))),
        },
        Err(other) => Err(Over::Socket(axum::Error::new(other))),
    }
}

/// Which ping a device answers.
fn answered(number: &[u8]) -> Input {
    match <[u8; 4]>::try_from(number) {
        Ok(number) => Input::Answered {
            ping: u32::from_be_bytes(number),
        },
        Err(_) => Input::Heard,
    }
}

fn encode(frame: &ServerFrame) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(frame, &mut bytes)
        .expect("a frame has no value that CBOR lacks, and memory takes all bytes");
    bytes
}

#[cfg(test)]
mod tests;
