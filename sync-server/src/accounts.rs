//! Hotels, their people and devices: who may come in, and as whom.
//!
//! **Architecture Invariant**: no password and no token is stored or logged, only what can check
//! one. A wrong password and an unknown name cannot be told apart, by answer or by time.

mod administration;
mod attempts;
mod audit_log;
mod bearer;
mod changing;
mod checks;
mod device_proof;
mod devices;
mod enrolment;
mod import_keys;
mod importing;
mod made_password;
mod names;
mod passwords;
mod people;
mod sessions;
mod token;
mod turned_away;
mod turns;
mod user_keys;

pub use bearer::Seen;
pub use device_proof::ProvenDevice;
pub use enrolment::DeviceCode;
pub use importing::{Importer, Reach};
pub use keyrack_model::administration::Ended;
pub(crate) use names::login as login_name;
pub use people::NewPerson;

use crate::{
    access::Access,
    addresses::Addresses,
    audit::{self, AuditHeads, CheckError, Failed, Hand, Notes},
    database::Database,
    heads,
    log::LogError,
    peer::Peer,
    review::ReviewError,
};
use attempts::{Attempts, Whence};
use changing::Changing;
use checks::Checks;
use ed25519_dalek::VerifyingKey;
use keyrack_model::{
    action::Sequence,
    administration::{AuditEvent, TurnedAway},
    audit_head::from_hexadecimal,
    identity,
    ids::{DeviceId, HotelId, HotelOrigin, ImportKeyId, UserId},
    limits::{GIVEN_PASSWORD_DAYS, MAX_PASSWORD, OLDEST_PROTOCOL, OLDEST_SIGN_IN, PROTOCOL},
    rows::Person,
    time::Timestamp,
    wire::{SignIn, SignedIn},
};
use passwords::Passwords;
use sqlx::{Postgres, Transaction};
pub use token::Token;
use turns::Asker;
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
    #[error("too much was asked at once; try again in {seconds} s")]
    Crowded { seconds: u32 },
    #[error("this device has shown another key before")]
    DeviceKey,
    #[error(
        "nothing of this hotel is read on this device any more: what was done on it is kept, ask \
         a manager"
    )]
    NotServed,
    #[error(
        "the hotel does not know this device: ask a manager for a code, which is good once and for \
         a short while, and sign in with it"
    )]
    NotEnrolled,
    #[error(
        "the password that you were given was good for {GIVEN_PASSWORD_DAYS} days: nothing was \
         changed; ask a manager for another one"
    )]
    PasswordEnded,
    #[error("this takes your password once more: nothing was changed")]
    Unconfirmed,
    #[error("{0}")]
    NotAllowed(&'static str),
    #[error("this version of Keyrack is too old for the server: please update it")]
    OldProtocol,
    #[error(
        "this version of Keyrack signs nobody in any more, because it does not prove which device \
         it is on: please update it. Whoever is signed in goes on, and what waits there is kept"
    )]
    OldSignIn,
    #[error(
        "the sign-in does not come from the device that it names: nothing was changed; sign in on \
         that device, or add this one with a code of a manager"
    )]
    Unproven,
    #[error(
        "this server is not reached by the address {0}: nothing was changed. Sign in at the address \
         that the hotel gave you; who runs the server names its addresses with KEYRACK_ADDRESSES"
    )]
    OtherAddress(String),
    #[error("the clock of this device is not the server's: sign again with the time given here")]
    StaleProof { server_time: Timestamp },
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
    #[error("nobody who works at this hotel is known as `{0}`; nothing was changed")]
    UnknownPerson(String),
    #[error("the hotel has no device {0}; nothing was changed")]
    UnknownDevice(DeviceId),
    #[error("the hotel has no import key {0}; nothing was changed")]
    UnknownImportKey(ImportKeyId),
    #[error(transparent)]
    Audit(#[from] CheckError),
    #[error(transparent)]
    Review(#[from] ReviewError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    #[error("the password could not be checked")]
    Hashing,
}

impl AccountError {
    /// Too much was asked; there is enough again after so many milliseconds.
    pub(crate) fn crowded(millis: u32) -> Self {
        Self::Crowded {
            seconds: millis.div_ceil(1_000).max(1),
        }
    }

    /// Whether the password was right, and the device is what keeps somebody out.
    fn is_of_the_device(&self) -> bool {
        matches!(self, Self::NotEnrolled | Self::DeviceKey | Self::NotServed)
    }
}

/// Everything about who may come in. Clones share it.
#[derive(Clone)]
pub struct Accounts {
    database: Database,
    passwords: Passwords,
    attempts: Attempts,
    pace: sessions::Pace,
    failed: Failed<Option<UserId>>,
    /// What people asked for who have no right to it.
    refused: Failed<UserId>,
    turned_away: Failed<(DeviceId, TurnedAway)>,
    checks: Checks,
    changing: Changing,
    heads: AuditHeads,
    addresses: Addresses,
    access: Access,
}

impl Accounts {
    pub fn new(database: Database) -> Self {
        Self {
            database,
            passwords: Passwords::default(),
            attempts: Attempts::default(),
            pace: sessions::Pace::default(),
            failed: Failed::default(),
            refused: Failed::default(),
            turned_away: Failed::default(),
            checks: Checks::default(),
            changing: Changing::default(),
            heads: AuditHeads::default(),
            addresses: Addresses::default(),
            access: Access::default(),
        }
    }

    /// The same of a server that devices reach by these addresses.
    pub fn reached_by(self, addresses: Addresses) -> Self {
        Self { addresses, ..self }
    }

    /// News of whose access has changed.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// The same of a server that signs the heads of its audit logs: these are told what grew, and
    /// devices the public key.
    pub fn with_audit_heads(self, heads: AuditHeads) -> Self {
        Self { heads, ..self }
    }

    /// Makes a hotel with an empty log.
    pub async fn create_hotel(
        &self,
        code: &str,
        name: &str,
        now: Timestamp,
    ) -> Result<HotelId, AccountError> {
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
        let mut notes = Notes::by(Hand::unnamed(now));
        notes.add(AuditEvent::HotelCreated, None, "");
        self.conclude(tx, hotel, None, &notes).await?;
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

    /// The device that asks for a sign-in.
    ///
    /// # Errors
    /// When it has not signed that, for another server, or at another time than this.
    pub fn proven(&self, asked: &SignIn, now: Timestamp) -> Result<ProvenDevice, AccountError> {
        ProvenDevice::of(asked, &self.addresses, now)
    }

    /// Whether the hotel knows and trusts a device.
    pub async fn knows(&self, device: &ProvenDevice) -> Result<bool, AccountError> {
        let ProvenDevice { hotel, id, key } = device;
        let mut tx = self.database.begin(*hotel).await?;
        devices::is_known(&mut tx, *hotel, *id, key).await
    }

    /// Checks that the device itself asks, then a password, and begins a session of both. A device
    /// that the hotel does not know takes a code: nobody learns so without the password.
    pub async fn sign_in(
        &self,
        asked: SignIn,
        from: Peer,
        now: Timestamp,
    ) -> Result<SignedIn, AccountError> {
        check_sign_in_protocol(asked.protocol)?;
        let code = names::code(&asked.hotel)?;
        if asked.password.chars().count() > MAX_PASSWORD {
            return Err(AccountError::WrongPassword);
        }
        let name = names::login(&asked.name).map_err(|_| AccountError::WrongPassword)?;
        // Before anything is looked up: who fails here has tried no password, and is told nothing of it.
        let proven = self.proven(&asked, now);
        let proven = proven.inspect_err(|refused| self.note_unproven(&asked, refused, now));
        let ProvenDevice { hotel, key, .. } = proven?;
        let person_key = person_key(asked.person_key.as_deref())?;
        let mut tx = self.database.begin(hotel).await?;
        let (hotel_name, origin) = find_hotel(&mut tx, hotel, &code).await?;
        let device = asked.device.id;
        // Whoever has the id of a device without its key is told the same whatever they try, and not
        // that there is such a device.
        let is_copied = devices::has_another_key(&mut tx, hotel, device, &key).await?;
        let is_theirs = devices::has_signed_in(&mut tx, hotel, &name, device, &key).await?;
        let (whence, asker) = if is_theirs {
            (Whence::Device(device), Asker::Device(hotel, device))
        } else {
            (Whence::Somewhere, Asker::Address(from.into()))
        };
        let attempt = self.attempts.begin(hotel, &name, (whence, from), now)?;
        let found = find_person(&mut tx, hotel, &name).await?;
        drop(tx);
        let known = found.as_ref().map(|found| found.person.id);
        let hash = found.map(|found| found.password_hash);
        let verified = self.passwords.verify(asker, asked.password, hash.clone());
        let matches = verified.await?;
        let Some(hash) = hash.filter(|_| matches && !is_copied) else {
            attempt.failed();
            self.note_failed(hotel, known, now);
            return Err(AccountError::WrongPassword);
        };
        let code = match asked.code.as_deref() {
            Some(typed) => enrolment::hash_typed(&self.passwords, asker, hotel, typed).await?,
            None => None,
        };
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
        let found = found.filter(|found| found.password_hash == hash);
        let found = found.ok_or(AccountError::WrongPassword)?;
        let Found {
            person,
            password_given,
            password_until,
            ..
        } = found;
        if password_until.is_some_and(|until| until < now) {
            attempt.failed();
            self.note_failed(hotel, Some(person.id), now);
            return Err(AccountError::PasswordEnded);
        }
        let mut notes = Notes::by(Hand {
            actor: Some(person.id),
            device: Some(asked.device.id),
            at: now,
        });
        // Whatever breaks this off before the commit leaves them untold.
        let untold = self.failed.take(hotel, Some(person.id));
        if let Some(untold) = &untold {
            let count = untold.count().to_string();
            notes.add(AuditEvent::SignInFailed, Some(person.id), count);
        }
        sessions::end_lapsed(&mut tx, hotel, person.id, &mut notes).await?;
        let admitted = devices::admit(
            &mut tx,
            hotel,
            &asked.device,
            &key,
            person.id,
            code.as_ref(),
            now,
        )
        .await;
        let told = match admitted {
            Ok(told) => told,
            Err(error) => {
                // A code can be guessed like a password.
                if error.is_of_the_device() {
                    attempt.failed();
                    self.note_failed(hotel, Some(person.id), now);
                    self.note_kept_out(hotel, (&name, device), &error, now);
                }
                return Err(error);
            }
        };
        let begun = sessions::begin(&mut tx, hotel, person.id, asked.device.id, &mut notes).await?;
        // After the session, as by whoever ends one: of two none waits for the other in turn.
        user_keys::show(&mut tx, hotel, asked.device.id, person.id, &person_key, now).await?;
        if told.is_some() {
            let called = asked.device.name.trim();
            notes.add(AuditEvent::DeviceEnrolled, None, called);
        }
        notes.add(AuditEvent::SignedIn, Some(person.id), "");
        self.conclude(tx, hotel, told, &notes).await?;
        if let Some(untold) = untold {
            untold.told();
        }
        attempt.succeeded();
        Ok(SignedIn {
            token: begun.token.to_string(),
            renewal: Some(begun.renewal),
            hotel,
            origin,
            hotel_name,
            person,
            password_given,
            server_time: now,
            audit_key: self.heads.public_key(),
        })
    }

    /// Writes into the audit log what was done, commits, and tells all servers how far the hotel's
    /// log goes by that and whose access is another one.
    async fn conclude(
        &self,
        mut tx: Transaction<'_, Postgres>,
        hotel: HotelId,
        told: Option<Sequence>,
        notes: &Notes,
    ) -> Result<(), AccountError> {
        let key = self.heads.public_key();
        let key = key.as_deref().and_then(from_hexadecimal);
        audit::note_signed(&mut tx, hotel, notes, key).await?;
        tx.commit().await?;
        self.heads.touch(hotel);
        // Before the log's news: what is delivered with them goes to whoever may still read it.
        let concerned = notes.concerned();
        self.access.announce(&self.database, hotel, concerned).await;
        if let Some(head) = told {
            heads::tell_of(&self.database, hotel, head).await;
        }
        Ok(())
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

/// Whether anybody is signed in by a device's protocol.
pub fn check_sign_in_protocol(protocol: u16) -> Result<(), AccountError> {
    check_protocol(protocol)?;
    if protocol < OLDEST_SIGN_IN {
        return Err(AccountError::OldSignIn);
    }
    Ok(())
}

/// Whoever could sign in without one would need no proof of what others say they did.
fn person_key(text: Option<&str>) -> Result<VerifyingKey, AccountError> {
    text.and_then(public_key).ok_or(AccountError::BadRequest(
        "a sign-in brings a public key of its person, of 64 hexadecimal digits",
    ))
}

fn public_key(text: &str) -> Option<VerifyingKey> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    VerifyingKey::from_bytes(&bytes).ok()
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

/// Somebody who works at the hotel, and what checks their password.
struct Found {
    person: Person,
    password_hash: String,
    /// Whether somebody else chose it.
    password_given: bool,
    /// Until when it lets its person in, if not for good.
    password_until: Option<Timestamp>,
}

async fn find_person(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    name: &str,
) -> Result<Option<Found>, AccountError> {
    let found: Option<(Uuid, String, String, String, bool, Option<i64>)> = sqlx::query_as(
        "select person, display, role, password_hash, password_given, password_until from person
         where hotel = $1 and name = $2 and left_at is null",
    )
    .bind(hotel.0)
    .bind(name)
    .fetch_optional(&mut **tx)
    .await?;
    found
        .map(
            |(id, display, role, password_hash, password_given, until)| {
                let person = Person {
                    id: UserId(id),
                    name: name.to_owned(),
                    display,
                    role: people::known_role(&role)?,
                    left: false,
                };
                Ok(Found {
                    person,
                    password_hash,
                    password_given,
                    password_until: until.map(Timestamp),
                })
            },
        )
        .transpose()
}

#[cfg(test)]
mod tests;
