//! Bookings as documents of a hotel: rooms, stays, and the cleaning of the business date.
//!
//! **Architecture Invariant**: an import adds what is missing and brings up to date what only
//! imports have written. Importing again changes nothing.

use crate::{
    bookings::{Booking, Cleaning, DayPlan, Interval, PlannedStay, Rooms, Standing},
    hotel::Hotels,
    log::{Log, Page},
    server_author::{AuthorError, ServerAuthor, Written},
};
use keyrack_model::{
    change::Entity,
    cleanliness::{Cleanliness, CleanlinessMark, MarkCause, Turn},
    command::{Command, ImportedRow},
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

/// Whether tasks are given to somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sharing {
    Nobody,
    /// Each housekeeper gets neighbouring rooms, as many as the others.
    AmongHousekeepers,
}

/// An import that is ready to be written.
pub struct Import<'a, L> {
    author: ServerAuthor<'a, L>,
    rooms: Vec<Command>,
    stays: Vec<Command>,
    tasks: Vec<Command>,
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
    ) -> Result<Self, AuthorError> {
        let author = ServerAuthor::at(hotels, hotel).await?;
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
            known.room_number(stay_id(hotel, booking))
        });
        Ok(Self {
            author,
            rooms: rooms(hotel, &plan, date),
            stays: stays(hotel, &plan),
            tasks: tasks(hotel, &plan, date, &housekeepers),
        })
    }

    /// Rooms that would be new, stays and tasks in the source.
    pub fn counts(&self) -> (usize, usize, usize) {
        (self.rooms.len(), self.stays.len(), self.tasks.len())
    }

    pub async fn write(mut self) -> Result<Written, AuthorError> {
        let mut written = Written::default();
        for commands in [&self.rooms, &self.stays, &self.tasks] {
            let part = self.author.act(commands).await?;
            written.changed += part.changed;
            written.unchanged += part.unchanged;
        }
        Ok(written)
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

    fn room_number(&self, stay: StayId) -> Option<String> {
        self.number_of(self.stays.get(&stay)?)
    }

    fn number_of(&self, stay: &Stay) -> Option<String> {
        let room = self.rooms.get(&stay.room?.into())?;
        Some(room.number.clone())
    }
}

/// Reads every room and stay that the log names.
async fn known<L: Log>(
    hotels: &Hotels<L>,
    hotel: HotelId,
    author: &ServerAuthor<'_, L>,
) -> Result<Known, AuthorError> {
    /// Documents read at once.
    const TOGETHER: usize = 500;
    let page = Page {
        entries: 1_000,
        bytes: 8 * MAX_FRAME,
    };
    let mut named = BTreeSet::new();
    let mut after = keyrack_model::action::Sequence::default();
    loop {
        let entries = hotels.log().read(hotel, after, page).await?;
        let Some(last) = entries.last() else { break };
        after = last.sequence;
        let changes = entries.iter().flat_map(|entry| &entry.action.changes);
        named.extend(
            changes.map(|change| change.document).filter(|document| {
                matches!(document.kind, DocumentKind::Room | DocumentKind::Stay)
            }),
        );
    }
    let named: Vec<DocumentRef> = named.into_iter().collect();
    let mut known = Known::default();
    for documents in named.chunks(TOGETHER) {
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
fn rooms(hotel: HotelId, plan: &DayPlan, date: BusinessDate) -> Vec<Command> {
    let in_house: HashMap<&str, StayId> = plan
        .stays
        .iter()
        .filter(|stay| stay.standing == Standing::InHouse)
        .filter_map(|stay| Some((stay.room.as_deref()?, stay_id(hotel, &stay.booking))))
        .collect();
    let room = |new: &crate::bookings::NewRoom| {
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
    plan.new_rooms.iter().map(room).collect()
}

fn stays(hotel: HotelId, plan: &DayPlan) -> Vec<Command> {
    let stay = |planned: &PlannedStay| {
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
                room_type: booking.room_type.clone(),
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
                country: booking.country.clone().unwrap_or_default(),
                meal: booking.meal.clone(),
                ..Stay::default()
            },
        })
    };
    plan.stays.iter().map(stay).collect()
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

fn tasks(
    hotel: HotelId,
    plan: &DayPlan,
    date: BusinessDate,
    housekeepers: &[UserId],
) -> Vec<Command> {
    let mut due: Vec<(&PlannedStay, Cleaning, &str)> = plan
        .stays
        .iter()
        .filter_map(|stay| Some((stay, stay.cleaning?, stay.room.as_deref()?)))
        .collect();
    due.sort_by_key(|(_, _, number)| (number.len(), *number));
    let share = due.len().div_ceil(housekeepers.len().max(1)).max(1);
    due.iter()
        .enumerate()
        .map(|(at, (stay, cleaning, number))| {
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
        .collect()
}
