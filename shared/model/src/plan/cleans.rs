//! Tasks that a rule makes, brings back or withdraws.

use super::{Planned, Planner, Unplanned, View};
use crate::{
    change::Change,
    ids::{RoomId, TaskId},
    task::{Task, TaskChange, TaskRule, TaskStatus},
};

/// Whether a rule may move or cancel a task: nobody has begun it, pinned it, written on it or stood
/// at the door for it.
pub(crate) fn gives_way(task: &Task) -> bool {
    task.status == TaskStatus::Planned && !task.pinned && task.note.is_empty() && task.attempts == 0
}

impl<V: View> Planner<'_, V> {
    /// Cancels open tasks of a room, of those that give way.
    pub(super) fn withdraw(
        &self,
        room: RoomId,
        is_meant: impl Fn(&Task) -> bool,
        rule: TaskRule,
    ) -> Planned<V> {
        let open = self.view.open_tasks_of(room).map_err(Unplanned::Unread)?;
        let withdrawn = open
            .iter()
            .filter(|(_, task)| gives_way(task) && is_meant(task));
        Ok(withdrawn
            .flat_map(|(id, _)| {
                [
                    Change::Task(*id, TaskChange::Status(TaskStatus::Cancelled)),
                    Change::Task(*id, TaskChange::Rule(rule)),
                ]
            })
            .collect())
    }

    /// Makes a task under the id that the rule gives it; one that was cancelled comes back.
    pub(super) fn make_or_bring_back(&self, id: TaskId, task: Task) -> Planned<V> {
        if !self.exists(id.into())? {
            return Ok(task.creation(id));
        }
        if self.task(id)?.status != TaskStatus::Cancelled {
            return Ok(vec![]);
        }
        Ok(vec![
            Change::Task(id, TaskChange::Status(TaskStatus::Planned)),
            Change::Task(id, TaskChange::Rule(task.rule)),
        ])
    }
}
