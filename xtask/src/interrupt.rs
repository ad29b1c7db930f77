//! Ctrl-C and its kin: one flag that every wait looks at.

use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::problem::{Problem, While};

static INTERRUPTED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// How often a wait looks whether what it waits for has come.
const GLANCE: Duration = Duration::from_millis(20);

/// From here on Ctrl-C, a hang-up and a polite kill end waits instead of the process.
pub fn listen() -> Result<(), Problem> {
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&INTERRUPTED))
            .while_doing(|| "Signals cannot be received".to_owned())?;
    }
    Ok(())
}

/// Fails when the person asked to stop.
pub fn check() -> Result<(), Problem> {
    if INTERRUPTED.load(Ordering::Relaxed) {
        Err(Problem::Interrupted)
    } else {
        Ok(())
    }
}

/// Looks until there is an answer; fails when the person asked to stop.
pub fn wait_for<T>(mut look: impl FnMut() -> Result<Option<T>, Problem>) -> Result<T, Problem> {
    loop {
        check()?;
        if let Some(answer) = look()? {
            return Ok(answer);
        }
        thread::sleep(GLANCE);
    }
}

/// Looks until it is so or the patience is over, interrupted or not: for stopping what runs.
pub fn settle(patience: Duration, mut look: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + patience;
    while !look() {
        if Instant::now() >= deadline {
            return false;
        }
        thread::sleep(GLANCE);
    }
    true
}
