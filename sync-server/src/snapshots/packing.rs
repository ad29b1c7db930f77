//! Segments of documents: cut to size, packed, and named by what is in them.

use super::kept::Kept;
use crate::packed;
use keyrack_model::{
    action::Sequence,
    limits::{SEGMENT_BYTES, SEGMENT_DOCUMENTS},
    segment::{ActionLine, DocumentState, Segment, SegmentId, SegmentName},
    time::Timestamp,
};
use std::collections::{BTreeMap, BTreeSet};

/// A segment as it is stored and sent.
pub(super) struct Packed {
    pub(super) name: SegmentName,
    pub(super) bytes: Vec<u8>,
}

/// How many of the next documents, given their sizes, make a segment; at least one.
pub(super) fn fitting(sizes: impl Iterator<Item = usize>) -> usize {
    let mut bytes = 0_usize;
    let together = sizes.take(SEGMENT_DOCUMENTS).take_while(|size| {
        bytes = bytes.saturating_add(*size);
        bytes <= SEGMENT_BYTES
    });
    together.count().max(1)
}

/// A document with the part of its story that is not older than `horizon`.
pub(super) fn state(kept: Kept, horizon: Timestamp) -> DocumentState {
    let parts = kept.story.len();
    let recent = kept
        .story
        .into_iter()
        .filter(|told| told.received_at >= horizon);
    let story: Vec<_> = recent.map(|told| told.part).collect();
    DocumentState {
        row: kept.row,
        snapshot: kept.saved,
        is_whole: kept.is_whole && story.len() == parts,
        story,
    }
}

/// The actions that the documents tell of.
pub(super) fn told_of(documents: &[DocumentState]) -> BTreeSet<Sequence> {
    let parts = documents.iter().flat_map(|document| &document.story);
    parts.map(|part| part.sequence).collect()
}

fn segment(documents: Vec<DocumentState>, lines: &BTreeMap<Sequence, ActionLine>) -> Segment {
    let told = told_of(&documents);
    let actions = told.iter().filter_map(|at| lines.get(at)).cloned();
    Segment {
        actions: actions.collect(),
        documents,
    }
}

/// Documents that belong together in one segment, however large: its bytes.
pub(super) fn packed_whole(
    documents: Vec<DocumentState>,
    lines: &BTreeMap<Sequence, ActionLine>,
) -> Vec<u8> {
    packed::pack(&packed::cbor(&segment(documents, lines)))
}

/// Documents in order, in as many segments as their bounds ask for.
pub(super) fn packed(
    documents: Vec<DocumentState>,
    lines: &BTreeMap<Sequence, ActionLine>,
) -> Vec<Packed> {
    let mut segment = segment(documents, lines);
    let content = packed::cbor(&segment);
    let many = segment.documents.len();
    if content.len() > SEGMENT_BYTES && many > 1 {
        let rest = segment.documents.split_off(many / 2);
        let mut all = packed(segment.documents, lines);
        all.extend(packed(rest, lines));
        return all;
    }
    let bytes = packed::pack(&content);
    vec![Packed {
        name: SegmentName {
            id: SegmentId(*blake3::hash(&bytes).as_bytes()),
            packed: bytes.len() as u32,
            unpacked: content.len() as u32,
            documents: many as u32,
        },
        bytes,
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::{
        change::Entity,
        ids::{DocumentId, DocumentKind, DocumentRef},
        rows::Row,
    };
    use uuid::Uuid;

    fn document(number: u128, bytes: usize) -> DocumentState {
        let document = DocumentRef {
            kind: DocumentKind::Task,
            id: DocumentId(Uuid::from_u128(number)),
        };
        DocumentState {
            row: Row {
                document,
                entity: Entity::empty(document.kind),
                conflicts: vec![],
                changed_at: Timestamp(0),
            },
            snapshot: vec![7; bytes],
            story: vec![],
            is_whole: true,
        }
    }

    #[test]
    fn a_segment_ends_at_its_bounds_and_never_before_its_first_document() {
        let sizes = |size: usize| std::iter::repeat_n(size, 2 * SEGMENT_DOCUMENTS);
        assert_eq!(fitting(sizes(1)), SEGMENT_DOCUMENTS);
        assert_eq!(fitting(sizes(SEGMENT_BYTES / 10)), 10);
        assert_eq!(fitting(sizes(SEGMENT_BYTES + 1)), 1);
    }

    #[test]
    fn what_is_larger_than_it_seemed_is_cut_in_order() {
        let documents: Vec<_> = (0..5)
            .map(|number| document(number, SEGMENT_BYTES / 2))
            .collect();
        let packed = packed(documents.clone(), &BTreeMap::new());
        assert!(packed.len() >= 3);
        let read: Vec<DocumentState> = packed
            .iter()
            .flat_map(|packed| {
                assert!(packed.name.unpacked as usize <= SEGMENT_BYTES);
                let segment: Segment =
                    packed::unpack(&packed.bytes, packed.name.unpacked as usize).unwrap();
                segment.documents
            })
            .collect();
        assert_eq!(read, documents);
        let alone = self::packed(vec![document(1, SEGMENT_BYTES + 1)], &BTreeMap::new());
        assert_eq!(alone.len(), 1);
    }
}
