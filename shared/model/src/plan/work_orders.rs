//! Making and editing work orders, and commenting on them.

use super::{Planned, Planner, View, check_length, optional_text, text};
use crate::{
    change::Change,
    command::{WorkOrderDraft, WorkOrderEdit},
    ids::{CommentId, WorkOrderId},
    limits::{MAX_MERGED_TEXT, MAX_TEXT, MAX_TITLE},
    policy::allows_edit,
    refusal::Refusal,
    text_merge::merged,
    work_order::{Comment, WorkOrder, WorkOrderChange},
};

impl<V: View> Planner<'_, V> {
    pub(super) fn create_work_order(&self, id: WorkOrderId, draft: &WorkOrderDraft) -> Planned<V> {
        if self.exists(id.into())? {
            return Ok(vec![]);
        }
        if let Some(room) = draft.room {
            self.room(room)?;
        }
        let made = WorkOrder {
            title: text("title", &draft.title, MAX_TITLE)?,
            description: optional_text("description", &draft.description, MAX_TEXT)?,
            room: draft.room,
            priority: draft.priority,
            assignee: draft.assignee,
            reported_by: Some(self.context.author),
            reported_at: Some(self.context.at),
            ..WorkOrder::default()
        };
        if made.assignee.is_some() {
            self.allows_edit(
                &WorkOrder::default(),
                &WorkOrderChange::Assignee(made.assignee),
            )?;
        }
        Ok(made.creation(id))
    }

    /// Only what differs or settles a conflict is written, so that two people can edit different
    /// fields at once.
    pub(super) fn edit_work_order(&self, id: WorkOrderId, edit: &WorkOrderEdit) -> Planned<V> {
        let now = self.work_order(id)?;
        let mut fields = Vec::new();
        if let Some(title) = &edit.title {
            let typed = text("title", title, MAX_TITLE)?;
            let title = over("title", edit.title_base.as_deref(), typed, &now.title)?;
            fields.push(WorkOrderChange::Title(text("title", &title, MAX_TITLE)?));
        }
        if let Some(description) = &edit.description {
            let typed = optional_text("description", description, MAX_TEXT)?;
            let base = edit.description_base.as_deref();
            let description = over("description", base, typed, &now.description)?;
            check_length("description", &description, MAX_MERGED_TEXT)?;
            fields.push(WorkOrderChange::Description(description));
        }
        if let Some(room) = edit.room {
            if let Some(room) = room {
                self.room(room)?;
            }
            fields.push(WorkOrderChange::Room(room));
        }
        fields.extend(edit.priority.map(WorkOrderChange::Priority));
        fields.extend(edit.status.map(WorkOrderChange::Status));
        fields.extend(edit.assignee.map(WorkOrderChange::Assignee));
        let mut changes = Vec::new();
        for change in fields {
            let differs = now.field(change.key()) != Some(change.value());
            if differs || self.is_contested(id.into(), change.key())? {
                self.allows_edit(&now, &change)?;
                changes.push(Change::WorkOrder(id, change));
            }
        }
        Ok(changes)
    }

    fn allows_edit(&self, now: &WorkOrder, change: &WorkOrderChange) -> Result<(), Refusal> {
        allows_edit(self.context.role, self.context.author, now, change)
    }

    pub(super) fn add_comment(
        &self,
        id: CommentId,
        subject: WorkOrderId,
        typed: &str,
    ) -> Planned<V> {
        self.work_order(subject)?;
        if self.exists(id.into())? {
            return Ok(vec![]);
        }
        Ok(Comment {
            subject: Some(subject),
            text: text("comment", typed, MAX_TEXT)?,
            author: Some(self.context.author),
            written_at: Some(self.context.at),
            withdrawn: false,
        }
        .creation(id))
    }
}

/// What was typed over `base`, when `present` is there by now.
pub(super) fn over(
    field: &str,
    base: Option<&str>,
    typed: String,
    present: &str,
) -> Result<String, Refusal> {
    written_over(base, &typed, present).ok_or_else(|| Refusal::WrittenMeanwhile {
        field: field.to_owned(),
    })
}

/// What a text comes to say: what the person changed of what they saw, changed in what is there.
/// None where somebody else wrote in the same place.
pub(crate) fn written_over(base: Option<&str>, typed: &str, present: &str) -> Option<String> {
    match base {
        None => Some(typed.to_owned()),
        Some(base) => merged(base, typed, present),
    }
}
