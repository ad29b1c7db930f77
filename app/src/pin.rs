//! The key that a PIN makes, and what it seals.
//!
//! **Architecture Invariant**: a PIN alone makes no key: without the secret of this installation,
//! whoever has copied a sealed session cannot try one. The PIN is kept nowhere.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{
    Key, XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use keyrack_model::ids::{HotelId, UserId};
use keyrack_replica::{Sealed, UserSession};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Memory of one derivation, in KiB.
const MEMORY: u32 = 128 * 1_024;
const PASSES: u32 = 3;
const LANES: u32 = 1;
const NONCE: usize = 24;

/// What a PIN is mixed with.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct PinSecret(pub(crate) [u8; 32]);

/// Takes about half a second to make, for whoever has the PIN and for whoever guesses.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct PinKey {
    salt: [u8; 16],
    key: [u8; 32],
}

/// No memory or no randomness for a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no key can be made of a PIN")]
pub(crate) struct NoKey;

impl PinKey {
    /// The key of a PIN that was just chosen.
    pub(crate) fn choose(pin: &str, secret: &PinSecret) -> Result<Self, NoKey> {
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(|_| NoKey)?;
        Self::derive(pin, salt, secret)
    }

    /// The key of a PIN with the salt that it was chosen with.
    pub(crate) fn derive(pin: &str, salt: [u8; 16], secret: &PinSecret) -> Result<Self, NoKey> {
        let params = Params::new(MEMORY, PASSES, LANES, Some(32)).map_err(|_| NoKey)?;
        let slow = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut of_pin = Zeroizing::new([0; 32]);
        slow.hash_password_into(pin.as_bytes(), &salt, &mut *of_pin)
            .map_err(|_| NoKey)?;
        let mut mixed = Zeroizing::new([0; 64]);
        mixed[..32].copy_from_slice(&*of_pin);
        mixed[32..].copy_from_slice(&secret.0);
        Ok(Self {
            salt,
            key: blake3::derive_key("Keyrack 2026 PIN key", &*mixed),
        })
    }

    /// A session that only this key opens, for its person and hotel.
    pub(crate) fn seal(&self, session: &UserSession) -> Result<Sealed, NoKey> {
        let mut plain = Zeroizing::new(Vec::new());
        ciborium::into_writer(session, &mut *plain).map_err(|_| NoKey)?;
        let mut bytes = vec![0; NONCE];
        getrandom::fill(&mut bytes).map_err(|_| NoKey)?;
        let nonce = nonce(&bytes).ok_or(NoKey)?;
        let payload = Payload {
            msg: &plain,
            aad: &whose(session.hotel, session.me.id),
        };
        let sealed = self.cipher().encrypt(&nonce, payload).map_err(|_| NoKey)?;
        bytes.extend(sealed);
        Ok(Sealed {
            salt: self.salt,
            bytes,
        })
    }

    /// None when this is another PIN's, person's or hotel's, or not as it was sealed.
    pub(crate) fn open(
        &self,
        sealed: &Sealed,
        hotel: HotelId,
        person: UserId,
    ) -> Option<UserSession> {
        let (first, rest) = sealed.bytes.split_at_checked(NONCE)?;
        let payload = Payload {
            msg: rest,
            aad: &whose(hotel, person),
        };
        let plain = self.cipher().decrypt(&nonce(first)?, payload).ok()?;
        let plain = Zeroizing::new(plain);
        let session: UserSession = ciborium::from_reader(plain.as_slice()).ok()?;
        (session.hotel == hotel && session.me.id == person).then_some(session)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(self.key))
    }
}

fn nonce(bytes: &[u8]) -> Option<XNonce> {
    let bytes: [u8; NONCE] = bytes.try_into().ok()?;
    Some(XNonce::from(bytes))
}

fn whose(hotel: HotelId, person: UserId) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(hotel.0.as_bytes());
    bytes[16..].copy_from_slice(person.0.as_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::{identity, policy::Role, rows::Person};
    use keyrack_replica::UserKey;
    use uuid::Uuid;

    const OURS: PinSecret = PinSecret([7; 32]);
    const PIN: &str = "274950";

    fn session() -> UserSession {
        UserSession {
            server: "https://keyrack.example".to_owned(),
            hotel: identity::hotel("resort"),
            hotel_code: "resort".to_owned(),
            hotel_name: "Resort H1".to_owned(),
            me: Person {
                id: UserId(Uuid::from_u128(1)),
                name: "maria".to_owned(),
                display: "Maria Silva".to_owned(),
                role: Role::Housekeeper,
                left: false,
            },
            token: "a-token-of-marias".to_owned(),
            renewal: None,
            key: Some(UserKey::of([5; 32])),
            password_given: false,
        }
    }

    /// As fast as anybody can try PINs who has the disk and the secret too.
    #[test]
    fn a_guess_of_a_pin_costs_128_mebibytes_and_three_passes() {
        assert_eq!((MEMORY, PASSES, LANES), (128 << 10, 3, 1));
        // The key is of these, and of no cheaper ones beside them.
        let salt = [3; 16];
        let of = |memory, passes| {
            let params = Params::new(memory, passes, 1, Some(32)).unwrap();
            let slow = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
            let mut mixed = [0; 64];
            let (of_pin, secret) = mixed.split_at_mut(32);
            slow.hash_password_into(PIN.as_bytes(), &salt, of_pin)
                .unwrap();
            secret.copy_from_slice(&OURS.0);
            blake3::derive_key("Keyrack 2026 PIN key", &mixed)
        };
        let derived = PinKey::derive(PIN, salt, &OURS).unwrap();
        assert_eq!(derived.key, of(128 << 10, 3));
        assert_ne!(derived.key, of(64 << 10, 3));
        assert_ne!(derived.key, of(128 << 10, 2));
    }

    #[test]
    fn only_the_pin_on_its_own_installation_opens_what_it_sealed() {
        let session = session();
        let (hotel, maria) = (session.hotel, session.me.id);
        let key = PinKey::choose(PIN, &OURS).unwrap();
        let sealed = key.seal(&session).unwrap();
        let open = |pin: &str, secret: &PinSecret, sealed: &Sealed| {
            let key = PinKey::derive(pin, sealed.salt, secret).unwrap();
            key.open(sealed, hotel, maria).map(|session| session.token)
        };
        assert_eq!(open(PIN, &OURS, &sealed), Some(session.token));
        assert_eq!(open("274951", &OURS, &sealed), None);
        // As on a stolen disk: everything but the keyring.
        assert_eq!(open(PIN, &PinSecret([8; 32]), &sealed), None);
        let salted = Sealed {
            salt: [0; 16],
            ..sealed.clone()
        };
        assert_eq!(open(PIN, &OURS, &salted), None);
        let (other_hotel, joao) = (identity::hotel("grand"), UserId(Uuid::from_u128(2)));
        assert!(key.open(&sealed, other_hotel, maria).is_none());
        assert!(key.open(&sealed, hotel, joao).is_none());
    }

    #[test]
    fn what_is_sealed_shows_nothing_of_the_session_and_takes_no_change() {
        let session = session();
        let key = PinKey::choose(PIN, &OURS).unwrap();
        let sealed = key.seal(&session).unwrap();
        for word in ["maria", "Maria", "token", "resort"] {
            let word = word.as_bytes();
            assert!(!sealed.bytes.windows(word.len()).any(|at| at == word));
        }
        assert_ne!(sealed.bytes, key.seal(&session).unwrap().bytes);
        for at in 0..sealed.bytes.len() {
            let mut changed = sealed.clone();
            changed.bytes[at] ^= 1;
            assert!(key.open(&changed, session.hotel, session.me.id).is_none());
        }
        for short in 0..NONCE + 16 {
            let cut = Sealed {
                salt: sealed.salt,
                bytes: sealed.bytes[..short].to_vec(),
            };
            assert!(key.open(&cut, session.hotel, session.me.id).is_none());
        }
    }
}
