//! Stays at the desk: booked, edited, given a room, moved, ended before they began.

use super::{Planned, Planner, View};
use crate::{
    command::{StayDraft, StayEdit},
    ids::{RoomId, StayId},
    refusal::Refusal,
};

impl<V: View> Planner<'_, V> {
    pub(super) fn book(&self, id: StayId, draft: &StayDraft) -> Planned<V> {
        let _ = (id, draft);
        Err(Refusal::NothingToDo.into())
    }

    pub(super) fn edit_stay(&self, id: StayId, edit: &StayEdit) -> Planned<V> {
        let _ = (id, edit);
        Err(Refusal::NothingToDo.into())
    }

    pub(super) fn cancel_stay(&self, id: StayId) -> Planned<V> {
        let _ = (id,);
        Err(Refusal::NothingToDo.into())
    }

    pub(super) fn mark_no_show(&self, id: StayId) -> Planned<V> {
        let _ = (id,);
        Err(Refusal::NothingToDo.into())
    }

    pub(super) fn assign_room(&self, id: StayId, room: Option<RoomId>) -> Planned<V> {
        let _ = (id, room);
        Err(Refusal::NothingToDo.into())
    }

    pub(super) fn move_room(&self, id: StayId, room: RoomId) -> Planned<V> {
        let _ = (id, room);
        Err(Refusal::NothingToDo.into())
    }

    pub(super) fn set_queued(&self, id: StayId, queued: bool) -> Planned<V> {
        let _ = (id, queued);
        Err(Refusal::NothingToDo.into())
    }
}
