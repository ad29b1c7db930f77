//! What came of segments that are not whole yet. On a line that is down more often than it holds
//! for a whole segment, each time brings the rest nearer.

use keyrack_model::segment::SegmentId;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

/// As many segments are kept at most; one is asked for at a time.
const MOST: usize = 2;

/// Clones share it. It ends with the process: a restart begins one segment again.
#[derive(Clone, Default)]
pub(crate) struct Begun(Arc<Mutex<VecDeque<Part>>>);

struct Part {
    of: SegmentId,
    bytes: Vec<u8>,
}

impl Begun {
    /// The first bytes of a segment, as far as they are here; they are no longer kept.
    pub(super) fn take(&self, id: SegmentId) -> Vec<u8> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|part| part.of == id);
        at.and_then(|at| kept.remove(at))
            .map_or_else(Vec::new, |part| part.bytes)
    }

    pub(super) fn keep(&self, id: SegmentId, bytes: Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back(Part { of: id, bytes });
        while kept.len() > MOST {
            kept.pop_front();
        }
    }
}
