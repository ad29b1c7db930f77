//! Pages of the log for those who are behind, each read once for all who want it at the same time.
//!
//! A page ends at the same places wherever a reader began, so that those who come back from
//! different cursors soon want the same pages. It is handed on in deliveries.
//!
//! **Architecture Invariant**: whoever waits for a page, and for however long, holds no more of it
//! than one delivery.

use super::{Delivery, delivery::PAGE};
use crate::log::{Log, LogError, Page};
use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use keyrack_model::{action::Sequence, ids::HotelId, limits::CATCH_UP_BYTES, wire::KnownPlace};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What a reader has: the log up to a place, and what stands there, where that is known.
pub(super) type Place = (Sequence, Option<KnownPlace>);

/// None at the end of the log.
type Next = Result<Option<Arc<Delivery>>, Arc<LogError>>;
type Reading = Shared<BoxFuture<'static, Next>>;

/// The pages that were read last, or are being read. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Pages(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    /// How often what had been read was forgotten.
    forgotten: u64,
    reading: Vec<(Place, Reading)>,
    /// The oldest first.
    read: VecDeque<(Place, Vec<Arc<Delivery>>)>,
    bytes: usize,
}

impl Pages {
    /// What follows a place.
    ///
    /// # Errors
    /// Also when the log does not have what is known to stand there: it was brought back.
    pub async fn after<L: Log>(&self, log: &Arc<L>, hotel: HotelId, place: Place) -> Next {
        let reading = {
            let mut known = self.lock();
            if let Some(next) = known.after(place) {
                return Ok(Some(next));
            }
            // One that has ended and is still here was broken off.
            known
                .reading
                .retain(|(_, reading)| reading.peek().is_none());
            let mut others = known.reading.iter();
            match others.find(|(begin, _)| *begin == place) {
                Some((_, reading)) => reading.clone(),
                None => {
                    let reading = self.begin(known.forgotten, log.clone(), hotel, place);
                    known.reading.push((place, reading.clone()));
                    reading
                }
            }
        };
        reading.await
    }

    /// Reads again what is asked for next. What is being read goes to those who wait for it.
    pub fn forget(&self) {
        let mut known = self.lock();
        *known = Known {
            forgotten: known.forgotten + 1,
            ..Known::default()
        };
    }

    /// Bytes of what was read.
    #[cfg(test)]
    pub fn size(&self) -> usize {
        self.lock().bytes
    }

    /// On a task of its own: a session that is busy with something else meanwhile, and may wait for
    /// the database itself, keeps neither a connection to it nor the page from the others.
    fn begin<L: Log>(&self, forgotten: u64, log: Arc<L>, hotel: HotelId, place: Place) -> Reading {
        let pages = self.clone();
        let reading = tokio::spawn(async move {
            let read = read(&*log, hotel, place).await;
            let mut known = pages.lock();
            let is_current = known.forgotten == forgotten;
            if is_current {
                known.reading.retain(|(begin, _)| *begin != place);
            }
            let page = read?;
            let next = page.first().cloned();
            if is_current {
                known.add(place, page);
            }
            Ok::<_, LogError>(next)
        });
        let next = async move {
            let broken_off = |_| LogError::Unavailable("the reading was broken off".into());
            let next = reading.await.unwrap_or_else(|error| Err(broken_off(error)));
            next.map_err(Arc::new)
        };
        next.boxed().shared()
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn after(&self, place: Place) -> Option<Arc<Delivery>> {
        self.read.iter().find_map(|(begin, page)| {
            if *begin == place {
                return page.first().cloned();
            }
            let mut pairs = page.windows(2);
            let found = pairs.find(|pair| end_of(&pair[0]) == place)?;
            Some(found[1].clone())
        })
    }

    fn add(&mut self, begin: Place, page: Vec<Arc<Delivery>>) {
        if page.is_empty() {
            return;
        }
        self.bytes += size_of(&page);
        self.read.push_back((begin, page));
        while self.bytes > CATCH_UP_BYTES
            && let Some((_, oldest)) = self.read.pop_front()
        {
            self.bytes -= size_of(&oldest);
        }
    }
}

/// Where a reader is who has a delivery.
pub(super) fn end_of(delivery: &Delivery) -> Place {
    let last = delivery.entries().last();
    (delivery.last(), last.and_then(KnownPlace::of))
}

fn size_of(page: &[Arc<Delivery>]) -> usize {
    page.iter().map(|delivery| delivery.size()).sum()
}

async fn read<L: Log>(
    log: &L,
    hotel: HotelId,
    (cursor, known): Place,
) -> Result<Vec<Arc<Delivery>>, LogError> {
    let entries = log.read(hotel, cursor, page_after(cursor)).await?;
    // After reading: what was brought back before that is seen.
    match known {
        Some(known) if !log.has(hotel, known).await? => {
            Err(LogError::Unavailable("the log was brought back".into()))
        }
        _ => Ok(Delivery::cut(entries)),
    }
}

/// Up to the next place at which pages end.
fn page_after(cursor: Sequence) -> Page {
    let entries = PAGE.entries as u64;
    Page {
        entries: (entries - cursor.0 % entries) as usize,
        ..PAGE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_end_at_the_same_places_wherever_a_reader_began() {
        let entries = PAGE.entries as u64;
        for cursor in 0..3 * entries {
            let end = cursor + page_after(Sequence(cursor)).entries as u64;
            assert!(end.is_multiple_of(entries) && end > cursor, "{cursor}");
        }
    }
}
