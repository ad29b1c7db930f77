//! `POST /v1/refresh`: what a session goes on with, for the token that came with the last one.

use super::{
    State,
    answer::{bad_request, too_large},
};
use crate::{
    accounts::{AccountError, Token},
    peer::Peer,
};
use axum::{
    Extension, Json,
    body::Bytes,
    extract::{State as Extracted, rejection::BytesRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use keyrack_model::wire::{Refresh, Refreshed};
use metrics::counter;

pub(super) async fn handle(
    Extracted(state): Extracted<State>,
    Extension(peer): Extension<Peer>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => return too_large(),
        Err(_) => return bad_request("the body did not arrive whole"),
    };
    let Ok(Refresh { token }) = serde_json::from_slice(&body) else {
        return bad_request("the body must be the JSON of a refresh");
    };
    let refreshed = refresh(&state, peer, &token).await;
    counter!("refreshes_total", "outcome" => outcome(&refreshed)).increment(1);
    match refreshed {
        Ok(refreshed) => Json(refreshed).into_response(),
        Err(error) => error.into_response(),
    }
}

async fn refresh(state: &State, peer: Peer, token: &str) -> Result<Refreshed, AccountError> {
    let now = state.hotels.now();
    let shown = token.parse::<Token>().ok();
    state.edge.refreshes(peer, shown.as_ref(), now)?;
    let refreshed = match &shown {
        Some(shown) => state.accounts.refresh(shown, now).await,
        None => Err(AccountError::SignedOut),
    };
    match &refreshed {
        Ok(refreshed) => {
            state.edge.note(&refreshed.token);
            state.edge.note(&refreshed.renewal.token);
        }
        Err(AccountError::SignedOut) => state.edge.refreshed_nothing(peer, shown.as_ref(), now),
        Err(_) => {}
    }
    refreshed
}

fn outcome(refreshed: &Result<Refreshed, AccountError>) -> &'static str {
    match refreshed {
        Ok(_) => "refreshed",
        Err(AccountError::SignedOut) => "signed-out",
        Err(AccountError::Crowded { .. }) => "slowed-down",
        Err(_) => "failed",
    }
}
