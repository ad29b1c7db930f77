//! Signed heads: those that this server last signed, for whoever follows them, and lines of the file
//! in which it records them.
//!
//! A line is `hotel number hash signature at`, with a space between each: the hotel's id, the number
//! and the hash of the entry, the signature of them in lower-case hexadecimal, and when it was
//! recorded, in milliseconds since 1970.

use super::{AuditKey, check, key::is_signed};
use crate::database::Database;
use ed25519_dalek::VerifyingKey;
use keyrack_model::{
    audit_head::{AuditHead, from_hexadecimal, hexadecimal},
    ids::HotelId,
    time::Timestamp,
};
use std::{
    collections::{HashMap, HashSet},
    fmt, mem,
    str::FromStr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::watch;

/// Signs where the audit logs end, for devices to keep. Clones share it; one that is made by default
/// signs nothing.
#[derive(Clone, Default)]
pub struct AuditHeads(Arc<Shared>);

#[derive(Default)]
struct Shared {
    signer: Option<Signer>,
    /// The heads that were recorded last.
    latest: Mutex<HashMap<HotelId, watch::Sender<Option<AuditHead>>>>,
    /// Hotels whose log may have grown since they were looked at.
    touched: Mutex<HashSet<HotelId>>,
}

struct Signer {
    database: Database,
    key: AuditKey,
}

impl AuditHeads {
    pub fn signed(database: Database, key: AuditKey) -> Self {
        Self(Arc::new(Shared {
            signer: Some(Signer { database, key }),
            ..Shared::default()
        }))
    }

    /// What devices check the signatures with, in lower-case hexadecimal.
    pub fn public_key(&self) -> Option<String> {
        self.0.signer.as_ref().map(|signer| signer.key.public())
    }

    /// Where a hotel's log ends at this moment: never before what any server of the database has said
    /// of it. None where nothing is signed, or there is no entry.
    pub async fn present(&self, hotel: HotelId) -> Result<Option<AuditHead>, sqlx::Error> {
        let Some(signer) = &self.0.signer else {
            return Ok(None);
        };
        let mut tx = signer.database.begin(hotel).await?;
        let end = check::head(&mut tx, hotel).await?;
        drop(tx);
        let end = end.filter(|(number, _)| *number > 0);
        Ok(end.map(|(number, hash)| signer.key.sign(hotel, number, hash)))
    }

    /// The head of a hotel that was recorded last, and those that follow.
    pub fn follow(&self, hotel: HotelId) -> watch::Receiver<Option<AuditHead>> {
        self.latest().entry(hotel).or_default().subscribe()
    }

    /// Takes note that a hotel's log may have grown.
    pub(crate) fn touch(&self, hotel: HotelId) {
        self.touched().insert(hotel);
    }

    pub(super) fn take_touched(&self) -> HashSet<HotelId> {
        mem::take(&mut *self.touched())
    }

    pub(super) fn tell(&self, hotel: HotelId, head: AuditHead) {
        let mut latest = self.latest();
        latest.entry(hotel).or_default().send_replace(Some(head));
    }

    fn latest(&self) -> MutexGuard<'_, HashMap<HotelId, watch::Sender<Option<AuditHead>>>> {
        self.0.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn touched(&self) -> MutexGuard<'_, HashSet<HotelId>> {
        let touched = self.0.touched.lock();
        touched.unwrap_or_else(PoisonError::into_inner)
    }
}

/// A line of the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordedHead {
    pub hotel: HotelId,
    pub head: AuditHead,
    pub at: Timestamp,
}

impl RecordedHead {
    /// Whether it is signed by this key.
    pub fn is_signed_by(&self, key: &VerifyingKey) -> bool {
        is_signed(key, self.hotel, &self.head)
    }
}

impl fmt::Display for RecordedHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AuditHead {
            number,
            hash,
            signature,
        } = &self.head;
        let (hash, signature) = (hexadecimal(hash), hexadecimal(signature));
        write!(
            f,
            "{} {number} {hash} {signature} {}",
            self.hotel, self.at.0
        )
    }
}

/// Not a line of the file.
#[derive(Debug, PartialEq, Eq)]
pub struct NotAHead;

impl FromStr for RecordedHead {
    type Err = NotAHead;
    fn from_str(line: &str) -> Result<Self, NotAHead> {
        let parts: Vec<&str> = line.split(' ').collect();
        let [hotel, number, hash, signature, at] = parts[..] else {
            return Err(NotAHead);
        };
        let hash: [u8; 32] = from_hexadecimal(hash).ok_or(NotAHead)?;
        let signature: [u8; 64] = from_hexadecimal(signature).ok_or(NotAHead)?;
        Ok(Self {
            hotel: hotel.parse().map_err(|_| NotAHead)?,
            head: AuditHead {
                number: number.parse().map_err(|_| NotAHead)?,
                hash: hash.to_vec(),
                signature: signature.to_vec(),
            },
            at: Timestamp(at.parse().map_err(|_| NotAHead)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::identity;

    #[test]
    fn a_line_reads_back_and_rubbish_is_none() {
        let recorded = RecordedHead {
            hotel: identity::hotel("resort"),
            head: AuditHead {
                number: 12,
                hash: vec![0xab; 32],
                signature: vec![0xcd; 64],
            },
            at: Timestamp(1_495_700_000_000),
        };
        let line = recorded.to_string();
        assert_eq!(line.parse(), Ok(recorded));
        let cut = &line[..line.len() - 20];
        for rubbish in ["", "x", cut, &line.replace("ab", "a"), &format!("{line} 1")] {
            assert_eq!(rubbish.parse::<RecordedHead>(), Err(NotAHead), "{rubbish}");
        }
    }

    #[test]
    fn whoever_follows_a_hotel_is_told_of_its_heads_alone() {
        let heads = AuditHeads::default();
        let (resort, city) = (identity::hotel("resort"), identity::hotel("city"));
        let mut of_resort = heads.follow(resort);
        let mut of_city = heads.follow(city);
        let head = AuditHead {
            number: 1,
            hash: vec![1; 32],
            signature: vec![2; 64],
        };
        heads.tell(resort, head.clone());
        assert_eq!(of_resort.borrow_and_update().as_ref(), Some(&head));
        assert_eq!(*of_city.borrow_and_update(), None);
        assert_eq!(heads.follow(resort).borrow().as_ref(), Some(&head));
    }
}
