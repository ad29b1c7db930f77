//! The documents of one hotel that were needed last.
//!
//! Those that were needed just now are open: they can be judged on, and each takes tens of kilobytes.
//! The others are folded, and opened in less time than the log would take to answer.
//!
//! **Architecture Invariant**: a document on the shelf holds changes of the log and no others;
//! what is being judged lives in a [`Draft`] until the log has it. Open and folded ones are bounded in
//! bytes, and a hotel that rests has none open.

use crate::log::StoredChange;
use folded::Folded;
use keyrack_model::{
    action::LogEntry,
    ids::DocumentRef,
    limits::{FOLDED_BYTES, OPEN_BYTES},
};
use std::collections::{BTreeSet, HashMap};

mod draft;
mod folded;
mod places;
mod shelved;

pub use draft::Draft;
use places::Places;
pub use shelved::{Shelved, Size, Unreadable};

/// Documents by use: those that were not needed for longest are folded first, and put away first.
#[derive(Default)]
pub struct Shelf {
    /// A place that is free costs a pointer: a document is kilobytes even where it stands.
    open: Places<Box<Shelved>>,
    folded: Places<Folded>,
    round: u64,
}

impl Shelf {
    /// Opens documents, and says which of them are not here at all.
    pub fn open(&mut self, documents: impl Iterator<Item = DocumentRef>) -> Vec<DocumentRef> {
        let wanted: BTreeSet<_> = documents.collect();
        let mut missing = Vec::new();
        for reference in wanted {
            if self.open.get(reference).is_none() && !self.unfold(reference) {
                missing.push(reference);
            }
        }
        missing
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

    /// A document that is open.
    pub fn get(&self, document: DocumentRef) -> Option<&Shelved> {
        self.open.get(document).map(AsRef::as_ref)
    }

    /// Takes in what the log got from elsewhere. A folded document is read from the log when somebody
    /// writes in it: others' work opens nothing here.
    pub fn observe(&mut self, entry: &LogEntry) {
        for change in entry.action().iter().flat_map(|action| &action.changes) {
            let reference = change.document;
            self.folded.take(reference);
            // One that cannot be read is read from the log when it is asked for.
            if let Some(mut shelved) = self.open.take(reference)
                && shelved.observe(&change.bytes).is_ok()
            {
                self.put(reference, shelved);
            }
        }
    }

    /// Keeps what became of documents whose changes the log has taken.
    pub fn keep(&mut self, documents: HashMap<DocumentRef, Box<Shelved>>) {
        for (reference, shelved) in documents {
            self.put(reference, shelved);
        }
    }

    /// Ends a round in which these were needed.
    pub fn end_round(&mut self, used: impl Iterator<Item = DocumentRef>) {
        used.for_each(|document| self.open.touch(document, self.round));
        self.round += 1;
    }

    /// Whether something is to be folded though people work.
    pub fn is_full(&self) -> bool {
        self.open.bytes() > OPEN_BYTES
    }

    /// Whether something is to be folded when they rest.
    pub fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Folds so many documents, those first that were not needed for longest.
    pub fn fold(&mut self, count: usize) {
        for reference in self.open.oldest(count) {
            self.fold_one(reference);
        }
        if self.open.is_empty() {
            // Free places are memory, too.
            self.open = Places::default();
        }
        self.put_away();
    }

    /// Folds until there is room again: a quarter at once, so that looking for them is paid for.
    pub fn make_room(&mut self) {
        for reference in self.open.oldest(usize::MAX) {
            if self.open.bytes() <= OPEN_BYTES * 3 / 4 {
                break;
            }
            self.fold_one(reference);
        }
        self.put_away();
    }

    /// Forgets everything: the log decides what is true.
    pub fn clear(&mut self) {
        self.open = Places::default();
        self.folded = Places::default();
    }

    /// Bytes of all that is here.
    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        self.open.bytes() + self.folded.bytes()
    }

    fn put(&mut self, reference: DocumentRef, shelved: Box<Shelved>) {
        // The other state is from before.
        self.folded.take(reference);
        let bytes = shelved.bytes();
        self.open.put(reference, shelved, bytes, self.round);
    }

    fn unfold(&mut self, reference: DocumentRef) -> bool {
        let opened = self.folded.take(reference);
        // What does not open is read from the log.
        let opened = opened.and_then(|folded| folded.open(reference).ok());
        let is_here = opened.is_some();
        if let Some(opened) = opened {
            self.put(reference, Box::new(opened));
        }
        is_here
    }

    fn fold_one(&mut self, reference: DocumentRef) {
        let used = self.open.used(reference);
        if let Some(shelved) = self.open.take(reference) {
            let folded = Folded::of(&shelved);
            let bytes = folded.bytes();
            self.folded.put(reference, folded, bytes, used);
        }
    }

    /// Lets go of folded ones until they have room: they are in the log.
    fn put_away(&mut self) {
        if self.folded.bytes() <= FOLDED_BYTES {
            return;
        }
        for reference in self.folded.oldest(usize::MAX) {
            if self.folded.bytes() <= FOLDED_BYTES * 3 / 4 {
                break;
            }
            self.folded.take(reference);
        }
    }
}

#[cfg(test)]
mod tests;
