//! The audit log: what happened to people's access at a hotel, each entry sealed with the one before.
//!
//! **Architecture Invariant**: an entry is written by the transaction that does what it tells of, so
//! neither is ever there alone, and it is never changed. The row that says where a hotel's log ends is
//! locked after every other row, the counter of the hotel's log among them, and just before the
//! commit: what happens is gathered in [`Notes`] and written as the last of all.

mod chain;
mod check;
mod failed;
mod heads;
mod keeper;
mod key;
mod known;
mod recorded;

pub use check::{CheckError, Checked, check, read};
pub(crate) use failed::Failed;
pub use heads::{AuditHeads, RecordedHead};
pub use keeper::{HeadsFile, Keeper};
pub use key::{AuditKey, KeyError};
pub use known::Known;
pub use recorded::{Missing, RecordedHeads, Seen};

use crate::{access::Concerned, session::Identity};
use chain::Sealed;
use keyrack_model::{
    administration::AuditEvent,
    audit_head::hexadecimal,
    ids::{DeviceId, HotelId, UserId},
    time::Timestamp,
};
use sqlx::PgConnection;

/// Who does something, where and when.
#[derive(Clone, Copy, Debug)]
pub struct Hand {
    /// None where nobody has a name, see [`Hand::unnamed`].
    pub actor: Option<UserId>,
    pub device: Option<DeviceId>,
    pub at: Timestamp,
}

impl Hand {
    /// Of nobody who has a name here: the operator of the server, the server by itself, or whoever is
    /// not known.
    pub fn unnamed(at: Timestamp) -> Self {
        Self {
            actor: None,
            device: None,
            at,
        }
    }

    /// Of somebody who is signed in.
    pub fn of(who: &Identity, at: Timestamp) -> Self {
        Self {
            actor: Some(who.user),
            device: Some(who.device),
            at,
        }
    }
}

/// What one transaction does, as far as the audit log tells of it.
#[derive(Debug)]
pub struct Notes {
    hand: Hand,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    event: AuditEvent,
    device: Option<DeviceId>,
    person: Option<UserId>,
    detail: String,
}

impl Entry {
    /// Whom to look at again after it, if it makes anybody's access another one than it was.
    fn concerned(&self) -> Option<Concerned> {
        match self.event {
            AuditEvent::SignedOut
            | AuditEvent::SessionEnded
            | AuditEvent::SessionReused
            | AuditEvent::RoleChanged
            | AuditEvent::PasswordChanged
            | AuditEvent::PasswordReset
            | AuditEvent::PersonDismissed => self.person.map(Concerned::Person),
            AuditEvent::DeviceRevoked
            | AuditEvent::DeviceTrusted
            | AuditEvent::GuestsKeptOff
            | AuditEvent::GuestsShown => self.device.map(Concerned::Device),
            AuditEvent::LogRestored => Some(Concerned::Everybody),
            AuditEvent::HotelCreated
            | AuditEvent::SignedIn
            | AuditEvent::SignInFailed
            | AuditEvent::SignInRefused
            | AuditEvent::PersonTakenOn
            | AuditEvent::AdministrationRefused
            | AuditEvent::DeviceCodeMade
            | AuditEvent::DeviceEnrolled
            | AuditEvent::DeviceRenamed
            | AuditEvent::ReviewApproved
            | AuditEvent::ReviewDeclined
            | AuditEvent::WorkUnderReview
            | AuditEvent::WorkQuarantined
            | AuditEvent::ImportKeyMade
            | AuditEvent::ImportKeyRevoked
            | AuditEvent::Imported
            | AuditEvent::WorkRefused
            | AuditEvent::AuditKeyReplaced => None,
        }
    }
}

impl Notes {
    /// What is done by this hand; nothing so far.
    pub fn by(hand: Hand) -> Self {
        Self {
            hand,
            entries: Vec::new(),
        }
    }

    pub fn at(&self) -> Timestamp {
        self.hand.at
    }

    /// Something that happened, to somebody if it is about a person.
    pub fn add(&mut self, event: AuditEvent, person: Option<UserId>, detail: impl Into<String>) {
        self.entries.push(Entry {
            event,
            device: self.hand.device,
            person,
            detail: detail.into(),
        });
    }

    /// Those whose access is another one than before.
    pub fn concerned(&self) -> Vec<Concerned> {
        let entries = self.entries.iter();
        entries.filter_map(Entry::concerned).collect()
    }

    /// Something that happened to a device, or to somebody's session on it.
    pub fn add_on(
        &mut self,
        device: DeviceId,
        event: AuditEvent,
        person: Option<UserId>,
        detail: impl Into<String>,
    ) {
        self.entries.push(Entry {
            event,
            device: Some(device),
            person,
            detail: detail.into(),
        });
    }
}

/// Adds entries to a hotel's log, in the transaction that does what they tell of and as the last that
/// it does. Whoever else adds some waits for its end.
pub async fn note(tx: &mut PgConnection, hotel: HotelId, notes: &Notes) -> Result<(), sqlx::Error> {
    note_signed(tx, hotel, notes, None).await
}

/// The same at a server that signs the heads of its logs with a key, of which this is the public half:
/// that it is another one than before is told first.
pub async fn note_signed(
    tx: &mut PgConnection,
    hotel: HotelId,
    notes: &Notes,
    key: Option<[u8; 32]>,
) -> Result<(), sqlx::Error> {
    if notes.entries.is_empty() {
        return Ok(());
    }
    let Head {
        mut number,
        mut hash,
        signed_by,
    } = hold_head(&mut *tx, hotel).await?;
    let replaced = key.filter(|key| signed_by.is_some_and(|before| before != key));
    let replaced = replaced.map(|key| Entry {
        event: AuditEvent::AuditKeyReplaced,
        device: None,
        person: None,
        detail: hexadecimal(&key),
    });
    let unnamed = Hand::unnamed(notes.at());
    let replaced = replaced.iter().map(|entry| (unnamed, entry));
    for (hand, entry) in replaced.chain(notes.entries.iter().map(|entry| (notes.hand, entry))) {
        number += 1;
        let sealed = Sealed::after(hash, hotel, number, hand, entry);
        insert(&mut *tx, hotel, &sealed).await?;
        hash = sealed.hash;
    }
    sqlx::query(
        "update audit_head set number = $2, hash = $3, signed_by = coalesce($4, signed_by)
         where hotel = $1",
    )
    .bind(hotel.0)
    .bind(number)
    .bind(hash)
    .bind(key.as_ref().map(<[u8; 32]>::as_slice))
    .execute(tx)
    .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Head {
    number: i64,
    hash: Vec<u8>,
    signed_by: Option<Vec<u8>>,
}

/// Where the log ends, which stays so until the transaction ends.
async fn hold_head(tx: &mut PgConnection, hotel: HotelId) -> Result<Head, sqlx::Error> {
    // There from the first entry on; hotels that were made before there were entries have none.
    sqlx::query(
        "insert into audit_head (hotel, number, hash) select $1, 0, $2
         where not exists (select from audit_head where hotel = $1)
         on conflict (hotel) do nothing",
    )
    .bind(hotel.0)
    .bind(chain::genesis(hotel).as_slice())
    .execute(&mut *tx)
    .await?;
    sqlx::query_as("select number, hash, signed_by from audit_head where hotel = $1 for update")
        .bind(hotel.0)
        .fetch_one(tx)
        .await
}

async fn insert(tx: &mut PgConnection, hotel: HotelId, sealed: &Sealed) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into audit
             (hotel, number, at, event, actor, device, person, detail, previous, hash)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(hotel.0)
    .bind(sealed.number)
    .bind(sealed.at)
    .bind(&sealed.event)
    .bind(sealed.actor)
    .bind(sealed.device)
    .bind(sealed.person)
    .bind(&sealed.detail)
    .bind(&sealed.previous)
    .bind(&sealed.hash)
    .execute(tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests;
