//! A disk that fails now and then: what was said to be done is kept, nothing stops, and it goes on
//! when the disk does.

use keyrack_model::{action::LogEntry, ids::OperationId, room::ServiceStatus};
use keyrack_replica::{Replica, damaged_aside};
use keyrack_tests::{
    desk::Desk,
    faulty_disk::{self, DiskError, Event, FailingCall, Fault, events},
    hotel::{INES, RUI},
    ledger::assert_logged_once,
    peer::{self, Peer},
    server::Server,
    store_file::{self, KEY},
    wait::{self, PATIENTLY},
    world::World,
};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use uuid::Uuid;

const STORE: &str = "device.db";
const ACTIONS: &str = "24";
/// One call in so many gets a run of its own in which it fails.
const WRITES_APART: usize = 23;
const SYNCS_APART: usize = 3;
/// The first reads, which open the store, each fail once; of the others ever fewer.
const READS_OF_OPENING: usize = 24;
const READS: usize = 6_000;
/// One store in so many also goes on to work with the server.
const RECONNECTED: usize = 9;

#[tokio::test]
async fn a_failing_disk_loses_nothing_that_was_done_and_stops_nothing() {
    let world = World::new();
    let server = world.demo_server().await;
    let device = Device::make(&world, &server).await;

    let mut failures = 0;
    let mut unread = 0;
    for (number, fault) in device.faults().into_iter().enumerate() {
        let (store, report) = device.work(number, fault);
        failures += report.failed.len() + report.untaken;
        if fault.call == FailingCall::Read {
            let closed = usize::from(report.closed.is_some());
            unread += closed + report.failed.len() + report.untaken + report.unread;
        }
        // After what failed once the device goes on, without a next start.
        let shows = report.rows.is_some() || report.closed.is_some();
        assert!(fault.every > 0 || shows, "{fault:?}: {report:?}");
        let kept = report.check(&store);
        kept.unwrap_or_else(|wrong| panic!("{fault:?}: {wrong}; {report:?}"));
        if number % RECONNECTED == 0 {
            reconnect(&store, &server, &report.done).await;
        }
    }
    assert!(failures > 100, "only {failures} things failed");
    assert!(unread > 30, "only {unread} things could not be read");
}

#[tokio::test]
async fn a_window_goes_on_when_its_disk_did_not_give_a_page_now_and_then() {
    let world = World::new();
    let server = world.demo_server().await;
    let workplace = world.workplace("desk", &server.url());
    let rui = Desk::sign_in(workplace.open().await, &RUI).await;
    let rooms: Vec<_> = rui.board().await.into_keys().take(12).collect();
    rui.into_window().close().await;

    let workplace = workplace.with_faulty_disk(Fault {
        call: FailingCall::Read,
        error: DiskError::Io,
        first: 700,
        every: 1_500,
    });
    let rui = Desk::signed_in(workplace.open().await).await;
    for room in &rooms {
        // What did not come about is said, and asked for again.
        wait::until(format!("room {room} set"), PATIENTLY, async || {
            match rui.try_cleanliness(room, "pickup").await {
                Ok(()) => Ok(()),
                Err(reason) => match rui.tile(room).await {
                    Some(tile) if tile.cleanliness == "pickup" => Ok(()),
                    _ => Err(reason),
                },
            }
        })
        .await;
    }
    rui.wait_until_synced().await;
    let board = rui.board().await;
    rui.into_window().kill().await;
    let log = workplace.log();
    assert!(log.contains("was opened once more"), "nothing failed");
    let other = world.workplace("other", &server.url()).open().await;
    let other = Desk::sign_in(other, &INES).await;
    for room in &rooms {
        assert_eq!(board[room].cleanliness, "pickup");
        other
            .wait_for_tile(room, |tile| tile.cleanliness == "pickup")
            .await;
    }
}

/// What was done reaches the server, and the device is like any other.
async fn reconnect(store: &Path, server: &Server, done: &BTreeSet<OperationId>) {
    let mut device = Peer::at(store, server.address());
    device.sync().await;
    assert_eq!(device.replica().refused().expect("a list"), []);
    assert_logged_once(&device, done).await;
    let mut other = Peer::signed_in(server.address(), &RUI).await;
    other.sync().await;
    assert_eq!(device.services(), other.services());
}

/// A device that is off, and what others have done since.
struct Device {
    folder: PathBuf,
    log: PathBuf,
    calls: Calls,
}

/// What a healthy disk is asked for.
#[derive(Clone, Copy, Default, Debug)]
struct Calls {
    writes: usize,
    syncs: usize,
}

/// What a device said.
#[derive(Default, Debug)]
struct Report {
    /// Why it could not begin.
    closed: Option<String>,
    done: BTreeSet<OperationId>,
    failed: BTreeSet<OperationId>,
    /// Deliveries that it could not take in.
    untaken: usize,
    /// Looks at the rooms that came to nothing.
    unread: usize,
    /// Stands for what it showed at the end, if it could.
    rows: Option<String>,
}

impl Device {
    async fn make(world: &World, server: &Server) -> Self {
        let folder = world.folder().join("device");
        fs::create_dir(&folder).expect("the test's folder can be written");
        let mut device = Peer::at(&folder.join(STORE), server.address());
        device.sign_in(&RUI).await;
        device.sync().await;
        let head = device.replica().cursor();
        drop(device);
        let mut others = Peer::signed_in(server.address(), &INES).await;
        others.sync().await;
        for room in others.rooms().into_iter().take(60) {
            let value = ServiceStatus::DoNotDisturb;
            let wish = keyrack_model::command::Command::SetServiceStatus { room, value };
            others.act(&wish).expect("a wish that changes something");
        }
        others.sync().await;
        let log = others.whole_log().await;
        let since: Vec<LogEntry> = log
            .into_iter()
            .filter(|entry| entry.sequence > head)
            .collect();
        let path = world.folder().join("log");
        let file = fs::File::create(&path).expect("the test's folder can be written");
        ciborium::into_writer(&since, file).expect("entries encode");
        let mut device = Self {
            folder,
            log: path,
            calls: Calls::default(),
        };
        device.calls = device.count();
        device
    }

    /// What a healthy disk is asked for while everything succeeds.
    fn count(&self) -> Calls {
        let trace = self.folder.with_extension("trace");
        let (store, mut program) = self.program("healthy");
        faulty_disk::record(&mut program, folder_of(&store), &trace);
        let report = Report::of(program);
        assert!(
            report.failed.is_empty() && report.untaken == 0,
            "{report:?}"
        );
        report
            .check(&store)
            .expect("a healthy disk keeps everything");
        let mut calls = Calls::default();
        for event in events(&trace) {
            match event {
                Event::Wrote { .. } | Event::Resized { .. } => calls.writes += 1,
                Event::Synced { .. } => calls.syncs += 1,
                Event::Removed { .. } | Event::Renamed { .. } | Event::Said { .. } => {}
            }
        }
        calls
    }

    /// Some calls that fail once, and then every few of them.
    fn faults(&self) -> Vec<Fault> {
        use {DiskError::*, FailingCall::*};
        let fault = |call, error, first, every| Fault {
            call,
            error,
            first,
            every,
        };
        let writes = (1..self.calls.writes).step_by(WRITES_APART);
        let reads = std::iter::successors(Some(1_usize), |at| {
            let next = at + 1 + at.saturating_sub(READS_OF_OPENING) / 4;
            (next < READS).then_some(next)
        });
        let syncs = (1..self.calls.syncs).step_by(SYNCS_APART);
        let mut faults: Vec<_> = writes
            .enumerate()
            .map(|(number, first)| fault(Write, [Io, Full][number % 2], first, 0))
            .collect();
        faults.extend(syncs.map(|first| fault(Sync, Io, first, 0)));
        faults.extend(reads.map(|first| fault(Read, Io, first, 0)));
        for every in [3, 7, 29] {
            faults.push(fault(Read, Io, 300, every * 10));
            faults.push(fault(Write, Full, 40, every));
            faults.push(fault(Write, Io, 41, every));
            faults.push(fault(Sync, Io, 5, every));
        }
        faults
    }

    /// Works on a copy of the device's store while its disk fails.
    fn work(&self, number: usize, fault: Fault) -> (PathBuf, Report) {
        let (store, mut program) = self.program(&format!("fault-{number}"));
        faulty_disk::fail(&mut program, folder_of(&store), fault);
        let report = Report::of(program);
        (store, report)
    }

    fn program(&self, copy: &str) -> (PathBuf, Command) {
        let copy = self.folder.with_file_name(copy);
        fs::create_dir(&copy).expect("the test's folder can be written");
        let store = copy.join(STORE);
        fs::copy(self.folder.join(STORE), &store).expect("room for a copy");
        let mut program = Command::new(env!("CARGO_BIN_EXE_frail_device"));
        program.arg(&store).arg(ACTIONS).arg(&self.log);
        (store, program)
    }
}

fn folder_of(store: &Path) -> &Path {
    store.parent().expect("a store is in a folder")
}

impl Report {
    /// Runs a device to its end.
    fn of(mut device: Command) -> Self {
        let output = device.output().expect("the device runs");
        let said = String::from_utf8(output.stdout).expect("it says text");
        let mut report = Self::default();
        for line in said.lines() {
            let (what, rest) = line.split_once(' ').unwrap_or((line, ""));
            let operation = || rest[..36].parse().expect("an operation");
            match what {
                "done" => drop(report.done.insert(operation())),
                "failed" => drop(report.failed.insert(operation())),
                "untaken" => report.untaken += 1,
                "took" => {}
                "unread" => report.unread += 1,
                "rows" => report.rows = Some(rest.to_owned()),
                "closed" => report.closed = Some(rest.to_owned()),
                other => panic!("a device that says {other:?}"),
            }
        }
        let errors = String::from_utf8_lossy(&output.stderr);
        let ended_well = output.status.success() != report.closed.is_some();
        assert!(
            ended_well && errors.is_empty(),
            "{device:?}: {report:?}: {errors}"
        );
        report
    }

    /// Holds what the device said against its store.
    fn check(&self, store: &Path) -> Result<(), String> {
        let said = |error: rusqlite::Error| error.to_string();
        // What a disk does not give for once is no damage.
        if let Some(aside) = damaged_aside(store).map_err(|error| error.to_string())? {
            return Err(format!("{} was put aside", aside.display()));
        }
        let file = store_file::open(store).map_err(said)?;
        let kept = store_file::operations(&file).map_err(said)?;
        drop(file);
        if let Some(lost) = self.done.difference(&kept).next() {
            return Err(format!("{lost} is lost"));
        }
        let opened = Replica::open(store, &KEY, peer::new_device(), Box::new(Uuid::now_v7));
        let mut replica = opened.map_err(|error| error.to_string())?;
        let shown = peer::digest_of_rows(&replica);
        // What failed at the very last step can be found done.
        let resolved = !kept.is_disjoint(&self.failed);
        if let Some(rows) = &self.rows
            && !resolved
            && shown.to_string() != *rows
        {
            return Err("it shows something else after its next start".to_owned());
        }
        replica.rebuild().map_err(|error| error.to_string())?;
        if peer::digest_of_rows(&replica) != shown {
            return Err("documents and rows differ".to_owned());
        }
        drop(replica);
        let file = store_file::open(store).map_err(said)?;
        let faults = store_file::faults(&file).map_err(said)?;
        match faults.is_empty() {
            true => Ok(()),
            false => Err(format!("the file is damaged: {faults:?}")),
        }
    }
}
