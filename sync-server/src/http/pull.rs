//! `GET /v1/pull`: what the log has after a cursor, as the `Welcome` and the first `Deliver` that a
//! session would get.

use super::{State, answer, edge::handed_out, frames};
use crate::{
    hotel::{PAGE, Stopped},
    log::{Log, LogError},
    session::{self, Identity, Said},
};
use axum::{
    extract::{Query, State as Extracted, rejection::QueryRejection},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use keyrack_model::{
    action::{LogEntry, Sequence},
    class::{Class, Reading},
    ids::{LogEpoch, OperationId},
    limits::MAX_PULL_WAIT_SECONDS,
    time::Timestamp,
    wire::{KnownPlace, ServerFrame},
};
use serde::Deserialize;
use std::time::Duration;
use tokio::time::timeout;

/// What the address asks for.
#[derive(Deserialize)]
pub(super) struct Asked {
    /// The last entry that the device has.
    #[serde(default)]
    after: Sequence,
    /// Not there for a device that has seen no log yet.
    epoch: Option<LogEpoch>,
    /// What the log has at one place, as the device knows it: the place, a colon and the operation.
    known: Option<String>,
    /// What the device has of the log, separated by commas; not there for a client that looks at
    /// what the answer names.
    classes: Option<String>,
    /// Seconds for which an answer may wait for something to tell.
    #[serde(default)]
    wait: u64,
}

#[expect(
    clippy::result_large_err,
    reason = "made once for a request, and answered as it is"
)]
impl Asked {
    fn known(&self) -> Result<Option<KnownPlace>, Response> {
        let Some(known) = &self.known else {
            return Ok(None);
        };
        let place = place(known).ok_or_else(|| {
            answer::bad_request(
                "`known` is a place of the log, a colon and an operation, and may say after \
                 another colon when that was received",
            )
        });
        place.map(Some)
    }

    fn held(&self) -> Result<Option<Reading>, Response> {
        let Some(classes) = &self.classes else {
            return Ok(None);
        };
        let words = classes.split(',').filter(|word| !word.is_empty());
        let held = words
            .map(str::parse::<Class>)
            .collect::<Result<Reading, _>>();
        held.map(Some)
            .map_err(|_| answer::bad_request("`classes` are words with commas between them"))
    }
}

fn place(known: &str) -> Option<KnownPlace> {
    let mut parts = known.split(':');
    let sequence = parts.next()?.parse::<u64>().ok()?;
    let operation = parts.next()?.parse().map(OperationId).ok()?;
    let received_at = match parts.next() {
        Some(millis) => Some(Timestamp(millis.parse().ok()?)),
        None => None,
    };
    parts.next().is_none().then_some(KnownPlace {
        sequence: sequence.try_into().ok()?,
        operation,
        received_at,
    })
}

pub(super) async fn handle(
    Extracted(state): Extracted<State>,
    headers: HeaderMap,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let Ok(Query(asked)) = asked else {
        return answer::bad_request("`after` and `wait` are numbers, and `epoch` is an id");
    };
    match pull(&state, &headers, &asked).await {
        Ok(said) | Err(said) => said,
    }
}

async fn pull(state: &State, headers: &HeaderMap, asked: &Asked) -> Result<Response, Response> {
    let admitted = frames::admitted(state, headers).await?;
    let who = &admitted.who;
    let unavailable = |error| frames::unavailable(who, &error);
    let log = state.hotels.log().as_ref();
    let cursor = asked.after;
    let said = Said {
        epoch: asked.epoch,
        cursor,
        known: asked.known()?,
    };
    let now = state.hotels.now();
    let greeted = session::greet(log, who, &[], said, now)
        .await
        .map_err(unavailable)?;
    let held = asked.held()?;
    let reading = greeted.reading;
    let protocol = frames::protocol(headers)?;
    let (welcome, after) = session::welcome(now, protocol, asked.epoch, cursor, held, greeted)
        .map_err(answer::turned_away)?;
    let mut entries = log
        .read(who.hotel, after, PAGE)
        .await
        .map_err(unavailable)?;
    let wait = asked.wait.min(MAX_PULL_WAIT_SECONDS);
    if wait > 0 {
        // Whoever waits for what comes is there, as at a socket.
        let seen = state.accounts.see_again(&admitted, now).await;
        seen.map_err(IntoResponse::into_response)?;
    }
    if entries.is_empty() && wait > 0 {
        let news = news(state, who, after);
        if let Ok(news) = timeout(Duration::from_secs(wait), news).await {
            entries = news.map_err(unavailable)?;
            // Their session may have ended while they waited.
            let seen = state
                .accounts
                .see_again(&admitted, state.hotels.now())
                .await;
            seen.map_err(IntoResponse::into_response)?;
        }
    }
    let mut said = vec![welcome];
    if !entries.is_empty() {
        // The role may have become another one while the answer waited.
        let present = session::reading_of(log, who).await.map_err(unavailable)?;
        let entries = reading.and(present).shown(&entries);
        said.push(ServerFrame::Deliver { entries });
    }
    Ok(handed_out(state, who, frames::say(&said)))
}

/// The next entries; nothing when the server stops before there are any.
async fn news(state: &State, who: &Identity, after: Sequence) -> Result<Vec<LogEntry>, LogError> {
    let mut feed = match state.hotels.follow(who.hotel, after) {
        Ok(feed) => feed,
        Err(Stopped) => return Ok(vec![]),
    };
    let mut stopping = state.stopping.clone();
    tokio::select! {
        biased;
        // First, because the feed fails soon after. An error means that the server is gone already.
        _ = stopping.wait_for(|stopping| *stopping) => Ok(vec![]),
        delivery = feed.next() => Ok(delivery?.entries().to_vec()),
    }
}
