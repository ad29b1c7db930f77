//! Bookings of a file: which stay each is, whose room it has, and who its guest is.

use super::{
    Intake,
    documents::{TOGETHER, as_room, as_stay},
};
use crate::{
    import::{
        business_date,
        table::{
            TableError, bookings,
            layout::Layout,
            outlook::{Beside, Wanted},
            tally::{Tally, problem},
        },
    },
    log::{Log, Page},
    snapshots::{Booked, booked},
};
use keyrack_model::{
    action::LogEntry,
    change::Entity,
    command::{Command, ImportedRow},
    ids::{DocumentRef, HotelId, RoomId, StayId},
    import::{ImportFault, ImportField, Weight},
    limits::MAX_FRAME,
    record::{Guest, RecordRef},
    stay::{Stay, StayStatus},
    time::BusinessDate,
};
use std::collections::{HashMap, HashSet};

/// What is read at once of the part of the log that snapshots have not taken in.
const PAGE: Page = Page {
    entries: 1_000,
    bytes: 8 * MAX_FRAME,
};

impl<L: Log> Intake<'_, L> {
    pub(super) async fn stays(
        &self,
        rows: Vec<bookings::BookingRow>,
        layout: &Layout<'_>,
        tally: &mut Tally,
    ) -> Result<(Vec<Wanted>, HashMap<RoomId, String>), TableError> {
        let hotel = self.hotel;
        let today = business_date(self.hotels, hotel).await?;
        let (ids, known) = self.identified(&rows).await?;
        let unnamed = self.unnamed(&ids).await?;
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
        for (row, stay) in rows.into_iter().zip(ids) {
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
                beside: called(stay, row.guest.filter(|_| unnamed.contains(&stay))),
            });
        }
        Ok((wanted, numbers))
    }

    /// The stay of each row, and what the hotel has of them. One that people entered is known by its
    /// number, as long as no file has brought it in.
    async fn identified(
        &self,
        rows: &[bookings::BookingRow],
    ) -> Result<(Vec<StayId>, HashMap<DocumentRef, Entity>), TableError> {
        let hotel = self.hotel;
        let stays = rows.iter().map(|row| row.stay(hotel).into());
        let mut known = self.known(stays).await?;
        let is_new = |row: &&bookings::BookingRow| !known.contains_key(&row.stay(hotel).into());
        let numbers = rows
            .iter()
            .filter(is_new)
            .filter_map(bookings::BookingRow::number);
        let mut entered = self.entered(&numbers.collect()).await?;
        let mut by_hand: Vec<Option<StayId>> = vec![None; rows.len()];
        // Of a group that has one number, each takes the one that is most surely its own first.
        for likeness in Likeness::ALL {
            for (row, found) in rows.iter().zip(&mut by_hand) {
                if let Some(of_number) = row.number().and_then(|number| entered.get_mut(number))
                    && found.is_none()
                    && is_new(&row)
                {
                    *found = likeness.take(of_number, row, hotel);
                }
            }
        }
        let ids = rows.iter().zip(by_hand);
        let ids = ids.map(|(row, by_hand)| by_hand.unwrap_or_else(|| row.stay(hotel)));
        let ids: Vec<StayId> = ids.collect();
        let by_hand = ids.iter().map(|stay| (*stay).into());
        known.extend(self.known(by_hand).await?);
        Ok((ids, known))
    }

    /// Stays that people entered under one of these booking numbers, by number, oldest first.
    async fn entered(
        &self,
        numbers: &HashSet<&str>,
    ) -> Result<HashMap<String, Vec<Entered>>, TableError> {
        let mut entered: HashMap<String, Vec<Entered>> = HashMap::new();
        if numbers.is_empty() {
            return Ok(entered);
        }
        let asked: Vec<&str> = numbers.iter().copied().collect();
        let Booked {
            stays: mut found,
            up_to: mut after,
        } = self.snapshots.booked(self.hotel, &asked).await?;
        // Snapshots come after the log, and people go on booking.
        loop {
            let entries = self.hotels.log().read(self.hotel, after, PAGE).await?;
            let Some(last) = entries.last() else { break };
            after = last.sequence;
            let actions = entries.iter().filter_map(LogEntry::action);
            let stays = actions.filter_map(|action| booked(&action.command));
            let named = stays.filter(|(_, number)| numbers.contains(number.trim()));
            found.extend(named.map(|(stay, _)| stay));
        }
        let known = self.known(found.iter().map(|stay| (*stay).into())).await?;
        for stay in found {
            let entity = known.get(&stay.into()).and_then(as_stay);
            let named = entity.filter(|it| numbers.contains(it.booking.as_str()));
            if let Some(entity) = named {
                let of_number = entered.entry(entity.booking.clone()).or_default();
                of_number.push(Entered::of(stay, entity));
            }
        }
        Ok(entered)
    }

    /// Those of some stays of whose guest nobody has ever said anything.
    async fn unnamed(&self, stays: &[StayId]) -> Result<HashSet<StayId>, TableError> {
        let mut unnamed: HashSet<StayId> = stays.iter().copied().collect();
        for stays in stays.chunks(TOGETHER) {
            let records: Vec<RecordRef> = stays.iter().map(|stay| (*stay).into()).collect();
            for known in self.hotels.log().records(self.hotel, &records).await? {
                unnamed.remove(&StayId(known.record.id.0));
            }
        }
        Ok(unnamed)
    }
}

/// A stay that people entered.
struct Entered {
    stay: StayId,
    arrival: BusinessDate,
    room: Option<RoomId>,
    status: StayStatus,
}

impl Entered {
    fn of(stay: StayId, entity: &Stay) -> Self {
        Self {
            stay,
            arrival: entity.arrival,
            room: entity.room,
            status: entity.status,
        }
    }

    fn is_to_come_or_here(&self) -> bool {
        matches!(self.status, StayStatus::Expected | StayStatus::InHouse)
    }
}

/// How much a row is like a stay that people entered under its number.
#[derive(Clone, Copy)]
enum Likeness {
    /// The same day and room.
    Room,
    /// The same day.
    Day,
    /// The number alone, which no other stay to come has: the day was changed.
    Number,
}

impl Likeness {
    const ALL: [Self; 3] = [Self::Room, Self::Day, Self::Number];

    /// Takes the first of the stays that is so much like the row.
    fn take(
        self,
        entered: &mut Vec<Entered>,
        row: &bookings::BookingRow,
        hotel: HotelId,
    ) -> Option<StayId> {
        let same_day = |it: &Entered| it.arrival.0 == row.arrival;
        let at = match self {
            Self::Room => {
                let room = row.room(hotel)?;
                let is_its_own = |it: &Entered| same_day(it) && it.room == Some(room);
                entered.iter().position(is_its_own)
            }
            Self::Day => entered.iter().position(same_day),
            Self::Number => {
                let mut open = entered.iter().enumerate();
                let mut open = open.by_ref().filter(|(_, it)| it.is_to_come_or_here());
                let first = open.next().map(|(at, _)| at);
                first.filter(|_| open.next().is_none())
            }
        };
        at.map(|at| entered.remove(at).stay)
    }
}

/// A name for the guest of a stay of whom nobody has said anything.
fn called(stay: StayId, name: Option<String>) -> Vec<Beside> {
    let named = name.map(|name| Beside {
        field: ImportField::Guest,
        told: name.clone(),
        command: Command::EditGuest {
            stay,
            expected: 0,
            guest: Guest {
                name,
                phone: String::new(),
            },
        },
    });
    named.into_iter().collect()
}
