//! Sign-ins that are turned away on a device of the hotel's, whatever the password: the audit log tells
//! of them.
//!
//! **Architecture Invariant**: nobody is answered otherwise for it, nor later: whether there is such a
//! device or such a person shows in no answer. The log tells the same of one device at most once a
//! minute, and nothing of devices that the hotel does not know.

use super::{AccountError, Accounts, device_proof, devices, find_person, names};
use crate::audit::{Hand, Notes};
use ed25519_dalek::VerifyingKey;
use keyrack_model::{
    administration::{AuditEvent, TurnedAway},
    identity,
    ids::{DeviceId, HotelId},
    time::Timestamp,
    wire::SignIn,
};

/// Somebody who was turned away.
struct Caller {
    hotel: HotelId,
    /// As it is looked up.
    name: String,
    device: DeviceId,
    /// That has signed the sign-in; None where nothing shows that the device did.
    key: Option<VerifyingKey>,
    why: TurnedAway,
}

impl Caller {
    /// Whoever asked for a sign-in that was refused before anything was looked up, where that says
    /// something about a device.
    fn unproven(asked: &SignIn, refused: &AccountError) -> Option<Self> {
        let (why, key) = if let AccountError::OtherAddress(_) = refused {
            // Signed by nobody it says nothing: anybody can write another address into a request.
            (TurnedAway::OtherAddress, Some(device_proof::signer(asked)?))
        } else if let AccountError::Unproven = refused {
            (TurnedAway::Unproven, None)
        } else {
            return None;
        };
        Some(Self {
            hotel: identity::hotel(&names::code(&asked.hotel).ok()?),
            name: names::login(&asked.name).ok()?,
            device: asked.device.id,
            key,
            why,
        })
    }
}

impl Accounts {
    /// Has the audit log tell of a sign-in that does not prove where it comes from, if the hotel knows
    /// the device that it names.
    pub(crate) fn note_unproven(&self, asked: &SignIn, refused: &AccountError, now: Timestamp) {
        if let Some(caller) = Caller::unproven(asked, refused) {
            self.note_turned_away(caller, now);
        }
    }

    /// The same of a right password on a device that lets nobody in.
    pub(super) fn note_kept_out(
        &self,
        hotel: HotelId,
        (name, device): (&str, DeviceId),
        refused: &AccountError,
        now: Timestamp,
    ) {
        let why = if let AccountError::NotServed = refused {
            TurnedAway::NotTrusted
        } else if let AccountError::DeviceKey = refused {
            TurnedAway::OtherKey
        } else {
            return;
        };
        let caller = Caller {
            hotel,
            name: name.to_owned(),
            device,
            key: None,
            why,
        };
        self.note_turned_away(caller, now);
    }

    /// Whoever tried is answered meanwhile.
    fn note_turned_away(&self, caller: Caller, now: Timestamp) {
        let accounts = self.clone();
        tokio::spawn(async move {
            if let Err(error) = accounts.tell_of(&caller, now).await {
                let Caller {
                    hotel, device, why, ..
                } = caller;
                tracing::error!(%hotel, %device, %why, %error, "the audit log does not tell of a sign-in that was turned away yet");
            }
        });
    }

    async fn tell_of(&self, caller: &Caller, now: Timestamp) -> Result<(), AccountError> {
        let Caller {
            hotel,
            name,
            device,
            key,
            why,
        } = caller;
        let mut tx = self.database.begin(*hotel).await?;
        if !devices::is_of_hotel(&mut tx, *hotel, *device, key.as_ref()).await? {
            return Ok(());
        }
        let found = find_person(&mut tx, *hotel, name).await?;
        drop(tx);
        let Some(untold) = self.turned_away.count(*hotel, (*device, *why), now) else {
            return Ok(());
        };
        let mut notes = Notes::by(Hand::unnamed(now));
        let person = found.map(|found| found.person.id);
        notes.add_on(*device, AuditEvent::SignInRefused, person, why.word());
        self.write_alone(*hotel, &notes).await?;
        untold.told();
        Ok(())
    }
}
