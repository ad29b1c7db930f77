//! When the password of a session's person was last shown in it.
//!
//! **Architecture Invariant**: a token alone confirms nothing, and neither does refreshing a session.

use crate::{accounts::AccountError, session::Identity};
use keyrack_model::{limits::CONFIRMED_MILLIS, time::Timestamp};
use sqlx::{Postgres, Transaction};

/// Takes note that somebody has just shown their password in their session, which stays as it is until
/// the transaction ends.
///
/// # Errors
/// `SignedOut` when the session has ended meanwhile.
pub(in crate::accounts) async fn confirm(
    tx: &mut Transaction<'_, Postgres>,
    who: &Identity,
    now: Timestamp,
) -> Result<(), AccountError> {
    let confirmed = sqlx::query(
        "update session set confirmed_at = $3
         where hotel = $1 and session = $2 and ended_at is null",
    )
    .bind(who.hotel.0)
    .bind(who.session.0)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    if confirmed.rows_affected() == 0 {
        return Err(AccountError::SignedOut);
    }
    Ok(())
}

/// Refuses somebody who has not shown their password in their session for a while.
pub(in crate::accounts) async fn check_confirmed(
    tx: &mut Transaction<'_, Postgres>,
    who: &Identity,
    now: Timestamp,
) -> Result<(), AccountError> {
    let confirmed_at: Option<Option<i64>> = sqlx::query_scalar(
        "select confirmed_at from session where hotel = $1 and session = $2 and ended_at is null",
    )
    .bind(who.hotel.0)
    .bind(who.session.0)
    .fetch_optional(&mut **tx)
    .await?;
    let confirmed_at = confirmed_at.ok_or(AccountError::SignedOut)?;
    // A clock that was set back lengthens nothing.
    let is_recent = |at: i64| now.millis_apart(Timestamp(at)) <= CONFIRMED_MILLIS;
    if confirmed_at.is_some_and(is_recent) {
        Ok(())
    } else {
        Err(AccountError::Unconfirmed)
    }
}
