//! How much a hotel's people and devices may push in a time: buckets that fill steadily and from
//! which every action takes what it costs.
//!
//! **Architecture Invariant**: an empty bucket delays and never refuses, and what one action takes
//! always fits a full one.

use crate::bucket::{Bucket, Cost};
use keyrack_model::{
    ids::{DeviceId, UserId},
    limits::{
        ALLOWANCES_KEPT, HELD_MILLIS, HOTEL_ALLOWANCE, MAX_FRAME, MAX_PUSH_WEIGHT,
        PERSONAL_ALLOWANCE, RETRY_MILLIS,
    },
    time::Timestamp,
};
use std::{collections::HashMap, hash::Hash};

/// A device asks again while it is still spared for gaps.
const LONGEST_WAIT: u32 = (HELD_MILLIS / 20) as u32;

/// The buckets of one hotel.
pub struct Allowances {
    hotel: Bucket,
    devices: HashMap<DeviceId, Bucket>,
    people: HashMap<UserId, Bucket>,
}

impl Allowances {
    pub fn full(now: Timestamp) -> Self {
        Self {
            hotel: Bucket::full(HOTEL_ALLOWANCE, now),
            devices: HashMap::new(),
            people: HashMap::new(),
        }
    }

    /// Takes what an action costs from its device, the hotel, and its author if that is known to be
    /// who they say. When one of them has not enough, nothing is taken from any.
    ///
    /// # Errors
    /// The milliseconds after which to ask again.
    pub fn take(
        &mut self,
        device: DeviceId,
        author: Option<UserId>,
        cost: Cost,
        now: Timestamp,
    ) -> Result<(), u32> {
        forget_full(&mut self.devices, now);
        forget_full(&mut self.people, now);
        let full = || Bucket::full(PERSONAL_ALLOWANCE, now);
        let mut buckets = vec![
            self.devices.entry(device).or_insert_with(full),
            &mut self.hotel,
        ];
        if let Some(author) = author {
            buckets.push(self.people.entry(author).or_insert_with(full));
        }
        for bucket in &mut buckets {
            bucket.follow(now);
        }
        let wait = buckets.iter().map(|bucket| bucket.wait(cost, now)).max();
        if let Some(millis) = wait.filter(|millis| *millis > 0) {
            return Err(millis.clamp(RETRY_MILLIS, LONGEST_WAIT));
        }
        for bucket in buckets {
            bucket.take(cost, now);
        }
        Ok(())
    }
}

/// A full bucket is as good as none.
fn forget_full<K: Eq + Hash>(buckets: &mut HashMap<K, Bucket>, now: Timestamp) {
    if buckets.len() >= ALLOWANCES_KEPT {
        buckets.retain(|_, bucket| !bucket.is_full(now));
    }
}

const _: () = {
    let mut rates = [PERSONAL_ALLOWANCE, HOTEL_ALLOWANCE].as_slice();
    while let [rate, rest @ ..] = rates {
        assert!(rate.operations.at_once >= MAX_PUSH_WEIGHT);
        assert!(rate.bytes.at_once >= MAX_FRAME as u64);
        rates = rest;
    }
};

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::limits::Rate;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp(1_495_700_000_000);
    const PERSONAL: Rate = PERSONAL_ALLOWANCE;

    fn later(millis: u64) -> Timestamp {
        Timestamp(NOW.0 + millis as i64)
    }

    fn device(number: u128) -> DeviceId {
        DeviceId(Uuid::from_u128(number))
    }

    fn person(number: u128) -> Option<UserId> {
        Some(UserId(Uuid::from_u128(number)))
    }

    fn operations(operations: u64) -> Cost {
        Cost {
            operations,
            bytes: 0,
        }
    }

    fn bytes(bytes: u64) -> Cost {
        Cost {
            operations: 0,
            bytes,
        }
    }

    #[test]
    fn what_is_pushed_at_once_is_bounded_and_comes_back_with_time() {
        for (all, one_more, each_second) in [
            (
                operations(PERSONAL.operations.at_once),
                operations(1),
                PERSONAL.operations.each_second,
            ),
            (
                bytes(PERSONAL.bytes.at_once),
                bytes(1),
                PERSONAL.bytes.each_second,
            ),
        ] {
            let mut allowances = Allowances::full(NOW);
            let mut take = |cost, now| allowances.take(device(1), person(1), cost, now);
            assert_eq!(take(all, NOW), Ok(()));
            assert_eq!(take(one_more, NOW), Err(RETRY_MILLIS));
            let ten_seconds = Cost {
                operations: one_more.operations * each_second * 10,
                bytes: one_more.bytes * each_second * 10,
            };
            assert_eq!(take(ten_seconds, NOW), Err(10_000));
            assert_eq!(take(ten_seconds, later(9_000)), Err(RETRY_MILLIS));
            assert_eq!(take(ten_seconds, later(10_000)), Ok(()));
            assert_eq!(take(all, later(10_000)), Err(LONGEST_WAIT));
            assert!(take(one_more, later(10_000)).is_err());
            // A clock that goes back gives nothing, and goes on from there.
            assert!(take(one_more, NOW).is_err());
            assert_eq!(take(one_more, later(1)), Ok(()));
        }
    }

    #[test]
    fn a_device_a_person_and_a_hotel_are_each_bounded() {
        let mut allowances = Allowances::full(NOW);
        let all = operations(PERSONAL.operations.at_once);
        assert_eq!(allowances.take(device(1), person(1), all, NOW), Ok(()));
        // The same device for somebody else, and the same person on another device.
        assert!(allowances.take(device(1), person(2), all, NOW).is_err());
        assert!(allowances.take(device(2), person(1), all, NOW).is_err());
        // What was not given took nothing from the others.
        assert_eq!(allowances.take(device(2), person(2), all, NOW), Ok(()));
        let hotel = HOTEL_ALLOWANCE.operations.at_once / PERSONAL.operations.at_once;
        for number in 3..=u128::from(hotel) {
            let taken = allowances.take(device(number), person(number), all, NOW);
            assert_eq!(taken, Ok(()));
        }
        let another = allowances.take(device(900), person(900), operations(1), NOW);
        assert_eq!(another, Err(RETRY_MILLIS));
    }

    #[test]
    fn buckets_that_are_full_again_are_forgotten() {
        let mut allowances = Allowances::full(NOW);
        for number in 0..ALLOWANCES_KEPT as u128 {
            let taken = allowances.take(device(number), person(number), operations(1), NOW);
            assert_eq!(taken, Ok(()));
        }
        let taken = allowances.take(device(7), person(7), operations(1), later(60_000));
        assert_eq!(taken, Ok(()));
        assert_eq!((allowances.devices.len(), allowances.people.len()), (1, 1));
    }
}
