//! News of heads among servers: which hotel's log grew, and how far.
//!
//! **Architecture Invariant**: news may be lost, doubled or late; it is never the source of truth.
//! It travels outside the transaction that appended, because NOTIFY inside it would serialise
//! every commit of the database.

use crate::{
    access::{self, Access},
    database::Database,
    hotel::Hotels,
    log::Log,
};
use keyrack_model::{action::Sequence, ids::HotelId};
use sqlx::postgres::PgListener;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::Notify,
    time::{self, MissedTickBehavior},
};

const CHANNEL: &str = "keyrack_heads";
/// What is announced meanwhile goes out together.
const GATHER: Duration = Duration::from_millis(15);
/// How long lost news stay unknown at most.
const POLL: Duration = Duration::from_secs(1);
const RECONNECT: Duration = Duration::from_secs(2);

/// Heads that other servers have not been told of. Clones share them.
#[derive(Clone, Default)]
pub struct Announcements(Arc<Outgoing>);

#[derive(Default)]
struct Outgoing {
    heads: Mutex<HashMap<HotelId, Sequence>>,
    some: Notify,
}

impl Announcements {
    pub fn announce(&self, hotel: HotelId, head: Sequence) {
        self.lock().insert(hotel, head);
        self.0.some.notify_one();
    }

    async fn next(&self) -> HashMap<HotelId, Sequence> {
        loop {
            let heads = std::mem::take(&mut *self.lock());
            if !heads.is_empty() {
                return heads;
            }
            self.0.some.notified().await;
            time::sleep(GATHER).await;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<HotelId, Sequence>> {
        self.0.heads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells other servers what this one appended. Never returns.
pub async fn tell(database: Database, announcements: Announcements) {
    loop {
        for (hotel, head) in announcements.next().await {
            tell_of(&database, hotel, head).await;
        }
    }
}

/// Tells all servers, this one among them, how far the log of a hotel goes.
pub async fn tell_of(database: &Database, hotel: HotelId, head: Sequence) {
    let told = sqlx::query("select pg_notify($1, $2)")
        .bind(CHANNEL)
        .bind(format!("{hotel} {}", head.0))
        .execute(database.pool())
        .await;
    if let Err(error) = told {
        tracing::warn!(%error, "other servers were not told of a head; they will poll");
    }
}

/// Hears what other servers appended and whose access they changed, and looks for itself from time to
/// time. Never returns.
pub async fn hear<L: Log>(database: Database, hotels: Hotels<L>, access: Access) {
    tokio::join!(listen(&database, &hotels, &access), poll(&hotels));
}

async fn listen<L: Log>(database: &Database, hotels: &Hotels<L>, access: &Access) {
    loop {
        if let Err(error) = pass_on(database, hotels, access).await {
            tracing::warn!(%error, "listening for news of other servers failed; polling goes on");
        }
        time::sleep(RECONNECT).await;
    }
}

/// Ends with the connection: what was told meanwhile is found by polling.
async fn pass_on<L: Log>(
    database: &Database,
    hotels: &Hotels<L>,
    access: &Access,
) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(database.pool()).await?;
    listener.listen_all([CHANNEL, access::CHANNEL]).await?;
    // What was told before is not heard any more.
    access.stir_all();
    while let Some(news) = listener.try_recv().await? {
        if news.channel() == access::CHANNEL {
            access.hear(news.payload());
        } else if let Some((hotel, head)) = parse(news.payload()) {
            hotels.head_moved(hotel, head);
        }
    }
    Ok(())
}

/// Looks for itself from time to time: what was told to nobody is found. Never returns.
pub async fn poll<L: Log>(hotels: &Hotels<L>) {
    let mut ticks = time::interval(POLL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        look(hotels).await;
    }
}

/// Reads the head of every hotel that is in use here.
async fn look<L: Log>(hotels: &Hotels<L>) {
    for hotel in hotels.in_use() {
        match hotels.log().head(hotel).await {
            Ok(head) => hotels.head_seen(hotel, head),
            Err(error) => tracing::warn!(%hotel, %error, "the head of a hotel could not be read"),
        }
    }
}

fn parse(payload: &str) -> Option<(HotelId, Sequence)> {
    let (hotel, head) = payload.split_once(' ')?;
    Some((hotel.parse().ok()?, Sequence(head.parse().ok()?)))
}

#[cfg(test)]
mod tests;
