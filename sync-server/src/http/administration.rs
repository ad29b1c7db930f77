//! `POST /v1/administration`: people, devices and access, asked for by whoever is signed in.

use super::{
    State,
    answer::{bad_request, too_large},
    sync::bearer,
};
use crate::{
    accounts::AccountError,
    log::review::Decider,
    peer::Peer,
    review::{ReviewError, Reviews},
    session::Identity,
};
use axum::{
    Extension, Json,
    body::Bytes,
    extract::{State as Extracted, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use keyrack_model::{
    administration::{Administered, Administration},
    ids::OperationId,
};

pub(super) async fn handle(
    Extracted(state): Extracted<State>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => return too_large(),
        Err(_) => return bad_request("the body did not arrive whole"),
    };
    let Ok(asked) = serde_json::from_slice::<Administration>(&body) else {
        return bad_request("the body must be the JSON of something that this server administers");
    };
    match administer(&state, peer, &headers, &asked).await {
        Ok(administered) => Json(administered).into_response(),
        Err(error) => error.into_response(),
    }
}

async fn administer(
    state: &State,
    peer: Peer,
    headers: &HeaderMap,
    asked: &Administration,
) -> Result<Administered, AccountError> {
    let token = bearer(headers)?;
    let now = state.hotels.now();
    let who = state.admit(&token).await?.who;
    state.edge.asks(&who, now)?;
    let accounts = &state.accounts;
    let administered = accounts.administer(&who, peer, asked, now).await?;
    if let Administered::PasswordChanged(refreshed) = &administered {
        state.edge.note(&refreshed.token);
        state.edge.note(&refreshed.renewal.token);
    }
    match asked {
        Administration::Approve { operation } => complete(state, &who, *operation).await,
        Administration::Look
        | Administration::Confirm { .. }
        | Administration::TakeOn { .. }
        | Administration::SetRole { .. }
        | Administration::ResetPassword { .. }
        | Administration::Dismiss { .. }
        | Administration::ChangePassword { .. }
        | Administration::MakeDeviceCode
        | Administration::RenameDevice { .. }
        | Administration::RevokeDevice { .. }
        | Administration::SetGuestNames { .. }
        | Administration::EndSession { .. }
        | Administration::MakeImportKey { .. }
        | Administration::RevokeImportKey { .. }
        | Administration::ReadAudit { .. }
        | Administration::VerifyAudit
        | Administration::VerifyAuditFrom { .. }
        | Administration::Reviews
        | Administration::Decline { .. } => Ok(administered),
    }
}

/// Has the hotel's loop carry out what is approved by now. What is broken off is gone on with when
/// somebody approves it again.
async fn complete(
    state: &State,
    who: &Identity,
    operation: OperationId,
) -> Result<Administered, AccountError> {
    let by = Decider::SignedIn {
        person: who.user,
        device: who.device,
    };
    let reviews = Reviews::of(&state.hotels, who.hotel);
    let completed = reviews.complete(operation, by).await;
    state.audit_heads.touch(who.hotel);
    match completed {
        Ok(()) => Ok(Administered::Done),
        Err(ReviewError::NotPossible(reason)) => Ok(Administered::NotPossible(reason)),
        Err(error) => Err(error.into()),
    }
}
