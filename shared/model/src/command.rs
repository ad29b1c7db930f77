//! What a person, or the server on somebody's behalf, can ask for.

use crate::{
    cleanliness::Cleanliness,
    ids::{
        CommentId, DocumentRef, HotelId, OperationId, RoomId, StayId, TaskId, UserId, WorkOrderId,
    },
    policy::Role,
    record::{Guest, RecordRef},
    room::{Occupancy, Room, ServiceStatus},
    rule_sheet::{RuleKey, RuleScope},
    stay::Stay,
    task::Task,
    time::{BusinessDate, Timestamp},
    work_order::{Priority, WorkOrderStatus},
};
use serde::{Deserialize, Serialize};

pub mod bounds;
pub mod desk;
pub mod rooms;
pub mod work;

pub use desk::{DeskCommand, StayDraft, StayEdit};
pub use rooms::{BlockDraft, BlockEdit, RoomCommand, RoomDraft, RoomEdit};
pub use work::{TaskDraft, WorkCommand};

/// A request in full: executing it again on other knowledge needs nothing else.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Command {
    SetCleanliness {
        rooms: Vec<RoomId>,
        value: Cleanliness,
    },
    SetOccupancySeen {
        room: RoomId,
        value: Occupancy,
    },
    SetServiceStatus {
        room: RoomId,
        value: ServiceStatus,
    },

    StartTask {
        task: TaskId,
    },
    PauseTask {
        task: TaskId,
    },
    FinishTask {
        task: TaskId,
    },
    AssignTask {
        task: TaskId,
        assignee: Option<UserId>,
    },

    CheckIn {
        stay: StayId,
    },
    CheckOut {
        stay: StayId,
    },

    CreateWorkOrder {
        work_order: WorkOrderId,
        draft: WorkOrderDraft,
    },
    EditWorkOrder {
        work_order: WorkOrderId,
        edit: WorkOrderEdit,
    },
    AddComment {
        comment: CommentId,
        subject: WorkOrderId,
        text: String,
    },

    /// Writes who a stay's guest is, on top of the version that its author knew; 0 for none.
    EditGuest {
        stay: StayId,
        expected: u64,
        guest: Guest,
    },
    /// Takes away for good who a stay's guest was, whatever was written of it meanwhile.
    EraseGuest {
        stay: StayId,
    },

    /// Since version 4 of the protocol, as are the next five.
    Desk(DeskCommand),
    Rooms(RoomCommand),
    Work(WorkCommand),
    /// What a rule says for a scope; None leaves it to the wider scope. The sheet's id is
    /// [`crate::identity::rule_sheet`].
    SetRule {
        scope: RuleScope,
        rule: RuleKey,
        number: Option<i64>,
    },
    /// Decides what several people wrote into one field at the same time: what this action wrote
    /// holds.
    Settle {
        document: DocumentRef,
        key: String,
        chosen: OperationId,
    },
    /// What people call the hotel. Its code, by which it is signed in to, stays.
    NameHotel {
        name: String,
    },

    /// Takes back what one earlier action did, where nobody has written any of it since or at the
    /// same time.
    Undo {
        operation: OperationId,
    },

    /// The server's: begins a hotel.
    OpenHotel {
        hotel: HotelId,
        name: String,
        business_date: BusinessDate,
    },
    /// The server's: one row of a source. Fields that a person has written since are kept.
    Import(ImportedRow),
    /// The server's: what somebody had asked for in a role that they no longer have, and a reviewer
    /// approved.
    Approved(Approval),

    /// Stands for a command of which the reader may not see everything. Nobody asks for it.
    Redacted,
}

/// A command as it was asked for, and who approved it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Approval {
    pub command: Box<Command>,
    /// Who asked for it, in which role, and when by their device's clock.
    pub author: UserId,
    pub role: Role,
    pub at: Timestamp,
    pub approver: UserId,
}

/// What a person says of a work order when making it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct WorkOrderDraft {
    pub title: String,
    pub description: String,
    pub room: Option<RoomId>,
    pub priority: Priority,
    pub assignee: Option<UserId>,
}

/// The fields of a work order that a person changed; the others keep what they have.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct WorkOrderEdit {
    pub title: Option<String>,
    /// The title that the person had before them while typing. Without it `title` is taken as it
    /// is, whatever stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title_base: Option<String>,
    pub description: Option<String>,
    /// As `title_base`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description_base: Option<String>,
    /// `Some(None)` takes the room away.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "given")]
    pub room: Option<Option<RoomId>>,
    pub priority: Option<Priority>,
    pub status: Option<WorkOrderStatus>,
    /// `Some(None)` takes it from whoever has it.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "given")]
    pub assignee: Option<Option<UserId>>,
}

/// Tells a field that is emptied from one that is left alone: the one is there and empty, the
/// other is not there.
mod given {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<T: Serialize, S: Serializer>(
        value: &Option<Option<T>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value
            .as_ref()
            .and_then(Option::as_ref)
            .serialize(serializer)
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Option<T>>, D::Error> {
        Option::deserialize(deserializer).map(Some)
    }
}

/// One thing that an import makes or brings up to date.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ImportedRow {
    Room {
        room: RoomId,
        fields: Room,
    },
    Stay {
        stay: StayId,
        fields: Stay,
    },
    Task {
        task: TaskId,
        fields: Task,
    },
    /// The day that the hotel has come to. It only moves forward.
    BusinessDate {
        hotel: HotelId,
        date: BusinessDate,
    },
}

impl Command {
    /// What a person asked for: of an approved command the one that was approved.
    pub fn asked(&self) -> &Self {
        match self {
            Self::Approved(approval) => &approval.command,
            other => other,
        }
    }

    /// The action that it takes back.
    pub fn undoes(&self) -> Option<OperationId> {
        match self.asked() {
            Self::Undo { operation } => Some(*operation),
            _ => None,
        }
    }

    /// The earlier action that it rests on: the one that it takes back, or the one whose value it
    /// makes hold.
    pub fn recalls(&self) -> Option<OperationId> {
        match self.asked() {
            Self::Undo { operation } => Some(*operation),
            Self::Settle { chosen, .. } => Some(*chosen),
            _ => None,
        }
    }

    /// Whether what it makes depends on the business date.
    pub fn depends_on_day(&self) -> bool {
        match self.asked() {
            Self::SetCleanliness { .. }
            | Self::FinishTask { .. }
            | Self::CheckIn { .. }
            | Self::CheckOut { .. }
            | Self::Desk(_)
            | Self::Rooms(_)
            | Self::Work(_) => true,
            Self::SetOccupancySeen { .. }
            | Self::SetServiceStatus { .. }
            | Self::StartTask { .. }
            | Self::PauseTask { .. }
            | Self::AssignTask { .. }
            | Self::CreateWorkOrder { .. }
            | Self::EditWorkOrder { .. }
            | Self::AddComment { .. }
            | Self::EditGuest { .. }
            | Self::EraseGuest { .. }
            | Self::SetRule { .. }
            | Self::Settle { .. }
            | Self::NameHotel { .. }
            | Self::Undo { .. }
            | Self::OpenHotel { .. }
            | Self::Import(_)
            | Self::Approved(_)
            | Self::Redacted => false,
        }
    }

    /// The stable name of the command, for logs, metrics and history.
    pub fn name(&self) -> &'static str {
        match self {
            Self::SetCleanliness { .. } => "set-cleanliness",
            Self::SetOccupancySeen { .. } => "set-occupancy-seen",
            Self::SetServiceStatus { .. } => "set-service-status",
            Self::StartTask { .. } => "start-task",
            Self::PauseTask { .. } => "pause-task",
            Self::FinishTask { .. } => "finish-task",
            Self::AssignTask { .. } => "assign-task",
            Self::CheckIn { .. } => "check-in",
            Self::CheckOut { .. } => "check-out",
            Self::CreateWorkOrder { .. } => "create-work-order",
            Self::EditWorkOrder { .. } => "edit-work-order",
            Self::AddComment { .. } => "add-comment",
            Self::EditGuest { .. } => "edit-guest",
            Self::EraseGuest { .. } => "erase-guest",
            Self::Desk(asked) => asked.name(),
            Self::Rooms(asked) => asked.name(),
            Self::Work(asked) => asked.name(),
            Self::SetRule { .. } => "set-rule",
            Self::Settle { .. } => "settle",
            Self::NameHotel { .. } => "name-hotel",
            Self::Undo { .. } => "undo",
            Self::OpenHotel { .. } => "open-hotel",
            Self::Import(ImportedRow::Room { .. }) => "import-room",
            Self::Import(ImportedRow::Stay { .. }) => "import-stay",
            Self::Import(ImportedRow::Task { .. }) => "import-task",
            Self::Import(ImportedRow::BusinessDate { .. }) => "import-business-date",
            Self::Approved(_) => "approved",
            Self::Redacted => "redacted",
        }
    }

    /// The record that it writes; None for a command that writes documents.
    pub fn record(&self) -> Option<RecordRef> {
        match self {
            Self::EditGuest { stay, .. } | Self::EraseGuest { stay } => Some((*stay).into()),
            Self::SetCleanliness { .. }
            | Self::SetOccupancySeen { .. }
            | Self::SetServiceStatus { .. }
            | Self::StartTask { .. }
            | Self::PauseTask { .. }
            | Self::FinishTask { .. }
            | Self::AssignTask { .. }
            | Self::CheckIn { .. }
            | Self::CheckOut { .. }
            | Self::CreateWorkOrder { .. }
            | Self::EditWorkOrder { .. }
            | Self::AddComment { .. }
            | Self::Desk(_)
            | Self::Rooms(_)
            | Self::Work(_)
            | Self::SetRule { .. }
            | Self::Settle { .. }
            | Self::NameHotel { .. }
            | Self::Undo { .. }
            | Self::OpenHotel { .. }
            | Self::Import(_)
            | Self::Approved(_)
            | Self::Redacted => None,
        }
    }

    /// The command without what has to be erasable, for what is kept for ever.
    pub fn without_personal_data(self) -> Self {
        match self {
            Self::EditGuest { stay, expected, .. } => Self::EditGuest {
                stay,
                expected,
                guest: Guest::default(),
            },
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_field_that_is_emptied_is_told_from_one_that_is_left_alone() {
        let room = RoomId(Uuid::from_u128(4));
        for given in [None, Some(None), Some(Some(room))] {
            let edit = WorkOrderEdit {
                room: given,
                ..WorkOrderEdit::default()
            };
            let json = serde_json::to_string(&edit).unwrap();
            assert_eq!(serde_json::from_str::<WorkOrderEdit>(&json).unwrap(), edit);
            let mut cbor = Vec::new();
            ciborium::into_writer(&edit, &mut cbor).unwrap();
            assert_eq!(
                ciborium::from_reader::<WorkOrderEdit, _>(&cbor[..]).unwrap(),
                edit
            );
        }
    }
}
