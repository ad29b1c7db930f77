//! What travels between a device and the server: sign-in as JSON over HTTP, then CBOR frames over
//! one WebSocket.

use crate::{
    action::{Action, LogEntry, Sequence},
    audit_head::AuditHead,
    class::Class,
    ids::{ActorId, DeviceId, HotelId, HotelOrigin, LogEpoch, OperationId, UserId},
    refusal::Refusal,
    rows::Person,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// Body of `POST /v1/sign-in`.
#[derive(Clone, Serialize, Deserialize)]
pub struct SignIn {
    pub protocol: u16,
    /// The hotel's code.
    pub hotel: String,
    pub name: String,
    pub password: String,
    pub device: DeviceRegistration,
    /// With which a manager adds a device that the hotel does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// With which the person signs what they do here from this sign-in on: an Ed25519 public key,
    /// 32 bytes, in lower-case hexadecimal. Since version 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person_key: Option<String>,
    /// That it is the device itself that asks. Since version 4, and nobody comes in without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<DeviceProof>,
}

/// That a sign-in comes from the device that it names, at a time, and is meant for one server.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DeviceProof {
    /// Where the device asks: scheme, host, and the port where it is not the scheme's own, as the
    /// origin of the server's URL is written: `https://keyrack.example`.
    pub address: String,
    /// What the device believes that the server's clock shows.
    pub at: Timestamp,
    /// Ed25519 signature of the [`crate::proof::sign_in_statement`] by the device's key, 64 bytes,
    /// in lower-case hexadecimal.
    pub signature: String,
}

/// A device introduces itself; its first key is kept, a second one is refused.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DeviceRegistration {
    pub id: DeviceId,
    pub name: String,
    /// Ed25519 public key, 32 bytes, in lower-case hexadecimal.
    pub public_key: String,
}

/// Answer to a sign-in.
#[derive(Clone, Serialize, Deserialize)]
pub struct SignedIn {
    /// Opens everything else for a while.
    pub token: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewal: Option<Renewal>,
    pub hotel: HotelId,
    pub origin: HotelOrigin,
    pub hotel_name: String,
    pub person: Person,
    /// Whether somebody else chose the password: its person is asked for one of their own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub password_given: bool,
    pub server_time: Timestamp,
    /// Of the key with which the server signs the heads of its audit log: Ed25519 public key, 32
    /// bytes, in lower-case hexadecimal. None of a server that signs none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit_key: Option<String>,
}

/// What a session goes on with when its token ends.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Renewal {
    /// Good once, for `POST /v1/refresh`, and at any time for `POST /v1/sign-out`.
    pub token: String,
    /// When the token that it came with ends.
    pub expires_at: Timestamp,
}

/// Body of `POST /v1/refresh`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Refresh {
    pub token: String,
}

/// Answer to a refresh.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Refreshed {
    pub token: String,
    pub renewal: Renewal,
    pub server_time: Timestamp,
}

/// Body of every HTTP error, and content of a `Refuse` frame.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ErrorBody {
    pub code: ErrorCode,
    /// A sentence that a person understands.
    pub message: String,
}

/// Body of the answer to a sign-in whose proof is of another time: an [`ErrorBody`], and the time of
/// which it has to be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StaleProof {
    #[serde(flatten)]
    pub error: ErrorBody,
    pub server_time: Timestamp,
}

crate::word_enum! {
    /// Why the server turned a request away.
    ErrorCode {
        WrongPassword = "wrong-password",
        UnknownHotel = "unknown-hotel",
        SignedOut = "signed-out",
        OldProtocol = "old-protocol",
        NewProtocol = "new-protocol",
        BadRequest = "bad-request",
        TooLarge = "too-large",
        TryLater = "try-later",
        DeviceKey = "device-key",
        /// The hotel does not know the device, and no code of a manager came with it.
        NotEnrolled = "not-enrolled",
        /// The device's proof is of another time than the server's; the answer says which that is.
        StaleProof = "stale-proof",
        /// The device's proof is meant for another server than this.
        OtherAddress = "other-address",
        /// The password is right, and one that was handed over too long ago. Since version 4.
        PasswordEnded = "password-ended",
        /// The person has not shown their password in this session for a while.
        NotConfirmed = "not-confirmed",
        /// The person's role has no right to it.
        NotAllowed = "not-allowed",
        EpochChanged = "epoch-changed",
        /// The role reads what this device was not told of: it asks again from the beginning.
        MustRefetch = "must-refetch",
        Internal = "internal",
    }
}

/// From the device.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ClientFrame {
    /// The first frame. Registers the actors whose changes this device will push.
    Hello {
        protocol: u16,
        /// None for a device that has seen no log yet.
        epoch: Option<LogEpoch>,
        /// The last entry that the device has.
        cursor: Sequence,
        /// What the log has at one place, so that a log which was brought back and has grown since
        /// is told from the one that the device has read. Since version 2.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        known: Option<KnownPlace>,
        /// What the device has of the log up to there; whatever it is, with a cursor of 0.
        classes: Vec<Class>,
        actors: Vec<ActorRegistration>,
    },
    /// Registers actors made after the `Hello`.
    Register {
        actors: Vec<ActorRegistration>,
    },
    /// Actions in the order they were made.
    Push {
        /// CBOR of `Vec<Action>`.
        #[serde(with = "serde_bytes")]
        batch: Vec<u8>,
        /// Ed25519 signature of `batch` by the device's key, 64 bytes.
        #[serde(with = "serde_bytes")]
        signature: Vec<u8>,
        /// That others than the person of the session did theirs: each action of one of them has
        /// its proof. Since version 3.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        proofs: Vec<Proof>,
    },
    Ping,
    /// The token that counts from here on, in the place of the one that opened the connection: of the
    /// same session. Since version 3.
    Renew {
        token: String,
    },
}

/// That an action is of its author: their own signature.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Proof {
    /// Which action of the batch, from 0.
    pub index: u16,
    /// The Ed25519 public key, one of those that the author showed at a sign-in on this device.
    #[serde(with = "serde_bytes")]
    pub key: [u8; 32],
    /// Ed25519 signature of the action's [`crate::proof::statement`].
    #[serde(with = "serde_bytes")]
    pub signature: [u8; 64],
}

/// The last place in the log of which a device can tell what is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KnownPlace {
    pub sequence: Sequence,
    pub operation: OperationId,
    /// When the server learned of it: the same may come to the same place of another log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_at: Option<Timestamp>,
}

impl KnownPlace {
    /// Where an entry stands; None for one that is hidden.
    pub fn of(entry: &LogEntry) -> Option<Self> {
        Some(Self {
            sequence: entry.sequence,
            operation: entry.operation()?,
            received_at: entry.received_at(),
        })
    }
}

/// Binds an actor to the person who writes under it on this device; the first binding stays.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ActorRegistration {
    pub actor: ActorId,
    pub user: UserId,
}

/// From the server.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ServerFrame {
    Welcome {
        protocol: u16,
        epoch: LogEpoch,
        head: Sequence,
        /// Deliveries begin after this entry: the device's cursor, or an earlier one up to which
        /// its log and this one are the same, when the log was brought back to an older state.
        after: Sequence,
        server_time: Timestamp,
        /// What the person's role reads. Of everything else the device keeps nothing.
        classes: Vec<Class>,
        /// How many milliseconds after this device last heard the server its people's work is at
        /// least looked at when their roles have changed meanwhile. None of a device that is not
        /// trusted. Since version 4.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        grant_millis: Option<u32>,
    },
    /// Log entries without a gap after the device's cursor. Left out are the places that a `Stored`
    /// of this connection told; until version 2 none.
    Deliver {
        entries: Vec<LogEntry>,
    },
    /// The answer to a push of which every action is in the log now as it was sent, one after
    /// another from this place on, none of it a version of a record. Since version 2.
    Stored {
        first: Sequence,
        received_at: Timestamp,
    },
    /// The answer to any other push: one verdict an action, in the order pushed; sent after the
    /// commit.
    Verdicts {
        verdicts: Vec<OperationVerdict>,
    },
    /// The connection ends.
    Refuse(ErrorBody),
    /// The server is about to stop; come back after this many milliseconds.
    GoAway {
        retry_after_millis: u32,
    },
    Pong,
    /// Where the hotel's audit log ends, when that is not what this connection was told last. Since
    /// version 3.
    AuditHead(AuditHead),
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OperationVerdict {
    pub operation: OperationId,
    pub verdict: Verdict,
}

/// The server's judgement of an action; the same however often the same content is sent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Verdict {
    Accepted {
        sequence: Sequence,
        received_at: Timestamp,
    },
    /// For good.
    Refused(Refusal),
    /// Nothing is wrong with it; ask again after this many milliseconds.
    RetryAfter { millis: u32 },
}

/// The content of a push.
pub type Batch = Vec<Action>;
