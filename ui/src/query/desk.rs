//! The desk's day: who comes, who is here and who leaves, and what is still open at its end.

use super::{few::in_order, room_card::RoomCard};
use crate::{letters::small, mirror::cabinet::Cabinet};
use keyrack_model::{
    ids::{RoomId, StayId},
    room_status::Discrepancy,
    stay::{Stay, StayStatus},
    time::BusinessDate,
};

/// Which part of the day is in sight.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum DeskTab {
    #[default]
    Arrivals,
    InHouse,
    Departures,
    /// What there is to sell on the coming days.
    Availability,
}

impl DeskTab {
    /// Those that list stays, in the order of the screen.
    pub const LISTS: [Self; 3] = [Self::Arrivals, Self::InHouse, Self::Departures];

    /// Whether a stay is on the list, done or not.
    fn lists(self, stay: &Stay, date: BusinessDate) -> bool {
        use StayStatus::{Departed, Expected, InHouse};
        match self {
            Self::Arrivals => match stay.status {
                Expected => stay.arrival <= date,
                InHouse => stay.arrival == date,
                StayStatus::Cancelled | StayStatus::NoShow | Departed => false,
            },
            Self::InHouse => stay.status == InHouse,
            Self::Departures => match stay.status {
                InHouse => stay.departure <= date,
                Departed => stay.departure == date,
                Expected | StayStatus::Cancelled | StayStatus::NoShow => false,
            },
            Self::Availability => false,
        }
    }

    /// Whether nothing is left to do for it on the list.
    fn is_done(self, stay: &Stay) -> bool {
        match self {
            Self::Arrivals => stay.status != StayStatus::Expected,
            Self::Departures => stay.status != StayStatus::InHouse,
            Self::InHouse | Self::Availability => false,
        }
    }
}

/// A stay as a line of the desk shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeskLine {
    pub id: StayId,
    pub stay: Stay,
    /// The room that it has, when that is on this device.
    pub room: Option<RoomCard>,
    pub is_done: bool,
    pub contested: bool,
}

impl DeskLine {
    /// None for a stay that is not on this device.
    pub fn of(cabinet: &Cabinet, tab: DeskTab, id: StayId, date: BusinessDate) -> Option<Self> {
        let row = cabinet.row(id.into())?;
        let (_, stay) = row.as_stay()?;
        let room = stay.room.and_then(|room| cabinet.file_of(room));
        Some(Self {
            id,
            stay: stay.clone(),
            room: room.and_then(|file| RoomCard::of(file, date)),
            is_done: tab.is_done(stay),
            contested: !row.conflicts.is_empty(),
        })
    }

    fn door(&self) -> (i64, usize, String) {
        self.room.as_ref().map_or_else(Default::default, |room| {
            let (floor, length, number) = room.door();
            (floor, length, number.to_owned())
        })
    }
}

/// The stays of a list: what is to do first, guests who wait before others, then as the doors
/// stand. `name` is what the guest is called, where that is known.
pub fn stays(
    cabinet: &Cabinet,
    tab: DeskTab,
    text: &str,
    date: BusinessDate,
    name: &dyn Fn(StayId) -> Option<String>,
) -> Vec<StayId> {
    let text = small(text.trim());
    let lines = cabinet
        .stays()
        .filter(|(_, stay)| tab.lists(stay, date))
        .filter_map(|(id, _)| DeskLine::of(cabinet, tab, id, date))
        .filter(|line| matches_text(line, &text, name));
    let order = |line: &DeskLine| {
        let waits = line.stay.queued_at.map_or(i64::MAX, |at| at.0);
        let is_vip = tab == DeskTab::Arrivals && line.stay.vip;
        (line.is_done, waits, !is_vip, line.door(), line.id)
    };
    in_order(lines, order)
        .into_iter()
        .map(|line| line.id)
        .collect()
}

/// Every word of the text begins a word of the guest's name, the booking, the room or the type.
fn matches_text(line: &DeskLine, text: &str, name: &dyn Fn(StayId) -> Option<String>) -> bool {
    if text.is_empty() {
        return true;
    }
    let number = line.room.as_ref().map(|room| small(&room.number));
    let said = [
        small(&name(line.id).unwrap_or_default()),
        small(&line.stay.booking),
        small(&line.stay.room_type),
    ];
    text.split_whitespace().all(|word| {
        let begins = |part: &str| part.starts_with(word);
        number.as_deref().is_some_and(begins)
            || said.iter().any(|said| said.split_whitespace().any(begins))
    })
}

/// How many stays of each list are still to do; of those in house how many there are.
pub fn counts(cabinet: &Cabinet, date: BusinessDate) -> [(DeskTab, usize); 3] {
    DeskTab::LISTS.map(|tab| {
        let stays = cabinet.stays();
        let left = stays.filter(|(_, stay)| tab.lists(stay, date) && !tab.is_done(stay));
        (tab, left.count())
    })
}

/// What the night audit finds open: who did not come, and who should have left.
pub fn left_open(cabinet: &Cabinet, date: BusinessDate) -> Vec<StayId> {
    let open = cabinet.stays().filter(|(_, stay)| match stay.status {
        StayStatus::Expected => stay.arrival <= date,
        StayStatus::InHouse => stay.departure <= date,
        StayStatus::Cancelled | StayStatus::NoShow | StayStatus::Departed => false,
    });
    let sorted = in_order(open, |(id, stay)| (stay.status, stay.booking.clone(), *id));
    sorted.into_iter().map(|(id, _)| id).collect()
}

/// Rooms of which front office and housekeeping say different things.
pub fn discrepancies(cabinet: &Cabinet, date: BusinessDate) -> Vec<(RoomId, String, Discrepancy)> {
    let cards = cabinet
        .rooms()
        .filter_map(|(room, _)| RoomCard::of(cabinet.file_of(room)?, date));
    in_order(cards, |card| card.number.clone())
        .into_iter()
        .filter_map(|card| Some((card.id, card.number, card.status.discrepancy?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::{change::Entity, ids::DocumentRef, room::Room, rows::Row, time::Timestamp};
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

    fn room(number: u128) -> Row {
        let room = Room {
            number: number.to_string(),
            ..Room::default()
        };
        row(RoomId(Uuid::from_u128(number)), room)
    }

    fn id(number: u128) -> StayId {
        StayId(Uuid::from_u128(number + 1_000))
    }

    fn stay(
        number: u128,
        room: Option<u128>,
        status: StayStatus,
        from: i8,
        to: i8,
    ) -> (u128, Stay) {
        let stay = Stay {
            booking: format!("B-{number}"),
            room: room.map(|room| RoomId(Uuid::from_u128(room))),
            status,
            arrival: day(from),
            departure: day(to),
            ..Stay::default()
        };
        (number, stay)
    }

    fn cabinet(stays: Vec<(u128, Stay)>) -> Cabinet {
        let mut cabinet = Cabinet::default();
        let stays = stays
            .into_iter()
            .map(|(number, stay)| row(id(number), stay));
        let rows = [room(101), room(102), room(204)].into_iter().chain(stays);
        cabinet.apply(true, rows.collect());
        cabinet
    }

    fn listed(cabinet: &Cabinet, tab: DeskTab, text: &str) -> Vec<StayId> {
        stays(cabinet, tab, text, day(25), &|stay| {
            (stay == id(3)).then(|| "Ana Costa".to_owned())
        })
    }

    fn ids<const N: usize>(numbers: [u128; N]) -> Vec<StayId> {
        numbers.map(id).to_vec()
    }

    use StayStatus::{Cancelled, Departed, Expected, InHouse, NoShow};

    fn a_day() -> Cabinet {
        let mut queued = stay(3, None, Expected, 25, 27);
        queued.1.queued_at = Some(Timestamp(5));
        let mut vip = stay(4, Some(204), Expected, 25, 26);
        vip.1.vip = true;
        cabinet(vec![
            stay(1, Some(102), Expected, 25, 28),
            stay(2, Some(101), Expected, 24, 28),
            queued,
            vip,
            stay(5, Some(102), InHouse, 25, 26),
            stay(6, Some(204), InHouse, 20, 25),
            stay(7, Some(101), InHouse, 20, 24),
            stay(8, None, Departed, 20, 25),
            stay(9, None, Departed, 20, 24),
            stay(10, None, Cancelled, 25, 26),
            stay(11, None, NoShow, 25, 26),
            stay(12, None, Expected, 26, 28),
        ])
    }

    #[test]
    fn who_waits_comes_first_and_who_is_done_with_last() {
        let cabinet = a_day();
        assert_eq!(
            listed(&cabinet, DeskTab::Arrivals, ""),
            ids([3, 4, 2, 1, 5])
        );
        assert_eq!(listed(&cabinet, DeskTab::InHouse, ""), ids([7, 5, 6]));
        assert_eq!(listed(&cabinet, DeskTab::Departures, ""), ids([7, 6, 8]));
        let counts = counts(&cabinet, day(25)).map(|(_, count)| count);
        assert_eq!(counts, [4, 3, 2]);
    }

    #[test]
    fn a_stay_is_found_by_guest_booking_and_room() {
        let cabinet = a_day();
        assert_eq!(listed(&cabinet, DeskTab::Arrivals, "cos"), ids([3]));
        assert_eq!(listed(&cabinet, DeskTab::Arrivals, "b-4 20"), ids([4]));
        assert!(listed(&cabinet, DeskTab::Arrivals, "osta").is_empty());
    }

    #[test]
    fn the_night_audit_finds_who_did_not_come_and_who_did_not_leave() {
        assert_eq!(left_open(&a_day(), day(25)), ids([1, 2, 3, 4, 6, 7]));
        assert!(left_open(&a_day(), day(19)).is_empty());
    }
}
