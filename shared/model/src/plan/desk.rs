//! Check-in and check-out, with their effect on the room and its tasks.

use super::{Planned, Planner, Unplanned, View, due::of_stay};
use crate::{
    change::Change,
    cleanliness::{Cleanliness, MarkCause, TurnKind},
    ids::{RoomId, StayId},
    refusal::Refusal,
    room::Room,
    room_block::BlockKind,
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
        self.check_in_order((room_id, &room), date)?;
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
        changes.extend(self.guest_is_in((id, &stay), (room_id, &room), date)?);
        Ok(changes)
    }

    /// What a guest who has come into a room makes of its work: what was to be looked at before is not
    /// any more, and on their last day they are cleaned up after.
    pub(super) fn guest_is_in(
        &self,
        (id, stay): (StayId, &Stay),
        (room_id, room): (RoomId, &Room),
        date: BusinessDate,
    ) -> Planned<V> {
        let rules = self.rules(room, Some(stay))?;
        let is_over = |task: &Task| {
            let ends = task.kind == TaskKind::Arrival || rules.check_in_ends_checks != 0;
            ends && task.business_date <= date && is_over_at_check_in(id, task)
        };
        let mut changes = self.withdraw(room_id, is_over, TaskRule::CheckIn)?;
        if rules.departure != 0 {
            changes.extend(self.leaves_today((id, stay), room_id, date)?);
        }
        Ok(changes)
    }

    /// Nobody is brought into a room that is out of order.
    fn check_in_order(
        &self,
        (id, room): (RoomId, &Room),
        date: BusinessDate,
    ) -> Result<(), Unplanned<V::Error>> {
        let blocks = self.open_blocks_of(id)?;
        let mut blocks = blocks.iter().map(|(_, block)| block);
        match blocks.find(|block| block.kind == BlockKind::OutOfOrder && block.covers(date)) {
            Some(block) => Err(Refusal::RoomOutOfOrder {
                number: room.number.clone(),
                until: block.until,
            }
            .into()),
            None => Ok(()),
        }
    }

    /// A guest who comes into a room for what is left of their last day has a Departure there, as if
    /// the day had been planned with them.
    fn leaves_today(
        &self,
        (id, stay): (StayId, &Stay),
        room_id: RoomId,
        date: BusinessDate,
    ) -> Planned<V> {
        if stay.departure > date {
            return Ok(Vec::new());
        }
        let open = self.open_tasks_of(room_id)?;
        let is_theirs = |task: &Task| task.kind == TaskKind::Departure && task.stay == Some(id);
        if open.iter().any(|(_, task)| is_theirs(task)) {
            return Ok(Vec::new());
        }
        self.departure_due((id, room_id), date, TaskRule::DepartureDue)
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
