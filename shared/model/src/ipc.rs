//! The three calls between the interface and the app: `ask`, `act` and `watch`.

use crate::{
    administration::{Administered, Administration},
    command::{Command, WorkOrderDraft},
    ids::{DeviceId, DocumentRef, HotelId, OperationId, UserId, WorkOrderId},
    import::{ImportAsked, ImportKind, ImportReport, Mapping},
    policy::Role,
    refusal::Refusal,
    rows::{DeviceRow, GuestRow, HistoryEntry, Person, Row},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// A question about local data; answered from the replica, never from the network.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Question {
    /// The story of some documents together, newest first, at most `limit` actions.
    History {
        documents: Vec<DocumentRef>,
        limit: usize,
    },
    /// The actions that wrote a field of a document, newest first, at most `limit`, whatever others
    /// wrote beside it.
    Written {
        document: DocumentRef,
        field: String,
        limit: usize,
    },
    /// Which of some documents have an earlier story that only the server tells, see
    /// [`Request::Open`].
    NotWhole { documents: Vec<DocumentRef> },
    /// Actions that wait to be sent, oldest first.
    Waiting,
    /// Who did something last at which device, see [`Heard`].
    Heard,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Answer {
    History(Vec<HistoryEntry>),
    NotWhole(Vec<DocumentRef>),
    Waiting(Vec<WaitingAction>),
    Heard(Vec<Heard>),
}

/// What was last heard of somebody's work at one device, as far as the latest actions tell that this
/// device knows of ([`HEARD_ACTIONS`](crate::limits::HEARD_ACTIONS)).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Heard {
    pub person: UserId,
    pub device: DeviceId,
    /// When they did something there last, by that device's clock.
    pub done_at: Timestamp,
    /// When the server learned of something there last; None while all of it waits on this device.
    pub known_at: Option<Timestamp>,
}

/// Something to do. Answered when it is durable on this device, or refused.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Request {
    SignIn {
        /// Address of the server, e.g. `http://127.0.0.1:7300`.
        server: String,
        /// The hotel's code.
        hotel: String,
        name: String,
        password: String,
        /// From a manager, where the hotel does not know this device.
        code: Option<String>,
    },
    /// What waits stays on this device and is sent after the next sign-in.
    SignOut,
    /// Gives the person who is signed in a PIN of this device, or another one.
    SetPin {
        pin: String,
        /// The one that they have: whoever found the desk open does not lock them out of it.
        present: Option<String>,
    },
    /// Leaves the device to the next person; the session goes on with one's PIN.
    Lock,
    /// Goes on with the session that somebody left with [`Request::Lock`].
    Unlock {
        person: UserId,
        pin: String,
    },
    /// Puts the data of another hotel at hand that are on this device, for nobody yet. Whoever was
    /// here leaves, as with [`Request::Lock`] if they have a PIN.
    GoToHotel {
        hotel: HotelId,
    },
    /// Asked of the server, with an answer that is not kept here.
    Administer(Administration),
    /// Has the server read a file, with an answer that is not kept here.
    Import(Box<ImportAsked>),
    /// Writes a mapping into a file of the person's, where the app chooses the place and the name.
    SaveMapping {
        kind: ImportKind,
        mapping: Box<Mapping>,
    },
    Do(Command),
    /// Makes a work order; the app gives it its id.
    CreateWorkOrder(WorkOrderDraft),
    /// Comments on a work order; the app gives the comment its id.
    AddComment {
        subject: WorkOrderId,
        text: String,
    },
    /// The person looks at a document, which should be here with all of its story: what is missing
    /// is asked of the server.
    Open(DocumentRef),
    /// The person has read why these were refused.
    DismissRefused {
        operation: OperationId,
    },
    /// The person has read that the data on this device were damaged.
    DismissDamage,
}

/// What a request came to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Receipt {
    /// Durable on this device; the operation can be undone.
    Done {
        operation: OperationId,
        document: Option<DocumentRef>,
    },
    /// There was nothing to write.
    Noted,
    Administered(Box<Administered>),
    Imported(Box<ImportReport>),
    /// Where the file is.
    Saved {
        path: String,
    },
}

/// Why a request or question failed. The interface words it through its catalogue.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, thiserror::Error)]
pub enum Problem {
    #[error(transparent)]
    Refused(Refusal),
    #[error("the user name or password is not right")]
    WrongPassword,
    #[error("the server at {address} knows no hotel with this code")]
    UnknownHotel { address: String },
    #[error("no server answers at {address}")]
    ServerUnreachable { address: String },
    #[error("“{address}” is not a server address")]
    BadAddress { address: String },
    #[error("{address} is another machine, and http:// sends passwords there in the clear")]
    Insecure { address: String },
    #[error("this version of Keyrack is too old for the server")]
    OldProtocol,
    #[error("the server is older than this version of Keyrack")]
    NewProtocol,
    #[error("too many tries; wait {seconds} s")]
    TryLater { seconds: u32 },
    #[error("the server cannot reach its store, or is about to stop")]
    ServerBusy,
    #[error("the server's log was brought back, and nobody has said how far")]
    LogBroughtBack,
    #[error("the server does not recognise this device's key")]
    DeviceKey,
    #[error("the hotel does not know this device, and no code of a manager came with it")]
    NotEnrolled,
    #[error("the password was handed over too long ago")]
    PasswordEnded,
    #[error("the PIN is not right; {left} tries are left")]
    WrongPin { left: u32 },
    #[error("too many wrong PINs: wait {seconds} s")]
    PinWaits { seconds: u32 },
    #[error("nobody of this name has a PIN here")]
    NoPin,
    #[error("a PIN has {least} to {most} digits and is not one that everybody tries first")]
    WeakPin { least: usize, most: usize },
    #[error("the server that answers at {address} is not reached by that address")]
    OtherAddress { address: String },
    #[error("this is for whoever has shown their password a moment ago")]
    NotConfirmed,
    #[error("the person's role has no right to this")]
    NotAllowed,
    #[error("the server refused this: {message}")]
    Declined { message: String },
    #[error("this device holds the data of another hotel")]
    OtherHotel,
    #[error("somebody is signed in at another server")]
    OtherServer,
    #[error("nobody is signed in")]
    SignedOut,
    #[error("the password was changed, and what this device goes on with could not be stored")]
    SignInNotKept,
    #[error("no file could be written into {folder}")]
    NotSaved { folder: String },
    #[error("the disk is full; nothing was changed")]
    DiskFull,
    #[error("the data on this device could not be read or written: nothing was changed")]
    StoreUnavailable,
    #[error("the server answered in a way this version does not understand")]
    ServerConfused,
    #[error("something went wrong inside the app: nothing was changed")]
    Internal,
}

/// What the app tells the interface as it happens. The first three after `watch` are a `Session`,
/// a `Sync` and, when somebody is signed in, a `Rows` with `replace`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Event {
    Session(Session),
    Sync(SyncState),
    Rows {
        /// These are all rows; drop the others.
        replace: bool,
        rows: Vec<Row>,
    },
    /// Who the guests of some stays are, told to those who may read it.
    Guests {
        /// These are all that are known; drop the others.
        replace: bool,
        guests: Vec<GuestRow>,
    },
}

/// Who is here.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Session {
    SignedOut {
        /// Prefills the form.
        server: String,
        hotel: String,
        /// What people call the hotel; empty until somebody has signed in to it here.
        hotel_name: String,
        /// What this computer calls itself.
        device_name: String,
        name: String,
        /// With which the device is added to the hotel; empty where none was given.
        code: String,
        waiting: Vec<WaitingOf>,
        /// The hotels whose data are here too.
        others: Vec<OtherHotel>,
        /// Who goes on here with a PIN.
        faces: Vec<Face>,
        /// Why the session ended, when it was not the person who ended it.
        ended: Option<Problem>,
        /// As for whoever is signed in; said before anybody's data are on this computer.
        key_in_file: bool,
    },
    SignedIn {
        hotel: HotelId,
        /// By which the hotel is signed in to; it never changes.
        hotel_code: String,
        /// What people call it: its document says so, once that is here.
        hotel_name: String,
        server: String,
        device: DeviceId,
        me: Person,
        people: Vec<Person>,
        /// What the hotel's devices are called.
        devices: Vec<DeviceRow>,
        /// The local clock's offset from UTC in minutes, for showing times.
        utc_offset_minutes: i32,
        /// The store's key is kept in a file because this desktop has no keyring.
        key_in_file: bool,
        /// Whether the person goes on with a PIN after leaving the device to somebody else.
        has_pin: bool,
        /// Whether they are asked for a password of their own: somebody else chose the present one.
        password_given: bool,
        /// The hotels whose data are here too.
        others: Vec<OtherHotel>,
    },
}

/// Somebody whose session waits for a PIN.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Face {
    pub user: UserId,
    /// What they sign in with.
    pub name: String,
    pub display: String,
    pub role: Role,
    /// Actions of theirs that wait to be sent.
    pub waiting: usize,
    /// Of these, those that are sent only once they go on here themselves: they have to sign them.
    pub unsigned: usize,
    /// When the server last said that they work here; None when that is not known.
    pub confirmed_at: Option<Timestamp>,
    /// Until when no PIN of theirs is tried; None when the next one costs no waiting.
    pub waits_until: Option<Timestamp>,
}

/// How much of whom waits on this device.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WaitingOf {
    pub user: UserId,
    pub display: String,
    pub actions: usize,
    /// Of these, those that are sent only once they have signed in here themselves.
    pub unsigned: usize,
}

/// A hotel whose data are on this device and not at hand.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OtherHotel {
    pub hotel: HotelId,
    /// What people call it; empty as an earlier version kept it.
    pub name: String,
    /// What it is signed in to by.
    pub code: String,
    /// Actions that wait there to be sent.
    pub waiting: usize,
}

impl OtherHotel {
    /// What it is called here, whatever is known of it.
    pub fn called(&self) -> &str {
        match self.name.as_str() {
            "" => &self.code,
            name => name,
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SyncState {
    pub connection: Connection,
    /// When this device last held everything the server had.
    pub synced_at: Option<Timestamp>,
    /// Until when what is done here without a connection is at least looked at when its author's
    /// role has been changed meanwhile; None where the server has not said.
    pub grant_until: Option<Timestamp>,
    /// Actions that wait to be sent.
    pub waiting: usize,
    pub refused: Vec<RefusedAction>,
    pub damage: Option<Damage>,
    pub audit_alarm: Option<AuditAlarm>,
}

/// The server's audit log is not the one whose end this device was told before: it was cut off or
/// written anew, or its end is not signed by the server's key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AuditAlarm {
    pub noticed_at: Timestamp,
}

/// The data on this device were damaged and are had from the server again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Damage {
    pub found_at: Timestamp,
    /// Actions that had not been sent and could still be read.
    pub rescued: usize,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Connection {
    Online,
    /// Connected, and receiving what happened meanwhile.
    CatchingUp,
    Offline {
        since: Timestamp,
        /// None while the first try is under way.
        reason: Option<Problem>,
    },
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WaitingAction {
    pub operation: OperationId,
    pub command: Command,
    pub author: UserId,
    pub at: Timestamp,
    /// Who has to sign in here before it is sent, because they have to sign it, or something that it
    /// rests on; None when it goes by itself.
    pub awaits: Option<UserId>,
}

/// An action that the server refused, kept with its content.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RefusedAction {
    pub operation: OperationId,
    pub command: Command,
    pub author: UserId,
    pub at: Timestamp,
    pub reason: Refusal,
}
