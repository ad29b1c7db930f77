//! A device that is killed between two transactions of one step, for simulations.

use super::Replica;
use crate::error::StoreError;

impl Replica {
    /// Asks before every transaction whether it comes about. One that does not fails, and leaves
    /// nothing behind.
    pub fn commits_while(
        &self,
        mut lives: impl FnMut() -> bool + Send + 'static,
    ) -> Result<(), StoreError> {
        Ok(self.db.commit_hook(Some(move || !lives()))?)
    }
}
