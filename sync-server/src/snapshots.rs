//! What a new device gets instead of the whole log: snapshots of documents, kept up with the log,
//! and the working set in segments made from them.
//!
//! **Architecture Invariant**: the log is the truth and snapshots are a checked cache of it. All of
//! them can be dropped, and what is made again from the log is the same. Nothing that pushes or
//! follows waits for them.

use crate::{
    database::Database,
    hotel::{Clock, Hotels},
    log::{LogError, postgres::PostgresLog},
};
use keyrack_model::{
    ids::{DocumentRef, HotelId},
    limits::{SNAPSHOT_BENCHES, SNAPSHOT_MILLIS, SNAPSHOT_TURN},
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

/// Keeps the snapshots of the hotels in use up with their logs. Never returns.
///
/// A hotel that is not in use gets its entries from a program beside the server, and its snapshots
/// when somebody asks for its working set.
pub async fn keep_up(snapshots: Snapshots, hotels: Hotels<PostgresLog>) {
    let mut ticks = time::interval(Duration::from_millis(SNAPSHOT_MILLIS));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        for hotel in hotels.in_use() {
            if let Err(error) = snapshots.catch_up(hotel, SNAPSHOT_TURN).await {
                let error = &error as &dyn std::error::Error;
                tracing::error!(%hotel, error, "snapshots do not keep up with the log");
            }
        }
    }
}

#[cfg(test)]
mod tests;
