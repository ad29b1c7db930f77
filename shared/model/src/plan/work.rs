//! Tasks that people make, put off, note and inspect.

use super::{Planned, Planner, View};
use crate::{
    command::TaskDraft, ids::TaskId, refusal::Refusal, room::ServiceStatus, task::InspectionOutcome,
};

impl<V: View> Planner<'_, V> {
    pub(super) fn add_task(&self, id: TaskId, draft: &TaskDraft) -> Planned<V> {
        let _ = (id, draft);
        Err(Refusal::NothingToDo.into())
    }

    pub(super) fn cancel_task(&self, id: TaskId) -> Planned<V> {
        let _ = (id,);
        Err(Refusal::NothingToDo.into())
    }

    pub(super) fn pin_task(&self, id: TaskId, pinned: bool) -> Planned<V> {
        let _ = (id, pinned);
        Err(Refusal::NothingToDo.into())
    }

    pub(super) fn kept_out(&self, id: TaskId, by: ServiceStatus) -> Planned<V> {
        let _ = (id, by);
        Err(Refusal::NothingToDo.into())
    }

    pub(super) fn note_task(&self, id: TaskId, text: &str, base: &str) -> Planned<V> {
        let _ = (id, text, base);
        Err(Refusal::NothingToDo.into())
    }

    pub(super) fn inspect(
        &self,
        id: TaskId,
        outcome: InspectionOutcome,
        reason: &str,
    ) -> Planned<V> {
        let _ = (id, outcome, reason);
        Err(Refusal::NothingToDo.into())
    }
}
