//! What people wish for in more than one place of a test.

use keyrack_model::{
    command::{Command, WorkOrderEdit},
    ids::WorkOrderId,
    limits::{MAX_MERGED_TEXT, MAX_TEXT},
};

/// Two descriptions of this length fit into a work order when they are written at the same time,
/// and three do not.
const LENGTH: usize = 3_500;
const _: () = assert!(LENGTH <= MAX_TEXT);
const _: () = assert!(2 * LENGTH <= MAX_MERGED_TEXT && MAX_MERGED_TEXT < 3 * LENGTH);

/// A work order's description: the third person who writes one at the same time is refused.
pub fn long_description(work_order: WorkOrderId, letter: &str) -> Command {
    Command::EditWorkOrder {
        work_order,
        edit: WorkOrderEdit {
            description: Some(letter.repeat(LENGTH)),
            ..WorkOrderEdit::default()
        },
    }
}
