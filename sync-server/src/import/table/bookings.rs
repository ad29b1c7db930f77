//! Bookings of a file, past and to come.

use super::cells::Cells;
use jiff::{Span, civil::Date};
use keyrack_model::{
    identity,
    ids::{HotelId, RoomId, StayId},
    import::{ImportFault, ImportField},
    limits::{MAX_GUESTS, MAX_NAME, MAX_NIGHTS, MAX_TEXT},
    stay::{Stay, StayStatus},
    time::BusinessDate,
};
use std::collections::HashMap;

/// What a file calls a booking that follows from its dates.
const BY_DATE: &str = "by-date";

/// Where a booking stands, by its file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Standing {
    Is(StayStatus),
    /// Nobody says: a new one stands where its dates put it, and a known one where it is.
    ByDate,
}

/// A row of bookings. What it does not say is None, and stays as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct BookingRow {
    pub(super) row: u64,
    pub(super) content: [u8; 32],
    /// Which of the rows with the same content it is, from 1 on.
    pub(super) occurrence: u32,
    booking: Option<String>,
    /// Who comes.
    pub(super) guest: Option<String>,
    pub(super) arrival: Date,
    pub(super) departure: Date,
    pub(super) standing: Standing,
    /// The number of its room.
    pub(super) room: Option<String>,
    room_type: Option<String>,
    adults: Option<i64>,
    children: Option<i64>,
    country: Option<String>,
    meal: Option<String>,
    rate: Option<String>,
    vip: Option<bool>,
    note: Option<String>,
}

impl BookingRow {
    pub(super) fn stay(&self, hotel: HotelId) -> StayId {
        identity::stay(hotel, &self.content, self.occurrence)
    }

    /// What the hotel calls the booking, where the file says so.
    pub(super) fn number(&self) -> Option<&str> {
        self.booking.as_deref().filter(|number| !number.is_empty())
    }

    pub(super) fn room(&self, hotel: HotelId) -> Option<RoomId> {
        self.room
            .as_deref()
            .map(|number| identity::room(hotel, number))
    }

    /// The stay as the row has it, on top of what the hotel has.
    pub(super) fn over(&self, known: Option<&Stay>, hotel: HotelId, today: BusinessDate) -> Stay {
        let status = match (self.standing, known) {
            (Standing::Is(status), _) => status,
            (Standing::ByDate, Some(known)) => known.status,
            (Standing::ByDate, None) => self.by_date(today.0),
        };
        let room = self.room(hotel);
        let known = known.cloned().unwrap_or_default();
        Stay {
            booking: self.name(&known),
            room: room.or(known.room),
            room_type: self.room_type.clone().unwrap_or(known.room_type),
            arrival: BusinessDate(self.arrival),
            departure: BusinessDate(self.departure),
            status,
            adults: self.adults.unwrap_or(known.adults),
            children: self.children.unwrap_or(known.children),
            country: self.country.clone().unwrap_or(known.country),
            meal: self.meal.clone().unwrap_or(known.meal),
            rate: self.rate.clone().unwrap_or(known.rate),
            vip: self.vip.unwrap_or(known.vip),
            note: self.note.clone().unwrap_or(known.note),
            ..known
        }
    }

    /// What the hotel calls it: its number, or a short name of the row that stays the same.
    fn name(&self, known: &Stay) -> String {
        match &self.booking {
            Some(number) if !number.is_empty() => number.clone(),
            _ if !known.booking.is_empty() => known.booking.clone(),
            _ => crate::import::rows::short_name(&self.content, self.occurrence),
        }
    }

    fn by_date(&self, today: Date) -> StayStatus {
        if self.departure < today {
            StayStatus::Departed
        } else if self.arrival < today {
            StayStatus::InHouse
        } else {
            StayStatus::Expected
        }
    }
}

/// Reads a row. `seen` counts the rows of each content before it.
pub(super) fn read(cells: &mut Cells<'_>, seen: &mut HashMap<[u8; 32], u32>) -> Option<BookingRow> {
    cells.needs(ImportField::Arrival);
    let arrival = cells.date(ImportField::Arrival);
    let statuses: Vec<(&str, Standing)> = StayStatus::ALL
        .iter()
        .map(|status| (status.word(), Standing::Is(*status)))
        .chain([(BY_DATE, Standing::ByDate)])
        .collect();
    let standing = cells.word(ImportField::Status, &statuses);
    let standing = standing.unwrap_or(Standing::ByDate);
    let departure = departure(cells, arrival, standing);
    let room = cells.text(ImportField::Room, MAX_NAME);
    let guest = cells.text(ImportField::Guest, MAX_NAME);
    let booking = BookingRow {
        row: cells.row(),
        content: cells.content(),
        occurrence: 1,
        booking: cells.text(ImportField::Booking, MAX_NAME),
        guest: guest.filter(|name| !name.is_empty()),
        arrival: arrival.unwrap_or_default(),
        departure: departure.unwrap_or_default(),
        standing,
        room: room.filter(|number| !number.is_empty()),
        room_type: cells.text(ImportField::RoomType, MAX_NAME),
        adults: cells.number(ImportField::Adults, 0, MAX_GUESTS),
        children: cells.number(ImportField::Children, 0, MAX_GUESTS),
        country: cells.text(ImportField::Country, MAX_NAME),
        meal: cells.text(ImportField::Meal, MAX_NAME),
        rate: cells.text(ImportField::Rate, MAX_NAME),
        vip: cells.yes_or_no(ImportField::Vip),
        note: cells.lines(ImportField::Note, MAX_TEXT),
    };
    // Rows in error count too: what stands after them keeps its name when they are put right.
    let occurrence = seen.entry(booking.content).or_default();
    *occurrence += 1;
    let occurrence = *occurrence;
    cells.is_right().then_some(BookingRow {
        occurrence,
        ..booking
    })
}

/// The end of a booking. Of one that came to nothing the nights say what had been booked, and a
/// departure may be the day on which it was cancelled.
fn departure(cells: &mut Cells<'_>, arrival: Option<Date>, standing: Standing) -> Option<Date> {
    let departure = cells.date(ImportField::Departure);
    let nights = cells.number(ImportField::Nights, 0, MAX_NIGHTS.into());
    let arrival = arrival?;
    let booked = nights.and_then(|nights| arrival.checked_add(Span::new().days(nights)).ok());
    let came_to_nothing = match standing {
        Standing::Is(StayStatus::Cancelled | StayStatus::NoShow) => true,
        Standing::Is(StayStatus::Expected | StayStatus::InHouse | StayStatus::Departed)
        | Standing::ByDate => false,
    };
    let end = if came_to_nothing {
        booked.or(departure)
    } else {
        departure.or(booked)
    };
    let Some(end) = end else {
        // What is wrong with nights is said of them.
        if !cells.says(ImportField::Nights) {
            cells.needs(ImportField::Departure);
        }
        return None;
    };
    let days = end.since(arrival).map_or(0, |span| span.get_days());
    if end < arrival {
        cells.fault(ImportField::Departure, ImportFault::BeforeArrival);
    } else if days > MAX_NIGHTS {
        let fault = ImportFault::TooManyNights { most: MAX_NIGHTS };
        cells.fault(ImportField::Departure, fault);
    }
    Some(end)
}

/// Rows that have a room in nights in which another row has it, each with the number of that one.
pub(super) fn rooms_taken(rows: &[BookingRow]) -> Vec<(u64, u64)> {
    let mut of_rooms: HashMap<&str, Vec<&BookingRow>> = HashMap::new();
    for row in rows {
        let is_gone = matches!(
            row.standing,
            Standing::Is(StayStatus::Cancelled | StayStatus::NoShow)
        );
        if let Some(number) = row.room.as_deref().filter(|_| !is_gone) {
            of_rooms.entry(number).or_default().push(row);
        }
    }
    let mut taken = Vec::new();
    for rows in of_rooms.values_mut() {
        rows.sort_by_key(|row| (row.arrival, row.departure, row.row));
        let mut last: Option<&BookingRow> = None;
        for row in rows {
            if let Some(last) = last.filter(|last| row.arrival < last.departure) {
                taken.push((row.row, last.row));
            }
            if last.is_none_or(|last| last.departure < row.departure) {
                last = Some(row);
            }
        }
    }
    taken.sort_unstable();
    taken
}
