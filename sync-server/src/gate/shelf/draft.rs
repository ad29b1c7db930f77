//! What becomes of documents while a round is judged, before the log has it.

use super::{Shelf, Shelved};
use crate::{gate::records::Version, log::NewEntry};
use keyrack_model::{
    action::Action,
    ids::{DocumentRef, OperationId},
    record::RecordRef,
};
use std::collections::HashMap;

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
    pub(in crate::gate) fn admitted(&self, operation: OperationId) -> Option<&Action> {
        self.admitted.get(&operation)
    }

    pub(in crate::gate) fn admit(
        &mut self,
        entry: &NewEntry,
        documents: HashMap<DocumentRef, Shelved>,
    ) {
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
    pub(in crate::gate) fn version(&self, record: RecordRef) -> Option<Version> {
        self.versions.get(&record).copied()
    }

    pub fn written(self) -> HashMap<DocumentRef, Box<Shelved>> {
        self.written
    }
}
