//! What is signed so that nobody is taken for somebody else: by an author's own key an action, so that
//! a device that several people use cannot put work under the name of one who did not do it; by the
//! device's key a sign-in, so that a password is of use only where the device is, and only at the server
//! that it asked.
//!
//! **Architecture Invariant**: a proof holds for one purpose and one content: an action of one device
//! of one hotel, or a sign-in of one device at one time to one server.

use crate::{
    audit_head::hexadecimal,
    ids::{DeviceId, HotelId},
    time::Timestamp,
    wire::{DeviceProof, SignIn},
};

/// Each keeps what is signed under it apart from everything that is signed elsewhere.
const ACTION: &str = "keyrack 2026-07 an action of its author";
const SIGN_IN: &str = "keyrack 2026-07 a sign-in of its device";

/// What the author signs: `action` is its CBOR, as it stands in the batch of a push.
pub fn statement(hotel: HotelId, device: DeviceId, action: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key(ACTION);
    hasher.update(hotel.0.as_bytes());
    hasher.update(device.0.as_bytes());
    hasher.update(action);
    *hasher.finalize().as_bytes()
}

/// What a device signs of a sign-in at a time: who asks to come in, where, and with which keys, each
/// text as it stands in the body. `address` is that of the server which it asks, so that whoever is
/// asked in the place of another gains nothing by handing the proof on. The password is no part of it,
/// so that a signature which somebody else reads gives nothing to try passwords on; nor is the code,
/// which is good once by itself.
pub fn sign_in_statement(asked: &SignIn, address: &str, at: Timestamp) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key(SIGN_IN);
    let person_key = asked.person_key.as_deref().unwrap_or_default();
    let parts: [&[u8]; 8] = [
        &asked.protocol.to_be_bytes(),
        asked.hotel.as_bytes(),
        asked.name.as_bytes(),
        asked.device.id.0.as_bytes(),
        asked.device.public_key.as_bytes(),
        person_key.as_bytes(),
        address.as_bytes(),
        &at.0.to_be_bytes(),
    ];
    for part in parts {
        hasher.update(&(part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    *hasher.finalize().as_bytes()
}

impl SignIn {
    /// The same with its device's proof for the server at an address, in the place of any that it had:
    /// `sign` signs with the device's key.
    pub fn proved(
        self,
        address: &str,
        at: Timestamp,
        sign: impl FnOnce(&[u8; 32]) -> [u8; 64],
    ) -> Self {
        let signature = sign(&sign_in_statement(&self, address, at));
        let proof = DeviceProof {
            address: address.to_owned(),
            at,
            signature: hexadecimal(&signature),
        };
        Self {
            proof: Some(proof),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{limits::PROTOCOL, wire::DeviceRegistration};
    use uuid::Uuid;

    #[track_caller]
    fn check_all_differ(statements: &[[u8; 32]]) {
        for (number, one) in statements.iter().enumerate() {
            assert!(!statements[..number].contains(one), "{number}");
        }
    }

    #[test]
    fn a_statement_is_of_one_hotel_one_device_and_one_content() {
        let id = Uuid::from_u128;
        check_all_differ(&[
            statement(HotelId(id(1)), DeviceId(id(2)), b"clean"),
            statement(HotelId(id(2)), DeviceId(id(1)), b"clean"),
            statement(HotelId(id(1)), DeviceId(id(3)), b"clean"),
            statement(HotelId(id(1)), DeviceId(id(2)), b"dirty"),
        ]);
    }

    #[test]
    fn a_statement_of_a_sign_in_is_of_all_that_says_who_comes_in_where_and_when() {
        const HERE: &str = "https://keyrack.example";
        let asked = SignIn {
            protocol: PROTOCOL,
            hotel: "resort".to_owned(),
            name: "maria".to_owned(),
            password: "maria-keyrack".to_owned(),
            device: DeviceRegistration {
                id: DeviceId(Uuid::from_u128(1)),
                name: "desk".to_owned(),
                public_key: "ab".repeat(32),
            },
            code: None,
            person_key: None,
            proof: None,
        };
        let changed = |change: fn(&mut SignIn)| {
            let mut other = asked.clone();
            change(&mut other);
            sign_in_statement(&other, HERE, Timestamp(7))
        };
        let same = sign_in_statement(&asked, HERE, Timestamp(7));
        check_all_differ(&[
            same,
            sign_in_statement(&asked, HERE, Timestamp(8)),
            sign_in_statement(&asked, "http://keyrack.example", Timestamp(7)),
            sign_in_statement(&asked, "https://keyrack.example:7300", Timestamp(7)),
            changed(|asked| asked.protocol += 1),
            changed(|asked| asked.hotel = "city".to_owned()),
            changed(|asked| asked.name = "rui".to_owned()),
            // What ends one text begins no other.
            changed(|asked| (asked.hotel, asked.name) = ("resor".into(), "tmaria".into())),
            changed(|asked| asked.device.id = DeviceId(Uuid::from_u128(2))),
            changed(|asked| asked.device.public_key = "cd".repeat(32)),
            changed(|asked| asked.person_key = Some("ef".repeat(32))),
        ]);
        assert_eq!(changed(|asked| asked.password = "a guess".to_owned()), same);

        let proved = asked.clone().proved(HERE, Timestamp(7), |stated| {
            assert_eq!(*stated, same);
            [0xef; 64]
        });
        let proof = proved.proof.as_ref().unwrap();
        assert_eq!(
            (&*proof.address, proof.at, &proof.signature),
            (HERE, Timestamp(7), &"ef".repeat(64))
        );
        assert_eq!(sign_in_statement(&proved, HERE, Timestamp(7)), same);
    }
}
