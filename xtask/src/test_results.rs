//! What came of the tests, read from what cargo and the test programs print.

use std::fmt::Write;

/// Counts over all test programs.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    suites: Vec<Suite>,
}

/// One test program, or the examples in one crate's documentation.
#[derive(Debug, Default, PartialEq, Eq)]
struct Suite {
    name: String,
    passed: usize,
    failed: usize,
    ignored: usize,
    filtered_out: usize,
    failures: Vec<String>,
    skipped: Vec<String>,
    /// Tests that found out themselves that they cannot run here; their program says "ok".
    excused: usize,
    /// Tests that take long, and have not come to an end.
    going_on: Vec<String>,
    has_reported: bool,
}

/// How a running test says that it cannot run here: this, its name, a colon and the reason.
const EXCUSE: &str = "skipped: ";
/// How a test program says that a test takes long.
const GOING_ON: &str = " has been running for over 60 seconds";

impl Tally {
    /// Takes in one line.
    pub fn read(&mut self, line: &str) {
        if let Some(name) = suite_name(line) {
            self.suites.push(Suite {
                name,
                ..Suite::default()
            });
        } else if let Some(suite) = self.suites.last_mut() {
            suite.read(line);
        }
    }

    /// Adds what no line says: programs that ended without a result, and a cargo that failed.
    #[must_use]
    pub fn closed(mut self, cargo_succeeded: bool) -> Tally {
        for suite in self.suites.iter_mut().filter(|suite| !suite.has_reported) {
            suite.failed += 1;
            suite.failures.push("ended without a result".to_owned());
            let unfinished = suite.going_on.drain(..);
            let unfinished = unfinished.map(|test| format!("{test} had not come to an end"));
            suite.failures.extend(unfinished);
        }
        if !cargo_succeeded && self.failed() == 0 {
            self.suites.push(Suite {
                name: "cargo test".to_owned(),
                failed: 1,
                failures: vec!["failed before or between the tests".to_owned()],
                ..Suite::default()
            });
        }
        self
    }

    pub fn failed(&self) -> usize {
        self.sum(|suite| suite.failed)
    }

    /// What ran, what failed, what was skipped and why; the last line has the three sums.
    pub fn summary(&self) -> String {
        let mut text = String::from("What ran:\n");
        for suite in &self.suites {
            if suite.passed + suite.failed + suite.ignored > 0 {
                let _ = writeln!(
                    text,
                    "  {:<36} {:>5} passed {:>4} failed {:>4} skipped",
                    suite.name, suite.passed, suite.failed, suite.ignored
                );
            }
        }
        self.list(&mut text, "Failed:", |suite| &suite.failures);
        self.list(&mut text, "Skipped:", |suite| &suite.skipped);
        match self.sum(|suite| suite.filtered_out) {
            0 => {}
            left_out => {
                let _ = writeln!(text, "{left_out} left out by the filter.");
            }
        }
        let _ = writeln!(
            text,
            "{} passed, {} failed, {} skipped",
            self.sum(|suite| suite.passed),
            self.failed(),
            self.sum(|suite| suite.ignored)
        );
        text
    }

    fn list(&self, text: &mut String, heading: &str, names: impl Fn(&Suite) -> &[String]) {
        let mut lines = self
            .suites
            .iter()
            .flat_map(|suite| names(suite).iter().map(|name| (&suite.name, name)))
            .peekable();
        if lines.peek().is_some() {
            let _ = writeln!(text, "{heading}");
        }
        for (suite, name) in lines {
            let _ = writeln!(text, "  {suite}: {name}");
        }
    }

    fn sum(&self, count: impl Fn(&Suite) -> usize) -> usize {
        self.suites.iter().map(count).sum()
    }
}

impl Suite {
    fn read(&mut self, line: &str) {
        if let Some(result) = line.strip_prefix("test result: ") {
            self.has_reported = true;
            let excused = std::mem::take(&mut self.excused);
            self.passed += count(result, "passed").saturating_sub(excused);
            self.failed += count(result, "failed");
            self.ignored += count(result, "ignored") + excused;
            self.filtered_out += count(result, "filtered out");
        } else if let Some((_, test)) = line.split_once(EXCUSE) {
            self.excused += 1;
            self.skipped.push(test.to_owned());
        } else if let Some(test) = line.strip_prefix("test ") {
            if let Some(name) = test.strip_suffix(GOING_ON) {
                self.going_on.push(name.to_owned());
                return;
            }
            let outcome = test.rsplit_once(" ... ");
            if let Some((name, _)) = outcome {
                self.going_on.retain(|other| other != name);
            }
            match outcome {
                Some((name, "FAILED")) => self.failures.push(name.to_owned()),
                Some((name, "ignored")) => self.skipped.push(format!("{name} (no reason given)")),
                Some((name, outcome)) => {
                    if let Some(reason) = outcome.strip_prefix("ignored, ") {
                        self.skipped.push(format!("{name}: {reason}"));
                    }
                }
                None => {}
            }
        }
    }
}

/// `ok. 23 passed; 0 failed; …` and `passed` give 23.
fn count(result: &str, what: &str) -> usize {
    result
        .split(['.', ';'])
        .find_map(|part| part.trim().strip_suffix(what)?.trim().parse().ok())
        .unwrap_or(0)
}

/// The name in a line with which cargo announces a test program.
fn suite_name(line: &str) -> Option<String> {
    let line = line.trim_start();
    if let Some(name) = line.strip_prefix("Doc-tests ") {
        return Some(format!("{name}, documentation"));
    }
    let (source, program) = line.strip_prefix("Running ")?.split_once(" (")?;
    let program = program.strip_suffix(')')?.rsplit('/').next()?;
    let name = program.rsplit_once('-').map_or(program, |(name, _)| name);
    Some(match source.strip_prefix("unittests ") {
        Some("src/main.rs") => format!("{name}, program"),
        Some(_) => format!("{name}, units"),
        None => format!("{name}, behaviour"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "\
     Running unittests src/lib.rs (target/debug/deps/keyrack_model-3fbb01a2)

running 3 tests
test ids::tests::an_id_is_hexadecimal ... ok
test time::tests::a_clock_never_goes_back ... FAILED
test time::tests::on_the_moon ... ignored, needs the moon

test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.02s

     Running tests/two_windows.rs (target/debug/deps/two_windows-c48aa89)

running 1 test
test two_windows_show_the_same ... ok

test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 4 filtered out; finished in 8.20s

   Doc-tests keyrack_model

running 0 tests

test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
";

    fn tally(output: &str) -> Tally {
        let mut tally = Tally::default();
        output.lines().for_each(|line| tally.read(line));
        tally
    }

    #[test]
    fn the_summary_says_what_ran_and_what_was_skipped_and_why() {
        assert_eq!(
            tally(OUTPUT).closed(false).summary(),
            "\
What ran:
  keyrack_model, units                     1 passed    1 failed    1 skipped
  two_windows, behaviour                   1 passed    0 failed    0 skipped
Failed:
  keyrack_model, units: time::tests::a_clock_never_goes_back
Skipped:
  keyrack_model, units: time::tests::on_the_moon: needs the moon
4 left out by the filter.
2 passed, 1 failed, 1 skipped
"
        );
    }

    #[test]
    fn a_test_that_excuses_itself_was_skipped_and_did_not_pass() {
        let excused = "     Running tests/full_disk.rs (target/debug/deps/full_disk-1f)\n\
                       skipped: an_edit_is_refused: mounting a disk takes root\n\
                       test an_edit_is_refused ... ok\n\
                       test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured\n";
        let summary = tally(excused).summary();
        assert!(summary.contains("  full_disk, behaviour: an_edit_is_refused: mounting"));
        assert!(summary.ends_with("0 passed, 0 failed, 1 skipped\n"));
    }

    #[test]
    fn a_program_that_crashes_counts_as_a_failure() {
        let crashed = tally("     Running tests/a.rs (target/debug/deps/a-1f)\nrunning 1 test\n");
        assert_eq!(crashed.closed(false).failed(), 1);
    }

    #[test]
    fn a_test_that_had_no_end_when_its_program_was_ended_is_named() {
        let ended = "     Running tests/a.rs (target/debug/deps/a-1f)\n\
                     test slow has been running for over 60 seconds\n\
                     test hung has been running for over 60 seconds\n\
                     test slow ... ok\n";
        let summary = tally(ended).closed(false).summary();
        assert!(summary.contains("  a, behaviour: hung had not come to an end\n"));
        assert!(!summary.contains("slow had not"));
        assert!(summary.ends_with("0 passed, 1 failed, 0 skipped\n"));
    }

    #[test]
    fn a_cargo_that_fails_without_a_failed_test_is_not_a_success() {
        assert_eq!(Tally::default().closed(false).failed(), 1);
        assert_eq!(Tally::default().closed(true).failed(), 0);
    }

    #[test]
    fn documentation_may_report_in_two_parts() {
        let two = "   Doc-tests keyrack_model\n\
                   test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n\
                   test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert!(
            tally(two)
                .summary()
                .ends_with("3 passed, 0 failed, 0 skipped\n")
        );
    }
}
