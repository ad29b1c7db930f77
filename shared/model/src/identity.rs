//! Deterministic identity of what rules and imports make: two desks that run the same rule
//! offline name the same thing alike.

use crate::{
    ids::{
        DeviceId, DocumentRef, HotelId, LinkId, OperationId, RoomId, RuleSheetId, StayId, TaskId,
        UserId,
    },
    record::RecordRef,
    rule_sheet::RuleScope,
    task::TaskKind,
    time::BusinessDate,
};
use uuid::Uuid;

/// The author of what the server itself does: imports and rules. It is no person of any hotel.
pub const SERVER: UserId = UserId(Uuid::from_u128(0x6b65_7972_6163_6b00_8000_0000_0000_0001));

/// The device under which the server writes.
pub const SERVER_DEVICE: DeviceId =
    DeviceId(Uuid::from_u128(0x6b65_7972_6163_6b00_8000_0000_0000_0002));

/// The hotel that a code names. Derived, so that looking a hotel up needs no table that all
/// hotels share; a code is therefore for ever.
pub fn hotel(code: &str) -> HotelId {
    HotelId(derive("hotel", &[code.as_bytes()]))
}

/// A room by its number.
pub fn room(hotel: HotelId, number: &str) -> RoomId {
    RoomId(derive("room", &[hotel.0.as_bytes(), number.as_bytes()]))
}

/// A stay by the content of its source row and which of the identical rows it is.
pub fn stay(hotel: HotelId, row: &[u8; 32], occurrence: u32) -> StayId {
    StayId(derive(
        "stay",
        &[hotel.0.as_bytes(), row, &occurrence.to_be_bytes()],
    ))
}

/// The Departure task of a stay and a room on one business date. The room is part of it: a desk
/// that does not know that the guest has moved means another room, and both are to be cleaned.
pub fn departure_task(hotel: HotelId, date: BusinessDate, about: (StayId, RoomId)) -> TaskId {
    stay_task(hotel, TaskKind::Departure, date, about)
}

/// As apps of version 3 and before named it, whichever room it was of.
pub fn departure_task_of_version_3(hotel: HotelId, date: BusinessDate, stay: StayId) -> TaskId {
    rule_task(hotel, "departure", date, stay)
}

/// The Stayover task of a stay on one business date.
pub fn stayover_task(hotel: HotelId, date: BusinessDate, stay: StayId) -> TaskId {
    rule_task(hotel, "stayover", date, stay)
}

/// The task that a rule makes of a room on a business date: a DeepClean, a Check.
pub fn room_task(hotel: HotelId, kind: TaskKind, date: BusinessDate, room: RoomId) -> TaskId {
    TaskId(derive(
        "room task",
        &[
            hotel.0.as_bytes(),
            kind.word().as_bytes(),
            date.to_string().as_bytes(),
            room.0.as_bytes(),
        ],
    ))
}

/// The task that a rule makes of a stay in a room on a business date, other than its Stayover.
pub fn stay_task(
    hotel: HotelId,
    kind: TaskKind,
    date: BusinessDate,
    (stay, room): (StayId, RoomId),
) -> TaskId {
    TaskId(derive(
        "stay task",
        &[
            hotel.0.as_bytes(),
            kind.word().as_bytes(),
            date.to_string().as_bytes(),
            stay.0.as_bytes(),
            room.0.as_bytes(),
        ],
    ))
}

/// The task that follows from another: its Inspection, or the clean that has to be done again.
pub fn following_task(hotel: HotelId, kind: TaskKind, task: TaskId) -> TaskId {
    TaskId(derive(
        "following task",
        &[
            hotel.0.as_bytes(),
            kind.word().as_bytes(),
            task.0.as_bytes(),
        ],
    ))
}

/// What two rooms are to each other, whichever is named first.
pub fn room_link(hotel: HotelId, one: RoomId, other: RoomId) -> LinkId {
    let (first, second) = (one.min(other), one.max(other));
    LinkId(derive(
        "room link",
        &[hotel.0.as_bytes(), first.0.as_bytes(), second.0.as_bytes()],
    ))
}

/// The rules of a scope.
pub fn rule_sheet(hotel: HotelId, scope: &RuleScope) -> RuleSheetId {
    RuleSheetId(derive(
        "rule sheet",
        &[hotel.0.as_bytes(), scope.to_string().as_bytes()],
    ))
}

fn rule_task(hotel: HotelId, rule: &str, date: BusinessDate, stay: StayId) -> TaskId {
    TaskId(derive(
        "task",
        &[
            hotel.0.as_bytes(),
            rule.as_bytes(),
            date.to_string().as_bytes(),
            stay.0.as_bytes(),
        ],
    ))
}

/// The actor that writes the first change of a document, the same on every replica.
pub fn genesis_actor(document: DocumentRef) -> Uuid {
    derive(
        "genesis",
        &[&[document.kind as u8], document.id.0.as_bytes()],
    )
}

/// The operation that imports one version of one row into one hotel.
pub fn import_operation(hotel: HotelId, document: DocumentRef, content: &[u8]) -> OperationId {
    OperationId(derive(
        "import",
        &[hotel.0.as_bytes(), document.id.0.as_bytes(), content],
    ))
}

/// The operation by which the server makes a version of a record.
pub fn record_operation(hotel: HotelId, record: RecordRef, version: u64) -> OperationId {
    OperationId(derive(
        "record",
        &[
            hotel.0.as_bytes(),
            record.kind.word().as_bytes(),
            record.id.0.as_bytes(),
            &version.to_be_bytes(),
        ],
    ))
}

fn derive(purpose: &str, parts: &[&[u8]]) -> Uuid {
    let mut hasher = blake3::Hasher::new_derive_key("Keyrack 2026 identity");
    for part in [purpose.as_bytes()].iter().chain(parts) {
        hasher.update(&(part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_rule_on_the_same_stay_makes_the_same_task_and_another_stay_another() {
        let hotel = hotel("resort");
        let date: BusinessDate = "2017-05-25".parse().unwrap();
        let first = stay(hotel, &[1; 32], 1);
        let twin = stay(hotel, &[1; 32], 2);
        let [here, there] = ["204", "205"].map(|number| room(hotel, number));
        let departure = |about| departure_task(hotel, date, about);
        assert_eq!(departure((first, here)), departure((first, here)));
        assert_ne!(departure((first, here)), departure((twin, here)));
        assert_ne!(departure((first, here)), departure((first, there)));
        assert_ne!(departure((first, here)), stayover_task(hotel, date, first));
    }

    #[test]
    fn parts_cannot_flow_into_each_other() {
        assert_ne!(derive("a", &[b"bc", b"d"]), derive("a", &[b"b", b"cd"]));
    }
}
