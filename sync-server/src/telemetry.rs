//! JSON logs and metrics of the process.
//!
//! **Architecture Invariant**: logs carry ids and counts, never content, names or secrets.

use metrics::{describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

/// Automerge describes every load and every transaction to whoever listens, and is slowed down by it.
const USUAL: &str = "info,automerge=error";

/// Logs to standard output, one JSON object a line; `RUST_LOG` says how much.
pub fn start_logging() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(USUAL));
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_env_filter(filter)
        .init();
}

pub fn start_metrics() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
        .install_recorder()?;
    describe_gauge!("ws_connections", "Devices connected to this server");
    describe_counter!("push_ops_total", "Judged actions by verdict and reason");
    describe_histogram!("push_seconds", "From a round's first look to its verdicts");
    describe_histogram!("push_round_size", "Pushes judged together");
    describe_counter!("sign_ins_total", "Sign-ins by outcome");
    describe_counter!("refreshes_total", "Sessions that were to go on, by outcome");
    describe_counter!("http_requests_total", "Requests by route and status");
    describe_histogram!("http_request_seconds", "Time to an answer by route");
    describe_gauge!("db_connections", "Open connections to the database");
    describe_gauge!("db_connections_idle", "Those of them that nobody uses");
    describe_counter!("panics_total", "Requests that met a fault of the server");
    Ok(handle)
}

/// From a quick answer on one machine to the longest that a request may take.
const SECONDS: [f64; 14] = [
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0,
];
