//! What happened in a world, in the words of the hotel.

use keyrack_model::{
    action::Sequence,
    ids::{DocumentRef, OperationId},
    policy::Role,
    time::BusinessDate,
};
use std::fmt;

/// What happened, and how many milliseconds after the beginning.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    pub at: u64,
    pub event: Event,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// Somebody did something, and the device keeps it.
    Acted {
        device: usize,
        operation: OperationId,
        command: &'static str,
    },
    /// The device refused at once.
    Declined {
        device: usize,
        command: &'static str,
        reason: String,
    },
    /// Somebody wants to see a document with all of its story.
    Opened {
        device: usize,
        document: DocumentRef,
        /// Whether all of it is there.
        is_whole: bool,
    },
    /// Somebody has read that this was refused.
    PutAway {
        device: usize,
        operation: OperationId,
    },
    /// A device holds less than before, of what is over.
    LetGo {
        device: usize,
        documents: usize,
    },
    Connected {
        device: usize,
    },
    ConnectionLost {
        device: usize,
    },
    /// The device has the log up to here.
    Has {
        device: usize,
        cursor: Sequence,
    },
    Crashed {
        device: usize,
    },
    /// A device is killed after so many transactions of a step that has more.
    Interrupted {
        device: usize,
        transactions: i64,
    },
    Started {
        device: usize,
        waiting: usize,
    },
    BackedUp {
        device: usize,
    },
    Restored {
        device: usize,
    },
    ClockJumped {
        device: usize,
        skew_millis: i64,
    },
    SignedIn {
        device: usize,
        person: String,
    },
    RoleChanged {
        person: String,
        role: Role,
    },
    Partitioned {
        device: usize,
        way: Way,
        millis: u64,
    },
    Swallowed {
        device: usize,
    },
    Replayed {
        device: usize,
    },
    /// A question beside the log is on its way twice.
    AskedTwice {
        device: usize,
    },
    /// The log has another entry.
    Stored {
        sequence: Sequence,
        operation: OperationId,
    },
    /// With it a guest was erased.
    Erased {
        sequence: Sequence,
    },
    Accepted {
        operation: OperationId,
        sequence: Sequence,
    },
    Refused {
        operation: OperationId,
        reason: String,
    },
    ServerCrashed,
    ServerStopping,
    ServerStarted {
        skew_millis: i64,
    },
    StoreOutage {
        millis: u64,
    },
    LogRestored {
        to: Sequence,
    },
    /// The log is an older one, and nobody says so.
    LogPutBack {
        to: Sequence,
    },
    /// The server does not talk to a device that knows another log.
    TurnedAway {
        device: usize,
    },
    /// Somebody says up to where the log is the same.
    RestoreSaid {
        shared: Sequence,
    },
    /// The hotel has come to another day.
    DayMoved {
        date: BusinessDate,
    },
    /// Somebody at a desk ended the day before this one.
    DayClosed {
        device: usize,
        date: BusinessDate,
    },
    Healed,
    /// Everybody shows the same, of which this is the hash.
    Agreed {
        head: Sequence,
        shown: String,
    },
}

impl Event {
    /// What events of this kind are called where they are counted.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Acted { .. } => "actions done",
            Self::Declined { .. } => "actions declined on a device",
            Self::Opened { is_whole: true, .. } => "documents opened",
            Self::Opened { .. } => "documents opened that were not whole",
            Self::PutAway { .. } => "refusals put away",
            Self::LetGo { .. } => "documents let go of",
            Self::Connected { .. } => "connections",
            Self::ConnectionLost { .. } => "connections lost",
            Self::Has { .. } => "deliveries and verdicts taken in",
            Self::Crashed { .. } => "devices killed",
            Self::Interrupted { .. } => "steps of devices interrupted",
            Self::Started { .. } => "device starts",
            Self::BackedUp { .. } => "stores copied",
            Self::Restored { .. } => "stores put back",
            Self::ClockJumped { .. } => "clocks set wrong",
            Self::SignedIn { .. } => "shift changes",
            Self::RoleChanged { .. } => "demotions",
            Self::Partitioned { .. } => "partitions in one direction",
            Self::Swallowed { .. } => "black holes",
            Self::Replayed { .. } => "connections replayed",
            Self::AskedTwice { .. } => "questions doubled",
            Self::Stored { .. } => "entries stored",
            Self::Erased { .. } => "guests erased",
            Self::Accepted { .. } => "actions accepted",
            Self::Refused { .. } => "actions refused",
            Self::ServerCrashed => "servers killed",
            Self::ServerStopping => "servers stopped",
            Self::ServerStarted { .. } => "server starts",
            Self::StoreOutage { .. } => "outages of the store",
            Self::LogRestored { .. } => "logs brought back",
            Self::LogPutBack { .. } => "logs put back without a word",
            Self::TurnedAway { .. } => "devices turned away",
            Self::RestoreSaid { .. } => "logs said to be put back",
            Self::DayMoved { .. } => "days begun",
            Self::DayClosed { .. } => "days ended at a desk",
            Self::Healed => "hotels healed",
            Self::Agreed { .. } => "hotels in step",
        }
    }
}

/// The direction that a partition blocks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    ToServer,
    ToDevice,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, millis) = (self.at / 1_000, self.at % 1_000);
        write!(f, "{seconds:4}.{millis:03}  {}", self.event)
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Acted {
                device,
                operation,
                command,
            } => write!(f, "device {device}: {command} is {}", short(*operation)),
            Self::Declined {
                device,
                command,
                reason,
            } => write!(f, "device {device}: {command} is declined: {reason}"),
            Self::Opened {
                device,
                document,
                is_whole: true,
            } => write!(f, "device {device}: {document} is opened"),
            Self::Opened {
                device, document, ..
            } => write!(
                f,
                "device {device}: {document} is opened, and not all there"
            ),
            Self::PutAway { device, operation } => {
                write!(f, "device {device}: {} is put away", short(*operation))
            }
            Self::LetGo { device, documents } => {
                write!(f, "device {device} lets go of {documents}")
            }
            Self::Connected { device } => write!(f, "device {device} is connected"),
            Self::ConnectionLost { device } => write!(f, "device {device} lost its connection"),
            Self::Has { device, cursor } => write!(f, "device {device} has {}", cursor.0),
            Self::Crashed { device } => write!(f, "device {device} is killed"),
            Self::Interrupted {
                device,
                transactions,
            } => write!(
                f,
                "device {device} does not come to the end of a step: it is killed after {transactions} transactions"
            ),
            Self::Started { device, waiting } => {
                write!(f, "device {device} starts, {waiting} waiting")
            }
            Self::BackedUp { device } => write!(f, "device {device}: its store is copied"),
            Self::Restored { device } => write!(f, "device {device}: the copy is put back"),
            Self::ClockJumped {
                device,
                skew_millis,
            } => write!(f, "device {device}: its clock is {skew_millis} ms off"),
            Self::SignedIn { device, person } => write!(f, "device {device}: {person} signs in"),
            Self::RoleChanged { person, role } => write!(f, "{person} is {role} from here on"),
            Self::Partitioned {
                device,
                way,
                millis,
            } => write!(f, "device {device}: nothing goes {way} for {millis} ms"),
            Self::Swallowed { device } => {
                write!(f, "device {device}: its connection swallows everything")
            }
            Self::Replayed { device } => {
                write!(f, "device {device}: what it said arrives once more")
            }
            Self::AskedTwice { device } => {
                write!(f, "device {device}: what it asks for arrives twice")
            }
            Self::Stored {
                sequence,
                operation,
            } => write!(f, "log {}: {}", sequence.0, short(*operation)),
            Self::Erased { sequence } => write!(f, "log {}: a guest is erased", sequence.0),
            Self::Accepted {
                operation,
                sequence,
            } => write!(f, "server accepts {} as {}", short(*operation), sequence.0),
            Self::Refused { operation, reason } => {
                write!(f, "server refuses {}: {reason}", short(*operation))
            }
            Self::ServerCrashed => write!(f, "the server is killed"),
            Self::ServerStopping => write!(f, "the server stops in good order"),
            Self::ServerStarted { skew_millis } => {
                write!(f, "the server starts, its clock {skew_millis} ms off")
            }
            Self::StoreOutage { millis } => {
                write!(f, "the server's store is away for {millis} ms")
            }
            Self::LogRestored { to } => write!(f, "the log is brought back to {}", to.0),
            Self::LogPutBack { to } => {
                write!(f, "the log is put back to {}, and nobody says so", to.0)
            }
            Self::TurnedAway { device } => write!(f, "device {device} is turned away"),
            Self::RestoreSaid { shared } => {
                write!(
                    f,
                    "somebody says that the log is the same up to {}",
                    shared.0
                )
            }
            Self::DayMoved { date } => write!(f, "the hotel has come to {date}"),
            Self::DayClosed { device, date } => {
                write!(f, "device {device}: the day is ended, and {date} begins")
            }
            Self::Healed => write!(f, "everything heals"),
            Self::Agreed { head, shown } => write!(f, "all agree at {}: {shown}", head.0),
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ToServer => "to the server",
            Self::ToDevice => "to the device",
        })
    }
}

/// Enough of an operation to tell it from the others of a world.
pub(super) fn short(operation: OperationId) -> String {
    format!("{:08x}", (operation.0.as_u128() >> 96) as u32)
}
