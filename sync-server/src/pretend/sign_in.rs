//! Sign-ins as devices with a key ask for them, the one place in tests where one is made and signed.

use ed25519_dalek::{Signer, SigningKey};
use keyrack_model::{
    audit_head::hexadecimal,
    ids::DeviceId,
    limits::PROTOCOL,
    time::Timestamp,
    wire::{DeviceRegistration, SignIn},
};
use uuid::Uuid;

/// Where devices of tests ask.
pub const ADDRESS: &str = "http://127.0.0.1:7300";

/// Somebody of a hotel at the device with this secret key, with a key of their own that nobody has the
/// secret of: without a code and a proof.
pub fn sign_in([hotel, name, password]: [&str; 3], device: DeviceId, secret: &[u8; 32]) -> SignIn {
    let key = SigningKey::from_bytes(secret).verifying_key();
    SignIn {
        protocol: PROTOCOL,
        hotel: hotel.to_owned(),
        name: name.to_owned(),
        password: password.to_owned(),
        device: DeviceRegistration {
            id: device,
            name: "desk".to_owned(),
            public_key: hexadecimal(key.as_bytes()),
        },
        code: None,
        person_key: Some(person_key()),
        proof: None,
    }
}

/// As a device makes one for each sign-in.
pub fn person_key() -> String {
    let secret = blake3::hash(Uuid::new_v4().as_bytes());
    let key = SigningKey::from_bytes(secret.as_bytes()).verifying_key();
    hexadecimal(key.as_bytes())
}

/// The same as whoever has this secret key proves it at this time.
pub fn proved(asked: SignIn, secret: &[u8; 32], at: Timestamp) -> SignIn {
    let key = SigningKey::from_bytes(secret);
    asked.proved(ADDRESS, at, |stated| key.sign(stated).to_bytes())
}
