//! Registers of rooms, set by people.

use super::{Planned, Planner, View};
use crate::{
    change::Change,
    cleanliness::Cleanliness,
    command::{RoomDraft, RoomEdit},
    ids::RoomId,
    limits::{MAX_ACTION_CHANGES, MAX_BULK_ROOMS},
    refusal::Refusal,
    room::{Occupancy, OccupancySeen, RoomChange, ServiceStatus},
    room_link::RoomLinkKind,
};
use std::collections::BTreeSet;

/// The room, the clean or inspection that ends, and what is made instead: when many rooms at once do
/// not fit, so many do.
const DOCUMENTS_OF_A_MARK: usize = 3;

impl<V: View> Planner<'_, V> {
    /// What the rules make of it has to go into the action too.
    pub(super) fn set_cleanliness(&self, rooms: &[RoomId], value: Cleanliness) -> Planned<V> {
        if rooms.len() > MAX_BULK_ROOMS {
            return Err(Refusal::TooMany {
                limit: MAX_BULK_ROOMS,
            }
            .into());
        }
        let mut changes = Vec::new();
        for id in rooms {
            changes.extend(self.marked(*id, value)?);
        }
        let documents: BTreeSet<_> = changes.iter().map(Change::document).collect();
        if documents.len() > MAX_ACTION_CHANGES {
            return Err(Refusal::TooMany {
                limit: MAX_ACTION_CHANGES / DOCUMENTS_OF_A_MARK,
            }
            .into());
        }
        Ok(changes)
    }

    pub(super) fn set_occupancy_seen(&self, id: RoomId, value: Occupancy) -> Planned<V> {
        self.room(id)?;
        let seen = OccupancySeen {
            value,
            at: self.context.at,
        };
        Ok(vec![Change::Room(id, RoomChange::HkOccupancy(seen))])
    }

    pub(super) fn set_service_status(&self, id: RoomId, value: ServiceStatus) -> Planned<V> {
        if self.room(id)?.service_status == value {
            return Ok(vec![]);
        }
        Ok(vec![Change::Room(id, RoomChange::ServiceStatus(value))])
    }

    pub(super) fn add_room(&self, id: RoomId, draft: &RoomDraft) -> Planned<V> {
        let _ = (id, draft);
        Err(Refusal::NothingToDo.into())
    }

    pub(super) fn edit_room(&self, id: RoomId, edit: &RoomEdit) -> Planned<V> {
        let _ = (id, edit);
        Err(Refusal::NothingToDo.into())
    }

    pub(super) fn set_rush(&self, rooms: &[RoomId], rush: bool) -> Planned<V> {
        let _ = (rooms, rush);
        Err(Refusal::NothingToDo.into())
    }

    pub(super) fn note_room(&self, id: RoomId, text: &str, base: &str) -> Planned<V> {
        let _ = (id, text, base);
        Err(Refusal::NothingToDo.into())
    }

    pub(super) fn link_rooms(
        &self,
        first: RoomId,
        second: RoomId,
        kind: Option<RoomLinkKind>,
    ) -> Planned<V> {
        let _ = (first, second, kind);
        Err(Refusal::NothingToDo.into())
    }
}
