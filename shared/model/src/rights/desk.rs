//! Check-in and check-out, with what they do to the room and its tasks.

use super::{Judged, Rights, Write, due::not_here_yet};
use crate::{
    change::Change,
    cleanliness::{Cleanliness, CleanlinessMark, MarkCause},
    identity,
    ids::{HotelId, RoomId, StayId, TaskId},
    plan::{
        desk::{is_over_at_check_in, is_over_at_check_out, rule_of_departure},
        due::of_stay,
    },
    refusal::Refusal,
    room::RoomChange,
    stay::{Stay, StayChange, StayStatus},
    task::{Task, TaskChange, TaskKind, TaskRule, TaskStatus},
    time::BusinessDate,
};

impl Rights<'_> {
    pub(super) fn check_in(&self, id: StayId, change: &Change) -> Judged {
        let before = self.stay_in(id, StayStatus::Expected)?;
        match change {
            Change::Stay(stay, StayChange::Status(status)) => {
                Ok(Write::when(*stay == id && *status == StayStatus::InHouse))
            }
            Change::Stay(stay, StayChange::ArrivedAt(at)) => {
                Ok(Write::when(*stay == id && *at == Some(self.context.at)))
            }
            Change::Stay(stay, StayChange::QueuedAt(None)) => Ok(Write::when(*stay == id)),
            Change::Room(room, RoomChange::Cleanliness(mark)) => {
                let known = self.room(*room)?.cleanliness;
                let date = self.acted_on(mark, &known)?;
                let turn = known.turn.arrival_of(id, date);
                Ok(Write::when(
                    before.room == Some(*room)
                        && before.arrival <= date
                        && *mark == self.mark(known.value, turn, MarkCause::CheckIn),
                ))
            }
            Change::Task(task, change) => {
                self.cancelled_by(*task, change, TaskRule::CheckIn, |task| {
                    task.room == before.room && is_over_at_check_in(id, task)
                })
            }
            _ => Ok(Write::Beyond),
        }
    }

    pub(super) fn check_out(&self, id: StayId, change: &Change) -> Judged {
        let before = self.stay_in(id, StayStatus::InHouse)?;
        match change {
            Change::Stay(stay, StayChange::Status(status)) => {
                Ok(Write::when(*stay == id && *status == StayStatus::Departed))
            }
            Change::Stay(stay, StayChange::DepartedAt(at)) => {
                Ok(Write::when(*stay == id && *at == Some(self.context.at)))
            }
            Change::Stay(stay, StayChange::Departure(date)) => {
                if *date > self.today {
                    return Err(not_here_yet());
                }
                let is_another = *date != before.departure && *date >= before.arrival;
                Ok(Write::when(*stay == id && is_another))
            }
            Change::Room(room, RoomChange::Cleanliness(mark)) => {
                let known = self.room(*room)?.cleanliness;
                let date = self.acted_on(mark, &known)?;
                let turn = known.turn.departure_of(id, date);
                Ok(Write::when(
                    before.room == Some(*room)
                        && turn != known.turn
                        && *mark == self.mark(Cleanliness::Dirty, turn, MarkCause::CheckOut),
                ))
            }
            Change::Task(task, change) => {
                let room = before.room.ok_or(Refusal::NoRoom)?;
                self.cleaning(*task, (id, before, room), change)
            }
            _ => Ok(Write::Beyond),
        }
    }

    /// What nobody has started gives way; the Departure is made, or comes back.
    fn cleaning(
        &self,
        id: TaskId,
        (stay_id, stay, room): (StayId, &Stay, RoomId),
        change: &TaskChange,
    ) -> Judged {
        let hotel = self.context.hotel;
        let is_named = |date| is_departure(hotel, id, date, (stay_id, room));
        if let Some(date) = self.date_when(stay.departure, is_named)? {
            // Whoever has a task of the room that day gets this one: that is not looked up.
            let assignee = match change {
                TaskChange::Assignee(person) => *person,
                _ => None,
            };
            let rule = rule_of_departure(stay, date);
            let made = Task {
                assignee,
                ..of_stay(TaskKind::Departure, (stay_id, room), date, rule)
            };
            return self.departs(id, &made, change);
        }
        if self.makes(id.into())? {
            return Ok(Write::Beyond);
        }
        let date = self.task(id)?.business_date;
        if date > self.today {
            return Err(not_here_yet());
        }
        let rule = match change {
            // What is over may be of an earlier day than the one on which the guest leaves.
            TaskChange::Rule(TaskRule::CheckOut) if stay.departure <= self.today => {
                TaskRule::CheckOut
            }
            _ => rule_of_departure(stay, date),
        };
        self.cancelled_by(id, change, rule, |task| {
            is_over_at_check_out(stay_id, task) && task.room == Some(room)
        })
    }

    /// The Departure of a guest who leaves is made, or comes back: whoever cancelled it did not know
    /// that the guest would leave.
    fn departs(&self, id: TaskId, made: &Task, change: &TaskChange) -> Judged {
        if self.makes(id.into())? {
            let change = Change::Task(id, change.clone());
            return Ok(Write::when(made.creation(id).contains(&change)));
        }
        let was_cancelled = self.task(id)?.status == TaskStatus::Cancelled;
        Ok(match change {
            TaskChange::Status(TaskStatus::Planned) => Write::when(was_cancelled),
            TaskChange::Rule(rule) => Write::when(was_cancelled && *rule == made.rule),
            _ => Write::Beyond,
        })
    }

    /// The business date of a mark that begins a turn, as late as the room's last turn at least.
    pub(super) fn acted_on(
        &self,
        mark: &CleanlinessMark,
        known: &CleanlinessMark,
    ) -> Result<BusinessDate, Refusal> {
        let date = mark.turn.date;
        if date > self.today.max(known.turn.date) {
            return Err(not_here_yet());
        }
        Ok(date)
    }

    pub(super) fn stay_in(&self, id: StayId, wanted: StayStatus) -> Result<&Stay, Refusal> {
        let stay = self.stay(id)?;
        if stay.status == wanted {
            Ok(stay)
        } else {
            Err(Refusal::StayState {
                status: stay.status,
            })
        }
    }
}

/// Whether an id is the one of a Departure, in this version or an earlier one.
pub(super) fn is_departure(
    hotel: HotelId,
    id: TaskId,
    date: BusinessDate,
    about: (StayId, RoomId),
) -> bool {
    id == identity::departure_task(hotel, date, about)
        || id == identity::departure_task_of_version_3(hotel, date, about.0)
}
