//! Codes with which devices come to a hotel: 40 random bits that a person types, good once and for
//! a while.
//!
//! **Architecture Invariant**: a code is shown to whoever makes it and never kept or logged. One
//! that was used, one that has ended and one that never was cannot be told apart.

use super::{AccountError, Accounts, passwords::Passwords, turns::Asker};
use crate::audit::{Hand, Notes};
use argon2::{Algorithm, Argon2, Params, Version};
use keyrack_model::{
    administration::AuditEvent,
    ids::{HotelId, UserId},
    limits::{MAX_DEVICE_CODE_MINUTES, MAX_OPEN_DEVICE_CODES},
    time::Timestamp,
};
use sqlx::{Postgres, Transaction};
use std::fmt;

/// Crockford's base32: no letter looks like another one or like a digit.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 8;
const MILLIS_OF_A_MINUTE: i64 = 60_000;

const TOO_MANY: AccountError = AccountError::BadRequest(
    "too many codes for devices are open at this hotel: use them, or wait until they end; none was \
     made",
);

/// Memory of one code's hash, in KiB: that of OWASP's second set of parameters for Argon2id. A code is
/// good for a quarter of an hour, and needs less than a password.
const MEMORY: u32 = 19 * 1_024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// A code as it is shown, `7K3M-9QXA`. Only its hash is ever stored.
pub struct DeviceCode([u8; LENGTH]);

/// What is stored of a code. Whoever reads it has to try all that there are, slowly.
pub(super) struct CodeHash([u8; 32]);

/// Whose codes they are, and for how long.
#[derive(Clone, Copy)]
pub(super) struct Terms {
    /// None: the operator of the server.
    pub(super) made_by: Option<UserId>,
    pub(super) minutes: u16,
    pub(super) now: Timestamp,
}

impl Terms {
    pub(super) fn expires_at(self) -> Timestamp {
        let good_for = i64::from(self.minutes) * MILLIS_OF_A_MINUTE;
        Timestamp(self.now.0.saturating_add(good_for))
    }
}

impl DeviceCode {
    fn drawn() -> Result<Self, AccountError> {
        let mut random = [0; LENGTH];
        getrandom::fill(&mut random).map_err(|_| AccountError::Hashing)?;
        // A byte has eight times as many values as there are letters: each is as likely.
        Ok(Self(
            random.map(|byte| LETTERS[usize::from(byte) % LETTERS.len()]),
        ))
    }

    /// As people type it: in whatever case, with spaces and hyphens wherever they like.
    fn read(typed: &str) -> Option<Self> {
        let typed = typed.chars().filter(|typed| !matches!(typed, ' ' | '-'));
        let letters: Option<Vec<u8>> = typed.take(LENGTH + 1).map(letter).collect();
        letters?.try_into().ok().map(Self)
    }

    /// Of one hotel, whose id is the salt: the same letters are another code elsewhere, and a code is
    /// found by its hash.
    fn hash(&self, hotel: HotelId) -> Result<CodeHash, AccountError> {
        let mut hash = [0; 32];
        let params = Params::new(MEMORY, PASSES, LANES, Some(hash.len())).unwrap_or_default();
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(&self.0, hotel.0.as_bytes(), &mut hash)
            .map_err(|_| AccountError::Hashing)?;
        Ok(CodeHash(hash))
    }
}

/// The text that goes to a person, and nowhere else.
impl fmt::Display for DeviceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, letter) in self.0.iter().enumerate() {
            let hyphen = if number == LENGTH / 2 { "-" } else { "" };
            write!(f, "{hyphen}{}", char::from(*letter))?;
        }
        Ok(())
    }
}

/// The letter that somebody means.
fn letter(typed: char) -> Option<u8> {
    let meant = match typed.to_ascii_uppercase() {
        'I' | 'L' => '1',
        'O' => '0',
        other => other,
    };
    let meant = u8::try_from(meant).ok()?;
    LETTERS.contains(&meant).then_some(meant)
}

impl Accounts {
    /// Codes of the server's operator, each for one device: all that were asked for, or none.
    pub async fn make_device_codes(
        &self,
        hotel: HotelId,
        count: usize,
        minutes: u16,
        now: Timestamp,
    ) -> Result<Vec<DeviceCode>, AccountError> {
        let terms = Terms {
            made_by: None,
            minutes,
            now,
        };
        let drawn = draw(&self.passwords, hotel, count).await?;
        let mut tx = self.database.begin(hotel).await?;
        let mut notes = Notes::by(Hand::unnamed(now));
        let codes = make(&mut tx, hotel, drawn, terms, &mut notes).await?;
        self.conclude(tx, hotel, None, &notes).await?;
        Ok(codes)
    }
}

/// Codes that nobody knows yet, with what is stored of each.
pub(super) async fn draw(
    passwords: &Passwords,
    hotel: HotelId,
    count: usize,
) -> Result<Vec<(DeviceCode, CodeHash)>, AccountError> {
    if count > MAX_OPEN_DEVICE_CODES {
        return Err(TOO_MANY);
    }
    let drawn = move || {
        let codes = (0..count).map(|_| {
            let code = DeviceCode::drawn()?;
            let hash = code.hash(hotel)?;
            Ok((code, hash))
        });
        codes.collect()
    };
    passwords.aside(Asker::Staff(hotel), drawn).await?
}

/// What may be stored of a code that somebody typed; None when no code reads like that.
pub(super) async fn hash_typed(
    passwords: &Passwords,
    asker: Asker,
    hotel: HotelId,
    typed: &str,
) -> Result<Option<CodeHash>, AccountError> {
    let Some(code) = DeviceCode::read(typed) else {
        return Ok(None);
    };
    let hash = passwords.aside(asker, move || code.hash(hotel)).await?;
    hash.map(Some)
}

pub(super) async fn make(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    drawn: Vec<(DeviceCode, CodeHash)>,
    terms: Terms,
    notes: &mut Notes,
) -> Result<Vec<DeviceCode>, AccountError> {
    if !(1..=MAX_DEVICE_CODE_MINUTES).contains(&terms.minutes) {
        return Err(AccountError::BadRequest(
            "a code for a device is good for a minute at least and a day at most",
        ));
    }
    sqlx::query("delete from device_code where hotel = $1 and expires_at <= $2")
        .bind(hotel.0)
        .bind(terms.now.0)
        .execute(&mut **tx)
        .await?;
    // Whoever else makes codes waits: together they make no more than may be open. After the row of
    // a code, as whoever uses one.
    sqlx::query("select from hotel_head where hotel = $1 for update")
        .bind(hotel.0)
        .execute(&mut **tx)
        .await?;
    let open: i64 = sqlx::query_scalar("select count(*) from device_code where hotel = $1")
        .bind(hotel.0)
        .fetch_one(&mut **tx)
        .await?;
    let open = usize::try_from(open).unwrap_or(usize::MAX);
    if open.saturating_add(drawn.len()) > MAX_OPEN_DEVICE_CODES {
        return Err(TOO_MANY);
    }
    let mut codes = Vec::with_capacity(drawn.len());
    for (code, hash) in drawn {
        sqlx::query(
            "insert into device_code (hotel, hash, made_by, expires_at) values ($1, $2, $3, $4)",
        )
        .bind(hotel.0)
        .bind(hash.0.as_slice())
        .bind(terms.made_by.map(|person| person.0))
        .bind(terms.expires_at().0)
        .execute(&mut **tx)
        .await?;
        notes.add(AuditEvent::DeviceCodeMade, None, "");
        codes.push(code);
    }
    Ok(codes)
}

/// Uses a code up, if it is one and when the transaction is committed. Whoever comes with the same
/// one at the same time waits for that.
pub(super) async fn use_up(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    shown: &CodeHash,
    now: Timestamp,
) -> Result<Used, AccountError> {
    let used =
        sqlx::query("delete from device_code where hotel = $1 and hash = $2 and expires_at > $3")
            .bind(hotel.0)
            .bind(shown.0.as_slice())
            .bind(now.0)
            .execute(&mut **tx)
            .await?;
    Ok(if used.rows_affected() == 1 {
        Used::ACode
    } else {
        Used::Nothing
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Used {
    ACode,
    Nothing,
}

/// Ends the codes of somebody who may make none any more.
pub(super) async fn end_codes_of(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    person: UserId,
) -> Result<(), AccountError> {
    sqlx::query("delete from device_code where hotel = $1 and made_by = $2")
        .bind(hotel.0)
        .bind(person.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let read = |typed: &str| DeviceCode::read(typed).map(|code| code.to_string());
        let shown = Some("10AB-XY01".to_owned());
        for typed in [
            "10AB-XY01",
            "10abxy01",
            " loab xyoi",
            "iOaB-xYoL",
            "1-0-a-b-x-y-0-1",
        ] {
            assert_eq!(read(typed), shown, "{typed}");
        }
        let long = "1".repeat(10_000);
        for rubbish in [
            "",
            "10AB-XY0",
            "10AB-XY011",
            "10AB-XYU1",
            "10AB_XY01",
            "é",
            &long,
        ] {
            assert_eq!(read(rubbish), None, "{rubbish}");
        }
    }

    #[test]
    fn every_code_reads_back_and_is_another_ones_nowhere() {
        use keyrack_model::identity::hotel;
        let code = DeviceCode::drawn().unwrap();
        let again = DeviceCode::read(&code.to_string()).unwrap();
        let hash = |code: &DeviceCode, at: &str| code.hash(hotel(at)).unwrap().0;
        assert_eq!(hash(&again, "resort"), hash(&code, "resort"));
        assert_ne!(hash(&code, "city"), hash(&code, "resort"));
        let other = DeviceCode::drawn().unwrap();
        assert_ne!(hash(&other, "resort"), hash(&code, "resort"));
    }

    /// What whoever has read the table has to do for each of the 2^40 codes.
    #[test]
    fn a_code_is_hashed_as_slowly_as_it_is_said_to_be() {
        let code = DeviceCode::read("10AB-XY01").unwrap();
        let hotel = keyrack_model::identity::hotel("resort");
        let mut slow = [0; 32];
        let params = Params::new(19_456, 2, 1, Some(32)).unwrap();
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(b"10ABXY01", hotel.0.as_bytes(), &mut slow)
            .unwrap();
        assert_eq!(code.hash(hotel).unwrap().0, slow);
    }
}
