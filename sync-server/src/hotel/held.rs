//! What is remembered for a few minutes of devices that were not told a plain yes.
//!
//! **Architecture Invariant**: no clock that is set forward or back shortens that: between two rounds
//! a bounded time goes by, whatever the clock says.

use keyrack_model::{
    ids::DeviceId,
    limits::{HELD_MILLIS, HELD_STEP_MILLIS},
    time::Timestamp,
};
use std::collections::HashMap;

/// Devices that were told to ask again for something: what they sent right after it builds on it
/// and must not be refused for good because it is missing.
#[derive(Clone, Default)]
pub(super) struct Held {
    asked_again: HashMap<DeviceId, Elapsed>,
    /// Devices of which something was refused for good: what they had on its way may build on that.
    refused: HashMap<DeviceId, Elapsed>,
    elapsed: Elapsed,
    /// What the clock said last.
    seen: Option<Timestamp>,
}

/// Milliseconds since the hotel is in use here, as far as its rounds tell.
#[derive(Clone, Copy, Default)]
struct Elapsed(i64);

impl Elapsed {
    fn is_within(self, since: Self) -> bool {
        self.0 - since.0 < HELD_MILLIS
    }
}

impl Held {
    /// Time goes on, with each round.
    pub fn follow(&mut self, now: Timestamp) {
        let gone_by = self.seen.map_or(0, |seen| now.millis_since(seen));
        self.elapsed.0 += gone_by.clamp(0, HELD_STEP_MILLIS);
        self.seen = Some(now);
        let elapsed = self.elapsed;
        for devices in [&mut self.asked_again, &mut self.refused] {
            devices.retain(|_, since| elapsed.is_within(*since));
        }
    }

    pub fn hold(&mut self, device: DeviceId) {
        self.asked_again.insert(device, self.elapsed);
    }

    pub fn refuse(&mut self, device: DeviceId) {
        self.refused.insert(device, self.elapsed);
    }

    /// Whether a gap may be the consequence of an earlier refusal.
    pub fn lacks_what_was_refused(&self, device: DeviceId) -> bool {
        self.refused.contains_key(&device)
    }

    /// Whether a gap may be the consequence of what the device was told to ask for again.
    pub fn spares(&self, device: DeviceId) -> bool {
        self.asked_again.contains_key(&device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::limits::DROP_MILLIS;
    use uuid::Uuid;

    #[test]
    fn a_device_that_was_told_to_ask_again_is_spared_for_a_while() {
        let device = |number| DeviceId(Uuid::from_u128(number));
        let mut held = Held::default();
        held.follow(Timestamp(1_000));
        held.hold(device(1));
        assert!(held.spares(device(1)) && !held.spares(device(2)));
        let mut now = 1_000;
        let mut rounds_until = |until: i64, held: &mut Held| {
            while now < until {
                now = until.min(now + HELD_STEP_MILLIS);
                held.follow(Timestamp(now));
            }
        };
        // Until then a device that hears nothing takes its connection for alive, and sends on.
        rounds_until(1_001 + DROP_MILLIS, &mut held);
        assert!(held.spares(device(1)));
        rounds_until(1_000 + HELD_MILLIS - 1, &mut held);
        assert!(held.spares(device(1)));
        rounds_until(1_000 + HELD_MILLIS, &mut held);
        assert!(!held.spares(device(1)));
    }

    #[test]
    fn a_clock_that_is_set_shortens_nothing() {
        let device = DeviceId(Uuid::from_u128(1));
        let mut held = Held::default();
        held.follow(Timestamp(HELD_MILLIS));
        held.hold(device);
        held.refuse(device);
        for set in [100 * HELD_MILLIS, 0, 50 * HELD_MILLIS] {
            held.follow(Timestamp(set));
            assert!(held.spares(device) && held.lacks_what_was_refused(device));
        }
    }
}
