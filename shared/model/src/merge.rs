//! Merge rules: what a document shows when several people wrote one field without knowing of
//! each other.
//!
//! **Architecture Invariant**: a rule depends only on the set of concurrent values and the order
//! in which Automerge ranks them, so every replica chooses alike.

use crate::field::{FieldType, FieldValue};
use std::cmp::Ordering;

/// How concurrent values of one field become the value shown.
#[derive(Clone, Copy, Debug)]
pub enum MergeRule {
    /// Automerge's own winner.
    LastWriter(Tell),
    /// The value that is safest for the next guest.
    SafestWins(Comparison, Tell),
    /// The greatest value: a date that only moves forward.
    GreatestWins(Comparison),
    /// Characters of all writers.
    Text,
}

/// Whether people are asked to look at what lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tell {
    Nobody,
    People,
}

/// Compares two stored values as values of one type.
#[derive(Clone, Copy, Debug)]
pub struct Comparison {
    order: fn(&FieldValue, &FieldValue) -> Ordering,
    worth_telling: fn(&FieldValue, &FieldValue) -> bool,
}

/// A type with an order of safety: the greater one wins.
pub trait Safety: FieldType + PartialEq {
    fn safety(&self, other: &Self) -> Ordering;

    /// Whether a person should hear that `lost` gave way to `self`.
    fn worth_telling(&self, lost: &Self) -> bool {
        self.safety(lost) != Ordering::Equal
    }
}

impl Comparison {
    /// Values that are not understood give way to those that are.
    pub const fn safety<T: Safety>() -> Self {
        Self {
            order: |a, b| match (T::from_value(a), T::from_value(b)) {
                (Some(a), Some(b)) => a.safety(&b),
                (a, b) => a.is_some().cmp(&b.is_some()),
            },
            worth_telling: |won, lost| match (T::from_value(won), T::from_value(lost)) {
                (Some(won), Some(lost)) => won.worth_telling(&lost),
                _ => false,
            },
        }
    }

    pub const fn natural<T: FieldType + Ord>() -> Self {
        Self {
            order: |a, b| T::from_value(a).cmp(&T::from_value(b)),
            worth_telling: |_, _| false,
        }
    }
}

/// What a rule made of concurrent values.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Merged {
    /// Index of the value shown.
    pub winner: usize,
    /// Indices of the values that people should hear of.
    pub told: Vec<usize>,
}

impl MergeRule {
    /// Chooses among concurrent values, given in Automerge's order with its winner last.
    ///
    /// Returns None when there is no value at all.
    pub fn merge(&self, concurrent: &[FieldValue]) -> Option<Merged> {
        let last = concurrent.len().checked_sub(1)?;
        let winner = match self {
            Self::LastWriter(_) | Self::Text => last,
            Self::SafestWins(compare, _) | Self::GreatestWins(compare) => (0..=last)
                .max_by(|a, b| (compare.order)(&concurrent[*a], &concurrent[*b]))
                .unwrap_or(last),
        };
        let told = (0..=last)
            .filter(|lost| *lost != winner)
            .filter(|lost| self.tells(&concurrent[winner], &concurrent[*lost]))
            .collect();
        Some(Merged { winner, told })
    }

    fn tells(&self, won: &FieldValue, lost: &FieldValue) -> bool {
        match self {
            Self::LastWriter(Tell::People) => won != lost,
            Self::SafestWins(compare, Tell::People) => (compare.worth_telling)(won, lost),
            Self::LastWriter(Tell::Nobody)
            | Self::SafestWins(_, Tell::Nobody)
            | Self::GreatestWins(_)
            | Self::Text => false,
        }
    }
}
