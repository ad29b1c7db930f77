//! What one session still has to get of its hotel's log: every entry after its cursor, each once,
//! without a gap.

use super::{Delivery, delivery::PAGE};
use crate::log::{Log, LogError};
use futures_util::stream::{self, BoxStream, StreamExt};
use keyrack_model::{action::Sequence, ids::HotelId, wire::KnownPlace};
use std::sync::Arc;
use tokio::sync::broadcast::{self, error::RecvError};

/// What a hotel's loop tells its followers.
#[derive(Clone)]
pub(super) enum News {
    /// Was appended.
    Entries(Arc<Delivery>),
    /// The log may have grown by something that was not told.
    ReadAgain,
}

/// Follows the log of one hotel from a cursor on.
pub struct Feed<L> {
    log: Arc<L>,
    hotel: HotelId,
    place: Place,
    published: broadcast::Receiver<News>,
}

/// How far a session has come.
struct Place {
    cursor: Sequence,
    /// What stands there; None while nothing was handed on.
    known: Option<KnownPlace>,
    source: Source,
}

/// Where the next entry is to be had.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Source {
    /// The session is behind: in the log.
    Log,
    /// Among what the hotel's loop publishes.
    Live,
}

/// What a published delivery is to a session.
#[derive(Debug)]
enum Taken {
    Next(Arc<Delivery>),
    /// The session has all of it.
    Known,
    /// Entries before it are missing.
    Gap,
}

impl Place {
    fn take(&self, published: Arc<Delivery>) -> Taken {
        if published.first() == self.cursor.next() {
            return Taken::Next(published);
        }
        if published.first() > self.cursor {
            return Taken::Gap;
        }
        match published.after(self.cursor) {
            Some(rest) => Taken::Next(Arc::new(rest)),
            None => Taken::Known,
        }
    }
}

impl<L: Log> Feed<L> {
    /// `published` was subscribed to before anything is read, so that what is appended meanwhile
    /// is either read or published.
    pub(super) fn new(
        log: Arc<L>,
        hotel: HotelId,
        cursor: Sequence,
        published: broadcast::Receiver<News>,
    ) -> Self {
        let place = Place {
            cursor,
            known: None,
            source: Source::Log,
        };
        Self {
            log,
            hotel,
            place,
            published,
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
            match self.place.source {
                Source::Log => match self.read().await? {
                    Some(delivery) => break delivery,
                    None => self.place.source = Source::Live,
                },
                Source::Live => match self.published.recv().await {
                    Ok(News::Entries(published)) => match self.place.take(published) {
                        Taken::Next(delivery) => break delivery,
                        Taken::Known => {}
                        Taken::Gap => self.place.source = Source::Log,
                    },
                    Ok(News::ReadAgain) | Err(RecvError::Lagged(_)) => {
                        self.place.source = Source::Log;
                    }
                    Err(RecvError::Closed) => {
                        return Err(LogError::Unavailable("the hotel's loop has ended".into()));
                    }
                },
            }
        };
        self.place.cursor = delivery.last();
        self.place.known = delivery.entries().last().and_then(KnownPlace::of);
        Ok(delivery)
    }

    /// On a task of its own: a session that is busy with something else meanwhile, and may wait
    /// for the database itself, keeps no connection to it from the others.
    async fn read(&self) -> Result<Option<Arc<Delivery>>, LogError> {
        let (log, hotel) = (self.log.clone(), self.hotel);
        let (cursor, known) = (self.place.cursor, self.place.known);
        let reading = tokio::spawn(async move {
            let entries = log.read(hotel, cursor, PAGE).await?;
            // After reading: what was brought back before that is seen.
            match known {
                Some(known) if !log.has(hotel, known).await? => {
                    Err(LogError::Unavailable("the log was brought back".into()))
                }
                _ => Ok(entries),
            }
        });
        let entries = reading
            .await
            .map_err(|_| LogError::Unavailable("the reading was broken off".into()))??;
        Ok(Delivery::of(entries).map(Arc::new))
    }
}
