//! A room that is out of use for some days, why, and what it is when they are over.

use crate::{
    cleanliness::Cleanliness,
    entity,
    ids::RoomId,
    merge::{Comparison, MergeRule, Safety, Tell},
    time::BusinessDate,
    word_enum,
};
use std::cmp::Ordering;

word_enum! {
    /// How far a room is out of use. Ordered by what is safer for the next guest.
    #[derive(Default)]
    BlockKind {
        /// May still be sold; it stays in the inventory.
        #[default]
        OutOfService = "out-of-service",
        /// Cannot be sold; it leaves the inventory.
        OutOfOrder = "out-of-order",
    }
}

impl Safety for BlockKind {
    fn safety(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }
}

entity! {
    /// An interval of business dates in which a room is out of use.
    RoomBlock by RoomBlockChange {
        room / Room: Option<RoomId> = MergeRule::LastWriter(Tell::Nobody),
        kind / Kind: BlockKind =
            MergeRule::SafestWins(Comparison::safety::<BlockKind>(), Tell::People),
        reason / Reason: String = MergeRule::LastWriter(Tell::Nobody),
        /// The first day out of use.
        from / From: BusinessDate = MergeRule::LastWriter(Tell::People),
        /// The day on which the room is in use again.
        until / Until: BusinessDate = MergeRule::LastWriter(Tell::People),
        /// What the room is marked as when the block ends.
        return_status / ReturnStatus: Cleanliness = MergeRule::LastWriter(Tell::Nobody),
        /// Set when the block is over: its days have passed, or somebody ended it before.
        ended / Ended: bool = MergeRule::LastWriter(Tell::Nobody),
    }
}

impl RoomBlock {
    /// Whether the room is out of use on a business date.
    pub fn covers(&self, date: BusinessDate) -> bool {
        !self.ended && self.from <= date && date < self.until
    }
}
