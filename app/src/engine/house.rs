//! The data of one hotel on this device, with the conversation about it.

use super::Installation;
use crate::{clock, trouble::Trouble};
use keyrack_model::ids::HotelId;
use keyrack_replica::{OpenError, Replica, StoreFile, SyncSession};
use uuid::Uuid;

pub(super) struct House {
    pub(super) hotel: HotelId,
    pub(super) replica: Replica,
    pub(super) sync: SyncSession,
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
        })
    }
}

fn jitter() -> Result<u64, Trouble> {
    getrandom::u64().map_err(Trouble::NoRandomness)
}
