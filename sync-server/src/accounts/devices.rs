//! Devices of a hotel: how they come to it, what they are called, and how they are trusted no
//! longer. The log tells everybody.

mod guests;

pub(super) use guests::{guest_names_on, set_guest_names};

use super::{
    AccountError, Accounts,
    enrolment::{self, CodeHash, Used},
    names, people, sessions, user_keys,
};
use crate::{
    audit::{Hand, Notes},
    log::postgres::{
        records,
        reviews::{self, Distrusted, Trusted, guest_names},
    },
};
use ed25519_dalek::VerifyingKey;
use keyrack_model::{
    action::Sequence,
    administration::{AuditEvent, BECAME, Ended, SeenDevice},
    class::GuestNames,
    ids::{DeviceId, HotelId, UserId},
    policy::Role,
    record::{Payload, Workplace},
    time::Timestamp,
    wire::DeviceRegistration,
};
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

/// What a device may be called, for whoever calls it otherwise.
pub(super) const NAME: &str = "the device's name must have 1 to 80 characters";

/// Lets somebody in at a device. One that the hotel does not know takes a code; the first key that
/// it shows stays its key. Returns where the log tells of a device that was not known.
pub(super) async fn admit(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    device: &DeviceRegistration,
    key: &VerifyingKey,
    person: UserId,
    code: Option<&CodeHash>,
    now: Timestamp,
) -> Result<Option<Sequence>, AccountError> {
    let used = match code {
        // Whoever has shown a code has used it, whether it was needed or not.
        Some(shown) => enrolment::use_up(tx, hotel, shown, now).await?,
        None => Used::Nothing,
    };
    let is_new = match known(tx, hotel, device.id).await? {
        Some(_) => false,
        None if used == Used::Nothing => return Err(AccountError::NotEnrolled),
        None => insert(tx, hotel, device, key).await?,
    };
    let kept = known(tx, hotel, device.id).await?;
    let kept = kept.ok_or(AccountError::NotEnrolled)?;
    if kept.key != key.as_bytes() {
        return Err(AccountError::DeviceKey);
    }
    if kept.is_revoked {
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
    if !is_new {
        return Ok(None);
    }
    let payload = Payload::Device(Workplace {
        name: device.name.trim().to_owned(),
        revoked: false,
        guests: GuestNames::Shown,
    });
    let head = records::put(tx, hotel, device.id.into(), payload, now).await?;
    Ok(Some(head))
}

/// Whether a device is trusted that has proven to have this key, and the name has signed in on it.
pub(super) async fn has_signed_in(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    name: &str,
    device: DeviceId,
    key: &VerifyingKey,
) -> Result<bool, AccountError> {
    let has: bool = sqlx::query_scalar(
        "select exists (
             select from device
             join device_person using (hotel, device) join person using (hotel, person)
             where hotel = $1 and device = $2 and public_key = $3 and distrusted_at is null
                 and person.name = $4 and left_at is null)",
    )
    .bind(hotel.0)
    .bind(device.0)
    .bind(key.as_bytes().as_slice())
    .bind(name)
    .fetch_one(&mut **tx)
    .await?;
    Ok(has)
}

/// Whether the hotel knows and trusts a device that has proven to have this key.
pub(super) async fn is_known(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    device: DeviceId,
    key: &VerifyingKey,
) -> Result<bool, AccountError> {
    let known = known(tx, hotel, device).await?;
    Ok(known.is_some_and(|known| known.key == key.as_bytes() && !known.is_revoked))
}

/// Whether the hotel knows a device by another key than this.
pub(super) async fn has_another_key(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    device: DeviceId,
    key: &VerifyingKey,
) -> Result<bool, AccountError> {
    let known = known(tx, hotel, device).await?;
    Ok(known.is_some_and(|known| known.key != key.as_bytes()))
}

/// Whether a device is one of the hotel's, trusted or not, and has this key if one is named.
pub(super) async fn is_of_hotel(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    device: DeviceId,
    key: Option<&VerifyingKey>,
) -> Result<bool, AccountError> {
    let known = known(tx, hotel, device).await?;
    Ok(known.is_some_and(|known| key.is_none_or(|key| known.key == key.as_bytes())))
}

struct Known {
    key: Vec<u8>,
    is_revoked: bool,
}

async fn known(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    device: DeviceId,
) -> Result<Option<Known>, AccountError> {
    let found: Option<(Vec<u8>, bool)> = sqlx::query_as(
        "select public_key, distrusted_at is not null from device
         where hotel = $1 and device = $2",
    )
    .bind(hotel.0)
    .bind(device.0)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(found.map(|(key, is_revoked)| Known { key, is_revoked }))
}

/// False when somebody else's sign-in on the same device came before.
async fn insert(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    device: &DeviceRegistration,
    key: &VerifyingKey,
) -> Result<bool, AccountError> {
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
    Ok(made.rows_affected() == 1)
}

/// Refuses a device of which nothing is to be believed.
pub(super) async fn check_served(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    device: DeviceId,
) -> Result<(), AccountError> {
    match known(tx, hotel, device).await? {
        Some(device) if device.is_revoked => Err(AccountError::NotServed),
        Some(_) => Ok(()),
        None => Err(AccountError::SignedOut),
    }
}

/// Calls a device otherwise. None when that is its name already.
pub(super) async fn rename(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    device: DeviceId,
    name: &str,
    notes: &mut Notes,
) -> Result<Option<Sequence>, AccountError> {
    let name = names::shown(name, NAME)?;
    let present = hold(tx, hotel, device).await?;
    if present.name == name {
        return Ok(None);
    }
    sqlx::query("update device set name = $3 where hotel = $1 and device = $2")
        .bind(hotel.0)
        .bind(device.0)
        .bind(name)
        .execute(&mut **tx)
        .await?;
    let change = format!("{}{BECAME}{name}", present.name);
    notes.add_on(device, AuditEvent::DeviceRenamed, None, change);
    let payload = Payload::Device(Workplace {
        name: name.to_owned(),
        ..present
    });
    let head = records::put(tx, hotel, device.into(), payload, notes.at()).await?;
    Ok(Some(head))
}

/// A device as the log tells of it; its row stays so until the transaction ends.
async fn hold(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    device: DeviceId,
) -> Result<Workplace, AccountError> {
    let found: Option<(String, bool, bool)> = sqlx::query_as(
        "select name, distrusted_at is not null, reads_guests from device
         where hotel = $1 and device = $2 for update",
    )
    .bind(hotel.0)
    .bind(device.0)
    .fetch_optional(&mut **tx)
    .await?;
    let (name, revoked, reads_guests) = found.ok_or(AccountError::UnknownDevice(device))?;
    Ok(Workplace {
        name,
        revoked,
        guests: guest_names(reads_guests),
    })
}

/// Trusts a device no longer. None when it was not trusted before.
pub(super) async fn revoke(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    device: DeviceId,
    notes: &mut Notes,
) -> Result<Option<Sequence>, AccountError> {
    match reviews::distrust(tx, hotel, device, notes).await? {
        Distrusted::Unknown => Err(AccountError::UnknownDevice(device)),
        Distrusted::Before => Ok(None),
        Distrusted::Now { told } => Ok(Some(told)),
    }
}

/// The roles of everybody who works at the hotel and has signed in on a device.
pub(super) async fn roles_on(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    device: DeviceId,
) -> Result<Vec<Role>, AccountError> {
    let roles: Vec<String> = sqlx::query_scalar(
        "select distinct role from device_person join person using (hotel, person)
         where hotel = $1 and device = $2 and left_at is null order by role",
    )
    .bind(hotel.0)
    .bind(device.0)
    .fetch_all(&mut **tx)
    .await?;
    roles.iter().map(|role| people::known_role(role)).collect()
}

impl Accounts {
    /// Trusts a device no longer, whoever is signed in on it.
    ///
    /// # Errors
    /// `UnknownDevice` when the hotel has none of this id.
    pub async fn distrust_device(
        &self,
        hotel: HotelId,
        device: DeviceId,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let mut tx = self.database.begin(hotel).await?;
        let mut notes = Notes::by(Hand::unnamed(now));
        let told = revoke(&mut tx, hotel, device, &mut notes).await?;
        self.conclude(tx, hotel, told, &notes).await
    }

    /// Trusts a device again that was not lost after all. Everybody signs in there anew: whoever had
    /// it meanwhile may have been in somebody's session, and may know somebody's key. What of it is in
    /// quarantine waits for review from here on, where it is known in which role it was done.
    ///
    /// Returns how much waits by that; None when the device was trusted all along.
    pub async fn trust_device(
        &self,
        hotel: HotelId,
        device: DeviceId,
        now: Timestamp,
    ) -> Result<Option<u64>, AccountError> {
        let mut tx = self.database.begin(hotel).await?;
        let mut notes = Notes::by(Hand::unnamed(now));
        // Before its sessions, as whoever goes on with one does.
        sqlx::query("select from device where hotel = $1 and device = $2 for update")
            .bind(hotel.0)
            .bind(device.0)
            .execute(&mut *tx)
            .await?;
        sessions::end_sessions_on(&mut tx, hotel, device, Ended::Device, &mut notes).await?;
        user_keys::revoke_on(&mut tx, hotel, device, now).await?;
        let (told, waiting) = match reviews::trust(&mut tx, hotel, device, &mut notes).await? {
            Trusted::Unknown => return Err(AccountError::UnknownDevice(device)),
            Trusted::Before => return Ok(None),
            Trusted::Now { told, waiting } => (told, waiting),
        };
        self.conclude(tx, hotel, Some(told), &notes).await?;
        Ok(Some(waiting))
    }
}

/// The hotel's devices, or of them those that are named, by name. When they were heard from is for
/// the sessions to say.
pub(super) async fn seen(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    only: Option<&[DeviceId]>,
) -> Result<Vec<SeenDevice>, AccountError> {
    let only: Option<Vec<Uuid>> = only.map(|only| only.iter().map(|device| device.0).collect());
    let found: Vec<(Uuid, String, bool, bool)> = sqlx::query_as(
        "select device, name, distrusted_at is not null, reads_guests from device
         where hotel = $1 and ($2::uuid[] is null or device = any ($2)) order by name, device",
    )
    .bind(hotel.0)
    .bind(only)
    .fetch_all(&mut **tx)
    .await?;
    let device = |(id, name, revoked, reads_guests)| SeenDevice {
        id: DeviceId(id),
        name,
        revoked,
        guests: guest_names(reads_guests),
        seen_at: None,
    };
    Ok(found.into_iter().map(device).collect())
}
