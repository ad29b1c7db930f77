//! Where the server's audit log ended, as far as this device was told: whoever cuts it off, or writes
//! it anew, is noticed by every device that has seen more.
//!
//! **Architecture Invariant**: within one epoch of the hotel's log the key that was seen first counts,
//! and a kept head gives way only to a later one that is signed with it. A log that was brought back
//! begins another epoch, and all of this with it.

use super::{EPOCH, Replica, begin};
use crate::{error::StoreError, store::settings::Setting};
use ed25519_dalek::{Signature, VerifyingKey};
use keyrack_model::{
    audit_head::{AuditHead, from_hexadecimal, signed_text},
    ids::{HotelId, LogEpoch},
    ipc::AuditAlarm,
    limits::MAX_KNOWN_HEADS,
    time::Timestamp,
};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

/// The server's key.
const KEY: Setting<KeptKey> = Setting::named("audit-key");
/// The last head that it signed.
const HEAD: Setting<KeptHead> = Setting::named("audit-head");
const ALARM: Setting<AuditAlarm> = Setting::named("audit-alarm");

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct KeptKey {
    public: [u8; 32],
    /// The epoch in which it signed; None before it has.
    epoch: Option<LogEpoch>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct KeptHead {
    epoch: LogEpoch,
    head: AuditHead,
    /// Some of those before, the oldest first: a log that was written anew from any of them on is known
    /// by it, also once it is longer than it was.
    #[serde(default)]
    earlier: Vec<AuditHead>,
}

impl KeptHead {
    /// The same with the next head. Where there are too many, one is let go of that lies close to others
    /// for its age: what is left lies ever further apart towards the beginning, which stays.
    fn followed_by(self, head: AuditHead) -> Self {
        let Self {
            epoch,
            head: before,
            mut earlier,
        } = self;
        earlier.push(before);
        if earlier.len() >= MAX_KNOWN_HEADS {
            let number = |at: usize| earlier.get(at).map_or(head.number, |head| head.number);
            let crowded = |at: &usize| {
                let age = u128::from(head.number.saturating_sub(number(*at)));
                let room = number(at + 1).saturating_sub(number(at - 1)).max(1);
                (age << 32) / u128::from(room)
            };
            if let Some(at) = (1..earlier.len()).max_by_key(crowded) {
                earlier.remove(at);
            }
        }
        Self {
            epoch,
            head,
            earlier,
        }
    }
}

impl Replica {
    /// Keeps the key that the server names at a sign-in, where none is kept of this epoch.
    pub fn note_audit_key(&mut self, public: &str) -> Result<(), StoreError> {
        let Some(public) = from_hexadecimal(public) else {
            tracing::warn!("the server names a key for its audit log that is none");
            return Ok(());
        };
        let tx = begin(&mut self.db)?;
        let epoch = EPOCH.get(&tx)?;
        let kept = KEY.get(&tx)?;
        let counts = kept.is_some_and(|kept| kept.epoch.is_none() || kept.epoch == epoch);
        if !counts {
            let key = KeptKey {
                public,
                epoch: None,
            };
            KEY.set(&tx, &key)?;
            HEAD.clear(&tx)?;
            ALARM.clear(&tx)?;
        }
        tx.commit()?;
        Ok(())
    }

    /// Ends of the server's audit log that it has told of in this epoch, and signed; the latest last.
    pub fn audit_heads(&self) -> Result<Vec<AuditHead>, StoreError> {
        let epoch = EPOCH.get(&self.db)?;
        let kept = HEAD.get(&self.db)?;
        let kept = kept.filter(|kept| epoch == Some(kept.epoch));
        Ok(kept.map_or_else(Vec::new, |kept| {
            let mut heads = kept.earlier;
            heads.push(kept.head);
            heads
        }))
    }

    /// The server tells where its audit log ends. Kept, or noticed as what cannot be.
    pub(crate) fn hear_audit_head(
        &mut self,
        head: AuditHead,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(hotel) = self.session.as_ref().map(|session| session.hotel) else {
            return Ok(());
        };
        let tx = begin(&mut self.db)?;
        let (Some(key), Some(epoch)) = (KEY.get(&tx)?, EPOCH.get(&tx)?) else {
            return Ok(());
        };
        let kept = HEAD.get(&tx)?.filter(|kept| kept.epoch == epoch);
        let follows = kept.as_ref().is_none_or(|kept| follows(&kept.head, &head));
        let is_signed = is_signed(&key.public, hotel, &head);
        if key.epoch != Some(epoch) && (is_signed || key.epoch.is_none()) {
            // What was noticed was of another epoch, if anything was.
            ALARM.clear(&tx)?;
            let key = KeptKey {
                epoch: Some(epoch),
                ..key
            };
            KEY.set(&tx, &key)?;
        }
        if !follows || !is_signed {
            alarm(&tx, now)?;
        } else {
            let next = match kept {
                None => Some(KeptHead {
                    epoch,
                    head,
                    earlier: Vec::new(),
                }),
                Some(kept) => (kept.head != head).then(|| kept.followed_by(head)),
            };
            if let Some(next) = next {
                HEAD.set(&tx, &next)?;
            }
        }
        tx.commit()?;
        Ok(())
    }

    /// Whether the server's audit log was ever not what it had been.
    pub(crate) fn audit_alarm(&self) -> Result<Option<AuditAlarm>, StoreError> {
        ALARM.get(&self.db)
    }
}

/// What was noticed first stays.
fn alarm(db: &Connection, now: Timestamp) -> Result<(), StoreError> {
    if ALARM.get(db)?.is_some() {
        return Ok(());
    }
    tracing::warn!("the server's audit log is not the one whose end this device was told before");
    ALARM.set(db, &AuditAlarm { noticed_at: now })
}

/// Whether a log that ended with the one may end with the other.
fn follows(before: &AuditHead, head: &AuditHead) -> bool {
    head.number > before.number || (head.number == before.number && head.hash == before.hash)
}

fn is_signed(key: &[u8; 32], hotel: HotelId, head: &AuditHead) -> bool {
    let text = signed_text(hotel, head.number, &head.hash);
    let Ok(key) = VerifyingKey::from_bytes(key) else {
        return false;
    };
    Signature::from_slice(&head.signature)
        .and_then(|signature| key.verify_strict(text.as_bytes(), &signature))
        .is_ok()
}
