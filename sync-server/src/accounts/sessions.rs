//! Sessions: what a sign-in begins on a device, goes on for as long as somebody comes back, and ends
//! as one.
//!
//! **Architecture Invariant**: a session that has ended has no token of either kind. Whoever holds
//! several rows takes the person's or the device's first, then the session's, then those of its
//! tokens, then the log's counter, and the end of the audit log last, just before the commit, so that
//! nobody waits for somebody who waits for them.

mod confirmed;
mod pace;
mod refresh;

pub(super) use confirmed::{check_confirmed, confirm};
pub(super) use pace::Pace;
pub(super) use refresh::exchange;

use super::{
    AccountError, Accounts, Token, enrolment, import_keys, people,
    user_keys::{self, Reach},
};
use crate::{
    audit::{Hand, Notes},
    session::Identity,
};
use keyrack_model::{
    administration::{AuditEvent, Ended, SeenSession},
    ids::{DeviceId, HotelId, SessionId, UserId},
    limits::{SESSION_MILLIS, TOKEN_MILLIS},
    policy::Role,
    time::Timestamp,
    wire::{Refreshed, Renewal},
};
use sqlx::{Postgres, Transaction};
use std::collections::HashMap;
use uuid::Uuid;

/// What the device of a session gets.
pub(super) struct Begun {
    pub(super) token: Token,
    pub(super) renewal: Renewal,
}

impl Begun {
    /// As the device is told of it.
    pub(super) fn refreshed(self, now: Timestamp) -> Refreshed {
        Refreshed {
            token: self.token.to_string(),
            renewal: self.renewal,
            server_time: now,
        }
    }
}

/// Whose session it is, and where.
#[derive(Clone, Copy)]
struct Holder {
    hotel: HotelId,
    session: SessionId,
    person: UserId,
    device: DeviceId,
}

impl Accounts {
    /// Ends the session that a token of either kind is of, however old. Ending it twice is no error:
    /// false when there is none that the token is of.
    pub async fn sign_out(&self, token: &Token, now: Timestamp) -> Result<bool, AccountError> {
        let hotel = token.hotel();
        let mut tx = self.database.begin(hotel).await?;
        let found: Option<(Uuid, Uuid, Uuid)> = sqlx::query_as(
            "select session, person, device
             from (select hotel, session from token where hotel = $1 and hash = $2
                   union all
                   select hotel, session from refresh_token where hotel = $1 and hash = $2) as shown
             join session using (hotel, session)
             order by session limit 1",
        )
        .bind(hotel.0)
        .bind(token.hash().as_slice())
        .fetch_optional(&mut *tx)
        .await?;
        let Some((session, person, device)) = found else {
            return Ok(false);
        };
        let session = SessionId(session);
        let mut notes = Notes::by(Hand {
            actor: Some(UserId(person)),
            device: Some(DeviceId(device)),
            at: now,
        });
        end_session(&mut tx, hotel, session, Ended::SignedOut, &mut notes).await?;
        self.conclude(tx, hotel, None, &notes).await?;
        Ok(true)
    }

    /// Ends one session. False when the hotel has none such that goes on.
    pub async fn end_session(
        &self,
        hotel: HotelId,
        session: SessionId,
        why: Ended,
        now: Timestamp,
    ) -> Result<bool, AccountError> {
        let mut tx = self.database.begin(hotel).await?;
        let mut notes = Notes::by(Hand::unnamed(now));
        let was_on = end_session(&mut tx, hotel, session, why, &mut notes).await?;
        self.conclude(tx, hotel, None, &notes).await?;
        Ok(was_on)
    }

    /// Ends every session on a device.
    pub async fn end_sessions_on(
        &self,
        hotel: HotelId,
        device: DeviceId,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let mut tx = self.database.begin(hotel).await?;
        let mut notes = Notes::by(Hand::unnamed(now));
        end_sessions_on(&mut tx, hotel, device, Ended::Device, &mut notes).await?;
        self.conclude(tx, hotel, None, &notes).await
    }

    /// The sessions that go on, of one person or of everybody; the one seen last first.
    pub async fn sessions(
        &self,
        hotel: HotelId,
        of: Option<UserId>,
    ) -> Result<Vec<SeenSession>, AccountError> {
        let mut tx = self.database.begin(hotel).await?;
        sessions(&mut tx, hotel, of).await
    }
}

/// Begins a session of somebody whose row the transaction holds, in the place of what they began on the
/// same device before: whoever signs in there again has no use for it, and nobody else should have.
/// What waits there is the device's, and is pushed in the session that begins.
pub(super) async fn begin(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    person: UserId,
    device: DeviceId,
    notes: &mut Notes,
) -> Result<Begun, AccountError> {
    end_earlier(tx, hotel, person, device, notes).await?;
    let now = notes.at();
    let holder = Holder {
        hotel,
        session: SessionId(Uuid::new_v4()),
        person,
        device,
    };
    sqlx::query(
        "insert into session (hotel, session, person, device, begun_at, seen_at, confirmed_at)
         values ($1, $2, $3, $4, $5, $5, $5)",
    )
    .bind(hotel.0)
    .bind(holder.session.0)
    .bind(person.0)
    .bind(device.0)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    let refresh_token = Token::fresh(hotel)?;
    keep_refresh_token(tx, holder, &refresh_token, now).await?;
    open(tx, holder, &refresh_token, now).await
}

/// Ends one session. False when the hotel has none such that goes on.
pub(super) async fn end_session(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    session: SessionId,
    why: Ended,
    notes: &mut Notes,
) -> Result<bool, AccountError> {
    let ended = end(tx, hotel, &[session.0], why, notes).await?;
    Ok(ended > 0)
}

/// Ends a person's sessions, all of them or all but one.
pub(super) async fn end_sessions_of(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    person: UserId,
    except: Option<SessionId>,
    why: Ended,
    notes: &mut Notes,
) -> Result<(), AccountError> {
    let sessions: Vec<Uuid> = sqlx::query_scalar(
        "select session from session
         where hotel = $1 and person = $2 and ended_at is null and session is distinct from $3
         order by session for update",
    )
    .bind(hotel.0)
    .bind(person.0)
    .bind(except.map(|session| session.0))
    .fetch_all(&mut **tx)
    .await?;
    end(tx, hotel, &sessions, why, notes).await?;
    Ok(())
}

/// Ends what a password opened that is another one by now: a person's sessions, all of them or all but
/// the one that goes on, what was shown in them, and the codes that were made. Keys of programs go on
/// when their person chooses another password, and end when somebody else does: that one may have got
/// about.
pub(super) async fn end_with_password(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    person: UserId,
    kept: Option<&Identity>,
    notes: &mut Notes,
) -> Result<(), AccountError> {
    let except = kept.map(|kept| kept.session);
    // Before the sessions, as by whoever signs in with one.
    enrolment::end_codes_of(tx, hotel, person).await?;
    end_sessions_of(tx, hotel, person, except, Ended::Password, notes).await?;
    let but_on = kept.map(|kept| kept.device);
    let everywhere = Reach::Everywhere { but_on };
    user_keys::revoke(tx, hotel, person, everywhere, notes.at()).await?;
    if kept.is_none() {
        import_keys::end_keys_of(tx, hotel, person, notes).await?;
    }
    Ok(())
}

/// Ends every session on a device.
pub(super) async fn end_sessions_on(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    device: DeviceId,
    why: Ended,
    notes: &mut Notes,
) -> Result<(), AccountError> {
    let sessions: Vec<Uuid> = sqlx::query_scalar(
        "select session from session where hotel = $1 and device = $2 and ended_at is null
         order by session for update",
    )
    .bind(hotel.0)
    .bind(device.0)
    .fetch_all(&mut **tx)
    .await?;
    end(tx, hotel, &sessions, why, notes).await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    session: Uuid,
    person: Uuid,
    device: Uuid,
    begun_at: i64,
    seen_at: i64,
}

/// The sessions that go on, of one person or of everybody; the one seen last first. Which of them
/// is the asker's own is theirs to mark.
pub(super) async fn sessions(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    of: Option<UserId>,
) -> Result<Vec<SeenSession>, AccountError> {
    let rows: Vec<SessionRow> = sqlx::query_as(
        "select session, person, device, begun_at, seen_at from session
         where hotel = $1 and ended_at is null and ($2::uuid is null or person = $2)
         order by seen_at desc, session",
    )
    .bind(hotel.0)
    .bind(of.map(|person| person.0))
    .fetch_all(&mut **tx)
    .await?;
    let seen = rows.into_iter().map(|row| SeenSession {
        id: SessionId(row.session),
        person: UserId(row.person),
        device: DeviceId(row.device),
        begun_at: Timestamp(row.begun_at),
        seen_at: Timestamp(row.seen_at),
        is_own: false,
    });
    Ok(seen.collect())
}

/// When the server last heard from everybody and every device, in sessions that have ended too.
pub(super) struct LastSeen {
    pub(super) of_people: HashMap<UserId, Timestamp>,
    pub(super) on_devices: HashMap<DeviceId, Timestamp>,
}

pub(super) async fn last_seen(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
) -> Result<LastSeen, AccountError> {
    let rows: Vec<(Uuid, Uuid, i64)> = sqlx::query_as(
        "select person, device, max(seen_at) from session where hotel = $1
         group by person, device order by person, device",
    )
    .bind(hotel.0)
    .fetch_all(&mut **tx)
    .await?;
    let mut seen = LastSeen {
        of_people: HashMap::new(),
        on_devices: HashMap::new(),
    };
    for (person, device, at) in rows {
        let at = Timestamp(at);
        let of_person = seen.of_people.entry(UserId(person)).or_insert(at);
        *of_person = at.max(*of_person);
        let on_device = seen.on_devices.entry(DeviceId(device)).or_insert(at);
        *on_device = at.max(*on_device);
    }
    Ok(seen)
}

/// Whose session it is that goes on, with their role.
pub(super) async fn holder(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    session: SessionId,
) -> Result<Option<(UserId, Role)>, AccountError> {
    let found: Option<(Uuid, String)> = sqlx::query_as(
        "select person, role from session join person using (hotel, person)
         where hotel = $1 and session = $2 and ended_at is null",
    )
    .bind(hotel.0)
    .bind(session.0)
    .fetch_optional(&mut **tx)
    .await?;
    let holder = found.map(|(person, role)| Ok((UserId(person), people::known_role(&role)?)));
    holder.transpose()
}

/// Ends what a person began and nobody came back to.
pub(super) async fn end_lapsed(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    person: UserId,
    notes: &mut Notes,
) -> Result<(), AccountError> {
    let lapsed: Vec<Uuid> = sqlx::query_scalar(
        "select session from session
         where hotel = $1 and person = $2 and ended_at is null and not exists (
             select from refresh_token
             where refresh_token.hotel = session.hotel
                 and refresh_token.session = session.session
                 and used_at is null and expires_at > $3)
         order by session for update",
    )
    .bind(hotel.0)
    .bind(person.0)
    .bind(notes.at().0)
    .fetch_all(&mut **tx)
    .await?;
    end(tx, hotel, &lapsed, Ended::Lapsed, notes).await?;
    Ok(())
}

/// Ends what a person began on a device. Of two who do so at once one waits for the other, and ends
/// what that one began: the row of the person on the device stays locked.
async fn end_earlier(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    person: UserId,
    device: DeviceId,
    notes: &mut Notes,
) -> Result<(), AccountError> {
    sqlx::query(
        "select from device_person where hotel = $1 and device = $2 and person = $3
         for no key update",
    )
    .bind(hotel.0)
    .bind(device.0)
    .bind(person.0)
    .execute(&mut **tx)
    .await?;
    let earlier: Vec<Uuid> = sqlx::query_scalar(
        "select session from session
         where hotel = $1 and person = $2 and device = $3 and ended_at is null
         order by session for update",
    )
    .bind(hotel.0)
    .bind(person.0)
    .bind(device.0)
    .fetch_all(&mut **tx)
    .await?;
    end(tx, hotel, &earlier, Ended::SignedInAgain, notes).await?;
    Ok(())
}

/// Ends these sessions, with all of their tokens. Returns how many went on until then.
async fn end(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    sessions: &[Uuid],
    why: Ended,
    notes: &mut Notes,
) -> Result<usize, AccountError> {
    if sessions.is_empty() {
        return Ok(0);
    }
    let ended: Vec<(Uuid, Uuid)> = sqlx::query_as(
        "update session set ended_at = $3, ended_why = $4
         where hotel = $1 and session = any($2) and ended_at is null
         returning person, device",
    )
    .bind(hotel.0)
    .bind(sessions)
    .bind(notes.at().0)
    .bind(why.word())
    .fetch_all(&mut **tx)
    .await?;
    for (person, device) in &ended {
        let (person, device) = (UserId(*person), DeviceId(*device));
        note_end(notes, person, device, why);
        if may_be_somebody_elses(why) {
            user_keys::revoke(tx, hotel, person, Reach::On(device), notes.at()).await?;
        }
    }
    sqlx::query("delete from token where hotel = $1 and session = any($2)")
        .bind(hotel.0)
        .bind(sessions)
        .execute(&mut **tx)
        .await?;
    sqlx::query("delete from refresh_token where hotel = $1 and session = any($2)")
        .bind(hotel.0)
        .bind(sessions)
        .execute(&mut **tx)
        .await?;
    Ok(ended.len())
}

/// Whether what ended may have been begun, or gone on with, by somebody else than its person.
fn may_be_somebody_elses(why: Ended) -> bool {
    match why {
        Ended::Password | Ended::Device | Ended::EndedElsewhere | Ended::Reused => true,
        Ended::SignedOut | Ended::Dismissed | Ended::SignedInAgain | Ended::Lapsed => false,
    }
}

fn note_end(notes: &mut Notes, person: UserId, device: DeviceId, why: Ended) {
    let (event, detail) = match why {
        Ended::SignedOut => (AuditEvent::SignedOut, ""),
        Ended::Reused => (AuditEvent::SessionReused, ""),
        Ended::Dismissed
        | Ended::Password
        | Ended::Device
        | Ended::EndedElsewhere
        | Ended::SignedInAgain
        | Ended::Lapsed => (AuditEvent::SessionEnded, why.word()),
    };
    notes.add_on(device, event, Some(person), detail);
}

/// Gives a session a token, to go with the refresh token that it has.
async fn open(
    tx: &mut Transaction<'_, Postgres>,
    holder: Holder,
    refresh_token: &Token,
    now: Timestamp,
) -> Result<Begun, AccountError> {
    let token = Token::fresh(holder.hotel)?;
    let expires_at = Timestamp(now.0.saturating_add(TOKEN_MILLIS));
    sqlx::query(
        "insert into token (hotel, hash, session, person, device, expires_at, refresh_hash)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(holder.hotel.0)
    .bind(token.hash().as_slice())
    .bind(holder.session.0)
    .bind(holder.person.0)
    .bind(holder.device.0)
    .bind(expires_at.0)
    .bind(refresh_token.hash().as_slice())
    .execute(&mut **tx)
    .await?;
    Ok(Begun {
        token,
        renewal: Renewal {
            token: refresh_token.to_string(),
            expires_at,
        },
    })
}

async fn keep_refresh_token(
    tx: &mut Transaction<'_, Postgres>,
    holder: Holder,
    refresh_token: &Token,
    now: Timestamp,
) -> Result<(), AccountError> {
    let mut nonce = [0; 32];
    getrandom::fill(&mut nonce).map_err(|_| AccountError::Hashing)?;
    sqlx::query(
        "insert into refresh_token (hotel, hash, session, nonce, issued_at, expires_at)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(holder.hotel.0)
    .bind(refresh_token.hash().as_slice())
    .bind(holder.session.0)
    .bind(nonce.as_slice())
    .bind(now.0)
    .bind(now.0.saturating_add(SESSION_MILLIS))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests;
