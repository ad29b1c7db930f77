//! The bookings of a file as guests with a room, and what each has the desk do on which day.
//!
//! **Invariant**: no two of them have one room at once, so that the desk can always give out the
//! rooms as they are planned here.

use keyrack_model::{
    identity,
    ids::{HotelId, RoomId, StayId},
    time::BusinessDate,
};
use keyrack_server::bookings::{Booking, Interval, NewRoom, Outcome, Rooms};
use std::collections::BTreeMap;

/// Days before their arrival in which people book, and get a room, at most.
const BOOKED_AHEAD: i32 = 30;
const GIVEN_AHEAD: i32 = 4;

pub(super) struct Guest {
    pub(super) id: StayId,
    pub(super) booking: Booking,
    pub(super) arrival: BusinessDate,
    /// As booked; of those who stayed, the day on which they left.
    pub(super) departure: BusinessDate,
    /// The room that they are to have, unless they cancel before that.
    pub(super) room: Option<RoomId>,
}

/// What is to be done on a day, each for guests by their place.
#[derive(Default)]
pub(super) struct Agenda {
    pub(super) book: Vec<usize>,
    pub(super) give_room: Vec<usize>,
    pub(super) cancel: Vec<usize>,
    pub(super) arrive: Vec<usize>,
    pub(super) stay_away: Vec<usize>,
}

pub(super) struct Guests {
    pub(super) all: Vec<Guest>,
    pub(super) agenda: BTreeMap<BusinessDate, Agenda>,
    pub(super) rooms: Vec<NewRoom>,
    /// The day before the first arrival, and that of the last departure.
    pub(super) first: BusinessDate,
    pub(super) last: BusinessDate,
    taken: BTreeMap<RoomId, BTreeMap<StayId, Interval>>,
}

impl Guests {
    pub(super) fn of(bookings: Vec<Booking>, hotel: HotelId) -> Self {
        let mut all: Vec<Guest> = bookings
            .into_iter()
            .map(|booking| Guest::of(booking, hotel))
            .collect();
        let arrivals = all.iter().map(|guest| guest.arrival).min();
        let first = arrivals.unwrap_or_default().plus_days(-1);
        let last = all.iter().map(|guest| guest.departure).max();
        let days: Vec<Days> = all.iter().map(|guest| Days::of(guest, first)).collect();
        let roomed: Vec<usize> = (0..all.len()).filter(|at| days[*at].gets_room()).collect();
        let asked: Vec<(&str, Interval)> = roomed
            .iter()
            .map(|at| (&*all[*at].booking.room_type, all[*at].interval()))
            .collect();
        let given = Rooms::default().give_out(&asked);
        let mut taken: BTreeMap<RoomId, BTreeMap<StayId, Interval>> = BTreeMap::new();
        for (at, number) in roomed.into_iter().zip(&given.numbers) {
            let room = identity::room(hotel, number);
            let guest = &mut all[at];
            guest.room = Some(room);
            let stays = taken.entry(room).or_default();
            stays.insert(guest.id, guest.interval());
        }
        let mut agenda: BTreeMap<BusinessDate, Agenda> = BTreeMap::new();
        for (at, days) in days.iter().enumerate() {
            agenda.entry(days.booked).or_default().book.push(at);
            if days.gets_room() {
                agenda.entry(days.given).or_default().give_room.push(at);
            }
            let outcome = all[at].booking.outcome;
            let on = agenda.entry(days.decided).or_default();
            match outcome {
                Outcome::Stayed => on.arrive.push(at),
                Outcome::Cancelled => on.cancel.push(at),
                Outcome::NoShow => on.stay_away.push(at),
            }
        }
        Self {
            all,
            agenda,
            rooms: given.added,
            first,
            last: last.unwrap_or(first),
            taken,
        }
    }

    pub(super) fn on(&mut self, date: BusinessDate) -> Agenda {
        self.agenda.remove(&date).unwrap_or_default()
    }

    /// Whether nobody else is to have a room in the days that are left of a stay.
    pub(super) fn is_free(&self, room: RoomId, from: BusinessDate, until: BusinessDate) -> bool {
        let wanted = Interval {
            arrival: from.0,
            end: until.0,
        };
        let mut stays = self.taken.get(&room).into_iter().flatten();
        !stays.any(|(_, other)| wanted.overlaps(*other))
    }

    pub(super) fn take(
        &mut self,
        room: RoomId,
        id: StayId,
        from: BusinessDate,
        until: BusinessDate,
    ) {
        let interval = Interval {
            arrival: from.0,
            end: until.0,
        };
        self.taken.entry(room).or_default().insert(id, interval);
    }

    /// Whether somebody is to come into a room on a day.
    pub(super) fn comes(&self, room: RoomId, date: BusinessDate) -> bool {
        let mut stays = self.taken.get(&room).into_iter().flatten();
        stays.any(|(_, stay)| stay.arrival == date.0)
    }
}

impl Guest {
    fn of(booking: Booking, hotel: HotelId) -> Self {
        let arrival = BusinessDate(booking.arrival);
        let departure = match booking.outcome {
            Outcome::Stayed => BusinessDate(booking.end),
            Outcome::Cancelled | Outcome::NoShow => {
                arrival.plus_days(i32::try_from(booking.nights).unwrap_or_default())
            }
        };
        Self {
            id: identity::stay(hotel, &booking.content, booking.occurrence),
            arrival,
            departure,
            room: None,
            booking,
        }
    }

    pub(super) fn is_day_use(&self) -> bool {
        self.arrival == self.departure
    }

    fn interval(&self) -> Interval {
        Interval {
            arrival: self.arrival.0,
            end: self.departure.0,
        }
    }
}

/// When a booking was made, got its room, and came to what it came to.
struct Days {
    booked: BusinessDate,
    given: BusinessDate,
    decided: BusinessDate,
    outcome: Outcome,
}

impl Days {
    /// How long ahead is drawn from the row itself: the file's order says nothing.
    fn of(guest: &Guest, first: BusinessDate) -> Self {
        let [a, b, ..] = guest.booking.content;
        let decided = match guest.booking.outcome {
            Outcome::Stayed | Outcome::NoShow => guest.arrival,
            Outcome::Cancelled => BusinessDate(guest.booking.end).max(first),
        };
        let ahead = |drawn: u8, most: i32| guest.arrival.plus_days(-(i32::from(drawn) % most));
        let booked = ahead(a, BOOKED_AHEAD).min(decided).max(first);
        Self {
            booked,
            given: ahead(b, GIVEN_AHEAD).max(booked),
            decided,
            outcome: guest.booking.outcome,
        }
    }

    fn gets_room(&self) -> bool {
        match self.outcome {
            Outcome::Stayed | Outcome::NoShow => true,
            Outcome::Cancelled => self.given < self.decided,
        }
    }
}
