//! Starting, pausing, finishing and assigning tasks.

use super::{Planned, Planner, Unplanned, View};
use crate::{
    change::Change,
    cleanliness::{Cleanliness, MarkCause, Turn, TurnKind},
    ids::{StayId, TaskId, UserId},
    refusal::Refusal,
    room::Room,
    task::{Task, TaskChange, TaskKind, TaskStatus},
    time::Timestamp,
};

impl<V: View> Planner<'_, V> {
    /// Whoever starts a task that nobody has takes it.
    pub(super) fn start_task(&self, id: TaskId) -> Planned<V> {
        let task = self.task_in(id, &[TaskStatus::Planned, TaskStatus::Paused])?;
        let mut changes = vec![
            Change::Task(id, TaskChange::Status(TaskStatus::InProgress)),
            Change::Task(id, TaskChange::StartedAt(Some(self.context.at))),
        ];
        if task.assignee.is_none() {
            changes.push(Change::Task(
                id,
                TaskChange::Assignee(Some(self.context.author)),
            ));
        }
        Ok(changes)
    }

    pub(super) fn pause_task(&self, id: TaskId) -> Planned<V> {
        let task = self.task_in(id, &[TaskStatus::InProgress])?;
        Ok(vec![
            Change::Task(id, TaskChange::Status(TaskStatus::Paused)),
            Change::Task(id, TaskChange::WorkedMillis(self.worked(&task))),
        ])
    }

    /// The clean counts for the task's own turn: a room that a later guest has taken, or that
    /// has been left since, stays as it is.
    pub(super) fn finish_task(&self, id: TaskId) -> Planned<V> {
        let open = [
            TaskStatus::Planned,
            TaskStatus::Paused,
            TaskStatus::InProgress,
        ];
        let task = self.task_in(id, &open)?;
        let mut changes = vec![
            Change::Task(id, TaskChange::Status(TaskStatus::Done)),
            Change::Task(id, TaskChange::FinishedAt(Some(self.context.at))),
            Change::Task(id, TaskChange::WorkedMillis(self.worked(&task))),
        ];
        if task.assignee.is_none() {
            changes.push(Change::Task(
                id,
                TaskChange::Assignee(Some(self.context.author)),
            ));
        }
        if let Some(room_id) = task.room {
            let room = self.room(room_id)?;
            let turn = turn_of(&task, &room);
            if !room.cleanliness.turn.is_after(turn) {
                changes.push(self.mark(room_id, Cleanliness::Clean, turn, MarkCause::Task));
            }
        }
        Ok(changes)
    }

    pub(super) fn assign_task(&self, id: TaskId, assignee: Option<UserId>) -> Planned<V> {
        let task = self.task_in(
            id,
            &[
                TaskStatus::Planned,
                TaskStatus::Paused,
                TaskStatus::InProgress,
            ],
        )?;
        let change = TaskChange::Assignee(assignee);
        if task.assignee == assignee && !self.is_contested(id.into(), change.key())? {
            return Ok(vec![]);
        }
        Ok(vec![Change::Task(id, change)])
    }

    fn task_in(&self, id: TaskId, allowed: &[TaskStatus]) -> Result<Task, Unplanned<V::Error>> {
        let task = self.task(id)?;
        if allowed.contains(&task.status) {
            Ok(task)
        } else {
            Err(Refusal::TaskState {
                status: task.status,
            }
            .into())
        }
    }

    fn worked(&self, task: &Task) -> i64 {
        worked_until(task, self.context.at)
    }
}

/// The time worked on a task by an instant, the present run included.
pub(crate) fn worked_until(task: &Task, at: Timestamp) -> i64 {
    let running = match (task.status, task.started_at) {
        (TaskStatus::InProgress, Some(started)) => at.millis_since(started),
        _ => 0,
    };
    task.worked_millis.saturating_add(running)
}

/// The turn that finishing a task makes clean.
pub(crate) fn turn_of(task: &Task, room: &Room) -> Turn {
    match (task.kind, task.stay) {
        (TaskKind::Departure, Some(stay)) => {
            let departed = room.cleanliness.turn.departure_of(stay, task.business_date);
            let overtaken = room.cleanliness.turn.stay != Some(stay)
                && room.cleanliness.turn.date >= task.business_date
                && room.cleanliness.turn.step > 0;
            // Another turn has begun since: the clean counts for the night before it.
            if overtaken {
                Turn::night(task.business_date, None)
            } else {
                departed
            }
        }
        // The guest came, or came back, after the day had begun: the clean is for them.
        (_, Some(stay)) if serves(&room.cleanliness.turn, stay, task) => room.cleanliness.turn,
        (_, stay) => Turn::night(task.business_date, stay),
    }
}

/// Whether a room's turn is one of a guest who stays on, on a task's day.
fn serves(turn: &Turn, stay: StayId, task: &Task) -> bool {
    turn.stay == Some(stay) && turn.kind != TurnKind::Departure && turn.date == task.business_date
}
