//! What the program writes to its standard error: what happened, with ids, never with content.

use std::io::{self, IsTerminal};
use tracing_subscriber::EnvFilter;

/// What is written unless `KEYRACK_LOG` says otherwise.
const USUAL: &str = "warn,keyrack_app=info,keyrack_replica=info";

pub(crate) fn to_stderr() {
    let filter = EnvFilter::try_from_env("KEYRACK_LOG").unwrap_or_else(|_| EnvFilter::new(USUAL));
    // A second subscriber in one process (tests) is not an error.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .try_init();
}
