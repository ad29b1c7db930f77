//! Check-in and check-out, with their effect on the room and its tasks.

use super::{Planned, Planner, Unplanned, View, stays::is_for_a_guest_who_stays};
use crate::{
    change::{Change, Entity},
    cleanliness::{Cleanliness, MarkCause},
    identity,
    ids::{RoomId, StayId, TaskId},
    refusal::Refusal,
    stay::{Stay, StayChange, StayStatus},
    task::{Task, TaskKind, TaskRule},
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
        let is_check = |task: &Task| task.kind == TaskKind::Check;
        changes.extend(self.withdraw(room_id, is_check, TaskRule::CheckIn)?);
        Ok(changes)
    }

    /// The room becomes Dirty, unless a housekeeper has already cleaned it for this departure,
    /// and its Departure task is there.
    pub(super) fn check_out(&self, id: StayId) -> Planned<V> {
        let stay = self.stay_in(id, StayStatus::InHouse)?;
        let date = self.business_date()?;
        let mut changes = vec![
            Change::Stay(id, StayChange::Status(StayStatus::Departed)),
            Change::Stay(id, StayChange::DepartedAt(Some(self.context.at))),
        ];
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

    /// Makes the Departure task of a stay, or brings it back; a Stayover that nobody has started
    /// gives way to it.
    fn departure_task(
        &self,
        stay_id: StayId,
        stay: &Stay,
        room: RoomId,
        date: BusinessDate,
    ) -> Planned<V> {
        let early = stay.departure > date;
        let rule = if early {
            TaskRule::EarlyDeparture
        } else {
            TaskRule::CheckOut
        };
        let is_replaced =
            |task: &Task| task.stay == Some(stay_id) && is_for_a_guest_who_stays(task.kind);
        let mut changes = self.withdraw(room, is_replaced, rule)?;
        let open = self
            .view
            .open_tasks(room, date)
            .map_err(Unplanned::Unread)?;
        let already = open
            .iter()
            .any(|(_, task)| task.kind == TaskKind::Departure && task.stay == Some(stay_id));
        if already {
            return Ok(changes);
        }
        let task = Task {
            kind: TaskKind::Departure,
            room: Some(room),
            stay: Some(stay_id),
            business_date: date,
            rule,
            assignee: open.iter().find_map(|(_, task)| task.assignee),
            ..Task::default()
        };
        let id = self.departure_id(stay_id, room, date)?;
        changes.extend(self.make_or_bring_back(id, task)?);
        Ok(changes)
    }

    /// The Departure of a stay; when that is of a room which the guest has moved out of today, one
    /// of this room.
    fn departure_id(
        &self,
        stay: StayId,
        room: RoomId,
        date: BusinessDate,
    ) -> Result<TaskId, Unplanned<V::Error>> {
        let id = identity::departure_task(self.context.hotel, date, stay);
        let known = self.view.entity(id.into()).map_err(Unplanned::Unread)?;
        Ok(match known {
            Some(Entity::Task(task)) if task.room != Some(room) => {
                identity::stay_task(self.context.hotel, TaskKind::Departure, date, (stay, room))
            }
            _ => id,
        })
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
