//! Errors as answers: each meaning has one status and one code, named here and nowhere else.

use super::edge::FoundNothing;
use crate::{
    accounts::AccountError, audit::CheckError, review::ReviewError, session::Identity,
    snapshots::SnapshotError,
};
use axum::{
    Extension, Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use keyrack_model::{
    time::Timestamp,
    wire::{ErrorBody, ErrorCode, StaleProof},
};
use std::any::Any;

impl IntoResponse for AccountError {
    fn into_response(self) -> Response {
        let (status, code) = match &self {
            Self::WrongPassword => (StatusCode::UNAUTHORIZED, ErrorCode::WrongPassword),
            Self::PasswordEnded => (StatusCode::FORBIDDEN, ErrorCode::PasswordEnded),
            Self::UnknownHotel(_) => (StatusCode::NOT_FOUND, ErrorCode::UnknownHotel),
            Self::TryLater { .. } | Self::Crowded { .. } => {
                (StatusCode::TOO_MANY_REQUESTS, ErrorCode::TryLater)
            }
            Self::DeviceKey | Self::NotServed | Self::Unproven => {
                (StatusCode::FORBIDDEN, ErrorCode::DeviceKey)
            }
            Self::StaleProof { server_time } => return stale_proof(*server_time, self.to_string()),
            Self::OtherAddress(_) => (StatusCode::FORBIDDEN, ErrorCode::OtherAddress),
            Self::Unconfirmed => (StatusCode::FORBIDDEN, ErrorCode::NotConfirmed),
            Self::NotEnrolled => (StatusCode::FORBIDDEN, ErrorCode::NotEnrolled),
            Self::NotAllowed(_) => (StatusCode::FORBIDDEN, ErrorCode::NotAllowed),
            Self::OldProtocol | Self::OldSignIn => {
                (StatusCode::UPGRADE_REQUIRED, ErrorCode::OldProtocol)
            }
            Self::NewProtocol => (StatusCode::UPGRADE_REQUIRED, ErrorCode::NewProtocol),
            Self::BadRequest(_)
            | Self::Audit(CheckError::TooLong(_))
            | Self::NameTaken(_)
            | Self::CodeTaken(_)
            | Self::UnknownPerson(_)
            | Self::UnknownDevice(_)
            | Self::UnknownImportKey(_)
            | Self::Review(
                ReviewError::NotWaiting(_)
                | ReviewError::InQuarantine
                | ReviewError::OfAGuest
                | ReviewError::AuthorLeft
                | ReviewError::NotPossible(_),
            ) => (StatusCode::BAD_REQUEST, ErrorCode::BadRequest),
            Self::Review(ReviewError::MayNotDecide) => {
                (StatusCode::FORBIDDEN, ErrorCode::NotAllowed)
            }
            Self::SignedOut => return signed_out(&self.to_string()),
            Self::Audit(CheckError::Database(_))
            | Self::Database(_)
            | Self::Log(_)
            | Self::Review(ReviewError::Log(_) | ReviewError::Author(_))
            | Self::Hashing => {
                tracing::error!(error = %self, "a request failed");
                return failed();
            }
        };
        let mut headers = HeaderMap::new();
        if let Self::TryLater { seconds } | Self::Crowded { seconds } = &self {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
        }
        (headers, refuse(status, code, &self.to_string())).into_response()
    }
}

/// What the terms of service refuse; on a WebSocket the same body is a `Refuse` frame.
pub(super) fn turned_away(body: ErrorBody) -> Response {
    let status = match body.code {
        ErrorCode::WrongPassword | ErrorCode::SignedOut => StatusCode::UNAUTHORIZED,
        ErrorCode::UnknownHotel => StatusCode::NOT_FOUND,
        ErrorCode::OldProtocol | ErrorCode::NewProtocol => StatusCode::UPGRADE_REQUIRED,
        ErrorCode::BadRequest => StatusCode::BAD_REQUEST,
        ErrorCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::DeviceKey
        | ErrorCode::NotEnrolled
        | ErrorCode::NotAllowed
        | ErrorCode::OtherAddress
        | ErrorCode::PasswordEnded
        | ErrorCode::NotConfirmed => StatusCode::FORBIDDEN,
        ErrorCode::EpochChanged | ErrorCode::MustRefetch | ErrorCode::StaleProof => {
            StatusCode::CONFLICT
        }
        ErrorCode::TryLater | ErrorCode::Internal => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(body)).into_response()
}

/// What was shown opens nothing: whoever shows much of that is held up.
fn signed_out(message: &str) -> Response {
    let answer = refuse(StatusCode::UNAUTHORIZED, ErrorCode::SignedOut, message);
    (Extension(FoundNothing), answer).into_response()
}

/// The device signs once more, with this time.
fn stale_proof(server_time: Timestamp, message: String) -> Response {
    let code = ErrorCode::StaleProof;
    let error = ErrorBody { code, message };
    let body = StaleProof { error, server_time };
    (StatusCode::CONFLICT, Json(body)).into_response()
}

/// A page in a browser asks for what only devices are given.
pub(super) fn no_browsers() -> Response {
    refuse(
        StatusCode::FORBIDDEN,
        ErrorCode::NotAllowed,
        "pages of a browser are not connected to the server: please use the Keyrack app",
    )
}

/// The log cannot be asked, or the server stops.
pub(super) fn try_later() -> Response {
    refuse(
        StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::TryLater,
        "the server cannot reach its store, or it is about to stop; please try again",
    )
}

/// A body that is not what the route takes.
pub(super) fn bad_request(message: &str) -> Response {
    refuse(StatusCode::BAD_REQUEST, ErrorCode::BadRequest, message)
}

pub(super) fn too_large() -> Response {
    refuse(
        StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::TooLarge,
        "this is more than the server takes at once",
    )
}

/// No route has this path.
pub(super) async fn not_found() -> Response {
    refuse(
        StatusCode::NOT_FOUND,
        ErrorCode::BadRequest,
        "the server has nothing under this address; is it the address of a Keyrack server?",
    )
}

/// A segment that was replaced long ago, or another hotel's.
pub(super) fn no_segment() -> Response {
    refuse(
        StatusCode::NOT_FOUND,
        ErrorCode::BadRequest,
        "the hotel has no such segment; please ask for the working set again",
    )
}

pub(super) fn no_document() -> Response {
    refuse(
        StatusCode::NOT_FOUND,
        ErrorCode::BadRequest,
        "the hotel has no such document",
    )
}

/// None of the bytes that were asked for are there.
pub(super) fn beyond_the_end() -> Response {
    refuse(
        StatusCode::RANGE_NOT_SATISFIABLE,
        ErrorCode::BadRequest,
        "the segment ends before the first byte that was asked for",
    )
}

/// Snapshots cannot be read or made at the moment. The log can be read instead.
pub(super) fn no_snapshots(who: &Identity, error: &SnapshotError) -> Response {
    let error = error as &dyn std::error::Error;
    tracing::error!(hotel = %who.hotel, device = %who.device, error, "a snapshot could not be served");
    try_later()
}

/// The path has a route, for another method.
pub(super) async fn other_method() -> Response {
    refuse(
        StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::BadRequest,
        "the server does not do this under this address",
    )
}

pub(super) fn took_too_long() -> Response {
    comes_later("the server is too busy at the moment; please try again")
}

/// Nobody waits for it any more, and it is not broken off.
pub(super) fn import_goes_on() -> Response {
    comes_later(
        "bringing the file in takes longer than an answer is waited for, and goes on: the log of \
         access tells what came of it",
    )
}

/// It cannot be done yet.
pub(super) fn comes_later(message: &str) -> Response {
    refuse(
        StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::TryLater,
        message,
    )
}

/// What failed inside is nobody's business outside.
pub(super) fn failed() -> Response {
    refuse(
        StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Internal,
        "the server cannot answer at the moment; please try again",
    )
}

/// A fault of the server. What it was panicked with may hold content and is not logged.
pub(super) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a request panicked");
    metrics::counter!("panics_total").increment(1);
    failed()
}

fn refuse(status: StatusCode, code: ErrorCode, message: &str) -> Response {
    let message = message.to_owned();
    (status, Json(ErrorBody { code, message })).into_response()
}
