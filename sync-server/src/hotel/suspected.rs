//! Of which devices the audit log was told lately that their work looks like an attack.
//!
//! Kept in memory: after a restart it is told once more.

use keyrack_model::{
    administration::Suspicion,
    ids::{DeviceId, HotelId},
    limits::{SUSPECTED_KEPT, SUSPECTED_MILLIS},
    time::Timestamp,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

type Suspected = (HotelId, DeviceId, Suspicion);

/// Clones share it.
#[derive(Clone, Default)]
pub(super) struct Suspects(Arc<Mutex<HashMap<Suspected, Timestamp>>>);

impl Suspects {
    /// Whether the log is to be told of it: from here on it is.
    pub fn is_news(&self, suspected: Suspected, now: Timestamp) -> bool {
        let mut told = self.told();
        let is_recent = |at: &Timestamp| (0..SUSPECTED_MILLIS).contains(&now.millis_since(*at));
        if told.len() >= SUSPECTED_KEPT {
            told.retain(|_, at| is_recent(at));
        }
        if told.get(&suspected).is_some_and(is_recent) || told.len() >= SUSPECTED_KEPT {
            return false;
        }
        told.insert(suspected, now);
        true
    }

    /// The log could not be told.
    pub fn untold(&self, suspected: Suspected) {
        self.told().remove(&suspected);
    }

    fn told(&self) -> MutexGuard<'_, HashMap<Suspected, Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::identity;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp(1_495_700_000_000);

    fn of(device: u128, suspicion: Suspicion) -> Suspected {
        let device = DeviceId(Uuid::from_u128(device));
        (identity::hotel("resort"), device, suspicion)
    }

    #[test]
    fn a_device_is_told_of_once_an_hour_for_each_suspicion() {
        let suspects = Suspects::default();
        let hour = Timestamp(NOW.0 + SUSPECTED_MILLIS);
        for (suspected, at, is_news) in [
            (of(1, Suspicion::Signature), NOW, true),
            (of(1, Suspicion::Signature), Timestamp(hour.0 - 1), false),
            (of(1, Suspicion::ForgedActor), NOW, true),
            (of(2, Suspicion::Signature), NOW, true),
            (of(1, Suspicion::Signature), hour, true),
            (of(1, Suspicion::Signature), hour, false),
        ] {
            assert_eq!(suspects.is_news(suspected, at), is_news, "{suspected:?}");
        }
        suspects.untold(of(2, Suspicion::Signature));
        assert!(suspects.is_news(of(2, Suspicion::Signature), NOW));
    }

    #[test]
    fn however_many_devices_there_are_so_many_are_told_of_in_an_hour() {
        let suspects = Suspects::default();
        let count = |at| {
            let devices = 0..2 * SUSPECTED_KEPT as u128;
            let news = devices.filter(|it| suspects.is_news(of(*it, Suspicion::Signature), at));
            news.count()
        };
        assert_eq!(count(NOW), SUSPECTED_KEPT);
        assert_eq!(count(NOW), 0);
        assert_eq!(count(Timestamp(NOW.0 + SUSPECTED_MILLIS)), SUSPECTED_KEPT);
    }
}
