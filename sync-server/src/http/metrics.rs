//! `GET /metrics`, in Prometheus' text format. No label names a hotel, a person or a document.

use super::State;
use axum::extract::State as Extracted;

pub(super) async fn handle(Extracted(state): Extracted<State>) -> String {
    state.metrics.run_upkeep();
    state.metrics.render()
}
