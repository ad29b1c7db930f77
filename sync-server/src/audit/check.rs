//! Reading a hotel's audit log, and checking that all of it is as it was written.
//!
//! **Architecture Invariant**: a check holds no row and no more than one page of entries, however
//! long the log is; entries that are added meanwhile break nothing.

use super::chain::{Broken, Chain, Sealed};
use crate::database::Database;
use keyrack_model::{
    administration::{AuditCheck, AuditEntry},
    audit_head::hexadecimal,
    ids::{DeviceId, HotelId, UserId},
    limits::{AUDIT_CHECK_PAGE, AUDIT_PAGE},
    time::Timestamp,
};
use sqlx::PgConnection;

/// Why a log was not checked to its end.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    #[error("the audit log has more than {0} entries: `keyrack-server audit verify` checks it")]
    TooLong(u64),
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
}

/// One entry that follows from the one before.
pub struct Checked {
    pub number: u64,
    pub at: Timestamp,
    pub hash: Vec<u8>,
    /// A word of an `AuditEvent`.
    pub event: String,
}

/// The latest entries before one, newest first, as many as a page has.
pub async fn read(
    tx: &mut PgConnection,
    hotel: HotelId,
    before: Option<u64>,
) -> Result<Vec<AuditEntry>, sqlx::Error> {
    let before = before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX));
    let found: Vec<Sealed> = sqlx::query_as(
        "select number, at, event, actor, device, person, detail, previous, hash from audit
         where hotel = $1 and number < $2 order by number desc limit $3",
    )
    .bind(hotel.0)
    .bind(before)
    .bind(AUDIT_PAGE as i64)
    .fetch_all(tx)
    .await?;
    Ok(found.into_iter().map(entry).collect())
}

fn entry(sealed: Sealed) -> AuditEntry {
    AuditEntry {
        number: sealed.number.cast_unsigned(),
        at: Timestamp(sealed.at),
        event: sealed.event,
        actor: sealed.actor.map(UserId),
        device: sealed.device.map(DeviceId),
        person: sealed.person.map(UserId),
        detail: sealed.detail,
    }
}

/// Follows a hotel's log from its first entry to its last, of which there are at most `most`, and
/// tells of each that is as it was written.
///
/// # Errors
/// `TooLong`, or what the database says. A log that is broken is no error.
pub async fn check(
    database: &Database,
    hotel: HotelId,
    most: u64,
    mut each: impl FnMut(Checked),
) -> Result<AuditCheck, CheckError> {
    let mut chain = Chain::of(hotel);
    loop {
        let mut tx = database.begin(hotel).await?;
        // The end first: what follows has at least as much.
        let end = head(&mut tx, hotel).await?;
        let page = page_after(&mut tx, hotel, chain.number).await?;
        drop(tx);
        if page.is_empty() {
            return Ok(concluded(&chain, end));
        }
        for entry in page {
            if chain.number >= most {
                return Err(CheckError::TooLong(most));
            }
            if let Err(Broken { number }) = chain.follow(&entry) {
                return Ok(AuditCheck::Broken { number });
            }
            each(Checked {
                number: chain.number,
                at: Timestamp(entry.at),
                hash: entry.hash,
                event: entry.event,
            });
        }
    }
}

/// Whether a log that was followed to its last entry ends where it is said to end.
fn concluded(chain: &Chain, end: Option<(u64, Vec<u8>)>) -> AuditCheck {
    let (number, hash) = end.unwrap_or_else(|| (0, chain.hash.clone()));
    if number == chain.number && hash == chain.hash {
        return AuditCheck::Whole {
            entries: chain.number,
            head: hexadecimal(&chain.hash),
        };
    }
    // Either entries are missing after the last one, or the last one is not what was there.
    let number = if number > chain.number {
        chain.number.saturating_add(1)
    } else {
        chain.number.max(1)
    };
    AuditCheck::Broken { number }
}

/// Where a hotel's log is said to end, with its hash; None before the first entry.
pub(super) async fn head(
    tx: &mut PgConnection,
    hotel: HotelId,
) -> Result<Option<(u64, Vec<u8>)>, sqlx::Error> {
    let found: Option<(i64, Vec<u8>)> =
        sqlx::query_as("select number, hash from audit_head where hotel = $1")
            .bind(hotel.0)
            .fetch_optional(tx)
            .await?;
    Ok(found.map(|(number, hash)| (number.cast_unsigned(), hash)))
}

async fn page_after(
    tx: &mut PgConnection,
    hotel: HotelId,
    number: u64,
) -> Result<Vec<Sealed>, sqlx::Error> {
    sqlx::query_as(
        "select number, at, event, actor, device, person, detail, previous, hash from audit
         where hotel = $1 and number > $2 order by number limit $3",
    )
    .bind(hotel.0)
    .bind(number.cast_signed())
    .bind(AUDIT_CHECK_PAGE as i64)
    .fetch_all(tx)
    .await
}
