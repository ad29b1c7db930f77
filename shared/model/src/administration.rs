//! What people ask of the server about people, devices and access. Nothing of it is decided on a
//! device, so all of it needs the network.

use crate::{
    ids::{DeviceId, SessionId, UserId},
    policy::Role,
    rows::Person,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// Body of `POST /v1/administration`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Administration {
    /// People, devices and sessions, as far as the person's role sees them.
    Look,
    TakeOn {
        /// What the person will sign in with.
        name: String,
        display: String,
        role: Role,
    },
    SetRole {
        person: UserId,
        role: Role,
    },
    /// Gives somebody a password of the server's making, and ends their sessions.
    ResetPassword {
        person: UserId,
    },
    Dismiss {
        person: UserId,
    },
    /// One's own; every other session of oneself ends.
    ChangePassword {
        present: String,
        new: String,
    },
    /// A code with which one device may be added.
    MakeDeviceCode,
    RenameDevice {
        device: DeviceId,
        name: String,
    },
    RevokeDevice {
        device: DeviceId,
    },
    EndSession {
        session: SessionId,
    },
    /// The latest entries of the audit log before one, newest first.
    ReadAudit {
        before: Option<u64>,
    },
    /// Reads the whole audit log and checks that nothing was changed or cut off.
    VerifyAudit,
}

/// What it came to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Administered {
    Done,
    Seen(Overview),
    /// A password to hand to the person; the server does not know it any more.
    Password(String),
    DeviceCode {
        code: String,
        expires_at: Timestamp,
    },
    Audit(Vec<AuditEntry>),
    AuditChecked(AuditCheck),
}

/// Who may come in, and who is in.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Overview {
    pub people: Vec<SeenPerson>,
    pub devices: Vec<SeenDevice>,
    /// One's own, and for those who look after people everybody's; the latest first.
    pub sessions: Vec<SeenSession>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SeenPerson {
    pub person: Person,
    /// When the server last heard from them.
    pub seen_at: Option<Timestamp>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SeenDevice {
    pub id: DeviceId,
    pub name: String,
    pub revoked: bool,
    pub seen_at: Option<Timestamp>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SeenSession {
    pub id: SessionId,
    pub person: UserId,
    pub device: DeviceId,
    pub begun_at: Timestamp,
    pub seen_at: Timestamp,
    /// The one through which this was asked.
    pub is_own: bool,
}

/// A security event, as the audit log has it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AuditEntry {
    /// From 1 on, without a gap.
    pub number: u64,
    pub at: Timestamp,
    /// Word of the event.
    pub event: String,
    /// Who did it; None for whoever was not known, and for the server's operator.
    pub actor: Option<UserId>,
    pub device: Option<DeviceId>,
    /// The person it is about.
    pub person: Option<UserId>,
    /// What else is to be known, such as a role; never content, never a secret.
    pub detail: String,
}

/// What reading the whole audit log came to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum AuditCheck {
    /// Each entry follows from the one before.
    Whole { entries: u64, head: String },
    /// The first entry that is not what it was, or that is missing.
    Broken { number: u64 },
}
