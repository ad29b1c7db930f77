//! `POST /v1/actors`: a `Register` frame, for what will be pushed under these actors.

use super::{State, answer, frames};
use axum::{
    body::Bytes,
    extract::{State as Extracted, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use keyrack_model::wire::ClientFrame;

pub(super) async fn handle(
    Extracted(state): Extracted<State>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    match register(&state, &headers, body).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refused) => refused,
    }
}

async fn register(
    state: &State,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(), Response> {
    let who = frames::caller(state, headers).await?;
    match frames::frame(body)? {
        ClientFrame::Register { actors } => frames::register(state, &who, &actors).await,
        ClientFrame::Hello { .. }
        | ClientFrame::Push { .. }
        | ClientFrame::Ping
        | ClientFrame::Renew { .. } => {
            Err(answer::bad_request("this address takes a `Register` frame"))
        }
    }
}
