//! A housekeeping task: one clean of one room, made by a rule or a person.

use crate::{
    entity,
    ids::{RoomId, StayId, UserId},
    merge::{Comparison, MergeRule, Safety, Tell},
    time::{BusinessDate, Timestamp},
    word_enum,
};
use std::cmp::Ordering;

word_enum! {
    /// What is to be done.
    #[derive(Default)]
    TaskKind {
        Departure = "departure",
        #[default]
        Stayover = "stayover",
    }
}

word_enum! {
    /// Ordered by which of two concurrent values is kept.
    #[derive(Default)]
    TaskStatus {
        #[default]
        Planned = "planned",
        Cancelled = "cancelled",
        Paused = "paused",
        InProgress = "in-progress",
        Done = "done",
    }
}

impl TaskStatus {
    pub fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::Paused | Self::InProgress)
    }
}

impl Safety for TaskStatus {
    fn safety(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }
}

word_enum! {
    /// The rule that made a task, or moved or cancelled it last.
    #[derive(Default)]
    TaskRule {
        /// A stay ends on the business date.
        #[default]
        DepartureDue = "departure-due",
        /// A guest checked out.
        CheckOut = "check-out",
        /// A guest checked out before the stay's last day.
        EarlyDeparture = "early-departure",
        /// A stay goes on through the business date.
        StayContinues = "stay-continues",
    }
}

entity! {
    Task by TaskChange {
        kind / Kind: TaskKind = MergeRule::LastWriter(Tell::Nobody),
        room / Room: Option<RoomId> = MergeRule::LastWriter(Tell::Nobody),
        stay / Stay: Option<StayId> = MergeRule::LastWriter(Tell::Nobody),
        business_date / BusinessDate: BusinessDate = MergeRule::LastWriter(Tell::Nobody),
        status / Status: TaskStatus =
            MergeRule::SafestWins(Comparison::safety::<TaskStatus>(), Tell::Nobody),
        rule / Rule: TaskRule = MergeRule::LastWriter(Tell::Nobody),
        assignee / Assignee: Option<UserId> = MergeRule::LastWriter(Tell::People),
        /// When the present run began; the sum of earlier runs is in `worked_millis`.
        started_at / StartedAt: Option<Timestamp> = MergeRule::LastWriter(Tell::Nobody),
        finished_at / FinishedAt: Option<Timestamp> = MergeRule::LastWriter(Tell::Nobody),
        worked_millis / WorkedMillis: i64 = MergeRule::LastWriter(Tell::Nobody),
    }
}
