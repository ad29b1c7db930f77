//! What the desk asks for: stays, their rooms, and the end of the day.

use crate::{
    ids::{RoomId, StayId},
    stay::StayoverWish,
    time::BusinessDate,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum DeskCommand {
    /// Takes a booking, or somebody who walks in. Who the guest is, is a record of its own.
    Book {
        stay: StayId,
        draft: Box<StayDraft>,
    },
    EditStay {
        stay: StayId,
        edit: Box<StayEdit>,
    },
    /// Of a stay that has not begun.
    CancelStay {
        stay: StayId,
    },
    MarkNoShow {
        stay: StayId,
    },
    /// A room for a stay that has not begun; None takes it away.
    AssignRoom {
        stay: StayId,
        room: Option<RoomId>,
    },
    /// Another room for a guest who is in house.
    MoveRoom {
        stay: StayId,
        room: RoomId,
    },
    /// The guest is here and waits for the room, or does not wait any more.
    SetQueued {
        stay: StayId,
        queued: bool,
    },
    /// The night audit: ends this business date and begins the next.
    CloseDay {
        date: BusinessDate,
    },
    /// Makes, moves and cancels the tasks of one room for a business date, as the rules say. The
    /// night audit asks it for every room; asked again it finds nothing to do.
    PlanRoom {
        room: RoomId,
        date: BusinessDate,
    },
}

/// A stay as it is booked.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct StayDraft {
    pub booking: String,
    pub room: Option<RoomId>,
    pub room_type: String,
    pub arrival: BusinessDate,
    /// The arrival's day for a day use.
    pub departure: BusinessDate,
    pub adults: i64,
    pub children: i64,
    pub country: String,
    pub meal: String,
    pub rate: String,
    pub vip: bool,
    pub note: String,
}

/// The fields of a stay that a person changed; the others keep what they have.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct StayEdit {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrival: Option<BusinessDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub departure: Option<BusinessDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adults: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub children: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meal: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vip: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub early_check_in: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_check_out: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stayover_wish: Option<StayoverWish>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The note that the person had before them while typing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note_base: Option<String>,
}

impl DeskCommand {
    /// The stable name, for logs, metrics and history.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Book { .. } => "book",
            Self::EditStay { .. } => "edit-stay",
            Self::CancelStay { .. } => "cancel-stay",
            Self::MarkNoShow { .. } => "mark-no-show",
            Self::AssignRoom { .. } => "assign-room",
            Self::MoveRoom { .. } => "move-room",
            Self::SetQueued { .. } => "set-queued",
            Self::CloseDay { .. } => "close-day",
            Self::PlanRoom { .. } => "plan-room",
        }
    }

    /// Rooms that it names beside the documents that it is about.
    pub fn rooms(&self) -> Option<RoomId> {
        match self {
            Self::Book { draft, .. } => draft.room,
            Self::AssignRoom { room, .. } => *room,
            Self::MoveRoom { room, .. } | Self::PlanRoom { room, .. } => Some(*room),
            Self::EditStay { .. }
            | Self::CancelStay { .. }
            | Self::MarkNoShow { .. }
            | Self::SetQueued { .. }
            | Self::CloseDay { .. } => None,
        }
    }
}
