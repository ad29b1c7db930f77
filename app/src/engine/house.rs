//! The data of one hotel on this device, with the conversation about it.

use super::Installation;
use crate::{clock, trouble::Trouble};
use keyrack_model::{
    command::Command,
    ids::{DocumentRef, HotelId, OperationId},
    ipc::Problem,
};
use keyrack_replica::{ActError, OpenError, Replica, StoreError, StoreFile, SyncSession};
use uuid::Uuid;

pub(super) struct House {
    pub(super) hotel: HotelId,
    pub(super) replica: Replica,
    pub(super) sync: SyncSession,
    /// Something failed since the store was opened.
    is_in_doubt: bool,
}

impl House {
    pub(super) fn open(installation: &Installation, hotel: HotelId) -> Result<Self, Trouble> {
        let path = installation.folder.store(hotel)?;
        let file = StoreFile {
            path: &path,
            key: &installation.store_key,
            device: &installation.device,
            fresh: Uuid::new_v4,
        };
        let replica = file
            .open_or_rescue(clock::now())
            .map_err(|error| match error {
                OpenError::Store(error) => Trouble::store(path.clone(), error),
                OpenError::Folder(error) => installation.folder.failed(error),
            })?;
        Ok(Self {
            hotel,
            replica,
            sync: SyncSession::new(clock::now(), jitter()?).that_fetches(),
            is_in_doubt: false,
        })
    }

    /// Has the store do something. What fails is logged here, and worded for a person.
    pub(super) fn with_store<T>(
        &mut self,
        act: impl FnOnce(&mut Replica) -> Result<T, StoreError>,
    ) -> Result<T, Problem> {
        act(&mut self.replica).map_err(|error| {
            self.failed(&error);
            error.problem()
        })
    }

    /// Does what somebody asks for here; what it touched.
    pub(super) fn act(
        &mut self,
        command: &Command,
    ) -> Result<(OperationId, Vec<DocumentRef>), Problem> {
        let operation = OperationId(Uuid::now_v7());
        match self.replica.act(command, operation, clock::now()) {
            Ok(touched) => {
                tracing::debug!(%operation, command = command.name(), "done");
                Ok((operation, touched))
            }
            Err(ActError::Store(error)) => {
                tracing::error!(%operation, "an action was not stored");
                self.failed(&error);
                Err(error.problem())
            }
            Err(error @ (ActError::SignedOut | ActError::Refused(_))) => {
                tracing::debug!(command = command.name(), "refused");
                Err(error.problem())
            }
        }
    }

    /// Takes note that the store failed, and logs it.
    pub(super) fn failed(&mut self, error: &StoreError) {
        tracing::error!(?error, "the store failed");
        self.is_in_doubt |= error.leaves_doubt();
    }

    /// Opens a store again that failed. True when it did, and whoever was told of it is to be told
    /// anew; where the disk does not let it, it is tried again the next time.
    pub(super) fn reopens(&mut self) -> bool {
        if !self.is_in_doubt {
            return false;
        }
        match self.replica.reopen() {
            Ok(()) => {
                self.is_in_doubt = false;
                true
            }
            Err(error) => {
                tracing::error!(?error, "the store does not open again");
                false
            }
        }
    }
}

fn jitter() -> Result<u64, Trouble> {
    getrandom::u64().map_err(Trouble::NoRandomness)
}
