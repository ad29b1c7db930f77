//! The owner of one hotel's state: where its log ends, the documents at hand and who writes under
//! which actor.

use super::{
    Answer, Clock, Push, Request, held::Held, recent::Published, suspected::Suspects, tell_of,
};
use crate::{
    gate::{Allowances, Author, ReadAction, Shelf},
    log::{ActorBinding, Head, Log, LogError, review::Standing},
    processor::off_the_runtime,
};
use keyrack_model::{
    administration::Suspicion,
    ids::{ActorId, DeviceId, DocumentRef, HotelId},
    limits::{
        FOLDED_AT_ONCE, HOTEL_IDLE_MILLIS, HOTEL_REST_MILLIS, MAX_ROUND_PUSHES, MAX_ROUND_WEIGHT,
        RECENT_MILLIS, RETRY_MILLIS,
    },
    refusal::Refusal,
    time::Timestamp,
    wire::{KnownPlace, OperationVerdict, Verdict},
};
use std::{
    collections::{BTreeSet, HashMap},
    future::Future,
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};

mod footing;
mod judging;
mod knowing;

pub(super) struct Keeper<L> {
    hotel: HotelId,
    log: Arc<L>,
    clock: Clock,
    published: Published,
    /// Followers were told of everything up to here. None until the log was asked.
    head: Option<Head>,
    /// What stands at the head; None while the log is empty.
    last: Option<KnownPlace>,
    shelf: Shelf,
    actors: HashMap<ActorId, ActorBinding>,
    /// Who may do what, and since when changes of it were asked for. Whether it still holds, the log
    /// says when it takes what was judged by it.
    standing: Option<(Standing, Timestamp)>,
    held: Held,
    suspects: Suspects,
    /// What the audit log is to be told of, once whoever waits was answered.
    suspected: BTreeSet<(DeviceId, Suspicion)>,
    allowances: Allowances,
    /// When somebody last asked for something, or followed.
    used_at: Instant,
    /// When followers were told of something last.
    told_at: Instant,
    /// The last round failed: pushes are judged one by one, so that none fails with another.
    careful: bool,
    footing: Footing,
}

/// Whether what is known of the log still holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Footing {
    Firm,
    /// The log was brought back to an older state.
    Lost,
}

/// How long the log may take for one round.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long nothing is asked for before documents are folded, and before the hotel is put away.
const REST: Duration = Duration::from_millis(HOTEL_REST_MILLIS);
const IDLE: Duration = Duration::from_millis(HOTEL_IDLE_MILLIS);

/// Why the loop woke up.
pub(super) enum Woken {
    Requests(Vec<Request>),
    /// Nothing was asked for a while, and documents are open.
    Resting,
    /// Nothing was asked for long.
    Idle,
    /// Nobody is left who could ask.
    Ended,
}

impl<L: Log> Keeper<L> {
    pub fn new(
        hotel: HotelId,
        log: Arc<L>,
        clock: Clock,
        published: Published,
        suspects: Suspects,
    ) -> Self {
        Self {
            hotel,
            log,
            allowances: Allowances::full(clock()),
            clock,
            published,
            head: None,
            last: None,
            shelf: Shelf::default(),
            actors: HashMap::new(),
            standing: None,
            held: Held::default(),
            suspects,
            suspected: BTreeSet::new(),
            used_at: Instant::now(),
            told_at: Instant::now(),
            careful: false,
            footing: Footing::Firm,
        }
    }

    pub fn hotel(&self) -> HotelId {
        self.hotel
    }

    pub fn has_followers(&self) -> bool {
        self.published.has_followers()
    }

    /// Somebody still follows.
    pub fn rest_later(&mut self) {
        self.used_at = Instant::now();
    }

    /// Takes everything that waits: what waits together is judged and stored together.
    pub async fn wait(&self, inbox: &mut mpsc::Receiver<Request>) -> Woken {
        let mut requests = Vec::new();
        let has_open = self.shelf.is_open();
        let patience = if has_open { REST } else { IDLE };
        let left = patience.saturating_sub(self.used_at.elapsed());
        // What waits is taken first, however late it is.
        match timeout(left, inbox.recv_many(&mut requests, MAX_ROUND_PUSHES)).await {
            Ok(0) => Woken::Ended,
            Ok(_) => Woken::Requests(requests),
            Err(_) if has_open => Woken::Resting,
            Err(_) => Woken::Idle,
        }
    }

    /// Folds some of the documents that nobody needs: whoever comes meanwhile waits for no more.
    pub fn rest(&mut self) {
        off_the_runtime(|| self.shelf.fold(FOLDED_AT_ONCE));
    }

    /// Bytes that its documents take.
    #[cfg(test)]
    pub fn shelf_bytes(&self) -> usize {
        self.shelf.bytes()
    }

    pub async fn serve(&mut self, requests: Vec<Request>) -> Footing {
        let mut pushes = Vec::new();
        for request in requests {
            match request {
                Request::Push(push) => pushes.push(push),
                Request::HeadMoved { sequence } => self.head_moved(sequence).await,
                Request::HeadSeen { head } => self.head_seen(head).await,
                Request::Documents { documents, answer } => {
                    self.used_at = Instant::now();
                    let found = patient(self.documents(&documents)).await;
                    // Whoever asked may have gone.
                    answer.send(found).ok();
                }
            }
        }
        while !pushes.is_empty() && self.footing == Footing::Firm {
            self.used_at = Instant::now();
            let rest = pushes.split_off(self.round(&pushes));
            self.push(std::mem::replace(&mut pushes, rest)).await;
        }
        pushes.into_iter().map(Request::Push).for_each(turn_away);
        if self.told_at.elapsed() >= Duration::from_millis(RECENT_MILLIS) {
            self.published.forget();
        }
        self.footing
    }

    /// How many of the pushes are judged together.
    fn round(&self, pushes: &[Push]) -> usize {
        if self.careful {
            return 1;
        }
        let mut weight = 0;
        let light = pushes.iter().take_while(|push| {
            weight += push.weight();
            // What is taken back may be judged several times: nobody else's work with it.
            weight <= MAX_ROUND_WEIGHT && !push.takes_back()
        });
        light.count().max(1)
    }

    async fn push(&mut self, mut pushes: Vec<Push>) {
        let began = Instant::now();
        pushes.iter_mut().for_each(|push| self.ration(push));
        let (spent, pushes): (Vec<Push>, Vec<Push>) =
            pushes.into_iter().partition(|push| push.spent.is_some());
        spent.into_iter().for_each(|push| self.turn_down(push));
        if pushes.is_empty() {
            return;
        }
        let judged = patient(self.judge_and_store(&pushes)).await;
        self.careful = judged.is_err();
        metrics::histogram!("push_seconds").record(began.elapsed().as_secs_f64());
        metrics::histogram!("push_round_size").record(pushes.len() as f64);
        let answers = match judged {
            Ok(answers) => answers,
            Err(error) => {
                tracing::error!(hotel = %self.hotel, %error, source = ?std::error::Error::source(&error), "a round was not stored");
                // Whether the log has it is in doubt: what was held is read again from there.
                self.shelf.clear();
                self.standing = None;
                self.not_now(&pushes)
            }
        };
        for (push, answer) in pushes.into_iter().zip(answers) {
            answer.verdicts.iter().for_each(count);
            // A session that ended asks again when it is back.
            push.answer.send(answer).ok();
        }
        self.make_room();
        self.tell_of_suspected().await;
    }

    fn make_room(&mut self) {
        if self.shelf.is_full() {
            off_the_runtime(|| self.shelf.make_room());
        }
    }

    async fn tell_of_suspected(&mut self) {
        let now = (self.clock)();
        for (device, suspicion) in std::mem::take(&mut self.suspected) {
            let suspected = (self.hotel, device, suspicion);
            let told = tell_of(&*self.log, &self.suspects, suspected, None, now);
            if timeout(PATIENCE, told).await.is_err() {
                self.suspects.untold(suspected);
            }
        }
    }

    /// Postpones what a device, its people or the hotel have no allowance for, and what follows it.
    fn ration(&mut self, push: &mut Push) {
        let Author::People(device) = push.from else {
            return;
        };
        let now = (self.clock)();
        let mut wait = None;
        for read in &mut push.actions {
            if wait.is_none() {
                let author = read.action.author;
                let is_author = |actor| {
                    let binding = self.actors.get(actor);
                    binding.is_some_and(|it| it.device == device && it.user == author)
                };
                let mut actors = read.headers().map(|(_, header)| &header.actor).peekable();
                let is_known = actors.peek().is_some() && actors.all(is_author);
                let author = is_known.then_some(author);
                wait = self.allowances.take(device, author, read.cost(), now).err();
            }
            if let Some(millis) = wait {
                read.postpone(millis);
            }
        }
        let mut actions = push.actions.iter();
        push.spent = wait.filter(|_| actions.all(ReadAction::is_postponed));
    }

    /// Answers what nothing is judged of, without a word of the log.
    fn turn_down(&mut self, push: Push) {
        self.held.follow((self.clock)());
        self.held.hold(push.from.device());
        let answer = Answer {
            spent: push.spent,
            ..later_by(&push, push.spent.unwrap_or(RETRY_MILLIS))
        };
        answer.verdicts.iter().for_each(count);
        // A session that ended asks again when it is back.
        push.answer.send(answer).ok();
    }

    fn not_now(&mut self, pushes: &[Push]) -> Vec<Answer> {
        self.held.follow((self.clock)());
        for push in pushes {
            self.held.hold(push.from.device());
        }
        pushes.iter().map(later).collect()
    }
}

/// A log that does not answer has failed, whatever it did.
async fn patient<T>(asked: impl Future<Output = Result<T, LogError>>) -> Result<T, LogError> {
    let answer = timeout(PATIENCE, asked).await;
    answer.unwrap_or_else(|_| Err(LogError::Unavailable("it did not answer in time".into())))
}

fn count(told: &OperationVerdict) {
    let (verdict, reason) = match &told.verdict {
        Verdict::Accepted { .. } => ("accepted", ""),
        Verdict::Refused(Refusal::Gate { reason }) => ("refused", reason.word()),
        Verdict::Refused(Refusal::UnderReview) => ("refused", "under-review"),
        Verdict::Refused(Refusal::Quarantined) => ("refused", "quarantined"),
        Verdict::Refused(_) => ("refused", "policy"),
        Verdict::RetryAfter { .. } => ("retry", ""),
    };
    metrics::counter!("push_ops_total", "verdict" => verdict, "reason" => reason).increment(1);
}

/// What came too late for this loop is asked for again.
pub(super) fn turn_away(request: Request) {
    if let Request::Push(push) = request {
        let answer = later(&push);
        // Whoever asked may have gone.
        push.answer.send(answer).ok();
    }
}

fn later(push: &Push) -> Answer {
    later_by(push, RETRY_MILLIS)
}

fn later_by(push: &Push, millis: u32) -> Answer {
    let actions = push.actions.iter();
    let verdicts = actions.map(|read| OperationVerdict {
        operation: read.action.operation,
        verdict: Verdict::RetryAfter { millis },
    });
    Answer {
        verdicts: verdicts.collect(),
        stored: None,
        spent: None,
    }
}

fn documents_of(pushes: &[Push]) -> impl Iterator<Item = DocumentRef> {
    pushes
        .iter()
        .flat_map(|push| &push.actions)
        .flat_map(ReadAction::documents)
}
