//! The owner of one hotel's state: where its log ends, the documents at hand and who writes under
//! which actor.

use super::{
    Answer, Clock, Delivery, Push, Request,
    delivery::PAGE,
    feed::News,
    past,
    round::{Held, Judged, judge},
};
use crate::{
    gate::{Allowances, Author, ReadAction, Shelf},
    log::{
        ActorBinding, Appended, Basis, Head, KnownRecord, Log, LogError, Page, StoredVerdict,
        review::Standing,
    },
    processor::{off_the_runtime, off_the_runtime_if_much},
};
use keyrack_document::Document;
use keyrack_model::{
    action::{LogEntry, Sequence},
    ids::{ActorId, DocumentRef, HotelId, OperationId},
    limits::{
        APPEND_TRIES, HOTEL_IDLE_MILLIS, LATE_ACTION_MILLIS, MAX_ROUND_PUSHES, MAX_ROUND_WEIGHT,
        MAX_UNDO_CHAIN, RETRY_MILLIS,
    },
    record::RecordRef,
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
    sync::{broadcast, mpsc},
    time::{Instant, timeout},
};

pub(super) struct Keeper<L> {
    hotel: HotelId,
    log: Arc<L>,
    clock: Clock,
    published: broadcast::Sender<News>,
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
    allowances: Allowances,
    /// When somebody last asked for something, or followed.
    used_at: Instant,
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

type Verdicts = HashMap<OperationId, StoredVerdict>;

/// How long the log may take for one round.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why the loop woke up.
pub(super) enum Woken {
    Requests(Vec<Request>),
    Idle,
    /// Nobody is left who could ask.
    Ended,
}

impl<L: Log> Keeper<L> {
    pub fn new(
        hotel: HotelId,
        log: Arc<L>,
        clock: Clock,
        published: broadcast::Sender<News>,
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
            used_at: Instant::now(),
            careful: false,
            footing: Footing::Firm,
        }
    }

    pub fn hotel(&self) -> HotelId {
        self.hotel
    }

    pub fn has_followers(&self) -> bool {
        self.published.receiver_count() > 0
    }

    /// Somebody still follows.
    pub fn rest_later(&mut self) {
        self.used_at = Instant::now();
    }

    /// Takes everything that waits: what waits together is judged and stored together.
    pub async fn wait(&self, inbox: &mut mpsc::Receiver<Request>) -> Woken {
        let mut requests = Vec::new();
        let idle = Duration::from_millis(HOTEL_IDLE_MILLIS);
        let left = idle.saturating_sub(self.used_at.elapsed());
        match timeout(left, inbox.recv_many(&mut requests, MAX_ROUND_PUSHES)).await {
            Ok(0) => Woken::Ended,
            Ok(_) => Woken::Requests(requests),
            Err(_) => Woken::Idle,
        }
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
    }

    /// Judges a round on what is known of the log, until the log takes it.
    ///
    /// Most of what comes is new and admitted: then the log is asked nothing before it stores, and
    /// says itself when something was not as it was taken to be.
    async fn judge_and_store(&mut self, pushes: &[Push]) -> Result<Vec<Answer>, LogError> {
        let operations = operations_of(pushes);
        // None until the log was asked for them.
        let mut known: Option<Verdicts> = None;
        for _ in 0..APPEND_TRIES {
            let head = self.head().await?;
            if self.look_around(head).await? == Footing::Lost {
                break;
            }
            self.fetch(pushes).await?;
            let mut judged = self.judge(pushes, head, known.as_ref()).await?;
            if known.is_none() && !judged.admits_all() {
                let found = self.verdicts(&operations).await?;
                if !found.is_empty() {
                    judged = self.judge(pushes, head, Some(&found)).await?;
                }
                known = Some(found);
            }
            if !judged.entries.is_empty() || !judged.refused.is_empty() {
                match self
                    .append(head, &operations, known.as_ref(), &judged)
                    .await?
                {
                    Appended::Stored { .. } => {}
                    Appended::Known => {
                        known = Some(self.verdicts(&operations).await?);
                        continue;
                    }
                    Appended::StandingMoved => {
                        self.standing = None;
                        continue;
                    }
                    Appended::HeadMoved => {
                        known = None;
                        self.catch_up(head).await?;
                        if self.footing == Footing::Lost {
                            break;
                        }
                        continue;
                    }
                }
            }
            return Ok(self.take_in(pushes, head, judged));
        }
        tracing::warn!(hotel = %self.hotel, "the log kept moving; devices will ask again");
        Ok(self.not_now(pushes))
    }

    async fn append(
        &self,
        head: Head,
        operations: &[OperationId],
        known: Option<&Verdicts>,
        judged: &Judged,
    ) -> Result<Appended, LogError> {
        let is_unknown =
            |operation: &&OperationId| known.is_none_or(|it| !it.contains_key(operation));
        let unknown: Vec<_> = operations.iter().filter(is_unknown).copied().collect();
        let basis = Basis {
            end: head.sequence,
            last: self.last,
            standing: self.standing.as_ref().map(|(standing, _)| standing.mark),
            unknown: &unknown,
        };
        let (entries, refused) = (&judged.entries, &judged.refused);
        self.log.append(self.hotel, basis, entries, refused).await
    }

    /// What the log has stored is what is known here, and is published.
    fn take_in(&mut self, pushes: &[Push], head: Head, judged: Judged) -> Vec<Answer> {
        if judged.refused.iter().any(|refused| refused.kept.is_some()) {
            // There is more for people to decide on now.
            self.standing = None;
        }
        self.shelf.keep(judged.written);
        let entries = judged.entries.into_iter().zip(head.sequence.0 + 1..);
        let entries = entries.map(|(entry, sequence)| entry.at(Sequence(sequence)));
        self.publish(head, entries.collect());
        self.shelf.tidy(documents_of(pushes));
        judged.answers
    }

    fn not_now(&mut self, pushes: &[Push]) -> Vec<Answer> {
        let now = (self.clock)();
        for push in pushes {
            self.held.hold(push.from.device(), now);
        }
        pushes.iter().map(later).collect()
    }

    /// Sees to it that it is known who may do what.
    async fn look_around(&mut self, head: Head) -> Result<Footing, LogError> {
        let lately = Timestamp((self.clock)().0.saturating_sub(LATE_ACTION_MILLIS));
        let serves = |since: Timestamp| {
            // What is long over is let go of now and then; a clock that was set back asks further.
            since <= lately && lately.millis_since(since) < LATE_ACTION_MILLIS
        };
        if !self
            .standing
            .as_ref()
            .is_some_and(|(_, since)| serves(*since))
        {
            let standing = self.log.standing(self.hotel, lately).await?;
            if standing.mark.epoch != head.epoch {
                self.check_footing(head).await?;
            }
            self.standing = Some((standing, lately));
        }
        Ok(self.footing)
    }

    /// Brings what a judgement needs and is not here.
    async fn fetch(&mut self, pushes: &[Push]) -> Result<(), LogError> {
        self.learn_actors(pushes).await?;
        let hotel = DocumentRef::from(self.hotel);
        self.load(documents_of(pushes).chain([hotel])).await
    }

    async fn verdicts(&self, operations: &[OperationId]) -> Result<Verdicts, LogError> {
        let found = self.log.verdicts(self.hotel, operations).await?;
        let found = found.into_iter();
        Ok(found
            .map(|verdict| (verdict.operation(), verdict))
            .collect())
    }

    async fn judge(
        &mut self,
        pushes: &[Push],
        head: Head,
        known: Option<&Verdicts>,
    ) -> Result<Judged, LogError> {
        let records = self.records_of(pushes).await?;
        let mut past = past::taken_back(&*self.log, self.hotel, pushes).await?;
        let nobody = Standing::default();
        let weight = pushes.iter().map(Push::weight).sum();
        let mut steps = 0;
        loop {
            let gate = crate::gate::Gate {
                hotel: self.hotel,
                past: &past,
                records: &records,
                actors: &self.actors,
                standing: self
                    .standing
                    .as_ref()
                    .map_or(&nobody, |(standing, _)| standing),
                now: (self.clock)(),
            };
            let known = known.cloned().unwrap_or_default();
            let mut held = self.held.clone();
            let judged = off_the_runtime_if_much(weight, || {
                judge(pushes, &gate, &self.shelf, &mut held, known, head)
            });
            let is_new = |earlier: &&OperationId| !past.contains_key(*earlier);
            let needed: BTreeSet<_> = judged.needed.iter().filter(is_new).copied().collect();
            // The first of them is through by then; for the others the device asks again.
            if needed.is_empty() || steps == MAX_UNDO_CHAIN {
                self.held = held;
                return Ok(judged);
            }
            past.extend(past::with_undone(&*self.log, self.hotel, needed).await?);
            steps += 1;
        }
    }

    /// The present versions of the records that pushes write.
    async fn records_of(
        &self,
        pushes: &[Push],
    ) -> Result<HashMap<RecordRef, KnownRecord>, LogError> {
        let actions = pushes.iter().flat_map(|push| &push.actions);
        let written: BTreeSet<RecordRef> = actions
            .filter_map(|read| read.action.command.record())
            .collect();
        if written.is_empty() {
            return Ok(HashMap::new());
        }
        let written: Vec<RecordRef> = written.into_iter().collect();
        let known = self.log.records(self.hotel, &written).await?;
        Ok(known.into_iter().map(|it| (it.record, it)).collect())
    }

    /// A binding never changes, so it is asked for once.
    async fn learn_actors(&mut self, pushes: &[Push]) -> Result<(), LogError> {
        let unknown: BTreeSet<ActorId> = headers_of(pushes)
            .map(|(_, actor)| actor)
            .filter(|actor| !self.actors.contains_key(actor))
            .collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let unknown: Vec<_> = unknown.into_iter().collect();
        let bindings = self.log.actors(self.hotel, &unknown).await?;
        self.actors
            .extend(bindings.into_iter().map(|binding| (binding.actor, binding)));
        Ok(())
    }

    /// Puts the documents on the shelf that are not there; those that cannot be read stay away.
    async fn load(&mut self, documents: impl Iterator<Item = DocumentRef>) -> Result<(), LogError> {
        let missing = self.shelf.missing(documents);
        if missing.is_empty() {
            return Ok(());
        }
        let changes = self.log.document_changes(self.hotel, &missing).await?;
        let unreadable = off_the_runtime(|| self.shelf.load(&missing, &changes));
        for (document, error) in unreadable {
            tracing::error!(hotel = %self.hotel, %document, %error, "a document of the log cannot be read");
        }
        Ok(())
    }

    async fn documents(&mut self, documents: &[DocumentRef]) -> Result<Vec<Document>, LogError> {
        // What another program wrote since is part of them.
        let head = self.head().await?;
        self.catch_up(head).await?;
        if self.footing == Footing::Lost {
            return Err(LogError::Unavailable("the log was brought back".into()));
        }
        self.load(documents.iter().copied()).await?;
        let found = documents
            .iter()
            .map(|reference| self.shelf.get(*reference))
            .map(|shelved| shelved.map(|shelved| shelved.document.clone()))
            .collect::<Option<Vec<_>>>();
        self.shelf.tidy(documents.iter().copied());
        found.ok_or_else(|| LogError::Unavailable("a document of the log cannot be read".into()))
    }

    async fn head(&mut self) -> Result<Head, LogError> {
        match self.head {
            Some(head) => Ok(head),
            None => {
                let head = self.log.head(self.hotel).await?;
                self.last = self.last_of(head).await?;
                self.head = Some(head);
                // Whoever follows already may not know what came before.
                self.published.send(News::ReadAgain).ok();
                Ok(head)
            }
        }
    }

    async fn last_of(&self, head: Head) -> Result<Option<KnownPlace>, LogError> {
        let Some(before) = head.sequence.0.checked_sub(1) else {
            return Ok(None);
        };
        let one = Page { entries: 1, ..PAGE };
        let entries = self.log.read(self.hotel, Sequence(before), one).await?;
        Ok(entries.first().and_then(KnownPlace::of))
    }

    async fn head_moved(&mut self, sequence: Sequence) {
        let caught_up = patient(async {
            match self.head().await? {
                head if head.sequence >= sequence => Ok(()),
                head => self.catch_up(head).await,
            }
        });
        if let Err(error) = caught_up.await {
            // The hint is gone, but the next append or hint finds the log moved.
            tracing::warn!(hotel = %self.hotel, %error, "the log could not be read again");
        }
    }

    /// Somebody saw the log's head; by now there may be more of it, but not less.
    async fn head_seen(&mut self, seen: Head) {
        match self.head {
            Some(head) if head.epoch != seen.epoch || seen.sequence < head.sequence => {
                if let Err(error) = patient(self.check_footing(head)).await {
                    tracing::warn!(hotel = %self.hotel, %error, "the log could not be read again");
                }
            }
            _ => self.head_moved(seen.sequence).await,
        }
    }

    /// Nobody appends while this loop looks but others, and they only make the log longer. One that
    /// was brought back may have grown past where it was, and ends otherwise there.
    async fn check_footing(&mut self, head: Head) -> Result<(), LogError> {
        let present = self.log.head(self.hotel).await?;
        let is_same = present.epoch == head.epoch
            && present.sequence >= head.sequence
            && match self.last {
                Some(last) => self.log.has(self.hotel, last).await?,
                None => true,
            };
        if !is_same {
            tracing::error!(hotel = %self.hotel, had = head.sequence.0, has = present.sequence.0, "the log was brought back; everybody begins anew");
            self.footing = Footing::Lost;
        }
        Ok(())
    }

    /// Takes in what was appended elsewhere, and publishes it, while the footing holds.
    async fn catch_up(&mut self, mut head: Head) -> Result<(), LogError> {
        loop {
            let entries = self.log.read(self.hotel, head.sequence, PAGE).await?;
            // After reading: what was brought back before that is seen.
            self.check_footing(head).await?;
            if entries.is_empty() || self.footing == Footing::Lost {
                return Ok(());
            }
            off_the_runtime(|| entries.iter().for_each(|entry| self.shelf.observe(entry)));
            head = self.publish(head, entries);
        }
    }

    /// Tells the sessions, and returns where the log ends by that.
    fn publish(&mut self, mut head: Head, entries: Vec<LogEntry>) -> Head {
        if let Some(last) = entries.last() {
            head.sequence = last.sequence;
            self.head = Some(head);
            self.last = KnownPlace::of(last);
            for delivery in Delivery::cut(entries) {
                // Nobody may be following.
                self.published.send(News::Entries(delivery)).ok();
            }
        }
        head
    }
}

/// A log that does not answer has failed, whatever it did.
async fn patient<T>(asked: impl Future<Output = Result<T, LogError>>) -> Result<T, LogError> {
    let answer = timeout(PATIENCE, asked).await;
    answer.unwrap_or_else(|_| Err(LogError::Unavailable("it did not answer in time".into())))
}

fn operations_of(pushes: &[Push]) -> Vec<OperationId> {
    let actions = pushes.iter().flat_map(|push| &push.actions);
    actions.map(|read| read.action.operation).collect()
}

fn headers_of(pushes: &[Push]) -> impl Iterator<Item = (DocumentRef, ActorId)> {
    pushes
        .iter()
        .flat_map(|push| &push.actions)
        .flat_map(|read| read.headers())
        .map(|(document, header)| (document, header.actor))
}

fn documents_of(pushes: &[Push]) -> impl Iterator<Item = DocumentRef> {
    pushes
        .iter()
        .flat_map(|push| &push.actions)
        .flat_map(ReadAction::documents)
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
    let actions = push.actions.iter();
    let verdicts = actions.map(|read| OperationVerdict {
        operation: read.action.operation,
        verdict: Verdict::RetryAfter {
            millis: RETRY_MILLIS,
        },
    });
    Answer {
        verdicts: verdicts.collect(),
        stored: None,
    }
}
