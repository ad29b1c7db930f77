//! The keys with which people sign what they do on a device, as each sign-in there brought one.
//!
//! **Architecture Invariant**: a key is of one person on one device. It speaks for nobody else, and
//! nowhere else.

use super::AccountError;
use crate::session::AuthorKey;
use ed25519_dalek::VerifyingKey;
use keyrack_model::{
    ids::{DeviceId, HotelId, UserId},
    limits::{MAX_USER_KEYS, USER_KEY_MILLIS},
    time::Timestamp,
};
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

/// Takes note of the key that a sign-in brought, in the place of the one before, and forgets those
/// with which nothing that still waits can have been signed.
pub(super) async fn show(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    device: DeviceId,
    person: UserId,
    key: &VerifyingKey,
    now: Timestamp,
) -> Result<(), AccountError> {
    sqlx::query(
        "update user_key set ended_at = $4
         where hotel = $1 and device = $2 and person = $3 and ended_at is null",
    )
    .bind(hotel.0)
    .bind(device.0)
    .bind(person.0)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    let shown = sqlx::query(
        "insert into user_key (hotel, device, person, public_key, begun_at)
         values ($1, $2, $3, $4, $5)
         on conflict (hotel, device, person, public_key) do update set ended_at = null
         where user_key.revoked_at is null",
    )
    .bind(hotel.0)
    .bind(device.0)
    .bind(person.0)
    .bind(key.as_bytes().as_slice())
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    // Whoever else has its secret would be believed again.
    if shown.rows_affected() == 0 {
        return Err(AccountError::BadRequest(
            "the person's key was taken back here: a sign-in brings another one each time",
        ));
    }
    sqlx::query(
        "delete from user_key
         where hotel = $1 and device = $2 and person = $3 and ended_at is not null
             and (ended_at < $4 or public_key not in (
                 select public_key from user_key
                 where hotel = $1 and device = $2 and person = $3
                 order by ended_at desc nulls first, begun_at desc, public_key limit $5))",
    )
    .bind(hotel.0)
    .bind(device.0)
    .bind(person.0)
    .bind(now.0 - USER_KEY_MILLIS)
    .bind(MAX_USER_KEYS)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Somebody who has left shows no key any more. What they did before is still told from what others
/// say they did.
pub(super) async fn end_all_of(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    person: UserId,
    now: Timestamp,
) -> Result<(), AccountError> {
    sqlx::query(
        "update user_key set ended_at = $3
         where hotel = $1 and person = $2 and ended_at is null",
    )
    .bind(hotel.0)
    .bind(person.0)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Where keys stop being believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reach {
    /// All of this device.
    On(DeviceId),
    /// All, but for the present one of the device on which their person goes on.
    Everywhere { but_on: Option<DeviceId> },
}

/// Nothing is believed any more that was signed with the keys of somebody who may not be the only one
/// to have their secrets. From then on it takes a proof also where they never showed a key: whoever
/// signed in with an earlier version need not have been they.
pub(super) async fn revoke(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    person: UserId,
    reach: Reach,
    now: Timestamp,
) -> Result<(), AccountError> {
    let (on, but_on) = match reach {
        Reach::On(device) => (Some(device.0), None),
        Reach::Everywhere { but_on } => (None, but_on.map(|device| device.0)),
    };
    sqlx::query(
        "update user_key set revoked_at = $5, ended_at = coalesce(ended_at, $5)
         where hotel = $1 and person = $2 and ($3::uuid is null or device = $3)
             and (ended_at is not null or device is distinct from $4) and revoked_at is null",
    )
    .bind(hotel.0)
    .bind(person.0)
    .bind(on)
    .bind(but_on)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    sqlx::query(
        "insert into user_key
             (hotel, device, person, public_key, begun_at, ended_at, revoked_at)
         select hotel, device, person, $4, $5, $5, $5 from device_person as its
         where hotel = $1 and person = $2 and ($3::uuid is null or device = $3) and not exists (
             select from user_key
             where hotel = $1 and person = $2 and user_key.device = its.device)",
    )
    .bind(hotel.0)
    .bind(person.0)
    .bind(on)
    .bind(NEVER_SHOWN.as_slice())
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The same of everybody on a device.
pub(super) async fn revoke_on(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    device: DeviceId,
    now: Timestamp,
) -> Result<(), AccountError> {
    let people: Vec<Uuid> = sqlx::query_scalar(
        "select person from device_person where hotel = $1 and device = $2 order by person",
    )
    .bind(hotel.0)
    .bind(device.0)
    .fetch_all(&mut **tx)
    .await?;
    for person in people {
        revoke(tx, hotel, UserId(person), Reach::On(device), now).await?;
    }
    Ok(())
}

/// In the place of a key where there was none to take back.
const NEVER_SHOWN: [u8; 32] = [0; 32];

/// The keys of everybody who signed in on a device that are believed, by person, the latest first.
pub(super) async fn on(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    device: DeviceId,
) -> Result<Vec<AuthorKey>, AccountError> {
    let found: Vec<(Uuid, Vec<u8>)> = sqlx::query_as(
        "select person, public_key from user_key
         where hotel = $1 and device = $2 and revoked_at is null
         order by person, ended_at desc nulls first, begun_at desc, public_key",
    )
    .bind(hotel.0)
    .bind(device.0)
    .fetch_all(&mut **tx)
    .await?;
    let keys = found.into_iter().map(|(person, key)| {
        let key = <[u8; 32]>::try_from(key).map_err(|_| AccountError::DeviceKey)?;
        Ok(AuthorKey {
            author: UserId(person),
            key,
        })
    });
    keys.collect()
}

#[cfg(test)]
mod tests;
