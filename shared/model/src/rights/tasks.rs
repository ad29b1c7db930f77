//! Starting, pausing, finishing and assigning tasks.

use super::{Judged, Rights, Write};
use crate::{
    change::Change,
    cleanliness::{Cleanliness, MarkCause},
    ids::{RoomId, TaskId, UserId},
    plan::tasks::{turn_of, worked_until},
    refusal::Refusal,
    room::RoomChange,
    task::{Task, TaskChange, TaskStatus},
};

const OPEN: &[TaskStatus] = &[
    TaskStatus::Planned,
    TaskStatus::Paused,
    TaskStatus::InProgress,
];

impl Rights<'_> {
    pub(super) fn start_task(&self, id: TaskId, change: &Change) -> Judged {
        let before = self.task_in(id, &[TaskStatus::Planned, TaskStatus::Paused])?;
        Ok(match of_task(id, change) {
            Some(TaskChange::Status(status)) => Write::when(*status == TaskStatus::InProgress),
            Some(TaskChange::StartedAt(at)) => Write::when(*at == Some(self.context.at)),
            Some(TaskChange::Assignee(person)) => self.taken_by_author(before, *person),
            _ => Write::Beyond,
        })
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
        if let Change::Room(room, RoomChange::Cleanliness(_)) = change {
            return self.cleans(before, *room, change);
        }
        Ok(match of_task(id, change) {
            Some(TaskChange::Status(status)) => Write::when(*status == TaskStatus::Done),
            Some(TaskChange::FinishedAt(at)) => Write::when(*at == Some(self.context.at)),
            Some(TaskChange::WorkedMillis(millis)) => {
                Write::when(*millis == worked_until(before, self.context.at))
            }
            Some(TaskChange::Assignee(person)) => self.taken_by_author(before, *person),
            _ => Write::Beyond,
        })
    }

    /// The clean counts for the task's own turn, in the task's own room.
    fn cleans(&self, task: &Task, id: RoomId, change: &Change) -> Judged {
        let room = self.room(id)?;
        let turn = turn_of(task, room);
        let mark = self.mark(Cleanliness::Clean, turn, MarkCause::Task);
        Ok(Write::when(
            task.room == Some(id)
                && !room.cleanliness.turn.is_after(turn)
                && *change == Change::Room(id, RoomChange::Cleanliness(mark)),
        ))
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

    fn task_in(&self, id: TaskId, allowed: &[TaskStatus]) -> Result<&Task, Refusal> {
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

fn of_task(id: TaskId, change: &Change) -> Option<&TaskChange> {
    match change {
        Change::Task(task, change) if *task == id => Some(change),
        _ => None,
    }
}
