//! One process for each data folder: the second one asks the first to show its window, and has the
//! folder when the first can no longer do so.

use crate::{data_folder::DataFolder, trouble::Trouble};
use std::{
    fs::{self, File, TryLockError},
    io::{self, Read, Write},
    os::{
        fd::AsRawFd,
        unix::net::{UnixListener, UnixStream},
    },
    path::PathBuf,
    sync::{Arc, OnceLock},
    thread,
    time::{Duration, Instant},
};

/// How long a starting process waits for the one that has the data open.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long it waits when that one says that it is starting; a keyring may take a minute.
const PATIENCE_WITH_A_START: Duration = Duration::from_secs(90);
const PAUSE: Duration = Duration::from_millis(50);
/// How long the process that has the data waits for the one that asks.
const COURTESY: Duration = Duration::from_secs(1);

const SHOW: &[u8; 4] = b"show";
const SHOWN: &[u8] = b"shown";
const STARTING: &[u8] = b"starting";
const LONGEST_ANSWER: u64 = 16;

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

/// Whether somebody who asked for the window has it before them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shown {
    Yes,
    /// The window is gone or does not answer.
    No,
}

type Show = Box<dyn Fn() -> Shown + Send + Sync>;

/// Answers other processes that want these data.
pub(crate) struct SecondStarts {
    show: Arc<OnceLock<Show>>,
}

impl Claim {
    pub(crate) fn on(folder: &DataFolder) -> Result<Self, Trouble> {
        Self::within(folder, PATIENCE)
    }

    fn within(folder: &DataFolder, mut patience: Duration) -> Result<Self, Trouble> {
        let failed = |source| folder.failed(source);
        let lock = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(folder.file("lock"))
            .map_err(failed)?;
        let door = Door::of(folder).map_err(failed)?;
        let begun = Instant::now();
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
            let left = patience.saturating_sub(begun.elapsed());
            if left.is_zero() {
                let path = folder.root().to_owned();
                return Err(Trouble::DoesNotAnswer { path });
            }
            match door.ask(left) {
                Ok(Said::Shown) => return Ok(Self::ShownElsewhere),
                Ok(Said::Starting) => patience = patience.max(PATIENCE_WITH_A_START),
                Err(_) => {}
            }
            thread::sleep(PAUSE);
        }
    }
}

impl Held {
    /// Answers whenever another process asks, for as long as this process lives.
    pub(crate) fn answer(self) -> SecondStarts {
        let show = Arc::new(OnceLock::new());
        let window = Arc::clone(&show);
        thread::spawn(move || {
            // The whole of it moves here: a closure that names one field leaves the lock behind.
            let Self { lock: _lock, asked } = self;
            for caller in asked.incoming() {
                match caller.and_then(|caller| answer(caller, window.get())) {
                    Ok(()) => {}
                    Err(error) => tracing::warn!(%error, "a second start was not answered"),
                }
            }
        });
        SecondStarts { show }
    }
}

impl SecondStarts {
    /// From here on there is a window to show.
    pub(crate) fn shown_by(self, show: impl Fn() -> Shown + Send + Sync + 'static) {
        // It is the first: the value that sets it is used up.
        let _ = self.show.set(Box::new(show));
    }
}

fn answer(mut caller: UnixStream, show: Option<&Show>) -> io::Result<()> {
    caller.set_read_timeout(Some(COURTESY))?;
    caller.set_write_timeout(Some(COURTESY))?;
    let mut said = [0; SHOW.len()];
    caller.read_exact(&mut said)?;
    if said != *SHOW {
        return Err(io::ErrorKind::InvalidData.into());
    }
    match show.map(|show| show()) {
        None => caller.write_all(STARTING),
        Some(Shown::Yes) => caller.write_all(SHOWN),
        // This process is about to end: whoever asks may have the folder when it has.
        Some(Shown::No) => Ok(()),
    }
}

/// What the process that has the data says of its window.
enum Said {
    Shown,
    Starting,
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

    fn ask(&self, patience: Duration) -> io::Result<Said> {
        let mut owner = UnixStream::connect(self.path())?;
        owner.set_write_timeout(Some(patience))?;
        owner.set_read_timeout(Some(patience))?;
        owner.write_all(SHOW)?;
        let mut said = Vec::new();
        owner.take(LONGEST_ANSWER).read_to_end(&mut said)?;
        match said.as_slice() {
            SHOWN => Ok(Said::Shown),
            STARTING => Ok(Said::Starting),
            _ => Err(io::ErrorKind::InvalidData.into()),
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
        held(&folder).answer().shown_by(move || {
            shown.send(()).unwrap();
            Shown::Yes
        });
        let second = Claim::on(&folder).unwrap();
        assert!(matches!(second, Claim::ShownElsewhere));
        was_shown.try_recv().unwrap();
    }

    #[test]
    fn a_second_start_waits_for_a_first_that_has_no_window_yet() {
        let parent = tempfile::tempdir().unwrap();
        let folder = folder_in(&parent);
        let starting = held(&folder).answer();
        let door = Door::of(&folder).unwrap();
        let patience = Duration::from_millis(200);
        let begun = Instant::now();
        let second = thread::spawn(move || Claim::within(&folder, patience));
        while begun.elapsed() < 2 * patience {
            assert!(matches!(door.ask(PATIENCE), Ok(Said::Starting)));
        }
        starting.shown_by(|| Shown::Yes);
        let second = second.join().unwrap();
        assert!(matches!(second, Ok(Claim::ShownElsewhere)));
    }

    #[test]
    fn a_window_that_is_gone_is_not_taken_for_shown() {
        let parent = tempfile::tempdir().unwrap();
        let folder = folder_in(&parent);
        held(&folder).answer().shown_by(|| Shown::No);
        let second = Claim::within(&folder, Duration::from_millis(200));
        assert!(matches!(second, Err(Trouble::DoesNotAnswer { .. })));
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
