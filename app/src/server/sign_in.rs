//! `POST /v1/sign-in` and `POST /v1/sign-out`.

use super::{
    ServerAddress,
    answer::problem,
    http::{body, client, not_answered, retry_after},
};
use keyrack_model::{
    ipc::Problem,
    limits,
    wire::{SignIn, SignedIn},
};
use std::time::Duration;

/// The server hashes the password behind a queue.
const ANSWER_PATIENCE: Duration = Duration::from_secs(30);
const FAREWELL_PATIENCE: Duration = Duration::from_secs(6);

/// Exchanges a password for a token.
pub(crate) async fn sign_in(address: &ServerAddress, asked: &SignIn) -> Result<SignedIn, Problem> {
    let answer = client(ANSWER_PATIENCE)?
        .post(address.sign_in())
        .json(asked)
        .send()
        .await
        .map_err(|error| not_answered(address, &error))?;
    let status = answer.status();
    let retry_after = retry_after(&answer);
    let body = body(address, answer, limits::MAX_ANSWER).await?;
    if !status.is_success() {
        let status = status.as_u16();
        return Err(problem(address, status, retry_after.as_deref(), &body));
    }
    serde_json::from_slice(&body).map_err(|_| {
        tracing::warn!("the answer to a sign-in that is not a Keyrack server's");
        Problem::ServerConfused
    })
}

/// Tells the server to forget a token. Without a network it expires by itself.
pub(crate) async fn sign_out(address: &ServerAddress, token: &str) {
    let Ok(client) = client(FAREWELL_PATIENCE) else {
        return;
    };
    let told = client
        .post(address.sign_out())
        .bearer_auth(token)
        .send()
        .await;
    match told {
        Ok(answer) => tracing::info!(status = answer.status().as_u16(), "signed out"),
        Err(error) => tracing::info!(error = %error.without_url(), "the server was not told"),
    }
}

#[cfg(test)]
mod tests;
