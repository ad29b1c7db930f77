//! A hotel's data whose file is damaged: what was not sent is brought into another file, which
//! takes the place of the damaged one.
//!
//! **Architecture Invariant**: the damaged file is never deleted, and it is put aside only when what
//! could be read of it is on the disk elsewhere.

use super::{NewDevice, Replica, Rescued};
use crate::{error::StoreError, store::StoreKey};
use keyrack_model::time::Timestamp;
use std::{
    fs::{self, File},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};
use uuid::Uuid;

/// Why no store was opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Of the folder that the store is in.
    #[error(transparent)]
    Folder(#[from] io::Error),
}

/// A store's file, and who opens it.
pub struct StoreFile<'a> {
    pub path: &'a Path,
    pub key: &'a StoreKey,
    /// Of one that is made anew.
    pub device: &'a NewDevice,
    pub fresh: fn() -> Uuid,
}

impl StoreFile<'_> {
    /// Opens the store, or another one in its place when it is damaged.
    ///
    /// # Errors
    /// What the disk says, and [`StoreError`] for a store that neither opens nor can be read at all.
    pub fn open_or_rescue(&self, now: Timestamp) -> Result<Replica, OpenError> {
        finish(self.path)?;
        stand_in(self.path)?;
        match self.open() {
            Err(error @ (StoreError::Damaged | StoreError::WrongKeyOrCorrupt(_))) => {
                let rescued = Rescued::read(self.path, self.key).map_err(|_| error)?;
                self.replace(rescued, now)?;
                Ok(self.open()?)
            }
            opened => Ok(opened?),
        }
    }

    fn open(&self) -> Result<Replica, StoreError> {
        let fresh = Box::new(self.fresh);
        Replica::open(self.path, self.key, self.device.clone(), fresh)
    }

    fn replace(&self, rescued: Rescued, now: Timestamp) -> Result<(), OpenError> {
        let waiting = rescued.waiting();
        let other = rescued_beside(self.path);
        // A try that was broken off is begun anew.
        remove(&other)?;
        rescued.keep(&other, self.key, self.device.clone(), now)?;
        let aside = self.path.with_file_name(format!("{ASIDE}{}.db", now.0));
        for part in PARTS {
            rename_if_there(&with_part(self.path, part), &with_part(&aside, part))?;
        }
        finish(self.path)?;
        tracing::error!(path = %aside.display(), waiting, "the data of a hotel were damaged; what had not been sent was rescued, and the damaged file is kept");
        Ok(())
    }
}

/// SQLite begins an empty file anew, and throws away what had been written beside it. Zeros in the
/// place of a file that was lost or emptied read as a damaged one, of which that is rescued.
fn stand_in(path: &Path) -> io::Result<()> {
    const PAGE: u64 = 4_096;
    if length(path)? > 0 || length(&with_part(path, "-wal"))? == 0 {
        return Ok(());
    }
    tracing::error!("the data of a hotel are gone but for what was written last");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)?;
    file.set_len(PAGE)?;
    file.sync_all()?;
    // Before anything beside it goes away.
    sync_folder(path)
}

/// Of a file; one that is not there has none.
pub(super) fn length(path: &Path) -> io::Result<u64> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        found => found.map(|found| found.len()),
    }
}

/// A damaged file that was put aside beside the store at `path`, if there is one.
///
/// # Errors
/// What the folder says.
pub fn damaged_aside(path: &Path) -> io::Result<Option<PathBuf>> {
    let Some(folder) = path.parent() else {
        return Ok(None);
    };
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(ASIDE) {
            return Ok(Some(entry.path()));
        }
    }
    Ok(None)
}

/// Puts the other store in place, once the damaged one is out of the way.
pub(super) fn finish(path: &Path) -> io::Result<()> {
    let other = rescued_beside(path);
    if !path.exists() && other.exists() {
        for part in PARTS {
            rename_if_there(&with_part(&other, part), &with_part(path, part))?;
        }
    }
    sync_folder(path)
}

/// Names in a folder are on the disk once that is synced.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// How the names of damaged files begin that were put aside.
const ASIDE: &str = "damaged-";

/// A store's file, and what SQLite keeps beside it. The file itself is last: with it, all is done.
/// A journal that is left behind would be played back into whatever has the file's name next.
const PARTS: [&str; 4] = ["-journal", "-wal", "-shm", ""];

pub(super) fn with_part(path: &Path, part: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(part);
    name.into()
}

pub(super) fn rescued_beside(path: &Path) -> PathBuf {
    path.with_extension("rescued")
}

fn rename_if_there(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        renamed => renamed,
    }
}

pub(super) fn remove(path: &Path) -> io::Result<()> {
    for part in PARTS {
        match fs::remove_file(with_part(path, part)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
