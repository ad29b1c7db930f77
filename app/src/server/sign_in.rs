//! `POST /v1/sign-in` and `POST /v1/sign-out`.

use super::{
    ServerAddress,
    answer::{problem, unreachable},
};
use keyrack_model::{
    ipc::Problem,
    limits,
    wire::{SignIn, SignedIn},
};
use reqwest::{Client, Response, header::RETRY_AFTER, redirect::Policy};
use std::time::Duration;

const CONNECT_PATIENCE: Duration = Duration::from_secs(6);
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
    let retry_after = answer
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let body = bounded_body(address, answer).await?;
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

/// One for each call: they are rare, and an idle connection would outlive the network it was
/// made on. No redirect is followed with a password, and no proxy is asked that the WebSocket
/// would not use.
fn client(patience: Duration) -> Result<Client, Problem> {
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

async fn bounded_body(address: &ServerAddress, mut answer: Response) -> Result<Vec<u8>, Problem> {
    let mut body = Vec::new();
    while let Some(chunk) = answer
        .chunk()
        .await
        .map_err(|error| not_answered(address, &error))?
    {
        if body.len() + chunk.len() > limits::MAX_ANSWER {
            tracing::warn!("an answer without end");
            return Err(Problem::ServerConfused);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn not_answered(address: &ServerAddress, error: &reqwest::Error) -> Problem {
    use std::error::Error;
    tracing::info!(%error, cause = error.source(), "no answer");
    if error.is_connect() || error.is_timeout() {
        unreachable(address)
    } else {
        // Something listens there that does not speak HTTP, or stops in the middle of it.
        Problem::ServerConfused
    }
}

#[cfg(test)]
mod tests;
