//! Who holds a token, for how long, and whether their session still goes on.

use super::{AccountError, Accounts, Token, user_keys};
use crate::session::{Admitted, Identity};
use ed25519_dalek::VerifyingKey;
use keyrack_model::{
    ids::{DeviceId, SessionId, UserId},
    limits::SEEN_MILLIS,
    time::Timestamp,
};
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct Holder {
    person: Uuid,
    device: Uuid,
    session: Uuid,
    expires_at: i64,
    opened_at: Option<i64>,
    public_key: Vec<u8>,
}

/// How somebody is found who was admitted a while ago.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seen {
    AsAdmitted,
    /// A key that spoke for somebody on their device, or the want of one, does so no longer.
    WithOtherKeys,
    /// The token with which they were admitted opens nothing any more, though their session goes on.
    WithOtherTokens,
}

impl Accounts {
    /// Who holds a token, and on which device.
    ///
    /// # Errors
    /// `SignedOut` when it opens nothing (any more).
    pub async fn authenticate(
        &self,
        token: &Token,
        now: Timestamp,
    ) -> Result<Identity, AccountError> {
        let admitted = self.admit(token, now).await?;
        Ok(admitted.who)
    }

    /// Who holds a token, and until when it says so.
    ///
    /// # Errors
    /// `SignedOut` when it opens nothing (any more).
    pub async fn admit(&self, token: &Token, now: Timestamp) -> Result<Admitted, AccountError> {
        let hotel = token.hotel();
        let mut tx = self.database.begin(hotel).await?;
        let found: Option<Holder> = sqlx::query_as(
            "select token.person, token.device, token.session, token.expires_at,
                 token.opened_at, device.public_key
             from token
             join device using (hotel, device)
             join person using (hotel, person)
             join session using (hotel, session)
             where token.hotel = $1 and token.hash = $2 and token.expires_at > $3
                 and person.left_at is null and session.ended_at is null",
        )
        .bind(hotel.0)
        .bind(token.hash().as_slice())
        .bind(now.0)
        .fetch_optional(&mut *tx)
        .await?;
        let holder = found.ok_or(AccountError::SignedOut)?;
        let is_first = holder.opened_at.is_none();
        let people: Vec<(Uuid, bool)> = sqlx::query_as(
            "select person, exists (
                 select from user_key
                 where user_key.hotel = its.hotel and user_key.device = its.device
                     and user_key.person = its.person)
             from device_person as its where hotel = $1 and device = $2 order by person",
        )
        .bind(hotel.0)
        .bind(holder.device)
        .fetch_all(&mut *tx)
        .await?;
        let keys = user_keys::on(&mut tx, hotel, DeviceId(holder.device)).await?;
        let key = <[u8; 32]>::try_from(holder.public_key)
            .ok()
            .and_then(|key| VerifyingKey::from_bytes(&key).ok())
            .ok_or(AccountError::DeviceKey)?;
        let unkeyed = people.iter().filter(|(_, has_shown_one)| !has_shown_one);
        if is_first {
            // Whoever has it has gone on with what came with it.
            sqlx::query(
                "update token set opened_at = $3
                 where hotel = $1 and hash = $2 and opened_at is null",
            )
            .bind(hotel.0)
            .bind(token.hash().as_slice())
            .bind(now.0)
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
        }
        Ok(Admitted {
            who: Identity {
                hotel,
                user: UserId(holder.person),
                device: DeviceId(holder.device),
                session: SessionId(holder.session),
                key,
                people: people.iter().map(|(person, _)| UserId(*person)).collect(),
                keys,
                unkeyed: unkeyed.map(|(person, _)| UserId(*person)).collect(),
            },
            until: Timestamp(holder.expires_at),
        })
    }

    /// Takes note that somebody is still there, about once a minute.
    ///
    /// # Errors
    /// `SignedOut` when their session has ended meanwhile.
    pub async fn see_again(
        &self,
        Admitted { who, until }: &Admitted,
        now: Timestamp,
    ) -> Result<Seen, AccountError> {
        let mut tx = self.database.begin(who.hotel).await?;
        let seen_at: Option<i64> = sqlx::query_scalar(
            "select seen_at from session join person using (hotel, person)
             where hotel = $1 and session = $2 and ended_at is null and left_at is null",
        )
        .bind(who.hotel.0)
        .bind(who.session.0)
        .fetch_optional(&mut *tx)
        .await?;
        let seen_at = Timestamp(seen_at.ok_or(AccountError::SignedOut)?);
        let mut seen = look_at_keys(&mut tx, who).await?;
        if !has_token(&mut tx, who, *until).await? {
            seen = Seen::WithOtherTokens;
        }
        if now.millis_since(seen_at) < SEEN_MILLIS {
            return Ok(seen);
        }
        sqlx::query(
            "update session set seen_at = greatest(seen_at, $3) where hotel = $1 and session = $2",
        )
        .bind(who.hotel.0)
        .bind(who.session.0)
        .bind(now.0)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(seen)
    }
}

/// Whether there is a token still of those that a session has until an instant.
async fn has_token(
    tx: &mut Transaction<'_, Postgres>,
    who: &Identity,
    until: Timestamp,
) -> Result<bool, AccountError> {
    let has = sqlx::query_scalar(
        "select exists (
             select from token where hotel = $1 and session = $2 and expires_at = $3)",
    )
    .bind(who.hotel.0)
    .bind(who.session.0)
    .bind(until.0)
    .fetch_one(&mut **tx)
    .await?;
    Ok(has)
}

async fn look_at_keys(
    tx: &mut Transaction<'_, Postgres>,
    who: &Identity,
) -> Result<Seen, AccountError> {
    let keys: Vec<&[u8]> = who.keys.iter().map(|known| known.key.as_slice()).collect();
    let unkeyed: Vec<Uuid> = who.unkeyed.iter().map(|person| person.0).collect();
    let is_otherwise: bool = sqlx::query_scalar(
        "select exists (
             select from user_key
             where hotel = $1 and device = $2 and revoked_at is not null
                 and (public_key = any ($3) or person = any ($4)))",
    )
    .bind(who.hotel.0)
    .bind(who.device.0)
    .bind(keys)
    .bind(unkeyed)
    .fetch_one(&mut **tx)
    .await?;
    Ok(if is_otherwise {
        Seen::WithOtherKeys
    } else {
        Seen::AsAdmitted
    })
}
