//! Rows of a source: what is unknown is made, what a person has written since is kept.

use super::{Planned, Planner, Unplanned, View};
use crate::{
    change::{Change, Entity, fields_of},
    cleanliness::{Cleanliness, CleanlinessMark},
    command::ImportedRow,
    hotel::HotelChange,
    ids::{DocumentRef, HotelId},
    room::RoomChange,
    time::BusinessDate,
};

impl<V: View> Planner<'_, V> {
    pub(super) fn import(&self, row: &ImportedRow) -> Planned<V> {
        match row {
            ImportedRow::Room { room, fields } => {
                self.import_document((*room).into(), &fields.clone().into())
            }
            ImportedRow::Stay { stay, fields } => {
                self.import_document((*stay).into(), &fields.clone().into())
            }
            ImportedRow::Task { task, fields } => {
                self.import_document((*task).into(), &fields.clone().into())
            }
            ImportedRow::BusinessDate { hotel, date } => self.move_date(*hotel, *date),
        }
    }

    fn import_document(&self, document: DocumentRef, source: &Entity) -> Planned<V> {
        let known = self.view.entity(document).map_err(Unplanned::Unread)?;
        let (before, is_new) = match known {
            Some(known) => (known, false),
            None => (Entity::empty(document.kind), true),
        };
        let mut changes = Vec::new();
        for (key, _) in fields_of(document.kind) {
            let Some(value) = source
                .field(key)
                .filter(|v| before.field(key).as_ref() != Some(v))
            else {
                continue;
            };
            if !is_new && self.is_kept(document, &before, source, key)? {
                continue;
            }
            let change = Change::from_field(document, key, &value);
            changes.extend(change.map(|change| self.bound(change)));
        }
        Ok(changes)
    }

    /// Whether a document that exists keeps what it has in a field.
    fn is_kept(
        &self,
        document: DocumentRef,
        known: &Entity,
        source: &Entity,
        key: &str,
    ) -> Result<bool, Unplanned<V::Error>> {
        if let (Entity::Room(known), Entity::Room(source), "cleanliness") = (known, source, key) {
            return Ok(!begins_dirty(&source.cleanliness, &known.cleanliness));
        }
        if is_kept_once_made(known, key) {
            return Ok(true);
        }
        let by_person = self.view.written_by_person(document, key);
        by_person.map_err(Unplanned::Unread)
    }

    fn move_date(&self, hotel: HotelId, date: BusinessDate) -> Planned<V> {
        if self.hotel(hotel)?.business_date >= date {
            return Ok(Vec::new());
        }
        Ok(vec![Change::Hotel(hotel, HotelChange::BusinessDate(date))])
    }

    /// A mark carries the action that made it.
    fn bound(&self, change: Change) -> Change {
        match change {
            Change::Room(room, RoomChange::Cleanliness(mark)) => {
                self.mark(room, mark.value, mark.turn, mark.cause)
            }
            change => change,
        }
    }
}

/// What people found holds for its own turn, and makes nothing ready for a later guest. No import
/// makes a room ready that the hotel has.
fn begins_dirty(source: &CleanlinessMark, known: &CleanlinessMark) -> bool {
    source.value == Cleanliness::Dirty && source.turn.is_after(known.turn)
}

/// A source knows rooms and stays; what the desk and housekeeping make of them is the hotel's own.
fn is_kept_once_made(known: &Entity, key: &str) -> bool {
    match known {
        Entity::Room(_) => matches!(key, "hk_occupancy" | "service_status"),
        Entity::Task(_) => true,
        Entity::Stay(stay) => match key {
            "room" => stay.room.is_some(),
            "arrived_at" | "departed_at" => true,
            _ => false,
        },
        Entity::Hotel(_)
        | Entity::WorkOrder(_)
        | Entity::Comment(_)
        | Entity::RoomBlock(_)
        | Entity::RoomLink(_)
        | Entity::RuleSheet(_) => false,
    }
}
