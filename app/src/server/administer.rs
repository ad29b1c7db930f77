//! `POST /v1/administration`: people, devices and access, which only the server knows.

use super::{
    ServerAddress,
    answer::problem,
    http::{body, client, not_answered, retry_after},
};
use keyrack_model::{
    administration::{Administered, Administration},
    ipc::Problem,
    limits,
    wire::{ErrorBody, ErrorCode},
};
use std::time::Duration;

/// The server hashes passwords behind a queue.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks for something in the name of whoever holds the token.
pub(crate) async fn administer(
    address: &ServerAddress,
    token: &str,
    asked: &Administration,
) -> Result<Administered, Problem> {
    let answer = client(PATIENCE)?
        .post(address.administration())
        .bearer_auth(token)
        .json(asked)
        .send()
        .await
        .map_err(|error| not_answered(address, &error))?;
    let status = answer.status();
    let retry_after = retry_after(&answer);
    let body = body(address, answer, limits::MAX_ADMINISTERED).await?;
    if !status.is_success() {
        let status = status.as_u16();
        return Err(declined(status, &body)
            .unwrap_or_else(|| problem(address, status, retry_after.as_deref(), &body)));
    }
    serde_json::from_slice(&body).map_err(|_| {
        tracing::warn!("an answer of the administration that is not a Keyrack server's");
        Problem::ServerConfused
    })
}

/// What the server's sentence says best: a name that is taken, somebody who is not there any more.
pub(super) fn declined(status: u16, body: &[u8]) -> Option<Problem> {
    let error: ErrorBody = serde_json::from_slice(body).ok()?;
    (status == 400 && error.code == ErrorCode::BadRequest).then(|| Problem::Declined {
        message: error.message.chars().take(limits::MAX_DECLINED).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_in_the_servers_words_is_told_in_them_and_bounded() {
        let body = |code, message: &str| {
            let message = message.to_owned();
            serde_json::to_vec(&ErrorBody { code, message }).unwrap()
        };
        let taken = body(ErrorCode::BadRequest, "the name `rui` is taken");
        let message = "the name `rui` is taken".to_owned();
        assert_eq!(declined(400, &taken), Some(Problem::Declined { message }));
        let long = body(ErrorCode::BadRequest, &"é".repeat(limits::MAX_DECLINED + 1));
        let message = "é".repeat(limits::MAX_DECLINED);
        assert_eq!(declined(400, &long), Some(Problem::Declined { message }));
        assert_eq!(declined(404, &taken), None);
        assert_eq!(declined(400, &body(ErrorCode::SignedOut, "")), None);
        assert_eq!(declined(400, b"<!doctype html>"), None);
    }
}
