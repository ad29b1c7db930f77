//! Files of other programs: which of their columns mean what, and what reading one came to.
//!
//! **Architecture Invariant**: a mapping is data. It says nothing that a file could not be read by
//! twice, so the same file with the same mapping says the same.

mod encoding;
mod fault;
mod field;
mod mapping;
mod mapping_file;
mod report;

pub use encoding::{Encoding, NotText, text_of_file};
pub use fault::ImportFault;
pub use field::{ImportField, ImportKind};
pub use mapping::{DateOrder, DecimalSign, Delimiter, MappedField, Mapping, Unfit};
pub use mapping_file::{MappingFault, MappingFlaw};
pub use report::{
    FieldChange, ImportColumn, ImportCounts, ImportOutcome, ImportReport, ImportedLine, LineFate,
    RowProblem, Weight,
};

use crate::word_enum;
use serde::{Deserialize, Serialize};

word_enum! {
    /// What is to become of a file.
    #[derive(Default)]
    ImportWish {
        /// Nothing is written.
        #[default]
        Preview = "preview",
        /// Nothing is written if any row is in error.
        AllOrNothing = "all-or-nothing",
        /// What is right is written, and the rest listed.
        LeaveOut = "leave-out",
    }
}

/// A file with what it is to be read as.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ImportAsked {
    pub kind: ImportKind,
    pub wish: ImportWish,
    /// None: guessed from the first line.
    pub mapping: Option<Mapping>,
    /// The text of the file.
    pub file: String,
}
