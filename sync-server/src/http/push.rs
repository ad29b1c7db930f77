//! `POST /v1/push`: a `Push` frame for its `Verdicts`, once the log has what was admitted.

use super::{
    State, answer,
    frames::{self, Sent},
};
use crate::{
    accounts::AccountError,
    gate::Author,
    hotel::{Stopped, Turn},
    session::{SignedBatch, told_in},
};
use axum::{
    body::Bytes,
    extract::{Request, State as Extracted},
    response::{IntoResponse, Response},
};
use keyrack_model::{
    administration::Suspicion,
    limits::PROMPT_MESSAGE,
    wire::{ClientFrame, ErrorCode, OperationVerdict, ServerFrame},
};

pub(super) async fn handle(Extracted(state): Extracted<State>, request: Request) -> Response {
    match push(&state, request).await {
        Ok(verdicts) => frames::say(&[ServerFrame::Verdicts { verdicts }]),
        Err(refused) => refused,
    }
}

async fn push(state: &State, request: Request) -> Result<Vec<OperationVerdict>, Response> {
    let request = frames::sent(state, request).await?;
    let turn = match &request.body {
        Ok(body) if body.len() >= PROMPT_MESSAGE => {
            state.hotels.room(request.hotel()).await;
            Turn::Waited
        }
        Ok(_) | Err(_) => Turn::Prompt,
    };
    let who = request.who(state).await?;
    let Sent { protocol, body, .. } = request;
    let sent = body.as_ref().map_or(0, Bytes::len);
    let ClientFrame::Push {
        batch,
        signature,
        proofs,
    } = frames::frame(body)?
    else {
        return Err(answer::bad_request("this address takes a `Push` frame"));
    };
    let push = SignedBatch {
        batch: &batch,
        signature: &signature,
        proofs: &proofs,
        sent,
    };
    let claims = match who.open_push(protocol, push) {
        Ok(claims) => claims,
        Err(body) => {
            if body.code == ErrorCode::DeviceKey {
                let of = (who.device, Some(who.user));
                state
                    .hotels
                    .suspect(who.hotel, of, Suspicion::Signature)
                    .await;
            }
            return Err(answer::turned_away(body));
        }
    };
    let from = Author::People(who.device);
    let judged = async {
        let pending = state.hotels.begin_claims(who.hotel, from, claims, turn);
        pending.await?.await.map_err(|_| Stopped)
    };
    let judged = judged.await.map_err(|Stopped| answer::try_later())?;
    if let Some(millis) = judged.spent {
        return Err(AccountError::crowded(millis).into_response());
    }
    Ok(told_in(protocol, judged.verdicts))
}
