//! Who holds the places for connections, and who has to give one up.
//!
//! **Architecture Invariant**: when all places are taken, room is made by the newest of whoever
//! holds the most, never by somebody who holds fewer than the newcomer.

use crate::peer::Neighbourhood;
use keyrack_model::limits::{ADDRESS_CONNECTIONS, MAX_CONNECTIONS};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::oneshot;

/// Whose a connection is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Caller {
    /// Carries the connections of many, and bounds them itself.
    Proxy,
    Direct(Neighbourhood),
}

/// Several may have the same; clones share it.
#[derive(Clone)]
pub(super) struct Places(Arc<Mutex<Seats<oneshot::Sender<()>>>>);

/// A place, until it is dropped.
pub(super) struct Place {
    places: Places,
    caller: Caller,
    number: u64,
    lost: oneshot::Receiver<()>,
}

impl Default for Places {
    fn default() -> Self {
        Self::of(MAX_CONNECTIONS, ADDRESS_CONNECTIONS)
    }
}

impl Places {
    /// So many places, of which one neighbourhood may have so many.
    pub(super) fn of(all: usize, each: usize) -> Self {
        Self(Arc::new(Mutex::new(Seats::new(all, each))))
    }

    /// A place for a connection; none when its caller has to make room first.
    pub(super) fn take(&self, caller: Caller) -> Option<Place> {
        let (holder, lost) = oneshot::channel();
        let number = self.seats().take(caller, holder)?;
        Some(Place {
            places: self.clone(),
            caller,
            number,
            lost,
        })
    }

    fn seats(&self) -> MutexGuard<'_, Seats<oneshot::Sender<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Completes when it was given to somebody else.
    pub(super) async fn lost(&mut self) {
        // Nothing is ever sent: what holds the other end is gone with the place.
        let _ = (&mut self.lost).await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.seats().leave(self.caller, self.number);
    }
}

/// The places as a plain value; `H` is dropped with the place that it holds.
struct Seats<H> {
    all: usize,
    /// Of one neighbourhood.
    each: usize,
    taken: usize,
    next: u64,
    direct: HashMap<Neighbourhood, BTreeMap<u64, H>>,
    proxied: BTreeMap<u64, H>,
}

impl<H> Seats<H> {
    fn new(all: usize, each: usize) -> Self {
        Self {
            all,
            each,
            taken: 0,
            next: 0,
            direct: HashMap::new(),
            proxied: BTreeMap::new(),
        }
    }

    /// The number of the place that was taken.
    fn take(&mut self, caller: Caller, holder: H) -> Option<u64> {
        let own = match caller {
            Caller::Proxy => None,
            Caller::Direct(neighbourhood) => {
                Some(self.direct.get(&neighbourhood).map_or(0, BTreeMap::len))
            }
        };
        if own.is_some_and(|own| own >= self.each) {
            return None;
        }
        if self.taken >= self.all {
            self.make_room(own.unwrap_or(0))?;
        }
        let number = self.next;
        self.next += 1;
        self.taken += 1;
        let held = match caller {
            Caller::Proxy => &mut self.proxied,
            Caller::Direct(neighbourhood) => self.direct.entry(neighbourhood).or_default(),
        };
        held.insert(number, holder);
        Some(number)
    }

    /// Has whoever holds the most lose their newest, if they hold more than a newcomer would.
    fn make_room(&mut self, own: usize) -> Option<()> {
        let most = self.direct.iter().max_by_key(|(_, held)| held.len());
        let (neighbourhood, held) = most?;
        if held.len() <= own + 1 {
            return None;
        }
        let newest = held.last_key_value().map(|(number, _)| *number)?;
        let loser = Caller::Direct(*neighbourhood);
        self.leave(loser, newest);
        Some(())
    }

    /// A place that is lost already is left without effect.
    fn leave(&mut self, caller: Caller, number: u64) {
        let was_held = match caller {
            Caller::Proxy => self.proxied.remove(&number).is_some(),
            Caller::Direct(neighbourhood) => {
                let Some(held) = self.direct.get_mut(&neighbourhood) else {
                    return;
                };
                let was_held = held.remove(&number).is_some();
                if held.is_empty() {
                    self.direct.remove(&neighbourhood);
                }
                was_held
            }
        };
        if was_held {
            self.taken -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};

    fn from(host: u8) -> Caller {
        Caller::Direct(IpAddr::from(Ipv4Addr::new(10, 0, 0, host)).into())
    }

    /// How many of a caller's connections are open.
    fn open(seats: &Seats<()>, caller: Caller) -> usize {
        match caller {
            Caller::Proxy => seats.proxied.len(),
            Caller::Direct(who) => seats.direct.get(&who).map_or(0, BTreeMap::len),
        }
    }

    #[test]
    fn whoever_holds_the_most_makes_room_and_nobody_has_more_than_a_share() {
        let mut seats = Seats::new(8, 6);
        let mut come = |caller, times: usize| {
            (0..times)
                .filter(|_| seats.take(caller, ()).is_some())
                .count()
        };
        for (caller, times, served) in [
            (from(1), 10, 6),
            (from(2), 2, 2),
            // All are taken: the first host makes room until it holds no more than the others.
            (from(3), 3, 3),
            (from(2), 1, 0),
            (from(1), 1, 0),
            (Caller::Proxy, 1, 1),
            (from(4), 1, 1),
        ] {
            assert_eq!(come(caller, times), served, "{caller:?}");
        }
        let callers = [from(1), from(2), from(3), from(4), Caller::Proxy];
        let open = callers.map(|caller| open(&seats, caller));
        assert_eq!(open.iter().sum::<usize>(), 8, "{open:?}");
        assert_eq!(open[3..], [1, 1]);
    }

    #[test]
    fn a_proxy_gives_up_nothing_and_what_is_left_can_be_taken_again() {
        let mut seats = Seats::new(3, 2);
        let proxied = [(); 3].map(|()| seats.take(Caller::Proxy, ()).unwrap());
        assert_eq!(seats.take(from(1), ()), None);
        assert_eq!(seats.take(Caller::Proxy, ()), None);
        seats.leave(Caller::Proxy, proxied[1]);
        seats.leave(Caller::Proxy, proxied[1]);
        assert!(seats.take(from(1), ()).is_some());
        assert_eq!(seats.take(from(1), ()), None);
    }

    #[tokio::test]
    async fn whoever_lost_a_place_is_told_and_leaves_nothing_behind() {
        let places = Places::of(2, 2);
        let older = places.take(from(1)).unwrap();
        let mut newer = places.take(from(1)).unwrap();
        let other = places.take(from(2)).unwrap();
        newer.lost().await;
        drop((older, newer, other));
        let seats = places.seats();
        assert_eq!((seats.taken, seats.direct.len()), (0, 0));
    }
}
