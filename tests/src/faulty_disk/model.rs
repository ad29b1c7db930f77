//! What a disk holds after a power cut: everything that was synced, and of the rest all, nothing
//! or any part.

use super::Event;
use fastrand::Rng;
use std::{collections::BTreeMap, fs, path::Path};

/// What a disk writes whole or not at all.
const SECTOR: usize = 512;

/// A folder on a disk, between two events of a trace.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    files: BTreeMap<String, File>,
}

/// What became of what was written and not synced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unsynced {
    Kept,
    Dropped,
    /// Each sector, size, new name and removal by itself was kept or dropped, as a seed has it.
    Torn(u64),
}

#[derive(Clone, Debug, Default)]
struct File {
    /// What is surely on the disk.
    synced: Vec<u8>,
    /// What may be there, in order.
    pending: Vec<Pending>,
    entry: Entry,
    /// What has the name as long as the disk does not know this file: one whose removal was not
    /// synced either.
    replaces: Option<Vec<u8>>,
}

#[derive(Clone, Debug)]
enum Pending {
    Sector { at: usize, bytes: Vec<u8> },
    Size(usize),
}

/// Whether the folder knows the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Entry {
    /// Until the folder is synced it may not.
    #[default]
    Made,
    Synced,
    /// Until the folder is synced it may still.
    Removed,
}

impl Disk {
    /// The files of a folder, all of them synced long ago.
    pub fn holding(folder: &Path) -> Self {
        let entries = fs::read_dir(folder).expect("a folder");
        let file = |entry: fs::DirEntry| {
            let name = entry.file_name().into_string().expect("names are text");
            let file = File {
                synced: fs::read(entry.path()).expect("a file"),
                entry: Entry::Synced,
                ..File::default()
            };
            (name, file)
        };
        Self {
            files: entries
                .map(|entry| file(entry.expect("an entry")))
                .collect(),
        }
    }

    pub fn happen(&mut self, event: &Event) {
        match event {
            Event::Wrote { file, at, bytes } => self.file(file).write(*at, bytes),
            Event::Resized { file, size } => self.file(file).pending.push(Pending::Size(*size)),
            Event::Synced { file } if file.is_empty() => self.sync_entries(),
            Event::Synced { file } => self.file(file).sync(),
            Event::Removed { file } => self.file(file).entry = Entry::Removed,
            Event::Renamed { from, to } => panic!("a store renames nothing: {from} to {to}"),
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
        let mut there = Vec::new();
        for (name, file) in &self.files {
            let known = match file.entry {
                Entry::Synced => true,
                Entry::Made => lasts(),
                Entry::Removed => !lasts(),
            };
            if known {
                there.push((name.clone(), file.with(&mut lasts)));
            } else if let Some(earlier) = &file.replaces {
                there.push((name.clone(), earlier.clone()));
            }
        }
        there
    }

    fn file(&mut self, name: &str) -> &mut File {
        let file = self.files.entry(name.to_owned()).or_default();
        if file.entry == Entry::Removed {
            let removed = std::mem::take(file);
            file.replaces = Some(removed.synced);
        }
        file
    }

    fn sync_entries(&mut self) {
        self.files.retain(|_, file| file.entry != Entry::Removed);
        for file in self.files.values_mut() {
            file.entry = Entry::Synced;
            file.replaces = None;
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

    fn after(events: &[Event], unsynced: Unsynced) -> Option<Vec<u8>> {
        let mut disk = Disk::default();
        for event in events {
            disk.happen(event);
        }
        let there = disk.after_power_cut(unsynced);
        there.into_iter().map(|(_, content)| content).next()
    }

    fn wrote(at: usize, bytes: &[u8]) -> Event {
        Event::Wrote {
            file: FILE.to_owned(),
            at,
            bytes: bytes.to_vec(),
        }
    }

    fn synced(file: &str) -> Event {
        Event::Synced {
            file: file.to_owned(),
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
    fn torn_writes_keep_some_sectors_and_drop_others() {
        let events = [synced(FILE), synced(""), wrote(0, &[7; 64 * SECTOR])];
        let torn = after(&events, Unsynced::Torn(7)).unwrap();
        let sectors = torn.chunks(SECTOR);
        let kept = sectors.filter(|sector| **sector == [7; SECTOR]).count();
        assert!((1..64).contains(&kept), "{kept}");
    }
}
