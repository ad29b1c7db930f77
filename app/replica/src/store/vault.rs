//! Sessions that wait for a PIN. They are few and small, and one value of the store: another table
//! would no longer leave the schema on the file's first page, from which damaged stores are read.

use super::settings::Setting;
use crate::error::StoreError;
use keyrack_model::{ids::UserId, rows::Person, time::Timestamp};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

/// A session under the key that its person's PIN makes together with the device's secret.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sealed {
    /// For making the key of the PIN.
    pub salt: [u8; 16],
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Kept {
    /// As they were when it was sealed, for as long as no record tells of them.
    pub(crate) person: Person,
    pub(crate) sealed: Sealed,
    /// PINs in a row that were wrong, or of which it is not known: counted before one is tried.
    pub(crate) tries: u32,
    pub(crate) tried_at: Timestamp,
    /// When the server last answered the session; None when that is not known.
    pub(crate) confirmed_at: Option<Timestamp>,
}

const VAULT: Setting<Vec<Kept>> = Setting::named("vault");

pub(crate) fn all(db: &Connection) -> Result<Vec<Kept>, StoreError> {
    Ok(VAULT.get(db)?.unwrap_or_default())
}

pub(crate) fn find(db: &Connection, person: UserId) -> Result<Option<Kept>, StoreError> {
    let mut all = all(db)?.into_iter();
    Ok(all.find(|kept| kept.person.id == person))
}

/// Keeps a person's session in place of the one that was kept; no try is counted for it.
pub(crate) fn put(db: &Connection, person: &Person, sealed: &Sealed) -> Result<(), StoreError> {
    let mut all = all(db)?;
    let before = all.iter().position(|kept| kept.person.id == person.id);
    let before = before.map(|at| all.remove(at));
    all.push(Kept {
        person: person.clone(),
        sealed: sealed.clone(),
        tries: 0,
        tried_at: Timestamp::default(),
        confirmed_at: before.and_then(|kept| kept.confirmed_at),
    });
    VAULT.set(db, &all)
}

/// Keeps sessions as another store did.
pub(crate) fn put_all(db: &Connection, all: &Vec<Kept>) -> Result<(), StoreError> {
    VAULT.set(db, all)
}

/// Writes something down of the session that is kept of a person, if one is.
pub(crate) fn note(
    db: &Connection,
    person: UserId,
    write: impl FnOnce(&mut Kept),
) -> Result<(), StoreError> {
    let mut all = all(db)?;
    match all.iter_mut().find(|kept| kept.person.id == person) {
        Some(kept) => {
            write(kept);
            VAULT.set(db, &all)
        }
        None => Ok(()),
    }
}

pub(crate) fn remove(db: &Connection, person: UserId) -> Result<(), StoreError> {
    let mut all = all(db)?;
    let before = all.len();
    all.retain(|kept| kept.person.id != person);
    if all.len() == before {
        return Ok(());
    }
    VAULT.set(db, &all)
}
