//! What was heard of lately and proved good, by hashes: tokens that have opened something or were
//! issued, and devices on which somebody is signed in. Whoever shows one of them does not guess.
//!
//! **Architecture Invariant**: no token is kept, and of however many that come no more than so many
//! hashes; the one that was heard of longest ago is forgotten first.

use blake3::Hash;
use std::collections::{BTreeMap, HashMap};

pub(super) struct Heard {
    /// The most that are kept.
    most: usize,
    heard: u64,
    known: HashMap<Hash, u64>,
    /// The same by when they were heard of.
    order: BTreeMap<u64, Hash>,
}

impl Heard {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            heard: 0,
            known: HashMap::new(),
            order: BTreeMap::new(),
        }
    }

    pub(super) fn note(&mut self, text: &str) {
        let hash = blake3::hash(text.as_bytes());
        self.heard += 1;
        if let Some(before) = self.known.insert(hash, self.heard) {
            self.order.remove(&before);
        }
        self.order.insert(self.heard, hash);
        while self.order.len() > self.most {
            if let Some((_, oldest)) = self.order.pop_first() {
                self.known.remove(&oldest);
            }
        }
    }

    pub(super) fn knows(&self, text: &str) -> bool {
        self.known.contains_key(&blake3::hash(text.as_bytes()))
    }

    pub(super) fn forget(&mut self, text: &str) {
        if let Some(heard) = self.known.remove(&blake3::hash(text.as_bytes())) {
            self.order.remove(&heard);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_are_kept_and_the_one_heard_of_longest_ago_is_forgotten_first() {
        let mut tokens = Heard::new(3);
        for token in ["a", "b", "c", "a", "d"] {
            tokens.note(token);
        }
        let known = ["a", "b", "c", "d"].map(|token| tokens.knows(token));
        assert_eq!(known, [true, false, true, true]);
        for number in 0..100 {
            tokens.note(&number.to_string());
            assert_eq!((tokens.known.len(), tokens.order.len()), (3, 3));
        }
        assert!(!tokens.knows("a"));
    }

    #[test]
    fn what_opens_nothing_any_more_is_forgotten_and_leaves_its_place() {
        let mut tokens = Heard::new(2);
        tokens.note("a");
        tokens.note("b");
        tokens.forget("a");
        tokens.forget("never heard of");
        assert!(!tokens.knows("a"));
        tokens.note("c");
        assert!(tokens.knows("b") && tokens.knows("c"));
    }
}
