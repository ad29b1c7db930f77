//! Taking an earlier action back, as an ordinary action.

use super::{Effect, Planned, Planner, Unplanned, View};
use crate::{
    change::Change,
    cleanliness::MarkCause,
    ids::{CommentId, DocumentKind, DocumentRef, OperationId, TaskId, WorkOrderId},
    policy::allows,
    refusal::Refusal,
    room::RoomChange,
    task::{TaskChange, TaskStatus},
    work_order::{CommentChange, WorkOrderChange, WorkOrderStatus},
};
use std::collections::BTreeSet;

impl<V: View> Planner<'_, V> {
    /// Puts back what the action changed. What it made is cancelled or withdrawn, not erased.
    /// Nothing is taken back when anything was changed again since.
    pub(super) fn undo(&self, operation: OperationId) -> Planned<V> {
        let past = self
            .view
            .past_action(operation)
            .map_err(Unplanned::Unread)?
            .ok_or(Refusal::NotFound)?;
        allows(self.context.role, &past.command)?;
        for effect in &past.effects {
            let entity = self
                .view
                .entity(effect.document)
                .map_err(Unplanned::Unread)?
                .ok_or(Refusal::NotFound)?;
            if entity.field(&effect.key).as_ref() != Some(&effect.after) {
                return Err(Refusal::ChangedSince.into());
            }
        }
        let (made, changed): (Vec<_>, Vec<_>) =
            past.effects.iter().partition(|effect| effect.created);
        let made: BTreeSet<DocumentRef> = made.iter().map(|effect| effect.document).collect();
        let mut changes: Vec<Change> = made.into_iter().filter_map(taken_back).collect();
        changes.extend(
            changed
                .into_iter()
                .filter_map(|effect| self.put_back(effect)),
        );
        Ok(changes)
    }

    fn put_back(&self, effect: &Effect) -> Option<Change> {
        let change = Change::from_field(effect.document, &effect.key, &effect.before)?;
        Some(match change {
            Change::Room(room, RoomChange::Cleanliness(mark)) => {
                self.mark(room, mark.value, mark.turn, MarkCause::Undo)
            }
            change => change,
        })
    }
}

/// How a document that an action made is taken back; None where it cannot be.
fn taken_back(made: DocumentRef) -> Option<Change> {
    let id = made.id.0;
    match made.kind {
        DocumentKind::Task => Some(Change::Task(
            TaskId(id),
            TaskChange::Status(TaskStatus::Cancelled),
        )),
        DocumentKind::WorkOrder => Some(Change::WorkOrder(
            WorkOrderId(id),
            WorkOrderChange::Status(WorkOrderStatus::Cancelled),
        )),
        DocumentKind::Comment => Some(Change::Comment(
            CommentId(id),
            CommentChange::Withdrawn(true),
        )),
        DocumentKind::Hotel | DocumentKind::Room | DocumentKind::Stay => None,
    }
}
