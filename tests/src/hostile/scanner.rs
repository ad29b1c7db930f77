//! A change chunk before anything is known of it: what the scanner lets through, Automerge reads
//! without claiming more than was measured.

use super::chunk::mend_checksum;
use keyrack_document::ChangeHeader;
use keyrack_model::limits::{MAX_CHANGE_DEPS, MAX_CHANGE_PREDECESSORS, MAX_CHANGE_ROWS};
use keyrack_server::gate::scanner::measure;

/// The first byte says whether the checksum is to fit; the rest is the chunk.
pub fn scanner(bytes: &[u8]) {
    let Some((first, chunk)) = bytes.split_first() else {
        return;
    };
    let mut chunk = chunk.to_vec();
    if first % 2 == 1 {
        mend_checksum(&mut chunk);
    }
    let Ok(measured) = measure(&chunk) else {
        return;
    };
    assert!(measured.rows <= MAX_CHANGE_ROWS, "{measured:?}");
    assert!(
        measured.predecessors <= MAX_CHANGE_PREDECESSORS,
        "{measured:?}"
    );
    // It may still be no change; reading it is what must end.
    if let Ok((header, _)) = ChangeHeader::parse(&chunk) {
        assert!(header.operations as u64 <= measured.rows, "{header:?}");
        assert!(header.deps.len() <= MAX_CHANGE_DEPS, "{header:?}");
    }
}
