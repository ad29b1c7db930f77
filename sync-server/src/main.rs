//! The server's program.

use std::process::ExitCode;
use tikv_jemallocator::Jemalloc;

/// Gives back what a storm of devices took; the system's keeps most of that. How soon it does is said
/// where it is built, in `.cargo/config.toml`.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

#[tokio::main]
async fn main() -> ExitCode {
    keyrack_server::cli::run().await
}
