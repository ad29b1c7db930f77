//! What a test has to itself: a folder, a server, and workplaces at desks.

use crate::{hotel, postgres::Database, process, server::Server, workplace::Workplace};
use std::{io::Write, path::Path};
use tempfile::TempDir;

/// Lines of a log that are shown when a test has failed.
const LAST_LINES: usize = 40;

/// Ends all processes of the test when dropped. After a failure the folder stays, with the logs.
pub struct World {
    folder: TempDir,
}

impl World {
    pub fn new() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("keyrack-test-")
            .tempdir()
            .expect("a temporary folder");
        Self { folder }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A running server with the demo hotel.
    pub async fn demo_server(&self) -> Server {
        Server::start(Database::with_demo().await, self.folder()).await
    }

    /// A desktop computer of the demo hotel, on which nobody has signed in yet.
    pub fn workplace(&self, name: &str, server: &str) -> Workplace {
        Workplace::new(self.folder().join(name), server, hotel::CODE)
    }
}

/// Says in the summary of the test run that a test could not run, and why.
pub fn skip(test: &str, reason: &str) {
    // Not by `println!`, which the test program keeps to itself when a test passes.
    let _ = writeln!(std::io::stderr(), "skipped: {test}: {reason}");
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let folders = std::fs::read_dir(self.folder.path());
        for place in folders.into_iter().flatten().flatten() {
            process::kill_all(&place.path());
        }
        if std::thread::panicking() {
            self.folder.disable_cleanup(true);
            eprintln!(
                "the test's logs and data are in {}",
                self.folder().display()
            );
            // The folder may be on a machine that is gone by the time somebody reads this.
            tell_logs(self.folder());
        }
    }
}

/// Shows how each log of a test's folder ends, those of the computers in it too.
fn tell_logs(folder: &Path) {
    let entries = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten();
    let computers = entries(folder).flat_map(|entry| entries(&entry.path()));
    for path in entries(folder).chain(computers).map(|entry| entry.path()) {
        if path.extension().is_none_or(|extension| extension != "log") {
            continue;
        }
        let text = std::fs::read(&path).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<_> = text.lines().collect();
        let last = lines.len().saturating_sub(LAST_LINES);
        eprintln!(
            "-- how {} ends:\n{}",
            path.display(),
            lines[last..].join("\n")
        );
    }
}
