//! `GET /v1/records`: what is no document, as of an entry, for a device that did not read the log
//! up to there or did not read all of it.

use super::{State, answer, edge::handed_out, frames};
use crate::{
    log::{Log, LogError},
    session::{self, Identity},
};
use axum::{
    extract::{Query, State as Extracted, rejection::QueryRejection},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use keyrack_model::{action::Sequence, limits::RECORD_PAGE, segment::RecordPage};
use serde::Deserialize;

/// What the address asks for.
#[derive(Deserialize)]
pub(super) struct Asked {
    /// The last entry that counts.
    up_to: Sequence,
    /// The last entry of the page before.
    #[serde(default)]
    after: Sequence,
}

pub(super) async fn handle(
    Extracted(state): Extracted<State>,
    headers: HeaderMap,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let who = match frames::caller(&state, &headers).await {
        Ok(who) => who,
        Err(refused) => return refused,
    };
    let Ok(Query(asked)) = asked else {
        return answer::bad_request("`up_to` and `after` are numbers");
    };
    match page(&state, &who, &asked).await {
        Ok(page) => {
            let page = crate::packed::cbor(&page);
            let page = ([(header::CONTENT_TYPE, frames::CBOR)], page).into_response();
            handed_out(&state, &who, page)
        }
        Err(error) => frames::unavailable(&who, &error),
    }
}

/// Made for whoever asks and with the role that they have: nothing of it is stored.
async fn page(state: &State, who: &Identity, asked: &Asked) -> Result<RecordPage, LogError> {
    let log = state.hotels.log().as_ref();
    let head = log.head(who.hotel).await?;
    let reading = session::reading_of(log, who).await?;
    let up_to = head.sequence.min(asked.up_to);
    let mut entries = log
        .records_as_of(who.hotel, up_to, reading, asked.after, RECORD_PAGE + 1)
        .await?;
    let is_last = entries.len() <= RECORD_PAGE;
    entries.truncate(RECORD_PAGE);
    Ok(RecordPage {
        epoch: head.epoch,
        classes: reading.classes(),
        entries,
        is_last,
    })
}
