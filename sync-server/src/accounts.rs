//! Hotels, their people and devices: who may come in, and as whom.
//!
//! **Architecture Invariant**: no password and no token is stored or logged, only what can check
//! one. A wrong password and an unknown name cannot be told apart, by answer or by time.

mod attempts;
mod bearer;
mod names;
mod passwords;
mod people;
mod sessions;
mod token;

pub(crate) use names::login as login_name;
pub use people::NewPerson;
pub use sessions::Ended;

use crate::{
    database::Database,
    heads,
    log::{LogError, postgres::records},
};
use attempts::Attempts;
use ed25519_dalek::VerifyingKey;
use keyrack_model::{
    action::Sequence,
    identity::{self, SERVER_DEVICE},
    ids::{HotelId, HotelOrigin, UserId},
    limits::{MAX_PASSWORD, OLDEST_PROTOCOL, PROTOCOL},
    record::{Payload, Workplace},
    rows::Person,
    time::Timestamp,
    wire::{DeviceRegistration, SignIn, SignedIn},
};
use passwords::Passwords;
use sqlx::{Postgres, Transaction};
use std::sync::Arc;
pub use token::Token;
use uuid::Uuid;

/// Why somebody does not come in, or is not taken on.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error("the user name or password is not right")]
    WrongPassword,
    #[error("there is no hotel with the code `{0}`")]
    UnknownHotel(String),
    #[error("too many failed sign-ins; try again in {seconds} s")]
    TryLater { seconds: u32 },
    #[error("this device has shown another key before")]
    DeviceKey,
    #[error(
        "nothing of this hotel is read on this device any more: what was done on it is kept, ask \
         a manager"
    )]
    NotServed,
    #[error("this version of Keyrack is too old for the server: please update it")]
    OldProtocol,
    #[error("this version of Keyrack is newer than the server: the server must be updated first")]
    NewProtocol,
    #[error("{0}")]
    BadRequest(&'static str),
    #[error("this sign-in is no longer valid: please sign in again")]
    SignedOut,
    #[error("the name `{0}` is taken at this hotel; nothing was changed")]
    NameTaken(String),
    #[error("there is a hotel with the code `{0}` already; nothing was changed")]
    CodeTaken(String),
    #[error("nobody of this hotel has the name `{0}`; nothing was changed")]
    UnknownPerson(String),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    #[error("the password could not be checked")]
    Hashing,
}

/// Everything about who may come in. Clones share it.
#[derive(Clone)]
pub struct Accounts {
    database: Database,
    passwords: Passwords,
    attempts: Arc<Attempts>,
}

impl Accounts {
    pub fn new(database: Database) -> Self {
        Self {
            database,
            passwords: Passwords::default(),
            attempts: Arc::default(),
        }
    }

    /// Makes a hotel with an empty log.
    pub async fn create_hotel(&self, code: &str, name: &str) -> Result<HotelId, AccountError> {
        let code = &names::code(code)?;
        let name = names::shown(name, "the hotel's name must have 1 to 80 characters")?;
        let hotel = identity::hotel(code);
        let mut tx = self.database.begin(hotel).await?;
        let made = sqlx::query(
            "insert into hotel (hotel, code, name) values ($1, $2, $3) on conflict do nothing",
        )
        .bind(hotel.0)
        .bind(code)
        .bind(name)
        .execute(&mut *tx)
        .await?;
        if made.rows_affected() == 0 {
            return Err(AccountError::CodeTaken(code.to_owned()));
        }
        sqlx::query("insert into hotel_head (hotel, epoch, sequence) values ($1, $2, 0)")
            .bind(hotel.0)
            .bind(Uuid::new_v4())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(hotel)
    }

    /// The hotel that a code names.
    pub async fn find_hotel(&self, code: &str) -> Result<HotelId, AccountError> {
        let code = names::code(code)?;
        let hotel = identity::hotel(&code);
        let mut tx = self.database.begin(hotel).await?;
        find_hotel(&mut tx, hotel, &code).await?;
        Ok(hotel)
    }

    /// Checks a password, takes note of the device, and begins a session of both.
    pub async fn sign_in(&self, asked: SignIn, now: Timestamp) -> Result<SignedIn, AccountError> {
        check_protocol(asked.protocol)?;
        let code = names::code(&asked.hotel)?;
        if asked.password.chars().count() > MAX_PASSWORD {
            return Err(AccountError::WrongPassword);
        }
        let name = names::login(&asked.name).map_err(|_| AccountError::WrongPassword)?;
        if asked.device.id == SERVER_DEVICE {
            return Err(AccountError::BadRequest(
                "this id of a device is the server's own",
            ));
        }
        let key = public_key(&asked.device)?;
        let hotel = identity::hotel(&code);
        let mut tx = self.database.begin(hotel).await?;
        let (hotel_name, origin) = find_hotel(&mut tx, hotel, &code).await?;
        self.attempts.begin(hotel, &name, now)?;
        let found = find_person(&mut tx, hotel, &name).await?;
        drop(tx);
        let hash = found.map(|(_, hash)| hash);
        let matches = self.passwords.verify(asked.password, hash.clone()).await?;
        let hash = hash
            .filter(|_| matches)
            .ok_or(AccountError::WrongPassword)?;
        self.attempts.succeeded(hotel, &name);
        let mut tx = self.database.begin(hotel).await?;
        // Checking takes a while: by now the password may be another, and the person gone. Until the
        // session is there, both stay as they are.
        sqlx::query(
            "select from person where hotel = $1 and name = $2 and left_at is null for share",
        )
        .bind(hotel.0)
        .bind(&name)
        .execute(&mut *tx)
        .await?;
        let found = find_person(&mut tx, hotel, &name).await?;
        let found = found.filter(|(_, present)| *present == hash);
        let (person, _) = found.ok_or(AccountError::WrongPassword)?;
        sessions::end_lapsed(&mut tx, hotel, person.id, now).await?;
        let told = register_device(&mut tx, hotel, &asked.device, &key, person.id, now).await?;
        let begun = sessions::begin(&mut tx, hotel, person.id, asked.device.id, now).await?;
        tx.commit().await?;
        if let Some(head) = told {
            heads::tell_of(&self.database, hotel, head).await;
        }
        Ok(SignedIn {
            token: begun.token.to_string(),
            renewal: Some(begun.renewal),
            hotel,
            origin,
            hotel_name,
            person,
            server_time: now,
        })
    }
}

/// Whether this server speaks a device's protocol.
pub fn check_protocol(protocol: u16) -> Result<(), AccountError> {
    if protocol < OLDEST_PROTOCOL {
        Err(AccountError::OldProtocol)
    } else if protocol > PROTOCOL {
        Err(AccountError::NewProtocol)
    } else {
        Ok(())
    }
}

fn public_key(device: &DeviceRegistration) -> Result<VerifyingKey, AccountError> {
    const OTHERWISE: AccountError =
        AccountError::BadRequest("the device's public key must be 64 hexadecimal digits");
    names::shown(
        &device.name,
        "the device's name must have 1 to 80 characters",
    )?;
    let text = &device.public_key;
    if text.len() != 64 || !text.is_ascii() {
        return Err(OTHERWISE);
    }
    let mut bytes = [0; 32];
    for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| OTHERWISE)?;
    }
    VerifyingKey::from_bytes(&bytes).map_err(|_| OTHERWISE)
}

async fn find_hotel(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    code: &str,
) -> Result<(String, HotelOrigin), AccountError> {
    let (name, origin) = sqlx::query_as("select name, origin from hotel where hotel = $1")
        .bind(hotel.0)
        .fetch_optional(&mut **tx)
        .await?
        .ok_or_else(|| AccountError::UnknownHotel(code.to_owned()))?;
    Ok((name, HotelOrigin(origin)))
}

async fn find_person(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    name: &str,
) -> Result<Option<(Person, String)>, AccountError> {
    let found: Option<(Uuid, String, String, String)> = sqlx::query_as(
        "select person, display, role, password_hash from person
         where hotel = $1 and name = $2 and left_at is null",
    )
    .bind(hotel.0)
    .bind(name)
    .fetch_optional(&mut **tx)
    .await?;
    found
        .map(|(id, display, role, hash)| {
            let person = Person {
                id: UserId(id),
                name: name.to_owned(),
                display,
                role: people::known_role(&role)?,
                left: false,
            };
            Ok((person, hash))
        })
        .transpose()
}

/// The first key that a device shows stays its key. Returns where the log tells of a device that
/// was not known.
async fn register_device(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    device: &DeviceRegistration,
    key: &VerifyingKey,
    person: UserId,
    now: Timestamp,
) -> Result<Option<Sequence>, AccountError> {
    let made = sqlx::query(
        "insert into device (hotel, device, name, public_key) values ($1, $2, $3, $4)
         on conflict do nothing",
    )
    .bind(hotel.0)
    .bind(device.id.0)
    .bind(device.name.trim())
    .bind(key.as_bytes().as_slice())
    .execute(&mut **tx)
    .await?;
    let (kept, is_revoked): (Vec<u8>, bool) = sqlx::query_as(
        "select public_key, distrusted_at is not null from device
         where hotel = $1 and device = $2",
    )
    .bind(hotel.0)
    .bind(device.id.0)
    .fetch_one(&mut **tx)
    .await?;
    if kept != key.as_bytes() {
        return Err(AccountError::DeviceKey);
    }
    if is_revoked {
        return Err(AccountError::NotServed);
    }
    sqlx::query(
        "insert into device_person (hotel, device, person) values ($1, $2, $3)
         on conflict do nothing",
    )
    .bind(hotel.0)
    .bind(device.id.0)
    .bind(person.0)
    .execute(&mut **tx)
    .await?;
    if made.rows_affected() == 0 {
        return Ok(None);
    }
    let payload = Payload::Device(Workplace {
        name: device.name.trim().to_owned(),
        revoked: false,
    });
    let head = records::put(tx, hotel, device.id.into(), payload, now).await?;
    Ok(Some(head))
}

#[cfg(test)]
mod tests;
