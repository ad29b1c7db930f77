//! Which calls fail, and how.

use std::{
    env,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// The environment variable with the plan: kind of call (`read`, `write` or `sync`), error (`EIO` or
/// `ENOSPC`), the call that fails first, and after how many further calls another one fails; 0
/// for never. `write ENOSPC 12 0` fails the twelfth write.
const PLAN: &str = "KEYRACK_DISK_FAULT";

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Read,
    /// Anything that takes room.
    Write,
    Sync,
}

struct Plan {
    kind: Kind,
    error: libc::c_int,
    first: u64,
    every: u64,
}

/// Whether this call fails; `errno` says how then.
pub(crate) fn strikes(kind: Kind) -> bool {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let Some(plan) = plan().filter(|plan| plan.kind == kind) else {
        return false;
    };
    let call = CALLS.fetch_add(1, Ordering::Relaxed) + 1;
    let strikes = call == plan.first
        || (plan.every > 0 && call > plan.first && (call - plan.first).is_multiple_of(plan.every));
    if strikes {
        // SAFETY: the thread's own number.
        unsafe { *libc::__errno_location() = plan.error };
    }
    strikes
}

fn plan() -> Option<&'static Plan> {
    static READ: OnceLock<Option<Plan>> = OnceLock::new();
    READ.get_or_init(|| {
        let text = env::var(PLAN).ok()?;
        let words: Vec<&str> = text.split(' ').collect();
        let [kind, error, first, every] = words[..] else {
            return None;
        };
        Some(Plan {
            kind: match kind {
                "read" => Kind::Read,
                "write" => Kind::Write,
                "sync" => Kind::Sync,
                _ => return None,
            },
            error: match error {
                "EIO" => libc::EIO,
                "ENOSPC" => libc::ENOSPC,
                _ => return None,
            },
            first: first.parse().ok()?,
            every: every.parse().ok()?,
        })
    })
    .as_ref()
}
