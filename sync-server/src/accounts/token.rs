//! What a signed-in device shows, or refreshes its session with: the hotel in the clear, so that its
//! rows can be looked into, and 32 bytes that nobody can guess.

use super::AccountError;
use keyrack_model::ids::HotelId;
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// What the successors of refresh tokens are made under, and nothing else.
const SUCCESSOR: &str = "keyrack 2026-11-29 the successor of a refresh token";

/// A token. Only its hash is ever stored.
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

    /// The refresh token after this one: the same each time, and to be made only by whoever has this
    /// one and the nonce.
    pub(super) fn successor(&self, nonce: &[u8; 32]) -> Self {
        let key = blake3::derive_key(SUCCESSOR, &self.secret);
        Self {
            hotel: self.hotel,
            secret: *blake3::keyed_hash(&key, nonce).as_bytes(),
        }
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
    fn a_successor_is_the_same_each_time_and_takes_both_the_token_and_the_nonce() {
        let hotel = identity::hotel("resort");
        let token = Token::fresh(hotel).unwrap();
        let first = token.successor(&[1; 32]);
        assert_eq!(first.to_string(), token.successor(&[1; 32]).to_string());
        assert_eq!(first.hotel(), hotel);
        let other = Token::fresh(hotel).unwrap();
        for another in [token.successor(&[2; 32]), other.successor(&[1; 32]), token] {
            assert_ne!(first.to_string(), another.to_string());
        }
    }

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
