//! Frames in requests, for networks and clients without WebSockets: what came in as a body, and an
//! array of frames as the answer. Bodies are not compressed.

use super::{State, answer, sync::bearer};
use crate::{
    accounts::{AccountError, Token, check_protocol},
    log::{Log, LogError},
    session::{self, Admitted, Identity},
};
use axum::{
    body::Bytes,
    extract::{FromRequest, Request, rejection::BytesRejection},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use keyrack_model::{
    class::Reading,
    ids::HotelId,
    wire::{ActorRegistration, ClientFrame, ServerFrame},
};

/// The protocol that a request speaks; the same number as in a `Hello`.
const PROTOCOL_HEADER: HeaderName = HeaderName::from_static("keyrack-protocol");
pub(super) const CBOR: HeaderValue = HeaderValue::from_static("application/cbor");

/// The version that a request speaks.
#[expect(
    clippy::result_large_err,
    reason = "an answer is made once and handed on"
)]
pub(super) fn protocol(headers: &HeaderMap) -> Result<u16, Response> {
    let number = headers.get(PROTOCOL_HEADER);
    let number = number.and_then(|value| value.to_str().ok()?.parse().ok());
    number.ok_or_else(|| {
        answer::bad_request("the header `keyrack-protocol` must be the number of the protocol")
    })
}

/// Who asks. The answer to whoever may not is the error.
pub(super) async fn caller(state: &State, headers: &HeaderMap) -> Result<Identity, Response> {
    let admitted = admitted(state, headers).await?;
    Ok(admitted.who)
}

/// The same with how long they may.
pub(super) async fn admitted(state: &State, headers: &HeaderMap) -> Result<Admitted, Response> {
    let protocol = protocol(headers)?;
    let now = state.hotels.now();
    let admitted = async {
        check_protocol(protocol)?;
        let admitted = state.admit(&bearer(headers)?).await?;
        state.edge.asks(&admitted.who, now)?;
        Ok::<_, AccountError>(admitted)
    };
    admitted.await.map_err(IntoResponse::into_response)
}

/// A request that sends something.
pub(super) struct Sent {
    token: Token,
    /// The version that it speaks.
    pub(super) protocol: u16,
    pub(super) body: Result<Bytes, BytesRejection>,
}

/// What somebody sends who may ask: nothing of it is read before that is known.
pub(super) async fn sent(state: &State, request: Request) -> Result<Sent, Response> {
    let (head, body) = request.into_parts();
    caller(state, &head.headers).await?;
    let token = bearer(&head.headers).map_err(IntoResponse::into_response)?;
    let protocol = protocol(&head.headers)?;
    let body = Bytes::from_request(Request::from_parts(head, body), &()).await;
    Ok(Sent {
        token,
        protocol,
        body,
    })
}

impl Sent {
    pub(super) fn hotel(&self) -> HotelId {
        self.token.hotel()
    }

    /// Who it is by now: while their request came, or waited, their session may have ended, or keys of
    /// people on their device may have been taken back.
    pub(super) async fn who(&self, state: &State) -> Result<Identity, Response> {
        let admitted = state.admit(&self.token).await;
        let admitted = admitted.map_err(IntoResponse::into_response)?;
        Ok(admitted.who)
    }
}

/// Who asks, if what is asked for is read there. The answer to whoever may not is the error.
pub(super) async fn reader(
    state: &State,
    headers: &HeaderMap,
    wanted: Reading,
) -> Result<Identity, Response> {
    let who = caller(state, headers).await?;
    match session::reading_of(state.hotels.log().as_ref(), &who).await {
        Ok(reading) if reading.covers(wanted) => Ok(who),
        Ok(_) => Err(AccountError::NotServed.into_response()),
        Err(error) => Err(unavailable(&who, &error)),
    }
}

/// The frame that a body is.
#[expect(
    clippy::result_large_err,
    reason = "an answer is made once and handed on"
)]
pub(super) fn frame(body: Result<Bytes, BytesRejection>) -> Result<ClientFrame, Response> {
    match body {
        Ok(body) => session::read_frame(&body).map_err(answer::turned_away),
        Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(answer::too_large()),
        Err(_) => Err(answer::bad_request("the body did not arrive whole")),
    }
}

/// Binds actors to the caller, as at the beginning of a session.
pub(super) async fn register(
    state: &State,
    who: &Identity,
    protocol: u16,
    actors: Vec<ActorRegistration>,
) -> Result<(), Response> {
    let actors = who.known_actors(protocol, actors);
    let actors = actors.map_err(answer::turned_away)?;
    let log = state.hotels.log();
    let fresh = session::fresh_actors(log.as_ref(), who.hotel, &actors).await;
    let fresh = fresh.map_err(|error| unavailable(who, &error))?;
    let bound = state.edge.binds(who, fresh, state.hotels.now());
    bound.map_err(IntoResponse::into_response)?;
    let clashes = log.register_actors(who.hotel, who.device, &actors).await;
    let clashes = clashes.map_err(|error| unavailable(who, &error))?;
    session::clashes(&clashes).map_err(answer::turned_away)
}

/// What the server says.
pub(super) fn say(frames: &[ServerFrame]) -> Response {
    let mut bytes = Vec::new();
    match ciborium::into_writer(frames, &mut bytes) {
        Ok(()) => ([(header::CONTENT_TYPE, CBOR)], bytes).into_response(),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written");
            answer::failed()
        }
    }
}

pub(super) fn unavailable(who: &Identity, error: &LogError) -> Response {
    tracing::error!(hotel = %who.hotel, device = %who.device, %error, "a request could not be served");
    answer::try_later()
}
