//! What a new device gets instead of the whole log: snapshots of documents, kept up with the log,
//! and the working set in segments made from them.
//!
//! **Architecture Invariant**: the log is the truth and snapshots are a checked cache of it. All of
//! them can be dropped, and what is made again from the log is the same. Nothing that pushes or
//! follows waits for them.

use crate::{
    database::Database,
    hotel::{Clock, Hotels},
    log::{Log, LogError, postgres::PostgresLog},
};
use keyrack_model::{
    action::Sequence,
    ids::{DocumentRef, HotelId},
    limits::{SNAPSHOT_BENCHES, SNAPSHOT_LAG, SNAPSHOT_MILLIS, SNAPSHOT_TURN},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{OwnedMutexGuard, Semaphore, SemaphorePermit},
    time::{self, MissedTickBehavior},
};

mod alone;
mod booked;
mod kept;
mod made;
mod store;
mod upkeep;

mod cold;
mod packing;
mod sets;
mod single;
mod working_set;

pub use alone::segment_of;
pub use booked::{Booked, booked};
use made::Unsound;
pub use sets::{Asked, Part};
pub use upkeep::Progress;

/// Snapshots of all hotels. Clones share them.
#[derive(Clone)]
pub struct Snapshots {
    database: Database,
    log: Arc<PostgresLog>,
    clock: Clock,
    /// Bounds what is held in memory and how much of the processor it takes.
    benches: Arc<Semaphore>,
    /// Whoever works on a hotel's snapshots holds its own lock here.
    hotels: Arc<Mutex<HashMap<HotelId, Arc<tokio::sync::Mutex<()>>>>>,
}

/// Why there are no snapshots at the moment.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    #[error(transparent)]
    Log(#[from] LogError),
    #[error("the snapshots could not be reached")]
    Store(#[from] sqlx::Error),
    #[error("no snapshot can be made of {document}")]
    Unsound {
        document: DocumentRef,
        #[source]
        why: Box<Unsound>,
    },
    #[error("the server is stopping")]
    Stopped,
}

impl Snapshots {
    pub fn new(database: Database, log: Arc<PostgresLog>, clock: Clock) -> Self {
        Self {
            database,
            log,
            clock,
            benches: Arc::new(Semaphore::new(SNAPSHOT_BENCHES)),
            hotels: Arc::default(),
        }
    }

    /// Waits until nobody else of this server works on the hotel's snapshots.
    async fn alone(&self, hotel: HotelId) -> OwnedMutexGuard<()> {
        let lock = {
            let mut hotels = self.hotels.lock().unwrap_or_else(PoisonError::into_inner);
            hotels.entry(hotel).or_default().clone()
        };
        lock.lock_owned().await
    }

    async fn bench(&self) -> Result<SemaphorePermit<'_>, SnapshotError> {
        let bench = self.benches.acquire().await;
        bench.map_err(|_| SnapshotError::Stopped)
    }
}

/// Keeps the snapshots of the hotels in use up with their logs, when these rest: people who work do
/// not share the processor with it, and what is written often is taken in once. Never returns.
///
/// A hotel that is not in use gets its entries from a program beside the server, and its snapshots
/// when somebody asks for its working set.
pub async fn keep_up(snapshots: Snapshots, hotels: Hotels<PostgresLog>) {
    let mut ticks = time::interval(Duration::from_millis(SNAPSHOT_MILLIS));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut ends: HashMap<HotelId, Sequence> = HashMap::new();
    loop {
        ticks.tick().await;
        let in_use = hotels.in_use();
        ends.retain(|hotel, _| in_use.contains(hotel));
        for hotel in in_use {
            let before = ends.get(&hotel).copied();
            match take_turn(&snapshots, hotel, before).await {
                Ok(end) => {
                    ends.insert(hotel, end);
                }
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(%hotel, error, "snapshots do not keep up with the log");
                }
            }
        }
    }
}

/// Takes into a hotel's snapshots what is due of its log, which ended at `before` a turn ago; where it
/// ends now.
async fn take_turn(
    snapshots: &Snapshots,
    hotel: HotelId,
    before: Option<Sequence>,
) -> Result<Sequence, SnapshotError> {
    let head = snapshots.log.head(hotel).await?;
    if is_due(snapshots.reach(hotel, head).await?, before, head.sequence) {
        snapshots.catch_up(hotel, SNAPSHOT_TURN).await?;
    }
    Ok(head.sequence)
}

/// Whether snapshots that reach so far are to take in more of a log that ended at `before` a turn ago
/// and ends at `end` now.
fn is_due(reach: Sequence, before: Option<Sequence>, end: Sequence) -> bool {
    let rests = before == Some(end);
    let lacks = end.0.saturating_sub(reach.0);
    lacks > SNAPSHOT_LAG || (rests && lacks > 0)
}

#[cfg(test)]
mod tests;
