//! The admission gate: what a device pushed is scanned, read and judged before anything of it is
//! stored or applied.
//!
//! **Architecture Invariant**: Automerge parses nothing that [`scanner`] has not measured, and
//! applies nothing of which an operation was not looked at. A refusal leaves every document as
//! it was.

pub mod admission;
mod allowance;
mod fields;
mod late;
mod operations;
pub mod reading;
mod records;
mod rules;
mod seen;
mod shelf;
#[cfg(test)]
pub(crate) mod stumble;
mod suspicion;
mod texts;
mod undone;

pub use admission::{Author, Gate, Judgement};
pub use allowance::Allowances;
pub use keyrack_document::scanner;
pub use reading::{Claim, ReadAction, Word, read_push};
pub(crate) use reading::{read_within, weight_of};
pub use rules::{asks_for_rules, inspections_of, rule_documents};
pub use shelf::{Draft, Shelf, Shelved};

#[cfg(test)]
mod tests;
