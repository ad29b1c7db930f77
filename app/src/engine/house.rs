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
    rest: Rest,
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
            rest: Rest::default(),
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

    /// Has the store do something that must not wait: over another connection, where the present one
    /// fails.
    pub(super) fn insist<T>(
        &mut self,
        act: impl Fn(&mut Replica) -> Result<T, StoreError>,
    ) -> Result<T, Problem> {
        let done = self.with_store(&act);
        if done.is_err() && self.replica.reopen().is_ok() {
            return self.with_store(&act);
        }
        done
    }

    /// Opens a store again that failed; to be asked once each second. True when it did, and whoever was
    /// told of it is to be told anew. One that fails again and again is left alone for longer and longer:
    /// what is wrong with it is found at the next start.
    pub(super) fn comes_back(&mut self) -> bool {
        if !self.is_in_doubt {
            self.rest.was_calm();
            return false;
        }
        if !self.rest.is_over() {
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

/// How long a store that failed is left alone, in seconds.
#[derive(Default)]
struct Rest {
    left: u32,
    /// What the last one was.
    last: u32,
    calm: u32,
}

impl Rest {
    const LONGEST: u32 = 64;

    /// Whether it may be tried now; a second passes, or a longer rest begins.
    fn is_over(&mut self) -> bool {
        self.calm = 0;
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                false
            }
            None => {
                self.left = self.last;
                self.last = (2 * self.last).clamp(1, Self::LONGEST);
                true
            }
        }
    }

    /// A second passed in which nothing failed.
    fn was_calm(&mut self) {
        self.calm = self.calm.saturating_add(1);
        if self.calm > Self::LONGEST {
            *self = Self::default();
        }
    }
}

fn jitter() -> Result<u64, Trouble> {
    getrandom::u64().map_err(Trouble::NoRandomness)
}

#[cfg(test)]
mod tests {
    use super::Rest;

    #[test]
    fn a_store_that_fails_again_and_again_is_tried_ever_more_seldom_until_it_was_calm() {
        let mut rest = Rest::default();
        let tried =
            |rest: &mut Rest, seconds: usize| (0..seconds).filter(|_| rest.is_over()).count();
        assert_eq!(tried(&mut rest, 1), 1);
        assert!((7..=9).contains(&tried(&mut rest, 256)));
        assert!(tried(&mut rest, 650) <= 11);
        for _ in 0..=Rest::LONGEST {
            rest.was_calm();
        }
        assert!(rest.is_over());
    }
}
