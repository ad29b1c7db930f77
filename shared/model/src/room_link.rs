//! Two rooms that belong together.

use crate::{
    entity,
    ids::RoomId,
    merge::{MergeRule, Tell},
    word_enum,
};

word_enum! {
    /// How two rooms belong together.
    #[derive(Default)]
    RoomLinkKind {
        /// A door leads from one into the other.
        #[default]
        Connecting = "connecting",
        /// Side by side, without a door.
        Adjoining = "adjoining",
        /// The first one is sold as a whole of which the second is a part.
        Component = "component",
    }
}

entity! {
    /// Two rooms and what they are to each other. There is one for each pair.
    RoomLink by RoomLinkChange {
        first / First: Option<RoomId> = MergeRule::LastWriter(Tell::Nobody),
        second / Second: Option<RoomId> = MergeRule::LastWriter(Tell::Nobody),
        kind / Kind: RoomLinkKind = MergeRule::LastWriter(Tell::Nobody),
        /// They belong together no more.
        removed / Removed: bool = MergeRule::LastWriter(Tell::Nobody),
    }
}

impl RoomLink {
    /// The other room of the pair; None for a room that is not of it.
    pub fn other(&self, room: RoomId) -> Option<RoomId> {
        match (self.first, self.second) {
            (Some(first), second) if first == room => second,
            (first, Some(second)) if second == room => first,
            _ => None,
        }
    }
}
