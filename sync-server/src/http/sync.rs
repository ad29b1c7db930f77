//! `GET /v1/sync`: the WebSocket of a signed-in device.

use super::State;
use crate::{
    accounts::{AccountError, Token},
    session,
};
use axum::{
    extract::{State as Extracted, ws::WebSocketUpgrade},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use keyrack_model::limits::MAX_FRAME;
use metrics::gauge;

pub(super) async fn handle(
    Extracted(state): Extracted<State>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let authenticated = match bearer(&headers) {
        Ok(token) => {
            state
                .accounts
                .authenticate(&token, state.hotels.now())
                .await
        }
        Err(error) => Err(error),
    };
    let who = match authenticated {
        Ok(who) => who,
        Err(error) => return error.into_response(),
    };
    upgrade
        .max_frame_size(MAX_FRAME)
        .max_message_size(MAX_FRAME)
        .on_upgrade(move |socket| {
            let sockets = state.sockets.clone();
            sockets.track_future(async move {
                gauge!("ws_connections").increment(1.0);
                let mut stopping = state.stopping.clone();
                let stop = async move {
                    // An error means that the server is gone already.
                    let _ = stopping.wait_for(|stopping| *stopping).await;
                };
                session::run(socket, state.hotels, who, stop).await;
                gauge!("ws_connections").decrement(1.0);
            })
        })
}

/// The token of the `Authorization` header. It is never taken from an address.
pub(super) fn bearer(headers: &HeaderMap) -> Result<Token, AccountError> {
    headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer ")?.parse().ok())
        .ok_or(AccountError::SignedOut)
}
