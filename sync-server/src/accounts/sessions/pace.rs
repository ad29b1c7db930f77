//! How often sessions are refreshed: by each of them, and by all on one device.
//!
//! **Architecture Invariant**: what is refused here has used nothing up: the same token is shown again
//! later, and gets what it would have got.

use super::Holder;
use crate::{
    accounts::AccountError,
    bucket::{Buckets, Cost},
};
use keyrack_model::{
    ids::{DeviceId, HotelId, SessionId},
    limits::{DEVICE_REFRESHES, REFRESH_COST, REFRESHES_KEPT, SESSION_REFRESHES},
    time::Timestamp,
};
use std::sync::{Arc, Mutex, PoisonError};

/// What is remembered of who refreshed. Clones share it.
#[derive(Clone)]
pub(in crate::accounts) struct Pace(Arc<Mutex<Known>>);

struct Known {
    sessions: Buckets<(HotelId, SessionId)>,
    devices: Buckets<(HotelId, DeviceId)>,
}

const ONE: Cost = Cost {
    operations: REFRESH_COST,
    bytes: 0,
};

impl Default for Pace {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Known {
            sessions: Buckets::new(SESSION_REFRESHES, REFRESHES_KEPT),
            devices: Buckets::new(DEVICE_REFRESHES, REFRESHES_KEPT),
        })))
    }
}

impl Pace {
    /// A session is refreshed.
    ///
    /// # Errors
    /// `Crowded` when it was, or its device has, too often; nothing is taken from the other.
    pub(super) fn take(&self, holder: Holder, now: Timestamp) -> Result<(), AccountError> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let session = (holder.hotel, holder.session);
        let device = (holder.hotel, holder.device);
        let have = [
            known.sessions.has(session, ONE, now),
            known.devices.has(device, ONE, now),
        ];
        if let Some(millis) = have.into_iter().filter_map(Result::err).max() {
            return Err(AccountError::Crowded {
                seconds: millis.div_ceil(1_000).max(1),
            });
        }
        known.sessions.charge(session, ONE, now);
        known.devices.charge(device, ONE, now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::ids::UserId;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp(1_495_700_000_000);

    fn holder(session: u128, device: u128) -> Holder {
        Holder {
            hotel: HotelId(Uuid::from_u128(1)),
            session: SessionId(Uuid::from_u128(session)),
            person: UserId(Uuid::from_u128(1)),
            device: DeviceId(Uuid::from_u128(device)),
        }
    }

    #[track_caller]
    fn waits(taken: Result<(), AccountError>, for_seconds: u32) {
        match taken {
            Err(AccountError::Crowded { seconds }) => assert_eq!(seconds, for_seconds),
            Err(other) => panic!("{other}"),
            Ok(()) => panic!("it was let through"),
        }
    }

    #[test]
    fn many_sessions_of_one_device_wait_for_each_other_and_not_for_another_device() {
        let pace = Pace::default();
        for session in 0..u128::from(DEVICE_REFRESHES.operations.at_once / REFRESH_COST) {
            assert!(pace.take(holder(session, 1), NOW).is_ok());
        }
        waits(pace.take(holder(1_000, 1), NOW), 10);
        assert!(pace.take(holder(1_000, 2), NOW).is_ok());
        // What was refused took nothing.
        let later = Timestamp(NOW.0 + 10_000);
        assert!(pace.take(holder(1_001, 1), later).is_ok());
    }

    #[test]
    fn a_session_is_refreshed_some_times_at_once_and_then_once_a_minute() {
        let pace = Pace::default();
        for _ in 0..SESSION_REFRESHES.operations.at_once / REFRESH_COST {
            assert!(pace.take(holder(1, 1), NOW).is_ok());
        }
        waits(pace.take(holder(1, 1), NOW), 60);
        assert!(pace.take(holder(2, 1), NOW).is_ok());
        assert!(pace.take(holder(1, 1), Timestamp(NOW.0 + 60_000)).is_ok());
    }
}
