//! `POST /v1/sign-in`: a password and a device for a token.

use super::{State, answer::bad_request};
use axum::{
    Json,
    extract::{State as Extracted, rejection::JsonRejection},
    response::{IntoResponse, Response},
};
use keyrack_model::wire::SignIn;

pub(super) async fn handle(
    Extracted(state): Extracted<State>,
    body: Result<Json<SignIn>, JsonRejection>,
) -> Response {
    let Ok(Json(asked)) = body else {
        return bad_request("the body must be the JSON of a sign-in");
    };
    match state.accounts.sign_in(asked, state.hotels.now()).await {
        Ok(signed_in) => Json(signed_in).into_response(),
        Err(error) => error.into_response(),
    }
}
