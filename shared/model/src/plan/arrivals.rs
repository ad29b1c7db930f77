//! The Arrival of a guest who is expected: with the day's planning, and during the day when a room is given
//! out or a booking is changed.

use super::{Planned, Planner, Unplanned, View};
use crate::{
    ids::{RoomId, StayId},
    room::Room,
    stay::{Stay, StayStatus},
    task::{Task, TaskKind, TaskRule},
    time::BusinessDate,
};

/// Whether a rule's Arrival of a stay is of no use any more after an edit.
pub(crate) fn is_needless(stay: StayId, task: &Task) -> bool {
    task.kind == TaskKind::Arrival && task.stay == Some(stay) && task.rule != TaskRule::Person
}

/// Whether a guest is due in by a date, or still to come.
pub(crate) fn comes_today(stay: &Stay, date: BusinessDate) -> bool {
    stay.status == StayStatus::Expected && stay.is_expected_on(date)
}

impl<V: View> Planner<'_, V> {
    /// The Arrival of a stay, if the rules want one.
    pub(super) fn arrival_due(
        &self,
        (id, stay): (StayId, &Stay),
        (room_id, room): (RoomId, &Room),
        date: BusinessDate,
    ) -> Planned<V> {
        if self.rules(room, Some(stay))?.arrival == 0 {
            return Ok(Vec::new());
        }
        let kind = TaskKind::Arrival;
        self.stay_task_due(kind, (id, room_id), date, TaskRule::ArrivalDue)
    }

    /// A stay that is given a room in the course of its first day.
    pub(super) fn expected_today(
        &self,
        (id, stay): (StayId, &Stay),
        (room_id, room): (RoomId, &Room),
    ) -> Planned<V> {
        let date = self.business_date()?;
        if !comes_today(stay, date) || self.has_arrival(id, room_id)? {
            return Ok(Vec::new());
        }
        self.arrival_due((id, stay), (room_id, room), date)
    }

    /// A booking that is moved to today, or away from it.
    pub(super) fn comes_on_another_day(&self, id: StayId, now: &Stay, after: &Stay) -> Planned<V> {
        let date = self.business_date()?;
        let Some(room_id) = after.room else {
            return Ok(Vec::new());
        };
        match (comes_today(now, date), comes_today(after, date)) {
            (true, false) => {
                let is_over = |task: &Task| is_needless(id, task);
                self.withdraw(room_id, is_over, TaskRule::StayGone)
            }
            (false, true) => self.expected_today((id, after), (room_id, &self.room(room_id)?)),
            (true, true) | (false, false) => Ok(Vec::new()),
        }
    }

    fn has_arrival(&self, stay: StayId, room: RoomId) -> Result<bool, Unplanned<V::Error>> {
        let open = self.open_tasks_of(room)?;
        let mut open = open.iter().map(|(_, task)| task);
        Ok(open.any(|task| task.kind == TaskKind::Arrival && task.stay == Some(stay)))
    }
}
