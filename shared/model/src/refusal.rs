//! Why a command is refused, on the device that asked or by the server that judged.

use crate::policy::Role;
use serde::{Deserialize, Serialize};

/// A reason a person can act on. The interface words it through its catalogue; `Display` is the
/// English of logs and terminals.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    #[error("{command} is not among the rights of the role {role}")]
    NotAllowed { command: String, role: Role },
    #[error("this is not on this device yet")]
    NotFound,
    #[error("the task is {status} and cannot be changed this way")]
    TaskState { status: crate::task::TaskStatus },
    /// What a device says before anybody goes in; nobody is kept from it who says why.
    #[error("the room is marked {by}, and it takes a reason to go in all the same")]
    KeptOut { by: crate::room::ServiceStatus },
    #[error("the stay is {status} and cannot be changed this way")]
    StayState { status: crate::stay::StayStatus },
    #[error("the work order is {status} and cannot be changed this way")]
    WorkOrderState {
        status: crate::work_order::WorkOrderStatus,
    },
    #[error("the stay arrives on {arrival}, after the business date")]
    ArrivesLater { arrival: crate::time::BusinessDate },
    #[error("the stay has no room yet")]
    NoRoom,
    #[error("room {number} is occupied by another stay")]
    RoomOccupied { number: String },
    #[error("room {number} is taken from {from} to {until}")]
    RoomTaken {
        number: String,
        from: crate::time::BusinessDate,
        until: crate::time::BusinessDate,
    },
    #[error("room {number} is out of order until {until}")]
    RoomOutOfOrder {
        number: String,
        until: crate::time::BusinessDate,
    },
    #[error("room {number} is not for guests")]
    NotForGuests { number: String },
    #[error("{date} is over")]
    DayOver { date: crate::time::BusinessDate },
    #[error("a stay ends on its first day or up to {nights} nights later")]
    BadDays { nights: i32 },
    #[error("one to {most} adults and children")]
    BadGuests { most: i64 },
    #[error("there is a room {number} already")]
    RoomExists { number: String },
    #[error("a room does not belong to itself")]
    SameRoom,
    #[error("the room is in use again already")]
    BlockEnded,
    #[error("a room is out of use for one day to {days} days")]
    BadBlock { days: i32 },
    #[error("{field} is a number from {least} to {most}")]
    BadNumber {
        field: String,
        least: i64,
        most: i64,
    },
    #[error("{field} must not be empty")]
    Empty { field: String },
    #[error("{field} is longer than {limit} characters")]
    TooLong { field: String, limit: usize },
    /// A name in which something stands that is not seen, and that not everything keeps.
    #[error("{field} holds a control character")]
    ControlCharacter { field: String },
    #[error("more than {limit} rooms at once")]
    TooMany { limit: usize },
    #[error("nothing would change")]
    NothingToDo,
    /// Another desk ended the day, or this one asks for a day that has not begun.
    #[error("the business date is {business_date} by now, and nothing was done for another day")]
    OtherDay {
        business_date: crate::time::BusinessDate,
    },
    #[error("the rule takes a number from {least} to {most}")]
    OutOfBounds { least: i64, most: i64 },
    #[error(
        "who cleans decides of nothing but whether a clean is inspected, and not every role cleans"
    )]
    NotOfCleaner,
    #[error("the task is no inspection")]
    NotAnInspection,
    /// What stands there at present is in the replica: it is never kept with a reason, because it
    /// may have to be erased.
    #[error("somebody else wrote version {version} of this meanwhile")]
    RecordChanged { version: u64 },
    #[error("this was erased meanwhile")]
    RecordErased,
    #[error("it was changed again since, so nothing was taken back")]
    ChangedSince,
    #[error("somebody else wrote in the same place of {field} meanwhile, so nothing was changed")]
    WrittenMeanwhile { field: String },
    #[error("it was taken back and done again more than {limit} times")]
    TakenBackTooOften { limit: usize },
    #[error("the author's role had changed by the time the server had it; a manager looks at it")]
    UnderReview,
    /// What the author's role allowed before it was changed, done when no grant of the device
    /// covered it: after the device had heard of the change, or too long after it had heard anything.
    #[error(
        "{command} is not among the rights of the author's present role {role}, and the device had no word from the server that covered it"
    )]
    GrantEnded { command: String, role: Role },
    /// Its author cleaned and inspected at once, as the rules had not been for longer than a device
    /// is behind, or as those of an earlier role of theirs are.
    #[error("by the hotel's rules whoever cleans does not inspect with that any more")]
    NoSelfCheck,
    /// Its author cleaned and inspected at once a room of which another clean is to be inspected.
    #[error("an inspection of another clean of the room is open")]
    InspectionAwaited,
    #[error("a manager looked at it and declined it")]
    Declined,
    #[error("it was set aside: its author no longer works here, or its device is not trusted")]
    Quarantined,
    /// What a device says; the server says `WrongAuthor`.
    #[error(
        "the hotel does not know its author any more: its log was brought back to before they were \
         taken on"
    )]
    AuthorUnknown,
    #[error("only people of the hotel can do this on a device")]
    ServerOnly,

    /// The server's gate found the bytes unfit; an honest device does not see this.
    #[error("the change was not accepted: {reason}")]
    Gate { reason: GateReason },
}

impl From<GateReason> for Refusal {
    fn from(reason: GateReason) -> Self {
        Self::Gate { reason }
    }
}

crate::word_enum! {
    /// What the admission gate found.
    GateReason {
        TooLarge = "too-large",
        NotAChange = "not-a-change",
        Checksum = "checksum",
        TooManyRows = "too-many-rows",
        UnregisteredActor = "unregistered-actor",
        Sequence = "sequence",
        MissingDependency = "missing-dependency",
        StartOp = "start-op",
        TooManyOperations = "too-many-operations",
        UnknownField = "unknown-field",
        WrongAuthor = "wrong-author",
        WrongOperation = "wrong-operation",
        Unreadable = "unreadable",
        Panicked = "panicked",
        Signature = "signature",
        NoChanges = "no-changes",
        UnknownKind = "unknown-kind",
        Timestamp = "timestamp",
        /// It writes what its command does not.
        NotOfCommand = "not-of-command",
        /// It was written under a schema that this server does not know.
        Schema = "schema",
    }
}
