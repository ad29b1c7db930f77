//! Whose turn it is to have a password hashed: few at once, addresses and hotels one after another.
//!
//! **Architecture Invariant**: nobody waits longer because another address, or the staff of another
//! hotel, asks for more, and whoever goes away leaves nothing behind.

mod queue;

use super::AccountError;
use crate::peer::Neighbourhood;
use keyrack_model::{
    ids::{DeviceId, HotelId},
    limits::{
        ADDRESS_PASSWORD_QUEUE, PASSWORD_QUEUE, PASSWORD_QUEUE_SECONDS, PASSWORD_WAIT_SECONDS,
    },
};
use queue::{Joined, Queue};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::oneshot, time::timeout};

/// Who wants something hashed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Asker {
    /// Somebody who wants to come in.
    Address(Neighbourhood),
    /// Somebody on a device of theirs, whatever its address asks.
    Device(HotelId, DeviceId),
    /// Whoever sets passwords at a hotel: a command, or somebody who is in already.
    Staff(HotelId),
}

/// Clones share it.
#[derive(Clone)]
pub(super) struct Turns(Arc<Mutex<Queue<oneshot::Sender<Turn>>>>);

/// A place at work. Dropping it is the next one's turn.
pub(super) struct Turn(Turns);

/// A place in the queue.
struct Waiting {
    turns: Turns,
    asker: Asker,
    number: u64,
}

impl Turns {
    pub(super) fn new(at_once: usize) -> Self {
        let queue = Queue::new(at_once, PASSWORD_QUEUE, ADDRESS_PASSWORD_QUEUE);
        Self(Arc::new(Mutex::new(queue)))
    }

    /// # Errors
    /// `Crowded` when too many wait, or when it took too long.
    pub(super) async fn take(&self, asker: Asker) -> Result<Turn, AccountError> {
        let (give, given) = oneshot::channel();
        let joined = self.queue().join(asker, give);
        let number = match joined {
            Joined::AtOnce => return Ok(Turn(self.clone())),
            Joined::Full => return Err(CROWDED),
            Joined::Waits(number) => number,
        };
        let _waiting = Waiting {
            turns: self.clone(),
            asker,
            number,
        };
        match timeout(PATIENCE, given).await {
            Ok(Ok(turn)) => Ok(turn),
            // It took too long, or somebody with fewer that wait took the place.
            Err(_) | Ok(Err(_)) => Err(CROWDED),
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue<oneshot::Sender<Turn>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const PATIENCE: Duration = Duration::from_secs(PASSWORD_WAIT_SECONDS);

const CROWDED: AccountError = AccountError::Crowded {
    seconds: PASSWORD_QUEUE_SECONDS,
};

impl Drop for Turn {
    fn drop(&mut self) {
        let next = self.0.queue().end();
        if let Some(next) = next {
            // Whoever went away in this moment hands it on by dropping it.
            let _ = next.send(Turn(self.0.clone()));
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let left = self.turns.queue().leave(self.asker, self.number);
        drop(left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use keyrack_model::identity;
    use std::net::{IpAddr, Ipv4Addr};

    fn from(host: u8) -> Asker {
        Asker::Address(IpAddr::from(Ipv4Addr::new(10, 0, 0, host)).into())
    }

    #[tokio::test]
    async fn a_flood_from_one_address_does_not_keep_another_waiting() {
        let turns = Turns::new(1);
        let working = turns.take(from(1)).await.unwrap();
        let mut flood: Vec<_> = (0..200).map(|_| Box::pin(turns.take(from(1)))).collect();
        let refused = flood
            .iter_mut()
            .map(|turn| turn.now_or_never())
            .filter(|taken| matches!(taken, Some(Err(AccountError::Crowded { .. }))));
        assert_eq!(refused.count(), 200 - ADDRESS_PASSWORD_QUEUE);
        let mut right = Box::pin(turns.take(from(2)));
        assert!((&mut right).now_or_never().is_none());

        drop(working);
        let first = (&mut flood[0]).now_or_never();
        assert!((&mut right).now_or_never().is_none());
        drop(first);
        assert!(matches!((&mut right).now_or_never(), Some(Ok(_))));
    }

    #[tokio::test]
    async fn staff_of_one_hotel_who_set_many_passwords_do_not_keep_another_waiting() {
        let [resort, city] = ["resort", "city"].map(|code| Asker::Staff(identity::hotel(code)));
        let turns = Turns::new(1);
        let working = turns.take(resort).await.unwrap();
        let mut flood: Vec<_> = (0..60).map(|_| Box::pin(turns.take(resort))).collect();
        let refused = flood
            .iter_mut()
            .map(|turn| turn.now_or_never())
            .filter(|taken| matches!(taken, Some(Err(AccountError::Crowded { .. }))));
        assert_eq!(refused.count(), 60 - ADDRESS_PASSWORD_QUEUE);
        let mut takes_on = Box::pin(turns.take(city));
        assert!((&mut takes_on).now_or_never().is_none());

        drop(working);
        let first = (&mut flood[0]).now_or_never();
        assert!((&mut takes_on).now_or_never().is_none());
        drop(first);
        assert!(matches!((&mut takes_on).now_or_never(), Some(Ok(_))));
    }

    #[tokio::test]
    async fn whoever_goes_away_leaves_the_queue_and_a_turn_that_comes_too_late_goes_on() {
        let turns = Turns::new(1);
        let working = turns.take(from(1)).await.unwrap();
        let mut waiting: Vec<_> = (0..3).map(|_| Box::pin(turns.take(from(1)))).collect();
        for turn in &mut waiting {
            assert!(turn.now_or_never().is_none());
        }
        drop(waiting.remove(0));
        drop(working);
        // The turn was given to the second, who goes away without having taken it.
        drop(waiting.remove(0));
        assert!(matches!((&mut waiting[0]).now_or_never(), Some(Ok(_))));
        drop(waiting);
        assert!(matches!(turns.take(from(3)).now_or_never(), Some(Ok(_))));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waited_too_long_is_told_to_come_later_and_waits_no_more() {
        let turns = Turns::new(1);
        let working = turns.take(from(1)).await;
        let waited = turns.take(from(2)).await;
        assert!(matches!(waited, Err(AccountError::Crowded { .. })));
        drop(working);
        assert!(matches!(turns.take(from(3)).now_or_never(), Some(Ok(_))));
    }
}
