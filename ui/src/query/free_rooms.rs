//! The rooms that a stay can have, best first; and what there is to sell by type and day.

use super::{few::in_order, room_card::RoomCard};
use crate::mirror::cabinet::{Cabinet, RoomFile};
use keyrack_model::{
    availability::{Interval, NightOfType, by_type, clashes},
    ids::{RoomId, StayId},
    limits::AVAILABILITY_DAYS,
    room::RoomUse,
    room_block::{BlockKind, RoomBlock},
    stay::{Stay, StayStatus},
    time::BusinessDate,
};

/// Who looks for a room, for which days.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// The stay that has or is to have one; None for one that is not booked yet.
    pub stay: Option<StayId>,
    pub days: Interval,
    pub room_type: &'a str,
    /// The business date: what is over by then keeps nobody out.
    pub today: BusinessDate,
}

impl Wish<'_> {
    fn days(&self) -> Interval {
        self.days.from_day(self.today)
    }

    fn is_kept_out_by(&self, id: StayId, stay: &Stay) -> bool {
        let has_room = matches!(stay.status, StayStatus::Expected | StayStatus::InHouse);
        Some(id) != self.stay && has_room && clashes(self.days(), Interval::of(stay))
    }
}

/// A room that is free for the nights.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FreeRoom {
    pub card: RoomCard,
    pub is_of_type: bool,
    /// Nobody is in it, and it is ready for a guest.
    pub is_ready: bool,
}

/// Free rooms: of the wanted type before others, ready before not ready, empty before those whose
/// guest has still to leave, then as the doors stand.
pub fn free_rooms(cabinet: &Cabinet, wish: Wish<'_>) -> Vec<FreeRoom> {
    let files = cabinet
        .rooms()
        .filter(|(_, room)| room.used_for == RoomUse::Guests)
        .filter_map(|(id, _)| cabinet.file_of(id));
    let free = files
        .filter(|file| is_free(file, wish))
        .filter_map(|file| RoomCard::of(file, wish.today))
        .map(|card| FreeRoom {
            is_of_type: card.room_type == wish.room_type,
            is_ready: card.status.is_ready() && !card.is_occupied(),
            card,
        });
    in_order(free, |free| {
        let (floor, length, number) = free.card.door();
        let is_occupied = free.card.is_occupied();
        (
            !free.is_of_type,
            !free.is_ready,
            is_occupied,
            (floor, length, number.to_owned()),
        )
    })
}

fn is_free(file: &RoomFile, wish: Wish<'_>) -> bool {
    let is_blocked = |block: &RoomBlock| {
        !block.ended
            && block.kind == BlockKind::OutOfOrder
            && clashes(wish.days(), Interval::of_block(block))
    };
    !file.stays().any(|(id, stay)| wish.is_kept_out_by(id, stay))
        && !file.blocks().any(|(_, block)| is_blocked(block))
}

/// The days that a desk sells, from the business date on.
pub fn days_to_sell(today: BusinessDate) -> Vec<BusinessDate> {
    (0..AVAILABILITY_DAYS)
        .map(|days| today.plus_days(days))
        .collect()
}

/// What there is of each type on the days to sell: one list a type, one entry a day.
pub fn availability(cabinet: &Cabinet, today: BusinessDate) -> Vec<Vec<NightOfType>> {
    let rooms: Vec<(RoomId, _)> = cabinet.rooms().collect();
    let blocks: Vec<_> = cabinet.blocks().map(|(_, block)| block).collect();
    let stays = cabinet.stays().map(|(_, stay)| stay);
    let dates = days_to_sell(today);
    let nights = by_type(rooms.iter().copied(), stays, blocks.iter().copied(), &dates);
    nights.chunks(dates.len()).map(<[_]>::to_vec).collect()
}

/// The types of rooms for guests.
pub fn room_types(cabinet: &Cabinet) -> Vec<String> {
    let rooms = cabinet.rooms();
    let types = rooms
        .filter(|(_, room)| room.used_for == RoomUse::Guests && !room.room_type.is_empty())
        .map(|(_, room)| room.room_type.clone());
    let mut types = in_order(types, String::clone);
    types.dedup();
    types
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::{
        change::Entity,
        cleanliness::{Cleanliness, CleanlinessMark},
        ids::{BlockId, DocumentRef},
        room::Room,
        rows::Row,
        time::Timestamp,
    };
    use uuid::Uuid;

    fn day(day: i8) -> BusinessDate {
        BusinessDate(jiff::civil::date(2017, 5, day))
    }

    fn row(document: impl Into<DocumentRef>, entity: impl Into<Entity>) -> Row {
        Row {
            document: document.into(),
            entity: entity.into(),
            conflicts: vec![],
            changed_at: Timestamp(0),
        }
    }

    fn id(number: u128) -> RoomId {
        RoomId(Uuid::from_u128(number))
    }

    fn room(number: u128, room_type: &str, value: Cleanliness) -> Row {
        let room = Room {
            number: number.to_string(),
            room_type: room_type.into(),
            cleanliness: CleanlinessMark {
                value,
                ..CleanlinessMark::default()
            },
            ..Room::default()
        };
        row(id(number), room)
    }

    fn stay(number: u128, status: StayStatus, from: i8, to: i8) -> Row {
        let stay = Stay {
            room: Some(id(number)),
            status,
            arrival: day(from),
            departure: day(to),
            ..Stay::default()
        };
        row(StayId(Uuid::from_u128(number + 1_000)), stay)
    }

    fn house() -> Cabinet {
        use Cleanliness::{Clean, Dirty, Inspected};
        let block = RoomBlock {
            room: Some(id(108)),
            kind: BlockKind::OutOfOrder,
            from: day(26),
            until: day(29),
            ..RoomBlock::default()
        };
        let mut lobby = room(109, "Twin", Clean);
        if let Entity::Room(room) = &mut lobby.entity {
            room.used_for = RoomUse::Public;
        }
        let rows = vec![
            room(101, "Suite", Inspected),
            room(102, "Twin", Dirty),
            room(103, "Twin", Clean),
            room(104, "Twin", Clean),
            stay(104, StayStatus::InHouse, 20, 25),
            room(105, "Twin", Clean),
            stay(105, StayStatus::Expected, 26, 27),
            room(106, "Twin", Clean),
            stay(106, StayStatus::Cancelled, 25, 28),
            room(108, "Twin", Clean),
            row(BlockId(Uuid::from_u128(7)), block),
            lobby,
        ];
        let mut cabinet = Cabinet::default();
        cabinet.apply(true, rows);
        cabinet
    }

    #[test]
    fn rooms_of_the_type_that_are_ready_come_first() {
        let found = |stay, from, to| -> Vec<String> {
            let days = Interval {
                arrival: day(from),
                departure: day(to),
            };
            let wish = Wish {
                stay,
                days,
                room_type: "Twin",
                today: day(25),
            };
            let rooms = free_rooms(&house(), wish).into_iter();
            rooms.map(|free| free.card.number).collect()
        };
        assert_eq!(found(None, 25, 28), ["103", "106", "102", "104", "101"]);
        // For one night the booking and the block that begin tomorrow keep nobody out.
        let one_night = ["103", "105", "106", "108", "102", "104", "101"];
        assert_eq!(found(None, 25, 26), one_night);
        let own = StayId(Uuid::from_u128(1_105));
        assert!(found(Some(own), 25, 28).contains(&"105".to_owned()));
    }

    #[test]
    fn what_is_left_to_sell_is_told_by_type_and_day() {
        let nights = availability(&house(), day(25));
        let free = |of: usize| -> Vec<i64> {
            let nights = nights[of].iter().take(3);
            nights.map(NightOfType::free).collect()
        };
        assert_eq!(nights[1].len(), AVAILABILITY_DAYS as usize);
        assert_eq!((free(0), free(1)), (vec![1, 1, 1], vec![6, 4, 5]));
        assert_eq!(room_types(&house()), ["Suite", "Twin"]);
    }
}
