//! A guest in house who leaves on another day than was said: what is done in their room today.
//!
//! **Architecture Invariant**: what somebody has started, pinned or noted goes on, and a room that is
//! cleaned for a departure already is not cleaned for the night too.

use super::{Planned, Planner, Unplanned, View, day::work::RoomDay};
use crate::{
    change::{Change, Entity},
    ids::{DocumentKind, RoomId, StayId},
    stay::{Stay, StayStatus},
    task::{Task, TaskKind, TaskRule, TaskStatus},
    time::BusinessDate,
};

/// What another last day makes of today.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Today {
    /// They were to leave, and stay on.
    StaysOn,
    /// They were to stay on, and leave.
    Leaves,
}

impl Today {
    /// None where today is for the guest what it was.
    pub(crate) fn of(now: &Stay, after: &Stay, date: BusinessDate) -> Option<Self> {
        if now.status != StayStatus::InHouse {
            return None;
        }
        match (now.departure <= date, after.departure <= date) {
            (true, false) => Some(Self::StaysOn),
            (false, true) => Some(Self::Leaves),
            (true, true) | (false, false) => None,
        }
    }

    /// The rule by which needless work is cancelled.
    pub(crate) fn rule(self) -> TaskRule {
        match self {
            Self::StaysOn => TaskRule::StayContinues,
            Self::Leaves => TaskRule::DepartureDue,
        }
    }

    /// Whether a task that a rule had made of the stay is not due any more.
    pub(crate) fn ends(self, stay: StayId, task: &Task) -> bool {
        let is_of_kind = match self {
            Self::StaysOn => task.kind == TaskKind::Departure,
            Self::Leaves => is_of_a_night(task.kind),
        };
        is_of_kind && task.stay == Some(stay) && task.rule != TaskRule::Person
    }
}

/// What the rules have done for a guest who stays on.
pub(crate) fn is_of_a_night(kind: TaskKind) -> bool {
    match kind {
        TaskKind::Stayover | TaskKind::LinenChange | TaskKind::Turndown => true,
        TaskKind::Departure
        | TaskKind::Arrival
        | TaskKind::TouchUp
        | TaskKind::DeepClean
        | TaskKind::Inspection
        | TaskKind::Check
        | TaskKind::Extra
        | TaskKind::GuestRequest
        | TaskKind::Delivery
        | TaskKind::Round => false,
    }
}

impl<V: View> Planner<'_, V> {
    /// What another last day of a stay does to the work of today in its room.
    pub(super) fn leaves_on_another_day(&self, id: StayId, now: &Stay, after: &Stay) -> Planned<V> {
        let date = self.business_date()?;
        let Some((room_id, today)) = now.room.zip(Today::of(now, after, date)) else {
            return Ok(Vec::new());
        };
        let is_over = |task: &Task| task.business_date <= date && today.ends(id, task);
        let mut changes = self.withdraw(room_id, is_over, today.rule())?;
        if today == Today::StaysOn && self.is_seen_to(id, room_id, &changes)? {
            return Ok(changes);
        }
        let room = self.room(room_id)?;
        let rules = self.rules(&room, Some(after))?;
        let mut open = self.open_tasks_of(room_id)?;
        open.retain(|(_, task)| task.business_date <= date && !today.ends(id, task));
        let day = RoomDay {
            id: room_id,
            room,
            stays: Vec::new(),
            open,
            date,
        };
        changes.extend(self.stay_due(&day, (id, after), &rules)?);
        Ok(changes)
    }

    /// Whether a Departure of the stay goes on in the room, or is done already.
    fn is_seen_to(
        &self,
        stay: StayId,
        room: RoomId,
        withdrawn: &[Change],
    ) -> Result<bool, Unplanned<V::Error>> {
        let found = self.view.about_room(room, DocumentKind::Task);
        let mut found = found.map_err(Unplanned::Unread)?.into_iter();
        let date = self.business_date()?;
        Ok(found.any(|(document, entity)| {
            let Entity::Task(task) = entity else {
                return false;
            };
            let is_of_stay = task.room == Some(room)
                && task.kind == TaskKind::Departure
                && task.stay == Some(stay);
            let goes_on = match task.status {
                TaskStatus::Done => task.business_date == date,
                TaskStatus::Planned | TaskStatus::Paused | TaskStatus::InProgress => {
                    let mut withdrawn = withdrawn.iter();
                    !withdrawn.any(|change| change.document() == document)
                }
                TaskStatus::Cancelled => false,
            };
            is_of_stay && goes_on
        }))
    }
}
