//! What the server has sequenced: others' actions, and the places of this device's own.

use super::{
    CLASSES, CURSOR, LeftOut, Pushed, Replica, Withdrawal,
    act::keep,
    begin, distinct,
    records::{forget_what_is_kept_off, note_last_place},
    refuse::{Again, Dependent, Hand, TakenBack, missing_ground, take_back},
    working_set::is_handed_out,
};
use crate::{
    documents::Documents,
    error::StoreError,
    store::{
        absent,
        actions::{self, ActionId},
        bases,
        changes::{self, Place},
        history::Part,
        places, records, refused, waiting,
    },
};
use keyrack_document::{Document, DocumentError, Effects};
use keyrack_model::{
    action::{Action, Content, DocumentChange, LogEntry, Sequence},
    class::{Class, Reading},
    command::Command,
    ids::{ActorId, DeviceId, DocumentRef, OperationId},
    limits,
    record::{Payload, RecordRef},
    time::Timestamp,
};
use rusqlite::Connection;

/// What a delivery led to.
#[derive(Debug, Default)]
pub struct Received {
    /// Documents whose rows changed.
    pub touched: Vec<DocumentRef>,
    /// What was taken back because the log has other contents of it, and what was built on that.
    pub overtaken: Option<Withdrawal>,
    /// Records that are in another version.
    pub records: Vec<RecordRef>,
}

/// An action of this device that the server accepted, and its place in the log.
#[derive(Clone, Copy, Debug)]
pub struct Accepted {
    pub operation: OperationId,
    pub sequence: Sequence,
    pub received_at: Timestamp,
}

/// What was taken in.
#[derive(Debug, Default)]
struct Taken {
    touched: Vec<DocumentRef>,
    records: Vec<RecordRef>,
}

impl Replica {
    /// Takes in log entries in one transaction; those it has already are passed over.
    ///
    /// The log may have an action of this device with other contents: the device did it again
    /// after a refusal, and was then brought back to a copy of its store from before. What the log
    /// has stands, and what waits on top of it is done again.
    ///
    /// # Errors
    /// `Gap` when an entry is missing before these, and what the store and the documents say;
    /// nothing has changed then.
    pub fn receive(
        &mut self,
        entries: &[LogEntry],
        now: Timestamp,
    ) -> Result<Received, StoreError> {
        self.receive_around(entries, &mut LeftOut::default(), now)
    }

    /// [`Self::receive`] of entries among which some places are left out.
    pub(crate) fn receive_around(
        &mut self,
        entries: &[LogEntry],
        left_out: &mut LeftOut,
        now: Timestamp,
    ) -> Result<Received, StoreError> {
        let from = entries.partition_point(|entry| entry.sequence <= self.cursor);
        let entries = &entries[from..];
        let overtaken = overtaken(&self.db, entries)?;
        if overtaken.is_empty() {
            let taken = self.take_in_all(entries, left_out);
            return self
                .taken(entries, left_out, now, taken)
                .map(|taken| Received {
                    touched: taken.touched,
                    overtaken: None,
                    records: taken.records,
                });
        }
        self.documents.evict_all();
        let actor = ActorId((self.fresh)());
        let withdrawal = self.take_in_over(entries, left_out, &overtaken, actor);
        let (withdrawal, records) = self.taken(entries, left_out, now, withdrawal)?;
        self.actor = actor;
        Ok(Received {
            touched: withdrawal.touched.clone(),
            overtaken: Some(withdrawal),
            records,
        })
    }

    fn take_in_all(
        &mut self,
        entries: &[LogEntry],
        left_out: &LeftOut,
    ) -> Result<Taken, StoreError> {
        let tx = begin(&mut self.db)?;
        let taken = take_in_after(
            &tx,
            &mut self.documents,
            self.device.id,
            self.cursor,
            entries,
            left_out,
        )?;
        tx.commit()?;
        Ok(taken)
    }

    /// Takes entries in after what they overtake was taken back; the signed-in person goes on
    /// under `actor`.
    fn take_in_over(
        &mut self,
        entries: &[LogEntry],
        left_out: &LeftOut,
        overtaken: &[OperationId],
        actor: ActorId,
    ) -> Result<(Withdrawal, Vec<RecordRef>), StoreError> {
        let tx = begin(&mut self.db)?;
        let TakenBack {
            dependents,
            touched,
            ..
        } = take_back(&tx, overtaken, self.cursor)?;
        let delivered = take_in_after(
            &tx,
            &mut self.documents,
            self.device.id,
            self.cursor,
            entries,
            left_out,
        )?;
        let mut waiting = Vec::new();
        let ground = missing_ground();
        for Dependent { action, .. } in &dependents {
            // The entries may have it too.
            if actions::id_of(&tx, action.operation)?.is_none() {
                let otherwise = &ground;
                waiting.push(Again { action, otherwise });
            }
        }
        let mut withdrawal = Hand {
            session: self.session.as_ref(),
            device: self.device.id,
            documents: &mut self.documents,
            fresh: &mut self.fresh,
            actor,
        }
        .do_again(&tx, &waiting)?;
        tx.commit()?;
        let all = touched.into_iter().chain(delivered.touched);
        withdrawal.touched = distinct(all.chain(withdrawal.touched));
        Ok((withdrawal, delivered.records))
    }

    /// The transaction is over: memory follows the store, or forgets what the store does not have.
    fn taken<T>(
        &mut self,
        entries: &[LogEntry],
        left_out: &mut LeftOut,
        now: Timestamp,
        taken: Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if taken.is_err() {
            self.documents.evict_all();
        } else {
            if let Some(last) = entries.last() {
                self.cursor = left_out.reach(last.sequence);
                left_out.forget_up_to(self.cursor);
            }
            for entry in entries {
                if let Some(action) = entry.action() {
                    self.clock.observe(action.at, now);
                }
            }
        }
        taken
    }

    /// The server has accepted actions of this device: all are given their places in one
    /// transaction. It may have had one long before, in the contents that this device knew before it
    /// began anew: then these stand, and are asked for.
    pub fn accepted(&mut self, accepted: &[Accepted]) -> Result<Withdrawal, StoreError> {
        let mut withdrawal = Withdrawal::default();
        let mut placed = Vec::with_capacity(accepted.len());
        for accepted in accepted {
            let Accepted { operation, .. } = *accepted;
            if accepted.sequence > self.cursor || self.was_handed_out(operation)? {
                placed.push(accepted);
                continue;
            }
            let withdrawn = self.withdraw_quietly(operation)?;
            for document in &withdrawn.touched {
                absent::want(&self.db, *document)?;
            }
            withdrawal.extend(withdrawn);
        }
        let tx = begin(&mut self.db)?;
        for accepted in placed {
            places::accept(
                &tx,
                accepted.operation,
                accepted.sequence,
                accepted.received_at,
            )?;
        }
        // What was written before the device heard that it may not be there has arrived.
        forget_what_is_kept_off(&tx, self.device.id)?;
        tx.commit()?;
        Ok(withdrawal)
    }

    /// The server has put these actions of this device into the log as they were sent, one after
    /// another from `first` on, and leaves them out of what it delivers. The documents they are in;
    /// None, and nothing has changed, when something else is here than what was sent.
    ///
    /// # Errors
    /// `Gap` when it has told other things of these places; nothing has changed then.
    pub fn stored(
        &mut self,
        pushed: &[Pushed],
        first: Sequence,
        received_at: Timestamp,
        left_out: &mut LeftOut,
    ) -> Result<Option<Vec<DocumentRef>>, StoreError> {
        let mut touched = Vec::new();
        let tx = begin(&mut self.db)?;
        for (Pushed { id, operation }, place) in pushed.iter().zip(first.0..) {
            if actions::id_of(&tx, *operation)? != Some(*id) {
                return Ok(None);
            }
            if !places::accept(&tx, *operation, Sequence(place), received_at)? {
                return Err(StoreError::Gap);
            }
            touched.extend(changes::documents_of(&tx, *id)?);
        }
        let is_in_a_log = first.0.saturating_add(pushed.len() as u64) <= limits::MAX_COUNTED;
        if first <= self.cursor || !is_in_a_log || !left_out.add(first, pushed.len()) {
            return Err(StoreError::Gap);
        }
        let reach = left_out.reach(self.cursor);
        if reach != self.cursor {
            CURSOR.set(&tx, &reach)?;
        }
        tx.commit()?;
        self.cursor = reach;
        left_out.forget_up_to(reach);
        Ok(Some(distinct(touched)))
    }

    /// Whether what waits of an action is in the documents that the server handed out. Of an action
    /// that the log told, and on a device that read the log itself, there is no doubt.
    fn was_handed_out(&self, operation: OperationId) -> Result<bool, StoreError> {
        let db = &self.db;
        if !is_handed_out(db)? || !waiting::is_waiting(db, operation)? {
            return Ok(true);
        }
        for change in actions::whole(db, operation)?.changes {
            let Some(bytes) = bases::bytes(db, change.document.id)? else {
                return Ok(false);
            };
            let mut document = Document::load(change.document, &bytes)?;
            if document.apply(&change.bytes).unwrap_or(true) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Operations among the entries that the store has with other contents.
fn overtaken(db: &Connection, entries: &[LogEntry]) -> Result<Vec<OperationId>, StoreError> {
    let mut overtaken = Vec::new();
    for action in entries.iter().filter_map(LogEntry::action) {
        if let Some(id) = actions::id_of(db, action.operation)?
            && !has_changes_of(db, id, action)?
        {
            overtaken.push(action.operation);
        }
    }
    Ok(overtaken)
}

/// Whether what is here of an action is what the log has. Of what was let go of nothing is here, and
/// of a redacted action only a part is told; what is both here and told has to be the same.
fn has_changes_of(db: &Connection, id: ActionId, action: &Action) -> Result<bool, StoreError> {
    let known = changes::of_action(db, id)?;
    let is_whole = action.command != Command::Redacted;
    Ok(known.iter().all(|known| {
        let mut told = action.changes.iter();
        match told.find(|told| told.document == known.document) {
            Some(told) => told == known,
            None => !is_whole,
        }
    }))
}

/// Takes in entries that follow a cursor.
fn take_in_after(
    db: &Connection,
    documents: &mut Documents,
    own: DeviceId,
    mut cursor: Sequence,
    entries: &[LogEntry],
    left_out: &LeftOut,
) -> Result<Taken, StoreError> {
    let mut taken = Taken::default();
    let read = CLASSES.get(db)?.map(|told| told.into_iter().collect());
    let read = read.unwrap_or_else(Reading::all);
    make_way(db, own, entries)?;
    for entry in entries {
        if entry.first() > cursor.next() {
            cursor = left_out.reach(cursor);
        }
        // One that stands before another is none of a log either.
        if entry.first() > cursor.next() || entry.sequence <= cursor {
            return Err(StoreError::Gap);
        }
        cursor = entry.sequence;
        match &entry.content {
            Content::Action {
                received_at,
                device,
                action,
            } => {
                let place = (entry.sequence, *received_at);
                take_in(db, documents, action, *device, place)?;
                let changes = action.changes.iter();
                taken.touched.extend(changes.map(|change| change.document));
            }
            Content::Record { .. } => taken.records.extend(take_in_record(db, entry, read)?),
            Content::Hidden { .. } => {}
        }
    }
    note_last_place(db, entries)?;
    CURSOR.set(db, &left_out.reach(cursor))?;
    taken.touched = distinct(taken.touched);
    Ok(taken)
}

/// A place that was told to be one action's may turn out to be another's: the first one has none then,
/// and waits again if it is this device's.
fn make_way(db: &Connection, own: DeviceId, entries: &[LogEntry]) -> Result<(), StoreError> {
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
        return Ok(());
    };
    let told = places::between(db, first.sequence, last.sequence)?;
    for entry in entries {
        if let (Some(told), Some(operation)) = (told.get(&entry.sequence), entry.operation())
            && *told != operation
        {
            places::lose_place(db, *told, own)?;
        }
    }
    Ok(())
}

/// Takes in a version of a record; which one it is of, when it is the newest here. What is not of
/// the classes that the server said it tells of is not kept, but what was erased is forgotten: this
/// device may have written it when its people could read it.
pub(super) fn take_in_record(
    db: &Connection,
    entry: &LogEntry,
    read: Reading,
) -> Result<Option<RecordRef>, StoreError> {
    let Content::Record {
        received_at,
        operation,
        record,
        ..
    } = &entry.content
    else {
        return Ok(None);
    };
    places::accept(db, *operation, entry.sequence, *received_at)?;
    refused::unrefuse(db, *operation)?;
    let is_read = read.has(Class::of_record(record.kind));
    if is_read && !records::take_in(db, entry.sequence, record)? {
        return Ok(None);
    }
    if record.payload == Payload::Erased {
        records::forget_edits(db, record)?;
    }
    Ok(is_read.then_some(record.reference()))
}

fn take_in(
    db: &Connection,
    documents: &mut Documents,
    action: &Action,
    device: DeviceId,
    place: (Sequence, Timestamp),
) -> Result<(), StoreError> {
    if actions::find(db, action.operation)?.is_some() {
        let (sequence, received_at) = place;
        places::accept(db, action.operation, sequence, received_at)?;
        return Ok(());
    }
    if action.changes.len() > limits::MAX_ACTION_CHANGES {
        return Err(StoreError::TooManyChanges);
    }
    refused::unrefuse(db, action.operation)?;
    let id = actions::insert(db, action, device, Some(place))?;
    for (number, change) in action.changes.iter().enumerate() {
        let place = Place { action: id, number };
        match effects_of(db, documents, change)? {
            Some(effects) => keep(db, documents, place, change, effects, action.at.wall)?,
            None => changes::insert(db, place, change, &Part::default())?,
        }
    }
    Ok(())
}

/// What a change does to its document; None when the document is not here and has to be asked for.
fn effects_of(
    db: &Connection,
    documents: &mut Documents,
    change: &DocumentChange,
) -> Result<Option<Effects>, StoreError> {
    let reference = change.document;
    if absent::has(db, reference.id)? {
        if changes::is_of_another_kind(db, reference)? {
            return Err(DocumentError::OtherDocument.into());
        }
        absent::want(db, reference)?;
        return Ok(None);
    }
    let document = documents.open(db, reference)?;
    match document.take_in(&change.bytes) {
        Ok(Some(effects)) => Ok(Some(effects)),
        // The server handed it out together with later ones.
        Ok(None) => Ok(Some(document.effects(&change.bytes)?)),
        Err(DocumentError::MissingDependency) if is_handed_out(db)? => {
            absent::note(db, reference.id)?;
            absent::want(db, reference)?;
            documents.evict(reference);
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}
