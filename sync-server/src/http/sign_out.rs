//! `POST /v1/sign-out`: the session of the token is over from then on.

use super::{State, edge::FoundNothing, sync::bearer};
use axum::{
    Extension,
    extract::State as Extracted,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};

pub(super) async fn handle(Extracted(state): Extracted<State>, headers: HeaderMap) -> Response {
    let signed_out = match bearer(&headers) {
        Ok(token) => state.accounts.sign_out(&token, state.hotels.now()).await,
        Err(error) => Err(error),
    };
    match signed_out {
        Ok(true) => StatusCode::NO_CONTENT.into_response(),
        // Whoever has signed out already hears the same, and so does whoever guesses.
        Ok(false) => (Extension(FoundNothing), StatusCode::NO_CONTENT).into_response(),
        Err(error) => error.into_response(),
    }
}
