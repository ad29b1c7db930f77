//! `GET /metrics`, in Prometheus' text format. No label names a hotel, a person or a document.

use super::{State, answer};
use crate::peer::Peer;
use axum::{
    Extension,
    extract::{MatchedPath, Request, State as Extracted},
    middleware::Next,
    response::{IntoResponse, Response},
};
use metrics::{counter, gauge, histogram};
use std::time::Instant;

/// On the address that everybody reaches: for whoever asks from this machine, and nothing is there
/// for others.
pub(super) async fn handle_near(
    Extension(peer): Extension<Peer>,
    state: Extracted<State>,
) -> Response {
    if peer.0.is_loopback() {
        handle(state).await.into_response()
    } else {
        answer::not_found().await.into_response()
    }
}

pub(super) async fn handle(Extracted(state): Extracted<State>) -> String {
    let (open, idle) = state.database.connections();
    gauge!("db_connections").set(open);
    gauge!("db_connections_idle").set(idle as f64);
    state.metrics.run_upkeep();
    state.metrics.render()
}

/// Counts and times a request, under its route and never its path.
pub(super) async fn count(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("none", MatchedPath::as_str).to_owned();
    let began = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16().to_string();
    counter!("http_requests_total", "route" => route.clone(), "status" => status).increment(1);
    histogram!("http_request_seconds", "route" => route).record(began.elapsed().as_secs_f64());
    response
}
