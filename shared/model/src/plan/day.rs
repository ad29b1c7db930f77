//! The night audit: one day ends, and the rules make the next one's work, room by room.

use super::{Planned, Planner, View};
use crate::{ids::RoomId, refusal::Refusal, time::BusinessDate};

impl<V: View> Planner<'_, V> {
    pub(super) fn close_day(&self, date: BusinessDate) -> Planned<V> {
        let _ = (date,);
        Err(Refusal::NothingToDo.into())
    }

    pub(super) fn plan_room(&self, id: RoomId, date: BusinessDate) -> Planned<V> {
        let _ = (id, date);
        Err(Refusal::NothingToDo.into())
    }
}
