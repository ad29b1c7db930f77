//! Which rooms are free when: what a desk has to sell, by type and day.

use crate::{
    ids::RoomId,
    room::{Room, RoomUse},
    room_block::{BlockKind, RoomBlock},
    stay::{Stay, StayStatus},
    time::BusinessDate,
};

/// Nights, from the day of arrival to the day of departure. A day use has none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Interval {
    pub arrival: BusinessDate,
    pub departure: BusinessDate,
}

impl Interval {
    pub fn of(stay: &Stay) -> Self {
        Self {
            arrival: stay.arrival,
            departure: stay.departure,
        }
    }

    pub fn of_block(block: &RoomBlock) -> Self {
        Self {
            arrival: block.from,
            departure: block.until,
        }
    }

    /// What is left of it from a day on.
    pub fn from_day(self, date: BusinessDate) -> Self {
        Self {
            arrival: self.arrival.max(date).min(self.departure),
            departure: self.departure,
        }
    }

    /// Whether the night that follows a day is one of these.
    pub fn has_night(self, date: BusinessDate) -> bool {
        self.arrival <= date && date < self.departure
    }
}

/// Whether two cannot have one room: one begins while the other lasts. On the day on which one ends
/// another may begin, and a day use fits between.
pub fn clashes(one: Interval, other: Interval) -> bool {
    one.arrival < other.departure && other.arrival < one.departure
}

/// What there is of one type of room for one night.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NightOfType {
    pub room_type: String,
    pub date: BusinessDate,
    /// Rooms of the type that are not out of order.
    pub rooms: usize,
    /// Stays that have one or are to have one.
    pub taken: usize,
}

impl NightOfType {
    /// Rooms left to sell; below zero when more are sold than there are.
    pub fn free(&self) -> i64 {
        self.rooms as i64 - self.taken as i64
    }
}

/// The availability of every type on some days, by type and then day.
///
/// A stay in a room of another type counts for the type of the room that it has.
pub fn by_type<'a>(
    rooms: impl Iterator<Item = (RoomId, &'a Room)> + Clone,
    stays: impl Iterator<Item = &'a Stay> + Clone,
    blocks: impl Iterator<Item = &'a RoomBlock> + Clone,
    dates: &[BusinessDate],
) -> Vec<NightOfType> {
    let for_guests = rooms.filter(|(_, room)| room.used_for == RoomUse::Guests);
    let mut types: Vec<&str> = for_guests
        .clone()
        .map(|(_, room)| &*room.room_type)
        .collect();
    types.sort_unstable();
    types.dedup();
    let type_of = |stay: &'a Stay| {
        let mut own = for_guests.clone().filter(|(id, _)| stay.room == Some(*id));
        own.next()
            .map_or(&*stay.room_type, |(_, room)| &*room.room_type)
    };
    let counted: Vec<(&str, Interval)> = stays
        .filter(|stay| matches!(stay.status, StayStatus::Expected | StayStatus::InHouse))
        .map(|stay| (type_of(stay), Interval::of(stay)))
        .collect();
    let mut nights = Vec::with_capacity(types.len() * dates.len());
    for room_type in types {
        for date in dates {
            let in_order = |id: &RoomId| {
                !blocks.clone().any(|block| {
                    block.kind == BlockKind::OutOfOrder
                        && block.room == Some(*id)
                        && block.covers(*date)
                })
            };
            let of_type = for_guests
                .clone()
                .filter(|(_, room)| room.room_type == room_type);
            let taken = counted
                .iter()
                .filter(|(of, nights)| *of == room_type && nights.has_night(*date));
            nights.push(NightOfType {
                room_type: room_type.to_owned(),
                date: *date,
                rooms: of_type.filter(|(id, _)| in_order(id)).count(),
                taken: taken.count(),
            });
        }
    }
    nights
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn day(day: i8) -> BusinessDate {
        BusinessDate(jiff::civil::date(2017, 5, day))
    }

    fn nights(from: i8, to: i8) -> Interval {
        Interval {
            arrival: day(from),
            departure: day(to),
        }
    }

    #[test]
    fn one_may_come_on_the_day_on_which_another_leaves() {
        for (one, other, is_clash) in [
            (nights(1, 3), nights(3, 5), false),
            (nights(1, 3), nights(2, 5), true),
            (nights(1, 5), nights(2, 3), true),
            (nights(2, 2), nights(2, 4), false),
            (nights(2, 2), nights(1, 2), false),
            (nights(2, 2), nights(1, 3), true),
            (nights(2, 2), nights(2, 2), false),
            (nights(1, 3), nights(1, 3), true),
        ] {
            assert_eq!(clashes(one, other), is_clash, "{one:?} {other:?}");
            assert_eq!(clashes(other, one), is_clash, "{other:?} {one:?}");
        }
    }

    #[test]
    fn a_type_has_as_many_rooms_as_are_neither_sold_nor_out_of_order() {
        let room = |number: u128, room_type: &str| {
            let room = Room {
                number: number.to_string(),
                room_type: room_type.into(),
                ..Room::default()
            };
            (RoomId(Uuid::from_u128(number)), room)
        };
        let mut lobby = room(1, "A");
        lobby.1.used_for = RoomUse::Public;
        let rooms = [room(101, "A"), room(102, "A"), room(201, "B"), lobby];
        let stay = |number: Option<u128>, room_type: &str, from, to, status| Stay {
            room: number.map(|number| RoomId(Uuid::from_u128(number))),
            room_type: room_type.into(),
            arrival: day(from),
            departure: day(to),
            status,
            ..Stay::default()
        };
        let stays = [
            stay(Some(101), "A", 1, 3, StayStatus::InHouse),
            // Booked as B, sleeps in an A.
            stay(Some(102), "B", 2, 3, StayStatus::Expected),
            stay(None, "B", 2, 4, StayStatus::Expected),
            stay(None, "B", 2, 4, StayStatus::Expected),
            stay(None, "A", 2, 4, StayStatus::Cancelled),
        ];
        let blocks = [RoomBlock {
            room: Some(RoomId(Uuid::from_u128(102))),
            kind: BlockKind::OutOfOrder,
            from: day(3),
            until: day(5),
            ..RoomBlock::default()
        }];
        let rooms = rooms.iter().map(|(id, room)| (*id, room));
        let found = by_type(
            rooms,
            stays.iter(),
            blocks.iter(),
            &[day(1), day(2), day(3)],
        );
        let free: Vec<(&str, i64)> = found
            .iter()
            .map(|night| (&*night.room_type, night.free()))
            .collect();
        let expected = [("A", 1), ("A", 0), ("A", 1), ("B", 1), ("B", -1), ("B", -1)];
        assert_eq!(free, expected);
    }
}
