//! One process for each data folder: the second one asks the first to show its window.

use crate::{data_folder::DataFolder, trouble::Trouble};
use std::{
    fs::{self, File, TryLockError},
    io::{self, Read, Write},
    os::{
        fd::AsRawFd,
        unix::net::{UnixListener, UnixStream},
    },
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

/// How long a starting process waits for the one that has the data open.
const PATIENCE: Duration = Duration::from_secs(8);
const PAUSE: Duration = Duration::from_millis(50);
/// How long the process that has the data waits for the one that asks.
const COURTESY: Duration = Duration::from_secs(1);

const SHOW: &[u8; 4] = b"show";
const SHOWN: &[u8; 5] = b"shown";

pub(crate) enum Claim {
    /// This process has the data to itself.
    Ours(Held),
    /// Another process has them, and has shown its window.
    ShownElsewhere,
}

/// The data folder is this process's until this is dropped, or the process ends in any way.
pub(crate) struct Held {
    lock: File,
    asked: UnixListener,
}

impl Claim {
    pub(crate) fn on(folder: &DataFolder) -> Result<Self, Trouble> {
        Self::within(folder, PATIENCE)
    }

    fn within(folder: &DataFolder, patience: Duration) -> Result<Self, Trouble> {
        let failed = |source| folder.failed(source);
        let lock = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(folder.file("lock"))
            .map_err(failed)?;
        let door = Door::of(folder).map_err(failed)?;
        let deadline = Instant::now() + patience;
        loop {
            match lock.try_lock() {
                Ok(()) => {
                    return Ok(Self::Ours(Held {
                        lock,
                        asked: door.listen().map_err(failed)?,
                    }));
                }
                Err(TryLockError::Error(source)) => return Err(failed(source)),
                Err(TryLockError::WouldBlock) => {}
            }
            // The other process may be starting, or ending: both are over soon.
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let path = folder.root().to_owned();
                return Err(Trouble::DoesNotAnswer { path });
            }
            match door.ask(left) {
                Ok(()) => return Ok(Self::ShownElsewhere),
                Err(_) => thread::sleep(PAUSE),
            }
        }
    }
}

impl Held {
    /// Calls `show` whenever another process asks, for as long as this process lives.
    pub(crate) fn answer(self, show: impl Fn() + Send + 'static) {
        thread::spawn(move || {
            // The whole of it moves here: a closure that names one field leaves the lock behind.
            let Self { lock: _lock, asked } = self;
            for caller in asked.incoming() {
                match caller.and_then(|caller| answer(caller, &show)) {
                    Ok(()) => {}
                    Err(error) => tracing::warn!(%error, "a second start was not answered"),
                }
            }
        });
    }
}

fn answer(mut caller: UnixStream, show: &impl Fn()) -> io::Result<()> {
    caller.set_read_timeout(Some(COURTESY))?;
    caller.set_write_timeout(Some(COURTESY))?;
    let mut said = [0; SHOW.len()];
    caller.read_exact(&mut said)?;
    if said != *SHOW {
        return Err(io::ErrorKind::InvalidData.into());
    }
    show();
    caller.write_all(SHOWN)
}

/// The socket in the data folder.
struct Door {
    folder: File,
}

impl Door {
    fn of(folder: &DataFolder) -> io::Result<Self> {
        Ok(Self {
            folder: File::open(folder.root())?,
        })
    }

    /// A socket's path has at most 107 bytes, a data folder's may have more: through the open
    /// folder it is always short.
    fn path(&self) -> PathBuf {
        format!("/proc/self/fd/{}/window", self.folder.as_raw_fd()).into()
    }

    /// For the holder of the lock only: a socket that is there already is a dead process's.
    fn listen(&self) -> io::Result<UnixListener> {
        match fs::remove_file(self.path()) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        UnixListener::bind(self.path())
    }

    fn ask(&self, patience: Duration) -> io::Result<()> {
        let mut owner = UnixStream::connect(self.path())?;
        owner.set_write_timeout(Some(patience))?;
        owner.set_read_timeout(Some(patience))?;
        owner.write_all(SHOW)?;
        let mut said = [0; SHOWN.len()];
        owner.read_exact(&mut said)?;
        if said == *SHOWN {
            Ok(())
        } else {
            Err(io::ErrorKind::InvalidData.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn folder_in(parent: &tempfile::TempDir) -> DataFolder {
        // Longer than a socket's path may be.
        DataFolder::make(parent.path().join("a".repeat(120))).unwrap()
    }

    fn held(folder: &DataFolder) -> Held {
        match Claim::within(folder, Duration::ZERO).unwrap() {
            Claim::Ours(held) => held,
            Claim::ShownElsewhere => panic!("nobody else has the folder"),
        }
    }

    #[test]
    fn a_second_start_shows_the_first_window() {
        let parent = tempfile::tempdir().unwrap();
        let folder = folder_in(&parent);
        let (shown, was_shown) = mpsc::channel();
        held(&folder).answer(move || shown.send(()).unwrap());
        let second = Claim::on(&folder).unwrap();
        assert!(matches!(second, Claim::ShownElsewhere));
        was_shown.try_recv().unwrap();
    }

    #[test]
    fn a_first_start_that_does_not_answer_is_named() {
        let parent = tempfile::tempdir().unwrap();
        let folder = folder_in(&parent);
        let first = held(&folder);
        let second = Claim::within(&folder, Duration::from_millis(200));
        assert!(matches!(second, Err(Trouble::DoesNotAnswer { .. })));
        drop(first);
    }

    #[test]
    fn what_a_dead_process_left_behind_is_in_nobodys_way() {
        let parent = tempfile::tempdir().unwrap();
        let folder = folder_in(&parent);
        drop(held(&folder));
        assert!(folder.file("window").exists());
        drop(held(&folder));
    }
}
