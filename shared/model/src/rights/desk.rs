//! Check-in and check-out, with what they do to the room and its tasks.

use super::{Judged, Rights, Write};
use crate::{
    change::Change,
    cleanliness::{Cleanliness, CleanlinessMark, MarkCause},
    identity,
    ids::{RoomId, StayId, TaskId},
    plan::stays::is_for_a_guest_who_stays,
    refusal::{GateReason, Refusal},
    room::RoomChange,
    stay::{Stay, StayChange, StayStatus},
    task::{Task, TaskChange, TaskKind, TaskRule},
    time::BusinessDate,
};

/// How many business dates ago a desk may have been when it acted.
const DATES_BACK: usize = 60;

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
            Change::Task(task, change) => {
                self.withdrawn(*task, change, TaskRule::CheckIn, |task| {
                    task.room == before.room && task.kind == TaskKind::Check
                })
            }
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

    /// A Stayover that nobody has started gives way; the Departure is made, or comes back.
    fn cleaning(
        &self,
        id: TaskId,
        (stay_id, stay, room): (StayId, &Stay, RoomId),
        change: &TaskChange,
    ) -> Judged {
        let hotel = self.context.hotel;
        let is_departure = |date| {
            let moved = identity::stay_task(hotel, TaskKind::Departure, date, (stay_id, room));
            id == identity::departure_task(hotel, date, stay_id) || id == moved
        };
        if let Some(date) = self.day_of(is_departure) {
            // Whoever has a task of the room that day gets this one: that is not looked up.
            let assignee = match change {
                TaskChange::Assignee(person) => *person,
                _ => None,
            };
            let made = Task {
                kind: TaskKind::Departure,
                room: Some(room),
                stay: Some(stay_id),
                business_date: date,
                rule: rule(stay, date),
                assignee,
                ..Task::default()
            };
            return self.made_or_back(id, &made, change);
        }
        if self.makes(id.into())? {
            return Ok(Write::Beyond);
        }
        let date = self.task(id)?.business_date;
        if date > self.today {
            return Err(not_here_yet());
        }
        self.withdrawn(id, change, rule(stay, date), |task| {
            task.stay == Some(stay_id)
                && task.room == Some(room)
                && is_for_a_guest_who_stays(task.kind)
        })
    }

    /// The date, of those on which a desk may have acted, that a task has its name from.
    pub(super) fn day_of(&self, is_named: impl Fn(BusinessDate) -> bool) -> Option<BusinessDate> {
        let mut date = self.today;
        for _ in 0..=DATES_BACK {
            if is_named(date) {
                return Some(date);
            }
            date = BusinessDate(date.0.yesterday().ok()?);
        }
        None
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

/// A day that the hotel has not begun: after a log was brought back it may begin again.
fn not_here_yet() -> Refusal {
    GateReason::MissingDependency.into()
}

fn rule(stay: &Stay, date: BusinessDate) -> TaskRule {
    if stay.departure > date {
        TaskRule::EarlyDeparture
    } else {
        TaskRule::CheckOut
    }
}
