//! Progress lines: what is happening, and how long it took when it is done.

use std::{
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

use crate::problem::Problem;

/// A step that prints nothing itself: its line is completed in place.
pub fn quietly<T>(doing: &str, work: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
    let in_place = io::stdout().is_terminal();
    if in_place {
        print!("… {doing}");
        let _ = io::stdout().flush();
    }
    let began = Instant::now();
    let outcome = work();
    if in_place {
        print!("\r");
    }
    println!("{}", closing(doing, began.elapsed(), &outcome));
    outcome
}

/// A step whose own output stands between its first line and its last.
pub fn aloud<T>(doing: &str, work: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
    println!("… {doing}");
    let began = Instant::now();
    let outcome = work();
    println!("{}", closing(doing, began.elapsed(), &outcome));
    outcome
}

fn closing<T>(doing: &str, took: Duration, outcome: &Result<T, Problem>) -> String {
    let sign = if outcome.is_ok() { '✓' } else { '✗' };
    format!("{sign} {doing} ({})", spoken(took))
}

/// A duration as a person says it.
pub fn spoken(took: Duration) -> String {
    let seconds = took.as_secs();
    if seconds >= 60 {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    } else {
        format!("{:.1} s", took.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_reads_as_a_person_says_it() {
        assert_eq!(spoken(Duration::from_millis(340)), "0.3 s");
        assert_eq!(spoken(Duration::from_secs(125)), "2 min 05 s");
    }

    #[test]
    fn a_failed_step_does_not_look_done() {
        let failed: Result<(), _> = Err(Problem::NoDisplay);
        assert_eq!(
            closing("Opening", Duration::from_secs(1), &failed),
            "✗ Opening (1.0 s)"
        );
    }
}
