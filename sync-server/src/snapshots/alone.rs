//! A segment made of entries alone, as one that is cut from stored snapshots would be: for logs
//! that are kept elsewhere than in Postgres.

use super::{
    SnapshotError,
    made::{Extent, Made, Touch},
    packing,
    upkeep::unsound,
};
use keyrack_model::{
    action::{Content, LogEntry},
    ids::DocumentRef,
    segment::{ActionLine, Segment},
    time::Timestamp,
};
use std::collections::HashMap;

/// The documents as the entries make them, each with its whole story; those that the entries do
/// not have are left out.
pub fn segment_of(
    entries: &[LogEntry],
    documents: &[DocumentRef],
) -> Result<Segment, SnapshotError> {
    let mut touches: HashMap<DocumentRef, Vec<Touch>> = HashMap::new();
    let (mut lines, mut authors) = (HashMap::new(), HashMap::new());
    for entry in entries {
        let Content::Action {
            received_at,
            device,
            action,
        } = &entry.content
        else {
            continue;
        };
        authors.insert(action.operation, action.author);
        let line = ActionLine {
            sequence: entry.sequence,
            operation: action.operation,
            author: action.author,
            device: *device,
            at: action.at,
            received_at: *received_at,
            documents: action.changes.len() as u16,
            command: action.command.clone(),
        };
        lines.insert(entry.sequence, line);
        for change in &action.changes {
            touches.entry(change.document).or_default().push(Touch {
                sequence: entry.sequence,
                received_at: *received_at,
                acted_at: action.at.wall,
                bytes: change.bytes.clone(),
            });
        }
    }
    let all = Timestamp(i64::MIN);
    let mut segment = Segment::default();
    for document in documents {
        let Some(touches) = touches.get(document) else {
            continue;
        };
        let made = Made::of_all(*document, touches, Extent::Whole);
        let made = made.map_err(|why| unsound(*document, why))?;
        segment
            .documents
            .push(packing::state(made.signed(&authors), all));
    }
    let told = packing::told_of(&segment.documents);
    let told = told.iter().filter_map(|sequence| lines.remove(sequence));
    segment.actions = told.collect();
    Ok(segment)
}
