//! Rooms that desks gave out twice, each without hearing of the other.

use super::few::in_order;
use crate::mirror::cabinet::{Cabinet, RoomFile};
use keyrack_model::{
    availability::{Interval, clashes},
    field::FieldType,
    ids::{RoomId, StayId},
    rows::HistoryEntry,
    stay::{Stay, StayStatus},
    time::BusinessDate,
};

/// A room that several stays have, with these, earliest first.
pub type DoubleBooking = (RoomId, Vec<StayId>);

/// Every room that was given out twice.
pub fn double_bookings(cabinet: &Cabinet, date: BusinessDate) -> Vec<DoubleBooking> {
    let rooms = cabinet.rooms().filter_map(|(room, _)| {
        let stays = fighting(cabinet.file_of(room)?, date);
        (!stays.is_empty()).then_some((room, stays))
    });
    rooms.collect()
}

/// The stays of a room that are in it together, or have it for the same nights from a business date
/// on.
pub fn fighting(file: &RoomFile, date: BusinessDate) -> Vec<StayId> {
    let keeps_out = |stay: &Stay| matches!(stay.status, StayStatus::Expected | StayStatus::InHouse);
    let stays: Vec<_> = file.stays().filter(|(_, stay)| keeps_out(stay)).collect();
    let fights = |(id, stay): &(StayId, &Stay)| {
        stays.iter().any(|(other, theirs)| {
            let both_here = stay.status == StayStatus::InHouse && theirs.status == stay.status;
            let days = Interval::of(stay).from_day(date);
            let their_days = Interval::of(theirs).from_day(date);
            other != id && (both_here || clashes(days, their_days))
        })
    };
    let fighting = in_order(stays.iter().copied().filter(fights), |(id, stay)| {
        (stay.arrival, *id)
    });
    fighting.into_iter().map(|(id, _)| id).collect()
}

/// What gave a stay a room last, or brought its guest into it; a story is told newest first. None
/// where only the server knows.
pub fn giving(story: &[HistoryEntry], stay: StayId, room: RoomId) -> Option<&HistoryEntry> {
    story.iter().find(|entry| {
        let mut fields = entry.fields.iter();
        entry.document == stay.into()
            && fields.any(|field| match field.key.as_str() {
                "room" => Option::<RoomId>::from_value(&field.after).flatten() == Some(room),
                "status" => StayStatus::from_value(&field.after) == Some(StayStatus::InHouse),
                _ => false,
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::{
        change::Entity,
        command::Command,
        ids::{DeviceId, DocumentRef, OperationId, UserId},
        room::Room,
        rows::{HistoryField, Row},
        time::Timestamp,
    };
    use uuid::Uuid;

    const ROOM: RoomId = RoomId(Uuid::from_u128(101));

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

    fn stay(number: u128, status: StayStatus, from: i8, to: i8) -> Row {
        let stay = Stay {
            room: Some(ROOM),
            status,
            arrival: day(from),
            departure: day(to),
            ..Stay::default()
        };
        row(StayId(Uuid::from_u128(number)), stay)
    }

    #[test]
    fn a_room_is_given_twice_when_two_have_it_for_a_night_or_are_in_it() {
        use StayStatus::{Cancelled, Expected, InHouse};
        for (one, other, twice) in [
            ((InHouse, 20, 25), (Expected, 25, 28), false),
            ((InHouse, 20, 24), (Expected, 24, 28), false),
            ((Cancelled, 25, 28), (Expected, 25, 28), false),
            ((Expected, 25, 28), (Expected, 24, 26), true),
            ((InHouse, 20, 25), (InHouse, 25, 28), true),
        ] {
            let rows = [(1, one), (2, other)]
                .map(|(number, (status, from, to))| stay(number, status, from, to));
            let mut cabinet = Cabinet::default();
            let room = row(ROOM, Room::default());
            cabinet.apply(true, rows.into_iter().chain([room]).collect());
            let found = double_bookings(&cabinet, day(25));
            assert_eq!(found.len(), usize::from(twice), "{one:?} {other:?}");
            assert!(found.iter().all(|(_, stays)| stays.len() == 2));
        }
    }

    #[test]
    fn who_gave_a_stay_its_room_is_who_wrote_it_last() {
        let stay = StayId(Uuid::from_u128(1));
        let elsewhere = RoomId(Uuid::from_u128(102));
        let entry = |number, key: &str, after| HistoryEntry {
            document: stay.into(),
            operation: OperationId(Uuid::from_u128(number)),
            command: Command::Redacted,
            author: UserId::default(),
            device: DeviceId::default(),
            at: Timestamp(0),
            known_at: None,
            fields: vec![HistoryField {
                key: key.into(),
                before: Option::<RoomId>::None.to_value(),
                after,
            }],
        };
        let story = [
            entry(3, "note", "Late".to_owned().to_value()),
            entry(2, "room", Some(ROOM).to_value()),
            entry(1, "room", Some(elsewhere).to_value()),
        ];
        let by = |room| giving(&story, stay, room).map(|entry| entry.operation.0.as_u128());
        assert_eq!(by(ROOM), Some(2));
        assert_eq!(by(elsewhere), Some(1));
        assert_eq!(by(RoomId(Uuid::from_u128(103))), None);
        assert_eq!(giving(&story, StayId::default(), ROOM), None);
    }
}
