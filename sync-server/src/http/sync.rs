//! `GET /v1/sync`: the WebSocket of a signed-in device.

use super::{
    State,
    answer::{bad_request, no_browsers},
    connections::Farewell,
    sockets::CrowdedOut,
};
use crate::{
    accounts::{AccountError, Token},
    session::{self, Admit, Admitted, Around, Binds, Gave, Identity, Look},
};
use axum::{
    Extension,
    extract::{
        State as Extracted,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use keyrack_model::limits::MAX_FRAME;
use metrics::gauge;
use tokio::sync::watch;

/// What a quiet connection holds in each direction: it grows for a larger frame.
const BUFFER: usize = 8 << 10;

pub(super) async fn handle(
    Extracted(state): Extracted<State>,
    Extension(farewell): Extension<Farewell>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    // Browsers ask on behalf of any page, and say of which; devices have none to name.
    if headers.contains_key(header::ORIGIN) {
        return no_browsers();
    }
    let token = match bearer(&headers) {
        Ok(token) => token,
        Err(error) => return error.into_response(),
    };
    let now = state.hotels.now();
    let access = state.accounts.access().follow();
    let admitted = match state.admit(&token).await {
        Ok(admitted) => admitted,
        Err(error) => return error.into_response(),
    };
    if let Err(error) = state.edge.asks(&admitted.who, now) {
        return error.into_response();
    }
    let access = access.of(admitted.who.hotel, admitted.who.user, admitted.who.device);
    let Ok(upgrade) = upgrade else {
        return bad_request("this address takes a WebSocket");
    };
    upgrade
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .max_frame_size(MAX_FRAME)
        .max_message_size(MAX_FRAME)
        .on_upgrade(move |socket| {
            let sockets = state.sockets.clone();
            sockets.track_future(async move {
                gauge!("ws_connections").increment(1.0);
                let hotels = state.hotels.clone();
                let device = (admitted.who.hotel, admitted.who.device);
                let (_open, crowded_out) = state.open.open(device);
                let stop = stop(state.stopping.clone(), crowded_out);
                let around = Around {
                    heads: state.audit_heads.clone(),
                    gave: gave(state.clone(), admitted.who.clone()),
                    binds: binds(state.clone(), admitted.who.clone()),
                    look: look(state.clone(), admitted.who.clone()),
                    access,
                    farewell: Box::new(move || farewell.say()),
                    admit: admit(state),
                };
                // In a box: it would be there once for each of the futures around it.
                Box::pin(session::run(socket, hotels, admitted, around, stop)).await;
                gauge!("ws_connections").decrement(1.0);
            })
        })
}

/// Counts what a device catches up with like what it is handed out in answers.
fn gave(state: State, who: Identity) -> Gave {
    Box::new(move |bytes| state.edge.gave(&who, bytes, state.hotels.now()))
}

/// Counts the actors that are bound to the device.
fn binds(state: State, who: Identity) -> Binds {
    Box::new(move |fresh| state.edge.binds(&who, fresh, state.hotels.now()))
}

/// Whose the tokens are that the device shows later.
fn admit(state: State) -> Admit {
    Box::new(move |token| {
        let state = state.clone();
        Box::pin(async move {
            let Ok(token) = token.parse() else {
                return Ok(None);
            };
            match state.admit(&token).await {
                // It costs what a request does.
                Ok(admitted) => {
                    let now = state.hotels.now();
                    state.edge.asks(&admitted.who, now).map(|()| Some(admitted))
                }
                Err(AccountError::SignedOut) => Ok(None),
                Err(error) => Err(error),
            }
        })
    })
}

/// Looks whether the device's session goes on, and takes note that somebody is there.
fn look(state: State, who: Identity) -> Look {
    Box::new(move |until| {
        let (accounts, now) = (state.accounts.clone(), state.hotels.now());
        let who = who.clone();
        Box::pin(async move { accounts.see_again(&Admitted { who, until }, now).await })
    })
}

/// Completes when the server stops, or when the device has opened too many others since: it is told to
/// come back.
async fn stop(mut stopping: watch::Receiver<bool>, crowded_out: CrowdedOut) {
    tokio::select! {
        // An error means that the server is gone already.
        _ = stopping.wait_for(|stopping| *stopping) => {}
        // Nothing is sent: it ends.
        _ = crowded_out => {}
    }
}

/// The token of the `Authorization` header. It is never taken from an address.
pub(super) fn bearer(headers: &HeaderMap) -> Result<Token, AccountError> {
    headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer ")?.parse().ok())
        .ok_or(AccountError::SignedOut)
}
