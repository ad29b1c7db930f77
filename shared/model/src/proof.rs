//! What an author's own key signs of an action: a device that several people use cannot put work
//! under the name of one who did not do it.
//!
//! **Architecture Invariant**: a proof holds for one action, in one content, of one device of one
//! hotel.

use crate::ids::{DeviceId, HotelId};

/// Keeps what is signed here apart from everything that is signed elsewhere.
const CONTEXT: &str = "keyrack 2026-07 an action of its author";

/// What the author signs: `action` is its CBOR, as it stands in the batch of a push.
pub fn statement(hotel: HotelId, device: DeviceId, action: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
    hasher.update(hotel.0.as_bytes());
    hasher.update(device.0.as_bytes());
    hasher.update(action);
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_statement_is_of_one_hotel_one_device_and_one_content() {
        let id = Uuid::from_u128;
        let statements = [
            statement(HotelId(id(1)), DeviceId(id(2)), b"clean"),
            statement(HotelId(id(2)), DeviceId(id(1)), b"clean"),
            statement(HotelId(id(1)), DeviceId(id(3)), b"clean"),
            statement(HotelId(id(1)), DeviceId(id(2)), b"dirty"),
        ];
        for (number, one) in statements.iter().enumerate() {
            assert!(!statements[..number].contains(one), "{number}");
        }
    }
}
