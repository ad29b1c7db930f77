//! What bookings come to on a business date: who has arrived and left, and what is to be cleaned.
//!
//! **Architecture Invariant**: whoever has left a room since the hotel's last day leaves it to be
//! cleaned, until it was or somebody else has it.

use super::booking::{Booking, Outcome};
use super::rooms::{GivenOut, Interval, NewRoom, Rooms};
use jiff::civil::Date;
use std::collections::HashMap;

/// Where a booking stands on the morning of the business date.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    Expected,
    InHouse,
    Departed,
    Cancelled,
    NoShow,
}

impl Standing {
    /// Whether the guest has left, or will not come.
    pub fn is_over(self) -> bool {
        match self {
            Self::Departed | Self::Cancelled | Self::NoShow => true,
            Self::Expected | Self::InHouse => false,
        }
    }
}

/// The clean that a stay needs on the business date.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cleaning {
    Departure,
    Stayover,
}

/// A booking with what follows from it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlannedStay {
    pub booking: Booking,
    /// The number of its room; None for one that never came.
    pub room: Option<String>,
    pub standing: Standing,
    pub cleaning: Option<Cleaning>,
}

/// How far the room of a guest who has left has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Turnover {
    /// Nothing says that the room was left.
    #[default]
    Unmarked,
    /// An import found the guest gone, and nobody has cleaned since.
    Awaited,
    /// People have cleaned it or checked the guest out, or a later guest has it.
    InHand,
}

/// What the hotel has of a booking already.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KnownStay {
    /// The number of its room.
    pub room: Option<String>,
    pub standing: Option<Standing>,
    pub turnover: Turnover,
}

/// The day that is planned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Day {
    pub date: Date,
    /// The day that the hotel had come to; None for a hotel without rooms, whose past is not
    /// known and not cleaned up after.
    pub since: Option<Date>,
}

/// Everything that an import brings in.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DayPlan {
    pub new_rooms: Vec<NewRoom>,
    pub stays: Vec<PlannedStay>,
}

impl DayPlan {
    /// Gives rooms to the bookings that have none; `known` says what the hotel has of a booking.
    pub fn of(
        bookings: Vec<Booking>,
        day: Day,
        mut rooms: Rooms,
        known: impl Fn(&Booking) -> KnownStay,
    ) -> Self {
        let known: Vec<KnownStay> = bookings.iter().map(&known).collect();
        let mut asking: Vec<(usize, &Booking)> = bookings
            .iter()
            .enumerate()
            .filter(|(at, booking)| booking.outcome == Outcome::Stayed && known[*at].room.is_none())
            .collect();
        // Not in the order of the file: the same bookings get the same rooms however it is sorted.
        asking.sort_unstable_by_key(|(_, booking)| (booking.content, booking.occurrence));
        let asked: Vec<(&str, Interval)> = asking
            .iter()
            .map(|(_, booking)| (&*booking.room_type, interval(booking)))
            .collect();
        let GivenOut { numbers, added } = rooms.give_out(&asked);
        let mut given: HashMap<usize, String> =
            asking.iter().map(|(at, _)| *at).zip(numbers).collect();
        let hotels_own: Vec<(Option<Standing>, Turnover)> = known
            .iter()
            .map(|known| (known.standing, known.turnover))
            .collect();
        let mut stays: Vec<PlannedStay> = bookings
            .into_iter()
            .zip(known)
            .enumerate()
            .map(|(at, (booking, known))| {
                let room = match booking.outcome {
                    Outcome::Stayed => known.room.or_else(|| given.remove(&at)),
                    Outcome::Cancelled | Outcome::NoShow => None,
                };
                let standing = standing(&booking, day.date);
                PlannedStay {
                    room,
                    standing,
                    cleaning: cleaning(&booking, standing, day.date)
                        .filter(|_| !known.standing.is_some_and(Standing::is_over)),
                    booking,
                }
            })
            .collect();
        for at in left_uncleaned(&stays, &hotels_own, day) {
            stays[at].cleaning = Some(Cleaning::Departure);
        }
        // As the rooms were given out: an import that was broken off has given the first ones, and
        // the same import again gives the others what they would have had.
        stays.sort_unstable_by_key(|stay| {
            let booking = &stay.booking;
            (interval(booking), booking.content, booking.occurrence)
        });
        Self {
            new_rooms: added,
            stays,
        }
    }
}

/// The last guest of each room, where nobody has been in it since they left.
fn left_uncleaned(
    stays: &[PlannedStay],
    hotels_own: &[(Option<Standing>, Turnover)],
    day: Day,
) -> Vec<usize> {
    let mut last: HashMap<&str, usize> = HashMap::new();
    for (at, stay) in stays.iter().enumerate() {
        let (Standing::InHouse | Standing::Departed) = stay.standing else {
            continue;
        };
        let Some(room) = stay.room.as_deref() else {
            continue;
        };
        let known = last.entry(room).or_insert(at);
        if in_order(&stays[*known]) < in_order(stay) {
            *known = at;
        }
    }
    let is_left = |at: &usize| {
        let stay = &stays[*at];
        let is_open = match hotels_own[*at] {
            (_, Turnover::Awaited) => true,
            (_, Turnover::InHand) => false,
            (Some(known), Turnover::Unmarked) => !known.is_over(),
            (None, Turnover::Unmarked) => day.since.is_some_and(|since| stay.booking.end >= since),
        };
        stay.standing == Standing::Departed && is_open
    };
    last.into_values().filter(is_left).collect()
}

/// Stays of one room in the order in which they have it.
fn in_order(stay: &PlannedStay) -> (Date, Date, [u8; 32], u32) {
    let booking = &stay.booking;
    let Booking {
        end,
        arrival,
        content,
        occurrence,
        ..
    } = booking;
    (*end, *arrival, *content, *occurrence)
}

/// The room's time that a booking takes.
pub(crate) fn interval(booking: &Booking) -> Interval {
    Interval {
        arrival: booking.arrival,
        end: booking.end,
    }
}

fn standing(booking: &Booking, date: Date) -> Standing {
    match booking.outcome {
        Outcome::Cancelled => Standing::Cancelled,
        Outcome::NoShow => Standing::NoShow,
        Outcome::Stayed if booking.end < date => Standing::Departed,
        Outcome::Stayed if booking.arrival < date => Standing::InHouse,
        Outcome::Stayed => Standing::Expected,
    }
}

fn cleaning(booking: &Booking, standing: Standing, date: Date) -> Option<Cleaning> {
    match standing {
        Standing::InHouse if booking.end == date => Some(Cleaning::Departure),
        Standing::InHouse => Some(Cleaning::Stayover),
        Standing::Expected | Standing::Departed | Standing::Cancelled | Standing::NoShow => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const BUSIEST: Date = jiff::civil::date(2017, 5, 25);
    const FIRST: Day = Day {
        date: BUSIEST,
        since: None,
    };

    fn demo() -> Vec<Booking> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/resort-busiest-week.csv");
        crate::bookings::open(&path)
            .unwrap()
            .map(|row| row.unwrap().unwrap())
            .collect()
    }

    #[test]
    fn an_import_that_was_broken_off_gives_the_same_rooms_when_it_goes_on() {
        let whole = DayPlan::of(demo(), FIRST, Rooms::default(), |_| KnownStay::default());
        let room_of = |stay: &PlannedStay| stay.room.clone();
        for written in [0, 1, 250, 437, whole.stays.len() - 1] {
            let mut rooms = Rooms::default();
            for room in &whole.new_rooms {
                rooms.known(&room.number, &room.room_type);
            }
            let mut known = HashMap::new();
            for stay in &whole.stays[..written] {
                if let Some(room) = room_of(stay) {
                    rooms.taken(&room, interval(&stay.booking));
                    known.insert((stay.booking.content, stay.booking.occurrence), room);
                }
            }
            let again = DayPlan::of(demo(), FIRST, rooms, |booking| KnownStay {
                room: known.get(&(booking.content, booking.occurrence)).cloned(),
                ..KnownStay::default()
            });
            assert_eq!(again.new_rooms, [], "after {written} stays");
            let rooms = |plan: &DayPlan| plan.stays.iter().map(room_of).collect::<Vec<_>>();
            assert_eq!(rooms(&again), rooms(&whole), "after {written} stays");
        }
    }

    #[test]
    fn the_busiest_day_has_its_arrivals_departures_and_occupied_rooms() {
        let plan = DayPlan::of(demo(), FIRST, Rooms::default(), |_| KnownStay::default());
        let stays = || {
            plan.stays
                .iter()
                .filter(|stay| stay.booking.outcome == Outcome::Stayed)
        };
        let count = |is: &dyn Fn(&PlannedStay) -> bool| stays().filter(|stay| is(stay)).count();
        assert_eq!(count(&|stay| stay.booking.arrival == BUSIEST), 100);
        assert_eq!(count(&|stay| stay.booking.end == BUSIEST), 99);
        let overnight =
            |stay: &PlannedStay| stay.booking.arrival <= BUSIEST && BUSIEST < stay.booking.end;
        assert_eq!(count(&overnight), 180);
        assert_eq!(
            count(&|stay| stay.cleaning == Some(Cleaning::Departure)),
            99
        );
        assert_eq!(count(&|stay| stay.cleaning == Some(Cleaning::Stayover)), 80);
        let rooms: std::collections::BTreeSet<_> = stays()
            .filter(|stay| overnight(stay))
            .map(|stay| stay.room.clone())
            .collect();
        assert_eq!(
            rooms.len(),
            180,
            "each occupied room has one stay overnight"
        );
    }

    #[test]
    fn planning_again_with_what_the_hotel_has_changes_nothing() {
        let first = DayPlan::of(demo(), FIRST, Rooms::default(), |_| KnownStay::default());
        let mut rooms = Rooms::default();
        for room in &first.new_rooms {
            rooms.known(&room.number, &room.room_type);
        }
        let has = |booking: &Booking| {
            let stay = first
                .stays
                .iter()
                .find(|stay| stay.booking.row == booking.row)?;
            Some(KnownStay {
                room: stay.room.clone(),
                standing: Some(stay.standing),
                turnover: Turnover::Unmarked,
            })
        };
        let has = |booking: &Booking| has(booking).unwrap_or_default();
        let second = DayPlan::of(demo(), FIRST, rooms, has);
        assert_eq!(second.new_rooms, []);
        assert_eq!(second.stays, first.stays);
    }

    #[test]
    fn what_is_over_for_the_hotel_is_not_cleaned_again() {
        for standing in [
            Standing::Expected,
            Standing::InHouse,
            Standing::Departed,
            Standing::Cancelled,
            Standing::NoShow,
        ] {
            let known = |_: &Booking| KnownStay {
                standing: Some(standing),
                ..KnownStay::default()
            };
            let plan = DayPlan::of(demo(), FIRST, Rooms::default(), known);
            let to_clean = plan.stays.iter().any(|stay| stay.cleaning.is_some());
            assert_eq!(to_clean, !standing.is_over(), "{standing:?}");
        }
    }

    /// What the hotel has of the demo's stays after an import for the busiest day.
    fn after_the_first(bookings: &[Booking]) -> impl Fn(&Booking) -> KnownStay {
        let nothing = |_: &Booking| KnownStay::default();
        let plan = DayPlan::of(bookings.to_vec(), FIRST, Rooms::default(), nothing);
        move |booking| {
            let stay = plan.stays.iter().find(|stay| stay.booking == *booking);
            stay.map_or_else(KnownStay::default, |stay| KnownStay {
                room: stay.room.clone(),
                standing: Some(stay.standing),
                turnover: Turnover::Unmarked,
            })
        }
    }

    fn next_day(known: impl Fn(&Booking) -> KnownStay) -> DayPlan {
        let day = Day {
            date: BUSIEST.tomorrow().unwrap(),
            since: Some(BUSIEST),
        };
        DayPlan::of(demo(), day, Rooms::default(), known)
    }

    #[test]
    fn a_room_whose_guest_left_unseen_is_cleaned_for_the_last_one_unless_somebody_has_it() {
        let plan = next_day(after_the_first(&demo()));
        let rooms = |is: &dyn Fn(&PlannedStay) -> bool| -> std::collections::BTreeSet<&str> {
            let stays = plan.stays.iter().filter(|stay| is(stay));
            stays.filter_map(|stay| stay.room.as_deref()).collect()
        };
        let left = rooms(&|stay| stay.booking.end == BUSIEST);
        let taken = rooms(&|stay| stay.standing == Standing::InHouse);
        let cleaned = rooms(&|stay| {
            stay.standing == Standing::Departed && stay.cleaning == Some(Cleaning::Departure)
        });
        assert!(!cleaned.is_empty());
        assert_eq!(cleaned, left.difference(&taken).copied().collect());
        let tasks = plan.stays.iter().filter(|stay| stay.cleaning.is_some());
        assert_eq!(
            tasks.count(),
            taken.len() + cleaned.len(),
            "one for each room"
        );
    }

    #[test]
    fn what_people_have_in_hand_is_theirs_and_what_awaits_them_stays_on_the_list() {
        let demo = demo();
        let first = after_the_first(&demo);
        for (turnover, standing, is_cleaned) in [
            (Turnover::InHand, Standing::InHouse, false),
            (Turnover::Unmarked, Standing::Departed, false),
            (Turnover::Awaited, Standing::Departed, true),
        ] {
            let plan = next_day(|booking| KnownStay {
                turnover,
                standing: Some(standing),
                ..first(booking)
            });
            let left = |stay: &PlannedStay| stay.standing == Standing::Departed;
            let cleaned = plan.stays.iter().filter(|stay| left(stay));
            let cleaned = cleaned.filter(|stay| stay.cleaning.is_some()).count();
            assert_eq!(cleaned > 0, is_cleaned, "{turnover:?} {standing:?}");
        }
    }

    #[test]
    fn a_hotel_without_rooms_has_nothing_to_clean_up_after() {
        let day = |since| Day {
            date: BUSIEST,
            since,
        };
        let departures = |since| {
            let nothing = |_: &Booking| KnownStay::default();
            let plan = DayPlan::of(demo(), day(since), Rooms::default(), nothing);
            let left = |stay: &&PlannedStay| stay.standing == Standing::Departed;
            let left = plan.stays.iter().filter(left);
            left.filter(|stay| stay.cleaning.is_some()).count()
        };
        assert_eq!(departures(None), 0);
        assert!(departures(Some(BUSIEST.yesterday().unwrap())) > 0);
    }

    #[test]
    fn the_order_of_the_rows_makes_no_difference() {
        let rooms_of = |bookings: Vec<Booking>| {
            let plan = DayPlan::of(bookings, FIRST, Rooms::default(), |_| KnownStay::default());
            let mut rooms: Vec<_> = plan
                .stays
                .into_iter()
                .map(|stay| (stay.booking.content, stay.booking.occurrence, stay.room))
                .collect();
            rooms.sort();
            (plan.new_rooms, rooms)
        };
        let mut turned = demo();
        turned.reverse();
        assert_eq!(rooms_of(demo()), rooms_of(turned));
    }

    #[test]
    fn the_slice_needs_as_many_rooms_as_its_fullest_night_of_each_type() {
        let plan = DayPlan::of(demo(), FIRST, Rooms::default(), |_| KnownStay::default());
        assert_eq!(plan.new_rooms.len(), 186);
        let in_house = plan
            .stays
            .iter()
            .filter(|stay| stay.standing == Standing::InHouse);
        assert_eq!(in_house.count(), 179);
    }
}
