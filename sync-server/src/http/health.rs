//! Whether the process lives, and whether it is fit to serve.

use super::State;
use axum::{
    Json,
    extract::State as Extracted,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use keyrack_model::{limits::READY_MILLIS, time::Timestamp};
use serde::Serialize;
use std::{sync::Arc, time::Duration};
use tokio::sync::Mutex;

const DATABASE_PATIENCE: Duration = Duration::from_millis(1_000);

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    /// Why not.
    causes: Vec<&'static str>,
}

/// What was found when it was last looked. Clones share it: however many ask, the database is asked
/// once in a while, by one of them.
#[derive(Clone, Default)]
pub struct Fitness(Arc<Mutex<Option<Look>>>);

#[derive(Clone, Copy)]
struct Look {
    at: Timestamp,
    /// What the database lacks.
    cause: Option<&'static str>,
}

impl Fitness {
    async fn cause(&self, state: &State) -> Option<&'static str> {
        let mut last = self.0.lock().await;
        let at = state.hotels.now();
        let recent = last.filter(|look| at.millis_apart(look.at).unsigned_abs() < READY_MILLIS);
        if let Some(look) = recent {
            return look.cause;
        }
        let cause = look(state).await;
        *last = Some(Look { at, cause });
        cause
    }
}

/// The event loop turns. The database is not asked.
pub(super) async fn live() -> &'static str {
    "live"
}

pub(super) async fn ready(Extracted(state): Extracted<State>) -> Response {
    let mut causes = Vec::new();
    if *state.stopping.borrow() {
        causes.push("the server is stopping");
    }
    causes.extend(state.fitness.cause(&state).await);
    let status = if causes.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let readiness = Readiness {
        ready: causes.is_empty(),
        causes,
    };
    (status, Json(readiness)).into_response()
}

async fn look(state: &State) -> Option<&'static str> {
    let asked = async {
        state
            .database
            .ping()
            .await
            .map_err(|_| "the database does not answer")?;
        let schema = state.database.check_schema().await;
        schema.map_err(|_| "the database's schema is not the one that this server needs")
    };
    match tokio::time::timeout(DATABASE_PATIENCE, asked).await {
        Ok(Ok(_)) => None,
        Ok(Err(cause)) => Some(cause),
        Err(_) => Some("the database does not answer in time"),
    }
}
