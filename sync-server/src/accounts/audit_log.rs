//! The audit log for whoever looks after people, and for the log what failed: sign-ins, and what people
//! asked for who have no right to it.

use super::{AccountError, Accounts};
use crate::{
    audit::{self, Hand, Known, Notes},
    session::Identity,
};
use keyrack_model::{
    administration::{Administered, AuditEvent, KnownHead},
    ids::{HotelId, UserId},
    limits::MAX_AUDIT_CHECK,
    time::Timestamp,
};
use sqlx::{Postgres, Transaction};

impl Accounts {
    /// Counts a failed sign-in, and has the audit log tell of it when it is time to. Whoever tried is
    /// answered meanwhile: how long that takes tells nobody whether there is such a person.
    pub(super) fn note_failed(&self, hotel: HotelId, person: Option<UserId>, now: Timestamp) {
        let Some(untold) = self.failed.count(hotel, person, now) else {
            return;
        };
        let count = untold.count();
        let accounts = self.clone();
        tokio::spawn(async move {
            let mut notes = Notes::by(Hand::unnamed(now));
            notes.add(AuditEvent::SignInFailed, person, count.to_string());
            match accounts.write_alone(hotel, &notes).await {
                Ok(()) => untold.told(),
                Err(error) => {
                    tracing::error!(%hotel, count, %error, "the audit log does not tell of failed sign-ins yet");
                }
            }
        });
    }

    /// Counts what somebody asked for who has no right to it, and has the audit log tell of it when it
    /// is time to: of each person at most once a minute, so that asking again fills no disk.
    pub(super) async fn note_refused(&self, who: &Identity, now: Timestamp) {
        let hotel = who.hotel;
        let Some(untold) = self.refused.count(hotel, who.user, now) else {
            return;
        };
        let count = untold.count();
        let mut notes = Notes::by(Hand::of(who, now));
        notes.add(AuditEvent::AdministrationRefused, None, count.to_string());
        match self.write_alone(hotel, &notes).await {
            Ok(()) => untold.told(),
            Err(error) => {
                tracing::error!(%hotel, count, %error, "the audit log does not tell of what was refused yet");
            }
        }
    }

    /// In a transaction of their own: what they tell of did nothing.
    pub(super) async fn write_alone(
        &self,
        hotel: HotelId,
        notes: &Notes,
    ) -> Result<(), AccountError> {
        let tx = self.database.begin(hotel).await?;
        self.conclude(tx, hotel, None, notes).await
    }

    /// Reads all of a hotel's audit log, unless somebody of the hotel does at this moment,
    /// and holds it against what the asker was told of it before.
    pub(super) async fn verify_audit(
        &self,
        hotel: HotelId,
        told: &[KnownHead],
    ) -> Result<Administered, AccountError> {
        let _turn = self.checks.take(hotel).await?;
        let mut known = Known::of(told);
        let checked = audit::check(&self.database, hotel, MAX_AUDIT_CHECK, |entry| {
            known.meet(&entry);
        });
        let checked = checked.await?;
        Ok(Administered::AuditChecked(known.conclude(checked)))
    }
}

pub(super) async fn read_audit(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    before: Option<u64>,
) -> Result<Administered, AccountError> {
    Ok(Administered::Audit(audit::read(tx, hotel, before).await?))
}
