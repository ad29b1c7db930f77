//! Bookings as documents of a hotel: rooms, stays, and the cleaning of the business date.
//!
//! **Architecture Invariant**: an import adds what is missing and brings up to date what only
//! imports have written. Importing again changes nothing, and no import goes back to an earlier
//! day.

use crate::{
    bookings::{
        Booking, Cleaning, DayPlan, Interval, KnownStay, NewRoom, PlannedStay, Rooms, Standing,
    },
    hotel::Hotels,
    log::{Log, LogError, Page},
    server_author::{AuthorError, ServerAuthor, Written},
};
use keyrack_model::{
    action::{LogEntry, Sequence},
    change::Entity,
    cleanliness::{Cleanliness, CleanlinessMark, MarkCause, Turn},
    command::{Command, ImportedRow},
    hotel::Hotel,
    identity,
    ids::{DocumentKind, DocumentRef, HotelId, StayId, UserId},
    limits::MAX_FRAME,
    policy::Role,
    room::Room,
    stay::{Stay, StayStatus},
    task::{Task, TaskKind, TaskRule},
    time::BusinessDate,
};
use std::collections::{BTreeSet, HashMap};

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
    author: ServerAuthor<'a, L>,
    hotel: HotelId,
    date: BusinessDate,
    plan: DayPlan,
    housekeepers: Vec<UserId>,
}

/// What the hotel has of rooms and stays.
#[derive(Default)]
struct Known {
    rooms: HashMap<DocumentRef, Room>,
    stays: HashMap<StayId, Stay>,
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
        let today = business_date(hotel, &author).await?;
        if date < today {
            return Err(ImportError::EarlierDay { asked: date, today });
        }
        let known = known(hotels, hotel, &author).await?;
        let housekeepers: Vec<UserId> = match sharing {
            Sharing::Nobody => Vec::new(),
            Sharing::AmongHousekeepers => hotels
                .log()
                .people(hotel)
                .await?
                .into_iter()
                .filter(|person| person.role == Role::Housekeeper)
                .map(|person| person.id)
                .collect(),
        };
        let plan = DayPlan::of(bookings, date.0, known.occupancy(), |booking| {
            known.stay(stay_id(hotel, booking))
        });
        Ok(Self {
            author,
            hotel,
            date,
            plan,
            housekeepers,
        })
    }

    /// Rooms that would be new, stays and tasks in the source.
    pub fn counts(&self) -> (usize, usize, usize) {
        let tasks = due(&self.plan).len();
        (self.plan.new_rooms.len(), self.plan.stays.len(), tasks)
    }

    /// Writes all of it. The hotel comes to the day last, when everything of it is there.
    pub async fn write(mut self) -> Result<Written, ImportError> {
        let (hotel, date) = (self.hotel, self.date);
        let day = Command::Import(ImportedRow::BusinessDate { hotel, date });
        let mut commands = rooms(hotel, &self.plan, date)
            .chain(stays(hotel, &self.plan))
            .chain(tasks(hotel, &self.plan, date, &self.housekeepers))
            .chain([day]);
        let mut written = Written::default();
        loop {
            let next: Vec<Command> = commands.by_ref().take(TOGETHER).collect();
            if next.is_empty() {
                return Ok(written);
            }
            let part = self.author.act(&next).await?;
            written.changed += part.changed;
            written.unchanged += part.unchanged;
        }
    }
}

impl Known {
    /// The rooms with the stays that have them.
    fn occupancy(&self) -> Rooms {
        let mut rooms = Rooms::default();
        for room in self.rooms.values() {
            rooms.known(&room.number, &room.room_type);
        }
        for stay in self.stays.values() {
            if let Some(number) = self.number_of(stay) {
                let interval = Interval {
                    arrival: stay.arrival.0,
                    end: stay.departure.0,
                };
                rooms.taken(&number, interval);
            }
        }
        rooms
    }

    fn stay(&self, stay: StayId) -> KnownStay {
        let Some(stay) = self.stays.get(&stay) else {
            return KnownStay::default();
        };
        KnownStay {
            room: self.number_of(stay),
            standing: Some(match stay.status {
                StayStatus::Expected => Standing::Expected,
                StayStatus::Cancelled => Standing::Cancelled,
                StayStatus::NoShow => Standing::NoShow,
                StayStatus::InHouse => Standing::InHouse,
                StayStatus::Departed => Standing::Departed,
            }),
        }
    }

    fn number_of(&self, stay: &Stay) -> Option<String> {
        let room = self.rooms.get(&stay.room?.into())?;
        Some(room.number.clone())
    }
}

/// The day that the hotel has come to.
async fn business_date<L: Log>(
    hotel: HotelId,
    author: &ServerAuthor<'_, L>,
) -> Result<BusinessDate, ImportError> {
    let documents = author.documents(vec![hotel.into()]).await?;
    let own = documents.first().ok_or(ImportError::Unopened)?;
    match own.reading().entity {
        Entity::Hotel(hotel) if hotel != Hotel::default() => Ok(hotel.business_date),
        _ => Err(ImportError::Unopened),
    }
}

/// Reads every room and stay that the log names.
async fn known<L: Log>(
    hotels: &Hotels<L>,
    hotel: HotelId,
    author: &ServerAuthor<'_, L>,
) -> Result<Known, ImportError> {
    /// Documents read at once.
    const READ: usize = 500;
    let page = Page {
        entries: 1_000,
        bytes: 8 * MAX_FRAME,
    };
    let mut named = BTreeSet::new();
    let mut after = Sequence::default();
    loop {
        let entries = hotels.log().read(hotel, after, page).await?;
        let Some(last) = entries.last() else { break };
        after = last.sequence;
        let actions = entries.iter().filter_map(LogEntry::action);
        let changes = actions.flat_map(|action| &action.changes);
        named.extend(
            changes.map(|change| change.document).filter(|document| {
                matches!(document.kind, DocumentKind::Room | DocumentKind::Stay)
            }),
        );
    }
    let named: Vec<DocumentRef> = named.into_iter().collect();
    let mut known = Known::default();
    for documents in named.chunks(READ) {
        for document in author.documents(documents.to_vec()).await? {
            let reference = document.reference();
            match document.reading().entity {
                Entity::Room(room) => {
                    known.rooms.insert(reference, room);
                }
                Entity::Stay(stay) => {
                    known.stays.insert(StayId(reference.id.0), stay);
                }
                Entity::Hotel(_) | Entity::Task(_) | Entity::WorkOrder(_) | Entity::Comment(_) => {}
            }
        }
    }
    Ok(known)
}

fn stay_id(hotel: HotelId, booking: &Booking) -> StayId {
    identity::stay(hotel, &booking.content, booking.occurrence)
}

/// A room with a guest in house is dirty in the morning; one without is clean.
fn rooms(hotel: HotelId, plan: &DayPlan, date: BusinessDate) -> impl Iterator<Item = Command> {
    let in_house: HashMap<&str, StayId> = plan
        .stays
        .iter()
        .filter(|stay| stay.standing == Standing::InHouse)
        .filter_map(|stay| Some((stay.room.as_deref()?, stay_id(hotel, &stay.booking))))
        .collect();
    let room = move |new: &NewRoom| {
        let guest = in_house.get(new.number.as_str()).copied();
        let value = if guest.is_some() {
            Cleanliness::Dirty
        } else {
            Cleanliness::Clean
        };
        Command::Import(ImportedRow::Room {
            room: identity::room(hotel, &new.number),
            fields: Room {
                number: new.number.clone(),
                floor: new.floor,
                room_type: new.room_type.clone(),
                cleanliness: CleanlinessMark {
                    value,
                    turn: Turn::night(date, guest),
                    cause: MarkCause::Import,
                    ..CleanlinessMark::default()
                },
                ..Room::default()
            },
        })
    };
    plan.new_rooms.iter().map(room)
}

fn stays(hotel: HotelId, plan: &DayPlan) -> impl Iterator<Item = Command> {
    let stay = move |planned: &PlannedStay| {
        let booking = &planned.booking;
        let departure = match planned.standing {
            Standing::Cancelled | Standing::NoShow => booked_departure(booking),
            Standing::Expected | Standing::InHouse | Standing::Departed => booking.end,
        };
        Command::Import(ImportedRow::Stay {
            stay: stay_id(hotel, booking),
            fields: Stay {
                booking: booking_name(booking),
                room: planned
                    .room
                    .as_deref()
                    .map(|number| identity::room(hotel, number)),
                room_type: booking.room_type.to_string(),
                arrival: BusinessDate(booking.arrival),
                departure: BusinessDate(departure),
                status: match planned.standing {
                    Standing::Expected => StayStatus::Expected,
                    Standing::InHouse => StayStatus::InHouse,
                    Standing::Departed => StayStatus::Departed,
                    Standing::Cancelled => StayStatus::Cancelled,
                    Standing::NoShow => StayStatus::NoShow,
                },
                adults: i64::from(booking.adults),
                children: i64::from(booking.children),
                country: booking.country.as_deref().unwrap_or_default().to_owned(),
                meal: booking.meal.to_string(),
                ..Stay::default()
            },
        })
    };
    plan.stays.iter().map(stay)
}

/// The source has no booking numbers: a short name of the row that stays the same.
fn booking_name(booking: &Booking) -> String {
    let [a, b, c, ..] = booking.content;
    let mark = u32::from_be_bytes([0, a, b, c]);
    match booking.occurrence {
        1 => format!("B-{mark:06X}"),
        nth => format!("B-{mark:06X}-{nth}"),
    }
}

fn booked_departure(booking: &Booking) -> jiff::civil::Date {
    let nights = jiff::Span::new().days(i64::from(booking.nights));
    booking
        .arrival
        .checked_add(nights)
        .unwrap_or(booking.arrival)
}

/// Stays that are cleaned for, in the order of doors.
fn due(plan: &DayPlan) -> Vec<(&PlannedStay, Cleaning, &str)> {
    let mut due: Vec<(&PlannedStay, Cleaning, &str)> = plan
        .stays
        .iter()
        .filter_map(|stay| Some((stay, stay.cleaning?, stay.room.as_deref()?)))
        .collect();
    due.sort_by_key(|(_, _, number)| (number.len(), *number));
    due
}

fn tasks(
    hotel: HotelId,
    plan: &DayPlan,
    date: BusinessDate,
    housekeepers: &[UserId],
) -> impl Iterator<Item = Command> {
    let due = due(plan);
    let share = due.len().div_ceil(housekeepers.len().max(1)).max(1);
    due.into_iter()
        .enumerate()
        .map(move |(at, (stay, cleaning, number))| {
            let id = stay_id(hotel, &stay.booking);
            let (task, kind, rule) = match cleaning {
                Cleaning::Departure => (
                    identity::departure_task(hotel, date, id),
                    TaskKind::Departure,
                    TaskRule::DepartureDue,
                ),
                Cleaning::Stayover => (
                    identity::stayover_task(hotel, date, id),
                    TaskKind::Stayover,
                    TaskRule::StayContinues,
                ),
            };
            Command::Import(ImportedRow::Task {
                task,
                fields: Task {
                    kind,
                    room: Some(identity::room(hotel, number)),
                    stay: Some(id),
                    business_date: date,
                    rule,
                    assignee: housekeepers.get(at / share).copied(),
                    ..Task::default()
                },
            })
        })
}

#[cfg(test)]
mod tests;
