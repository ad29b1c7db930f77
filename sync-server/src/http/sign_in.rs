//! `POST /v1/sign-in`: a password and a device for a token.

use super::{
    State,
    answer::{bad_request, too_large},
    edge::Beyond,
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
    beyond: Option<Extension<Beyond>>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let beyond = beyond.map(|Extension(beyond)| beyond);
    let asked = match (read(body), beyond) {
        (Ok(asked), _) => asked,
        // It is of no device of the hotel's, whatever it is.
        (Err(_), Some(beyond)) => return beyond.refusal().into_response(),
        (Err(unread), None) => return unread,
    };
    if let Some(beyond) = beyond
        && let Err(error) = check_beyond(&state, (peer, beyond), &asked).await
    {
        return error.into_response();
    }
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

/// The sign-in that a body is.
#[expect(
    clippy::result_large_err,
    reason = "an answer is made once and handed on"
)]
fn read(body: Result<Bytes, BytesRejection>) -> Result<SignIn, Response> {
    let body = match body {
        Ok(body) => body,
        Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => return Err(too_large()),
        Err(_) => return Err(bad_request("the body did not arrive whole")),
    };
    let no_sign_in = || bad_request("the body must be the JSON of a sign-in");
    let Spoken { protocol } = serde_json::from_slice(&body).map_err(|_| no_sign_in())?;
    // Another version may say the rest in other words.
    check_sign_in_protocol(protocol).map_err(IntoResponse::into_response)?;
    serde_json::from_slice(&body).map_err(|_| no_sign_in())
}

/// Lets somebody try whose address has used up what strangers may ask: on a device that proves to be
/// one of the hotel's, which counts for itself.
async fn check_beyond(
    state: &State,
    (peer, beyond): (Peer, Beyond),
    asked: &SignIn,
) -> Result<(), AccountError> {
    let now = state.hotels.now();
    let device = match state.accounts.proven(asked, now) {
        Ok(device) => device,
        Err(refused) => {
            // Whoever asks too much hides nothing by it; it is looked up as what they ask else.
            if state.edge.looks_up(peer, beyond, now).is_ok() {
                state.accounts.note_unproven(asked, &refused, now);
            }
            return Err(refused);
        }
    };
    if !state.edge.has_heard_of(&device) {
        state.edge.looks_up(peer, beyond, now)?;
        if !state.accounts.knows(&device).await? {
            return Err(beyond.refusal());
        }
    }
    state.edge.signs_in(&device, now)
}

fn outcome<T>(signed_in: &Result<T, AccountError>) -> &'static str {
    match signed_in {
        Ok(_) => "signed-in",
        Err(AccountError::WrongPassword) => "wrong-password",
        Err(AccountError::PasswordEnded) => "password-ended",
        Err(AccountError::TryLater { .. } | AccountError::Crowded { .. }) => "slowed-down",
        Err(AccountError::NotEnrolled) => "not-enrolled",
        Err(AccountError::StaleProof { .. }) => "stale-proof",
        Err(AccountError::Unproven) => "unproven",
        Err(AccountError::OtherAddress(_)) => "other-address",
        Err(_) => "refused",
    }
}
