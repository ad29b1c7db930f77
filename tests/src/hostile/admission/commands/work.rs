//! What is asked about tasks.

use super::Asking;
use keyrack_model::{
    command::{TaskDraft, WorkCommand},
    ids::TaskId,
    task::{EntryReason, InspectionOutcome, TaskKind},
};

impl Asking<'_, '_> {
    pub(super) fn add_task(&mut self) -> WorkCommand {
        let task = TaskId(self.id());
        let mut draft = TaskDraft {
            kind: self.one_of(TaskKind::ALL),
            room: self.room(),
            business_date: self.day(),
            ..TaskDraft::default()
        };
        let fields = self.fields();
        if fields & 1 != 0 {
            draft.title = self.text();
        }
        if fields & 2 != 0 {
            draft.note = self.text();
        }
        if fields & 4 != 0 {
            draft.assignee = self.person();
        }
        if fields & 8 != 0 {
            draft.stay = Some(self.stay());
        }
        WorkCommand::Add {
            task,
            draft: Box::new(draft),
        }
    }

    pub(super) fn enter(&mut self) -> WorkCommand {
        WorkCommand::Enter {
            task: self.task(),
            reason: self.one_of(EntryReason::ALL),
        }
    }

    pub(super) fn inspect(&mut self) -> WorkCommand {
        WorkCommand::Inspect {
            task: self.task(),
            outcome: self.one_of(InspectionOutcome::ALL),
            reason: self.text(),
        }
    }
}
