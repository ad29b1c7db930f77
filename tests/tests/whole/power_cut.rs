//! Power cuts: what a device showed as done is on its disk, wherever the power fails and whatever
//! the disk makes of what was not synced.

use fastrand::Rng;
use keyrack_model::ids::OperationId;
use keyrack_replica::Replica;
use keyrack_tests::{
    faulty_disk::{self, Disk, Event, Unsynced, events},
    hotel::RUI,
    ledger::assert_logged_once,
    peer::{self, Peer},
    server::Server,
    store_file::{self, KEY},
    world::World,
};
use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};
use tempfile::TempDir;
use uuid::Uuid;

const STORE: &str = "device.db";
/// Moments that are tried, each with three outcomes for what was not synced.
const MOMENTS: usize = 100;
/// One image in so many is also compared with one that is made anew from its changes.
const REBUILT: usize = 16;
/// One image in so many also goes on to work with the server.
const RECONNECTED: usize = 75;
/// One image in so many is looked at to see whether looking finds anything.
const CONTROLLED: usize = 4;
const SEED: u64 = 7;

#[tokio::test]
async fn what_was_done_before_a_power_cut_is_done_after_it() {
    let world = World::new();
    let server = world.demo_server().await;
    let recording = Recording::make(&world, &server).await;
    let folder = folder_in_memory();
    let store = folder.path().join(STORE);

    let mut wrong = Vec::new();
    for (number, cut) in recording.power_cuts(Syncs::Heeded).enumerate() {
        cut.lay_out(folder.path());
        if let Err(fault) = examine(&store, &cut.done, number % REBUILT == 0) {
            wrong.push(format!("{}: {fault}", cut.what));
        } else if number % RECONNECTED == 0 {
            reconnect(&store, &server, &cut.done).await;
        }
    }
    assert!(wrong.is_empty(), "{}: {wrong:#?}", wrong.len());
}

/// The same look at stores whose syncs are not heeded: it can find something.
#[tokio::test]
async fn without_syncs_power_cuts_lose_what_was_done() {
    let world = World::new();
    let server = world.demo_server().await;
    let recording = Recording::make(&world, &server).await;
    let folder = folder_in_memory();

    let (mut cuts, mut wrong) = (0, 0);
    for cut in recording.power_cuts(Syncs::Ignored).step_by(CONTROLLED) {
        cut.lay_out(folder.path());
        cuts += 1;
        wrong += usize::from(examine(&folder.path().join(STORE), &cut.done, false).is_err());
    }
    assert!(wrong > cuts / 3, "only {wrong} of {cuts}");
}

/// What is wrong with a store after a power cut.
fn examine(store: &Path, done: &BTreeSet<OperationId>, rebuild: bool) -> Result<(), String> {
    let said = |error: rusqlite::Error| error.to_string();
    let file = store_file::open(store).map_err(said)?;
    let faults = store_file::faults(&file).map_err(said)?;
    if !faults.is_empty() {
        return Err(format!("the file is damaged: {faults:?}"));
    }
    let kept = store_file::operations(&file).map_err(said)?;
    if let Some(lost) = done.difference(&kept).next() {
        return Err(format!("of {} done, {lost} is lost", done.len()));
    }
    drop(file);
    let opened = Replica::open(store, &KEY, peer::new_device(), Box::new(Uuid::now_v7));
    let mut replica = opened.map_err(|error| error.to_string())?;
    if rebuild {
        let shown = peer::digest_of_rows(&replica);
        replica.rebuild().map_err(|error| error.to_string())?;
        if peer::digest_of_rows(&replica) != shown {
            return Err("documents and rows differ".to_owned());
        }
    }
    Ok(())
}

/// What was done reaches the server, once, and the device is like any other.
async fn reconnect(store: &Path, server: &Server, done: &BTreeSet<OperationId>) {
    let mut device = Peer::at(store, server.address());
    device.sync().await;
    assert_eq!(device.replica().refused().expect("a list"), []);
    assert_logged_once(&device, done).await;
    let mut other = Peer::signed_in(server.address(), &RUI).await;
    other.sync().await;
    assert_eq!(device.services(), other.services());
}

/// A device's folder before it is recorded, and all that happened in it since.
struct Recording {
    before: Disk,
    events: Vec<Event>,
}

/// What the power cut at one moment left of a folder.
struct PowerCut {
    what: String,
    files: Vec<(String, Vec<u8>)>,
    /// What the device had said to be done.
    done: BTreeSet<OperationId>,
}

/// Whether the disk does what a sync asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Syncs {
    Heeded,
    Ignored,
}

impl Recording {
    /// Of a device that works and is killed, works without a network and is closed, and works and
    /// is killed again.
    async fn make(world: &World, server: &Server) -> Self {
        let folder = world.folder().join("device");
        fs::create_dir(&folder).expect("the test's folder can be written");
        let store = folder.join(STORE);
        let mut device = Peer::at(&store, server.address());
        device.sign_in(&RUI).await;
        device.sync().await;
        drop(device);
        let before = Disk::holding(&folder);

        let trace = world.folder().join("trace");
        let online = |reports: usize| {
            let mut device = Command::new(env!("CARGO_BIN_EXE_device"));
            device.arg(&store).arg(server.address().to_string());
            faulty_disk::record(&mut device, &folder, &trace);
            work_until_killed(device, reports);
        };
        online(120);
        let nobody_else = world.folder().join("log");
        fs::write(&nobody_else, EMPTY_LIST).expect("the test's folder can be written");
        let mut offline = Command::new(env!("CARGO_BIN_EXE_frail_device"));
        offline.arg(&store).arg("60").arg(&nobody_else);
        faulty_disk::record(&mut offline, &folder, &trace);
        let offline = offline.stdout(Stdio::null()).status();
        assert!(offline.expect("the device runs").success());
        online(60);
        Self {
            before,
            events: events(&trace),
        }
    }

    /// What power cuts at moments here and there may leave, in the order of the moments.
    fn power_cuts(&self, syncs: Syncs) -> impl Iterator<Item = PowerCut> {
        let mut disk = self.before.clone();
        let mut said = String::new();
        let mut happened = 0;
        self.moments().into_iter().flat_map(move |moment| {
            for event in &self.events[happened..moment] {
                match event {
                    Event::Said { text } => said += text,
                    Event::Synced { .. } if syncs == Syncs::Ignored => {}
                    other => disk.happen(other),
                }
            }
            happened = moment;
            let done = done_of(&said);
            [
                Unsynced::Kept,
                Unsynced::Dropped,
                Unsynced::Torn(moment as u64),
            ]
            .map(|unsynced| PowerCut {
                what: format!("after event {moment}, the unsynced {unsynced:?}"),
                files: disk.after_power_cut(unsynced),
                done: done.clone(),
            })
        })
    }

    /// How many events happen before the power fails: any number, and often one near a sync.
    fn moments(&self) -> BTreeSet<usize> {
        let is_sync = |number: &usize| matches!(self.events[*number], Event::Synced { .. });
        let syncs: Vec<usize> = (0..self.events.len()).filter(is_sync).collect();
        let mut random = Rng::with_seed(SEED);
        let anywhere = |random: &mut Rng| random.usize(..self.events.len());
        let near_a_sync = |random: &mut Rng| syncs[random.usize(..syncs.len())] + random.usize(..3);
        (0..MOMENTS)
            .map(|number| match number % 2 {
                0 => anywhere(&mut random),
                _ => near_a_sync(&mut random).min(self.events.len()),
            })
            .collect()
    }
}

impl PowerCut {
    /// Puts the files into an empty folder.
    fn lay_out(&self, folder: &Path) {
        for earlier in fs::read_dir(folder).expect("a folder") {
            fs::remove_file(earlier.expect("an entry").path()).expect("a file that can go");
        }
        // The shared index of the log is not a file to SQLite: it makes it anew.
        let files = self
            .files
            .iter()
            .filter(|(name, _)| !name.ends_with("-shm"));
        for (name, content) in files {
            fs::write(folder.join(name), content).expect("room for a file");
        }
    }
}

/// CBOR.
const EMPTY_LIST: [u8; 1] = [0x80];

/// The operations in what a device said; it says those of `device.rs` bare, and those of
/// `frail_device.rs` after `done`.
fn done_of(said: &str) -> BTreeSet<OperationId> {
    let whole_lines = said
        .split_inclusive('\n')
        .filter(|line| line.ends_with('\n'));
    whole_lines
        .filter_map(|line| line.trim_start_matches("done ").trim().parse().ok())
        .collect()
}

fn work_until_killed(mut device: Command, reports: usize) {
    let mut device = device
        .stdout(Stdio::piped())
        .spawn()
        .expect("the device starts");
    let stdout = device.stdout.take().expect("its output is a pipe");
    let reported = BufReader::new(stdout).lines().take(reports).count();
    assert_eq!(reported, reports, "the device ended by itself");
    device.kill().expect("the device is killed");
    device.wait().expect("its end");
}

/// For images: in memory where that is a folder, since it is not this machine's disk that is
/// tested.
fn folder_in_memory() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = match memory.is_dir() {
        true => TempDir::new_in(memory),
        false => TempDir::new(),
    };
    made.expect("a folder")
}
