//! What can go wrong in a replica, by what the caller does about it.

use keyrack_document::DocumentError;
use keyrack_model::{ipc::Problem, plan::Unplanned, refusal::Refusal};

/// The store did not do what was asked; the transaction was rolled back.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the disk is full")]
    DiskFull(#[source] rusqlite::Error),
    #[error("the store cannot be opened with this key, or is not a Keyrack store")]
    WrongKeyOrCorrupt(#[source] rusqlite::Error),
    #[error("a part of the store's file is not as it was written")]
    Damaged,
    #[error("a copy of the store under another key is not whole")]
    NotCopied,
    #[error("the store was written by a newer version of Keyrack (schema {found})")]
    NewerSchema { found: i64 },
    #[error("the store was written before the first release of Keyrack (schema {found})")]
    RetiredSchema { found: i64 },
    #[error("this build's SQLite cannot encrypt; the store was not opened")]
    NoEncryption,
    #[error(
        "this is SQLite {found}, which Keyrack was not tried with; the store was not opened, and is as it \
         was: install Keyrack as it is built, with the SQLite that is in it"
    )]
    UntriedSqlite { found: i32 },
    #[error("the store failed")]
    Sqlite(#[source] rusqlite::Error),
    #[error("a stored value does not read back")]
    Unreadable,
    #[error("the log has a gap before what was delivered")]
    Gap,
    #[error("what the server handed out is not what was asked for")]
    NotAsked,
    #[error("an action of the log has more changes than an action may have")]
    TooManyChanges,
    #[error("a document does not take a change of the log")]
    Document(#[from] DocumentError),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull(error),
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                Self::WrongKeyOrCorrupt(error)
            }
            _ => Self::Sqlite(error),
        }
    }
}

impl StoreError {
    /// Whether the connection may answer nothing more: [`Replica::reopen`](crate::Replica::reopen)
    /// brings another.
    pub fn leaves_doubt(&self) -> bool {
        matches!(self, Self::Sqlite(_) | Self::WrongKeyOrCorrupt(_))
    }

    /// What a person is told.
    pub fn problem(&self) -> Problem {
        match self {
            Self::DiskFull(_) => Problem::DiskFull,
            Self::WrongKeyOrCorrupt(_)
            | Self::Damaged
            | Self::NotCopied
            | Self::NewerSchema { .. }
            | Self::RetiredSchema { .. }
            | Self::NoEncryption
            | Self::UntriedSqlite { .. }
            | Self::Sqlite(_) => Problem::StoreUnavailable,
            Self::Unreadable
            | Self::Gap
            | Self::NotAsked
            | Self::TooManyChanges
            | Self::Document(_) => Problem::Internal,
        }
    }
}

/// Why an action did not happen.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    #[error("nobody is signed in")]
    SignedOut,
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Unplanned<StoreError>> for ActError {
    fn from(unplanned: Unplanned<StoreError>) -> Self {
        match unplanned {
            Unplanned::Refused(refusal) => Self::Refused(refusal),
            Unplanned::Unread(error) => Self::Store(error),
        }
    }
}

impl ActError {
    /// What a person is told.
    pub fn problem(&self) -> Problem {
        match self {
            Self::SignedOut => Problem::SignedOut,
            Self::Refused(refusal) => Problem::Refused(refusal.clone()),
            Self::Store(error) => error.problem(),
        }
    }
}
