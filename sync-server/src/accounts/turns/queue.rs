//! Who waits, as a plain value: bounded for each asker, and served in rounds.

use super::Asker;
use std::collections::VecDeque;

/// `W` is how somebody who waits is told.
pub(super) struct Queue<W> {
    /// Places at work that are free.
    free: usize,
    all: usize,
    each: usize,
    next: u64,
    /// Askers of whom somebody waits, whoever is next first.
    round: VecDeque<(Asker, VecDeque<(u64, W)>)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Joined {
    AtOnce,
    Waits(u64),
    Full,
}

impl<W> Queue<W> {
    /// So many at work, so many who wait, and so many of one asker.
    pub(super) fn new(at_once: usize, all: usize, each: usize) -> Self {
        Self {
            free: at_once,
            all,
            each,
            next: 0,
            round: VecDeque::new(),
        }
    }

    pub(super) fn join(&mut self, asker: Asker, waiter: W) -> Joined {
        if self.free > 0 {
            self.free -= 1;
            return Joined::AtOnce;
        }
        let own = self.waiting_of(asker);
        if own >= self.each || (self.len() >= self.all && !self.make_room(own)) {
            return Joined::Full;
        }
        let number = self.next;
        self.next += 1;
        match self.round.iter_mut().find(|(other, _)| *other == asker) {
            Some((_, waiting)) => waiting.push_back((number, waiter)),
            None => self
                .round
                .push_back((asker, VecDeque::from([(number, waiter)]))),
        }
        Joined::Waits(number)
    }

    /// Somebody is done: returns whose turn it is.
    pub(super) fn end(&mut self) -> Option<W> {
        let Some((asker, mut waiting)) = self.round.pop_front() else {
            self.free += 1;
            return None;
        };
        let next = waiting.pop_front();
        if !waiting.is_empty() {
            self.round.push_back((asker, waiting));
        }
        next.map(|(_, waiter)| waiter)
    }

    /// Somebody does not wait any more; nothing when they do not by now.
    pub(super) fn leave(&mut self, asker: Asker, number: u64) -> Option<W> {
        let at = self.round.iter().position(|(other, _)| *other == asker)?;
        let (_, waiting) = &mut self.round[at];
        let place = waiting.iter().position(|(other, _)| *other == number)?;
        let left = waiting.remove(place);
        if waiting.is_empty() {
            self.round.remove(at);
        }
        left.map(|(_, waiter)| waiter)
    }

    /// Has the newest go of whoever has the most that wait, if they have more than a newcomer would.
    fn make_room(&mut self, own: usize) -> bool {
        let most = self
            .round
            .iter_mut()
            .max_by_key(|(_, waiting)| waiting.len());
        let most = most.filter(|(_, waiting)| waiting.len() > own + 1);
        most.and_then(|(_, waiting)| waiting.pop_back()).is_some()
    }

    fn waiting_of(&self, asker: Asker) -> usize {
        let found = self.round.iter().find(|(other, _)| *other == asker);
        found.map_or(0, |(_, waiting)| waiting.len())
    }

    fn len(&self) -> usize {
        self.round.iter().map(|(_, waiting)| waiting.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::identity;
    use std::net::{IpAddr, Ipv4Addr};

    fn from(host: u8) -> Asker {
        Asker::Address(IpAddr::from(Ipv4Addr::new(10, 0, 0, host)).into())
    }

    fn served(queue: &mut Queue<&'static str>) -> Vec<&'static str> {
        std::iter::from_fn(|| queue.end()).collect()
    }

    #[test]
    fn askers_take_turns_and_each_is_served_in_the_order_of_coming() {
        let mut queue = Queue::new(1, 8, 8);
        assert_eq!(queue.join(from(1), "at once"), Joined::AtOnce);
        for (asker, waiter) in [
            (from(1), "a"),
            (from(1), "b"),
            (from(1), "c"),
            (from(2), "d"),
            (Asker::Staff(identity::hotel("resort")), "e"),
            (from(2), "f"),
        ] {
            assert!(matches!(queue.join(asker, waiter), Joined::Waits(_)));
        }
        assert_eq!(served(&mut queue), ["a", "d", "e", "b", "f", "c"]);
        assert_eq!(queue.join(from(3), "free again"), Joined::AtOnce);
    }

    #[test]
    fn a_full_queue_makes_room_at_the_cost_of_whoever_has_the_most() {
        let mut queue = Queue::new(0, 4, 3);
        for (asker, waiter, is_taken) in [
            (from(1), "a", true),
            (from(1), "b", true),
            (from(1), "c", true),
            (from(1), "d", false),
            (from(2), "e", true),
            (from(3), "f", true),
            (from(1), "g", false),
            (from(4), "h", true),
            (from(5), "i", false),
        ] {
            let joined = queue.join(asker, waiter);
            assert_eq!(joined != Joined::Full, is_taken, "{waiter}");
        }
        assert_eq!(served(&mut queue), ["a", "e", "f", "h"]);
    }

    #[test]
    fn whoever_leaves_is_not_served_and_leaves_once() {
        let mut queue = Queue::new(0, 4, 4);
        let Joined::Waits(first) = queue.join(from(1), "a") else {
            panic!("it waits");
        };
        queue.join(from(1), "b");
        assert_eq!(queue.leave(from(1), first), Some("a"));
        assert_eq!(queue.leave(from(1), first), None);
        assert_eq!(queue.leave(from(2), first), None);
        assert_eq!(served(&mut queue), ["b"]);
    }
}
