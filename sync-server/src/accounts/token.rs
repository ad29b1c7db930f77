//! What a signed-in device shows: the hotel in the clear, so that its rows can be looked into, and
//! 32 random bytes.

use super::AccountError;
use keyrack_model::ids::HotelId;
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// A bearer token. Only its hash is ever stored.
pub struct Token {
    hotel: HotelId,
    secret: [u8; 32],
}

/// Not a token.
#[derive(Debug, PartialEq, Eq)]
pub struct NotAToken;

impl Token {
    pub(super) fn fresh(hotel: HotelId) -> Result<Self, AccountError> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|_| AccountError::Hashing)?;
        Ok(Self { hotel, secret })
    }

    pub fn hotel(&self) -> HotelId {
        self.hotel
    }

    pub(super) fn hash(&self) -> [u8; 32] {
        *blake3::hash(&self.secret).as_bytes()
    }
}

/// The text that goes to the device, and nowhere else.
impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.", self.hotel.0.simple())?;
        self.secret
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Token {
    type Err = NotAToken;
    fn from_str(text: &str) -> Result<Self, NotAToken> {
        let (hotel, secret) = text.split_once('.').ok_or(NotAToken)?;
        if secret.len() != 64 || !secret.is_ascii() {
            return Err(NotAToken);
        }
        let mut bytes = [0; 32];
        for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&secret[at..at + 2], 16).map_err(|_| NotAToken)?;
        }
        Ok(Self {
            hotel: HotelId(Uuid::try_parse(hotel).map_err(|_| NotAToken)?),
            secret: bytes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::identity;

    #[test]
    fn a_token_reads_back_and_rubbish_does_not() {
        let token = Token::fresh(identity::hotel("resort")).unwrap();
        let again: Token = token
            .to_string()
            .parse()
            .unwrap_or_else(|_| panic!("a token"));
        assert_eq!(again.hash(), token.hash());
        assert_eq!(again.hotel(), token.hotel());
        for rubbish in ["", ".", "x.y", &"é".repeat(97), &token.to_string()[1..]] {
            assert!(rubbish.parse::<Token>().is_err(), "{rubbish}");
        }
    }
}
