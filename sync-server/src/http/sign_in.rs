//! `POST /v1/sign-in`: a password and a device for a token.

use super::{
    State,
    answer::{bad_request, too_large},
};
use crate::{
    accounts::{AccountError, check_sign_in_protocol},
    peer::Peer,
};
use axum::{
    Extension, Json,
    body::Bytes,
    extract::{State as Extracted, rejection::BytesRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use keyrack_model::wire::SignIn;
use metrics::counter;
use serde::Deserialize;

/// The part of a sign-in that every version has.
#[derive(Deserialize)]
struct Spoken {
    protocol: u16,
}

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
    let Ok(Spoken { protocol }) = serde_json::from_slice(&body) else {
        return bad_request("the body must be the JSON of a sign-in");
    };
    // Another version may say the rest in other words.
    if let Err(error) = check_sign_in_protocol(protocol) {
        return error.into_response();
    }
    let Ok(asked) = serde_json::from_slice::<SignIn>(&body) else {
        return bad_request("the body must be the JSON of a sign-in");
    };
    let signed_in = state
        .accounts
        .sign_in(asked, peer, state.hotels.now())
        .await;
    counter!("sign_ins_total", "outcome" => outcome(&signed_in)).increment(1);
    match signed_in {
        Ok(signed_in) => {
            state.edge.note(&signed_in.token);
            if let Some(renewal) = &signed_in.renewal {
                state.edge.note(&renewal.token);
            }
            Json(signed_in).into_response()
        }
        Err(error) => error.into_response(),
    }
}

fn outcome<T>(signed_in: &Result<T, AccountError>) -> &'static str {
    match signed_in {
        Ok(_) => "signed-in",
        Err(AccountError::WrongPassword) => "wrong-password",
        Err(AccountError::TryLater { .. } | AccountError::Crowded { .. }) => "slowed-down",
        Err(AccountError::NotEnrolled) => "not-enrolled",
        Err(AccountError::StaleProof { .. }) => "stale-proof",
        Err(AccountError::Unproven) => "unproven",
        Err(_) => "refused",
    }
}
