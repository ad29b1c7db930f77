//! The server's end of one connection: carries out what the session says, as the server does over
//! a WebSocket.

use super::{device, faults::Lie, hotel, ledger::Ledger, server_log::ServerLog, trace::short};
use futures_util::{
    StreamExt,
    stream::{BoxStream, FuturesOrdered},
};
use keyrack_model::{
    action::{Content, Sequence},
    class::Reading,
    record::Payload,
    time::Timestamp,
    wire::ServerFrame,
};
use keyrack_server::{
    gate::{Author, Claim, Word, read_push},
    hotel::{Answer, Delivery, Hotels, Pending, Stored},
    log::{Log, LogError},
    session::{Admitted, Effect, Identity, Input, Said, Session, greet, reading_at},
};
use std::{
    collections::VecDeque, future::pending, ops::ControlFlow, pin::pin, sync::Arc, time::Duration,
};
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

/// A connection's number in its world.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct LinkId(pub u64);

/// What goes from a device to the server.
#[derive(Clone, Debug)]
pub(super) enum Up {
    Frame(Vec<u8>),
    /// The answer that the device's socket gives to a ping.
    Pong(u32),
    Closed,
}

/// What goes from the server to a device.
#[derive(Debug)]
pub(super) enum Down {
    Opened,
    Frame(Vec<u8>),
    Ping(u32),
    Closed,
}

pub(super) type Outbox = mpsc::UnboundedSender<(LinkId, Down)>;

/// The server's end.
pub(super) struct Link {
    pub id: LinkId,
    pub hotels: Hotels<ServerLog>,
    pub ledger: Ledger,
    pub inbox: mpsc::UnboundedReceiver<Up>,
    pub outbox: Outbox,
    pub stopping: CancellationToken,
}

const TICK: Duration = Duration::from_secs(1);

type Deliveries = BoxStream<'static, Result<Arc<Delivery>, LogError>>;

impl Link {
    /// Serves a device until it goes, the session ends or the server stops.
    pub async fn serve(self, who: Identity) {
        // No token ends here.
        let until = Timestamp(i64::MAX);
        let session = Session::new(Admitted { who, until }, self.hotels.now());
        let mut served = Served {
            link: self,
            session,
            feed: None,
            reading: Reading::default(),
            pending: FuturesOrdered::new(),
            left_out: Vec::new(),
            answered: Sequence::default(),
            is_stopping: false,
        };
        served.run().await;
        served.send(Down::Closed);
    }
}

struct Served {
    link: Link,
    session: Session,
    feed: Option<Deliveries>,
    reading: Reading,
    pending: FuturesOrdered<Pending>,
    left_out: Vec<Stored>,
    answered: Sequence,
    is_stopping: bool,
}

impl Served {
    async fn run(&mut self) {
        let stopping = self.link.stopping.clone();
        let mut stopped = pin!(stopping.cancelled());
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            // In a fixed order: what comes first depends on the world alone.
            let input = tokio::select! {
                biased;
                () = &mut stopped, if !self.is_stopping => {
                    self.is_stopping = true;
                    Input::Stopping
                }
                Some(answer) = self.pending.next() => self.judged(answer),
                delivery = next(&mut self.feed) => match delivery {
                    Ok(delivery) => {
                        if self.answer_before(&delivery).await.is_break() {
                            return;
                        }
                        self.deliver(&delivery).await
                    }
                    Err(_) => {
                        self.feed = None;
                        if self.is_stopping {
                            continue;
                        }
                        Input::Failed
                    }
                },
                received = self.link.inbox.recv(), if self.session.reads() => match received {
                    Some(Up::Frame(frame)) => Input::Frame(frame),
                    Some(Up::Pong(ping)) => Input::Answered { ping },
                    Some(Up::Closed) | None => return,
                },
                _ = ticks.tick() => Input::Tick,
            };
            if self.handle(input).await.is_break() {
                return;
            }
        }
    }

    fn judged<E>(&mut self, answer: Result<Answer, E>) -> Input {
        match answer {
            Ok(answer) => {
                self.answered = self.answered.max(answer.reach().unwrap_or_default());
                self.link.ledger.answered(&answer.verdicts);
                Input::Judged(answer)
            }
            Err(_) => Input::Failed,
        }
    }

    async fn answer_before(&mut self, delivery: &Delivery) -> ControlFlow<()> {
        let device = self.session.who().device;
        while self.session.leaves_out()
            && delivery.tells_of_work_on(device, self.answered)
            && let Some(answer) = self.pending.next().await
        {
            let input = self.judged(answer);
            self.handle(input).await?;
        }
        ControlFlow::Continue(())
    }

    async fn deliver(&mut self, delivery: &Delivery) -> Input {
        let log = self.link.hotels.log().as_ref();
        let present = reading_at(log, self.session.who(), delivery, self.reading).await;
        let Ok(present) = present else {
            self.feed = None;
            return Input::Failed;
        };
        self.link.ledger.delivered(delivery.entries());
        let reading = self.told(delivery, self.reading.and(present));
        let frame = match self.link.hotels.log().lie() {
            Some(Lie::HidesErasures) => Some(encode(&without_erasures(delivery, reading))),
            _ => delivery
                .frame_without(&self.left_out, reading)
                .map(|frame| frame.to_vec()),
        };
        self.left_out.retain(|stored| stored.last > delivery.last());
        let bytes = frame.as_ref().map_or(0, Vec::len);
        if let Some(frame) = frame {
            self.send(Down::Frame(frame));
        }
        if present == self.reading {
            let last = delivery.last();
            return Input::Delivered { last, bytes };
        }
        self.feed = None;
        Input::ReadingChanged
    }

    /// What a delivery is told by: what this reader reads, where the server is honest.
    fn told(&self, delivery: &Delivery, reading: Reading) -> Reading {
        match self.link.hotels.log().lie() {
            Some(Lie::KeepsEntriesBack)
                if self.session.who().device == device::id(0)
                    && delivery.first().0 > hotel::opening_length() =>
            {
                Reading::default()
            }
            Some(Lie::TellsOfGuests) => Reading::all(),
            _ => reading,
        }
    }

    async fn handle(&mut self, input: Input) -> ControlFlow<()> {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            for effect in self.session.handle(self.link.hotels.now(), input) {
                inputs.extend(self.carry_out(effect).await?);
            }
        }
        ControlFlow::Continue(())
    }

    async fn carry_out(&mut self, effect: Effect) -> ControlFlow<(), Option<Input>> {
        let input = match effect {
            Effect::Send(mut frame) => {
                let lie = self.link.hotels.log().lie();
                if let (ServerFrame::Welcome { classes, .. }, Some(Lie::TellsOfGuests)) =
                    (&mut frame, lie)
                {
                    // What it does not announce is not kept.
                    *classes = Reading::all().classes();
                }
                self.say(&frame);
                None
            }
            Effect::Ping { number } => {
                self.send(Down::Ping(number));
                None
            }
            Effect::NoteTold { up_to } => {
                let who = self.session.who();
                let (hotels, now) = (&self.link.hotels, self.link.hotels.now());
                let noted = hotels.log().note_told(who.hotel, who.device, up_to, now);
                // What is not written down is written down the next time.
                noted.await.ok();
                None
            }
            Effect::Greet {
                actors,
                epoch,
                known,
                cursor,
            } => {
                let log = self.link.hotels.log().as_ref();
                let now = self.link.hotels.now();
                let said = Said {
                    epoch,
                    cursor,
                    known,
                };
                let greeted = greet(log, self.session.who(), &actors, said, now).await;
                Some(greeted.map_or(Input::Failed, Input::Greeted))
            }
            Effect::Register { actors } => {
                let who = self.session.who();
                let log = self.link.hotels.log();
                let clashes = log.register_actors(who.hotel, who.device, &actors).await;
                Some(clashes.map_or(Input::Failed, |clashes| Input::Registered { clashes }))
            }
            // Nobody has a token here.
            Effect::Admit { .. } => Some(Input::Admitted(None)),
            Effect::Follow { after, reading } => {
                match self.link.hotels.follow(self.session.who().hotel, after) {
                    Ok(feed) => {
                        self.feed = Some(feed.into_stream());
                        self.reading = reading;
                        self.answered = after;
                        None
                    }
                    Err(_) => Some(Input::Stopping),
                }
            }
            Effect::Judge(_) if self.link.hotels.log().lie() == Some(Lie::NeverAnswers) => None,
            Effect::Judge(claims) => {
                self.note(&claims);
                let who = self.session.who();
                let (hotel, from) = (who.hotel, Author::People(who.device));
                let push = self.link.hotels.begin_push(hotel, from, read_push(claims));
                match push.await {
                    Ok(pending) => {
                        self.pending.push_back(pending);
                        None
                    }
                    Err(_) => Some(Input::Failed),
                }
            }
            // Whoever is honest is suspected of nothing.
            Effect::Suspect(suspicion) => panic!("{suspicion}"),
            Effect::LeaveOut(stored) => {
                self.left_out.push(stored);
                None
            }
            Effect::Close(_) => return ControlFlow::Break(()),
        };
        ControlFlow::Continue(input)
    }

    /// An honest device sends nothing in the name of somebody who has not signed it.
    fn note(&self, claims: &[Claim]) {
        let ledger = &self.link.ledger;
        ledger.pushed(claims.iter().map(|claim| &claim.action));
        if let Some(claim) = claims.iter().find(|claim| claim.word == Word::Missing) {
            let operation = short(claim.action.operation);
            ledger.fault(format!("{operation} was sent without its author's word"));
        }
    }

    fn say(&self, frame: &ServerFrame) {
        match frame {
            ServerFrame::Refuse(body) => {
                let device = device::number(self.session.who().device);
                self.link.ledger.turned_away(device, body);
            }
            ServerFrame::Welcome { .. }
            | ServerFrame::Deliver { .. }
            | ServerFrame::Stored { .. }
            | ServerFrame::Verdicts { .. }
            | ServerFrame::GoAway { .. }
            | ServerFrame::AuditHead(_)
            | ServerFrame::Pong => {}
        }
        self.send(Down::Frame(encode(frame)));
    }

    fn send(&self, down: Down) {
        // The world may have ended.
        self.link.outbox.send((self.link.id, down)).ok();
    }
}

/// Waits for ever while nothing is followed.
async fn next(feed: &mut Option<Deliveries>) -> Result<Arc<Delivery>, LogError> {
    match feed {
        Some(feed) => match feed.next().await {
            Some(delivery) => delivery,
            None => pending().await,
        },
        None => pending().await,
    }
}

fn without_erasures(delivery: &Delivery, reading: Reading) -> ServerFrame {
    let mut entries = reading.shown(delivery.entries());
    for entry in &mut entries {
        let record = entry.record();
        if record.is_some_and(|record| record.payload == Payload::Erased) {
            entry.content = Content::Hidden {
                first: entry.sequence,
                operation: entry.operation(),
            };
        }
    }
    ServerFrame::Deliver { entries }
}

pub(super) fn encode(frame: &ServerFrame) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(frame, &mut bytes).expect("a frame is CBOR");
    bytes
}
