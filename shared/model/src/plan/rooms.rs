//! Registers of rooms, set by people.

use super::{
    Planned, Planner, Unplanned, View, check_length, optional_text, text, work_orders::over,
};
use crate::{
    change::{Change, Entity},
    cleanliness::Cleanliness,
    command::{RoomDraft, RoomEdit},
    identity,
    ids::RoomId,
    limits::{MAX_ACTION_CHANGES, MAX_BULK_ROOMS, MAX_FLOOR, MAX_NAME, MAX_TEXT},
    refusal::Refusal,
    room::{Occupancy, OccupancySeen, Room, RoomChange, ServiceStatus},
    room_link::{RoomLink, RoomLinkChange, RoomLinkKind},
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
        let rooms: BTreeSet<&RoomId> = rooms.iter().collect();
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
        let change = RoomChange::ServiceStatus(value);
        let differs = self.room(id)?.service_status != value;
        if differs || self.is_contested(id.into(), change.key())? {
            return Ok(vec![Change::Room(id, change)]);
        }
        Ok(vec![])
    }

    pub(super) fn add_room(&self, id: RoomId, draft: &RoomDraft) -> Planned<V> {
        let room = added(draft)?;
        if id != identity::room(self.context.hotel, &room.number) {
            return Err(Refusal::NotFound.into());
        }
        if self.exists(id.into())? {
            return Err(Refusal::RoomExists {
                number: room.number,
            }
            .into());
        }
        Ok(room.creation(id))
    }

    pub(super) fn edit_room(&self, id: RoomId, edit: &RoomEdit) -> Planned<V> {
        let now = self.room(id)?;
        let mut changes = Vec::new();
        for change in edited(edit)? {
            let differs = now.field(change.key()) != Some(change.value());
            if differs || self.is_contested(id.into(), change.key())? {
                changes.push(Change::Room(id, change));
            }
        }
        Ok(changes)
    }

    pub(super) fn set_rush(&self, rooms: &[RoomId], rush: bool) -> Planned<V> {
        if rooms.len() > MAX_BULK_ROOMS {
            return Err(Refusal::TooMany {
                limit: MAX_BULK_ROOMS,
            }
            .into());
        }
        let mut changes = Vec::new();
        for id in rooms {
            if self.room(*id)?.rush != rush {
                changes.push(Change::Room(*id, RoomChange::Rush(rush)));
            }
        }
        Ok(changes)
    }

    pub(super) fn note_room(&self, id: RoomId, typed: &str, base: &str) -> Planned<V> {
        let now = self.room(id)?;
        let note = noted(typed, base, &now.note)?;
        let change = RoomChange::Note(note);
        let differs = now.field(change.key()) != Some(change.value());
        if differs || self.is_contested(id.into(), change.key())? {
            return Ok(vec![Change::Room(id, change)]);
        }
        Ok(vec![])
    }

    /// What two rooms are to each other. Of a whole and its part the whole is named first.
    pub(super) fn link_rooms(
        &self,
        first: RoomId,
        second: RoomId,
        kind: Option<RoomLinkKind>,
    ) -> Planned<V> {
        self.room(first)?;
        self.room(second)?;
        if first == second {
            return Err(Refusal::SameRoom.into());
        }
        let id = identity::room_link(self.context.hotel, first, second);
        let known = self.view.entity(id.into()).map_err(Unplanned::Unread)?;
        let wanted = linked(first, second, kind);
        let Some(Entity::RoomLink(now)) = known else {
            // Rooms that were never linked need no note of it.
            return Ok(match kind {
                Some(_) => wanted.creation(id),
                None => vec![],
            });
        };
        let fields = match kind {
            Some(kind) => vec![
                RoomLinkChange::First(wanted.first),
                RoomLinkChange::Second(wanted.second),
                RoomLinkChange::Kind(kind),
                RoomLinkChange::Removed(false),
            ],
            None => vec![RoomLinkChange::Removed(true)],
        };
        let differs = |change: &RoomLinkChange| now.field(change.key()) != Some(change.value());
        Ok(fields
            .into_iter()
            .filter(differs)
            .map(|change| Change::RoomLink(id, change))
            .collect())
    }
}

/// A room as it was asked for.
///
/// # Errors
/// No number, or a text that is too long.
pub(crate) fn added(draft: &RoomDraft) -> Result<Room, Refusal> {
    Ok(Room {
        number: text("number", &draft.number, MAX_NAME)?,
        floor: floor(draft.floor)?,
        room_type: optional_text("room_type", &draft.room_type, MAX_NAME)?,
        section: optional_text("section", &draft.section, MAX_NAME)?,
        building: optional_text("building", &draft.building, MAX_NAME)?,
        used_for: draft.used_for,
        ..Room::default()
    })
}

/// The fields that an edit gives a room, in the form in which they are kept.
///
/// # Errors
/// As [`added`].
pub(crate) fn edited(edit: &RoomEdit) -> Result<Vec<RoomChange>, Refusal> {
    let name = |field: &str, typed: &Option<String>| match typed {
        Some(typed) => optional_text(field, typed, MAX_NAME).map(Some),
        None => Ok(None),
    };
    let fields = [
        edit.floor.map(floor).transpose()?.map(RoomChange::Floor),
        name("room_type", &edit.room_type)?.map(RoomChange::RoomType),
        name("section", &edit.section)?.map(RoomChange::Section),
        name("building", &edit.building)?.map(RoomChange::Building),
        edit.used_for.map(RoomChange::UsedFor),
    ];
    Ok(fields.into_iter().flatten().collect())
}

/// A note as it comes to be, typed over `base` when `present` is there by now.
///
/// # Errors
/// A note that is too long, or that somebody else wrote meanwhile.
pub(crate) fn noted(typed: &str, base: &str, present: &str) -> Result<String, Refusal> {
    let typed = optional_text("note", typed, MAX_TEXT)?;
    let note = over("note", Some(base), typed, present)?;
    check_length("note", &note, MAX_TEXT)?;
    Ok(note)
}

pub(crate) fn linked(first: RoomId, second: RoomId, kind: Option<RoomLinkKind>) -> RoomLink {
    RoomLink {
        first: Some(first),
        second: Some(second),
        kind: kind.unwrap_or_default(),
        removed: false,
    }
}

fn floor(floor: i64) -> Result<i64, Refusal> {
    if (-MAX_FLOOR..=MAX_FLOOR).contains(&floor) {
        Ok(floor)
    } else {
        Err(Refusal::BadNumber {
            field: "floor".to_owned(),
            least: -MAX_FLOOR,
            most: MAX_FLOOR,
        })
    }
}
