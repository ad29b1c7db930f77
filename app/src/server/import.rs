//! `POST /v1/import/{kind}`: a file that the server reads, and brings in when that is asked for.

use super::{
    ServerAddress,
    administer::declined,
    answer::problem,
    http::{body, client, not_answered, retry_after},
};
use keyrack_model::{
    import::{ImportAsked, ImportReport, Mapping},
    ipc::Problem,
    limits::{IMPORT_PATIENCE_SECONDS, MAX_IMPORT_REPORT},
};
use serde::Serialize;
use std::time::Duration;

/// The server itself waits no longer.
const PATIENCE: Duration = Duration::from_secs(IMPORT_PATIENCE_SECONDS + 10);
/// Of a report on a file of which nothing was written, because rows are in error.
const REFUSED: u16 = 422;

#[derive(Serialize)]
struct Body<'a> {
    mapping: Option<&'a Mapping>,
    file: &'a str,
}

/// Sends a file in the name of whoever holds the token.
pub(crate) async fn import(
    address: &ServerAddress,
    token: &str,
    asked: &ImportAsked,
) -> Result<ImportReport, Problem> {
    let file = Body {
        mapping: asked.mapping.as_ref(),
        file: &asked.file,
    };
    let answer = client(PATIENCE)?
        .post(address.import(asked.kind, asked.wish))
        .bearer_auth(token)
        .json(&file)
        .send()
        .await
        .map_err(|error| not_answered(address, &error))?;
    let status = answer.status();
    let retry_after = retry_after(&answer);
    let body = body(address, answer, MAX_IMPORT_REPORT).await?;
    if !status.is_success() && status.as_u16() != REFUSED {
        let status = status.as_u16();
        return Err(declined(status, &body)
            .unwrap_or_else(|| problem(address, status, retry_after.as_deref(), &body)));
    }
    serde_json::from_slice(&body).map_err(|_| {
        tracing::warn!("an answer to a file that is not a Keyrack server's");
        Problem::ServerConfused
    })
}
