//! Whether the process lives, and whether it is fit to serve.

use super::State;
use axum::{
    Json,
    extract::State as Extracted,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::time::Duration;

const DATABASE_PATIENCE: Duration = Duration::from_millis(1_000);

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    /// Why not.
    causes: Vec<&'static str>,
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
        Ok(Ok(_)) => {}
        Ok(Err(cause)) => causes.push(cause),
        Err(_) => causes.push("the database does not answer in time"),
    }
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
