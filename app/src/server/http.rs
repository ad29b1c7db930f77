//! Requests to the server: one client a call, patient within bounds, and bodies of a bounded size.

use super::{ServerAddress, answer};
use keyrack_model::ipc::Problem;
use reqwest::{Client, Response, header::RETRY_AFTER, redirect::Policy};
use std::time::Duration;

const CONNECT_PATIENCE: Duration = Duration::from_secs(6);

/// One for each call: they are rare, and an idle connection would outlive the network it was
/// made on. No redirect is followed with a password, and no proxy is asked that the WebSocket
/// would not use.
pub(super) fn client(patience: Duration) -> Result<Client, Problem> {
    Client::builder()
        .connect_timeout(CONNECT_PATIENCE)
        .timeout(patience)
        .redirect(Policy::none())
        .no_proxy()
        .user_agent(concat!("keyrack/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| {
            tracing::error!(%error, "no HTTP client");
            Problem::Internal
        })
}

/// The body of an answer, of at most so many bytes.
pub(super) async fn body(
    address: &ServerAddress,
    answer: Response,
    most: usize,
) -> Result<Vec<u8>, Problem> {
    let mut body = Vec::new();
    match append(address, answer, &mut body, most).await {
        Ok(()) => Ok(body),
        Err(problem) => Err(problem),
    }
}

/// Adds the body of an answer to bytes of which there are at most so many in the end. What arrived
/// before an error is there.
pub(super) async fn append(
    address: &ServerAddress,
    mut answer: Response,
    bytes: &mut Vec<u8>,
    most: usize,
) -> Result<(), Problem> {
    while let Some(chunk) = answer
        .chunk()
        .await
        .map_err(|error| not_answered(address, &error))?
    {
        if bytes.len() + chunk.len() > most {
            tracing::warn!("an answer without end");
            return Err(Problem::ServerConfused);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(())
}

/// Seconds after which a server wants to be asked again.
pub(super) fn retry_after(answer: &Response) -> Option<String> {
    let stated = answer.headers().get(RETRY_AFTER)?;
    stated.to_str().ok().map(str::to_owned)
}

pub(super) fn not_answered(address: &ServerAddress, error: &reqwest::Error) -> Problem {
    use std::error::Error;
    tracing::info!(%error, cause = error.source(), "no answer");
    if error.is_connect() || error.is_timeout() {
        answer::unreachable(address)
    } else {
        // Something listens there that does not speak HTTP, or stops in the middle of it.
        Problem::ServerConfused
    }
}
