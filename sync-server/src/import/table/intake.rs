//! A file from its text to what was written: read, looked at on what the hotel has, and brought in
//! if that was asked for.

use super::{
    bookings,
    cells::Cells,
    guess::guess,
    layout::Layout,
    people, rooms,
    sheet::{FileFault, Sheet},
    tally::{Tally, Told, problem},
};
use crate::{
    accounts::{AccountError, Accounts, Importer},
    database::{Database, DatabaseError},
    hotel::Hotels,
    import::ImportError,
    log::{Log, LogError},
    server_author::AuthorError,
    snapshots::{SnapshotError, Snapshots},
};
use keyrack_model::{
    ids::HotelId,
    import::{
        ImportAsked, ImportFault, ImportField, ImportKind, ImportOutcome, ImportReport, ImportWish,
        Mapping, Unfit, Weight,
    },
};
use std::collections::HashMap;
use writing::{Documents, Plan};

mod documents;
mod newcomers;
mod of_bookings;
mod of_rooms;
mod writing;

/// Why a file is not brought in.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    #[error(transparent)]
    File(#[from] FileFault),
    #[error("{0}; nothing was brought in")]
    Mapping(#[from] Unfit),
    #[error(
        "another import of this hotel is under way; nothing was brought in. Wait until it has \
         ended, then import again"
    )]
    UnderWay,
    #[error(
        "{why}. At least {brought_in} rows were brought in before that, and stay: import the same file again to \
         complete it"
    )]
    BrokenOff {
        brought_in: u64,
        #[source]
        why: Box<TableError>,
    },
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error(transparent)]
    Account(#[from] AccountError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Snapshots(#[from] SnapshotError),
}

impl From<LogError> for TableError {
    fn from(error: LogError) -> Self {
        Self::Import(error.into())
    }
}

impl From<AuthorError> for TableError {
    fn from(error: AuthorError) -> Self {
        Self::Import(error.into())
    }
}

/// The hotel that a file is brought in to.
pub struct Intake<'a, L> {
    pub hotels: &'a Hotels<L>,
    pub accounts: &'a Accounts,
    pub database: &'a Database,
    pub snapshots: &'a Snapshots,
    pub hotel: HotelId,
    pub importer: &'a Importer,
}

/// Reads a file and does what is asked with it.
///
/// # Errors
/// When nothing can be said of its rows. What was written before the database failed stays, and the
/// same import again completes it.
pub async fn bring_in<L: Log>(
    intake: &Intake<'_, L>,
    asked: &ImportAsked,
) -> Result<ImportReport, TableError> {
    let given = asked.mapping.as_ref();
    let sheet = Sheet::read(&asked.file, given.map(|mapping| mapping.delimiter))?;
    let mapping = given.cloned().unwrap_or_else(|| guess(asked.kind, &sheet));
    mapping.check(asked.kind)?;
    let mut tally = Tally::default();
    let plan = match Layout::of(asked.kind, &mapping, &sheet.header) {
        Ok(layout) => intake.plan(asked.kind, &layout, &sheet, &mut tally).await?,
        Err(missing) => {
            tally.problems(missing);
            Plan::Documents(Documents::default())
        }
    };
    let outcome = match asked.wish {
        ImportWish::Preview => ImportOutcome::Previewed,
        ImportWish::AllOrNothing if tally.has_faulty() => ImportOutcome::Refused,
        ImportWish::AllOrNothing | ImportWish::LeaveOut => ImportOutcome::Written,
    };
    let told = tally.told();
    if outcome == ImportOutcome::Written && told.counts.has_news() {
        intake.write(asked.kind, plan, told.counts).await?;
    }
    Ok(report(asked.kind, outcome, mapping, &sheet, told))
}

fn report(
    kind: ImportKind,
    outcome: ImportOutcome,
    mapping: Mapping,
    sheet: &Sheet,
    told: Told,
) -> ImportReport {
    let Told {
        counts,
        problems,
        unlisted,
        first,
    } = told;
    ImportReport {
        kind,
        outcome,
        mapping,
        columns: sheet.columns(),
        counts,
        problems,
        unlisted,
        first,
    }
}

impl<L: Log> Intake<'_, L> {
    async fn plan(
        &self,
        kind: ImportKind,
        layout: &Layout<'_>,
        sheet: &Sheet,
        tally: &mut Tally,
    ) -> Result<Plan, TableError> {
        match kind {
            ImportKind::Rooms => {
                let mut seen = HashMap::new();
                let read = |cells: &mut Cells<'_>| rooms::read(cells, &mut seen);
                let rows = rows(layout, sheet, tally, read);
                let wanted = self.rooms(rows, layout, tally).await?;
                let numbers = HashMap::new();
                self.look_at(kind, layout, wanted, &numbers, tally).await
            }
            ImportKind::Bookings => {
                let mut seen = HashMap::new();
                let read = |cells: &mut Cells<'_>| bookings::read(cells, &mut seen);
                let rows = rows(layout, sheet, tally, read);
                for (row, other) in bookings::rooms_taken(&rows) {
                    let fault = ImportFault::RoomTaken { row: other };
                    let place = layout.place(ImportField::Room);
                    tally.problem(problem(row, place, "", Weight::Warning, fault));
                }
                let (wanted, numbers) = self.stays(rows, layout, tally).await?;
                self.look_at(kind, layout, wanted, &numbers, tally).await
            }
            ImportKind::People => {
                let mut seen = HashMap::new();
                let by = self.importer.role();
                let read = |cells: &mut Cells<'_>| people::read(cells, &mut seen, by);
                let rows = rows(layout, sheet, tally, read);
                self.people(rows, layout, tally).await
            }
        }
    }
}

/// Reads every row; what is wrong goes to the tally.
fn rows<T>(
    layout: &Layout<'_>,
    sheet: &Sheet,
    tally: &mut Tally,
    mut read: impl FnMut(&mut Cells<'_>) -> Option<T>,
) -> Vec<T> {
    let mut rows = Vec::with_capacity(sheet.rows.len());
    for row in &sheet.rows {
        let mut cells = Cells::of(layout, row);
        rows.extend(read(&mut cells));
        tally.problems(cells.problems());
    }
    rows
}

#[cfg(test)]
mod tests;
