//! The Automerge documents: from what became true to a change, and back to the hotel's words.
//!
//! **Architecture Invariant**: nothing here does IO or knows SQL, and no clock or randomness is
//! read: actors, times and operation ids are arguments.

mod document;
mod header;
mod reading;
mod scalar;
pub mod scanner;

pub use document::{Document, DocumentError, Stamp};
pub use header::{ChangeHash, ChangeHeader, HeaderError};
pub use reading::{Contested, Effects, FieldWrite, Reading, Written};
pub use scalar::{from_scalar, to_scalar};
