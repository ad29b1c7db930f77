//! Documents in memory: a bounded cache over the changes in the store.
//!
//! **Architecture Invariant**: a cached document holds exactly the changes that the store holds
//! for it. Whoever fails between the two evicts.

use crate::{
    error::StoreError,
    store::{bases, changes},
};
use keyrack_document::{Document, DocumentError};
use keyrack_model::ids::DocumentRef;
use rusqlite::Connection;
use std::collections::HashMap;

/// Documents kept in memory; one takes about 20 kB.
const KEPT: usize = 1_000;
/// Changes after the last snapshot beyond which a document gets a new one.
const TAIL: usize = 64;

#[derive(Default)]
pub(crate) struct Documents {
    cached: HashMap<DocumentRef, Cached>,
    clock: u64,
}

struct Cached {
    document: Document,
    tail: usize,
    used: u64,
}

impl Documents {
    /// The document with all its stored changes; a fresh one if it has none.
    pub(crate) fn open(
        &mut self,
        db: &Connection,
        reference: DocumentRef,
    ) -> Result<&mut Document, StoreError> {
        self.clock += 1;
        if !self.cached.contains_key(&reference) {
            self.make_room();
            let (document, tail) = load(db, reference)?;
            self.cached.insert(
                reference,
                Cached {
                    document,
                    tail,
                    used: 0,
                },
            );
        }
        let cached = self
            .cached
            .get_mut(&reference)
            .ok_or(StoreError::Unreadable)?;
        cached.used = self.clock;
        Ok(&mut cached.document)
    }

    /// A document has taken in one more change: writes a snapshot when its tail has grown long.
    pub(crate) fn keep_short(
        &mut self,
        db: &Connection,
        reference: DocumentRef,
    ) -> Result<(), StoreError> {
        let Some(cached) = self.cached.get_mut(&reference) else {
            return Ok(());
        };
        cached.tail += 1;
        if cached.tail > TAIL {
            cached.tail = 0;
            let snapshot = cached.document.save();
            // One that does not read back is worth nothing: the changes are the truth.
            match Document::load(reference, &snapshot) {
                Ok(again) if again.heads() == cached.document.heads() => {
                    changes::save_snapshot(db, reference.id, &snapshot)?;
                }
                _ => tracing::error!(document = %reference, "a snapshot does not read back"),
            }
        }
        Ok(())
    }

    pub(crate) fn evict(&mut self, reference: DocumentRef) {
        self.cached.remove(&reference);
    }

    pub(crate) fn evict_all(&mut self) {
        self.cached.clear();
    }

    fn make_room(&mut self) {
        if self.cached.len() < KEPT {
            return;
        }
        let mut ages: Vec<u64> = self.cached.values().map(|cached| cached.used).collect();
        let middle = ages.len() / 2;
        let (_, median, _) = ages.select_nth_unstable(middle);
        let median = *median;
        self.cached.retain(|_, cached| cached.used > median);
    }
}

/// Reads a document from its snapshot and the changes after it; without one, from what the server
/// handed out, or from its beginning. An id is one document's: under another kind there is none.
pub(crate) fn load(
    db: &Connection,
    reference: DocumentRef,
) -> Result<(Document, usize), StoreError> {
    if changes::is_of_another_kind(db, reference)? {
        return Err(DocumentError::OtherDocument.into());
    }
    let snapshot = changes::snapshot(db, reference.id)?;
    let loaded = snapshot.and_then(|snapshot| {
        let document = Document::load(reference, &snapshot.bytes).ok()?;
        Some((document, snapshot.position))
    });
    let (mut document, position) = match loaded {
        Some(loaded) => loaded,
        None => (beginning(db, reference)?, 0),
    };
    let tail = changes::after(db, reference.id, position)?;
    for (_, bytes) in &tail {
        document.apply(bytes)?;
    }
    Ok((document, tail.len()))
}

/// What all stored changes of a document come after, or are in already.
fn beginning(db: &Connection, reference: DocumentRef) -> Result<Document, StoreError> {
    Ok(match bases::bytes(db, reference.id)? {
        Some(bytes) => Document::load(reference, &bytes)?,
        None => Document::genesis(reference),
    })
}
