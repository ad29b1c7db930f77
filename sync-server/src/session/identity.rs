//! Who a session belongs to.

use super::AuthorKey;
use ed25519_dalek::VerifyingKey;
use keyrack_model::{
    ids::{DeviceId, HotelId, SessionId, UserId},
    time::Timestamp,
};

/// Who is at the other end, established before the connection became a session.
#[derive(Clone, Debug)]
pub struct Identity {
    pub hotel: HotelId,
    pub user: UserId,
    pub device: DeviceId,
    /// What their sign-in began, and what ends as one.
    pub session: SessionId,
    pub key: VerifyingKey,
    /// Everybody who has ever signed in on this device, `user` among them: a shared desktop
    /// pushes what each of them did. Nobody else's actors are taken from it, nor anybody else's work.
    pub people: Vec<UserId>,
    /// With which they sign that: for anybody but `user` the device has no word.
    pub keys: Vec<AuthorKey>,
    /// Those of them who have never shown a key here, as earlier versions show none: what they did is
    /// taken without a proof.
    pub unkeyed: Vec<UserId>,
}

/// Somebody whose token was looked at.
#[derive(Clone, Debug)]
pub struct Admitted {
    pub who: Identity,
    /// When the token ends.
    pub until: Timestamp,
}
