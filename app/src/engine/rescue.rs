//! A hotel's data whose file is damaged: what was not sent is brought into another file, and the
//! damaged one is put aside.
//!
//! **Architecture Invariant**: the damaged file is never changed or deleted, and it is put aside
//! only when what could be read of it is on the disk elsewhere.

use super::Installation;
use crate::{clock, trouble::Trouble};
use keyrack_replica::{Replica, Rescued, StoreError};
use std::{
    fs::{self, File},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};
use uuid::Uuid;

/// Opens the store at `path`, or another one in its place when it is damaged.
pub(super) fn open(installation: &Installation, path: &Path) -> Result<Replica, Trouble> {
    finish(path)
        .and_then(|()| stand_in(path))
        .map_err(|error| installation.folder.failed(error))?;
    match open_store(installation, path) {
        Err(error @ (StoreError::Damaged | StoreError::WrongKeyOrCorrupt(_))) => {
            let rescued = Rescued::read(path, &installation.store_key)
                .map_err(|_| Trouble::store(path.to_owned(), error))?;
            replace(installation, path, rescued)?;
            open_store(installation, path)
        }
        opened => opened,
    }
    .map_err(|error| Trouble::store(path.to_owned(), error))
}

fn open_store(installation: &Installation, path: &Path) -> Result<Replica, StoreError> {
    Replica::open(
        path,
        &installation.store_key,
        installation.device.clone(),
        Box::new(Uuid::new_v4),
    )
}

fn replace(installation: &Installation, path: &Path, rescued: Rescued) -> Result<(), Trouble> {
    let waiting = rescued.waiting();
    let other = rescued_beside(path);
    let failed = |error| installation.folder.failed(error);
    // A try that was broken off is begun anew.
    remove(&other).map_err(failed)?;
    rescued
        .keep(
            &other,
            &installation.store_key,
            installation.device.clone(),
            clock::now(),
        )
        .map_err(|error| Trouble::store(path.to_owned(), error))?;
    let aside = path.with_file_name(format!("damaged-{}.db", clock::now().0));
    for part in PARTS {
        rename_if_there(&with_part(path, part), &with_part(&aside, part)).map_err(failed)?;
    }
    finish(path).map_err(failed)?;
    tracing::error!(path = %aside.display(), waiting, "the data of a hotel were damaged; what had not been sent was rescued, and the damaged file is kept");
    Ok(())
}

/// SQLite begins an empty file anew, and throws away what had been written beside it. Zeros in the
/// place of a file that was lost or emptied read as a damaged one, of which that is rescued.
fn stand_in(path: &Path) -> io::Result<()> {
    const PAGE: u64 = 4_096;
    let length = |path: &Path| match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        found => found.map(|found| found.len()),
    };
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
    file.sync_all()
}

/// Puts the other store in place, once the damaged one is out of the way.
fn finish(path: &Path) -> io::Result<()> {
    let other = rescued_beside(path);
    if !path.exists() && other.exists() {
        for part in PARTS {
            rename_if_there(&with_part(&other, part), &with_part(path, part))?;
        }
    }
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// A store's file, and what SQLite keeps beside it. The file itself is last: with it, all is done.
const PARTS: [&str; 3] = ["-wal", "-shm", ""];

fn with_part(path: &Path, part: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(part);
    name.into()
}

fn rescued_beside(path: &Path) -> PathBuf {
    path.with_extension("rescued")
}

fn rename_if_there(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        renamed => renamed,
    }
}

fn remove(path: &Path) -> io::Result<()> {
    for part in PARTS {
        match fs::remove_file(with_part(path, part)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
