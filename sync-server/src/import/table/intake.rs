//! A file from its text to what was written: read, looked at on what the hotel has, and brought in
//! if that was asked for.

use super::{
    bookings,
    cells::Cells,
    guess::guess,
    layout::Layout,
    outlook::{Comes, Outlook, Wanted},
    people, rooms,
    sheet::{FileFault, Sheet},
    tally::{Tally, Told, problem},
};
use crate::{
    accounts::{AccountError, Accounts, Importer},
    database::{Database, DatabaseError},
    hotel::Hotels,
    import::{ImportError, business_date, foresight::Foresight},
    log::{Log, LogError},
    server_author::{AuthorError, ServerAuthor},
};
use keyrack_model::{
    change::Entity,
    command::{Command, ImportedRow},
    identity,
    ids::{DocumentRef, HotelId, RoomId},
    import::{
        FieldChange, ImportAsked, ImportCounts, ImportFault, ImportField, ImportKind,
        ImportOutcome, ImportReport, ImportWish, ImportedLine, LineFate, Mapping, Unfit, Weight,
    },
    record::Colleague,
    room::Room,
    stay::{Stay, StayStatus},
};
use std::collections::{HashMap, HashSet};

/// Documents that are looked at together.
const TOGETHER: usize = 500;

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
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error(transparent)]
    Account(#[from] AccountError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
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
            Plan::Documents(Vec::new())
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

/// What is there to write.
enum Plan {
    Documents(Vec<Command>),
    People(Vec<Colleague>),
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
                let wanted = self.rooms(rows).await?;
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

    async fn rooms(&self, rows: Vec<rooms::RoomRow>) -> Result<Vec<Wanted>, TableError> {
        let id = |row: &rooms::RoomRow| identity::room(self.hotel, &row.number);
        let known = self.known(rows.iter().map(|row| id(row).into())).await?;
        let wanted = rows.into_iter().map(|row| {
            let room = id(&row);
            let fields = row.over(known.get(&room.into()).and_then(as_room));
            Wanted {
                row: row.row,
                name: row.number,
                document: room.into(),
                after: fields.clone().into(),
                command: Command::Import(ImportedRow::Room { room, fields }),
            }
        });
        Ok(wanted.collect())
    }

    async fn stays(
        &self,
        rows: Vec<bookings::BookingRow>,
        layout: &Layout<'_>,
        tally: &mut Tally,
    ) -> Result<(Vec<Wanted>, HashMap<RoomId, String>), TableError> {
        let hotel = self.hotel;
        let today = business_date(self.hotels, hotel).await?;
        let known = self
            .known(rows.iter().map(|row| row.stay(hotel).into()))
            .await?;
        let theirs = known.values().filter_map(|known| as_stay(known)?.room);
        let named = rows.iter().filter_map(|row| row.room(hotel));
        let rooms: HashSet<RoomId> = named.chain(theirs).collect();
        let rooms = self.known(rooms.into_iter().map(Into::into)).await?;
        let numbers: HashMap<RoomId, String> = rooms
            .iter()
            .filter_map(|(document, known)| {
                let number = as_room(known)?.number.clone();
                Some((RoomId(document.id.0), number))
            })
            .collect();
        let mut wanted = Vec::with_capacity(rows.len());
        for row in rows {
            let place = layout.place(ImportField::Room);
            let error = |found: &str, fault| problem(row.row, place, found, Weight::Error, fault);
            if let Some(number) = &row.room
                && row
                    .room(hotel)
                    .is_none_or(|room| !numbers.contains_key(&room))
            {
                tally.problem(error(number, ImportFault::UnknownRoom));
                continue;
            }
            let stay = row.stay(hotel);
            let before = known.get(&stay.into()).and_then(as_stay);
            let fields = row.over(before, hotel, today);
            if fields.status == StayStatus::InHouse && fields.room.is_none() {
                tally.problem(error("", ImportFault::NoRoom));
                continue;
            }
            wanted.push(Wanted {
                row: row.row,
                name: fields.booking.clone(),
                document: stay.into(),
                after: fields.clone().into(),
                command: Command::Import(ImportedRow::Stay { stay, fields }),
            });
        }
        Ok((wanted, numbers))
    }

    /// What the hotel has of some documents; those that nobody has made are left out.
    async fn known(
        &self,
        documents: impl Iterator<Item = DocumentRef>,
    ) -> Result<HashMap<DocumentRef, Entity>, TableError> {
        let documents: Vec<DocumentRef> = documents.collect();
        let mut known = HashMap::new();
        for documents in documents.chunks(TOGETHER) {
            let foresight = Foresight::of(self.hotels, self.hotel, documents.to_vec()).await?;
            let found = documents.iter();
            known.extend(found.filter_map(|it| Some((*it, foresight.known(*it)?))));
        }
        Ok(known)
    }

    async fn look_at(
        &self,
        kind: ImportKind,
        layout: &Layout<'_>,
        wanted: Vec<Wanted>,
        numbers: &HashMap<RoomId, String>,
        tally: &mut Tally,
    ) -> Result<Plan, TableError> {
        let mut commands = Vec::new();
        let mut wanted = wanted.into_iter().peekable();
        while wanted.peek().is_some() {
            let some: Vec<Wanted> = wanted.by_ref().take(TOGETHER).collect();
            let documents = some.iter().map(|wanted| wanted.document).collect();
            let foresight = Foresight::of(self.hotels, self.hotel, documents).await?;
            let outlook = Outlook {
                kind,
                layout,
                foresight: &foresight,
                numbers,
            };
            for wanted in some {
                let comes = outlook.note(&wanted, tally).map_err(|reason| {
                    let command = wanted.command.name();
                    AuthorError::Refused { command, reason }
                })?;
                if comes == Comes::ToSomething {
                    commands.push(wanted.command);
                }
            }
        }
        Ok(Plan::Documents(commands))
    }

    /// Whoever works here already stays as they are.
    async fn people(
        &self,
        rows: Vec<people::PersonRow>,
        layout: &Layout<'_>,
        tally: &mut Tally,
    ) -> Result<Plan, TableError> {
        let known = self.accounts.colleagues(self.hotel).await?;
        let mut new = Vec::new();
        for row in rows {
            let wished = &row.colleague;
            let Some(here) = known.get(&wished.name) else {
                tally.line(newcomer(&row));
                new.push(row.colleague);
                continue;
            };
            tally.unchanged();
            if here.role != wished.role {
                let place = layout.place(ImportField::Role);
                let found = wished.role.word();
                let fault = ImportFault::WorksHere;
                tally.problem(problem(row.row, place, found, Weight::Warning, fault));
            }
        }
        Ok(Plan::People(new))
    }

    /// One import of a hotel at a time writes.
    async fn write(
        &self,
        kind: ImportKind,
        plan: Plan,
        counts: ImportCounts,
    ) -> Result<(), TableError> {
        let held = self.database.hold_imports(self.hotel).await?;
        let _held = held.ok_or(TableError::UnderWay)?;
        let now = self.hotels.now();
        match plan {
            Plan::Documents(commands) => {
                let mut author = ServerAuthor::at(self.hotels, self.hotel).await?;
                author.act(&commands).await?;
                let accounts = self.accounts;
                let noted = accounts.note_import(self.hotel, self.importer, kind, counts, now);
                noted.await?;
            }
            Plan::People(people) => {
                let accounts = self.accounts;
                let taken = accounts.take_on_all(self.hotel, self.importer, people, now);
                taken.await?;
            }
        }
        Ok(())
    }
}

fn as_room(known: &Entity) -> Option<&Room> {
    if let Entity::Room(room) = known {
        Some(room)
    } else {
        None
    }
}

fn as_stay(known: &Entity) -> Option<&Stay> {
    if let Entity::Stay(stay) = known {
        Some(stay)
    } else {
        None
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

fn newcomer(row: &people::PersonRow) -> ImportedLine {
    let colleague = &row.colleague;
    let told = |field, after: &str| FieldChange {
        field,
        before: String::new(),
        after: after.to_owned(),
    };
    ImportedLine {
        row: row.row,
        name: colleague.display.clone(),
        fate: LineFate::New,
        fields: vec![
            told(ImportField::SignInName, &colleague.name),
            told(ImportField::Role, colleague.role.word()),
        ],
    }
}
