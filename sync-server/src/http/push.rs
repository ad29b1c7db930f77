//! `POST /v1/push`: a `Push` frame for its `Verdicts`, once the log has what was admitted.

use super::{
    State, answer,
    frames::{self, Sent},
};
use crate::{
    gate::{Author, read_push, weight_of},
    hotel::Stopped,
    processor::off_the_runtime_if_much,
    session::told_in,
};
use axum::{
    extract::{Request, State as Extracted},
    response::Response,
};
use keyrack_model::wire::{ClientFrame, OperationVerdict, ServerFrame};

pub(super) async fn handle(Extracted(state): Extracted<State>, request: Request) -> Response {
    match push(&state, request).await {
        Ok(verdicts) => frames::say(&[ServerFrame::Verdicts { verdicts }]),
        Err(refused) => refused,
    }
}

async fn push(state: &State, request: Request) -> Result<Vec<OperationVerdict>, Response> {
    let Sent {
        who,
        protocol,
        body,
    } = frames::sent(state, request).await?;
    let ClientFrame::Push {
        batch,
        signature,
        proofs,
    } = frames::frame(body)?
    else {
        return Err(answer::bad_request("this address takes a `Push` frame"));
    };
    let claims = who
        .open_push(protocol, &batch, &signature, &proofs)
        .map_err(answer::turned_away)?;
    let read = off_the_runtime_if_much(weight_of(&claims), || read_push(claims));
    let from = Author::People(who.device);
    let judged = state.hotels.push(who.hotel, from, read).await;
    let judged = judged.map_err(|Stopped| answer::try_later())?;
    Ok(told_in(protocol, judged))
}
