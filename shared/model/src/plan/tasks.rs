//! Starting, pausing, finishing and assigning tasks.

use super::{Planned, Planner, Unplanned, View, entering::left_alone, inspections::may_inspect};
use crate::{
    change::Change,
    cleanliness::{Turn, TurnKind},
    ids::{StayId, TaskId, UserId},
    refusal::Refusal,
    room::{Room, RoomChange, ServiceStatus},
    task::{EntryReason, InspectionOutcome, Task, TaskChange, TaskKind, TaskStatus},
    time::Timestamp,
};

pub(crate) const OPEN: &[TaskStatus] = &[
    TaskStatus::Planned,
    TaskStatus::Paused,
    TaskStatus::InProgress,
];

/// From where a task is started.
pub(crate) const STARTED_FROM: &[TaskStatus] = &[TaskStatus::Planned, TaskStatus::Paused];

impl<V: View> Planner<'_, V> {
    /// Whoever starts a task that nobody has takes it.
    pub(super) fn start_task(&self, id: TaskId) -> Planned<V> {
        let task = self.task_in(id, STARTED_FROM)?;
        Ok(self.started(id, &task))
    }

    /// As starting it, where the room is not marked any more: somebody may have taken the mark off
    /// meanwhile. How often somebody was there in vain, and when, stays.
    pub(super) fn enter(&self, id: TaskId, reason: EntryReason) -> Planned<V> {
        let task = self.task_in(id, STARTED_FROM)?;
        let mut changes = self.started(id, &task);
        let is_marked = left_alone(&task, self.view)?.is_some();
        let Some(room) = task.room.filter(|_| is_marked) else {
            return Ok(changes);
        };
        let unmarked = RoomChange::ServiceStatus(ServiceStatus::None);
        changes.push(Change::Room(room, unmarked));
        if task.entered_because != Some(reason) {
            changes.push(Change::Task(id, TaskChange::EnteredBecause(Some(reason))));
        }
        Ok(changes)
    }

    fn started(&self, id: TaskId, task: &Task) -> Vec<Change> {
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
        changes
    }

    pub(super) fn pause_task(&self, id: TaskId) -> Planned<V> {
        let task = self.task_in(id, &[TaskStatus::InProgress])?;
        Ok(vec![
            Change::Task(id, TaskChange::Status(TaskStatus::Paused)),
            Change::Task(id, TaskChange::WorkedMillis(self.worked(&task))),
        ])
    }

    /// Whoever finishes an inspection says that it has passed.
    pub(super) fn finish_task(&self, id: TaskId) -> Planned<V> {
        let task = self.open_task(id)?;
        if task.kind == TaskKind::Inspection {
            may_inspect(self.context.role, id)?;
            return self.inspect(id, InspectionOutcome::Passed, "");
        }
        let mut changes = self.finished(id, &task);
        if let Some(room) = task.room {
            changes.extend(self.effects_of(id, &task, room)?);
        }
        Ok(changes)
    }

    /// The task itself is done, by whoever has it.
    pub(super) fn finished(&self, id: TaskId, task: &Task) -> Vec<Change> {
        let mut changes = vec![
            Change::Task(id, TaskChange::Status(TaskStatus::Done)),
            Change::Task(id, TaskChange::FinishedAt(Some(self.context.at))),
            Change::Task(id, TaskChange::WorkedMillis(self.worked(task))),
        ];
        if task.assignee.is_none() {
            changes.push(Change::Task(
                id,
                TaskChange::Assignee(Some(self.context.author)),
            ));
        }
        changes
    }

    pub(super) fn assign_task(&self, id: TaskId, assignee: Option<UserId>) -> Planned<V> {
        let task = self.open_task(id)?;
        let change = TaskChange::Assignee(assignee);
        if task.assignee == assignee && !self.is_contested(id.into(), change.key())? {
            return Ok(vec![]);
        }
        Ok(vec![Change::Task(id, change)])
    }

    pub(super) fn open_task(&self, id: TaskId) -> Result<Task, Unplanned<V::Error>> {
        self.task_in(id, OPEN)
    }

    pub(super) fn task_in(
        &self,
        id: TaskId,
        allowed: &[TaskStatus],
    ) -> Result<Task, Unplanned<V::Error>> {
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

/// The turn that finishing a task makes clean: its own where it has one.
pub(crate) fn turn_of(task: &Task, room: &Room) -> Turn {
    if let Some(turn) = task.turn {
        return turn;
    }
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
