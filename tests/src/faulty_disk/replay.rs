//! What programs did to a folder, replayed up to moments at which the power fails.

use super::{Disk, Event, Unsynced, events, record};
use fastrand::Rng;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// A folder before it was recorded, and all that happened in it since.
pub struct Recording {
    folder: PathBuf,
    before: Disk,
    parts: Vec<Part>,
}

/// What one program did.
struct Part {
    what: &'static str,
    /// At how many moments of it the power fails.
    moments: usize,
    events: Vec<Event>,
}

/// What the power cut at one moment left of a folder.
pub struct PowerCut {
    /// Which moment it was, and what became of what was not synced.
    pub what: String,
    /// What the programs had said.
    pub said: String,
    files: Vec<(String, Vec<u8>)>,
}

/// Whether the disk does what a sync asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Syncs {
    Heeded,
    Ignored,
}

impl Recording {
    /// Of a folder in which nobody works yet.
    pub fn of(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            before: Disk::holding(folder),
            parts: Vec::new(),
        }
    }

    /// Records what a program does while it runs; so many moments of it are looked at.
    pub fn part(
        &mut self,
        what: &'static str,
        moments: usize,
        mut program: Command,
        run: impl FnOnce(Command),
    ) {
        let trace = self.folder.with_extension("trace");
        record(&mut program, &self.folder, &trace);
        run(program);
        let mut events = events(&trace);
        fs::remove_file(&trace).expect("the trace was read");
        events.retain(|event| !is_of_shared_index(event));
        self.parts.push(Part {
            what,
            moments,
            events,
        });
    }

    /// All that the programs said.
    pub fn said(&self) -> String {
        let events = self.parts.iter().flat_map(|part| &part.events);
        let said = events.filter_map(|event| match event {
            Event::Said { text } => Some(text.as_str()),
            _ => None,
        });
        said.collect()
    }

    /// What power cuts at moments here and there may leave, in the order of the moments.
    pub fn power_cuts(&self, syncs: Syncs, seed: u64) -> impl Iterator<Item = PowerCut> {
        let events: Vec<&Event> = self.parts.iter().flat_map(|part| &part.events).collect();
        let mut disk = self.before.clone();
        let mut said = String::new();
        let mut happened = 0;
        let moments = self.moments(seed).into_iter();
        moments.flat_map(move |(moment, what)| {
            for event in &events[happened..moment] {
                match event {
                    Event::Said { text } => said += text,
                    Event::Synced { .. } if syncs == Syncs::Ignored => {}
                    other => disk.happen(other),
                }
            }
            happened = moment;
            [
                Unsynced::Kept,
                Unsynced::Dropped,
                Unsynced::Torn(moment as u64),
            ]
            .map(|unsynced| PowerCut {
                what: format!("{what}, the unsynced {unsynced:?}"),
                said: said.clone(),
                files: disk.after_power_cut(unsynced),
            })
        })
    }

    /// How many events happen before the power fails, and what that moment is called: any number,
    /// and often one near a sync or a rename.
    fn moments(&self, seed: u64) -> BTreeMap<usize, String> {
        let mut random = Rng::with_seed(seed);
        let mut moments = BTreeMap::new();
        let mut begin = 0;
        for part in &self.parts {
            let length = part.events.len();
            let settles = |number: &usize| {
                let event = &part.events[*number];
                matches!(event, Event::Synced { .. } | Event::Renamed { .. })
            };
            let settling: Vec<usize> = (0..length).filter(settles).collect();
            for number in 0..part.moments {
                let moment = match number % 2 {
                    0 => random.usize(..=length),
                    _ => {
                        let near = settling[random.usize(..settling.len())];
                        (near + random.usize(..3)).min(length)
                    }
                };
                let what = format!("{}, after {moment} of {length} events", part.what);
                moments.insert(begin + moment, what);
            }
            begin += length;
        }
        moments
    }
}

impl PowerCut {
    /// Puts the files into a folder in the place of all that is there.
    pub fn lay_out(&self, folder: &Path) {
        for earlier in fs::read_dir(folder).expect("a folder") {
            let path = earlier.expect("an entry").path();
            let removed = match path.is_dir() {
                true => fs::remove_dir_all(path),
                false => fs::remove_file(path),
            };
            removed.expect("what is there can go");
        }
        let files = self.files.iter().filter(|(name, _)| !is_shared_index(name));
        for (name, content) in files {
            let path = folder.join(name);
            let within = path.parent().expect("a file is in a folder");
            fs::create_dir_all(within).expect("room for a folder");
            fs::write(path, content).expect("room for a file");
        }
    }
}

/// The shared index of the log is not a file to SQLite: it makes it anew.
fn is_shared_index(name: &str) -> bool {
    name.ends_with("-shm")
}

fn is_of_shared_index(event: &Event) -> bool {
    match event {
        Event::Wrote { file, .. }
        | Event::Resized { file, .. }
        | Event::Synced { file }
        | Event::Removed { file }
        | Event::Renamed { from: file, .. } => is_shared_index(file),
        Event::Said { .. } => false,
    }
}

/// A folder for what power cuts leave: in memory where that is a folder, since it is not this
/// machine's disk that is tested.
pub fn image_folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = match memory.is_dir() {
        true => TempDir::new_in(memory),
        false => TempDir::new(),
    };
    made.expect("a folder")
}
