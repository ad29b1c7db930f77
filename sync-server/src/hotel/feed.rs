//! What one session still has to get of its hotel's log: every entry after its cursor, each once,
//! without a gap.

use super::{
    Delivery,
    pages::{Place, end_of},
    recent::{Ended, Following},
};
use crate::log::{Log, LogError};
use futures_util::stream::{self, BoxStream, StreamExt};
use keyrack_model::{action::Sequence, ids::HotelId};
use std::sync::Arc;

/// Follows the log of one hotel from a cursor on. It holds a place, and nothing that comes after.
pub struct Feed<L> {
    log: Arc<L>,
    hotel: HotelId,
    following: Following,
    /// What was handed on last.
    place: Place,
    footing: Footing,
}

/// What is known of the log after the cursor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Footing {
    /// It may have more than is published.
    Behind,
    /// Whatever it has or gets has been or will be published, while this is what was not.
    Live { untold: u64 },
}

impl<L: Log> Feed<L> {
    /// `following` began before anything is read, so that what is appended meanwhile is either read
    /// or published.
    pub(super) fn new(log: Arc<L>, hotel: HotelId, cursor: Sequence, following: Following) -> Self {
        Self {
            log,
            hotel,
            following,
            place: (cursor, None),
            footing: Footing::Behind,
        }
    }

    /// Everything that follows, until an error. What is being read stays being read, however often
    /// somebody stops waiting for it.
    pub fn into_stream(self) -> BoxStream<'static, Result<Arc<Delivery>, LogError>> {
        let next = |feed: Option<Self>| async move {
            let mut feed = feed?;
            let next = feed.next().await;
            let feed = next.is_ok().then_some(feed);
            Some((next, feed))
        };
        stream::unfold(Some(self), next).boxed()
    }

    /// The next entries, waiting for them if there are none yet. Dropped before it returns, it
    /// has taken nothing.
    ///
    /// # Errors
    /// Also when the hotel's loop has ended: the server stops, or the log was brought back.
    pub async fn next(&mut self) -> Result<Arc<Delivery>, LogError> {
        let delivery = loop {
            let news = self.following.kept.news();
            let is_live = self.footing
                == Footing::Live {
                    untold: news.untold,
                };
            if is_live && news.end <= self.place.0 {
                self.news().await?;
                continue;
            }
            if let Some(delivery) = self.following.kept.after(self.place.0) {
                break delivery;
            }
            // What is not kept, or not any more, is in the log.
            match self.read().await? {
                Some(delivery) => break delivery,
                // It lacks what was published: it was brought back, and its loop will find out.
                None if is_live => self.news().await?,
                None => {
                    self.footing = Footing::Live {
                        untold: news.untold,
                    }
                }
            }
        };
        self.place = end_of(&delivery);
        Ok(delivery)
    }

    async fn news(&mut self) -> Result<(), LogError> {
        let called = self.following.called().await;
        called.map_err(|Ended| LogError::Unavailable("the hotel's loop has ended".into()))
    }

    async fn read(&self) -> Result<Option<Arc<Delivery>>, LogError> {
        let pages = &self.following.kept.pages;
        let read = pages.after(&self.log, self.hotel, self.place).await;
        read.map_err(|error| LogError::Unavailable(Box::new(error)))
    }
}
