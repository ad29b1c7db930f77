//! What people ask of the server about people, devices and access. Nothing of it is decided on a
//! device, so all of it needs the network.

use crate::{
    class::GuestNames,
    field::is_default,
    ids::{DeviceId, ImportKeyId, OperationId, SessionId, UserId},
    policy::Role,
    refusal::Refusal,
    review::Reviews,
    rows::Person,
    time::Timestamp,
    wire::Refreshed,
    word_enum,
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
    /// Shows one's password once more: for some minutes the session may do what takes that. Since
    /// version 4.
    Confirm {
        present: String,
    },
    /// One's own; every other session of oneself ends, and this one goes on with other tokens.
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
    /// Whether who the guests are may be on a device, whoever works there. Since version 4.
    SetGuestNames {
        device: DeviceId,
        guests: GuestNames,
    },
    EndSession {
        session: SessionId,
    },
    /// A key with which a program brings files in; since version 4, as is the next.
    MakeImportKey {
        /// What people call the program.
        name: String,
    },
    RevokeImportKey {
        key: ImportKeyId,
    },
    /// The latest entries of the audit log before one, newest first.
    ReadAudit {
        before: Option<u64>,
    },
    /// Reads the whole audit log and checks that nothing was changed or cut off.
    VerifyAudit,
    /// The same, and that it goes on from what was told of it before. Since version 4.
    VerifyAuditFrom {
        known: Vec<KnownHead>,
    },
    /// What waits for a decision, the oldest first. Since version 4 of the protocol, as are the next
    /// two.
    Reviews,
    /// Has what waits done as it was asked for, in both names.
    Approve {
        operation: OperationId,
    },
    /// Leaves everything as it is.
    Decline {
        operation: OperationId,
    },
}

/// What it came to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Administered {
    Done,
    Seen(Overview),
    /// The asker's password is another one, and the session goes on with these tokens alone. Since
    /// version 4.
    PasswordChanged(Refreshed),
    /// A password to hand to the person; the server does not know it any more.
    Password(String),
    DeviceCode {
        code: String,
        expires_at: Timestamp,
    },
    /// The key to hand to the program; the server does not know it any more.
    ImportKey(String),
    Audit(Vec<AuditEntry>),
    AuditChecked(AuditCheck),
    Kept(Reviews),
    /// What was approved cannot be carried out at present, for this reason. It waits as before.
    NotPossible(Refusal),
}

/// Who may come in, and who is in.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Overview {
    pub people: Vec<SeenPerson>,
    pub devices: Vec<SeenDevice>,
    /// One's own, and for those who look after people everybody's; the latest first.
    pub sessions: Vec<SeenSession>,
    /// Of programs that bring files in, for those who may make them; by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub import_keys: Vec<SeenImportKey>,
}

/// A key with which a program brings files in. What it is like is known to the program alone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SeenImportKey {
    pub id: ImportKeyId,
    pub name: String,
    pub made_by: UserId,
    pub made_at: Timestamp,
    /// When it last opened anything.
    pub used_at: Option<Timestamp>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SeenPerson {
    pub person: Person,
    /// When the server last heard from them.
    pub seen_at: Option<Timestamp>,
    /// Whether they still sign in with a password that somebody else chose.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub password_given: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SeenDevice {
    pub id: DeviceId,
    pub name: String,
    pub revoked: bool,
    /// Whether who the guests are may be there. Since version 4.
    #[serde(default, skip_serializing_if = "is_default")]
    pub guests: GuestNames,
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

word_enum! {
    /// What the audit log tells of.
    AuditEvent {
        HotelCreated = "hotel-created",
        SignedIn = "signed-in",
        /// How often, since the last such entry, is its detail. Nobody is named where nobody of the
        /// hotel has the name that was tried.
        SignInFailed = "sign-in-failed",
        /// On a device that the hotel knows, whatever the password: for the reason that is its detail, a
        /// word of [`TurnedAway`]. Since version 4.
        SignInRefused = "sign-in-refused",
        SignedOut = "signed-out",
        /// For the reason that is its detail, a word of [`Ended`].
        SessionEnded = "session-ended",
        /// What it had gone on from was shown again later, and ended it.
        SessionReused = "session-reused",
        PersonTakenOn = "person-taken-on",
        RoleChanged = "role-changed",
        PasswordChanged = "password-changed",
        PasswordReset = "password-reset",
        PersonDismissed = "person-dismissed",
        /// How often somebody asked for what they have no right to, since the last such entry, is its
        /// detail.
        AdministrationRefused = "administration-refused",
        DeviceCodeMade = "device-code-made",
        DeviceEnrolled = "device-enrolled",
        DeviceRenamed = "device-renamed",
        DeviceRevoked = "device-revoked",
        /// The server's operator trusts it again.
        DeviceTrusted = "device-trusted",
        /// Who the guests are is kept off it, or may be there again. Since version 4, as is the next.
        GuestsKeptOff = "guests-kept-off",
        GuestsShown = "guests-shown",
        /// Of the action that is its detail. Of a decision by the server's operator it goes on with
        /// [`IN_THE_NAME_OF`] whom.
        ReviewApproved = "review-approved",
        ReviewDeclined = "review-declined",
        /// What came too late was kept for people to decide on: the action that is its detail, as is
        /// the next.
        WorkUnderReview = "work-under-review",
        /// Its author had left, or its device was not trusted.
        WorkQuarantined = "work-quarantined",
        /// For the program that is its detail, as is the next.
        ImportKeyMade = "import-key-made",
        ImportKeyRevoked = "import-key-revoked",
        /// What, and how much of it, is its detail.
        Imported = "imported",
        /// The server signs where the log ends with another key than before: with that which is its detail.
        AuditKeyReplaced = "audit-key-replaced",
        /// The hotel's log was brought back to an older state, up to the entry that is its detail.
        LogRestored = "log-restored",
        /// A device sent what no honest one does: its detail is a word of [`Suspicion`]. At most once
        /// an hour for each of them.
        WorkRefused = "work-refused",
    }
}

word_enum! {
    /// What looks like an attack on what others wrote.
    Suspicion {
        /// Written under another's name, or under one that nobody has.
        ForgedActor = "forged-actor",
        /// Something else than it had sent before, in the same place.
        Equivocation = "equivocation",
        /// On top of a document that the hotel does not have: another hotel's, or one made up.
        UnknownDocument = "unknown-document",
        /// Not signed with the device's own key.
        Signature = "signature",
        /// Counted on from nowhere: a number near the end of all would leave none for others. Since
        /// version 4, as are the next.
        OperationCounter = "operation-counter",
        /// A write that its command does not make, whether it shows or not.
        BeyondCommand = "beyond-command",
        /// In the place of, or beside, what its author did not see.
        Unfit = "unfit",
        /// A few bytes that claim more than anybody can write.
        TooManyRows = "too-many-rows",
    }
}

word_enum! {
    /// Why a sign-in on a device that the hotel knows was refused, whatever the password.
    TurnedAway {
        /// The device signed it for another server: its password was typed there.
        OtherAddress = "other-address",
        /// Not signed with a key that it shows: by somebody who knows of the device and does not have it.
        Unproven = "unproven",
        /// The password was right, and the device is not trusted any more.
        NotTrusted = "not-trusted",
        /// The password was right, and the device has shown another key before.
        OtherKey = "other-key",
    }
}

word_enum! {
    /// Why a session ended.
    Ended {
        /// Its person said so.
        SignedOut = "signed-out",
        /// They do not work at the hotel any more.
        Dismissed = "dismissed",
        /// They were given, or chose, another password.
        Password = "password",
        /// Its device was taken out of use.
        Device = "device",
        /// Somebody ended it from another session.
        EndedElsewhere = "ended-elsewhere",
        /// What it had gone on from was shown again later: somebody has taken it.
        Reused = "reused",
        /// Its person signed in on its device once more.
        SignedInAgain = "signed-in-again",
        /// Nobody came back for as long as it goes on by itself.
        Lapsed = "lapsed",
    }
}

/// What stands between what was and what is, in the detail of an entry of the audit log.
pub const BECAME: &str = " → ";

/// What stands, in the detail of an entry of the audit log, before the id of the person in whose name
/// the server's operator did it: nobody has checked that it was them.
pub const IN_THE_NAME_OF: &str = " in the name of ";

/// A security event, as the audit log has it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AuditEntry {
    /// From 1 on, without a gap.
    pub number: u64,
    pub at: Timestamp,
    /// Word of an [`AuditEvent`], or of one that a later server knows.
    pub event: String,
    /// Who did it; None for whoever was not known, and for the server's operator.
    pub actor: Option<UserId>,
    /// The device that it is about, or whose session; else the one on which it was done.
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
    /// Whole in itself, and it ends before an entry that was told of. Since version 4, as is the next.
    CutOff { entries: u64, known: u64 },
    /// Whole in itself, and an entry is another one than was told of: it, or one before it, was written
    /// anew.
    WrittenAnew { known: u64 },
}

/// Where somebody was told that an audit log ends.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KnownHead {
    /// Of the entry that was the last one.
    pub number: u64,
    /// That entry's, in lower-case hexadecimal.
    pub hash: String,
}
