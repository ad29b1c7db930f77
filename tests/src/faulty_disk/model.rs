//! What a disk holds after a power cut: everything that was synced, and of the rest all, nothing
//! or any part.
//!
//! **Invariant**: what a file says is synced with the file, and what it is called with the folder.
//! What became of a name is on the disk as a whole or not at all, and not before what became of
//! the same name earlier.

use super::Event;
use fastrand::Rng;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// What a disk writes whole or not at all.
const SECTOR: usize = 512;

/// A folder on a disk with those in it, between two events of a trace. No folder is made or removed
/// meanwhile.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// Every file that there was: one that is renamed is the same file.
    files: Vec<File>,
    /// Which file has which name for programs.
    names: BTreeMap<String, usize>,
    /// Which file surely has which name on the disk.
    synced: BTreeMap<String, usize>,
    /// What may have become of names there, in order.
    pending: Vec<Naming>,
    /// The folders in it, by their paths.
    folders: BTreeSet<String>,
}

/// What became of what was written and not synced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unsynced {
    Kept,
    Dropped,
    /// Each sector, size, new name, removal and rename by itself was kept or dropped, as a seed has
    /// it.
    Torn(u64),
}

#[derive(Clone, Debug, Default)]
struct File {
    /// What is surely on the disk.
    synced: Vec<u8>,
    /// What may be there, in order.
    pending: Vec<Pending>,
}

#[derive(Clone, Debug)]
enum Pending {
    Sector { at: usize, bytes: Vec<u8> },
    Size(usize),
}

/// What became of a name.
#[derive(Clone, Debug)]
enum Naming {
    Made {
        name: String,
        file: usize,
    },
    Removed {
        name: String,
    },
    /// In the place of whatever had the name.
    Renamed {
        from: String,
        to: String,
    },
}

impl Disk {
    /// The files of a folder, all of them synced long ago.
    pub fn holding(folder: &Path) -> Self {
        let mut disk = Self::default();
        disk.hold(folder, "");
        disk.synced = disk.names.clone();
        disk
    }

    fn hold(&mut self, folder: &Path, prefix: &str) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let entry = entry.expect("an entry");
            let name = entry.file_name().into_string().expect("names are text");
            let path = format!("{prefix}{name}");
            if entry.file_type().expect("a kind of file").is_dir() {
                self.hold(&entry.path(), &format!("{path}/"));
                self.folders.insert(path);
                continue;
            }
            self.names.insert(path, self.files.len());
            self.files.push(File {
                synced: fs::read(entry.path()).expect("a file"),
                pending: Vec::new(),
            });
        }
    }

    pub fn happen(&mut self, event: &Event) {
        match event {
            Event::Wrote { file, at, bytes } => self.file(file).write(*at, bytes),
            Event::Resized { file, size } => self.file(file).pending.push(Pending::Size(*size)),
            Event::Synced { file } if file.is_empty() || self.folders.contains(file) => {
                self.sync_names(file);
            }
            Event::Synced { file } => self.file(file).sync(),
            Event::Removed { file } => self.name(Naming::Removed { name: file.clone() }),
            Event::Renamed { from, to } => {
                // One that nothing was written to is met here for the first time.
                self.file(from);
                self.name(Naming::Renamed {
                    from: from.clone(),
                    to: to.clone(),
                });
            }
            Event::Said { .. } => {}
        }
    }

    /// The folder's files after a power cut at this moment.
    pub fn after_power_cut(&self, unsynced: Unsynced) -> Vec<(String, Vec<u8>)> {
        let mut random = match unsynced {
            Unsynced::Torn(seed) => Rng::with_seed(seed),
            Unsynced::Kept | Unsynced::Dropped => Rng::with_seed(0),
        };
        let mut lasts = || match unsynced {
            Unsynced::Kept => true,
            Unsynced::Dropped => false,
            Unsynced::Torn(_) => random.bool(),
        };
        let mut names = self.synced.clone();
        let mut held_back: BTreeSet<&str> = BTreeSet::new();
        for naming in &self.pending {
            let touched = naming.names();
            if touched.iter().any(|name| held_back.contains(name)) || !lasts() {
                held_back.extend(touched);
            } else {
                naming.happen(&mut names);
            }
        }
        names
            .into_iter()
            .map(|(name, file)| (name, self.files[file].with(&mut lasts)))
            .collect()
    }

    /// The file of a name, made when there is none.
    fn file(&mut self, name: &str) -> &mut File {
        let file = match self.names.get(name) {
            Some(file) => *file,
            None => {
                let file = self.files.len();
                self.files.push(File::default());
                self.name(Naming::Made {
                    name: name.to_owned(),
                    file,
                });
                file
            }
        };
        &mut self.files[file]
    }

    fn name(&mut self, naming: Naming) {
        naming.happen(&mut self.names);
        self.pending.push(naming);
    }

    /// What became of names in one folder is on the disk; whatever was renamed stayed in its folder.
    fn sync_names(&mut self, folder: &str) {
        let pending = std::mem::take(&mut self.pending);
        for naming in pending {
            if naming.folder() == folder {
                naming.happen(&mut self.synced);
            } else {
                self.pending.push(naming);
            }
        }
    }
}

impl Naming {
    /// The names that are others after it.
    fn names(&self) -> [&str; 2] {
        match self {
            Self::Made { name, .. } | Self::Removed { name } => [name, name],
            Self::Renamed { from, to } => [from, to],
        }
    }

    fn folder(&self) -> &str {
        let [_, name] = self.names();
        name.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    fn happen(&self, names: &mut BTreeMap<String, usize>) {
        match self {
            Self::Made { name, file } => {
                names.insert(name.clone(), *file);
            }
            Self::Removed { name } => {
                names.remove(name);
            }
            Self::Renamed { from, to } => {
                if let Some(file) = names.remove(from) {
                    names.insert(to.clone(), file);
                }
            }
        }
    }
}

impl File {
    fn write(&mut self, at: usize, bytes: &[u8]) {
        let mut at = at;
        let mut rest = bytes;
        while !rest.is_empty() {
            let room = SECTOR - at % SECTOR;
            let (sector, others) = rest.split_at(room.min(rest.len()));
            let bytes = sector.to_vec();
            self.pending.push(Pending::Sector { at, bytes });
            at += sector.len();
            rest = others;
        }
    }

    fn sync(&mut self) {
        self.synced = self.with(|| true);
        self.pending.clear();
    }

    fn with(&self, mut lasts: impl FnMut() -> bool) -> Vec<u8> {
        let mut content = self.synced.clone();
        for pending in self.pending.iter().filter(|_| lasts()) {
            match pending {
                Pending::Sector { at, bytes } => {
                    let end = at + bytes.len();
                    if content.len() < end {
                        content.resize(end, 0);
                    }
                    content[*at..end].copy_from_slice(bytes);
                }
                Pending::Size(size) => content.resize(*size, 0),
            }
        }
        content
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "file";

    fn there(events: &[Event], unsynced: Unsynced) -> BTreeMap<String, Vec<u8>> {
        let mut disk = Disk::default();
        for event in events {
            disk.happen(event);
        }
        disk.after_power_cut(unsynced).into_iter().collect()
    }

    fn after(events: &[Event], unsynced: Unsynced) -> Option<Vec<u8>> {
        there(events, unsynced).remove(FILE)
    }

    fn names(events: &[Event], unsynced: Unsynced) -> Vec<String> {
        there(events, unsynced).into_keys().collect()
    }

    fn wrote(at: usize, bytes: &[u8]) -> Event {
        wrote_to(FILE, at, bytes)
    }

    fn wrote_to(file: &str, at: usize, bytes: &[u8]) -> Event {
        Event::Wrote {
            file: file.to_owned(),
            at,
            bytes: bytes.to_vec(),
        }
    }

    fn synced(file: &str) -> Event {
        Event::Synced {
            file: file.to_owned(),
        }
    }

    fn removed(file: &str) -> Event {
        Event::Removed {
            file: file.to_owned(),
        }
    }

    fn renamed(from: &str, to: &str) -> Event {
        Event::Renamed {
            from: from.to_owned(),
            to: to.to_owned(),
        }
    }

    #[test]
    fn only_what_was_synced_surely_survives_a_power_cut() {
        let events = [wrote(0, b"old"), synced(FILE), synced(""), wrote(0, b"new")];
        assert_eq!(after(&events, Unsynced::Kept).unwrap(), b"new");
        assert_eq!(after(&events, Unsynced::Dropped).unwrap(), b"old");
    }

    #[test]
    fn a_file_that_its_folder_was_not_synced_for_may_be_gone() {
        let events = [wrote(0, b"old"), synced(FILE)];
        assert_eq!(after(&events, Unsynced::Dropped), None);
        assert_eq!(after(&events, Unsynced::Kept).unwrap(), b"old");
    }

    #[test]
    fn a_folder_settles_the_names_in_it_and_no_others() {
        let mut disk = Disk {
            folders: BTreeSet::from(["hotel".to_owned()]),
            ..Disk::default()
        };
        let draft = "hotel/draft";
        for event in [
            wrote(0, b"key"),
            synced(FILE),
            wrote_to(draft, 0, b"new"),
            synced(draft),
            renamed(draft, "hotel/store"),
            synced("hotel"),
        ] {
            disk.happen(&event);
        }
        let there = |disk: &Disk| {
            let files = disk.after_power_cut(Unsynced::Dropped);
            Vec::from_iter(files.into_iter().map(|(name, _)| name))
        };
        assert_eq!(there(&disk), ["hotel/store"]);
        disk.happen(&synced(""));
        assert_eq!(there(&disk), [FILE, "hotel/store"]);
    }

    #[test]
    fn torn_writes_keep_some_sectors_and_drop_others() {
        let events = [synced(FILE), synced(""), wrote(0, &[7; 64 * SECTOR])];
        let torn = after(&events, Unsynced::Torn(7)).unwrap();
        let sectors = torn.chunks(SECTOR);
        let kept = sectors.filter(|sector| **sector == [7; SECTOR]).count();
        assert!((1..64).contains(&kept), "{kept}");
    }

    #[test]
    fn what_was_removed_and_made_anew_is_the_old_one_or_the_new_one_or_not_there() {
        let old = [wrote(0, b"old"), synced(FILE), synced("")];
        let events = [
            &old[..],
            &[removed(FILE), wrote(0, b"new, and longer"), synced(FILE)],
        ]
        .concat();
        assert_eq!(after(&events, Unsynced::Dropped).unwrap(), b"old");
        assert_eq!(after(&events, Unsynced::Kept).unwrap(), b"new, and longer");
        let torn: BTreeSet<_> = (0..64)
            .map(|seed| after(&events, Unsynced::Torn(seed)))
            .collect();
        let both = [&b"new, and longer"[..], b"old"];
        let possible = [None].into_iter().chain(both.map(|it| Some(it.to_vec())));
        assert_eq!(torn, possible.collect::<BTreeSet<_>>());
    }

    #[test]
    fn a_file_has_its_new_name_for_sure_once_its_folder_was_synced() {
        let old = [wrote(0, b"old"), synced(FILE), synced("")];
        let moved = [&old[..], &[renamed(FILE, "aside")]].concat();
        assert_eq!(names(&moved, Unsynced::Dropped), [FILE]);
        assert_eq!(names(&moved, Unsynced::Kept), ["aside"]);
        let settled = [&moved[..], &[synced("")]].concat();
        assert_eq!(names(&settled, Unsynced::Dropped), ["aside"]);
    }

    #[test]
    fn a_file_that_takes_the_place_of_another_has_its_name_only_when_that_has_given_it_up() {
        let events = [
            wrote(0, b"old"),
            synced(FILE),
            wrote_to("draft", 0, b"new"),
            synced("draft"),
            synced(""),
            renamed(FILE, "aside"),
            renamed("draft", FILE),
        ];
        let mut seen = BTreeSet::new();
        for seed in 0..64 {
            let there = there(&events, Unsynced::Torn(seed));
            let contents: BTreeSet<&[u8]> = there.values().map(Vec::as_slice).collect();
            assert_eq!(contents, BTreeSet::from([&b"new"[..], b"old"]), "{there:?}");
            seen.insert(there.into_keys().collect::<Vec<_>>());
        }
        let names = [["aside", "draft"], ["aside", FILE], ["draft", FILE]];
        let names = names.map(|both| both.map(str::to_owned).to_vec());
        assert_eq!(seen, BTreeSet::from(names));
    }

    #[test]
    fn a_name_that_was_given_away_before_the_content_was_synced_may_be_of_an_empty_file() {
        let events = [
            wrote_to("draft", 0, b"new"),
            renamed("draft", FILE),
            synced(""),
        ];
        assert_eq!(after(&events, Unsynced::Dropped).unwrap(), b"");
        assert_eq!(after(&events, Unsynced::Kept).unwrap(), b"new");
    }
}
