//! Figures and how they are printed: medians, a tail, and ratios.

use std::time::Duration;

/// Times of one thing done many times over.
#[derive(Default)]
pub struct Times(Vec<Duration>);

impl Times {
    pub fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub fn median(&self) -> Duration {
        self.quantile(0.5)
    }

    pub fn p99(&self) -> Duration {
        self.quantile(0.99)
    }

    fn quantile(&self, share: f64) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let last = sorted.len().saturating_sub(1);
        let at = (last as f64 * share).round() as usize;
        sorted.get(at).copied().unwrap_or_default()
    }
}

/// The report: a table whose lines appear as they are measured, and notes below it.
pub struct Report {
    notes: Vec<String>,
}

impl Report {
    pub fn begin() -> Self {
        println!("\n| what | ratio | target | measured |\n|---|---|---|---|");
        Self { notes: Vec::new() }
    }

    /// Something measured that has no baseline.
    pub fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    pub fn end(self) {
        println!("\n{}\n", self.notes.join("\n"));
    }

    /// One figure against its baseline; `target` is what the design asks of the ratio.
    pub fn ratio(&self, what: &str, figure: f64, baseline: f64, detail: &str, target: &str) {
        let ratio = if baseline > 0.0 {
            figure / baseline
        } else {
            f64::NAN
        };
        println!("| {what} | {ratio:.2} | {target} | {detail} |");
    }
}

/// Milliseconds with as many digits as say something.
pub fn millis(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1_000.0;
    if millis < 10.0 {
        format!("{millis:.2} ms")
    } else {
        format!("{millis:.0} ms")
    }
}
