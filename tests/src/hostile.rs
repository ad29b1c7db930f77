//! Hostile bytes: each function takes any bytes there are and fails only when Keyrack does.
//!
//! **Invariant**: nothing here depends on time or chance, so a file that made one of these fail
//! makes it fail again. `cargo xtask fuzz` looks for such files; `tests/hostile_bytes.rs` replays
//! those of `tests/fuzz/corpus`.

mod choices;
pub mod chunk;
pub mod corpus;

mod admission;
mod config;
mod frame;
mod pull;
mod scanner;

pub use admission::admission;
pub use config::config;
pub use frame::{encode, frame};
pub use pull::pull;
pub use scanner::scanner;

use std::{
    cell::RefCell,
    panic::{self, AssertUnwindSafe},
    sync::Once,
};

/// What takes the bytes of one file.
pub type Target = fn(&[u8]);

/// Every target by the name of its folder in the corpus.
pub const TARGETS: [(&str, Target); 5] = [
    ("frame", frame),
    ("scanner", scanner),
    ("admission", admission),
    ("pull", pull),
    ("config", config),
];

/// Calls a target from a fuzzer, which takes every panic for a find. Those that the gate catches
/// on its way to a refusal are none.
pub fn fuzz(target: Target, bytes: &[u8]) {
    thread_local! {
        static LAST: RefCell<String> = const { RefCell::new(String::new()) };
    }
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        panic::set_hook(Box::new(|info| {
            let backtrace = std::backtrace::Backtrace::force_capture;
            let said = match std::env::var_os("KEYRACK_FUZZ_BACKTRACE") {
                Some(_) => format!("{info}\n{}", backtrace()),
                None => info.to_string(),
            };
            LAST.with(|last| *last.borrow_mut() = said);
        }));
    });
    if let Err(panic) = panic::catch_unwind(AssertUnwindSafe(|| target(bytes))) {
        LAST.with(|last| eprintln!("{}", last.borrow()));
        panic::resume_unwind(panic);
    }
}
