//! What reading a file came to: counts, what is wrong by row and column, and the first changes.

use super::{ImportFault, ImportField, ImportKind, Mapping};
use crate::word_enum;
use serde::{Deserialize, Serialize};

word_enum! {
    /// Whether anything was written.
    ImportOutcome {
        /// Nobody asked for it.
        Previewed = "previewed",
        Written = "written",
        /// Rows are in error, and it was to be all or nothing.
        Refused = "refused",
    }
}

word_enum! {
    /// Whether a row can be brought in all the same.
    Weight {
        Error = "error",
        Warning = "warning",
    }
}

word_enum! {
    /// What becomes of a row.
    LineFate {
        New = "new",
        Changed = "changed",
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ImportReport {
    pub kind: ImportKind,
    pub outcome: ImportOutcome,
    /// How the file was read.
    pub mapping: Mapping,
    /// What the first line names.
    pub columns: Vec<ImportColumn>,
    pub counts: ImportCounts,
    /// In the order of rows; those that the mapping itself has are of the first row.
    pub problems: Vec<RowProblem>,
    /// Problems that are not listed.
    pub unlisted: u64,
    /// The first rows that are new or change something.
    pub first: Vec<ImportedLine>,
}

/// A column of the file, with the first that it says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ImportColumn {
    pub name: String,
    pub sample: String,
}

/// Rows by what becomes of them, or became of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ImportCounts {
    pub new: u64,
    pub changed: u64,
    pub unchanged: u64,
    pub faulty: u64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RowProblem {
    /// As a spreadsheet counts them.
    pub row: u64,
    /// None where it is about the row as a whole.
    pub column: Option<String>,
    /// The beginning of what stands there.
    pub found: String,
    pub weight: Weight,
    pub fault: ImportFault,
    /// The fault in English, for programs and people without the interface.
    pub said: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ImportedLine {
    pub row: u64,
    /// The room, the person or the booking.
    pub name: String,
    pub fate: LineFate,
    pub fields: Vec<FieldChange>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FieldChange {
    pub field: ImportField,
    /// Empty for what is new.
    pub before: String,
    pub after: String,
}

impl ImportCounts {
    /// Whether there is anything to write.
    pub fn has_news(self) -> bool {
        self.new + self.changed > 0
    }

    /// Counts a row that makes or changes something.
    pub fn count(&mut self, fate: LineFate) {
        match fate {
            LineFate::New => self.new += 1,
            LineFate::Changed => self.changed += 1,
        }
    }
}
