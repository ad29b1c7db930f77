//! Rooms for stays by interval colouring within a room type: as few as possible, the same ones
//! every time, and never another one for a stay that has its room.

mod colouring;

use colouring::Colouring;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Rooms of a floor, as far as numbers are derived.
const ROOMS_PER_FLOOR: i64 = 36;

/// A stay in a room: the nights from arrival up to the day of departure. A stay without nights
/// has the room for its day; another may follow on the same day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Interval {
    pub arrival: Date,
    pub end: Date,
}

impl Interval {
    /// Whether both need the room at once. A guest may come on the day another leaves.
    pub fn overlaps(self, other: Self) -> bool {
        match (self.arrival == self.end, other.arrival == other.end) {
            // Two day uses follow each other.
            (true, true) => false,
            (true, false) => other.arrival < self.arrival && self.arrival < other.end,
            (false, true) => other.overlaps(self),
            (false, false) => self.arrival < other.end && other.arrival < self.end,
        }
    }
}

/// A room that the colouring added.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewRoom {
    pub number: String,
    pub floor: i64,
    pub room_type: String,
}

/// What the colouring came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct GivenOut {
    /// The room's number for each stay asked for, in the order asked.
    pub numbers: Vec<String>,
    pub added: Vec<NewRoom>,
}

/// Rooms with the stays that have them.
#[derive(Clone, Debug, Default)]
pub struct Rooms {
    rooms: BTreeMap<Number, Room>,
}

/// A room's number in the order of doors: 99 before 101, and numbers before names.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Number(u64, String);

#[derive(Clone, Debug)]
struct Room {
    room_type: String,
    taken: Vec<Interval>,
}

impl Number {
    fn new(number: &str) -> Self {
        Self(number.parse().unwrap_or(u64::MAX), number.to_owned())
    }
}

impl Rooms {
    /// Adds a room that the hotel has.
    pub fn known(&mut self, number: &str, room_type: &str) {
        self.rooms
            .entry(Number::new(number))
            .or_insert_with(|| Room {
                room_type: room_type.to_owned(),
                taken: Vec::new(),
            });
    }

    /// Notes that a stay has a room, whatever that does to others.
    pub fn taken(&mut self, number: &str, interval: Interval) {
        if let Some(room) = self.rooms.get_mut(&Number::new(number)) {
            room.taken.push(interval);
        }
    }

    /// Gives each stay a room of its type, adding rooms where there are too few. Among stays of
    /// one type and interval, the earlier one asks first.
    pub fn give_out(&mut self, stays: &[(impl AsRef<str>, Interval)]) -> GivenOut {
        let mut by_type: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, (room_type, _)) in stays.iter().enumerate() {
            by_type.entry(room_type.as_ref()).or_default().push(at);
        }
        let mut numbers = vec![String::new(); stays.len()];
        let mut added = Vec::new();
        for (room_type, mut asking) in by_type {
            asking.sort_by_key(|at| stays[*at].1);
            let (mut doors, taken): (Vec<Number>, Vec<Vec<Interval>>) = self
                .rooms
                .iter()
                .filter(|(_, room)| room.room_type == room_type)
                .map(|(number, room)| (number.clone(), room.taken.clone()))
                .unzip();
            let mut colouring = Colouring::of(taken);
            let places: Vec<usize> = asking
                .iter()
                .map(|at| colouring.place(stays[*at].1))
                .collect();
            for new in self.add(room_type, colouring.rooms() - doors.len()) {
                doors.push(Number::new(&new.number));
                added.push(new);
            }
            for (at, place) in asking.into_iter().zip(places) {
                let Number(_, number) = &doors[place];
                self.taken(number, stays[at].1);
                numbers[at].clone_from(number);
            }
        }
        GivenOut { numbers, added }
    }

    /// Adds rooms of a type, floor by floor, over the numbers that are free.
    fn add(&mut self, room_type: &str, count: usize) -> Vec<NewRoom> {
        let free: Vec<NewRoom> = (1_i64..)
            .flat_map(|floor| (1..=ROOMS_PER_FLOOR).map(move |door| (floor, floor * 100 + door)))
            .map(|(floor, number)| NewRoom {
                number: number.to_string(),
                floor,
                room_type: room_type.to_owned(),
            })
            .filter(|new| !self.rooms.contains_key(&Number::new(&new.number)))
            .take(count)
            .collect();
        for new in &free {
            self.known(&new.number, room_type);
        }
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn interval(arrival: i16, nights: i16) -> Interval {
        let day = |day: i16| {
            jiff::civil::date(2017, 1, 1)
                .checked_add(jiff::Span::new().days(day))
                .unwrap()
        };
        Interval {
            arrival: day(arrival),
            end: day(arrival + nights),
        }
    }

    #[test]
    fn a_guest_may_come_on_the_day_another_leaves_and_a_day_use_fits_between() {
        for (a, b, overlap) in [
            (interval(0, 3), interval(3, 2), false),
            (interval(0, 3), interval(2, 2), true),
            (interval(0, 3), interval(3, 0), false),
            (interval(0, 3), interval(0, 0), false),
            (interval(0, 3), interval(1, 0), true),
            (interval(1, 0), interval(1, 0), false),
        ] {
            assert_eq!(a.overlaps(b), overlap, "{a:?} {b:?}");
            assert_eq!(b.overlaps(a), overlap, "{b:?} {a:?}");
        }
    }

    #[test]
    fn rooms_of_a_type_stand_together_and_later_imports_only_add() {
        let mut rooms = Rooms::default();
        let stays = |type_a: usize, type_b: usize| {
            let mut all = vec![("A".to_owned(), interval(0, 2)); type_a];
            all.extend(vec![("B".to_owned(), interval(0, 2)); type_b]);
            all
        };
        let first = rooms.give_out(&stays(2, 1));
        assert_eq!(first.numbers, ["101", "102", "103"]);
        let second = rooms.give_out(&stays(1, 0));
        assert_eq!(second.numbers, ["104"]);
        assert_eq!(second.added[0].floor, 1);
    }

    proptest! {
        #[test]
        fn nobody_shares_a_room_nobody_moves_and_no_room_is_spare(
            first in stays(), second in stays()
        ) {
            let mut rooms = Rooms::default();
            let given = rooms.give_out(&first);
            let again = rooms.give_out(&second);
            let all: Vec<_> = first.iter().zip(&given.numbers)
                .chain(second.iter().zip(&again.numbers)).collect();
            prop_assert_eq!(all.len(), first.len() + second.len());
            for (at, ((_, a), room)) in all.iter().enumerate() {
                for ((_, b), other) in &all[at + 1..] {
                    prop_assert!(room != other || !a.overlaps(*b));
                }
            }
            // Whoever has a room keeps it, and stays that come later fit around it.
            let mut afresh = Rooms::default();
            for new in given.added.iter().chain(&again.added) {
                afresh.known(&new.number, &new.room_type);
            }
            for ((_, stay), number) in first.iter().zip(&given.numbers) {
                afresh.taken(number, *stay);
            }
            let around = afresh.give_out(&second);
            for (stay, number) in second.iter().zip(&around.numbers) {
                for (held, room) in first.iter().zip(&given.numbers) {
                    prop_assert!(number != room || !stay.1.overlaps(held.1));
                }
            }
            // Colouring intervals in order of arrival needs no more rooms than the fullest night;
            // a day use in the middle of a stay needs one of its own.
            let day_uses = first.iter().filter(|(_, stay)| stay.arrival == stay.end).count();
            let fullest = (0..40)
                .map(|night| {
                    let night = interval(night, 1);
                    let overnight = |stay: &Interval| stay.arrival != stay.end && stay.overlaps(night);
                    first.iter().filter(|(_, stay)| overnight(stay)).count()
                })
                .max()
                .unwrap_or(0);
            prop_assert!(given.added.len() <= fullest + day_uses);
        }
    }

    fn stays() -> impl Strategy<Value = Vec<(String, Interval)>> {
        let stay =
            (0..30_i16, 0..6_i16).prop_map(|(at, nights)| ("A".to_owned(), interval(at, nights)));
        prop::collection::vec(stay, 1..30)
    }
}
