//! A work order and its comments.

use crate::{
    entity,
    ids::{RoomId, UserId, WorkOrderId},
    merge::{MergeRule, Tell},
    time::Timestamp,
    word_enum,
};

word_enum! {
    /// P1 is the most urgent.
    #[derive(Default)]
    Priority {
        P1 = "p1",
        P2 = "p2",
        #[default]
        P3 = "p3",
        P4 = "p4",
        P5 = "p5",
    }
}

word_enum! {
    #[derive(Default)]
    WorkOrderStatus {
        #[default]
        Open = "open",
        Acknowledged = "acknowledged",
        InProgress = "in-progress",
        OnHold = "on-hold",
        Done = "done",
        Verified = "verified",
        Cancelled = "cancelled",
    }
}

impl WorkOrderStatus {
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Done | Self::Verified | Self::Cancelled)
    }
}

entity! {
    WorkOrder by WorkOrderChange {
        title / Title: String = MergeRule::LastWriter(Tell::People),
        description / Description: String = MergeRule::Text,
        room / Room: Option<RoomId> = MergeRule::LastWriter(Tell::Nobody),
        priority / Priority: Priority = MergeRule::LastWriter(Tell::People),
        status / Status: WorkOrderStatus = MergeRule::LastWriter(Tell::People),
        assignee / Assignee: Option<UserId> = MergeRule::LastWriter(Tell::People),
        reported_by / ReportedBy: Option<UserId> = MergeRule::LastWriter(Tell::Nobody),
        reported_at / ReportedAt: Option<Timestamp> = MergeRule::LastWriter(Tell::Nobody),
    }
}

entity! {
    /// A comment on a work order.
    Comment by CommentChange {
        subject / Subject: Option<WorkOrderId> = MergeRule::LastWriter(Tell::Nobody),
        text / Text: String = MergeRule::LastWriter(Tell::Nobody),
        author / Author: Option<UserId> = MergeRule::LastWriter(Tell::Nobody),
        written_at / WrittenAt: Option<Timestamp> = MergeRule::LastWriter(Tell::Nobody),
        /// Taken back; the history keeps it.
        withdrawn / Withdrawn: bool = MergeRule::LastWriter(Tell::Nobody),
    }
}
