//! Runs a session over a WebSocket: reads, asks the hotel, writes. It decides nothing.

use super::{
    Admitted, Effect, Greeted, Identity, Input, Session,
    binding::{Binds, fresh_actors},
};
use crate::{
    access::AccessNews,
    accounts::{AccountError, Seen},
    audit::AuditHeads,
    gate::Author,
    hotel::{Answer, Delivery, Hotels, Pending, Stored, Turn},
    log::{Log, LogError},
};
use axum::{
    body::Bytes,
    extract::ws::{Message, WebSocket},
};
use futures_util::{
    future::BoxFuture,
    stream::{BoxStream, FuturesOrdered, StreamExt},
};
use keyrack_model::{
    action::Sequence,
    audit_head::AuditHead,
    class::Reading,
    ids::{HotelId, LogEpoch},
    limits::{DROP_MILLIS, PROMPT_MESSAGE, SEEN_MILLIS, STREAM_REST_MILLIS},
    time::Timestamp,
    wire::{ActorRegistration, KnownPlace, ServerFrame},
};
use keyrack_wire::{Incoming, Outgoing, TooLarge, alone};
use std::{
    collections::VecDeque,
    fmt,
    future::{Future, pending},
    pin::pin,
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval, interval_at, timeout},
};

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

/// What a session has of the server around it.
pub struct Around {
    pub admit: Admit,
    pub gave: Gave,
    pub binds: Binds,
    pub heads: AuditHeads,
    pub look: Look,
    pub access: AccessNews,
}

/// Looks whether a session goes on.
pub type Look = Box<dyn Fn() -> BoxFuture<'static, Result<Seen, AccountError>> + Send + Sync>;

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
    }: Around,
    stopping: impl Future<Output = ()>,
) {
    let recorded = heads.follow(admitted.who.hotel);
    let session = Session::new(admitted, hotels.now());
    let mut connection = Connection {
        socket,
        incoming: Incoming::default(),
        unread: None,
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
    /// A large message, as it came, until the hotel has room for what is in it.
    unread: Option<Bytes>,
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
                        self.unread = Some(message);
                        continue;
                    }
                    Some(Ok(Message::Binary(message))) => self.read(&message, Turn::Prompt),
                    Some(Ok(Message::Close(_))) | None => return Over::Ended,
                    Some(Ok(Message::Pong(number))) => answered(&number),
                    Some(Ok(Message::Text(_) | Message::Ping(_))) => Input::Heard,
                    Some(Err(error)) => return error.into(),
                },
                Some(message) = in_turn(&self.hotels, self.session.who().hotel, &mut self.unread),
                    if self.session.reads() => self.read(&message, Turn::Waited),
                Some(answer) = self.pending.next() => self.judged(answer),
                delivery = next(&mut self.feed) => match delivery {
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
                    // It is not listened to; what it sent is a sign of life until it is read.
                    if self.unread.is_some()
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

    /// Whether a message waits for room: one of a device that was greeted, if it is large.
    fn waits(&self, message: &[u8]) -> bool {
        message.len() >= PROMPT_MESSAGE && self.feed.is_some()
    }

    fn reads(&self) -> bool {
        self.session.reads() && self.unread.is_none()
    }

    fn read(&mut self, message: &[u8], turn: Turn) -> Input {
        self.turn = turn;
        match self.incoming.unpack(message) {
            Ok(frame) => Input::Frame(frame),
            Err(why) => Input::Unreadable(why),
        }
    }

    /// Sends what may be read of a delivery. When it tells of the person at the device, the role
    /// that counts is the present one, which may be later than the delivery.
    async fn deliver(&mut self, delivery: Arc<Delivery>) -> Result<Input, Over> {
        self.answer_before(&delivery).await?;
        if self.access.have_come()
            && let Some(input) = self.look_again().await
        {
            self.feed = None;
            return Ok(input);
        }
        let log = self.hotels.log().as_ref();
        let present = reading_at(log, self.session.who(), &delivery, self.reading).await;
        let present = match present {
            Ok(present) => present,
            Err(error) => {
                self.feed = None;
                return Ok(self.failed(&error));
            }
        };
        let message = self.message(&delivery, self.reading.and(present))?;
        let (first, last) = (delivery.first(), delivery.last());
        self.left_out.retain(|stored| stored.last > last);
        // A device that does not read holds nothing but its message.
        drop(delivery);
        if let Some(message) = message {
            if first <= self.past {
                (self.gave)(message.len() as u64);
            }
            self.write(Message::Binary(message)).await?;
        }
        if present == self.reading {
            return Ok(Input::Delivered { last });
        }
        self.feed = None;
        Ok(Input::ReadingChanged)
    }

    /// What comes of news that the session may have ended, or its person read something else: nothing
    /// more is delivered before that is known.
    async fn look_again(&mut self) -> Option<Input> {
        match self.look().await {
            Ok(None) => {}
            Ok(input) => return input,
            Err(error) => return Some(self.failed(&error)),
        }
        self.feed.as_ref()?;
        match reading_of(self.hotels.log().as_ref(), self.session.who()).await {
            Ok(present) if present == self.reading => None,
            Ok(_) => {
                self.feed = None;
                Some(Input::ReadingChanged)
            }
            Err(error) => Some(self.failed(&error)),
        }
    }

    /// What comes of the session as it is found.
    async fn look(&mut self) -> Result<Option<Input>, AccountError> {
        match (self.look)().await {
            Ok(Seen::AsAdmitted) => Ok(None),
            // With other keys it is judged by those once it has come back.
            Ok(Seen::WithOtherKeys) => Ok(Some(Input::Stopping)),
            Err(AccountError::SignedOut) => {
                self.feed = None;
                Ok(Some(Input::Ended))
            }
            Err(error) => Err(error),
        }
    }

    /// What of a delivery is sent to this device: the same message as to others, where it may be.
    fn message(&mut self, delivery: &Delivery, reading: Reading) -> Result<Option<Bytes>, Over> {
        let Some(frame) = delivery.frame_without(&self.left_out, reading) else {
            return Ok(None);
        };
        let is_whole = delivery.is_apart_from(&self.left_out);
        let told = || delivery.told(reading).filter(|_| is_whole);
        let message = if self.outgoing.takes_alone(frame.len()) {
            if is_whole {
                delivery.message(reading)
            } else {
                alone::pack(&frame).map(Bytes::from)
            }
        } else if self.outgoing.is_compact()
            && let Some(told) = told()
        {
            self.outgoing.pack_told(told).map(Bytes::from)
        } else {
            self.outgoing.pack(&frame).map(Bytes::from)
        };
        self.told_at = Instant::now();
        Ok(Some(message.map_err(Over::Frame)?))
    }

    /// A push that is in a delivery is answered first: the answer may leave it out of there.
    async fn answer_before(&mut self, delivery: &Delivery) -> Result<(), Over> {
        let device = self.session.who().device;
        while self.session.leaves_out()
            && delivery.tells_of_work_on(device, self.answered)
            && let Some(answer) = self.pending.next().await
        {
            let input = self.judged(answer);
            self.handle(input).await?;
        }
        Ok(())
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
                self.send(&encode(&frame)).await?;
                Ok(None)
            }
            Effect::Ping { number } => {
                let number = number.to_be_bytes().to_vec();
                self.write(Message::Ping(number.into())).await?;
                Ok(None)
            }
            Effect::NoteTold { up_to } => {
                note_told(&self.hotels, self.session.who(), up_to).await;
                Ok(None)
            }
            Effect::Greet {
                actors,
                epoch,
                known,
                cursor,
            } => {
                if let Some(input) = self.count_fresh(&actors).await {
                    return Ok(Some(input));
                }
                let log = self.hotels.log().as_ref();
                let now = self.hotels.now();
                let said = Said {
                    epoch,
                    cursor,
                    known,
                };
                let greeted = greet(log, self.session.who(), &actors, said, now).await;
                Ok(Some(match greeted {
                    Ok(greeted) => {
                        self.past = greeted.head.sequence;
                        Input::Greeted(greeted)
                    }
                    Err(error) => self.failed(&error),
                }))
            }
            Effect::Register { actors } => {
                if let Some(input) = self.count_fresh(&actors).await {
                    return Ok(Some(input));
                }
                let who = self.session.who();
                let log = self.hotels.log();
                let clashes = log.register_actors(who.hotel, who.device, &actors).await;
                Ok(Some(match clashes {
                    Ok(clashes) => Input::Registered { clashes },
                    Err(error) => self.failed(&error),
                }))
            }
            Effect::Admit { token } => Ok(Some(match (self.admit)(token).await {
                Ok(admitted) => Input::Admitted(admitted.map(Box::new)),
                Err(error) => self.failed(&error),
            })),
            Effect::Follow { after, reading } => {
                match self.hotels.follow(self.session.who().hotel, after) {
                    Ok(feed) => {
                        self.feed = Some(feed.into_stream());
                        self.reading = reading;
                        self.answered = after;
                        Ok(self.audit_head().await.map(Input::AuditHead))
                    }
                    Err(_) => Ok(Some(Input::Stopping)),
                }
            }
            Effect::Judge(claims) => {
                let who = self.session.who();
                let (hotel, from) = (who.hotel, Author::People(who.device));
                let pending = self.hotels.begin_claims(hotel, from, claims, self.turn);
                match pending.await {
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
                self.hotels.suspect(hotel, of, suspicion).await;
                Ok(None)
            }
            Effect::LeaveOut(stored) => {
                self.left_out.push(stored);
                Ok(None)
            }
            Effect::Close => {
                // The device may have gone first.
                self.write(Message::Close(None)).await.ok();
                Err(Over::Ended)
            }
        }
    }

    /// Counts the actors that are bound for the first time. What comes of it where they are too many.
    async fn count_fresh(&mut self, actors: &[ActorRegistration]) -> Option<Input> {
        let log = self.hotels.log().as_ref();
        match fresh_actors(log, self.session.who().hotel, actors).await {
            Ok(fresh) => (self.binds)(fresh).err().map(|error| self.failed(&error)),
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

    async fn send(&mut self, frame: &[u8]) -> Result<(), Over> {
        self.told_at = Instant::now();
        let message = self.outgoing.pack(frame).map_err(Over::Frame)?;
        self.write(Message::Binary(message.into())).await
    }

    fn failed(&self, error: &dyn fmt::Display) -> Input {
        let who = self.session.who();
        tracing::error!(hotel = %who.hotel, device = %who.device, %error, "a session could not be served");
        Input::Failed
    }
}

/// What a device says that it has of the log.
#[derive(Clone, Copy, Debug)]
pub struct Said {
    /// None for a device that has seen no log yet.
    pub epoch: Option<LogEpoch>,
    /// The last entry that it has.
    pub cursor: Sequence,
    pub known: Option<KnownPlace>,
}

/// What the log says to a `Hello`, and takes note of: what the device has, it has heard.
///
/// # Errors
/// When the log cannot be asked.
pub async fn greet<L: Log>(
    log: &L,
    who: &Identity,
    actors: &[ActorRegistration],
    said: Said,
    now: Timestamp,
) -> Result<Greeted, LogError> {
    let Said {
        epoch,
        cursor,
        known,
    } = said;
    let clashes = log.register_actors(who.hotel, who.device, actors).await?;
    // The role after the head: a later one is told of by what follows.
    let head = log.head(who.hotel).await?;
    let reading = reading_of(log, who).await?;
    let shared = match epoch {
        Some(epoch) if epoch != head.epoch => log.shared_with(who.hotel, epoch).await?,
        _ => None,
    };
    let agrees = match known {
        Some(known) if epoch == Some(head.epoch) => log.has(who.hotel, known).await?,
        _ => true,
    };
    // Places of another log say nothing of this one.
    let is_of_this_log = epoch == Some(head.epoch) && agrees && cursor <= head.sequence;
    let heard = if is_of_this_log {
        cursor
    } else {
        Sequence::default()
    };
    log.note_told(who.hotel, who.device, heard, now).await?;
    Ok(Greeted {
        head,
        shared,
        agrees,
        reading,
        clashes,
    })
}

/// What is not written down is written down the next time.
async fn note_told<L: Log>(hotels: &Hotels<L>, who: &Identity, up_to: Sequence) {
    let (log, now) = (hotels.log(), hotels.now());
    if let Err(error) = log.note_told(who.hotel, who.device, up_to, now).await {
        tracing::warn!(hotel = %who.hotel, device = %who.device, %error, "what a device has heard could not be written down");
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

/// What the person at a device may read at present; nothing, when they do not work here or the
/// device is not trusted: it may still send what was done there, for people to decide on.
pub async fn reading_of<L: Log>(log: &L, who: &Identity) -> Result<Reading, LogError> {
    let role = log.served_as(who.hotel, who.user, who.device).await?;
    Ok(role.map_or_else(Reading::default, Reading::of))
}

/// What the person at a device may read when a delivery goes out to them; as before, unless it
/// tells of them or of the device.
pub async fn reading_at<L: Log>(
    log: &L,
    who: &Identity,
    delivery: &Delivery,
    before: Reading,
) -> Result<Reading, LogError> {
    if delivery.tells_of(who.user.into()) || delivery.tells_of(who.device.into()) {
        reading_of(log, who).await
    } else {
        Ok(before)
    }
}

type Deliveries = BoxStream<'static, Result<Arc<Delivery>, LogError>>;

/// The message that waits, once the hotel has room for it; None when none does.
async fn in_turn<L: Log>(
    hotels: &Hotels<L>,
    hotel: HotelId,
    unread: &mut Option<Bytes>,
) -> Option<Bytes> {
    if unread.is_some() {
        hotels.room(hotel).await;
    }
    unread.take()
}

/// Waits for ever while nothing is followed.
async fn next(feed: &mut Option<Deliveries>) -> Result<Arc<Delivery>, LogError> {
    match feed.as_mut() {
        Some(feed) => match feed.next().await {
            Some(delivery) => delivery,
            None => pending().await,
        },
        None => pending().await,
    }
}

/// Waits for ever where none is signed any more.
async fn next_head(heads: &mut watch::Receiver<Option<AuditHead>>) -> Option<AuditHead> {
    match heads.changed().await {
        Ok(()) => heads.borrow_and_update().clone(),
        Err(_) => pending().await,
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
