//! `POST /v1/sign-in` and `POST /v1/sign-out`.

use super::{
    ServerAddress,
    answer::problem,
    http::{body, client, not_answered, retry_after},
};
use keyrack_model::{
    ipc::Problem,
    limits,
    time::Timestamp,
    wire::{ErrorCode, SignIn, SignedIn, StaleProof},
};
use keyrack_replica::NewDevice;
use std::time::Duration;

/// The server hashes the password behind a queue.
const ANSWER_PATIENCE: Duration = Duration::from_secs(30);
/// Proofs that a device makes for one sign-in: with its own time, and with the server's.
const TRIES: usize = 2;
const FAREWELL_PATIENCE: Duration = Duration::from_secs(6);

/// What a server that was reached says to a sign-in.
enum Answered {
    SignedIn(Box<SignedIn>),
    /// Its clock shows this, and that of the device something else.
    Stale(Timestamp),
}

/// Exchanges a password for a token. `now` is what this device's clock shows: when that is not the
/// server's, the device signs once more with the time that it is told. No clock is set by it.
pub(crate) async fn sign_in(
    address: &ServerAddress,
    asked: &SignIn,
    device: &NewDevice,
    now: Timestamp,
) -> Result<SignedIn, Problem> {
    let origin = address.origin();
    let mut at = now;
    for _ in 0..TRIES {
        match ask(address, &device.prove(asked.clone(), &origin, at)).await? {
            Answered::SignedIn(signed_in) => return Ok(*signed_in),
            Answered::Stale(server_time) => {
                tracing::info!("the server's clock and this device's differ");
                at = server_time;
            }
        }
    }
    tracing::warn!("the server takes no proof with its own time");
    Err(Problem::ServerConfused)
}

async fn ask(address: &ServerAddress, asked: &SignIn) -> Result<Answered, Problem> {
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
        if let Some(server_time) = time_wanted(&body) {
            return Ok(Answered::Stale(server_time));
        }
        let status = status.as_u16();
        return Err(problem(address, status, retry_after.as_deref(), &body));
    }
    let signed_in = serde_json::from_slice(&body).map_err(|_| {
        tracing::warn!("the answer to a sign-in that is not a Keyrack server's");
        Problem::ServerConfused
    });
    signed_in.map(Answered::SignedIn)
}

/// Of which time the server takes a proof, when that was all that it found wrong.
fn time_wanted(body: &[u8]) -> Option<Timestamp> {
    let stale: StaleProof = serde_json::from_slice(body).ok()?;
    (stale.error.code == ErrorCode::StaleProof).then_some(stale.server_time)
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
