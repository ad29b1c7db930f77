//! Waiting for what must become true: the one place where tests poll, always with a deadline.

use std::{
    fmt::Display,
    time::{Duration, Instant},
};

/// For what a person would wait for without wondering.
pub const SOON: Duration = Duration::from_secs(30);
/// For what a busy machine may take its time over: starting processes, importing a hotel.
pub const PATIENTLY: Duration = Duration::from_secs(180);

const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// What a running process answers to one question. A page that hangs answers its driver nothing, for
/// ever: then this test fails, and not the whole run.
///
/// # Panics
/// When no answer comes, with what was asked.
pub async fn answered<T>(asked: impl Display, answer: impl Future<Output = T>) -> T {
    let Ok(answer) = tokio::time::timeout(PATIENTLY, answer).await else {
        panic!("no answer within {} s: {asked}", PATIENTLY.as_secs());
    };
    answer
}

/// Looks until `look` finds what it looks for, and returns it.
///
/// # Panics
/// At the deadline, with what was awaited and what the last look saw instead.
pub async fn until<T>(
    awaited: impl Display,
    limit: Duration,
    mut look: impl AsyncFnMut() -> Result<T, String>,
) -> T {
    let deadline = Instant::now() + limit;
    loop {
        match look().await {
            Ok(found) => return found,
            Err(seen) if Instant::now() > deadline => {
                panic!(
                    "{awaited}: not within {} s; last seen: {seen}",
                    limit.as_secs()
                )
            }
            Err(_) => tokio::time::sleep(BETWEEN_LOOKS).await,
        }
    }
}

/// Looks until what `look` sees equals `expected`.
pub async fn until_seen<T: PartialEq + std::fmt::Debug>(
    awaited: impl Display,
    expected: T,
    mut look: impl AsyncFnMut() -> T,
) {
    until(awaited, SOON, async || {
        let seen = look().await;
        if seen == expected {
            Ok(())
        } else {
            Err(format!("{seen:?} instead of {expected:?}"))
        }
    })
    .await;
}
