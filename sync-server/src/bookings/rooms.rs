//! Rooms for stays by interval colouring within a room type: as few as possible, the same ones
//! every time, and never another one for a stay that has its room.

use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Rooms of a floor, as far as numbers are derived.
const ROOMS_PER_FLOOR: usize = 36;

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
    types: BTreeMap<String, Vec<Room>>,
    numbers: BTreeSet<String>,
}

#[derive(Clone, Debug)]
struct Room {
    number: String,
    taken: Vec<Interval>,
}

impl Rooms {
    /// Adds a room that the hotel has.
    pub fn known(&mut self, number: &str, room_type: &str) {
        if self.numbers.insert(number.to_owned()) {
            let rooms = self.types.entry(room_type.to_owned()).or_default();
            rooms.push(Room {
                number: number.to_owned(),
                taken: Vec::new(),
            });
            rooms.sort_by(|a, b| by_number(&a.number, &b.number));
        }
    }

    /// Notes that a stay has a room, whatever that does to others.
    pub fn taken(&mut self, number: &str, interval: Interval) {
        let mut rooms = self.types.values_mut().flatten();
        if let Some(room) = rooms.find(|room| room.number == number) {
            room.taken.push(interval);
        }
    }

    /// Gives each stay a room of its type, adding rooms where there are too few.
    pub fn give_out(&mut self, stays: &[(String, Interval)]) -> GivenOut {
        let mut order: Vec<usize> = (0..stays.len()).collect();
        // By arrival, so that the first free room is always a best one.
        order.sort_by(|a, b| {
            let key = |at: usize| (&stays[at].0, stays[at].1.arrival, stays[at].1.end, at);
            key(*a).cmp(&key(*b))
        });
        let mut needed: BTreeMap<&str, usize> = BTreeMap::new();
        let mut places: HashMap<usize, (String, usize)> = HashMap::new();
        for at in order {
            let (room_type, interval) = &stays[at];
            let rooms = self.types.entry(room_type.clone()).or_default();
            let free = rooms
                .iter()
                .position(|room| room.taken.iter().all(|taken| !taken.overlaps(*interval)));
            let place = free.unwrap_or_else(|| {
                *needed.entry(room_type).or_default() += 1;
                rooms.push(Room {
                    number: String::new(),
                    taken: Vec::new(),
                });
                rooms.len() - 1
            });
            rooms[place].taken.push(*interval);
            places.insert(at, (room_type.clone(), place));
        }
        let added = self.number_added();
        GivenOut {
            numbers: (0..stays.len())
                .filter_map(|at| {
                    let (room_type, place) = places.get(&at)?;
                    Some(self.types.get(room_type)?.get(*place)?.number.clone())
                })
                .collect(),
            added,
        }
    }

    /// Numbers rooms that have none, type by type, floor by floor, over what is free.
    fn number_added(&mut self) -> Vec<NewRoom> {
        let mut free = (1_i64..).flat_map(|floor| {
            (1..=ROOMS_PER_FLOOR as i64).map(move |door| (floor, (floor * 100 + door).to_string()))
        });
        let mut added = Vec::new();
        for (room_type, rooms) in &mut self.types {
            for room in rooms.iter_mut().filter(|room| room.number.is_empty()) {
                let (floor, number) = free
                    .by_ref()
                    .find(|(_, number)| !self.numbers.contains(number))
                    .unwrap_or_default();
                self.numbers.insert(number.clone());
                room.number.clone_from(&number);
                added.push(NewRoom {
                    number,
                    floor,
                    room_type: room_type.clone(),
                });
            }
        }
        added
    }
}

/// 99 before 101, and numbers before names.
fn by_number(a: &str, b: &str) -> std::cmp::Ordering {
    let key = |number: &str| number.parse::<u64>().unwrap_or(u64::MAX);
    (key(a), a).cmp(&(key(b), b))
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
