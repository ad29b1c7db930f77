//! What is wrong with a cell or a row, for people who have the file before them.

use super::{DateOrder, ImportField};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What is wrong, or worth knowing. Its text says what was expected.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImportFault {
    /// No column tells what every row must tell.
    Unmapped {
        field: ImportField,
    },
    /// The mapping names a column that the first line does not have.
    NoColumn,
    /// As many cells as the first line, or this is not the row that it looks like.
    CellCount {
        found: usize,
        expected: usize,
    },
    Missing,
    Date {
        order: DateOrder,
    },
    Number {
        least: i64,
        most: i64,
    },
    YesOrNo,
    /// One of these, whatever their case.
    Word {
        known: Vec<String>,
    },
    TooLong {
        most: usize,
    },
    /// A character that nobody can read.
    Unreadable,
    /// The row says again what another one says.
    Twice {
        row: u64,
    },
    UnknownRoom,
    /// A guest who is in the house has a room.
    NoRoom,
    BeforeArrival,
    TooManyNights {
        most: i32,
    },
    /// Only somebody of more rights gives this role.
    Role,
    /// People have written this since, and it stays.
    Kept {
        stays: String,
    },
    /// Somebody of this name works here; an import changes nobody's access.
    WorksHere,
    /// The room has another booking in the same nights.
    RoomTaken {
        row: u64,
    },
}

impl ImportFault {
    /// The stable name, by which the interface words it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Unmapped { .. } => "unmapped",
            Self::NoColumn => "no-column",
            Self::CellCount { .. } => "cell-count",
            Self::Missing => "missing",
            Self::Date { .. } => "date",
            Self::Number { .. } => "number",
            Self::YesOrNo => "yes-or-no",
            Self::Word { .. } => "word",
            Self::TooLong { .. } => "too-long",
            Self::Unreadable => "unreadable",
            Self::Twice { .. } => "twice",
            Self::UnknownRoom => "unknown-room",
            Self::NoRoom => "no-room",
            Self::BeforeArrival => "before-arrival",
            Self::TooManyNights { .. } => "too-many-nights",
            Self::Role => "role",
            Self::Kept { .. } => "kept",
            Self::WorksHere => "works-here",
            Self::RoomTaken { .. } => "room-taken",
        }
    }
}

impl fmt::Display for ImportFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unmapped { field } => write!(f, "no column is mapped to `{field}`"),
            Self::NoColumn => f.write_str("the first line has no such column"),
            Self::CellCount { found, expected } => {
                write!(f, "{found} cells, expected {expected} as in the first line")
            }
            Self::Missing => f.write_str("nothing here, and it is needed"),
            Self::Date { order } => match order {
                DateOrder::YearMonthDay => f.write_str("expected a date such as 2026-05-25"),
                DateOrder::DayMonthYear => f.write_str("expected a date such as 25.05.2026"),
                DateOrder::MonthDayYear => f.write_str("expected a date such as 05/25/2026"),
            },
            Self::Number { least, most } => {
                write!(f, "expected a whole number from {least} to {most}")
            }
            Self::YesOrNo => f.write_str("expected yes or no"),
            Self::Word { known } => write!(f, "expected one of {}", known.join(", ")),
            Self::TooLong { most } => write!(f, "longer than {most} characters"),
            Self::Unreadable => f.write_str("a character that is no text"),
            Self::Twice { row } => write!(f, "the same as in row {row}"),
            Self::UnknownRoom => {
                f.write_str("the hotel has no such room: bring in the rooms first")
            }
            Self::NoRoom => f.write_str("the guest is in the house and has no room"),
            Self::BeforeArrival => f.write_str("before the arrival"),
            Self::TooManyNights { most } => write!(f, "more than {most} nights"),
            Self::Role => f.write_str("only an admin gives this role"),
            Self::Kept { stays } => {
                write!(f, "people have written “{stays}” here since, and it stays")
            }
            Self::WorksHere => f.write_str(
                "somebody of this name works here; their name and role are changed in the settings",
            ),
            Self::RoomTaken { row } => {
                write!(
                    f,
                    "the booking of row {row} has the room in the same nights"
                )
            }
        }
    }
}
