//! `POST /v1/refresh`.

use super::{
    ServerAddress,
    answer::problem,
    http::{body, client, not_answered, retry_after},
};
use keyrack_model::{
    ipc::Problem,
    limits,
    wire::{Refresh, Refreshed},
};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(15);

/// Asks the server at an address for what a session goes on with.
///
/// # Errors
/// `SignedOut` only when a Keyrack server says that the session is over.
pub(crate) async fn refresh(address: &str, token: String) -> Result<Refreshed, Problem> {
    let address = ServerAddress::parse(address)?;
    let answer = client(PATIENCE)?
        .post(address.refresh())
        .json(&Refresh { token })
        .send()
        .await
        .map_err(|error| not_answered(&address, &error))?;
    let status = answer.status();
    let retry_after = retry_after(&answer);
    let body = body(&address, answer, limits::MAX_ANSWER).await?;
    if !status.is_success() {
        let status = status.as_u16();
        return Err(problem(&address, status, retry_after.as_deref(), &body));
    }
    serde_json::from_slice(&body).map_err(|_| {
        tracing::warn!("the answer to a refresh that is not a Keyrack server's");
        Problem::ServerConfused
    })
}
