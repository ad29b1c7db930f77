//! A document that nobody needs at the moment: as it is saved, a small part of what it takes open.

use super::{Shelved, Size};
use keyrack_document::{Document, DocumentError};
use keyrack_model::ids::{ActorId, DocumentRef};

/// A document put together; opening it gives what was folded.
pub(super) struct Folded {
    saved: Box<[u8]>,
    last: Box<[(ActorId, u64)]>,
    size: Size,
}

impl Folded {
    pub fn of(shelved: &Shelved) -> Self {
        let last = shelved.last.iter().map(|(actor, seq)| (*actor, *seq));
        Self {
            saved: shelved.document.save().into(),
            last: last.collect(),
            size: shelved.size,
        }
    }

    pub fn open(&self, reference: DocumentRef) -> Result<Shelved, DocumentError> {
        Ok(Shelved {
            document: Document::load(reference, &self.saved)?,
            last: self.last.iter().copied().collect(),
            size: self.size,
        })
    }

    /// Bytes of memory that it takes, with its place on the shelf.
    pub fn bytes(&self) -> usize {
        let place = size_of::<(DocumentRef, u64, Self)>();
        place + self.saved.len() + size_of_val(&*self.last)
    }
}
