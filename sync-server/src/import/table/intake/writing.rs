//! Writing what was planned. However far it comes, the audit log tells of what was brought in.

use super::{Intake, TableError};
use crate::{
    accounts::Reach,
    import::{document, foresight::Foresight},
    log::Log,
    server_author::{ServerAuthor, TOGETHER},
};
use keyrack_model::{
    command::Command,
    import::{ImportCounts, ImportKind, LineFate},
    record::Colleague,
};

/// What is there to write.
pub(super) enum Plan {
    Documents(Documents),
    People(Vec<Colleague>),
}

/// What a file says of the hotel's documents.
#[derive(Default)]
pub(super) struct Documents {
    rows: Vec<Command>,
    /// What each of them is for its document.
    fates: Vec<LineFate>,
    /// About what all rows have written by then.
    beside: Vec<Command>,
    /// Rows of which nothing is written but what stands beside them.
    only_beside: u64,
}

impl Documents {
    pub(super) fn row(&mut self, command: Command, fate: LineFate) {
        self.rows.push(command);
        self.fates.push(fate);
    }

    pub(super) fn row_beside(&mut self) {
        self.only_beside += 1;
    }

    pub(super) fn beside(&mut self, commands: impl Iterator<Item = Command>) {
        self.beside.extend(commands);
    }

    fn len(&self) -> u64 {
        self.rows.len() as u64 + self.only_beside
    }
}

impl<L: Log> Intake<'_, L> {
    /// One import of a hotel at a time writes.
    pub(super) async fn write(
        &self,
        kind: ImportKind,
        plan: Plan,
        counts: ImportCounts,
    ) -> Result<(), TableError> {
        let held = self.database.hold_imports(self.hotel).await?;
        let _held = held.ok_or(TableError::UnderWay)?;
        match plan {
            Plan::Documents(documents) => self.write_documents(kind, &documents, counts).await,
            Plan::People(people) => {
                let (accounts, now) = (self.accounts, self.hotels.now());
                let taken = accounts.take_on_all(self.hotel, self.importer, people, now);
                Ok(taken.await?)
            }
        }
    }

    async fn write_documents(
        &self,
        kind: ImportKind,
        documents: &Documents,
        counts: ImportCounts,
    ) -> Result<(), TableError> {
        let mut there = ImportCounts::default();
        let Err(why) = self.write_all(documents, &mut there).await else {
            return self.note(kind, counts, Reach::All).await;
        };
        let brought_in = there.new + there.changed;
        // Also where none of it is known to be there: the log may have taken it, and gone away.
        let left = documents.len() - brought_in;
        if let Err(error) = self.note(kind, there, Reach::Part { left }).await {
            let hotel = self.hotel;
            tracing::error!(%hotel, %error, "the audit log does not tell of a part of an import");
        }
        let why = Box::new(why);
        Err(TableError::BrokenOff { brought_in, why })
    }

    /// Writes one part after the other; `there` counts the rows that the log has.
    async fn write_all(
        &self,
        documents: &Documents,
        there: &mut ImportCounts,
    ) -> Result<(), TableError> {
        let mut author = ServerAuthor::at(self.hotels, self.hotel).await?;
        let rows = documents.rows.chunks(TOGETHER);
        for (rows, fates) in rows.zip(documents.fates.chunks(TOGETHER)) {
            match author.act(rows).await {
                Ok(_) => fates.iter().for_each(|fate| there.count(*fate)),
                Err(error) => {
                    self.count_taken(rows, fates, there).await;
                    return Err(error.into());
                }
            }
        }
        author.act(&documents.beside).await?;
        there.changed += documents.only_beside;
        Ok(())
    }

    /// Counts those of some rows that the log took all the same. Where even that cannot be found out,
    /// none of them counts.
    async fn count_taken(&self, rows: &[Command], fates: &[LineFate], there: &mut ImportCounts) {
        let named = rows.iter().filter_map(document).collect();
        let Ok(foresight) = Foresight::of(self.hotels, self.hotel, named).await else {
            return;
        };
        for (row, fate) in rows.iter().zip(fates) {
            if foresight.written(row).is_ok_and(|left| left.is_empty()) {
                there.count(*fate);
            }
        }
    }

    async fn note(
        &self,
        kind: ImportKind,
        counts: ImportCounts,
        reach: Reach,
    ) -> Result<(), TableError> {
        let now = self.hotels.now();
        let told = (kind, counts, reach);
        let noted = self
            .accounts
            .note_import(self.hotel, self.importer, told, now);
        Ok(noted.await?)
    }
}
