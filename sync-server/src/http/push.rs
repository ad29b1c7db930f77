//! `POST /v1/push`: a `Push` frame for its `Verdicts`, once the log has what was admitted.

use super::{State, answer, frames};
use crate::{
    gate::{Author, read_push, weight_of},
    hotel::Stopped,
    processor::off_the_runtime_if_much,
};
use axum::{
    body::Bytes,
    extract::{State as Extracted, rejection::BytesRejection},
    http::HeaderMap,
    response::Response,
};
use keyrack_model::wire::{ClientFrame, OperationVerdict, ServerFrame};

pub(super) async fn handle(
    Extracted(state): Extracted<State>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    match push(&state, &headers, body).await {
        Ok(verdicts) => frames::say(&[ServerFrame::Verdicts { verdicts }]),
        Err(refused) => refused,
    }
}

async fn push(
    state: &State,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Vec<OperationVerdict>, Response> {
    let who = frames::caller(state, headers).await?;
    let ClientFrame::Push { batch, signature } = frames::frame(body)? else {
        return Err(answer::bad_request("this address takes a `Push` frame"));
    };
    let actions = who
        .open_push(&batch, &signature)
        .map_err(answer::turned_away)?;
    let read = off_the_runtime_if_much(weight_of(&actions), || read_push(actions));
    let from = Author::People(who.device);
    let judged = state.hotels.push(who.hotel, from, read).await;
    judged.map_err(|Stopped| answer::try_later())
}
