//! Errors as answers: each meaning has one status and one code, named here and nowhere else.

use crate::accounts::AccountError;
use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use keyrack_model::wire::{ErrorBody, ErrorCode};

impl IntoResponse for AccountError {
    fn into_response(self) -> Response {
        let (status, code) = match &self {
            Self::WrongPassword => (StatusCode::UNAUTHORIZED, ErrorCode::WrongPassword),
            Self::UnknownHotel(_) => (StatusCode::NOT_FOUND, ErrorCode::UnknownHotel),
            Self::TryLater { .. } => (StatusCode::TOO_MANY_REQUESTS, ErrorCode::TryLater),
            Self::DeviceKey => (StatusCode::FORBIDDEN, ErrorCode::DeviceKey),
            Self::OldProtocol => (StatusCode::UPGRADE_REQUIRED, ErrorCode::OldProtocol),
            Self::NewProtocol => (StatusCode::UPGRADE_REQUIRED, ErrorCode::NewProtocol),
            Self::BadRequest(_) | Self::NameTaken(_) | Self::CodeTaken(_) => {
                (StatusCode::BAD_REQUEST, ErrorCode::BadRequest)
            }
            Self::SignedOut => (StatusCode::UNAUTHORIZED, ErrorCode::SignedOut),
            Self::Database(_) | Self::Hashing => {
                tracing::error!(error = %self, "a request failed");
                (StatusCode::SERVICE_UNAVAILABLE, ErrorCode::Internal)
            }
        };
        let message = match &self {
            // What failed inside is nobody's business outside.
            Self::Database(_) | Self::Hashing => {
                "the server cannot answer at the moment; please try again".to_owned()
            }
            other => other.to_string(),
        };
        let mut headers = HeaderMap::new();
        if let Self::TryLater { seconds } = &self {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
        }
        (status, headers, Json(ErrorBody { code, message })).into_response()
    }
}

/// A body that is not what the route takes.
pub(super) fn bad_request(message: &str) -> Response {
    let body = ErrorBody {
        code: ErrorCode::BadRequest,
        message: message.to_owned(),
    };
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}
