//! What stands on a shelf, by document: with the bytes that it takes, and when it was used.

use keyrack_model::ids::DocumentRef;
use std::collections::HashMap;

/// Things of a size.
pub(super) struct Places<T> {
    by_document: HashMap<DocumentRef, Place<T>>,
    /// Of all of them.
    bytes: usize,
}

struct Place<T> {
    thing: T,
    bytes: usize,
    /// The round in which it was needed last.
    used: u64,
}

impl<T> Default for Places<T> {
    fn default() -> Self {
        Self {
            by_document: HashMap::new(),
            bytes: 0,
        }
    }
}

impl<T> Places<T> {
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn is_empty(&self) -> bool {
        self.by_document.is_empty()
    }

    pub fn get(&self, document: DocumentRef) -> Option<&T> {
        self.by_document.get(&document).map(|place| &place.thing)
    }

    /// In the place of what stood there.
    pub fn put(&mut self, document: DocumentRef, thing: T, bytes: usize, used: u64) {
        let place = Place { thing, bytes, used };
        let replaced = self.by_document.insert(document, place);
        self.bytes += bytes;
        self.bytes -= replaced.map_or(0, |replaced| replaced.bytes);
    }

    pub fn take(&mut self, document: DocumentRef) -> Option<T> {
        let place = self.by_document.remove(&document)?;
        self.bytes -= place.bytes;
        Some(place.thing)
    }

    /// When it was needed; in the first round, where it is not here.
    pub fn used(&self, document: DocumentRef) -> u64 {
        let place = self.by_document.get(&document);
        place.map_or(0, |place| place.used)
    }

    pub fn touch(&mut self, document: DocumentRef, round: u64) {
        if let Some(place) = self.by_document.get_mut(&document) {
            place.used = round;
        }
    }

    /// So many at most, those first that were not needed for longest.
    pub fn oldest(&self, count: usize) -> Vec<DocumentRef> {
        let by_use = self.by_document.iter();
        let mut by_use: Vec<_> = by_use.map(|(it, place)| (place.used, *it)).collect();
        by_use.sort_unstable();
        by_use.truncate(count);
        by_use.into_iter().map(|(_, document)| document).collect()
    }
}
