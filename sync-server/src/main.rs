//! The server's program.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    keyrack_server::cli::run().await
}
