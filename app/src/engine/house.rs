//! The data of one hotel on this device, with the conversation about it.

use super::Installation;
use crate::{clock, trouble::Trouble};
use keyrack_model::ids::HotelId;
use keyrack_replica::{Replica, SyncSession};
use uuid::Uuid;

pub(super) struct House {
    pub(super) hotel: HotelId,
    pub(super) replica: Replica,
    pub(super) sync: SyncSession,
}

impl House {
    pub(super) fn open(installation: &Installation, hotel: HotelId) -> Result<Self, Trouble> {
        let path = installation.folder.store(hotel)?;
        let replica = Replica::open(
            &path,
            &installation.store_key,
            installation.device.clone(),
            Box::new(Uuid::new_v4),
        )
        .map_err(|error| Trouble::store(path, error))?;
        Ok(Self {
            hotel,
            replica,
            sync: SyncSession::new(clock::now(), jitter()?),
        })
    }
}

fn jitter() -> Result<u64, Trouble> {
    getrandom::u64().map_err(Trouble::NoRandomness)
}
