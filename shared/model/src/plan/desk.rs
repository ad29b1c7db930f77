//! Check-in and check-out, with their effect on the room and its tasks.

use super::{Planned, Planner, Unplanned, View};
use crate::{
    change::Change,
    cleanliness::{Cleanliness, MarkCause},
    identity,
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
        Ok(vec![
            Change::Stay(id, StayChange::Status(StayStatus::InHouse)),
            Change::Stay(id, StayChange::ArrivedAt(Some(self.context.at))),
            self.mark(
                room_id,
                mark.value,
                mark.turn.arrival_of(id, date),
                MarkCause::CheckIn,
            ),
        ])
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
        let mut changes = Vec::new();
        let open = self
            .view
            .open_tasks(room, date)
            .map_err(Unplanned::Unread)?;
        for (other, task) in &open {
            let replaced = task.kind == TaskKind::Stayover
                && task.stay == Some(stay_id)
                && task.status == TaskStatus::Planned;
            if replaced {
                changes.push(Change::Task(
                    *other,
                    TaskChange::Status(TaskStatus::Cancelled),
                ));
                changes.push(Change::Task(*other, TaskChange::Rule(rule)));
            }
        }
        let already = open
            .iter()
            .any(|(_, task)| task.kind == TaskKind::Departure && task.stay == Some(stay_id));
        let id = identity::departure_task(self.context.hotel, date, stay_id);
        if already {
            return Ok(changes);
        }
        if self.exists(id.into())? {
            if self.task(id)?.status == TaskStatus::Cancelled {
                changes.push(Change::Task(id, TaskChange::Status(TaskStatus::Planned)));
                changes.push(Change::Task(id, TaskChange::Rule(rule)));
            }
            return Ok(changes);
        }
        let assignee = open.iter().find_map(|(_, task)| task.assignee);
        let task = Task {
            kind: TaskKind::Departure,
            room: Some(room),
            stay: Some(stay_id),
            business_date: date,
            rule,
            assignee,
            ..Task::default()
        };
        changes.extend(task.creation(id));
        Ok(changes)
    }

    fn stay_in(&self, id: StayId, wanted: StayStatus) -> Result<Stay, Unplanned<V::Error>> {
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
