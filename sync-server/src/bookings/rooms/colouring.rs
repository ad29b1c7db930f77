//! Interval colouring: which room of one type each stay gets.
//!
//! **Architecture Invariant**: stays that have a room are never touched; only the gaps that they
//! leave are given out.

use super::Interval;
use jiff::civil::Date;
use std::{
    cmp::Reverse,
    collections::{BTreeSet, BinaryHeap},
};

/// Rooms of one type, counted from 0, with the gaps that stays leave in them. It takes
/// `O(log n)` a stay.
pub(super) struct Colouring {
    rooms: usize,
    /// Gaps that begin after the arrival reached, the first to begin on top.
    ahead: BinaryHeap<Reverse<Gap>>,
    /// Gaps that have begun, by their end and then by room.
    begun: BTreeSet<(Date, usize)>,
}

/// Days on which a room is free: from the day one stay ends to the day another one begins, both
/// included, as guests may leave and come on one day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Gap {
    from: Date,
    until: Date,
    room: usize,
}

impl Colouring {
    /// `taken` are the stays that have each room; they may overlap, as people can do that.
    pub(super) fn of(taken: Vec<Vec<Interval>>) -> Self {
        let mut colouring = Self {
            rooms: 0,
            ahead: BinaryHeap::new(),
            begun: BTreeSet::new(),
        };
        for mut stays in taken {
            let room = colouring.add_room();
            stays.sort_unstable();
            let mut from = Date::MIN;
            for stay in stays {
                if from <= stay.arrival {
                    let until = stay.arrival;
                    colouring.ahead.push(Reverse(Gap { from, until, room }));
                }
                from = from.max(stay.end);
            }
            let until = Date::MAX;
            colouring.ahead.push(Reverse(Gap { from, until, room }));
        }
        colouring
    }

    /// The room that a stay gets. Stays must come in the order of their arrivals.
    ///
    /// It is the one with the tightest gap, so that long gaps are left for long stays, and among
    /// those the first. With nothing taken no more rooms are used than stays overlap at once.
    pub(super) fn place(&mut self, stay: Interval) -> usize {
        while let Some(Reverse(gap)) = self.ahead.peek().copied() {
            if gap.from > stay.arrival {
                break;
            }
            self.ahead.pop();
            self.begun.insert((gap.until, gap.room));
        }
        let tightest = self.begun.range((stay.end, 0)..).next().copied();
        let (until, room) = match tightest {
            Some(gap) => {
                self.begun.remove(&gap);
                gap
            }
            None => (Date::MAX, self.add_room()),
        };
        // What is before the arrival is lost: nobody who comes later can use it.
        let from = stay.end;
        self.ahead.push(Reverse(Gap { from, until, room }));
        room
    }

    /// How many rooms there are, those added included.
    pub(super) fn rooms(&self) -> usize {
        self.rooms
    }

    fn add_room(&mut self) -> usize {
        self.rooms += 1;
        self.rooms - 1
    }
}
