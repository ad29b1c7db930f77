//! A disk that is watched or fails: programs run on it with `keyrack-faulty-disk` between them and
//! their files, and what reached the disk at any moment can be made again.

mod model;
mod replay;
mod trace;

use crate::bin_dir;
use std::{
    fmt::{self, Display},
    path::{Path, PathBuf},
    process::Command,
};

pub use model::{Disk, Unsynced};
pub use replay::{PowerCut, Recording, Syncs, image_folder};
pub use trace::{Event, events};

/// Has everything recorded that a program does to the files of a folder, after what the trace
/// holds already.
pub fn record(program: &mut Command, folder: &Path, trace: &Path) {
    watch(program, folder).env("KEYRACK_DISK_TRACE", trace);
}

/// Lets what a program does to the files of a folder fail.
pub fn fail(program: &mut Command, folder: &Path, fault: Fault) {
    watch(program, folder).env("KEYRACK_DISK_FAULT", fault.to_string());
}

/// Lets a program's wall clock be ahead by so many seconds, or behind.
pub fn clock_ahead(program: &mut Command, seconds: i64) {
    program
        .env("LD_PRELOAD", library())
        .env("KEYRACK_CLOCK_AHEAD", seconds.to_string());
}

/// What stands between a program and its disk and clock.
fn library() -> PathBuf {
    bin_dir::program("libkeyrack_faulty_disk.so")
}

fn watch<'a>(program: &'a mut Command, folder: &Path) -> &'a mut Command {
    program
        .env("LD_PRELOAD", library())
        .env("KEYRACK_DISK_FOLDER", folder)
}

/// Which calls fail, and how.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    pub call: FailingCall,
    pub error: DiskError,
    /// The call that fails first, from 1.
    pub first: usize,
    /// After how many further calls another one fails; none does when this is 0.
    pub every: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FailingCall {
    Read,
    /// Anything that takes room.
    Write,
    Sync,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DiskError {
    Io,
    Full,
}

impl Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let call = match self.call {
            FailingCall::Read => "read",
            FailingCall::Write => "write",
            FailingCall::Sync => "sync",
        };
        let error = match self.error {
            DiskError::Io => "EIO",
            DiskError::Full => "ENOSPC",
        };
        write!(out, "{call} {error} {} {}", self.first, self.every)
    }
}
