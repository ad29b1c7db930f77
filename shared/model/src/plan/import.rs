//! Rows of a source: what is unknown is made, what a person has written since is kept.

use super::{Planned, Planner, Unplanned, View};
use crate::{
    change::{Change, Entity},
    command::ImportedRow,
    ids::DocumentRef,
    room::RoomChange,
};

impl<V: View> Planner<'_, V> {
    pub(super) fn import(&self, row: &ImportedRow) -> Planned<V> {
        let (document, creation): (DocumentRef, Vec<Change>) = match row {
            ImportedRow::Room { room, fields } => ((*room).into(), fields.creation(*room)),
            ImportedRow::Stay { stay, fields } => ((*stay).into(), fields.creation(*stay)),
            ImportedRow::Task { task, fields } => ((*task).into(), fields.creation(*task)),
        };
        let known = self.view.entity(document).map_err(Unplanned::Unread)?;
        let Some(known) = known else {
            return Ok(creation.into_iter().map(|c| self.bound(c)).collect());
        };
        let mut changes = Vec::new();
        for change in creation {
            if is_kept_once_made(&known, &change)
                || known.field(change.key()) == Some(change.value())
            {
                continue;
            }
            let kept = self
                .view
                .written_by_person(document, change.key())
                .map_err(Unplanned::Unread)?;
            if !kept {
                changes.push(change);
            }
        }
        Ok(changes)
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

/// A source knows rooms and stays; what housekeeping makes of them is the hotel's own.
fn is_kept_once_made(known: &Entity, change: &Change) -> bool {
    match known {
        Entity::Room(_) => change.key() == "cleanliness",
        Entity::Task(_) => true,
        Entity::Stay(stay) => change.key() == "room" && stay.room.is_some(),
        Entity::Hotel(_) | Entity::WorkOrder(_) | Entity::Comment(_) => false,
    }
}
