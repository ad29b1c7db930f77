//! Check-in and check-out, with their effect on the room and its tasks.

use super::{Planned, Planner, Unplanned, View, due::of_stay};
use crate::{
    change::Change,
    cleanliness::{Cleanliness, MarkCause, TurnKind},
    ids::{RoomId, StayId},
    refusal::Refusal,
    stay::{Stay, StayChange, StayStatus},
    task::{Task, TaskChange, TaskKind, TaskRule, TaskStatus},
    time::BusinessDate,
};

impl<V: View> Planner<'_, V> {
    pub(super) fn check_in(&self, id: StayId) -> Planned<V> {
        let stay = self.stay_in(id, StayStatus::Expected)?;
        let date = self.business_date()?;
        if stay.arrival > date {
            return Err(Refusal::ArrivesLater {
                arrival: stay.arrival,
            }
            .into());
        }
        let room_id = stay.room.ok_or(Refusal::NoRoom)?;
        let room = self.room(room_id)?;
        let others = self
            .view
            .stays_in_house(room_id)
            .map_err(Unplanned::Unread)?;
        if others.iter().any(|(other, _)| *other != id) {
            return Err(Refusal::RoomOccupied {
                number: room.number,
            }
            .into());
        }
        let mark = room.cleanliness;
        let mut changes = vec![
            Change::Stay(id, StayChange::Status(StayStatus::InHouse)),
            Change::Stay(id, StayChange::ArrivedAt(Some(self.context.at))),
        ];
        if stay.queued_at.is_some() {
            changes.push(Change::Stay(id, StayChange::QueuedAt(None)));
        }
        changes.push(self.mark(
            room_id,
            mark.value,
            mark.turn.arrival_of(id, date),
            MarkCause::CheckIn,
        ));
        let is_over = |task: &Task| is_over_at_check_in(id, task);
        changes.extend(self.withdraw(room_id, is_over, TaskRule::CheckIn)?);
        Ok(changes)
    }

    /// The stay ends on the day on which its guest leaves, whatever was said before. The room becomes
    /// Dirty, unless a housekeeper has already cleaned it for this departure, and its Departure task
    /// is there.
    pub(super) fn check_out(&self, id: StayId) -> Planned<V> {
        let stay = self.stay_in(id, StayStatus::InHouse)?;
        let date = self.business_date()?;
        let mut changes = vec![
            Change::Stay(id, StayChange::Status(StayStatus::Departed)),
            Change::Stay(id, StayChange::DepartedAt(Some(self.context.at))),
        ];
        if stay.departure != date && stay.arrival <= date {
            changes.push(Change::Stay(id, StayChange::Departure(date)));
        }
        let Some(room_id) = stay.room else {
            return Ok(changes);
        };
        let mark = self.room(room_id)?.cleanliness;
        let turn = mark.turn.departure_of(id, date);
        if turn != mark.turn {
            changes.push(self.mark(room_id, Cleanliness::Dirty, turn, MarkCause::CheckOut));
        }
        changes.extend(self.departure_task(id, &stay, room_id, date)?);
        Ok(changes)
    }

    /// Makes the Departure task of a stay, or brings it back; what is planned for the guest who
    /// has left gives way to it.
    fn departure_task(
        &self,
        stay_id: StayId,
        stay: &Stay,
        room_id: RoomId,
        date: BusinessDate,
    ) -> Planned<V> {
        let rule = rule_of_departure(stay, date);
        let open = self.open_tasks_of(room_id)?;
        let is_over =
            |task: &Task| task.business_date <= date && is_over_at_check_out(stay_id, task);
        let mut changes = self.withdraw(room_id, is_over, rule)?;
        let already = open
            .iter()
            .any(|(_, task)| task.kind == TaskKind::Departure && task.stay == Some(stay_id));
        let rules = self.rules(&self.room(room_id)?, Some(stay))?;
        if already || rules.departure == 0 {
            return Ok(changes);
        }
        let id = self.departure_id((stay_id, room_id), date)?;
        if self.exists(id.into())? {
            // Whoever cancelled it did not know that the guest would leave.
            if self.task(id)?.status == TaskStatus::Cancelled {
                changes.push(Change::Task(id, TaskChange::Status(TaskStatus::Planned)));
                changes.push(Change::Task(id, TaskChange::Rule(rule)));
            }
            return Ok(changes);
        }
        let mut of_day = open.iter().filter(|(_, task)| task.business_date == date);
        let task = Task {
            assignee: of_day.find_map(|(_, task)| task.assignee),
            ..of_stay(TaskKind::Departure, (stay_id, room_id), date, rule)
        };
        changes.extend(task.creation(id));
        Ok(changes)
    }

    pub(super) fn stay_in(
        &self,
        id: StayId,
        wanted: StayStatus,
    ) -> Result<Stay, Unplanned<V::Error>> {
        let stay = self.stay(id)?;
        if stay.status == wanted {
            Ok(stay)
        } else {
            Err(Refusal::StayState {
                status: stay.status,
            }
            .into())
        }
    }
}

/// The rule by which a guest's leaving makes a Departure.
pub(crate) fn rule_of_departure(stay: &Stay, date: BusinessDate) -> TaskRule {
    if stay.departure > date {
        TaskRule::EarlyDeparture
    } else {
        TaskRule::CheckOut
    }
}

/// Whether a guest who comes makes a task needless: nobody looks at a room any more in which they are.
pub(crate) fn is_over_at_check_in(stay: StayId, task: &Task) -> bool {
    let is_for_them = task.kind == TaskKind::Arrival && task.stay == Some(stay);
    matches!(task.kind, TaskKind::Check | TaskKind::Inspection) || is_for_them
}

/// Whether a stay's end makes a task needless that a rule had made for it. What is about the room as
/// the guest leaves it is not: it may have been cleaned for that already.
pub(crate) fn is_over_at_check_out(stay: StayId, task: &Task) -> bool {
    let is_of_departure = task.kind == TaskKind::Departure
        || (task.turn).is_some_and(|turn| turn.kind == TurnKind::Departure);
    task.stay == Some(stay) && !is_of_departure && task.rule != TaskRule::Person
}
