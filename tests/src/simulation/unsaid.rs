//! A backup of the server that is put back without a word: the log is shorter, in the same epoch,
//! and may go on with other entries. Devices that know more of it are turned away and show that
//! people have to look; whoever looks says up to where the log is the same.

use super::{
    hotel,
    world::{Broken, Happening, World},
};
use futures_util::FutureExt;
use keyrack_model::{action::Sequence, ids::LogEpoch};
use keyrack_server::log::Log;
use uuid::Uuid;

/// The longest that people take to look after a device asked them to.
const LOOKING_MILLIS: u64 = 10_000;

#[derive(Default)]
pub(super) struct Unsaid {
    /// The last entry that is the same as before, while nobody has said that the log was put back.
    shared: Option<Sequence>,
    is_looked_after: bool,
    /// How long the log was when its epoch began: an older copy is of another epoch.
    epoch_began: Sequence,
}

impl World {
    /// The log is an older one when the server comes back, and neither it nor the devices are told.
    pub(super) fn put_back_unsaid(&mut self) -> Result<(), Broken> {
        let head = self.ledger.head();
        let first = hotel::opening_length() + self.people.len() as u64;
        let first = self.unsaid.epoch_began.0.max(first);
        if first >= head.0 {
            return Ok(());
        }
        let to = Sequence(self.rng.u64(first..head.0));
        self.bring_back(to)?;
        self.ledger.put_back_unsaid(to);
        let shared = self.unsaid.shared;
        self.unsaid.shared = Some(shared.map_or(to, |shared| shared.min(to)));
        Ok(())
    }

    /// The server and the night end, and the store is as it was after an entry.
    pub(super) fn bring_back(&mut self, to: Sequence) -> Result<(), Broken> {
        self.kill_server();
        self.end_night();
        self.handout.put_back(to);
        let restored = self.disk.memory.restore(hotel::id(), to);
        restored.map_err(|error| Broken(format!("the log was not brought back: {error}")))
    }

    /// People look after the server when a device shows that they have to.
    pub(super) fn listen_to_people(&mut self, device: usize) {
        if self.devices[device].asks_people
            && self.unsaid.shared.is_some()
            && !self.unsaid.is_looked_after
        {
            self.unsaid.is_looked_after = true;
            self.within(LOOKING_MILLIS, Happening::RestoreIsSaid);
        }
    }

    /// Somebody says up to where the log is the one that devices have.
    pub(super) fn say_restored(&mut self) -> Result<(), Broken> {
        if let Some(shared) = self.unsaid.shared {
            self.begin_epoch(shared)?;
            self.ledger.said_restored(shared);
        }
        Ok(())
    }

    /// The log is another epoch from here on, and the same as before up to an entry at most.
    pub(super) fn begin_epoch(&mut self, shared: Sequence) -> Result<(), Broken> {
        let unsaid = std::mem::take(&mut self.unsaid);
        let shared = unsaid.shared.map_or(shared, |unsaid| unsaid.min(shared));
        let epoch = LogEpoch(Uuid::from_u128(self.rng.u128(..)));
        let log = &self.disk.memory;
        let wall = self.disk.wall();
        // The log in memory answers at once.
        let begun = log.begin_epoch(hotel::id(), epoch, shared, wall);
        match begun.now_or_never() {
            Some(Ok(head)) => {
                self.unsaid.epoch_began = head.sequence;
                self.hopes = 2;
                Ok(())
            }
            other => Err(Broken(format!("no epoch was begun: {other:?}"))),
        }
    }
}
