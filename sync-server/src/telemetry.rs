//! JSON logs and metrics of the process.
//!
//! **Architecture Invariant**: logs carry ids and counts, never content, names or secrets.

use metrics::{describe_counter, describe_gauge};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

/// Logs to standard output, one JSON object a line; `RUST_LOG` says how much.
pub fn start_logging() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_env_filter(filter)
        .init();
}

pub fn start_metrics() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new().install_recorder()?;
    describe_gauge!("ws_connections", "Devices connected to this server");
    describe_counter!("push_ops_total", "Pushed actions by verdict");
    Ok(handle)
}
