//! `GET /v1/segments/{id}`: the bytes of a segment, or those of them that are still missing.

use super::{State, answer, edge::handed_out, frames};
use crate::snapshots::{Asked, Part};
use axum::{
    extract::{Path, State as Extracted, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use keyrack_model::{class::Reading, segment::SegmentId};

/// One zstd frame.
pub(super) const ZSTD: HeaderValue = HeaderValue::from_static("application/zstd");
const BYTES: HeaderValue = HeaderValue::from_static("bytes");

pub(super) async fn handle(
    Extracted(state): Extracted<State>,
    headers: HeaderMap,
    id: Result<Path<String>, PathRejection>,
) -> Response {
    let who = match frames::reader(&state, &headers, Reading::of_documents()).await {
        Ok(who) => who,
        Err(refused) => return refused,
    };
    let Some(id) = id.ok().and_then(|Path(id)| segment_id(&id)) else {
        return answer::no_segment();
    };
    let asked = asked(&headers);
    match state.snapshots.segment(who.hotel, id, asked).await {
        Ok(Some(part)) => handed_out(&state, &who, answered(asked, part)),
        Ok(None) => answer::no_segment(),
        Err(error) => answer::no_snapshots(&who, &error),
    }
}

fn answered(asked: Asked, part: Part) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT_RANGES, BYTES);
    let length = part.length;
    let Some((first, bytes)) = part.bytes else {
        content_range(&mut headers, format!("bytes */{length}"));
        return (headers, answer::beyond_the_end()).into_response();
    };
    headers.insert(header::CONTENT_TYPE, ZSTD);
    if asked == Asked::All {
        return (headers, bytes).into_response();
    }
    let last = first + (bytes.len() as u64).saturating_sub(1);
    content_range(&mut headers, format!("bytes {first}-{last}/{length}"));
    (StatusCode::PARTIAL_CONTENT, headers, bytes).into_response()
}

fn content_range(headers: &mut HeaderMap, range: String) {
    if let Ok(range) = HeaderValue::try_from(range) {
        headers.insert(header::CONTENT_RANGE, range);
    }
}

/// What the `Range` header asks for (RFC 9110, section 14). One that is not understood, and one of
/// several parts, is passed over, as the standard allows.
fn asked(headers: &HeaderMap) -> Asked {
    let range = headers
        .get(header::RANGE)
        .and_then(|range| range.to_str().ok());
    range.and_then(range_of).unwrap_or(Asked::All)
}

fn range_of(range: &str) -> Option<Asked> {
    let (unit, range) = range.split_once('=')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = range.trim().split_once('-')?;
    match (first, last) {
        ("", many) => number(many).map(Asked::Last),
        (first, "") => Some(Asked::From(number(first)?, None)),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(Asked::From(first, Some(last)))
        }
    }
}

/// Digits and nothing else; more than there are numbers for is beyond every segment.
fn number(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

/// 64 lower-case hexadecimal digits.
fn segment_id(text: &str) -> Option<SegmentId> {
    let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if text.len() != 64 || !text.bytes().all(is_hex) {
        return None;
    }
    let mut id = [0; 32];
    for (byte, digits) in id.iter_mut().zip(text.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(digits).ok()?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(SegmentId(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_of_bytes_and_of_one_part() {
        for (range, asked) in [
            ("bytes=0-", Some(Asked::From(0, None))),
            ("Bytes=5-9", Some(Asked::From(5, Some(9)))),
            ("bytes=-3", Some(Asked::Last(3))),
            (
                "bytes=99999999999999999999-",
                Some(Asked::From(u64::MAX, None)),
            ),
            ("bytes=9-5", None),
            ("bytes=-", None),
            ("bytes=+1-", None),
            ("bytes=0-1,3-4", None),
            ("lines=0-", None),
            ("0-", None),
        ] {
            assert_eq!(range_of(range), asked, "{range}");
        }
    }
}
