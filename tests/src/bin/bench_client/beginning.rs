//! What a new device asks for before it follows the log: the working set, its records and its
//! segments.

use keyrack_model::action::Sequence;
use keyrack_replica::{Fetched, Wanted};

/// One question after another.
#[derive(Default)]
pub struct Beginning {
    /// The next is the last.
    to_ask: Vec<Wanted>,
    is_asking: bool,
}

impl Beginning {
    pub fn new() -> Self {
        Self {
            to_ask: vec![Wanted::WorkingSet],
            is_asking: false,
        }
    }

    pub fn wanted(&mut self) -> Option<Wanted> {
        let next = self.to_ask.pop();
        self.is_asking = next.is_some();
        next
    }

    /// Notes what follows from an answer.
    pub fn go_on(&mut self, wanted: Wanted, fetched: &Fetched) {
        self.is_asking = false;
        match (wanted, fetched) {
            (_, Fetched::WorkingSet(set)) => {
                let segments = set.segments.iter().rev().copied();
                self.to_ask.extend(segments.map(Wanted::Segment));
                self.to_ask.push(Wanted::Records {
                    up_to: set.sequence,
                    after: Sequence::default(),
                });
            }
            (Wanted::Records { up_to, .. }, Fetched::Records(page)) if !page.is_last => {
                let after = page.entries.last().map_or(up_to, |entry| entry.sequence);
                self.to_ask.push(Wanted::Records { up_to, after });
            }
            _ => {}
        }
    }

    pub fn is_over(&self) -> bool {
        self.to_ask.is_empty() && !self.is_asking
    }
}
