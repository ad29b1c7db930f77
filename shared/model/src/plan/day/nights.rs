//! How many nights a room had guests: what its long cadences are counted by.

use crate::{
    cleanliness::TurnKind,
    ids::StayId,
    room::{DoneOn, Nights, Room},
    stay::{Stay, StayStatus},
    time::BusinessDate,
};

pub(super) fn is_first_count(room: &Room) -> bool {
    room.nights.counted_to == BusinessDate::default()
}

/// Where the time until something is due for the first time begins.
pub(crate) fn beginning(date: BusinessDate) -> DoneOn {
    DoneOn { date, occupied: 0 }
}

/// The nights counted up to a date. Nothing is known of those before the first count.
pub(super) fn counted(room: &Room, stays: &[(StayId, Stay)], date: BusinessDate) -> Nights {
    let before = room.nights;
    if is_first_count(room) {
        return Nights {
            counted_to: date,
            occupied: 0,
            last_occupied: date,
        };
    }
    if before.counted_to >= date {
        return before;
    }
    let mut intervals: Vec<_> = stays
        .iter()
        .filter_map(|(id, stay)| in_house(*id, stay, room, date))
        .map(|(from, to)| (from.max(before.counted_to), to.min(date)))
        .filter(|(from, to)| from < to)
        .collect();
    intervals.sort_unstable();
    let mut counted = Nights {
        counted_to: date,
        ..before
    };
    // Two stays that share a night are one night of the room.
    let mut passed = before.counted_to;
    for (from, to) in intervals {
        let nights = to.days_since(from.max(passed)).max(0);
        let nights = u32::try_from(nights).unwrap_or(u32::MAX);
        counted.occupied = counted.occupied.saturating_add(nights);
        counted.last_occupied = counted.last_occupied.max(to);
        passed = passed.max(to);
    }
    counted
}

/// From when to when a guest was in a room. One who left early, or late, left on the day of the
/// room's turn.
fn in_house(
    id: StayId,
    stay: &Stay,
    room: &Room,
    date: BusinessDate,
) -> Option<(BusinessDate, BusinessDate)> {
    let turn = room.cleanliness.turn;
    match stay.status {
        StayStatus::InHouse => Some((stay.arrival, date)),
        StayStatus::Departed if turn.kind == TurnKind::Departure && turn.stay == Some(id) => {
            Some((stay.arrival, turn.date))
        }
        StayStatus::Departed => Some((stay.arrival, stay.departure)),
        StayStatus::Expected | StayStatus::Cancelled | StayStatus::NoShow => None,
    }
}
