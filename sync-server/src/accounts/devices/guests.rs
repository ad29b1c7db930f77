//! Whether who the guests are may be on a device.
//!
//! **Architecture Invariant**: the row, the log and the audit log change together: what the log tells a
//! device of itself is what it is served by.

use super::hold;
use crate::{
    accounts::AccountError,
    audit::Notes,
    log::postgres::{records, reviews::guest_names},
};
use keyrack_model::{
    action::Sequence,
    administration::AuditEvent,
    class::GuestNames,
    ids::{DeviceId, HotelId},
    record::{Payload, Workplace},
};
use sqlx::{Postgres, Transaction};

/// Keeps who the guests are off a device, or lets it be there again. None when it is so already.
pub(in crate::accounts) async fn set_guest_names(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    device: DeviceId,
    guests: GuestNames,
    notes: &mut Notes,
) -> Result<Option<Sequence>, AccountError> {
    let present = hold(tx, hotel, device).await?;
    if present.guests == guests {
        return Ok(None);
    }
    let (reads_guests, event) = match guests {
        GuestNames::Shown => (true, AuditEvent::GuestsShown),
        GuestNames::KeptOff => (false, AuditEvent::GuestsKeptOff),
    };
    sqlx::query("update device set reads_guests = $3 where hotel = $1 and device = $2")
        .bind(hotel.0)
        .bind(device.0)
        .bind(reads_guests)
        .execute(&mut **tx)
        .await?;
    notes.add_on(device, event, None, &*present.name);
    let payload = Payload::Device(Workplace { guests, ..present });
    let head = records::put(tx, hotel, device.into(), payload, notes.at()).await?;
    Ok(Some(head))
}

/// Whether who the guests are may be on a device.
pub(in crate::accounts) async fn guest_names_on(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    device: DeviceId,
) -> Result<GuestNames, AccountError> {
    let reads: Option<bool> =
        sqlx::query_scalar("select reads_guests from device where hotel = $1 and device = $2")
            .bind(hotel.0)
            .bind(device.0)
            .fetch_optional(&mut **tx)
            .await?;
    Ok(reads.map(guest_names).unwrap_or_default())
}
