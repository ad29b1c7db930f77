//! What is asked about housekeeping tasks beside starting, pausing and finishing them.

use crate::{
    ids::{RoomId, StayId, TaskId, UserId},
    room::ServiceStatus,
    task::{EntryReason, InspectionOutcome, TaskKind},
    time::BusinessDate,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum WorkCommand {
    Add {
        task: TaskId,
        draft: Box<TaskDraft>,
    },
    Cancel {
        task: TaskId,
    },
    /// A pinned task is moved and cancelled by no rule.
    Pin {
        task: TaskId,
        pinned: bool,
    },
    /// Nobody was let in: the task stays, the room is marked so, and it goes to the end of the list.
    KeptOut {
        task: TaskId,
        by: ServiceStatus,
    },
    /// Starts a task in a room that is marked to be left alone, and takes the mark off.
    Enter {
        task: TaskId,
        reason: EntryReason,
    },
    /// On top of the text that the person had before them.
    Note {
        task: TaskId,
        text: String,
        base: String,
    },
    /// What an Inspection came to; one that failed makes the clean be done again.
    Inspect {
        task: TaskId,
        outcome: InspectionOutcome,
        reason: String,
    },
}

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct TaskDraft {
    pub kind: TaskKind,
    pub room: RoomId,
    pub stay: Option<StayId>,
    pub business_date: BusinessDate,
    /// Empty where the kind says enough.
    pub title: String,
    pub note: String,
    pub assignee: Option<UserId>,
}

impl WorkCommand {
    /// The stable name, for logs, metrics and history.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Add { .. } => "add-task",
            Self::Cancel { .. } => "cancel-task",
            Self::Pin { .. } => "pin-task",
            Self::KeptOut { .. } => "kept-out",
            Self::Enter { .. } => "enter",
            Self::Note { .. } => "note-task",
            Self::Inspect { .. } => "inspect",
        }
    }
}
