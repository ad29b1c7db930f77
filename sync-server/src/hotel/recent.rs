//! What a hotel's log got last, once for everybody who follows it.
//!
//! **Architecture Invariant**: nothing waits here for anybody. What is kept is bounded in bytes,
//! however many follow and however slowly they read: a follower has a cursor, is woken when the end
//! moves, and takes from here what comes next when its device takes more. What is not here any more
//! is in the log. Of what was erased nothing is kept.

use super::{Delivery, pages::Pages};
use keyrack_model::{action::Sequence, limits::RECENT_BYTES};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::broadcast::{self, error::RecvError};

/// What a hotel's loop tells its followers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct News {
    /// The last entry that was published.
    pub end: Sequence,
    /// How often the log may have grown by something that was not.
    pub untold: u64,
}

/// What a hotel's loop publishes. Clones share it; followers learn when the last of them is gone.
#[derive(Clone)]
pub(super) struct Published {
    /// Says that there is news, and wakes in the order in which they wait.
    calls: broadcast::Sender<()>,
    kept: Kept,
}

/// What is kept for all followers.
#[derive(Clone, Default)]
pub(super) struct Kept {
    recent: Arc<Mutex<Recent>>,
    pub pages: Pages,
}

/// One follower's end.
pub(super) struct Following {
    calls: broadcast::Receiver<()>,
    pub kept: Kept,
}

/// The hotel's loop has ended.
pub(super) struct Ended;

impl Following {
    /// Waits for news that may have come since it was waited for last.
    pub async fn called(&mut self) -> Result<(), Ended> {
        match self.calls.recv().await {
            Ok(()) | Err(RecvError::Lagged(_)) => Ok(()),
            Err(RecvError::Closed) => Err(Ended),
        }
    }
}

impl Default for Published {
    fn default() -> Self {
        Self {
            // One call that was not heard is as good as many.
            calls: broadcast::Sender::new(1),
            kept: Kept::default(),
        }
    }
}

impl Published {
    pub fn follow(&self) -> Following {
        Following {
            calls: self.calls.subscribe(),
            kept: self.kept.clone(),
        }
    }

    pub fn has_followers(&self) -> bool {
        self.calls.receiver_count() > 0
    }

    /// Tells of what the log got next.
    pub fn tell(&self, deliveries: Vec<Arc<Delivery>>) {
        let Some(end) = deliveries.last().map(|delivery| delivery.last()) else {
            return;
        };
        if deliveries.iter().any(|delivery| delivery.erases()) {
            self.kept.forget();
        }
        let mut recent = self.kept.recent();
        deliveries.into_iter().for_each(|next| recent.add(next));
        recent.news.end = end;
        drop(recent);
        self.call();
    }

    /// The log may have grown by something that is not told.
    pub fn read_again(&self) {
        self.kept.pages.forget();
        self.kept.recent().news.untold += 1;
        self.call();
    }

    fn call(&self) {
        // Nobody may be following.
        self.calls.send(()).ok();
    }

    /// Keeps nothing: what was published is in doubt, or nobody has asked for it for a while.
    pub fn forget(&self) {
        self.kept.forget();
    }

    /// Bytes that are kept for all followers together.
    #[cfg(test)]
    pub fn size(&self) -> usize {
        self.kept.recent().bytes + self.kept.pages.size()
    }
}

impl Kept {
    pub fn news(&self) -> News {
        self.recent().news
    }

    /// What comes after a cursor, if that is among what was published last and is still here.
    pub fn after(&self, cursor: Sequence) -> Option<Arc<Delivery>> {
        let next = self.recent().after(cursor)?;
        if next.first() > cursor {
            return Some(next);
        }
        // The copy is made while nobody waits.
        next.after(cursor).map(Arc::new)
    }

    fn forget(&self) {
        self.recent().forget();
        self.pages.forget();
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The last deliveries, one after another.
#[derive(Default)]
struct Recent {
    news: News,
    deliveries: VecDeque<Arc<Delivery>>,
    bytes: usize,
}

impl Recent {
    fn add(&mut self, next: Arc<Delivery>) {
        let last = self.deliveries.back().map(|delivery| delivery.last());
        if last.is_some_and(|last| last.next() != next.first()) {
            self.forget();
        }
        self.bytes += next.size();
        self.deliveries.push_back(next);
        while self.bytes > RECENT_BYTES
            && let Some(oldest) = self.deliveries.pop_front()
        {
            self.bytes -= oldest.size();
        }
    }

    fn forget(&mut self) {
        self.deliveries = VecDeque::new();
        self.bytes = 0;
    }

    /// The delivery that holds what comes after a cursor, and may begin before it.
    fn after(&self, cursor: Sequence) -> Option<Arc<Delivery>> {
        let at = self
            .deliveries
            .partition_point(|delivery| delivery.last() <= cursor);
        let next = self.deliveries.get(at);
        next.filter(|next| next.first() <= cursor.next()).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hotel::delivery::tests::entries;

    fn delivery(first: u64, last: u64) -> Arc<Delivery> {
        let mut entries = entries(last);
        entries.drain(..first as usize - 1);
        Arc::new(Delivery::of(entries).unwrap())
    }

    fn places(found: Option<Arc<Delivery>>) -> Option<(u64, u64)> {
        found.map(|delivery| (delivery.first().0, delivery.last().0))
    }

    #[test]
    fn a_follower_takes_what_comes_next_wherever_its_cursor_is() {
        let published = Published::default();
        published.tell(vec![delivery(3, 4), delivery(5, 9)]);
        let after = |cursor| published.kept.after(Sequence(cursor));
        assert_eq!((places(after(0)), places(after(1))), (None, None));
        assert_eq!(places(after(2)), Some((3, 4)));
        assert_eq!(places(after(3)), Some((4, 4)));
        assert_eq!(places(after(4)), Some((5, 9)));
        assert_eq!(places(after(6)), Some((7, 9)));
        assert_eq!((places(after(9)), places(after(12))), (None, None));
    }

    #[test]
    fn what_is_kept_is_bounded_and_its_oldest_goes_first() {
        let mut recent = Recent::default();
        let one = delivery(1, 1);
        let fit = RECENT_BYTES / one.size();
        for place in 1..=2 * fit as u64 {
            let entry = delivery_at(place);
            recent.add(entry);
            assert!(recent.bytes <= RECENT_BYTES);
        }
        assert!(recent.deliveries.len() > fit / 2);
        assert!(recent.after(Sequence(0)).is_none());
        let last = Sequence(2 * fit as u64 - 1);
        assert!(recent.after(last).is_some());
    }

    fn delivery_at(place: u64) -> Arc<Delivery> {
        let mut entry = entries(1).remove(0);
        entry.sequence = Sequence(place);
        Arc::new(Delivery::of(vec![entry]).unwrap())
    }

    #[test]
    fn after_a_gap_nothing_from_before_it_is_handed_on() {
        let published = Published::default();
        published.tell(vec![delivery(1, 2)]);
        published.tell(vec![delivery(5, 6)]);
        assert!(published.kept.after(Sequence(0)).is_none());
        assert_eq!(places(published.kept.after(Sequence(4))), Some((5, 6)));
    }
}
