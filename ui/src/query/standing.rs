//! Which actions of a story nobody wrote over: only those can be taken back.

use keyrack_model::{
    change::rule_of,
    ids::{DocumentRef, OperationId},
    merge::MergeRule,
    plan::origin::{Writings, is_by},
    rows::{HistoryEntry, HistoryField},
};
use std::convert::Infallible;

/// Whether each field that an action wrote still says what it wrote, as far as the story tells.
/// Entries come newest first. Of a text its words decide, which the story does not have.
pub fn stands(entries: &[HistoryEntry], operation: OperationId) -> bool {
    for entry in entries {
        if entry.operation != operation {
            continue;
        }
        let document = entry.document;
        for HistoryField { key, .. } in &entry.fields {
            let field = Field {
                entries,
                document,
                key,
            };
            let Ok(stands) = is_by(Some(operation), field.writers_after(0), &field);
            if !stands && !matches!(rule_of(document.kind, key), Some(MergeRule::Text)) {
                return false;
            }
        }
    }
    true
}

/// One field in a story.
struct Field<'a> {
    entries: &'a [HistoryEntry],
    document: DocumentRef,
    key: &'a str,
}

impl Field<'_> {
    /// Who wrote it last, of a place in the story or before.
    fn writers_after(&self, place: usize) -> Vec<OperationId> {
        let wrote = |entry: &&HistoryEntry| {
            entry.document == self.document && entry.fields.iter().any(|it| it.key == self.key)
        };
        let writer = self.entries[place..].iter().find(wrote);
        writer.map(|entry| entry.operation).into_iter().collect()
    }

    fn place_of(&self, operation: OperationId) -> Option<usize> {
        let is_it =
            |entry: &HistoryEntry| entry.operation == operation && entry.document == self.document;
        self.entries.iter().position(is_it)
    }
}

impl Writings for Field<'_> {
    type Error = Infallible;

    fn taken_back(&self, operation: OperationId) -> Result<Option<OperationId>, Infallible> {
        let place = self.place_of(operation);
        Ok(place.and_then(|place| self.entries[place].command.undoes()))
    }

    fn writers_before(
        &self,
        operation: OperationId,
    ) -> Result<Option<Vec<OperationId>>, Infallible> {
        let place = self.place_of(operation);
        Ok(place.map(|place| self.writers_after(place + 1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::{
        command::Command,
        field::FieldValue,
        ids::{DeviceId, RoomId, UserId},
        room::Occupancy,
        time::Timestamp,
    };
    use uuid::Uuid;

    const ROOM: RoomId = RoomId(Uuid::from_u128(204));

    fn name(number: u128) -> OperationId {
        OperationId(Uuid::from_u128(number))
    }

    /// The story of one room, from the beginning: who wrote which field, taking back what.
    fn story(told: &[(u128, &str, Option<u128>)]) -> Vec<HistoryEntry> {
        let entry = |(number, key, undoes): &(u128, &str, Option<u128>)| HistoryEntry {
            document: ROOM.into(),
            operation: name(*number),
            command: match undoes {
                Some(undone) => Command::Undo {
                    operation: name(*undone),
                },
                None => Command::SetOccupancySeen {
                    room: ROOM,
                    value: Occupancy::Vacant,
                },
            },
            author: UserId::default(),
            device: DeviceId::default(),
            at: Timestamp(0),
            known_at: None,
            fields: vec![HistoryField {
                key: (*key).to_owned(),
                before: FieldValue::Nothing,
                after: FieldValue::Nothing,
            }],
        };
        told.iter().rev().map(entry).collect()
    }

    #[test]
    fn what_was_written_over_does_not_stand_and_what_was_put_back_does() {
        let told = story(&[
            (1, "cleanliness", None),
            (2, "hk_occupancy", None),
            (3, "cleanliness", None),
            (4, "cleanliness", Some(3)),
        ]);
        let stand = |told: &[HistoryEntry], numbers: std::ops::RangeInclusive<u128>| {
            let stand = numbers.filter(|number| stands(told, name(*number)));
            stand.collect::<Vec<_>>()
        };
        assert_eq!(stand(&told, 1..=4), [1, 2, 4]);
        assert_eq!(stand(&told[1..], 1..=3), [2, 3]);
    }
}
