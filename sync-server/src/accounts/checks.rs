//! Whose turn it is to have an audit log checked: one at a time, as each is read as a whole, and one of
//! each hotel that waits.
//!
//! **Architecture Invariant**: however often one hotel asks, another waits for one check of it at most.

use super::AccountError;
use keyrack_model::{
    ids::HotelId,
    limits::{AUDIT_CHECK_SECONDS, AUDIT_WAIT_SECONDS},
};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// Clones share it.
#[derive(Clone)]
pub(super) struct Checks {
    /// Serves whoever waits in the order of coming.
    alone: Arc<Semaphore>,
    hotels: Arc<Mutex<HashSet<HotelId>>>,
}

/// A check under way. Dropping it is the next one's turn.
pub(super) struct Turn {
    _own: Own,
    _alone: OwnedSemaphorePermit,
}

/// The one of a hotel that checks or waits.
struct Own {
    checks: Checks,
    hotel: HotelId,
}

impl Default for Checks {
    fn default() -> Self {
        Self {
            alone: Arc::new(Semaphore::new(1)),
            hotels: Arc::default(),
        }
    }
}

impl Checks {
    /// # Errors
    /// `Crowded` when another of the hotel checks or waits, and when others took too long.
    pub(super) async fn take(&self, hotel: HotelId) -> Result<Turn, AccountError> {
        if !self.hotels().insert(hotel) {
            return Err(CROWDED);
        }
        let own = Own {
            checks: self.clone(),
            hotel,
        };
        let alone = timeout(PATIENCE, self.alone.clone().acquire_owned()).await;
        match alone {
            Ok(Ok(alone)) => Ok(Turn {
                _own: own,
                _alone: alone,
            }),
            Ok(Err(_)) | Err(_) => Err(CROWDED),
        }
    }

    fn hotels(&self) -> MutexGuard<'_, HashSet<HotelId>> {
        self.hotels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.checks.hotels().remove(&self.hotel);
    }
}

const PATIENCE: Duration = Duration::from_secs(AUDIT_WAIT_SECONDS);

const CROWDED: AccountError = AccountError::Crowded {
    seconds: AUDIT_CHECK_SECONDS,
};

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use keyrack_model::identity;

    #[tokio::test]
    async fn a_hotel_that_asks_again_and_again_keeps_another_waiting_for_one_check() {
        let [resort, city] = ["resort", "city"].map(identity::hotel);
        let checks = Checks::default();
        let first = checks.take(resort).await.unwrap();
        let mut other = Box::pin(checks.take(city));
        assert!((&mut other).now_or_never().is_none());
        let again = checks.take(resort).now_or_never();
        assert!(matches!(again, Some(Err(AccountError::Crowded { .. }))));
        drop(first);
        let mut again = Box::pin(checks.take(resort));
        assert!((&mut again).now_or_never().is_none());
        let other = (&mut other).now_or_never();
        assert!(matches!(other, Some(Ok(_))));
        drop(other);
        assert!(matches!((&mut again).now_or_never(), Some(Ok(_))));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waited_too_long_is_told_to_come_later_and_may_come_again() {
        let [resort, city] = ["resort", "city"].map(identity::hotel);
        let checks = Checks::default();
        let first = checks.take(resort).await.unwrap();
        let waited = checks.take(city).await;
        assert!(matches!(waited, Err(AccountError::Crowded { .. })));
        drop(first);
        assert!(checks.take(city).await.is_ok());
    }
}
