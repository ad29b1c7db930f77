//! Identifiers: one newtype for each thing that is named, so that none can stand for another.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

uuid_id! {
    /// One hotel: the tenant that every row and every key begins with.
    HotelId,
    /// A person who works at a hotel.
    UserId,
    /// An installation of the desktop app, or the server itself.
    DeviceId,
    /// One action: made and stored before it is sent, and the name under which it is judged.
    OperationId,
    /// Any document, whatever its kind.
    DocumentId,
    RoomId,
    StayId,
    TaskId,
    WorkOrderId,
    CommentId,
    /// A room that is taken out of use for some days.
    BlockId,
    /// Two rooms that belong together.
    LinkId,
    /// The rules of a hotel, of one of its room types or of one of its rates.
    RuleSheetId,
    /// A record: the id of the person or device that it tells of, or of a guest's stay.
    RecordId,
    /// A random Automerge actor: made for each process start and user session, never reused.
    ActorId,
    /// What a sign-in began on one device; it ends as one, with all of its tokens.
    SessionId,
    /// With which a program brings files in, and nothing else.
    ImportKeyId,
    /// The identity of the server's log; a restored server announces another one.
    LogEpoch,
    /// What tells hotels with the same code on different servers apart: random, made with the
    /// hotel, and the same in every backup of it.
    HotelOrigin,
}

/// What a document describes. The number is stored and travels; it never changes its meaning.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub enum DocumentKind {
    Hotel = 1,
    Room = 2,
    Stay = 3,
    Task = 4,
    WorkOrder = 5,
    Comment = 6,
    /// Since version 4 of the protocol, as are the next two.
    RoomBlock = 7,
    RoomLink = 8,
    RuleSheet = 9,
}

impl DocumentKind {
    pub const ALL: [Self; 9] = [
        Self::Hotel,
        Self::Room,
        Self::Stay,
        Self::Task,
        Self::WorkOrder,
        Self::Comment,
        Self::RoomBlock,
        Self::RoomLink,
        Self::RuleSheet,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Hotel => "hotel",
            Self::Room => "room",
            Self::Stay => "stay",
            Self::Task => "task",
            Self::WorkOrder => "work_order",
            Self::Comment => "comment",
            Self::RoomBlock => "room_block",
            Self::RoomLink => "room_link",
            Self::RuleSheet => "rule_sheet",
        }
    }
}

impl From<DocumentKind> for u8 {
    fn from(kind: DocumentKind) -> u8 {
        kind as u8
    }
}

/// A number that names no kind of document known to this version.
#[derive(Debug, thiserror::Error)]
#[error("document kind {0} is not known to this version of Keyrack")]
pub struct UnknownKind(u8);

impl TryFrom<u8> for DocumentKind {
    type Error = UnknownKind;
    fn try_from(number: u8) -> Result<Self, UnknownKind> {
        Self::ALL
            .into_iter()
            .find(|kind| *kind as u8 == number)
            .ok_or(UnknownKind(number))
    }
}

/// A document with its kind: all that is needed to build its first, empty state.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct DocumentRef {
    pub kind: DocumentKind,
    pub id: DocumentId,
}

impl fmt::Display for DocumentRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.name(), self.id)
    }
}

macro_rules! document_ref {
    ($($id:ident => $kind:ident),* $(,)?) => {$(
        impl From<$id> for DocumentRef {
            fn from(id: $id) -> Self {
                Self { kind: DocumentKind::$kind, id: DocumentId(id.0) }
            }
        }
    )*};
}

document_ref! {
    HotelId => Hotel,
    RoomId => Room,
    StayId => Stay,
    TaskId => Task,
    WorkOrderId => WorkOrder,
    CommentId => Comment,
    BlockId => RoomBlock,
    LinkId => RoomLink,
    RuleSheetId => RuleSheet,
}
