//! Starting, pausing, finishing and assigning tasks.

use super::{Judged, Rights, Write, due::not_here_yet};
use crate::{
    change::Change,
    cleanliness::{Cleanliness, MarkCause},
    identity,
    ids::{RoomId, TaskId, UserId},
    plan::{
        inspections::{done_on, inspection, is_confirmed, is_overtaken, may_inspect},
        tasks::{OPEN, STARTED_FROM, turn_of, worked_until},
    },
    refusal::{GateReason, Refusal},
    room::{DoneOn, Room, RoomChange, ServiceStatus},
    rule_sheet::{RuleHeld, RuleKey},
    task::{EntryReason, InspectionOutcome, Task, TaskChange, TaskKind, TaskRule, TaskStatus},
    time::BusinessDate,
};

impl Rights<'_> {
    pub(super) fn start_task(&self, id: TaskId, change: &Change) -> Judged {
        let before = self.task_in(id, STARTED_FROM)?;
        Ok(self.started(id, before, change))
    }

    /// The mark that is taken off says whether there was one to be taken off with a reason.
    pub(super) fn enter(&self, id: TaskId, reason: EntryReason, change: &Change) -> Judged {
        let before = self.task_in(id, STARTED_FROM)?;
        let is_because = |change: &TaskChange| *change == TaskChange::EnteredBecause(Some(reason));
        let written_of = match change {
            Change::Room(room, RoomChange::ServiceStatus(ServiceStatus::None)) => Some(*room),
            Change::Task(task, change) if *task == id && is_because(change) => before.room,
            _ => return Ok(self.started(id, before, change)),
        };
        let Some(room) = written_of.filter(|room| before.room == Some(*room)) else {
            return Ok(Write::Beyond);
        };
        Ok(Write::when(self.room(room)?.service_status.keeps_out()))
    }

    fn started(&self, id: TaskId, before: &Task, change: &Change) -> Write {
        match of_task(id, change) {
            Some(TaskChange::Status(status)) => Write::when(*status == TaskStatus::InProgress),
            Some(TaskChange::StartedAt(at)) => Write::when(*at == Some(self.context.at)),
            Some(TaskChange::Assignee(person)) => self.taken_by_author(before, *person),
            _ => Write::Beyond,
        }
    }

    pub(super) fn pause_task(&self, id: TaskId, change: &Change) -> Judged {
        let before = self.task_in(id, &[TaskStatus::InProgress])?;
        Ok(match of_task(id, change) {
            Some(TaskChange::Status(status)) => Write::when(*status == TaskStatus::Paused),
            Some(TaskChange::WorkedMillis(millis)) => {
                Write::when(*millis == worked_until(before, self.context.at))
            }
            _ => Write::Beyond,
        })
    }

    pub(super) fn finish_task(&self, id: TaskId, change: &Change) -> Judged {
        let before = self.task_in(id, OPEN)?;
        if before.kind == TaskKind::Inspection {
            may_inspect(self.context.role, id)?;
            return self.inspect(id, InspectionOutcome::Passed, "", change);
        }
        match change {
            Change::Room(room, change) => self.leaves_room((id, before), *room, change),
            Change::Task(task, change) if *task == id => Ok(self.finished(before, change)),
            Change::Task(task, change) => self.follows_clean(*task, (id, before), change),
            _ => Ok(Write::Beyond),
        }
    }

    /// What is written of a task that is done.
    pub(super) fn finished(&self, before: &Task, change: &TaskChange) -> Write {
        match change {
            TaskChange::Status(status) => Write::when(*status == TaskStatus::Done),
            TaskChange::FinishedAt(at) => Write::when(*at == Some(self.context.at)),
            TaskChange::WorkedMillis(millis) => {
                Write::when(*millis == worked_until(before, self.context.at))
            }
            TaskChange::Assignee(person) => self.taken_by_author(before, *person),
            _ => Write::Beyond,
        }
    }

    /// The clean counts for the task's own turn, in the task's own room.
    fn leaves_room(
        &self,
        (clean, task): (TaskId, &Task),
        id: RoomId,
        change: &RoomChange,
    ) -> Judged {
        let room = self.room(id)?;
        if task.room != Some(id) {
            return Ok(Write::Beyond);
        }
        Ok(match change {
            RoomChange::Cleanliness(mark) => {
                let turn = turn_of(task, room);
                if is_confirmed(task, room) {
                    let clean = self.mark(Cleanliness::Clean, turn, MarkCause::Task);
                    return Ok(Write::when(*mark == clean));
                }
                let is_of_clean = task.kind.cleans()
                    && !room.cleanliness.turn.is_after(turn)
                    && *mark == self.mark(mark.value, turn, MarkCause::Task);
                if !is_of_clean {
                    return Ok(Write::Beyond);
                }
                self.left_by_cleaning(clean, mark.value)?
            }
            RoomChange::DeepCleaned(done) if task.kind == TaskKind::DeepClean => {
                self.done_by(room, *done)?
            }
            RoomChange::Checked(done) if task.kind == TaskKind::Check => {
                self.done_by(room, *done)?
            }
            _ => Write::Beyond,
        })
    }

    /// Clean is what anybody may say who cleans. That it is inspected with that is for the rules to
    /// say, and not of a clean of which the same action has an inspection follow.
    fn left_by_cleaning(&self, clean: TaskId, value: Cleanliness) -> Judged {
        let hotel = self.context.hotel;
        let inspection = identity::following_task(hotel, TaskKind::Inspection, clean);
        match (value, self.self_check) {
            (Cleanliness::Clean, _) => Ok(Write::OfCommand),
            (Cleanliness::Inspected, _) if self.before.contains_key(&inspection.into()) => {
                Ok(Write::Beyond)
            }
            (Cleanliness::Inspected, RuleHeld::Lately) => Ok(Write::OfCommand),
            (Cleanliness::Inspected, RuleHeld::Once) => Err(Refusal::NoSelfCheck),
            // Of a server that was restored it may be the sheet that is missing.
            (Cleanliness::Inspected, RuleHeld::Never) => Err(GateReason::MissingDependency.into()),
            (Cleanliness::Dirty | Cleanliness::Pickup, _) => Ok(Write::Beyond),
        }
    }

    fn done_by(&self, room: &Room, done: DoneOn) -> Judged {
        if done.date > self.today {
            return Err(not_here_yet());
        }
        Ok(Write::when(done == done_on(room, done.date)))
    }

    /// What was about the room in an earlier turn is over, and the clean may be inspected. Of every how
    /// many cleans one is, is not looked up.
    fn follows_clean(
        &self,
        id: TaskId,
        (clean, before): (TaskId, &Task),
        change: &TaskChange,
    ) -> Judged {
        let Some(room) = before.room.filter(|_| before.kind.cleans()) else {
            return Ok(Write::Beyond);
        };
        let known = self.room(room)?;
        let turn = turn_of(before, known);
        if known.cleanliness.turn.is_after(turn) {
            return Ok(Write::Beyond);
        }
        let kind = TaskKind::Inspection;
        if id != identity::following_task(self.context.hotel, kind, clean) {
            return self.cancelled_by(id, change, TaskRule::Overtaken, |task| {
                task.room == Some(room) && is_overtaken(task, before, turn)
            });
        }
        let (least, most) = RuleKey::InspectEvery.bounds();
        match change {
            TaskChange::BusinessDate(date) => self.made_on(id, *date, before.business_date),
            TaskChange::OfEvery(number) => Ok(Write::when((least..=most).contains(number))),
            change => {
                let on = (before.business_date, most);
                self.due(id, &inspection(clean, before, turn, on), change)
            }
        }
    }

    /// What follows from a task is made for the task's date, or the later one that its author was
    /// at.
    pub(super) fn made_on(&self, id: TaskId, date: BusinessDate, of_task: BusinessDate) -> Judged {
        if date > self.today.max(of_task) {
            return Err(not_here_yet());
        }
        Ok(Write::when(self.makes(id.into())? && date >= of_task))
    }

    pub(super) fn assign_task(
        &self,
        id: TaskId,
        assignee: Option<UserId>,
        change: &Change,
    ) -> Judged {
        self.task_in(id, OPEN)?;
        Ok(match of_task(id, change) {
            Some(TaskChange::Assignee(person)) => Write::when(*person == assignee),
            _ => Write::Beyond,
        })
    }

    /// Whoever works on a task that nobody has takes it; nobody takes another's.
    fn taken_by_author(&self, before: &Task, person: Option<UserId>) -> Write {
        Write::when(before.assignee.is_none() && person == Some(self.context.author))
    }

    pub(super) fn task_in(&self, id: TaskId, allowed: &[TaskStatus]) -> Result<&Task, Refusal> {
        let task = self.task(id)?;
        if allowed.contains(&task.status) {
            Ok(task)
        } else {
            Err(Refusal::TaskState {
                status: task.status,
            })
        }
    }
}

pub(super) fn of_task(id: TaskId, change: &Change) -> Option<&TaskChange> {
    match change {
        Change::Task(task, change) if *task == id => Some(change),
        _ => None,
    }
}
