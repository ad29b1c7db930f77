//! `GET /v1/working-set`: what a new device asks for instead of the whole log.

use super::{State, answer, edge::handed_out, frames};
use axum::{
    extract::State as Extracted,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use keyrack_model::class::Reading;

pub(super) async fn handle(Extracted(state): Extracted<State>, headers: HeaderMap) -> Response {
    let who = match frames::reader(&state, &headers, Reading::of_documents()).await {
        Ok(who) => who,
        Err(refused) => return refused,
    };
    match state.snapshots.working_set(who.hotel).await {
        Ok(set) => {
            let set = crate::packed::cbor(&set);
            let set = ([(header::CONTENT_TYPE, frames::CBOR)], set).into_response();
            handed_out(&state, &who, set)
        }
        Err(error) => answer::no_snapshots(&who, &error),
    }
}
