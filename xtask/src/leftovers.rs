//! The last look round: ends processes that a started program left behind, as desktop buses and
//! keyrings do.
//!
//! **Architecture Invariant**: only a process that carries this command's own mark in its
//! environment is ever touched.

use std::{fs, process::Command, sync::LazyLock, thread, time::Duration};

use rustix::process::{Pid, Signal, kill_process};

use crate::interrupt;

const MARK_NAME: &str = "KEYRACK_STARTED_BY";

static MARK: LazyLock<String> = LazyLock::new(|| {
    let began = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    format!("{}-{}", std::process::id(), began.as_nanos())
});

/// How long a leftover may take to end by itself.
const PATIENCE: Duration = Duration::from_secs(3);

/// Marks a child, and with it all that it starts.
pub fn mark(command: &mut Command) -> &mut Command {
    command.env(MARK_NAME, MARK.as_str())
}

/// Ends everything that carries the mark.
pub fn end() {
    if none_left() {
        return;
    }
    for (signal, patience) in [
        (None, Duration::from_millis(300)),
        (Some(Signal::TERM), PATIENCE),
        (Some(Signal::KILL), PATIENCE),
    ] {
        if let Some(signal) = signal {
            for pid in marked() {
                let _ = kill_process(pid, signal);
            }
        }
        if interrupt::settle(patience, none_left) {
            return;
        }
    }
}

/// Ends at once whatever carries the mark and was started from a folder of this name.
pub fn kill_programs_in(folder: &str) {
    for pid in marked() {
        let program = fs::read_link(format!("/proc/{}/exe", pid.as_raw_pid()));
        let program = program.unwrap_or_default();
        if program.parent().is_some_and(|its| its.ends_with(folder)) {
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

/// Looks twice: a process that is just becoming another program shows no environment.
fn none_left() -> bool {
    marked().is_empty() && {
        thread::sleep(Duration::from_millis(20));
        marked().is_empty()
    }
}

fn marked() -> Vec<Pid> {
    let wanted = format!("{MARK_NAME}={}", MARK.as_str());
    let Ok(processes) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    processes
        .flatten()
        .filter_map(|entry| {
            let pid = Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)?;
            let environment = fs::read(entry.path().join("environ")).ok()?;
            environment
                .split(|byte| *byte == 0)
                .any(|variable| variable == wanted.as_bytes())
                .then_some(pid)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_child_left_behind_is_ended_and_nothing_else() {
        let mut bystander = Command::new("sleep").arg("600").spawn().unwrap();
        let status = mark(Command::new("sh").args(["-c", "sleep 600 >/dev/null 2>&1 &"]))
            .status()
            .unwrap();
        assert!(status.success());
        let patience = Duration::from_secs(10);
        assert!(interrupt::settle(patience, || marked().len() == 1));
        end();
        assert_eq!(marked().len(), 0);
        assert!(matches!(bystander.try_wait(), Ok(None)));
        bystander.kill().unwrap();
        bystander.wait().unwrap();
    }
}
