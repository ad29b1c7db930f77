//! What the server's disk has, and what everybody claimed of it: checked at the moment of the
//! claim.
//!
//! **Invariant**: clones share one ledger, and it outlives every server of its world.

mod put_back;

use super::{
    handout::day_begun_by,
    hotel,
    trace::{Entry, Event, short},
};
use keyrack_model::{
    action::{Action, LogEntry, Sequence},
    ids::{DocumentRef, OperationId},
    record::{Payload, Record},
    refusal::Refusal,
    time::BusinessDate,
    wire::{OperationVerdict, Verdict},
};
use keyrack_server::log::digest;
use put_back::Past;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

#[derive(Clone, Default)]
pub(super) struct Ledger(Arc<Mutex<Pages>>);

#[derive(Default)]
struct Pages {
    now: u64,
    trace: Vec<Entry>,
    /// Operations as the log has them, the first at sequence 1.
    stored: Vec<OperationId>,
    /// Days that the log brings the hotel to, each with the entry that does.
    days: Vec<(Sequence, BusinessDate)>,
    /// What each action touches, in every form in which it was ever stored: in a log that was brought
    /// back it may be another one.
    documents: BTreeMap<OperationId, BTreeSet<BTreeSet<DocumentRef>>>,
    /// Every content under which an operation was ever pushed.
    pushed: BTreeMap<OperationId, BTreeSet<[u8; 32]>>,
    accepted: BTreeMap<OperationId, Sequence>,
    refused: BTreeSet<OperationId>,
    /// Refused actions that somebody put away, and that the log has not got since.
    put_away: BTreeSet<OperationId>,
    /// What anybody ever called a guest, and on which device.
    names: BTreeMap<String, usize>,
    /// Versions of records as the log got them.
    records: Vec<(Sequence, Record)>,
    /// What wrote versions that were erased, whatever became of the log since.
    erased: BTreeSet<OperationId>,
    past: Past,
    /// The first claim that was not true.
    broken: Option<String>,
}

impl Ledger {
    pub fn set_now(&self, now: u64) {
        self.lock().now = now;
    }

    pub fn now(&self) -> u64 {
        self.lock().now
    }

    pub fn note(&self, event: Event) {
        self.lock().note(event);
    }

    pub fn trace(&self) -> Vec<Entry> {
        self.lock().trace.clone()
    }

    /// Says that something is not as it must be.
    pub fn fault(&self, what: String) {
        self.lock().fault(what);
    }

    pub fn broken(&self) -> Option<String> {
        self.lock().broken.clone()
    }

    /// The disk took actions after a sequence.
    pub fn stored<'a>(&self, after: Sequence, actions: impl IntoIterator<Item = &'a Action>) {
        let pages = &mut *self.lock();
        if pages.stored.len() as u64 != after.0 {
            pages.fault(format!("the log was appended to after {}", after.0));
        }
        for action in actions {
            let operation = action.operation;
            if pages.stored.contains(&operation) {
                pages.fault(format!("{} is in the log twice", short(operation)));
            }
            pages.stored.push(operation);
            pages.put_away.remove(&operation);
            let documents = action.changes.iter().map(|change| change.document);
            let forms = pages.documents.entry(operation).or_default();
            forms.insert(documents.collect());
            let sequence = Sequence(pages.stored.len() as u64);
            let day = day_begun_by(&action.command);
            pages.days.extend(day.map(|date| (sequence, date)));
            pages.note(Event::Stored {
                sequence,
                operation,
            });
        }
    }

    /// The day that the log has come to at an entry.
    pub fn day_at(&self, sequence: Sequence) -> BusinessDate {
        let pages = self.lock();
        let days = pages.days.iter().filter(|(place, _)| *place <= sequence);
        let last = days.map(|(_, date)| *date).max();
        last.unwrap_or(hotel::opening_day())
    }

    /// The disk took a version of a record that the server made by itself.
    pub fn recorded(&self, sequence: Sequence, operation: OperationId) {
        let pages = &mut *self.lock();
        if pages.stored.len() as u64 + 1 != sequence.0 {
            pages.fault(format!("a record was stored as {}", sequence.0));
        }
        pages.stored.push(operation);
        pages.note(Event::Stored {
            sequence,
            operation,
        });
    }

    /// The disk took a version of a record that somebody wrote.
    pub fn stored_record(&self, sequence: Sequence, record: &Record) {
        let pages = &mut *self.lock();
        if record.payload == Payload::Erased {
            pages.note(Event::Erased { sequence });
            let of_it =
                |(_, earlier): &&(Sequence, Record)| earlier.reference() == record.reference();
            let earlier = pages.records.iter().filter(of_it);
            let erased: Vec<OperationId> = earlier
                .filter_map(|(place, _)| pages.stored.get(place.0 as usize - 1).copied())
                .collect();
            pages.erased.extend(erased);
        }
        pages.records.push((sequence, record.clone()));
    }

    /// Whether what an action wrote was erased: nobody brings it back.
    pub fn was_erased(&self, operation: OperationId) -> bool {
        self.lock().erased.contains(&operation)
    }

    /// Somebody at a device called a guest so.
    pub fn named(&self, device: usize, name: &str) {
        self.lock().names.insert(name.to_owned(), device);
    }

    /// What guests were called, and on which device.
    pub fn names(&self) -> BTreeMap<String, usize> {
        self.lock().names.clone()
    }

    /// What the log had of guests that were erased later.
    pub fn erased_names(&self) -> Vec<String> {
        let pages = self.lock();
        let mut names = Vec::new();
        for (at, (_, record)) in pages.records.iter().enumerate() {
            let is_erasure = |(_, later): &(Sequence, Record)| {
                later.reference() == record.reference() && later.payload == Payload::Erased
            };
            if let Payload::Guest(guest) = &record.payload
                && pages.records[at..].iter().any(is_erasure)
            {
                names.push(guest.name.clone());
            }
        }
        names
    }

    /// What an action of the log touches; of one that was brought back with the log and done again, in
    /// each form that a device may have.
    pub fn documents_of(&self, operation: OperationId) -> BTreeSet<BTreeSet<DocumentRef>> {
        let pages = self.lock();
        pages.documents.get(&operation).cloned().unwrap_or_default()
    }

    pub fn head(&self) -> Sequence {
        Sequence(self.lock().stored.len() as u64)
    }

    /// A device's push reached the server.
    pub fn pushed<'a>(&self, actions: impl IntoIterator<Item = &'a Action>) {
        let pages = &mut *self.lock();
        for action in actions {
            let contents = pages.pushed.entry(action.operation).or_default();
            contents.insert(digest(action));
        }
    }

    /// Whether this content of an action is one that a device made and sent.
    pub fn was_pushed(&self, action: &Action) -> bool {
        let pages = self.lock();
        let contents = pages.pushed.get(&action.operation);
        contents.is_some_and(|contents| contents.contains(&digest(action)))
    }

    /// The server answers. It must not say what the disk does not have.
    pub fn answered(&self, verdicts: &[OperationVerdict]) {
        let pages = &mut *self.lock();
        for OperationVerdict { operation, verdict } in verdicts {
            match verdict {
                Verdict::Accepted { sequence, .. } => pages.accepted(*operation, *sequence),
                Verdict::Refused(refusal) => pages.refused(*operation, refusal),
                Verdict::RetryAfter { .. } => {}
            }
        }
    }

    /// The server delivers. It must deliver what the disk has, under the same sequence.
    pub fn delivered(&self, entries: &[LogEntry]) {
        let pages = &mut *self.lock();
        for entry in entries {
            let place = (entry.sequence.0 as usize).wrapping_sub(1);
            let Some(operation) = entry.operation() else {
                continue;
            };
            if pages.stored.get(place) != Some(&operation) {
                let operation = short(operation);
                pages.fault(format!(
                    "{operation} was delivered as {}, where the log has something else",
                    entry.sequence.0
                ));
            }
        }
    }

    /// Where the log has an operation.
    pub fn place_of(&self, operation: OperationId) -> Option<Sequence> {
        let pages = self.lock();
        let at = pages.stored.iter().position(|stored| *stored == operation);
        at.map(|at| Sequence(at as u64 + 1))
    }

    /// Somebody has read that this was refused.
    pub fn put_away(&self, device: usize, operation: OperationId) {
        let pages = &mut *self.lock();
        pages.put_away.insert(operation);
        pages.note(Event::PutAway { device, operation });
    }

    /// Whether somebody put it away, and the log has not got it since.
    pub fn is_put_away(&self, operation: OperationId) -> bool {
        self.lock().put_away.contains(&operation)
    }

    /// Operations that a device was told are in the log.
    pub fn accepted(&self) -> BTreeMap<OperationId, Sequence> {
        self.lock().accepted.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pages {
    fn note(&mut self, event: Event) {
        let at = self.now;
        self.trace.push(Entry { at, event });
    }

    fn fault(&mut self, what: String) {
        self.broken.get_or_insert(what);
    }

    fn accepted(&mut self, operation: OperationId, sequence: Sequence) {
        let place = (sequence.0 as usize).wrapping_sub(1);
        if self.stored.get(place) != Some(&operation) {
            self.fault(format!(
                "{} was acknowledged as {}, which the disk does not have",
                short(operation),
                sequence.0
            ));
        }
        match self.accepted.insert(operation, sequence) {
            None => self.note(Event::Accepted {
                operation,
                sequence,
            }),
            Some(before) if before == sequence => {}
            Some(before) => self.fault(format!(
                "{} was acknowledged as {} and as {}",
                short(operation),
                before.0,
                sequence.0
            )),
        }
    }

    fn was_restored(&self, device: usize) -> bool {
        let mut trace = self.trace.iter();
        trace.any(|entry| matches!(entry.event, Event::Restored { device: of } if of == device))
    }

    fn refused(&mut self, operation: OperationId, refusal: &Refusal) {
        if self.stored.contains(&operation) {
            let operation = short(operation);
            self.fault(format!(
                "{operation} is in the log and was refused: {refusal}"
            ));
        }
        if self.refused.insert(operation) {
            let reason = refusal.to_string();
            self.note(Event::Refused { operation, reason });
        }
    }
}
