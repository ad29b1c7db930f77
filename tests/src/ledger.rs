//! What the hotel's log holds of what devices said to be done.

use crate::peer::Peer;
use keyrack_document::ChangeHeader;
use keyrack_model::ids::OperationId;
use std::collections::BTreeSet;

/// Fails unless each of the operations is in the hotel's log, nothing is there twice, and no
/// actor has written two changes of a document under one number.
pub async fn assert_logged_once(reader: &Peer, operations: &BTreeSet<OperationId>) {
    let mut logged = BTreeSet::new();
    let mut places = BTreeSet::new();
    for entry in reader.whole_log().await {
        let Some(operation) = entry.operation() else {
            continue;
        };
        assert!(logged.insert(operation), "{operation} is there twice");
        for change in entry.action().iter().flat_map(|action| &action.changes) {
            let (header, _) = ChangeHeader::parse(&change.bytes).expect("an admitted change");
            let place = (change.document, header.actor, header.seq);
            assert!(places.insert(place), "{place:?} is there twice");
        }
    }
    let lost: Vec<_> = operations.difference(&logged).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
}
