//! `GET /v1/working-set`: what a new device asks for instead of the whole log.

use super::{State, answer, frames};
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
        Ok(set) => (
            [(header::CONTENT_TYPE, frames::CBOR)],
            crate::packed::cbor(&set),
        )
            .into_response(),
        Err(error) => answer::no_snapshots(&who, &error),
    }
}
