//! Bookings as documents of a hotel: rooms, stays, and the cleaning of the business date.
//!
//! **Architecture Invariant**: an import adds what is missing, brings up to date what only imports
//! have written, and leaves a room dirty that was slept in or left since people last cleaned it.
//! Importing again changes nothing, and no import goes back to an earlier day.

use crate::{
    bookings::{Booking, Day, DayPlan},
    hotel::Hotels,
    log::{Log, LogError},
    server_author::{AuthorError, ServerAuthor},
};
use foresight::Foresight;
use keyrack_model::{
    change::Entity,
    command::{Command, ImportedRow},
    hotel::Hotel,
    ids::{DocumentRef, HotelId, UserId},
    policy::Role,
    time::BusinessDate,
};
use known::{Known, known};
use rows::{Morning, stay_id};
use std::collections::HashSet;

mod foresight;
mod known;
mod rows;
mod summary;
pub mod table;

pub use summary::{Summary, Tally};

/// Rows that are written as commands at once.
const TOGETHER: usize = 1_000;

/// Whether tasks are given to somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sharing {
    Nobody,
    /// Each housekeeper gets neighbouring rooms, as many as the others.
    AmongHousekeepers,
}

/// Why bookings are not brought in.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(
        "the hotel has come to {today}, and {asked} is before it; nothing was brought in. Import \
         the bookings for {today} or a later day"
    )]
    EarlierDay {
        asked: BusinessDate,
        today: BusinessDate,
    },
    #[error(
        "the last booking of the file ends on {last}, and {asked} is after it; nothing was brought \
         in, because no hotel goes back to an earlier day. Check the business date, or the file"
    )]
    BeyondBookings {
        asked: BusinessDate,
        last: BusinessDate,
    },
    #[error(
        "the hotel was made in part only; nothing was brought in. Run `keyrack-server hotel \
         create` with its code again, and then the import"
    )]
    Unopened,
    #[error(transparent)]
    Author(#[from] AuthorError),
    #[error(transparent)]
    Log(#[from] LogError),
}

/// An import that is ready to be written.
pub struct Import<'a, L> {
    hotels: &'a Hotels<L>,
    author: ServerAuthor<'a, L>,
    morning: Morning,
    today: BusinessDate,
    known: Known,
    plan: DayPlan,
    housekeepers: Vec<UserId>,
}

impl<'a, L: Log> Import<'a, L> {
    pub async fn prepare(
        hotels: &'a Hotels<L>,
        hotel: HotelId,
        bookings: Vec<Booking>,
        date: BusinessDate,
        sharing: Sharing,
    ) -> Result<Self, ImportError> {
        let author = ServerAuthor::at(hotels, hotel).await?;
        let today = business_date(hotels, hotel).await?;
        if date < today {
            return Err(ImportError::EarlierDay { asked: date, today });
        }
        let last = bookings.iter().map(|booking| booking.end).max();
        if let Some(last) = last.filter(|last| *last < date.0 && today < date) {
            return Err(ImportError::BeyondBookings {
                asked: date,
                last: BusinessDate(last),
            });
        }
        let known = known(hotels, hotel, &author).await?;
        let housekeepers: Vec<UserId> = match sharing {
            Sharing::Nobody => Vec::new(),
            Sharing::AmongHousekeepers => hotels
                .log()
                .people(hotel)
                .await?
                .into_iter()
                .filter(|person| person.role == Role::Housekeeper && !person.left)
                .map(|person| person.id)
                .collect(),
        };
        let day = Day {
            date: date.0,
            since: known.has_rooms().then_some(today.0),
        };
        let plan = DayPlan::of(bookings, day, known.occupancy(), |booking| {
            known.stay(stay_id(hotel, booking))
        });
        Ok(Self {
            hotels,
            author,
            morning: Morning { hotel, date },
            today,
            known,
            plan,
            housekeepers,
        })
    }

    /// What [`Import::write`] would do, without doing it.
    pub async fn foresee(&self) -> Result<Summary, ImportError> {
        Ok(self.summary(
            self.foresee_rows(&self.rooms()).await?,
            self.foresee_rows(&self.stays()).await?,
            self.foresee_rows(&self.tasks()).await?,
        ))
    }

    /// Writes all of it. The hotel comes to the day last, when everything of it is there.
    pub async fn write(mut self) -> Result<Summary, ImportError> {
        let Morning { hotel, date } = self.morning;
        let (rooms, stays, tasks) = (self.rooms(), self.stays(), self.tasks());
        let rooms = self.write_rows(&rooms).await?;
        let stays = self.write_rows(&stays).await?;
        let tasks = self.write_rows(&tasks).await?;
        let day = Command::Import(ImportedRow::BusinessDate { hotel, date });
        self.author.act(&[day]).await?;
        Ok(self.summary(rooms, stays, tasks))
    }

    fn rooms(&self) -> Vec<Command> {
        rows::rooms(self.morning, &self.plan, &self.known)
    }

    fn stays(&self) -> Vec<Command> {
        rows::stays(self.morning.hotel, &self.plan)
    }

    fn tasks(&self) -> Vec<Command> {
        rows::tasks(self.morning, &self.plan, &self.housekeepers)
    }

    /// Rooms that nothing is to be said of are no rows; they are kept all the same.
    fn summary(&self, mut rooms: Tally, stays: Tally, tasks: Tally) -> Summary {
        let named: HashSet<&str> = self
            .plan
            .stays
            .iter()
            .filter_map(|stay| stay.room.as_deref())
            .collect();
        rooms.kept = named.len().saturating_sub(rooms.new + rooms.changed);
        let date = self.morning.date;
        Summary {
            rooms,
            stays,
            tasks,
            moved_to: (date != self.today).then_some(date),
        }
    }

    async fn foresee_rows(&self, rows: &[Command]) -> Result<Tally, ImportError> {
        let mut tally = Tally::default();
        for rows in rows.chunks(TOGETHER) {
            let (known, new): (Vec<&Command>, Vec<&Command>) =
                rows.iter().partition(|row| self.is_known(row));
            let documents = known.iter().filter_map(|row| document(row)).collect();
            let hotel = self.morning.hotel;
            let foresight = Foresight::of(self.hotels, hotel, documents).await?;
            let changed = known.iter().filter(|row| foresight.changes(row)).count();
            tally.new += new.len();
            tally.changed += changed;
            tally.kept += known.len() - changed;
        }
        Ok(tally)
    }

    async fn write_rows(&mut self, rows: &[Command]) -> Result<Tally, ImportError> {
        let mut tally = Tally::default();
        for rows in rows.chunks(TOGETHER) {
            let new = rows.iter().filter(|row| !self.is_known(row)).count();
            let written = self.author.act(rows).await?;
            // Another import may have made some of them meanwhile.
            let new = new.min(written.changed);
            tally.new += new;
            tally.changed += written.changed - new;
            tally.kept += written.unchanged;
        }
        Ok(tally)
    }

    fn is_known(&self, row: &Command) -> bool {
        document(row).is_some_and(|document| self.known.has(document))
    }
}

/// The document that a row is about.
fn document(row: &Command) -> Option<DocumentRef> {
    match row {
        Command::Import(ImportedRow::Room { room, .. }) => Some((*room).into()),
        Command::Import(ImportedRow::Stay { stay, .. }) => Some((*stay).into()),
        Command::Import(ImportedRow::Task { task, .. }) => Some((*task).into()),
        _ => None,
    }
}

/// The day that the hotel has come to.
async fn business_date<L: Log>(
    hotels: &Hotels<L>,
    hotel: HotelId,
) -> Result<BusinessDate, ImportError> {
    let documents = hotels.documents(hotel, vec![hotel.into()]).await?;
    let own = documents.first().ok_or(ImportError::Unopened)?;
    match own.reading().entity {
        Entity::Hotel(hotel) if hotel != Hotel::default() => Ok(hotel.business_date),
        _ => Err(ImportError::Unopened),
    }
}

#[cfg(test)]
mod tests;
