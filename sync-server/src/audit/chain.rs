//! How entries are sealed: the hash of each covers all that it says and the hash of the one before.
//!
//! **Architecture Invariant**: no two entries, and no two splits of one text into fields, have the
//! same bytes before they are hashed: each part stands after its length.

use super::{Entry, Hand};
use keyrack_model::ids::HotelId;
use uuid::Uuid;

/// What the hashes of entries are made under, and nothing else.
const ENTRY: &str = "Keyrack 2026 audit entry";
/// What stands before the first entry is made under this.
const GENESIS: &str = "Keyrack 2026 audit genesis";

/// An entry as it is kept.
#[derive(Clone, PartialEq, Eq, Debug, sqlx::FromRow)]
pub(super) struct Sealed {
    pub(super) number: i64,
    pub(super) at: i64,
    pub(super) event: String,
    pub(super) actor: Option<Uuid>,
    pub(super) device: Option<Uuid>,
    pub(super) person: Option<Uuid>,
    pub(super) detail: String,
    pub(super) previous: Vec<u8>,
    pub(super) hash: Vec<u8>,
}

impl Sealed {
    pub(super) fn after(
        previous: Vec<u8>,
        hotel: HotelId,
        number: i64,
        hand: Hand,
        entry: &Entry,
    ) -> Self {
        let mut sealed = Self {
            number,
            at: hand.at.0,
            event: entry.event.word().to_owned(),
            actor: hand.actor.map(|actor| actor.0),
            device: entry.device.map(|device| device.0),
            person: entry.person.map(|person| person.0),
            detail: entry.detail.clone(),
            previous,
            hash: Vec::new(),
        };
        sealed.hash = sealed.seal(hotel).to_vec();
        sealed
    }

    /// What its hash has to be.
    fn seal(&self, hotel: HotelId) -> [u8; 32] {
        // An id that is not there has no bytes, and any other has sixteen.
        let id = |id: &Option<Uuid>| id.map(|id| id.as_bytes().to_vec()).unwrap_or_default();
        let parts: [&[u8]; 9] = [
            &self.previous,
            hotel.0.as_bytes(),
            &self.number.to_be_bytes(),
            &self.at.to_be_bytes(),
            self.event.as_bytes(),
            &id(&self.actor),
            &id(&self.device),
            &id(&self.person),
            self.detail.as_bytes(),
        ];
        let mut hasher = blake3::Hasher::new_derive_key(ENTRY);
        for part in parts {
            hasher.update(&(part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        *hasher.finalize().as_bytes()
    }
}

/// What stands before the first entry of a hotel's log.
pub(super) fn genesis(hotel: HotelId) -> [u8; 32] {
    blake3::derive_key(GENESIS, hotel.0.as_bytes())
}

/// A chain that is followed from its beginning.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Chain {
    hotel: HotelId,
    /// Of the last entry that was followed.
    pub(super) number: u64,
    pub(super) hash: Vec<u8>,
}

/// The first entry that is not what it was, or that is missing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Broken {
    pub(super) number: u64,
}

impl Chain {
    pub(super) fn of(hotel: HotelId) -> Self {
        Self {
            hotel,
            number: 0,
            hash: genesis(hotel).to_vec(),
        }
    }

    /// Goes on to the next entry.
    pub(super) fn follow(&mut self, entry: &Sealed) -> Result<(), Broken> {
        let number = self.number.saturating_add(1);
        let is_next = u64::try_from(entry.number) == Ok(number)
            && entry.previous == self.hash
            && entry.hash == entry.seal(self.hotel);
        if !is_next {
            return Err(Broken { number });
        }
        self.number = number;
        self.hash.clone_from(&entry.hash);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::{
        administration::AuditEvent,
        identity,
        ids::{DeviceId, UserId},
        time::Timestamp,
    };

    fn resort() -> HotelId {
        identity::hotel("resort")
    }

    /// Entries that follow from one another.
    fn entries(count: i64) -> Vec<Sealed> {
        let mut entries = Vec::new();
        let mut previous = genesis(resort()).to_vec();
        for number in 1..=count {
            let hand = Hand {
                actor: Some(UserId(Uuid::from_u128(1))),
                device: None,
                at: Timestamp(number),
            };
            let entry = Entry {
                event: AuditEvent::RoleChanged,
                device: Some(DeviceId(Uuid::from_u128(2))),
                person: None,
                detail: "housekeeper → supervisor".into(),
            };
            let sealed = Sealed::after(previous, resort(), number, hand, &entry);
            previous = sealed.hash.clone();
            entries.push(sealed);
        }
        entries
    }

    fn follow(hotel: HotelId, entries: &[Sealed]) -> Result<u64, Broken> {
        let mut chain = Chain::of(hotel);
        for entry in entries {
            chain.follow(entry)?;
        }
        Ok(chain.number)
    }

    #[test]
    fn entries_as_they_were_written_follow_from_one_another() {
        assert_eq!(follow(resort(), &entries(5)), Ok(5));
        assert_eq!(follow(resort(), &[]), Ok(0));
    }

    #[test]
    fn whatever_is_changed_of_an_entry_breaks_the_chain_there() {
        let change: [fn(&mut Sealed); 9] = [
            |entry| entry.number += 1,
            |entry| entry.at += 1,
            |entry| entry.event.push('x'),
            |entry| entry.actor = None,
            |entry| entry.device = entry.actor,
            |entry| entry.person = entry.actor,
            |entry| entry.detail.clear(),
            |entry| entry.previous[0] ^= 1,
            |entry| entry.hash[31] ^= 1,
        ];
        for (nth, change) in change.iter().enumerate() {
            let mut entries = entries(3);
            change(&mut entries[1]);
            let broken = Err(Broken { number: 2 });
            assert_eq!(follow(resort(), &entries), broken, "change {nth}");
        }
    }

    #[test]
    fn an_entry_that_was_changed_and_sealed_again_breaks_the_chain_at_the_next() {
        let mut entries = entries(3);
        entries[1].detail.clear();
        entries[1].hash = entries[1].seal(resort()).to_vec();
        assert_eq!(follow(resort(), &entries), Err(Broken { number: 3 }));
    }

    #[test]
    fn an_entry_that_is_missing_or_of_another_hotel_is_named() {
        let mut without = entries(3);
        without.remove(1);
        assert_eq!(follow(resort(), &without), Err(Broken { number: 2 }));
        let city = identity::hotel("city");
        assert_eq!(follow(city, &entries(3)), Err(Broken { number: 1 }));
    }

    #[test]
    fn what_moves_from_one_field_to_the_next_is_another_entry() {
        let [first, ..] = &entries(1)[..] else {
            panic!("an entry")
        };
        let mut other = first.clone();
        (other.device, other.person) = (first.person, first.device);
        assert_ne!(other.seal(resort()), first.seal(resort()));
        let mut other = first.clone();
        other.event = format!("{}{}", first.event, first.detail);
        other.detail.clear();
        assert_ne!(other.seal(resort()), first.seal(resort()));
    }
}
