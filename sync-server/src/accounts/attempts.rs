//! Failed sign-ins in a row, and how long the next one has to wait.
//!
//! Counted for each name and place. On a device that proves to be one on which the name has signed in,
//! that is the device alone: whatever others guess beside it, its people wait for nothing there. From
//! anywhere else it is the neighbourhood of addresses, so that whoever knows a name cannot keep its
//! person out from elsewhere; and all strangers together, so that many addresses guess little more than
//! one. A neighbourhood from which the person has signed in is no stranger.
//!
//! Kept in memory: it slows guessing down, and a restart forgives an honest person.
//!
//! **Architecture Invariant**: a try counts once its password was found wrong, and one whose password
//! is still looked at takes the place of one that was: guesses at once are no more than one after
//! another.

mod known;

use super::AccountError;
use crate::peer::{Neighbourhood, Peer};
use keyrack_model::{
    ids::{DeviceId, HotelId},
    time::Timestamp,
};
use known::Known;
use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Tries at one place that cost no waiting.
const FREE: u32 = 5;
/// Tries of all strangers together that cost none.
const FREE_OF_STRANGERS: u32 = 30;
/// The longest wait, in milliseconds.
const LONGEST: i64 = 60_000;
/// After so long without a try the failures are forgotten, in milliseconds.
const FORGOTTEN: i64 = 15 * 60 * 1_000;
/// Names kept, and names with places; beyond it those whose wait is over are forgotten.
const KEPT: usize = 10_000;

/// Clones share it.
#[derive(Clone, Default)]
pub(super) struct Attempts(Arc<Mutex<Book>>);

type Name = (HotelId, String);

#[derive(Default)]
struct Book {
    near: HashMap<(Name, Place), Tries>,
    of_strangers: HashMap<Name, Tries>,
    known: Known,
}

#[derive(Clone, Copy)]
struct Tries {
    failed: u32,
    /// Whose password is not checked yet.
    under_way: u32,
    /// When the next may begin.
    until: Timestamp,
}

/// Where somebody tries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Whence {
    /// Anywhere.
    Somewhere,
    /// A device on which the name has signed in before, and which has proven that it is that one.
    Device(DeviceId),
}

/// Where failures are counted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Place {
    Neighbourhood(Neighbourhood),
    Device(DeviceId),
}

/// Whose try it is.
#[derive(Clone, Copy)]
enum Standing {
    /// The name has signed in from the neighbourhood, or on the device, before.
    Known,
    Stranger,
}

/// A try under way. Dropped without a verdict, it was none.
pub(super) struct Attempt {
    all: Attempts,
    who: (Name, Place),
    neighbourhood: Neighbourhood,
    standing: Standing,
    began: Timestamp,
}

impl Attempts {
    /// # Errors
    /// `TryLater` while the wait after earlier failures is not over, and while those that are under
    /// way may be the last that cost none.
    pub(super) fn begin(
        &self,
        hotel: HotelId,
        name: &str,
        (from, peer): (Whence, Peer),
        now: Timestamp,
    ) -> Result<Attempt, AccountError> {
        let neighbourhood = Neighbourhood::from(peer);
        let name = (hotel, name.to_owned());
        let mut book = self.book();
        let Book {
            near,
            of_strangers,
            known,
        } = &mut *book;
        let (place, standing) = match from {
            Whence::Device(device) => (Place::Device(device), Standing::Known),
            Whence::Somewhere => {
                let standing = known.standing(&name, neighbourhood);
                (Place::Neighbourhood(neighbourhood), standing)
            }
        };
        let who = (name, place);
        check(near, &who, FREE, now)?;
        match standing {
            Standing::Known => {}
            Standing::Stranger => {
                check(of_strangers, &who.0, FREE_OF_STRANGERS, now)?;
                start(of_strangers, who.0.clone(), now);
            }
        }
        start(near, who.clone(), now);
        drop(book);
        Ok(Attempt {
            all: self.clone(),
            who,
            neighbourhood,
            standing,
            began: now,
        })
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attempt {
    /// The password was wrong.
    pub(super) fn failed(self) {
        let mut book = self.all.book();
        if let Some(tries) = book.near.get_mut(&self.who) {
            tries.fail(FREE, self.began);
        }
        match self.standing {
            Standing::Known => {}
            Standing::Stranger => {
                if let Some(tries) = book.of_strangers.get_mut(&self.who.0) {
                    tries.fail(FREE_OF_STRANGERS, self.began);
                }
            }
        }
    }

    /// The password was right, and forgives what was wrong before at this place. What is guessed
    /// elsewhere is not forgiven by that.
    pub(super) fn succeeded(self) {
        let mut book = self.all.book();
        if let Some(tries) = book.near.get_mut(&self.who) {
            tries.failed = 0;
            tries.until = self.began;
        }
        let (name, _) = &self.who;
        book.known.meet(name, self.neighbourhood, self.began);
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let mut book = self.all.book();
        finish(&mut book.near, &self.who);
        match self.standing {
            Standing::Known => {}
            Standing::Stranger => finish(&mut book.of_strangers, &self.who.0),
        }
    }
}

impl Tries {
    fn fail(&mut self, free: u32, began: Timestamp) {
        self.failed = self.failed.saturating_add(1);
        let until = began.0.saturating_add(wait_after(self.failed, free));
        self.until = self.until.max(Timestamp(until));
    }
}

/// Whether another may begin.
fn check<K: Eq + Hash>(
    all: &mut HashMap<K, Tries>,
    key: &K,
    free: u32,
    now: Timestamp,
) -> Result<(), AccountError> {
    let Some(tries) = all.get_mut(key) else {
        return Ok(());
    };
    // A clock that was set back makes nobody wait longer.
    let longest = now.0.saturating_add(wait_after(tries.failed, free));
    tries.until = tries.until.min(Timestamp(longest));
    if tries.until > now {
        let seconds = (tries.until.millis_since(now) + 999) / 1_000;
        return Err(AccountError::TryLater {
            seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
        });
    }
    if now.millis_since(tries.until) >= FORGOTTEN {
        tries.failed = 0;
    }
    if tries.under_way > 0 && tries.failed.saturating_add(tries.under_way) >= free {
        return Err(AccountError::TryLater { seconds: 1 });
    }
    Ok(())
}

fn start<K: Eq + Hash>(all: &mut HashMap<K, Tries>, key: K, now: Timestamp) {
    if all.len() >= KEPT {
        all.retain(|_, tries| tries.until > now || tries.under_way > 0);
    }
    let tries = all.entry(key).or_insert(Tries {
        failed: 0,
        under_way: 0,
        until: now,
    });
    tries.under_way = tries.under_way.saturating_add(1);
}

fn finish<K: Eq + Hash>(all: &mut HashMap<K, Tries>, key: &K) {
    let Some(tries) = all.get_mut(key) else {
        return;
    };
    tries.under_way = tries.under_way.saturating_sub(1);
    if tries.under_way == 0 && tries.failed == 0 {
        all.remove(key);
    }
}

fn wait_after(count: u32, free: u32) -> i64 {
    match count.checked_sub(free) {
        None => 0,
        Some(more) => (1_000_i64 << more.min(10)).min(LONGEST),
    }
}

#[cfg(test)]
mod tests;
