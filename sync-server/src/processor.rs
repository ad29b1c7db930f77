//! Work that takes the processor for a while, on threads that serve others too.

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task,
};

/// A weight, see [`keyrack_model::limits::MAX_PUSH_WEIGHT`], of which the work is done before
/// another thread has woken up to serve the others.
const LITTLE: u64 = 500;

/// Work on documents; other tasks of this thread move away first, where there is another thread.
pub(crate) fn off_the_runtime<T>(work: impl FnOnce() -> T) -> T {
    match Handle::current().runtime_flavor() {
        RuntimeFlavor::MultiThread => task::block_in_place(work),
        _ => work(),
    }
}

/// The same for work of a known weight: a person's single edit is done at once.
pub(crate) fn off_the_runtime_if_much<T>(weight: u64, work: impl FnOnce() -> T) -> T {
    if weight > LITTLE {
        off_the_runtime(work)
    } else {
        work()
    }
}
