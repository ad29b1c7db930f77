//! Refreshing a session: each refresh token is good once, and what it got is got again by whoever
//! shows it again, because the answer may have been lost: for a minute, and as long as nobody has
//! gone on with it.
//!
//! **Architecture Invariant**: of two who show the same token, at once or one after the other, both
//! get the same successor or the session ends. No secret is stored: the successor is made again.

use super::{Begun, Holder, confirm, end_session, keep_refresh_token, open};
use crate::{
    accounts::{AccountError, Accounts, Token},
    audit::{Hand, Notes},
    session::Identity,
};
use keyrack_model::{
    administration::Ended,
    ids::{DeviceId, SessionId, UserId},
    limits::{MAX_SESSION_TOKENS, REFRESH_GRACE_MILLIS, SESSION_LONGEST_MILLIS},
    time::Timestamp,
    wire::Refreshed,
};
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

impl Accounts {
    /// Gives a session that goes on its next tokens.
    ///
    /// # Errors
    /// `SignedOut` when it has ended, or ends by this: somebody else has used the token before, and
    /// gone on with what it got. `Crowded` when it comes too often: it goes on as it is.
    pub async fn refresh(&self, shown: &Token, now: Timestamp) -> Result<Refreshed, AccountError> {
        let mut tx = self.database.begin(shown.hotel()).await?;
        let held = hold(&mut tx, shown).await?;
        let (holder, begun_at) = held.ok_or(AccountError::SignedOut)?;
        self.pace.take(holder, now)?;
        if now.millis_since(begun_at) >= SESSION_LONGEST_MILLIS {
            let mut notes = Notes::by(Hand::unnamed(now));
            let (hotel, session, why) = (holder.hotel, holder.session, Ended::Lapsed);
            end_session(&mut tx, hotel, session, why, &mut notes).await?;
            self.conclude(tx, hotel, None, &notes).await?;
            return Err(AccountError::SignedOut);
        }
        let kept = find(&mut tx, shown).await?;
        let kept = kept.filter(|kept| kept.expires_at > now.0);
        let kept = kept.ok_or(AccountError::SignedOut)?;
        let nonce = <[u8; 32]>::try_from(kept.nonce).map_err(|_| AccountError::Hashing)?;
        let successor = shown.successor(&nonce);
        match kept.used_at.map(Timestamp) {
            None => {
                mark_used(&mut tx, shown, now).await?;
                keep_refresh_token(&mut tx, holder, &successor, now).await?;
            }
            // A clock that was set back lengthens nothing.
            Some(used_at) if now.millis_apart(used_at) <= REFRESH_GRACE_MILLIS => {}
            // The answer was lost for longer: a lid was closed, an app was killed.
            Some(_) if is_unused(&mut tx, &successor).await? => {}
            Some(_) => {
                let mut notes = Notes::by(Hand::unnamed(now));
                let (hotel, session, why) = (holder.hotel, holder.session, Ended::Reused);
                end_session(&mut tx, hotel, session, why, &mut notes).await?;
                self.conclude(tx, hotel, None, &notes).await?;
                tracing::warn!(
                    hotel = %holder.hotel,
                    device = %holder.device,
                    session = %holder.session,
                    "a session was refreshed with what it had gone on from before: it has ended"
                );
                return Err(AccountError::SignedOut);
            }
        }
        tidy(&mut tx, holder, now).await?;
        let begun = open(&mut tx, holder, &successor, now).await?;
        tx.commit().await?;
        Ok(begun.refreshed(now))
    }
}

/// Gives a session other tokens in the place of all that it has: a copy of one of those is worth nothing
/// from then on. Whoever asks has just shown the password of its person.
pub(in crate::accounts) async fn exchange(
    tx: &mut Transaction<'_, Postgres>,
    who: &Identity,
    now: Timestamp,
) -> Result<Begun, AccountError> {
    let holder = Holder {
        hotel: who.hotel,
        session: who.session,
        person: who.user,
        device: who.device,
    };
    // Held before its tokens, as by whoever refreshes or ends it.
    confirm(tx, who, now).await?;
    for statement in [
        "delete from token where hotel = $1 and session = $2",
        "delete from refresh_token where hotel = $1 and session = $2",
    ] {
        sqlx::query(statement)
            .bind(holder.hotel.0)
            .bind(holder.session.0)
            .execute(&mut **tx)
            .await?;
    }
    let refresh_token = Token::fresh(holder.hotel)?;
    keep_refresh_token(tx, holder, &refresh_token, now).await?;
    open(tx, holder, &refresh_token, now).await
}

/// Whose session a refresh token is of, and since when, held until the transaction ends; None when it has
/// ended.
async fn hold(
    tx: &mut Transaction<'_, Postgres>,
    shown: &Token,
) -> Result<Option<(Holder, Timestamp)>, AccountError> {
    let hotel = shown.hotel();
    let found: Option<(Uuid, Uuid, Uuid)> = sqlx::query_as(
        "select its.session, its.person, its.device
         from refresh_token join session as its using (hotel, session)
         where refresh_token.hotel = $1 and refresh_token.hash = $2",
    )
    .bind(hotel.0)
    .bind(shown.hash().as_slice())
    .fetch_optional(&mut **tx)
    .await?;
    let Some((session, person, device)) = found else {
        return Ok(None);
    };
    // First whose session it is, as whoever ends sessions does.
    let is_there = sqlx::query(
        "select from person join device using (hotel)
         where person.hotel = $1 and person.person = $2 and person.left_at is null
             and device.device = $3
         for share",
    )
    .bind(hotel.0)
    .bind(person)
    .bind(device)
    .fetch_optional(&mut **tx)
    .await?;
    let goes_on: Option<i64> = sqlx::query_scalar(
        "select begun_at from session
         where hotel = $1 and session = $2 and ended_at is null for update",
    )
    .bind(hotel.0)
    .bind(session)
    .fetch_optional(&mut **tx)
    .await?;
    let holder = Holder {
        hotel,
        session: SessionId(session),
        person: UserId(person),
        device: DeviceId(device),
    };
    let begun_at = is_there.and(goes_on);
    Ok(begun_at.map(|begun_at| (holder, Timestamp(begun_at))))
}

#[derive(sqlx::FromRow)]
struct Kept {
    nonce: Vec<u8>,
    expires_at: i64,
    used_at: Option<i64>,
}

async fn find(
    tx: &mut Transaction<'_, Postgres>,
    shown: &Token,
) -> Result<Option<Kept>, AccountError> {
    let kept = sqlx::query_as(
        "select nonce, expires_at, used_at from refresh_token
         where hotel = $1 and hash = $2 for update",
    )
    .bind(shown.hotel().0)
    .bind(shown.hash().as_slice())
    .fetch_optional(&mut **tx)
    .await?;
    Ok(kept)
}

/// Whether nobody has gone on with what a token got: it was neither refreshed, nor has any token
/// that came with it opened something.
async fn is_unused(
    tx: &mut Transaction<'_, Postgres>,
    successor: &Token,
) -> Result<bool, AccountError> {
    let unused: bool = sqlx::query_scalar(
        "select exists (
             select from refresh_token where hotel = $1 and hash = $2 and used_at is null
         ) and not exists (
             select from token
             where hotel = $1 and refresh_hash = $2 and opened_at is not null)",
    )
    .bind(successor.hotel().0)
    .bind(successor.hash().as_slice())
    .fetch_one(&mut **tx)
    .await?;
    Ok(unused)
}

async fn mark_used(
    tx: &mut Transaction<'_, Postgres>,
    shown: &Token,
    now: Timestamp,
) -> Result<(), AccountError> {
    sqlx::query("update refresh_token set used_at = $3 where hotel = $1 and hash = $2")
        .bind(shown.hotel().0)
        .bind(shown.hash().as_slice())
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Takes note that somebody was there, and clears away what opens nothing any more. Of the rest the
/// newest stay, and what the session goes on with: however often it was refreshed, ending it is quick.
async fn tidy(
    tx: &mut Transaction<'_, Postgres>,
    holder: Holder,
    now: Timestamp,
) -> Result<(), AccountError> {
    for statement in [
        "update session set seen_at = greatest(seen_at, $3) where hotel = $1 and session = $2",
        "delete from token where hotel = $1 and session = $2 and expires_at <= $3",
        "delete from refresh_token where hotel = $1 and session = $2 and expires_at <= $3",
    ] {
        sqlx::query(statement)
            .bind(holder.hotel.0)
            .bind(holder.session.0)
            .bind(now.0)
            .execute(&mut **tx)
            .await?;
    }
    for statement in [
        "delete from token where hotel = $1 and hash in (
             select hash from token where hotel = $1 and session = $2
             order by expires_at desc, hash offset $3)",
        "delete from refresh_token where hotel = $1 and hash in (
             select hash from refresh_token
             where hotel = $1 and session = $2 and used_at is not null
             order by used_at desc, issued_at desc, hash offset $3)",
    ] {
        sqlx::query(statement)
            .bind(holder.hotel.0)
            .bind(holder.session.0)
            .bind(MAX_SESSION_TOKENS)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}
