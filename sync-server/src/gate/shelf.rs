//! The documents of one hotel that were needed last, and drafts of what becomes of them.
//!
//! **Architecture Invariant**: a document on the shelf holds changes of the log and no others;
//! what is being judged lives in a [`Draft`] until the log has it.

use super::{records::Version, scanner};
use crate::log::{NewEntry, StoredChange};
use keyrack_document::{ChangeHeader, Document, DocumentError};
use keyrack_model::{
    action::{Action, LogEntry},
    ids::{ActorId, DocumentRef, OperationId},
    limits::{
        DOCUMENT_RESERVE, MAX_DOCUMENT_CHANGES, MAX_DOCUMENT_CLOCKS, MAX_DOCUMENT_ROWS,
        SHELF_DOCUMENTS, SHELF_ROWS,
    },
    policy::{Role, puts_in_order},
    record::RecordRef,
    refusal::GateReason,
};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// A document with what the gate asks of it at every change.
#[derive(Clone)]
pub struct Shelved {
    pub document: Document,
    /// The last sequence of each actor that wrote it.
    pub last: HashMap<ActorId, u64>,
    pub size: Size,
}

/// How much was written into a document.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Size {
    /// What the changes claim, in rows or in what they replace.
    rows: u64,
    /// The changes, and what they say that they build on.
    changes: u64,
}

impl Size {
    pub(super) fn of(bytes: &[u8], deps: usize) -> Result<Self, GateReason> {
        let measure = scanner::measure(bytes)?;
        Ok(Self {
            rows: measure.rows.max(measure.predecessors),
            changes: deps.max(1) as u64,
        })
    }

    #[cfg(test)]
    pub(super) fn with_rows(rows: u64) -> Self {
        Self { rows, changes: 1 }
    }

    fn and(self, other: Self) -> Self {
        Self {
            rows: self.rows.saturating_add(other.rows),
            changes: self.changes.saturating_add(other.changes),
        }
    }
}

impl Shelved {
    fn genesis(reference: DocumentRef) -> Self {
        Self {
            document: Document::genesis(reference),
            last: HashMap::new(),
            size: Size::default(),
        }
    }

    /// The size with one more change of an actor, whose author has a role.
    ///
    /// # Errors
    /// `TooLarge` when not every device could read the document any more, and before that for those
    /// who would leave no room for the others.
    pub(super) fn size_with(
        &self,
        (actor, role): (ActorId, Role),
        more: Size,
    ) -> Result<Size, GateReason> {
        let size = self.size.and(more);
        let actors = self.last.len() as u64 + u64::from(!self.last.contains_key(&actor));
        let room = |bound: u64| match puts_in_order(role) {
            true => bound,
            false => bound - bound / DOCUMENT_RESERVE,
        };
        let fits = size.rows <= room(MAX_DOCUMENT_ROWS)
            && size.changes <= room(MAX_DOCUMENT_CHANGES)
            && size.changes.saturating_mul(actors) <= room(MAX_DOCUMENT_CLOCKS);
        fits.then_some(size).ok_or(GateReason::TooLarge)
    }

    /// Whether anything was written into it.
    pub(super) fn exists(&self) -> bool {
        !self.last.is_empty()
    }

    /// Takes in a change of the log; one that is here already changes nothing.
    fn observe(&mut self, bytes: &[u8]) -> Result<(), DocumentError> {
        let (header, _) = ChangeHeader::parse(bytes)?;
        if self.document.apply(bytes)? {
            let size = Size::of(bytes, header.deps.len()).map_err(DocumentError::Unfit)?;
            self.size = self.size.and(size);
        }
        let last = self.last.entry(header.actor).or_default();
        *last = header.seq.max(*last);
        Ok(())
    }

    /// A document as the log has it. Automerge takes many changes at once much faster than one
    /// after another.
    fn read(reference: DocumentRef, changes: &[&StoredChange]) -> Result<Self, Unreadable> {
        if changes.is_empty() {
            return Ok(Self::genesis(reference));
        }
        let mut bytes = Document::genesis(reference).save();
        for change in changes {
            bytes.extend_from_slice(&change.bytes);
        }
        let document = Document::load(reference, &bytes).map_err(Unreadable::Document)?;
        let mut last: HashMap<ActorId, u64> = HashMap::new();
        let mut size = Size::default();
        for change in changes {
            let more = Size::of(&change.bytes, 0).map_err(DocumentError::Unfit);
            size = size.and(more.map_err(Unreadable::Document)?);
        }
        let mut count = 0;
        for change in document.crdt().get_changes_meta(&[]) {
            size.changes += change.deps.len().saturating_sub(1) as u64;
            let actor = Uuid::from_slice(change.actor.to_bytes()).map_err(|_| Unreadable::Actor)?;
            let last = last.entry(ActorId(actor)).or_default();
            *last = change.seq.max(*last);
            count += 1;
        }
        // The genesis is one more. Automerge drops what it does not understand at the end.
        if count != changes.len() + 1 {
            return Err(Unreadable::Incomplete);
        }
        Ok(Self {
            document,
            last,
            size,
        })
    }
}

/// Why a document of the log cannot be judged upon.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error(transparent)]
    Document(DocumentError),
    #[error("an actor is not 16 bytes long")]
    Actor,
    #[error("some of its changes are not there after reading it")]
    Incomplete,
}

/// Documents by use: those that were not needed for longest are put away first.
#[derive(Default)]
pub struct Shelf {
    /// A place that is free costs a pointer: a document is kilobytes even where it stands.
    documents: HashMap<DocumentRef, (u64, Box<Shelved>)>,
    /// Of all of them.
    rows: u64,
    round: u64,
}

impl Shelf {
    /// Those of the documents that are not here.
    pub fn missing(&self, documents: impl Iterator<Item = DocumentRef>) -> Vec<DocumentRef> {
        let missing: BTreeSet<_> = documents
            .filter(|document| !self.documents.contains_key(document))
            .collect();
        missing.into_iter().collect()
    }

    /// Puts documents here as the log has them. One that cannot be read is left out.
    pub fn load(
        &mut self,
        documents: &[DocumentRef],
        changes: &[StoredChange],
    ) -> Vec<(DocumentRef, Unreadable)> {
        let mut by_document: HashMap<DocumentRef, Vec<&StoredChange>> = documents
            .iter()
            .map(|reference| (*reference, Vec::new()))
            .collect();
        for change in changes {
            if let Some(changes) = by_document.get_mut(&change.document) {
                changes.push(change);
            }
        }
        let mut unreadable = Vec::new();
        for (reference, changes) in by_document {
            match Shelved::read(reference, &changes) {
                Ok(shelved) => self.put(reference, Box::new(shelved)),
                Err(error) => unreadable.push((reference, error)),
            }
        }
        unreadable
    }

    pub fn get(&self, document: DocumentRef) -> Option<&Shelved> {
        let (_, shelved) = self.documents.get(&document)?;
        Some(shelved)
    }

    /// Takes in what the log got from elsewhere.
    pub fn observe(&mut self, entry: &LogEntry) {
        for change in entry.action().iter().flat_map(|action| &action.changes) {
            let Some((_, shelved)) = self.documents.get_mut(&change.document) else {
                continue;
            };
            let before = shelved.size.rows;
            let observed = shelved.observe(&change.bytes);
            self.rows += shelved.size.rows - before;
            if observed.is_err() {
                // It is read from the log when it is asked for.
                self.put_away(change.document);
            }
        }
    }

    /// Keeps what became of documents whose changes the log has taken.
    pub fn keep(&mut self, documents: HashMap<DocumentRef, Box<Shelved>>) {
        for (reference, shelved) in documents {
            self.put(reference, shelved);
        }
    }

    fn put(&mut self, reference: DocumentRef, shelved: Box<Shelved>) {
        self.rows += shelved.size.rows;
        let replaced = self.documents.insert(reference, (self.round, shelved));
        self.rows -= replaced.map_or(0, |(_, replaced)| replaced.size.rows);
    }

    fn put_away(&mut self, reference: DocumentRef) {
        let removed = self.documents.remove(&reference);
        self.rows -= removed.map_or(0, |(_, removed)| removed.size.rows);
    }

    /// Forgets everything: the log decides what is true.
    pub fn clear(&mut self) {
        self.documents.clear();
        self.rows = 0;
    }

    /// Ends a round in which `used` were needed, and puts away what is too much.
    pub fn tidy(&mut self, used: impl Iterator<Item = DocumentRef>) {
        for document in used {
            if let Some((last, _)) = self.documents.get_mut(&document) {
                *last = self.round;
            }
        }
        self.round += 1;
        if self.documents.len() <= SHELF_DOCUMENTS && self.rows <= SHELF_ROWS {
            return;
        }
        let mut by_use: Vec<_> = self
            .documents
            .iter()
            .map(|(reference, (last, _))| (*last, *reference))
            .collect();
        by_use.sort_unstable();
        // A quarter at once, so that the sorting is paid for.
        for (_, reference) in by_use {
            if self.documents.len() <= SHELF_DOCUMENTS * 3 / 4 && self.rows <= SHELF_ROWS * 3 / 4 {
                break;
            }
            self.put_away(reference);
        }
    }
}

/// What becomes of documents if what was admitted so far goes into the log.
pub struct Draft<'a> {
    shelf: &'a Shelf,
    written: HashMap<DocumentRef, Box<Shelved>>,
    admitted: HashMap<OperationId, Action>,
    versions: HashMap<RecordRef, Version>,
}

impl<'a> Draft<'a> {
    pub fn on(shelf: &'a Shelf) -> Self {
        Self {
            shelf,
            written: HashMap::new(),
            admitted: HashMap::new(),
            versions: HashMap::new(),
        }
    }

    /// None for a document that is not on the shelf.
    pub fn get(&self, document: DocumentRef) -> Option<&Shelved> {
        let written = self.written.get(&document).map(AsRef::as_ref);
        written.or_else(|| self.shelf.get(document))
    }

    /// An action that was admitted on this draft.
    pub(super) fn admitted(&self, operation: OperationId) -> Option<&Action> {
        self.admitted.get(&operation)
    }

    pub(super) fn admit(&mut self, entry: &NewEntry, documents: HashMap<DocumentRef, Shelved>) {
        let documents = documents.into_iter();
        self.written
            .extend(documents.map(|(reference, shelved)| (reference, Box::new(shelved))));
        match &entry.record {
            Some(record) => {
                self.versions
                    .insert(record.reference(), Version::made(record));
            }
            None => {
                let action = &entry.action;
                self.admitted.insert(action.operation, action.clone());
            }
        }
    }

    /// The version of a record that was admitted on this draft.
    pub(super) fn version(&self, record: RecordRef) -> Option<Version> {
        self.versions.get(&record).copied()
    }

    pub fn written(self) -> HashMap<DocumentRef, Box<Shelved>> {
        self.written
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::ids::{DocumentId, DocumentKind};

    fn task(number: usize) -> DocumentRef {
        DocumentRef {
            kind: DocumentKind::Task,
            id: DocumentId(Uuid::from_u128(number as u128)),
        }
    }

    #[test]
    fn a_full_shelf_puts_away_what_was_not_needed_for_longest() {
        let mut shelf = Shelf::default();
        for number in 0..SHELF_DOCUMENTS {
            shelf.load(&[task(number)], &[]);
        }
        shelf.tidy(std::iter::empty());
        assert!(shelf.missing((0..SHELF_DOCUMENTS).map(task)).is_empty());
        shelf.load(&[task(SHELF_DOCUMENTS)], &[]);
        shelf.tidy([task(7), task(SHELF_DOCUMENTS)].into_iter());
        let all = (0..=SHELF_DOCUMENTS).map(task);
        let missing = shelf.missing(all);
        assert_eq!(missing.len(), SHELF_DOCUMENTS / 4 + 1);
        assert!(!missing.contains(&task(7)) && !missing.contains(&task(SHELF_DOCUMENTS)));
    }

    #[test]
    fn a_shelf_of_large_documents_is_full_sooner() {
        let large = |number| {
            let mut shelved = Shelved::genesis(task(number));
            shelved.size.rows = SHELF_ROWS / 4;
            (task(number), Box::new(shelved))
        };
        let mut shelf = Shelf::default();
        for number in 0..5 {
            shelf.keep([large(number)].into());
            shelf.tidy(std::iter::empty());
        }
        assert_eq!(shelf.missing((0..5).map(task)), [task(0), task(1)]);
        // What is kept again is counted once.
        shelf.keep([large(4)].into());
        shelf.tidy(std::iter::empty());
        assert_eq!(shelf.rows, SHELF_ROWS * 3 / 4);
    }

    #[test]
    fn a_document_has_room_up_to_each_of_its_bounds() {
        let by = |number| ActorId(Uuid::from_u128(number));
        let size = |rows, changes| Size { rows, changes };
        let mut full = Shelved::genesis(task(1));
        full.last = (0..10).map(|number| (by(number), 1)).collect();
        full.size = size(MAX_DOCUMENT_ROWS - 5, MAX_DOCUMENT_CHANGES - 2);
        for (more, fits) in [
            (size(5, 2), true),
            (size(6, 1), false),
            (size(1, 3), false),
            (size(u64::MAX, 1), false),
        ] {
            let room = full.size_with((by(3), Role::Supervisor), more);
            assert_eq!(room.is_ok(), fits, "{more:?}");
            let room = full.size_with((by(3), Role::Housekeeper), more);
            assert!(room.is_err(), "what is left is for others: {more:?}");
        }
        let actors = MAX_DOCUMENT_CLOCKS / MAX_DOCUMENT_CHANGES;
        full.last = (0..u128::from(actors)).map(|it| (by(it), 1)).collect();
        full.size = size(0, MAX_DOCUMENT_CHANGES - 1);
        let desk = |number| (by(number), Role::FrontDesk);
        assert!(full.size_with(desk(3), size(1, 1)).is_ok());
        assert!(full.size_with(desk(u128::MAX), size(1, 1)).is_err());
        let left = |bound: u64| bound - bound / DOCUMENT_RESERVE;
        full.last = (0..10).map(|number| (by(number), 1)).collect();
        full.size = size(left(MAX_DOCUMENT_ROWS) - 5, left(MAX_DOCUMENT_CHANGES) - 2);
        for (more, fits) in [(size(5, 2), true), (size(6, 1), false), (size(1, 3), false)] {
            let room = full.size_with((by(3), Role::Engineer), more);
            assert_eq!(room.is_ok(), fits, "{more:?}");
        }
    }

    #[test]
    fn a_document_whose_changes_do_not_belong_to_it_is_left_out() {
        let changes = [StoredChange {
            document: task(1),
            bytes: b"not a change".to_vec(),
        }];
        let mut shelf = Shelf::default();
        let unreadable = shelf.load(&[task(1), task(2)], &changes);
        assert_eq!(unreadable.len(), 1);
        assert!(shelf.get(task(1)).is_none() && shelf.get(task(2)).is_some());
    }
}
