//! Making and editing work orders, and commenting on them.

use super::{Judged, Rights, Write};
use crate::{
    change::Change,
    command::{WorkOrderDraft, WorkOrderEdit},
    ids::{CommentId, WorkOrderId},
    plan::work_orders::written_over,
    policy::allows_edit,
    work_order::{Comment, WorkOrder, WorkOrderChange},
};

impl Rights<'_> {
    pub(super) fn create_work_order(
        &self,
        id: WorkOrderId,
        draft: &WorkOrderDraft,
        change: &Change,
    ) -> Judged {
        let made = WorkOrder {
            title: draft.title.trim().to_owned(),
            description: draft.description.trim().to_owned(),
            room: draft.room,
            priority: draft.priority,
            assignee: draft.assignee,
            reported_by: Some(self.context.author),
            reported_at: Some(self.context.at),
            ..WorkOrder::default()
        };
        if !self.makes(id.into())? || !made.creation(id).contains(change) {
            return Ok(Write::Beyond);
        }
        if let Change::WorkOrder(_, given @ WorkOrderChange::Assignee(_)) = change {
            return self.allowed(&WorkOrder::default(), given);
        }
        Ok(Write::OfCommand)
    }

    pub(super) fn edit_work_order(
        &self,
        id: WorkOrderId,
        edit: &WorkOrderEdit,
        change: &Change,
    ) -> Judged {
        let before = self.work_order(id)?;
        let Change::WorkOrder(order, change) = change else {
            return Ok(Write::Beyond);
        };
        let is_of_command = match change {
            WorkOrderChange::Title(title) => {
                is_typed(&edit.title, &edit.title_base, &before.title, title)
            }
            WorkOrderChange::Description(text) => is_typed(
                &edit.description,
                &edit.description_base,
                &before.description,
                text,
            ),
            WorkOrderChange::Room(room) => edit.room == Some(*room),
            WorkOrderChange::Priority(priority) => edit.priority == Some(*priority),
            WorkOrderChange::Status(status) => edit.status == Some(*status),
            WorkOrderChange::Assignee(person) => edit.assignee == Some(*person),
            WorkOrderChange::ReportedBy(_) | WorkOrderChange::ReportedAt(_) => false,
        };
        if *order != id || !is_of_command {
            return Ok(Write::Beyond);
        }
        self.allowed(before, change)
    }

    fn allowed(&self, before: &WorkOrder, change: &WorkOrderChange) -> Judged {
        allows_edit(self.context.role, self.context.author, before, change)?;
        Ok(Write::OfCommand)
    }

    pub(super) fn add_comment(
        &self,
        id: CommentId,
        subject: WorkOrderId,
        typed: &str,
        change: &Change,
    ) -> Judged {
        let made = Comment {
            subject: Some(subject),
            text: typed.trim().to_owned(),
            author: Some(self.context.author),
            written_at: Some(self.context.at),
            withdrawn: false,
        };
        Ok(Write::when(
            self.makes(id.into())? && made.creation(id).contains(change),
        ))
    }
}

fn is_typed(typed: &Option<String>, base: &Option<String>, before: &str, written: &str) -> bool {
    let text = typed
        .as_deref()
        .and_then(|typed| written_over(base.as_deref(), typed.trim(), before));
    text.as_deref() == Some(written)
}
