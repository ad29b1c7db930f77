//! `POST /v1/actors`: a `Register` frame, for what will be pushed under these actors.

use super::{State, answer, frames};
use axum::{
    extract::{Request, State as Extracted},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use keyrack_model::wire::ClientFrame;

pub(super) async fn handle(Extracted(state): Extracted<State>, request: Request) -> Response {
    match register(&state, request).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refused) => refused,
    }
}

async fn register(state: &State, request: Request) -> Result<(), Response> {
    let sent = frames::sent(state, request).await?;
    let who = sent.who(state).await?;
    match frames::frame(sent.body)? {
        ClientFrame::Register { actors } => {
            frames::register(state, &who, sent.protocol, actors).await
        }
        ClientFrame::Hello { .. }
        | ClientFrame::Push { .. }
        | ClientFrame::Ping
        | ClientFrame::Renew { .. } => {
            Err(answer::bad_request("this address takes a `Register` frame"))
        }
    }
}
