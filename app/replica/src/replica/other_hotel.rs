//! What lies here of a hotel whose data are not at hand, without beginning to work on them.

use super::{last_sign_in, rescue::RESCUED};
use crate::{
    error::StoreError,
    store::{self, StoreKey, waiting},
};
use keyrack_model::{identity, ipc::OtherHotel};
use std::path::Path;

/// Whose store lies at `path`; None where nobody has signed in yet.
///
/// # Errors
/// [`StoreError`] for a store that cannot be read: whoever opens it to work on it hears more.
pub fn other_hotel(path: &Path, key: &StoreKey) -> Result<Option<OtherHotel>, StoreError> {
    let db = store::look_into(path, key)?;
    let rescued = RESCUED.get(&db)?.unwrap_or_default();
    let actions = waiting::count(&db)? + rescued.len();
    let last = last_sign_in(&db)?;
    Ok(last.map(|last| OtherHotel {
        hotel: identity::hotel(&last.hotel_code),
        name: last.hotel_name,
        code: last.hotel_code,
        waiting: actions,
    }))
}
