//! What keeps the app from starting: what happened, what was kept, what to do.

use keyrack_replica::StoreError;
use std::{io, path::PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error(
        "There is no display to open a window on: DISPLAY and WAYLAND_DISPLAY name none, or one \
         that this user cannot reach. Nothing was changed. Start Keyrack from a desktop session."
    )]
    NoDisplay,
    #[error("The home folder of this user is not known. Name a folder for the data with --data.")]
    NoHome,
    #[error(
        "{path} cannot be used: {source}. Nothing was changed. Make the folder readable and \
         writable for this user, free some space if the disk is full, and start Keyrack again."
    )]
    Folder {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error(
        "Keyrack is open on {path} already, but its window does not answer. Close that window, or \
         end its process: what it showed as done is kept. Then start Keyrack again."
    )]
    DoesNotAnswer { path: PathBuf },
    #[error(
        "The key to the data on this device is in the desktop's keyring, and the keyring does not \
         give it out{reason}. Nothing was changed. Unlock the keyring and start Keyrack again."
    )]
    KeyringSilent { reason: String },
    #[error(
        "The key to the data on this device is missing from {place}. Nothing was deleted: the data \
         is in {path}. Bring the key back from a backup. To begin afresh from the server, move \
         that folder away; what had not been sent stays locked in it."
    )]
    KeyMissing { place: &'static str, path: PathBuf },
    #[error(
        "The key in {path} is damaged. Nothing was deleted. Bring the file back from a backup and \
         start Keyrack again."
    )]
    KeyDamaged { path: PathBuf },
    #[error(
        "The data on this device were written by a newer version of Keyrack. Nothing was changed. \
         Install the newest version."
    )]
    NewerStore,
    #[error(
        "The data in {path} were written by a Keyrack from before the first release, which this one \
         cannot read. Nothing was deleted. Send what waits with the Keyrack that wrote them, then \
         move that folder away: this one begins afresh from the server."
    )]
    RetiredStore { path: PathBuf },
    #[error(
        "The disk is full, so the data on this device cannot be opened. Nothing was changed. Free \
         some space and start Keyrack again."
    )]
    DiskFull,
    #[error(
        "The data in {path} cannot be opened: the file is damaged, or its key is not the one on \
         this device. Nothing was deleted. Keep the file, because it may hold work that was not \
         sent, and ask whoever looks after Keyrack here. To begin afresh from the server, move its \
         folder away."
    )]
    Store {
        path: PathBuf,
        #[source]
        source: Box<StoreError>,
    },
    #[error(
        "Keyrack is open on {path}, and its window was shown. Nothing was changed. Close it, and \
         renew the key then."
    )]
    OpenElsewhere { path: PathBuf },
    #[error(
        "There is no key in {path} yet: Keyrack makes one when it is started. Nothing was changed."
    )]
    NoKeyYet { path: PathBuf },
    #[error(
        "The key to the data on this device is in the desktop's keyring, and the keyring does not \
         keep another one{reason}. Nothing was changed. Unlock the keyring and renew the key again."
    )]
    KeyringFull { reason: String },
    #[error(
        "{path} is a damaged file that was put aside, and a new key would close it for good. \
         Nothing was changed. Delete it, or keep it elsewhere with a copy of the present key, and \
         renew the key then."
    )]
    DamagedAside { path: PathBuf },
    #[error(
        "There is no room on the disk for a second copy of {path}. Nothing was changed. Free as \
         much as it takes, and renew the key again."
    )]
    NoRoomToRenew { path: PathBuf },
    #[error(
        "The data in {path} could not be brought under another key: {source}. Nothing was changed. \
         Start Keyrack and sign in to that hotel, which rescues what was not sent if the file is \
         damaged, and renew the key then."
    )]
    NotRenewed {
        path: PathBuf,
        #[source]
        source: Box<StoreError>,
    },
    #[error(
        "The key of the data in {path} is being renewed, and the last of it cannot be done: \
         {source}. Nothing is lost. Make the folder writable for this user, and start Keyrack \
         again: it goes on from there."
    )]
    RenewalWaits {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("This system gives no random numbers: {0}. Nothing was changed.")]
    NoRandomness(getrandom::Error),
    #[error("The window cannot be opened: {0}. Nothing was changed.")]
    Window(#[from] tauri::Error),
}

impl Trouble {
    /// The same for whoever renews a key, to whom a full disk says how much has to be freed.
    pub(crate) fn in_renewal(self) -> Self {
        match self {
            Self::Folder { path, source } if source.kind() == io::ErrorKind::StorageFull => {
                Self::NoRoomToRenew { path }
            }
            other => other,
        }
    }

    pub(crate) fn store(path: PathBuf, source: StoreError) -> Self {
        match source {
            StoreError::DiskFull(_) => Self::DiskFull,
            StoreError::NewerSchema { .. } => Self::NewerStore,
            StoreError::RetiredSchema { .. } => Self::RetiredStore { path },
            source => Self::Store {
                path,
                source: Box::new(source),
            },
        }
    }
}
