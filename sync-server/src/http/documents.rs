//! `GET /v1/documents/{kind}/{id}`: one document with its whole story.

use super::{State, answer, edge::handed_out, frames, segments::ZSTD};
use axum::{
    extract::{Path, State as Extracted, rejection::PathRejection},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use keyrack_model::{
    class::Class,
    ids::{DocumentKind, DocumentRef},
};

/// The log that the entry is of.
const EPOCH: HeaderName = HeaderName::from_static("keyrack-epoch");
/// The entry up to which the answer has everything.
const SEQUENCE: HeaderName = HeaderName::from_static("keyrack-sequence");

pub(super) async fn handle(
    Extracted(state): Extracted<State>,
    headers: HeaderMap,
    named: Result<Path<(String, String)>, PathRejection>,
) -> Response {
    let document = named.ok().and_then(|Path((kind, id))| document(&kind, &id));
    let wanted = document.map(|document| Class::of_document(document.kind));
    let who = match frames::reader(&state, &headers, wanted.into_iter().collect()).await {
        Ok(who) => who,
        Err(refused) => return refused,
    };
    let Some(document) = document else {
        return answer::no_document();
    };
    match state.snapshots.document(who.hotel, document).await {
        Ok(Some(single)) => {
            let sequence = HeaderValue::from(single.sequence.0);
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, ZSTD);
            headers.insert(SEQUENCE, sequence);
            if let Ok(epoch) = HeaderValue::try_from(single.epoch.0.to_string()) {
                headers.insert(EPOCH, epoch);
            }
            handed_out(&state, &who, (headers, single.packed).into_response())
        }
        Ok(None) => answer::no_document(),
        Err(error) => answer::no_snapshots(&who, &error),
    }
}

/// A kind is its number or its name.
fn document(kind: &str, id: &str) -> Option<DocumentRef> {
    let named = DocumentKind::ALL
        .into_iter()
        .find(|known| known.name() == kind || u8::from(*known).to_string() == kind);
    Some(DocumentRef {
        kind: named?,
        id: id.parse().ok().map(keyrack_model::ids::DocumentId)?,
    })
}
