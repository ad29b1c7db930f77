//! A gate that panics over what a test names: no action is known over which it does.

use keyrack_model::ids::OperationId;
use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

static STONES: Mutex<Option<HashSet<OperationId>>> = Mutex::new(None);

/// Lays something in the way. No two tests use the same operation.
pub fn lay(operation: OperationId) {
    let mut stones = STONES.lock().unwrap_or_else(PoisonError::into_inner);
    stones.get_or_insert_default().insert(operation);
}

/// Panics over what was laid in the way.
pub fn over(operation: OperationId) {
    let lies_there = {
        let stones = STONES.lock().unwrap_or_else(PoisonError::into_inner);
        stones
            .as_ref()
            .is_some_and(|stones| stones.contains(&operation))
    };
    assert!(!lies_there, "a stone in the way");
}
