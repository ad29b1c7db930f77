//! Keys with which programs bring files in, and nothing else: made by an admin, shown once, kept as a
//! hash, taken back by their name.
//!
//! **Architecture Invariant**: a key ends with its maker's right to make one. One that was taken back
//! and one that never was cannot be told apart.

use super::{AccountError, Token, names};
use crate::audit::Notes;
use keyrack_model::{
    administration::{AuditEvent, SeenImportKey},
    ids::{HotelId, ImportKeyId, UserId},
    limits::{MAX_IMPORT_KEYS, SEEN_MILLIS},
    time::Timestamp,
};
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

const NAME: &str = "a program's name has 1 to 80 characters";

pub(super) async fn make(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    maker: UserId,
    name: &str,
    notes: &mut Notes,
) -> Result<Token, AccountError> {
    let name = names::shown(name, NAME)?;
    // Whoever else makes one waits: together they make no more than there may be.
    sqlx::query("select from hotel_head where hotel = $1 for update")
        .bind(hotel.0)
        .execute(&mut **tx)
        .await?;
    let all = seen(tx, hotel).await?;
    if all.len() >= MAX_IMPORT_KEYS {
        return Err(AccountError::BadRequest(
            "this hotel has as many import keys as it may have: take one back that no program uses; \
             none was made",
        ));
    }
    if all.iter().any(|key| key.name == name) {
        return Err(AccountError::NameTaken(name.to_owned()));
    }
    let key = Token::fresh(hotel)?;
    sqlx::query(
        "insert into import_key (hotel, key, name, hash, made_by, made_at)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(hotel.0)
    .bind(Uuid::new_v4())
    .bind(name)
    .bind(key.hash().as_slice())
    .bind(maker.0)
    .bind(notes.at().0)
    .execute(&mut **tx)
    .await?;
    notes.add(AuditEvent::ImportKeyMade, None, name);
    Ok(key)
}

pub(super) async fn revoke(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    key: ImportKeyId,
    notes: &mut Notes,
) -> Result<(), AccountError> {
    let name: Option<String> =
        sqlx::query_scalar("delete from import_key where hotel = $1 and key = $2 returning name")
            .bind(hotel.0)
            .bind(key.0)
            .fetch_optional(&mut **tx)
            .await?;
    let name = name.ok_or(AccountError::UnknownImportKey(key))?;
    notes.add(AuditEvent::ImportKeyRevoked, None, name);
    Ok(())
}

/// Ends the keys of somebody who may make none any more.
pub(super) async fn end_keys_of(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    person: UserId,
    notes: &mut Notes,
) -> Result<(), AccountError> {
    let mut ended: Vec<String> = sqlx::query_scalar(
        "delete from import_key where hotel = $1 and made_by = $2 returning name",
    )
    .bind(hotel.0)
    .bind(person.0)
    .fetch_all(&mut **tx)
    .await?;
    ended.sort();
    for name in ended {
        notes.add(AuditEvent::ImportKeyRevoked, Some(person), name);
    }
    Ok(())
}

/// All keys of a hotel, by name.
pub(super) async fn seen(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
) -> Result<Vec<SeenImportKey>, AccountError> {
    let found: Vec<(Uuid, String, Uuid, i64, Option<i64>)> = sqlx::query_as(
        "select key, name, made_by, made_at, used_at from import_key
         where hotel = $1 order by name",
    )
    .bind(hotel.0)
    .fetch_all(&mut **tx)
    .await?;
    let key = |(id, name, made_by, made_at, used_at): (Uuid, String, Uuid, i64, Option<i64>)| {
        SeenImportKey {
            id: ImportKeyId(id),
            name,
            made_by: UserId(made_by),
            made_at: Timestamp(made_at),
            used_at: used_at.map(Timestamp),
        }
    };
    Ok(found.into_iter().map(key).collect())
}

/// The key that a token is, with its name. It stays one until the transaction ends.
pub(super) async fn open(
    tx: &mut Transaction<'_, Postgres>,
    token: &Token,
    now: Timestamp,
) -> Result<Option<(ImportKeyId, String)>, AccountError> {
    let hotel = token.hotel();
    let found: Option<(Uuid, String, Option<i64>)> =
        sqlx::query_as("select key, name, used_at from import_key where hotel = $1 and hash = $2")
            .bind(hotel.0)
            .bind(token.hash().as_slice())
            .fetch_optional(&mut **tx)
            .await?;
    let Some((key, name, used_at)) = found else {
        return Ok(None);
    };
    let before = used_at.map(Timestamp);
    if before.is_none_or(|before| now.millis_since(before) >= SEEN_MILLIS) {
        sqlx::query("update import_key set used_at = $3 where hotel = $1 and key = $2")
            .bind(hotel.0)
            .bind(key)
            .bind(now.0)
            .execute(&mut **tx)
            .await?;
    }
    Ok(Some((ImportKeyId(key), name)))
}

/// Whether it is still one; nobody takes it back until the transaction ends.
pub(super) async fn keep(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    key: ImportKeyId,
) -> Result<(), AccountError> {
    // Sharing a row takes the right to change one of its columns, which the application has.
    let kept: Option<Uuid> =
        sqlx::query_scalar("select key from import_key where hotel = $1 and key = $2 for share")
            .bind(hotel.0)
            .bind(key.0)
            .fetch_optional(&mut **tx)
            .await?;
    kept.map(drop).ok_or(AccountError::SignedOut)
}
