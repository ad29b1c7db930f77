//! What the pushes weigh that were read and wait to be judged, at each hotel and together.
//!
//! **Architecture Invariant**: whoever finds no room waits outside, with what they sent still packed
//! or in their socket. Nobody who waits holds any of it, and what is held is let go of by a hotel's
//! loop, which waits for no session: so nobody waits for ever, and none for another's device.

use keyrack_model::{
    ids::HotelId,
    limits::{HOTEL_WAITING_WEIGHT, MAX_WAITING_WEIGHT},
};
use std::{collections::HashMap, sync::Arc};
use tokio::sync::watch;

/// Clones share it.
#[derive(Clone, Default)]
pub(super) struct Burden(Arc<watch::Sender<Weights>>);

#[derive(Default)]
struct Weights {
    all: u64,
    hotels: HashMap<HotelId, u64>,
}

impl Weights {
    fn of(&self, hotel: HotelId) -> u64 {
        self.hotels.get(&hotel).copied().unwrap_or_default()
    }

    fn have_room(&self, hotel: HotelId) -> bool {
        self.all < MAX_WAITING_WEIGHT && self.of(hotel) < HOTEL_WAITING_WEIGHT
    }
}

impl Burden {
    pub fn has_room(&self, hotel: HotelId) -> bool {
        self.0.borrow().have_room(hotel)
    }

    /// Returns when there is room. It may be gone again: whoever waits takes it at once.
    pub async fn room(&self, hotel: HotelId) {
        let mut weights = self.0.subscribe();
        let room = weights.wait_for(|weights| weights.have_room(hotel)).await;
        debug_assert!(room.is_ok(), "the sender is here");
    }

    /// Adds what somebody begins to read, whether there is room or not.
    pub fn take(&self, hotel: HotelId, weight: u64) -> Carried {
        self.0.send_if_modified(|weights| {
            weights.all += weight;
            *weights.hotels.entry(hotel).or_default() += weight;
            false
        });
        Carried {
            burden: self.clone(),
            hotel,
            weight,
        }
    }

    /// What all of it weighs.
    #[cfg(test)]
    pub fn weight(&self) -> u64 {
        self.0.borrow().all
    }
}

/// The weight of one push, until it was judged.
pub(super) struct Carried {
    burden: Burden,
    hotel: HotelId,
    weight: u64,
}

impl Drop for Carried {
    fn drop(&mut self) {
        self.burden.0.send_if_modified(|weights| {
            let (all, of_hotel) = (weights.all, weights.of(self.hotel));
            let (all_left, left) = (all - self.weight, of_hotel - self.weight);
            weights.all = all_left;
            if left == 0 {
                weights.hotels.remove(&self.hotel);
            } else {
                weights.hotels.insert(self.hotel, left);
            }
            // Whoever waits is woken when there is room, and not at each step on the way.
            let makes_room = |before, after, bound| before >= bound && after < bound;
            makes_room(all, all_left, MAX_WAITING_WEIGHT)
                || makes_room(of_hotel, left, HOTEL_WAITING_WEIGHT)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pretend::HOTEL;
    use futures_util::FutureExt;
    use uuid::Uuid;

    fn elsewhere(number: u128) -> HotelId {
        HotelId(Uuid::from_u128(0xe15e + number))
    }

    #[test]
    fn a_hotel_that_is_full_waits_and_another_does_not() {
        let burden = Burden::default();
        let half = burden.take(HOTEL, HOTEL_WAITING_WEIGHT / 2);
        assert!(burden.has_room(HOTEL));
        let other_half = burden.take(HOTEL, HOTEL_WAITING_WEIGHT / 2);
        assert!(!burden.has_room(HOTEL) && burden.has_room(elsewhere(0)));
        let mut waiting = Box::pin(burden.room(HOTEL));
        assert_eq!(waiting.as_mut().now_or_never(), None);
        drop(half);
        assert_eq!(waiting.now_or_never(), Some(()));
        drop(other_half);
        assert_eq!(burden.weight(), 0);
        assert!(burden.0.borrow().hotels.is_empty(), "nothing of it is left");
    }

    #[test]
    fn hotels_together_fill_the_server() {
        let burden = Burden::default();
        let hotels = MAX_WAITING_WEIGHT.div_ceil(HOTEL_WAITING_WEIGHT - 1);
        let take = |number| burden.take(elsewhere(number), HOTEL_WAITING_WEIGHT - 1);
        let mut taken: Vec<_> = (0..u128::from(hotels)).map(take).collect();
        assert!(!burden.has_room(HOTEL) && !burden.has_room(elsewhere(0)));
        let mut waiting = Box::pin(burden.room(HOTEL));
        assert_eq!(waiting.as_mut().now_or_never(), None);
        taken.push(burden.take(HOTEL, 1));
        taken.remove(0);
        assert_eq!(waiting.now_or_never(), Some(()));
    }

    #[test]
    fn a_hotel_that_stays_full_makes_room_for_another() {
        let burden = Burden::default();
        let rest = burden.take(elsewhere(0), MAX_WAITING_WEIGHT - 1);
        let last = burden.take(elsewhere(0), 1);
        let mut waiting = Box::pin(burden.room(HOTEL));
        assert_eq!(waiting.as_mut().now_or_never(), None);
        drop(last);
        assert!(!burden.has_room(elsewhere(0)));
        assert_eq!(waiting.now_or_never(), Some(()));
        drop(rest);
    }

    #[test]
    fn where_there_is_room_a_push_is_taken_whatever_it_weighs() {
        let burden = Burden::default();
        let carried = burden.take(HOTEL, 10 * MAX_WAITING_WEIGHT);
        assert!(!burden.has_room(HOTEL));
        drop(carried);
        assert!(burden.has_room(HOTEL));
    }
}
