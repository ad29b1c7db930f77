//! A store that failed in the middle of the work: it is opened once more, and goes on from what is in
//! it.
//!
//! SQLCipher reads nothing more over a connection once the disk did not give it one page.

use super::{CURSOR, DEVICE, Replica};
use crate::{
    error::StoreError,
    store::{self, StoreKey},
};
use std::{cell::Cell, path::PathBuf};

/// Where a store is, and what opens it.
pub(super) struct Place {
    pub(super) path: PathBuf,
    pub(super) key: StoreKey,
}

impl Replica {
    /// Goes on over another connection; in memory stays only what no transaction can have changed.
    ///
    /// The present one is let go of when the other is there: were it the only one, its end would have
    /// SQLite take in a commit that failed, and of which nobody knows whether the disk has it.
    ///
    /// # Errors
    /// What the disk says, and `Damaged` where the file is not this store any more. Nothing has changed
    /// then, and it can be tried again.
    pub fn reopen(&mut self) -> Result<(), StoreError> {
        let Some(place) = &self.place else {
            return Ok(());
        };
        let db = store::open_again(&place.path, &place.key)?;
        // Another store may have taken its place meanwhile.
        if DEVICE
            .get(&db)?
            .is_none_or(|device| device.id != self.device.id)
        {
            return Err(StoreError::Damaged);
        }
        let cursor = CURSOR.get(&db)?.unwrap_or_default();
        if let Err(error) = store::bury_failed_commit(&db) {
            tracing::warn!(
                ?error,
                "what failed last may be found done at the next start"
            );
        }
        self.cursor = cursor;
        self.db = db;
        self.documents.evict_all();
        self.counted = Cell::new(None);
        tracing::warn!("the store had failed, and was opened once more");
        Ok(())
    }
}
