//! A store that gets another key: a copy of it is made under that key and checked, and takes its
//! place later, when every other store of the folder has one too.
//!
//! **Architecture Invariant**: until its copy takes its place, a store is and opens as before. A
//! copy that is to take it holds all of the store, and is on the disk.

use super::store_file::{
    OpenError, finish, length, remove, rescued_beside, sync_folder, with_part,
};
use crate::{
    error::StoreError,
    store::{self, StoreKey, another_key, vault},
};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// The file of a store that gets another key. Nobody has it open.
#[derive(Clone, Copy, Debug)]
pub struct KeyRenewal<'a> {
    pub path: &'a Path,
}

/// What a copy lacks of its store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Copied {
    /// Sessions that waited for a PIN: what seals them is made with the secret of before.
    pub sealed_sessions: usize,
}

impl KeyRenewal<'_> {
    /// Whether anything is in the store.
    ///
    /// # Errors
    /// What the folder says.
    pub fn is_of_something(&self) -> io::Result<bool> {
        finish(self.path)?;
        Ok(length(self.path)? > 0 || self.log()? > 0)
    }

    /// Makes the copy, in place of one that was begun before.
    ///
    /// # Errors
    /// `Damaged` and whatever else keeps the store from opening; `NotCopied` for a copy that is not
    /// whole; what the disk says. What was begun of a copy is left.
    pub fn copy(&self, present: &StoreKey, next: &StoreKey) -> Result<Copied, OpenError> {
        let copy = beside(self.path);
        remove(&copy)?;
        if length(self.path)? == 0 {
            return Err(StoreError::Damaged.into());
        }
        store::close_whole(store::open(self.path, present)?)?;
        if self.log()? > 0 {
            return Err(StoreError::NotCopied.into());
        }
        fs::copy(self.path, &copy)?;
        another_key::rewrite(&copy, present, next)?;
        let sealed_sessions = check(&copy, next).map_err(|error| match error {
            full @ StoreError::DiskFull(_) => full,
            error => {
                tracing::error!(?error, "a copy of a store does not open");
                StoreError::NotCopied
            }
        })?;
        if length(&with_part(&copy, "-wal"))? > 0 {
            return Err(StoreError::NotCopied.into());
        }
        File::open(&copy)?.sync_all()?;
        sync_folder(&copy)?;
        Ok(Copied { sealed_sessions })
    }

    /// Puts the copy in the store's place, if there is one.
    ///
    /// # Errors
    /// What the folder says. Doing it again is doing the rest of it.
    pub fn put_in_place(&self) -> io::Result<()> {
        let copy = beside(self.path);
        if copy.try_exists()? {
            // The store of before was closed whole: nothing is in its log that the copy lacks.
            remove(&rescued_beside(self.path))?;
            for part in ["-journal", "-wal", "-shm"] {
                remove(&with_part(self.path, part))?;
            }
            fs::rename(copy, self.path)?;
        }
        sync_folder(self.path)
    }

    /// Removes what there is of a copy.
    ///
    /// # Errors
    /// What the folder says.
    pub fn drop_copy(&self) -> io::Result<()> {
        remove(&beside(self.path))
    }

    fn log(&self) -> io::Result<u64> {
        length(&with_part(self.path, "-wal"))
    }
}

/// Opens a copy as a store is opened, takes out what nobody can open any more, and closes it whole.
fn check(copy: &Path, key: &StoreKey) -> Result<usize, StoreError> {
    let db = store::open(copy, key)?;
    if !another_key::is_consistent(&db)? {
        return Err(StoreError::Damaged);
    }
    let sealed = vault::all(&db)?.len();
    if sealed > 0 {
        vault::put_all(&db, &Vec::new())?;
    }
    store::close_whole(db)?;
    Ok(sealed)
}

fn beside(path: &Path) -> PathBuf {
    path.with_extension("renewed")
}
