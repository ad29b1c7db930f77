//! The figures of one phase of workload W, as every driver of it tells them.

use serde::Deserialize;
use std::str::FromStr;

/// One phase of one server; what a phase does not measure is zero.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Phase {
    pub phase: String,
    pub wall_s: f64,
    #[serde(rename = "srv_cpu_s")]
    pub server_cpu_s: f64,
    #[serde(rename = "cli_cpu_s")]
    pub client_cpu_s: f64,
    /// The database's, beside the server's.
    pub postgres_cpu_s: f64,
    #[serde(rename = "srv_rx")]
    pub received: f64,
    #[serde(rename = "srv_tx")]
    pub sent: f64,
    /// Open at its end.
    pub connections: usize,
    #[serde(rename = "srv_rss_mb")]
    pub memory_mb: f64,
    #[serde(rename = "srv_peak_mb")]
    pub peak_mb: f64,
    pub p50_ms: f64,
    pub p95_ms: f64,
    pub disk_bytes: f64,
    pub error: Option<String>,
    #[serde(rename = "notConverged")]
    pub not_converged: Option<u64>,
}

/// How much of W there is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Size {
    pub documents: usize,
    pub clients: usize,
    /// Of each client.
    pub edits: usize,
}

impl FromStr for Size {
    type Err = &'static str;

    /// As `D,C,K`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers: Result<Vec<usize>, _> = text.split(',').map(str::parse).collect();
        match numbers.as_deref() {
            Ok([documents, clients, edits]) if *clients > 1 => Ok(Self {
                documents: *documents,
                clients: *clients,
                edits: *edits,
            }),
            _ => Err("not D,C,K with two clients at least"),
        }
    }
}

impl Size {
    pub fn all_edits(self) -> f64 {
        (self.clients * self.edits) as f64
    }
}

pub const MEGABYTE: f64 = 1024.0 * 1024.0;

/// Edits that are timed one by one.
pub const SINGLE_EDITS: usize = 60;

/// All phases of one server.
#[derive(Clone, Debug)]
pub struct Run {
    pub server: String,
    pub phases: Vec<Phase>,
}

impl Run {
    pub fn phase(&self, name: &str) -> Option<&Phase> {
        self.phases.iter().find(|phase| phase.phase == name)
    }

    /// What went wrong, if something did.
    pub fn failure(&self) -> Option<String> {
        self.phases.iter().find_map(|phase| {
            let apart = phase
                .not_converged
                .map(|count| format!("{count} documents did not converge"));
            let why = phase.error.clone().or(apart)?;
            Some(format!("{}: {why}", phase.phase))
        })
    }
}
