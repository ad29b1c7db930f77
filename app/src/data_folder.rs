//! The folder in which one installation keeps its things, readable by its user alone.
//!
//! ```text
//! lock             held by the process that has the data open
//! window           socket on which that process is asked to show its window
//! device.key       the device's secret, or
//! device.keyring   the name under which the desktop's keyring keeps it
//! device.*.next    either of them, of the secret that is to take its place
//! device.renewed   there from when a renewal of the key is only finished, until it is
//! hotel            id of the hotel that was signed in to last
//! hotels/ID/       one store for each hotel
//! webview/         what the web view keeps for itself
//! ```

use crate::trouble::Trouble;
use keyrack_model::ids::HotelId;
use rustix::fs::Mode;
use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// Whatever this process makes from here on is its user's alone, the files that SQLite and the web
/// view make included.
pub(crate) fn keep_new_files_private() {
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
}

#[derive(Clone, Debug)]
pub(crate) struct DataFolder {
    root: PathBuf,
}

impl DataFolder {
    /// Where the data is unless somebody says otherwise.
    pub(crate) fn usual() -> Option<PathBuf> {
        Some(dirs::data_dir()?.join("keyrack"))
    }

    /// The folder at `root`, made when it is not there.
    pub(crate) fn make(root: PathBuf) -> Result<Self, Trouble> {
        let folder = Self { root };
        private_folder(&folder.root)
            .and_then(|()| folder.root.canonicalize())
            .map(|root| Self { root })
            .map_err(|source| folder.failed(source))
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub(crate) fn webview(&self) -> PathBuf {
        self.root.join("webview")
    }

    /// The store of one hotel; its folder is there when this returns.
    pub(crate) fn store(&self, hotel: HotelId) -> Result<PathBuf, Trouble> {
        let folder = self.hotels().join(hotel.to_string());
        private_folder(&folder).map_err(|source| self.failed(source))?;
        Ok(folder.join(STORE))
    }

    /// Where each hotel that has a folder here has its store, if it has one.
    pub(crate) fn stores(&self) -> Result<Vec<PathBuf>, Trouble> {
        self.stores_but(None)
    }

    /// The same without those of one hotel.
    pub(crate) fn stores_but(&self, but: Option<HotelId>) -> Result<Vec<PathBuf>, Trouble> {
        let hotels = self.hotel_folders();
        let mut stores: Vec<_> = hotels
            .map_err(|source| self.failed(source))?
            .into_iter()
            .filter(|(hotel, _)| Some(*hotel) != but)
            .map(|(_, folder)| folder.join(STORE))
            .collect();
        stores.sort();
        Ok(stores)
    }

    /// Whether any hotel has data here.
    pub(crate) fn has_stores(&self) -> Result<bool, Trouble> {
        match fs::read_dir(self.hotels()) {
            Ok(mut entries) => Ok(entries.next().is_some()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(source) => Err(self.failed(source)),
        }
    }

    /// The hotel that was signed in to last.
    pub(crate) fn last_hotel(&self) -> Result<Option<HotelId>, Trouble> {
        let noted = self.read(LAST_HOTEL)?;
        match noted.and_then(|noted| noted.trim().parse().ok()) {
            Some(hotel) => Ok(Some(hotel)),
            // What lies here is not forgotten with the note.
            None => self.last_used().map_err(|source| self.failed(source)),
        }
    }

    /// The hotel whose data were written last.
    fn last_used(&self) -> io::Result<Option<HotelId>> {
        let mut last = None;
        for (hotel, folder) in self.hotel_folders()? {
            let beside = fs::read_dir(folder)?;
            let times = beside.filter_map(|file| file.ok()?.metadata().ok()?.modified().ok());
            if let Some(used) = times.max() {
                last = last.max(Some((used, hotel)));
            }
        }
        Ok(last.map(|(_, hotel)| hotel))
    }

    fn hotel_folders(&self) -> io::Result<Vec<(HotelId, PathBuf)>> {
        let entries = match fs::read_dir(self.hotels()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut folders = Vec::new();
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let hotel = name.to_str().and_then(|name| name.parse::<HotelId>().ok());
            if let Some(hotel) = hotel {
                folders.push((hotel, entry.path()));
            }
        }
        Ok(folders)
    }

    pub(crate) fn remember_hotel(&self, hotel: HotelId) -> Result<(), Trouble> {
        self.write(LAST_HOTEL, &hotel.to_string())
    }

    /// The text of a file in this folder, whatever bytes are in it; None when there is no such file.
    pub(crate) fn read(&self, name: &str) -> Result<Option<String>, Trouble> {
        self.look(name).map_err(|source| self.failed(source))
    }

    /// As [`Self::read`], for whoever has more to say of what went wrong.
    pub(crate) fn look(&self, name: &str) -> io::Result<Option<String>> {
        match fs::read(self.file(name)) {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes a file of this folder and what was broken off of writing it; that they are gone is
    /// on the disk when this returns.
    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        let mut removed = false;
        for path in [self.file(name), self.draft(name)] {
            match fs::remove_file(path) {
                Ok(()) => removed = true,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        if removed { self.sync() } else { Ok(()) }
    }

    /// Gives a file of this folder another name, if it is there; on the disk when this returns.
    pub(crate) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        match fs::rename(self.file(from), self.file(to)) {
            Ok(()) => self.sync(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn sync(&self) -> io::Result<()> {
        File::open(&self.root)?.sync_all()
    }

    fn draft(&self, name: &str) -> PathBuf {
        self.file(&format!("{name}.draft"))
    }

    /// Takes a file away from everybody else who may read it: one that was copied here, for one.
    pub(crate) fn make_private(&self, name: &str) -> Result<(), Trouble> {
        let path = self.file(name);
        let is_open = |found: fs::Metadata| found.permissions().mode() & 0o077 != 0;
        let made = match fs::metadata(&path).map(is_open) {
            Ok(true) => fs::set_permissions(&path, Permissions::from_mode(0o600)),
            Ok(false) => Ok(()),
            Err(error) => Err(error),
        };
        made.map_err(|source| self.failed(source))
    }

    /// Replaces a file in this folder as a whole; it is on the disk when this returns.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<(), Trouble> {
        self.replace(name, text)
            .map_err(|source| self.failed(source))
    }

    fn replace(&self, name: &str, text: &str) -> io::Result<()> {
        let draft = self.draft(name);
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, self.file(name))?;
        self.sync()
    }

    fn hotels(&self) -> PathBuf {
        self.root.join("hotels")
    }

    pub(crate) fn failed(&self, source: io::Error) -> Trouble {
        Trouble::Folder {
            path: self.root.clone(),
            source,
        }
    }
}

const LAST_HOTEL: &str = "hotel";
const STORE: &str = "replica.db";

fn private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::identity;
    use std::{
        os::unix::fs::PermissionsExt,
        time::{Duration, SystemTime},
    };

    #[test]
    fn nobody_else_can_look_into_the_folder_or_its_files() {
        let parent = tempfile::tempdir().unwrap();
        let folder = DataFolder::make(parent.path().join("keyrack")).unwrap();
        folder.write("device.key", "secret").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(folder.root()), 0o700);
        assert_eq!(mode(&folder.file("device.key")), 0o600);
    }

    #[test]
    fn the_last_hotel_is_remembered_and_nonsense_is_passed_over() {
        let parent = tempfile::tempdir().unwrap();
        let folder = DataFolder::make(parent.path().join("keyrack")).unwrap();
        assert_eq!(folder.last_hotel().unwrap(), None);
        let hotel = identity::hotel("resort");
        folder.remember_hotel(hotel).unwrap();
        assert_eq!(folder.last_hotel().unwrap(), Some(hotel));
        fs::write(folder.file(LAST_HOTEL), b"\xff not an id").unwrap();
        assert_eq!(folder.last_hotel().unwrap(), None);
    }

    #[test]
    fn the_data_that_were_used_last_are_found_without_the_note() {
        let parent = tempfile::tempdir().unwrap();
        let folder = DataFolder::make(parent.path().join("keyrack")).unwrap();
        let [first, second] = ["resort", "city"].map(identity::hotel);
        for (hotel, minutes) in [(first, 2), (second, 1)] {
            let store = File::create(folder.store(hotel).unwrap()).unwrap();
            let ago = Duration::from_secs(60 * minutes);
            store.set_modified(SystemTime::now() - ago).unwrap();
        }
        assert_eq!(folder.last_hotel().unwrap(), Some(second));
        folder.remember_hotel(first).unwrap();
        assert_eq!(folder.last_hotel().unwrap(), Some(first));
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().join("below a file");
        let trouble = DataFolder::make(path.clone()).unwrap_err();
        assert!(trouble.to_string().contains(path.to_str().unwrap()));
    }
}
