//! Every command and every refusal has its bytes: what a golden value is of is noted, and what is
//! missing is named.

use super::description::Described;
use expect_test::Expect;
use keyrack_model::{
    command::{Command, DeskCommand, ImportedRow, RoomCommand, WorkCommand},
    refusal::Refusal,
};
use serde::{Serialize, de::DeserializeOwned};
use std::{collections::BTreeSet, fmt::Debug};

/// Something of which each variant has a golden value.
pub trait Variants {
    const ALL: &[&str];
    fn variant(&self) -> &'static str;
}

/// Names the variants of an enum. One that is not among these does not compile.
macro_rules! variants {
    ($($kind:ident { $($variant:ident),* $(,)? })*) => {$(
        impl Variants for $kind {
            const ALL: &[&str] = &[$(stringify!($variant)),*];

            fn variant(&self) -> &'static str {
                match self { $(Self::$variant { .. } => stringify!($variant)),* }
            }
        }
    )*};
}

variants! {
    Command {
        SetCleanliness, SetOccupancySeen, SetServiceStatus,
        StartTask, PauseTask, FinishTask, AssignTask,
        CheckIn, CheckOut,
        CreateWorkOrder, EditWorkOrder, AddComment,
        EditGuest, EraseGuest,
        Desk, Rooms, Work, SetRule, Settle, NameHotel,
        Undo, OpenHotel, Import, Approved, Redacted,
    }
    DeskCommand {
        Book, EditStay, CancelStay, MarkNoShow, AssignRoom, MoveRoom, SetQueued, CloseDay, PlanRoom,
    }
    RoomCommand { Add, Edit, SetRush, Note, Link, Block, EditBlock, EndBlock }
    WorkCommand { Add, Cancel, Pin, KeptOut, Enter, Note, Inspect }
    ImportedRow { Room, Stay, Task, BusinessDate }
    Refusal {
        NotAllowed, NotFound, TaskState, KeptOut, StayState, WorkOrderState, ArrivesLater, NoRoom,
        RoomOccupied, RoomTaken, RoomOutOfOrder, NotForGuests, DayOver, BadDays, BadGuests,
        RoomExists, SameRoom, BlockEnded, BadBlock, BadNumber, Empty, TooLong, ControlCharacter,
        TooMany, NothingToDo, OtherDay, OutOfBounds, NotOfCleaner, NotAnInspection, RecordChanged,
        RecordErased, ChangedSince, WrittenMeanwhile, TakenBackTooOften, UnderReview, GrantEnded,
        NoSelfCheck, InspectionAwaited, Declined, Quarantined, AuthorUnknown, ServerOnly, Gate,
    }
}

/// The variants of one enum of which there was a golden value.
#[derive(Default)]
pub struct Seen(BTreeSet<&'static str>);

impl Seen {
    /// Holds the value against its bytes.
    #[track_caller]
    pub fn check<T>(&mut self, value: &T, expected: Expect)
    where
        T: Serialize + DeserializeOwned + PartialEq + Debug + Described + Variants,
    {
        self.note(value);
        crate::check(value, expected);
    }

    /// Notes a value that is held against its bytes within another.
    pub fn note<T: Variants>(&mut self, value: &T) {
        self.0.insert(value.variant());
    }

    /// Fails unless there was a value of each variant.
    #[track_caller]
    pub fn has_all<T: Variants>(&self) {
        let lack = T::ALL.iter().filter(|name| !self.0.contains(*name));
        let lack: Vec<_> = lack.collect();
        assert!(lack.is_empty(), "without a golden value: {lack:?}");
    }
}
