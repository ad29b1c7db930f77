//! Processes found in `/proc` by the folder they work for, and the signals that end them.

use crate::wait::{self, SOON};
use rustix::process::{Pid, Signal, kill_process};
use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt, path::Path};

/// The environment variable that names the folder; children inherit it.
pub const FOLDER: &str = "KEYRACK_TEST_FOLDER";

/// Every running process that was started for a folder, however many programs lie between.
pub fn working_for(folder: &Path) -> Vec<Pid> {
    let mark = [FOLDER.as_bytes(), b"=", folder.as_os_str().as_bytes()].concat();
    running()
        .filter(|pid| {
            let environment = fs::read(proc_file(*pid, "environ")).unwrap_or_default();
            environment
                .split(|byte| *byte == 0)
                .any(|entry| entry == mark)
        })
        .collect()
}

/// The running processes of one program among those of a folder.
pub fn of_program(folder: &Path, program: &Path) -> Vec<Pid> {
    running_what(folder, |exe| exe == program)
}

/// The same for a program of the system, wherever that is installed.
pub fn of_program_named(folder: &Path, name: &str) -> Vec<Pid> {
    running_what(folder, |exe| exe.file_name() == Some(OsStr::new(name)))
}

fn running_what(folder: &Path, is_it: impl Fn(&Path) -> bool) -> Vec<Pid> {
    let mut processes = working_for(folder);
    processes.retain(|pid| fs::read_link(proc_file(*pid, "exe")).is_ok_and(|exe| is_it(&exe)));
    processes
}

/// Ends a process as a power cut would: it gets no chance to tidy up.
pub async fn kill(pid: Pid) {
    // It may have ended by itself meanwhile.
    let _ = kill_process(pid, Signal::KILL);
    gone(pid).await;
}

/// Asks a process to end.
pub fn terminate(pid: Pid) {
    let _ = kill_process(pid, Signal::TERM);
}

/// Asks a process to look at its files again.
pub fn hang_up(pid: Pid) {
    let _ = kill_process(pid, Signal::HUP);
}

/// Waits for the end of a process.
pub async fn gone(pid: Pid) {
    wait::until(
        format!("the end of process {pid:?}"),
        SOON,
        async || match state(pid) {
            None | Some('Z' | 'X') => Ok(()),
            Some(state) => Err(format!("in state {state}")),
        },
    )
    .await;
}

/// Ends everything that was started for a folder, at once.
pub fn kill_all(folder: &Path) {
    for pid in working_for(folder) {
        let _ = kill_process(pid, Signal::KILL);
    }
}

fn running() -> impl Iterator<Item = Pid> {
    let entries = fs::read_dir("/proc").expect("/proc is mounted");
    entries.filter_map(|entry| {
        let name = entry.ok()?.file_name();
        let pid = Pid::from_raw(number(&name)?)?;
        // A zombie still has its entry and nothing else.
        (!matches!(state(pid), None | Some('Z' | 'X'))).then_some(pid)
    })
}

fn number(name: &OsStr) -> Option<i32> {
    name.to_str()?.parse().ok()
}

/// Whoever started a process, as long as both live.
pub fn parent(pid: Pid) -> Option<Pid> {
    Pid::from_raw(status(pid)?.split(' ').nth(1)?.parse().ok()?)
}

/// The state letter of a process.
fn state(pid: Pid) -> Option<char> {
    status(pid)?.chars().next()
}

/// What the kernel says of a process after its name, which is in parentheses and may hold
/// anything: state, parent, …
fn status(pid: Pid) -> Option<String> {
    let stat = fs::read_to_string(proc_file(pid, "stat")).ok()?;
    Some(stat.rsplit_once(") ")?.1.to_owned())
}

fn proc_file(pid: Pid, file: &str) -> String {
    format!("/proc/{}/{file}", pid.as_raw_nonzero())
}
