//! The data of one hotel on this device, with the conversation about it.

use super::{Installation, rescue};
use crate::{clock, trouble::Trouble};
use keyrack_model::ids::HotelId;
use keyrack_replica::{Replica, SyncSession};

pub(super) struct House {
    pub(super) hotel: HotelId,
    pub(super) replica: Replica,
    pub(super) sync: SyncSession,
}

impl House {
    pub(super) fn open(installation: &Installation, hotel: HotelId) -> Result<Self, Trouble> {
        let path = installation.folder.store(hotel)?;
        let replica = rescue::open(installation, &path)?;
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
