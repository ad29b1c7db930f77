//! A housekeeping task: one clean of one room, made by a rule or a person.

use crate::{
    cleanliness::Turn,
    entity,
    field::is_default,
    ids::{RoomId, StayId, TaskId, UserId},
    merge::{Comparison, MergeRule, Safety, Tell},
    room::ServiceStatus,
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
        Arrival = "arrival",
        TouchUp = "touch-up",
        Turndown = "turndown",
        DeepClean = "deep-clean",
        LinenChange = "linen-change",
        Inspection = "inspection",
        /// Somebody looks: a vacant room, or one that is said to be clean.
        Check = "check",
        Extra = "extra",
        GuestRequest = "guest-request",
        Delivery = "delivery",
        Round = "round",
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

impl TaskKind {
    /// Whether finishing it makes the room clean.
    pub fn cleans(self) -> bool {
        match self {
            Self::Departure | Self::Stayover | Self::Arrival | Self::TouchUp | Self::DeepClean => {
                true
            }
            Self::Turndown
            | Self::LinenChange
            | Self::Inspection
            | Self::Check
            | Self::Extra
            | Self::GuestRequest
            | Self::Delivery
            | Self::Round => false,
        }
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
        /// A guest was moved to another room.
        RoomMove = "room-move",
        /// It was not done on its day, and is made anew for the next.
        CarriedOver = "carried-over",
        /// The night audit began another day.
        NightAudit = "night-audit",
        /// The room was cleaned in a later turn than the one that it was about.
        Overtaken = "overtaken",
        LinenDue = "linen-due",
        DeepCleanDue = "deep-clean-due",
        /// Nobody was in the room for so many days.
        VacantTooLong = "vacant-too-long",
        /// A guest is expected.
        ArrivalDue = "arrival-due",
        TurndownDue = "turndown-due",
        /// Every so many cleans are inspected.
        InspectionDue = "inspection-due",
        /// An inspection failed.
        Rework = "rework",
        /// The desk called a room clean whose clean was still open.
        DeskClean = "desk-clean",
        /// The desk called a clean room dirty.
        DeskDirty = "desk-dirty",
        /// The room is in use again and has to be cleaned.
        BlockEnded = "block-ended",
        /// A guest checked in.
        CheckIn = "check-in",
        /// The stay was cancelled or did not come.
        StayGone = "stay-gone",
        /// No rule: a person made it, or cancelled it.
        Person = "person",
    }
}

word_enum! {
    /// What an inspection came to. Ordered by which of two is kept.
    #[derive(Default)]
    InspectionOutcome {
        #[default]
        Open = "open",
        Skipped = "skipped",
        Passed = "passed",
        Failed = "failed",
    }
}

word_enum! {
    /// Why somebody goes into a room that is marked to be left alone.
    EntryReason {
        GuestAsked = "guest-asked",
        /// Nobody is left whom it would disturb.
        GuestLeft = "guest-left",
        SupervisorSaid = "supervisor-said",
        /// The mark is there by mistake, or was left on.
        MarkWrong = "mark-wrong",
    }
}

impl Safety for InspectionOutcome {
    fn safety(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }
}

impl Task {
    /// Whether it belongs to what is done on a business date: it is of that day, or of one before and
    /// still open, as what somebody has begun, pinned or noted is.
    pub fn stands_on(&self, date: BusinessDate) -> bool {
        self.business_date == date || (self.business_date < date && self.status.is_open())
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
        /// The count that made it due, against the rule's number: the third night, of every three.
        #[serde(skip_serializing_if = "is_default")]
        counted / Counted: i64 = MergeRule::LastWriter(Tell::Nobody),
        #[serde(skip_serializing_if = "is_default")]
        of_every / OfEvery: i64 = MergeRule::LastWriter(Tell::Nobody),
        /// What a person called it; empty where the kind says enough.
        #[serde(skip_serializing_if = "is_default")]
        title / Title: String = MergeRule::LastWriter(Tell::Nobody),
        #[serde(skip_serializing_if = "is_default")]
        note / Note: String = MergeRule::LastWriter(Tell::People),
        /// No rule moves or cancels it.
        #[serde(skip_serializing_if = "is_default")]
        pinned / Pinned: bool = MergeRule::LastWriter(Tell::Nobody),
        /// Times that somebody was at the door in vain, the last one, and what kept them out.
        #[serde(skip_serializing_if = "is_default")]
        attempts / Attempts: i64 = MergeRule::LastWriter(Tell::Nobody),
        #[serde(skip_serializing_if = "is_default")]
        attempted_at / AttemptedAt: Option<Timestamp> = MergeRule::LastWriter(Tell::Nobody),
        #[serde(skip_serializing_if = "is_default")]
        kept_out_by / KeptOutBy: ServiceStatus = MergeRule::LastWriter(Tell::Nobody),
        /// The task that it inspects, or does again.
        #[serde(skip_serializing_if = "is_default")]
        follows / Follows: Option<TaskId> = MergeRule::LastWriter(Tell::Nobody),
        #[serde(skip_serializing_if = "is_default")]
        outcome / Outcome: InspectionOutcome =
            MergeRule::SafestWins(Comparison::safety::<InspectionOutcome>(), Tell::People),
        /// The turn that it is good for, where kind, stay and date do not tell: of what was made
        /// during a day about the room as it stood.
        #[serde(skip_serializing_if = "is_default")]
        turn / Turn: Option<Turn> = MergeRule::LastWriter(Tell::Nobody),
        /// Why whoever began it went in, though the room was marked to be left alone.
        #[serde(skip_serializing_if = "is_default")]
        entered_because / EnteredBecause: Option<EntryReason> =
            MergeRule::LastWriter(Tell::Nobody),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_outlives_its_day_and_what_is_done_does_not() {
        let today: BusinessDate = "2017-05-25".parse().unwrap();
        let task = |date: &str, status| Task {
            business_date: date.parse().unwrap(),
            status,
            ..Task::default()
        };
        use TaskStatus::{Cancelled, Done, InProgress, Paused, Planned};
        for status in [Planned, Paused, InProgress] {
            assert!(task("2017-05-24", status).stands_on(today));
            assert!(task("2017-05-25", status).stands_on(today));
            assert!(!task("2017-05-26", status).stands_on(today));
        }
        for status in [Done, Cancelled] {
            assert!(!task("2017-05-24", status).stands_on(today));
            assert!(task("2017-05-25", status).stands_on(today));
        }
    }
}
