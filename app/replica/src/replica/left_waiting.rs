//! What waits in the data of a hotel that are not at hand, without beginning to work on them.

use super::{last_sign_in, rescue::RESCUED};
use crate::{
    error::StoreError,
    store::{self, StoreKey, waiting},
};
use keyrack_model::ipc::WaitingElsewhere;
use std::path::Path;

/// What waits in the store at `path`; None when nothing does.
///
/// # Errors
/// [`StoreError`] for a store that cannot be read: whoever opens it to work on it hears more.
pub fn left_waiting(path: &Path, key: &StoreKey) -> Result<Option<WaitingElsewhere>, StoreError> {
    let db = store::look_into(path, key)?;
    let rescued = RESCUED.get(&db)?.unwrap_or_default();
    let actions = waiting::count(&db)? + rescued.len();
    let last = last_sign_in(&db)?;
    Ok(last.filter(|_| actions > 0).map(|last| WaitingElsewhere {
        hotel_name: last.hotel_name,
        hotel_code: last.hotel_code,
        actions,
    }))
}
