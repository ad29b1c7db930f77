//! Names for what a person makes here: random, so that no two devices name two things alike.

use uuid::{Builder, Uuid};

/// A new name; None where the web view gives no random numbers.
pub fn fresh() -> Option<Uuid> {
    let crypto = web_sys::window()?.crypto().ok()?;
    let mut bytes = [0; 16];
    crypto.get_random_values_with_u8_array(&mut bytes).ok()?;
    Some(Builder::from_random_bytes(bytes).into_uuid())
}
