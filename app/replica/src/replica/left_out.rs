//! What a server leaves out of its deliveries: the places of what was pushed in the same connection
//! and stored as it was sent.

use keyrack_model::action::Sequence;
use std::{collections::VecDeque, ops::RangeInclusive};

/// Places of the log after the device's cursor that are not going to be delivered, because the
/// device was told that they are its own. In order, none twice.
#[derive(Debug, Default)]
pub struct LeftOut(VecDeque<RangeInclusive<u64>>);

impl LeftOut {
    /// As many places from one on. False when they are before others that were told.
    pub fn add(&mut self, first: Sequence, places: usize) -> bool {
        let end = first.0.saturating_add(places as u64);
        let is_later = self.0.back().is_none_or(|last| *last.end() < first.0);
        if is_later && end > first.0 {
            self.0.push_back(first.0..=end - 1);
        }
        is_later
    }

    /// How far a device that has everything up to `cursor` has everything.
    pub fn reach(&self, cursor: Sequence) -> Sequence {
        let reach = self.0.iter().fold(cursor.0, |reach, places| {
            let follows = *places.start() <= reach.saturating_add(1);
            if follows {
                reach.max(*places.end())
            } else {
                reach
            }
        });
        Sequence(reach)
    }

    pub fn forget_up_to(&mut self, cursor: Sequence) {
        self.0.retain(|places| *places.end() > cursor.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_has_everything_up_to_the_first_place_that_is_neither_told_nor_its_own() {
        let mut left_out = LeftOut::default();
        assert!(left_out.add(Sequence(4), 2));
        assert!(left_out.add(Sequence(6), 1));
        assert!(left_out.add(Sequence(9), 3));
        let reach = |cursor| left_out.reach(Sequence(cursor)).0;
        assert_eq!([0, 2, 3, 5, 6, 7].map(reach), [0, 2, 6, 6, 6, 7]);
        assert_eq!([8, 10, 11, 12].map(reach), [11, 11, 11, 12]);
    }

    #[test]
    fn what_was_passed_is_forgotten_and_what_comes_before_is_not_taken() {
        let mut left_out = LeftOut::default();
        assert!(left_out.add(Sequence(4), 2));
        assert!(!left_out.add(Sequence(5), 1));
        left_out.forget_up_to(Sequence(5));
        assert_eq!(left_out.reach(Sequence(3)), Sequence(3));
        assert!(left_out.add(Sequence(5), 0));
    }
}
