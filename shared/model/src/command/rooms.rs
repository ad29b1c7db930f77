//! What is asked about the rooms themselves: what they are, how they belong together, when they are
//! out of use.

use crate::{
    cleanliness::Cleanliness,
    ids::{BlockId, RoomId},
    room::RoomUse,
    room_block::BlockKind,
    room_link::RoomLinkKind,
    time::BusinessDate,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum RoomCommand {
    /// A new room; its id is [`crate::identity::room`] of its number.
    Add {
        room: RoomId,
        draft: Box<RoomDraft>,
    },
    Edit {
        room: RoomId,
        edit: Box<RoomEdit>,
    },
    SetRush {
        rooms: Vec<RoomId>,
        rush: bool,
    },
    /// What everybody should know of a room, on top of the text that the person had before them.
    Note {
        room: RoomId,
        text: String,
        base: String,
    },
    /// Two rooms belong together; None: no more. Its id is [`crate::identity::room_link`].
    Link {
        first: RoomId,
        second: RoomId,
        kind: Option<RoomLinkKind>,
    },
    Block {
        block: BlockId,
        draft: Box<BlockDraft>,
    },
    EditBlock {
        block: BlockId,
        edit: Box<BlockEdit>,
    },
    /// The room is in use again.
    EndBlock {
        block: BlockId,
    },
}

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct RoomDraft {
    pub number: String,
    pub floor: i64,
    pub room_type: String,
    pub section: String,
    pub building: String,
    pub used_for: RoomUse,
}

/// The fields of a room that a person changed; the others keep what they have.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct RoomEdit {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub building: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_for: Option<RoomUse>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct BlockDraft {
    pub room: RoomId,
    pub kind: BlockKind,
    pub reason: String,
    pub from: BusinessDate,
    pub until: BusinessDate,
    pub return_status: Cleanliness,
}

/// The fields of a block that a person changed; the others keep what they have.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct BlockEdit {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<BlockKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<BusinessDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<BusinessDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_status: Option<Cleanliness>,
}

impl RoomCommand {
    /// The stable name, for logs, metrics and history.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Add { .. } => "add-room",
            Self::Edit { .. } => "edit-room",
            Self::SetRush { .. } => "set-rush",
            Self::Note { .. } => "note-room",
            Self::Link { .. } => "link-rooms",
            Self::Block { .. } => "block-room",
            Self::EditBlock { .. } => "edit-block",
            Self::EndBlock { .. } => "end-block",
        }
    }
}
