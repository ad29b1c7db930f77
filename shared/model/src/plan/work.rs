//! Tasks that people make, cancel, pin, put off and note.

use super::{Planned, Planner, Unplanned, View, check_length, optional_text};
use crate::{
    change::Change,
    command::{Command, TaskDraft},
    ids::TaskId,
    limits::{MAX_MERGED_TEXT, MAX_TEXT, MAX_TITLE},
    plan::work_orders::written_over,
    policy::allows,
    refusal::Refusal,
    room::{RoomChange, ServiceStatus},
    task::{Task, TaskChange, TaskKind, TaskRule, TaskStatus},
};

impl<V: View> Planner<'_, V> {
    pub(super) fn add_task(&self, id: TaskId, draft: &TaskDraft) -> Planned<V> {
        let room = self.room(draft.room)?;
        if let Some(stay) = draft.stay {
            self.stay(stay)?;
        }
        if self.exists(id.into())? {
            return Ok(vec![]);
        }
        let business_date = self.business_date()?;
        if draft.business_date < business_date {
            return Err(Refusal::OtherDay { business_date }.into());
        }
        if draft.assignee.is_some() {
            allows(self.context.role, &assigning(id, draft))?;
        }
        let is_about_now = draft.business_date == business_date && stands_in_turn(draft.kind);
        Ok(Task {
            title: optional_text("title", &draft.title, MAX_TITLE)?,
            note: optional_text("note", &draft.note, MAX_TEXT)?,
            turn: is_about_now.then_some(room.cleanliness.turn),
            ..drafted(draft)
        }
        .creation(id))
    }

    /// Whoever is at work in the room pauses first.
    pub(super) fn cancel_task(&self, id: TaskId) -> Planned<V> {
        self.task_in(id, CANCELLED_FROM)?;
        Ok(vec![
            Change::Task(id, TaskChange::Status(TaskStatus::Cancelled)),
            Change::Task(id, TaskChange::Rule(TaskRule::Person)),
        ])
    }

    pub(super) fn pin_task(&self, id: TaskId, pinned: bool) -> Planned<V> {
        if self.open_task(id)?.pinned == pinned {
            return Ok(vec![]);
        }
        Ok(vec![Change::Task(id, TaskChange::Pinned(pinned))])
    }

    pub(super) fn kept_out(&self, id: TaskId, by: ServiceStatus) -> Planned<V> {
        let task = self.open_task(id)?;
        check_kept_out(by)?;
        let mut changes = vec![
            Change::Task(id, TaskChange::Attempts(task.attempts.saturating_add(1))),
            Change::Task(id, TaskChange::AttemptedAt(Some(self.context.at))),
        ];
        if task.kept_out_by != by {
            changes.push(Change::Task(id, TaskChange::KeptOutBy(by)));
        }
        if let Some(room) = task.room
            && self.room(room)?.service_status != by
        {
            changes.push(Change::Room(room, RoomChange::ServiceStatus(by)));
        }
        Ok(changes)
    }

    pub(super) fn note_task(&self, id: TaskId, typed: &str, base: &str) -> Planned<V> {
        let task = self.task(id)?;
        let typed = optional_text("note", typed, MAX_TEXT)?;
        let note = written_over(Some(base), &typed, &task.note).ok_or_else(|| {
            Unplanned::Refused(Refusal::WrittenMeanwhile {
                field: "note".to_owned(),
            })
        })?;
        check_length("note", &note, MAX_MERGED_TEXT)?;
        let change = TaskChange::Note(note);
        if task.field(change.key()) == Some(change.value())
            && !self.is_contested(id.into(), change.key())?
        {
            return Ok(vec![]);
        }
        Ok(vec![Change::Task(id, change)])
    }
}

/// From where a person cancels a task.
pub(crate) const CANCELLED_FROM: &[TaskStatus] = &[TaskStatus::Planned, TaskStatus::Paused];

/// A task as a person asked for it, without its texts.
pub(crate) fn drafted(draft: &TaskDraft) -> Task {
    Task {
        kind: draft.kind,
        room: Some(draft.room),
        stay: draft.stay,
        business_date: draft.business_date,
        rule: TaskRule::Person,
        assignee: draft.assignee,
        ..Task::default()
    }
}

/// Who may give a task to somebody may do so while making it.
pub(crate) fn assigning(task: TaskId, draft: &TaskDraft) -> Command {
    Command::AssignTask {
        task,
        assignee: draft.assignee,
    }
}

/// Whether a task that somebody asks for is about the room as it stands.
pub(crate) fn stands_in_turn(kind: TaskKind) -> bool {
    match kind {
        TaskKind::TouchUp | TaskKind::DeepClean | TaskKind::Inspection | TaskKind::Check => true,
        TaskKind::Departure
        | TaskKind::Stayover
        | TaskKind::Arrival
        | TaskKind::Turndown
        | TaskKind::LinenChange
        | TaskKind::Extra
        | TaskKind::GuestRequest
        | TaskKind::Delivery
        | TaskKind::Round => false,
    }
}

/// Refuses what keeps nobody out.
pub(crate) fn check_kept_out(by: ServiceStatus) -> Result<(), Refusal> {
    if by.keeps_out() {
        return Ok(());
    }
    Err(Refusal::Empty {
        field: "service_status".to_owned(),
    })
}
