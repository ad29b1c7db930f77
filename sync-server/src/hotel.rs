//! One loop for each hotel in use: it alone judges pushes, appends to the log and publishes what
//! was appended.
//!
//! **Architecture Invariant**: the state of a hotel has one owner, its loop. Everybody else sends
//! it a request or follows what it publishes. A verdict leaves the loop after the log's commit.

use crate::{
    gate::{Author, Claim, ReadAction, read_within, weight_of},
    log::{Head, Log, LogError},
    processor::off_the_runtime_if_much,
};
use burden::{Burden, Carried};
use keyrack_document::Document;
use keyrack_model::{
    action::Sequence,
    administration::Suspicion,
    ids::{DeviceId, DocumentRef, HotelId, UserId},
    limits::{HOTEL_QUEUE, MAX_PUSH_WEIGHT, PROMPT_WEIGHT},
    time::Timestamp,
    wire::{OperationVerdict, Verdict},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

mod burden;
mod delivery;
mod feed;
mod held;
mod keeper;
mod pages;
pub(crate) mod past;
mod recent;
mod round;
mod suspected;

pub use delivery::{Delivery, PAGE};
pub use feed::Feed;
use keeper::Keeper;
use recent::Published;
use suspected::Suspects;

/// Tells the time; a test brings its own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// All hotels of this server. Clones share them.
pub struct Hotels<L> {
    log: Arc<L>,
    clock: Clock,
    open: Arc<Mutex<Open>>,
    burden: Burden,
    suspects: Suspects,
}

impl<L> Clone for Hotels<L> {
    fn clone(&self) -> Self {
        Self {
            log: self.log.clone(),
            clock: self.clock.clone(),
            open: self.open.clone(),
            burden: self.burden.clone(),
            suspects: self.suspects.clone(),
        }
    }
}

/// The hotels that have a loop.
#[derive(Default)]
struct Open {
    hotels: HashMap<HotelId, Hotel>,
    /// Set when the server stops; no loop starts from then on.
    stopping: Option<Stopping>,
}

#[derive(Clone, Copy)]
struct Stopping;

struct Hotel {
    requests: mpsc::Sender<Request>,
    published: Published,
    task: JoinHandle<()>,
}

/// What a hotel's loop is asked for.
enum Request {
    Push(Push),
    Documents {
        documents: Vec<DocumentRef>,
        answer: oneshot::Sender<Result<Vec<Document>, LogError>>,
    },
    /// Another server, or the import, appended up to here.
    HeadMoved {
        sequence: Sequence,
    },
    /// What somebody who looks from time to time found.
    HeadSeen {
        head: Head,
    },
}

/// Actions of one sender, to be judged in order.
struct Push {
    from: Author,
    actions: Vec<ReadAction>,
    /// None of it is judged for want of an allowance: the milliseconds after which to ask again.
    spent: Option<u32>,
    answer: oneshot::Sender<Answer>,
    /// For as long as the push is held.
    _carried: Carried,
}

/// How a push came to be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Turn {
    /// Its sender waited for [`Hotels::room`].
    Waited,
    /// It is so small that it did not have to.
    Prompt,
}

impl Push {
    /// What it takes to hold and to judge it.
    fn weight(&self) -> u64 {
        self.actions.iter().map(|read| read.weight).sum()
    }

    /// Whether some action of it rests on an earlier one.
    fn takes_back(&self) -> bool {
        let mut actions = self.actions.iter();
        actions.any(|read| read.action.command.recalls().is_some())
    }
}

/// What became of a push.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// One an action, in the order pushed.
    pub verdicts: Vec<OperationVerdict>,
    /// Where the log has it, when this push put all of it there as it was sent, one action after
    /// another.
    pub stored: Option<Stored>,
    /// Nothing of it was judged, because its device, its person or the hotel has pushed too much: the
    /// milliseconds after which to ask again.
    pub spent: Option<u32>,
}

impl Answer {
    /// The last place in the log of which it tells.
    pub fn reach(&self) -> Option<Sequence> {
        let places = self.verdicts.iter().filter_map(|told| match told.verdict {
            Verdict::Accepted { sequence, .. } => Some(sequence),
            Verdict::Refused(_) | Verdict::RetryAfter { .. } => None,
        });
        places.max()
    }
}

/// Places one after another in the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stored {
    pub first: Sequence,
    pub last: Sequence,
    pub received_at: Timestamp,
}

impl Stored {
    pub fn has(&self, place: Sequence) -> bool {
        self.first <= place && place <= self.last
    }
}

/// The answer to a push that stands in line.
pub type Pending = oneshot::Receiver<Answer>;

/// The hotel's loop has ended and none is started: the server stops.
#[derive(Debug, thiserror::Error)]
#[error("the server is stopping")]
pub struct Stopped;

impl<L: Log> Hotels<L> {
    pub fn new(log: Arc<L>, clock: Clock) -> Self {
        Self {
            log,
            clock,
            open: Arc::default(),
            burden: Burden::default(),
            suspects: Suspects::default(),
        }
    }

    /// Takes note in the audit log that something of a device looks like an attack, once an hour.
    /// Who was there is None where that is not known.
    pub async fn suspect(
        &self,
        hotel: HotelId,
        (device, person): (DeviceId, Option<UserId>),
        suspicion: Suspicion,
    ) {
        let now = self.now();
        tell_of(
            &*self.log,
            &self.suspects,
            (hotel, device, suspicion),
            person,
            now,
        )
        .await;
    }

    pub fn log(&self) -> &Arc<L> {
        &self.log
    }

    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Judges actions in order and stores what is admitted. One verdict an action; it is there
    /// after the commit.
    pub async fn push(
        &self,
        hotel: HotelId,
        from: Author,
        actions: Vec<ReadAction>,
    ) -> Result<Vec<OperationVerdict>, Stopped> {
        let pending = self.begin_push(hotel, from, actions).await?;
        let answer = pending.await.map_err(|_| Stopped)?;
        Ok(answer.verdicts)
    }

    /// Returns when a hotel has room for a push: whoever sends much waits for that before it is read.
    pub async fn room(&self, hotel: HotelId) {
        self.burden.room(hotel).await;
    }

    /// Reads what somebody claims to have done, and begins to push it. What a prompt push has too
    /// much of, where there is no room, is left for later.
    pub async fn begin_claims(
        &self,
        hotel: HotelId,
        from: Author,
        claims: Vec<Claim>,
        turn: Turn,
    ) -> Result<Pending, Stopped> {
        let left = match turn {
            Turn::Prompt if !self.burden.has_room(hotel) => PROMPT_WEIGHT,
            Turn::Prompt | Turn::Waited => MAX_PUSH_WEIGHT,
        };
        let weight = weight_of(&claims).min(left);
        let carried = self.burden.take(hotel, weight);
        let actions = off_the_runtime_if_much(weight, || read_within(claims, left));
        self.stand_in_line(hotel, from, actions, carried).await
    }

    /// Returns once the push is in line; pushes begun one after another are judged in that order.
    pub async fn begin_push(
        &self,
        hotel: HotelId,
        from: Author,
        actions: Vec<ReadAction>,
    ) -> Result<Pending, Stopped> {
        let weight = actions.iter().map(|read| read.weight).sum();
        let carried = self.burden.take(hotel, weight);
        self.stand_in_line(hotel, from, actions, carried).await
    }

    async fn stand_in_line(
        &self,
        hotel: HotelId,
        from: Author,
        actions: Vec<ReadAction>,
        carried: Carried,
    ) -> Result<Pending, Stopped> {
        let (answer, answered) = oneshot::channel();
        let push = Push {
            from,
            actions,
            spent: None,
            answer,
            _carried: carried,
        };
        self.send(hotel, Request::Push(push)).await?;
        Ok(answered)
    }

    /// Documents as the log has them, in the order asked for; the genesis of one without changes.
    ///
    /// # Errors
    /// Also when a document of the log cannot be read.
    pub async fn documents(
        &self,
        hotel: HotelId,
        documents: Vec<DocumentRef>,
    ) -> Result<Vec<Document>, LogError> {
        let (answer, answered) = oneshot::channel();
        let request = Request::Documents { documents, answer };
        let stopped = |stopped| LogError::Unavailable(Box::new(stopped));
        self.send(hotel, request).await.map_err(stopped)?;
        answered.await.map_err(|_| stopped(Stopped))?
    }

    /// Everything after a cursor, as it comes.
    pub fn follow(&self, hotel: HotelId, after: Sequence) -> Result<Feed<L>, Stopped> {
        let open = &mut *self.lock();
        let published = &self.opened(open, hotel)?.published;
        Ok(Feed::new(
            self.log.clone(),
            hotel,
            after,
            published.follow(),
        ))
    }

    /// A hint that the log of a hotel grew elsewhere. Of no effect where nobody follows it.
    pub fn head_moved(&self, hotel: HotelId, sequence: Sequence) {
        self.hint(hotel, Request::HeadMoved { sequence });
    }

    /// What the log said when it was asked for its head. It may have been brought back.
    pub fn head_seen(&self, hotel: HotelId, head: Head) {
        self.hint(hotel, Request::HeadSeen { head });
    }

    /// A busy loop, or one that has just ended, goes without: the next hint comes soon.
    fn hint(&self, hotel: HotelId, request: Request) {
        let open = &*self.lock();
        if let Some(hotel) = open.hotels.get(&hotel) {
            hotel.requests.try_send(request).ok();
        }
    }

    /// Hotels that are in use here; whoever polls for heads polls for theirs.
    pub fn in_use(&self) -> Vec<HotelId> {
        self.lock().hotels.keys().copied().collect()
    }

    /// Bytes that are kept for all who follow a hotel.
    #[cfg(test)]
    fn kept(&self, hotel: HotelId) -> usize {
        let open = self.lock();
        open.hotels
            .get(&hotel)
            .map_or(0, |hotel| hotel.published.size())
    }

    /// Fills a hotel as waiting pushes do, until what is returned is dropped.
    #[cfg(test)]
    pub fn fill(&self, hotel: HotelId, weight: u64) -> impl Drop + use<L> {
        self.burden.take(hotel, weight)
    }

    /// Ends every loop after what it has been sent, and starts none again.
    pub async fn stop(&self) {
        let tasks: Vec<_> = {
            let open = &mut *self.lock();
            open.stopping = Some(Stopping);
            open.hotels.drain().map(|(_, hotel)| hotel.task).collect()
        };
        for task in tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a hotel's loop failed");
            }
        }
    }

    async fn send(&self, hotel: HotelId, mut request: Request) -> Result<(), Stopped> {
        loop {
            let requests = {
                let open = &mut *self.lock();
                self.opened(open, hotel)?.requests.clone()
            };
            match requests.send(request).await {
                Ok(()) => return Ok(()),
                // The loop went to rest in between; the next one takes it.
                Err(mpsc::error::SendError(returned)) => request = returned,
            }
        }
    }

    fn opened<'a>(&self, open: &'a mut Open, hotel: HotelId) -> Result<&'a Hotel, Stopped> {
        if open.stopping.is_some() {
            return Err(Stopped);
        }
        let is_running = |hotel: &Hotel| !hotel.requests.is_closed();
        if !open.hotels.get(&hotel).is_some_and(is_running) {
            open.hotels.insert(hotel, self.start(hotel));
        }
        open.hotels.get(&hotel).ok_or(Stopped)
    }

    fn start(&self, hotel: HotelId) -> Hotel {
        let (requests, inbox) = mpsc::channel(HOTEL_QUEUE);
        let published = Published::default();
        let keeper = Keeper::new(
            hotel,
            self.log.clone(),
            self.clock.clone(),
            published.clone(),
            self.suspects.clone(),
        );
        let open = self.open.clone();
        let task = tokio::spawn(run(keeper, inbox, open));
        Hotel {
            requests,
            published,
            task,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        lock(&self.open)
    }
}

fn lock(open: &Mutex<Open>) -> MutexGuard<'_, Open> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The loop: serves what waits, and goes to rest when nobody pushes or follows.
async fn run<L: Log>(
    mut keeper: Keeper<L>,
    mut inbox: mpsc::Receiver<Request>,
    open: Arc<Mutex<Open>>,
) {
    loop {
        match keeper.wait(&mut inbox).await {
            keeper::Woken::Requests(requests) => {
                if keeper.serve(requests).await == keeper::Footing::Lost {
                    // Followers begin anew, from what the log has now.
                    lock(&open).hotels.remove(&keeper.hotel());
                    inbox.close();
                    while let Some(request) = inbox.recv().await {
                        keeper::turn_away(request);
                    }
                    return;
                }
            }
            keeper::Woken::Resting => keeper.rest(),
            keeper::Woken::Idle => {
                // Under the lock that followers and senders come through, so that nobody begins
                // to follow a loop that ends.
                let open = &mut *lock(&open);
                if keeper.has_followers() || !inbox.is_empty() {
                    keeper.rest_later();
                    continue;
                }
                open.hotels.remove(&keeper.hotel());
                inbox.close();
            }
            keeper::Woken::Ended => return,
        }
    }
}

/// Tells the audit log of it, unless it was told within the hour.
async fn tell_of<L: Log>(
    log: &L,
    suspects: &Suspects,
    suspected: (HotelId, DeviceId, Suspicion),
    person: Option<UserId>,
    now: Timestamp,
) {
    if !suspects.is_news(suspected, now) {
        return;
    }
    let (hotel, device, suspicion) = suspected;
    tracing::warn!(%hotel, %device, %suspicion, "what a device sent looks like an attack");
    if let Err(error) = log
        .note_suspicion(hotel, (device, person), suspicion, now)
        .await
    {
        tracing::error!(%hotel, %device, %suspicion, %error, "the audit log does not tell of it yet");
        suspects.untold(suspected);
    }
}

#[cfg(test)]
mod tests;
