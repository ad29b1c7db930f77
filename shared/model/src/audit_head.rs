//! The end of a hotel's audit log as its server signs it, for whoever keeps it outside the database.

use crate::ids::HotelId;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// A signed head. Whoever has seen it knows a log that was cut off before it, or has something else
/// in its place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AuditHead {
    /// Of the last entry.
    pub number: u64,
    /// That entry's, 32 bytes.
    #[serde(with = "serde_bytes")]
    pub hash: Vec<u8>,
    /// Ed25519 signature of [`signed_text`] by the server's key for it, 64 bytes.
    #[serde(with = "serde_bytes")]
    pub signature: Vec<u8>,
}

/// What is signed of a head: `keyrack-audit-head`, the hotel's id, the number, and the hash in
/// lower-case hexadecimal, with a space between each.
pub fn signed_text(hotel: HotelId, number: u64, hash: &[u8]) -> String {
    format!("keyrack-audit-head {hotel} {number} {}", hexadecimal(hash))
}

/// Lower-case hexadecimal digits, two a byte.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes that so many hexadecimal digits say; None for any other text.
pub fn from_hexadecimal<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, at) in bytes.iter_mut().zip((0..text.len()).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity;

    #[test]
    fn what_is_signed_names_the_hotel_the_number_and_the_hash() {
        let text = signed_text(identity::hotel("resort"), 7, &[0xab, 0x01]);
        let expected = "keyrack-audit-head e77ff183-1a3a-82e1-a3f2-0836fac9c041 7 ab01";
        assert_eq!(text, expected);
    }

    #[test]
    fn hexadecimal_digits_read_back_and_other_texts_do_not() {
        let bytes = [0, 0x0f, 0xf0, 0xff];
        assert_eq!(from_hexadecimal(&hexadecimal(&bytes)), Some(bytes));
        for other in [
            "",
            "000ff0f",
            "000ff0fff",
            "000ff0fg",
            "+00ff0ff",
            "é0ff0ff",
        ] {
            assert_eq!(from_hexadecimal::<4>(other), None, "{other}");
        }
    }
}
