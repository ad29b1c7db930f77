//! What is recorded: a device's life from an empty folder on, and what it says meanwhile.

use keyrack_model::ids::OperationId;
use keyrack_tests::{
    enrolment,
    faulty_disk::Recording,
    hotel::{self, INES, RUI},
    peer::Peer,
    server::{Cli, Server},
    store_file, wish,
    world::World,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

pub(super) const STORE: &str = "device.db";

pub(super) struct Life {
    pub(super) recording: Recording,
    /// How many changes each action has that the device has in the end.
    pub(super) whole: BTreeMap<OperationId, usize>,
    /// What the server has refused.
    pub(super) refused: BTreeSet<OperationId>,
}

/// What a device has said to be durable.
#[derive(Default)]
pub(super) struct Said {
    /// Which device it is.
    pub(super) made: Option<String>,
    pub(super) signed_in: bool,
    pub(super) done: BTreeSet<OperationId>,
    /// What was refused, and is kept for its author.
    pub(super) set_aside: BTreeSet<OperationId>,
}

impl Life {
    /// Of a device that is begun with, is given the working set, works, is refused something, lets
    /// go of what is over, is killed, and works without a network and is closed.
    pub(super) async fn recorded(world: &World, server: &Server) -> Self {
        let folder = world.folder().join("device");
        fs::create_dir(&folder).expect("the test's folder can be written");
        let store = folder.join(STORE);
        let device = |program: &str| {
            let mut device = Command::new(program);
            device.arg(&store).arg(server.address().to_string());
            device
        };
        let life = |part: &str| {
            let mut device = device(env!("CARGO_BIN_EXE_device_life"));
            device.arg(part);
            device
        };
        let mut begin = life("begin");
        begin.arg(enrolment::code(server.address()).await);
        let mut recording = Recording::of(&folder);
        recording.part("the sign-in", 14, begin, to_its_end);
        recording.part("the working set", 18, life("arrive"), to_its_end);
        recording.part("work", 18, life("work"), to_its_end);
        recording.part("work without a network", 8, life("write"), to_its_end);
        others_describe(server).await;
        recording.part("a refusal", 14, life("hear"), to_its_end);
        move_on(world, server).await;
        recording.part("tidying", 10, life("tidy"), to_its_end);
        let killed = device(env!("CARGO_BIN_EXE_device"));
        recording.part("work until a kill", 10, killed, |device| {
            work_until_killed(device, 60);
        });
        let nobody_else = world.folder().join("log");
        fs::write(&nobody_else, EMPTY_LIST).expect("the test's folder can be written");
        let mut closed = Command::new(env!("CARGO_BIN_EXE_frail_device"));
        closed.arg(&store).arg("40").arg(&nobody_else);
        recording.part("work and a close", 8, closed, to_its_end);

        let refused = Said::of(&recording.said()).set_aside;
        assert_eq!(refused.len(), 1, "{refused:?}");
        let file = store_file::open(&store).expect("the store opens");
        let whole = store_file::changes(&file).expect("the store is read");
        Self {
            recording,
            whole,
            refused,
        }
    }
}

impl Said {
    /// Of the last line a part may be missing.
    pub(super) fn of(text: &str) -> Self {
        let mut said = Self::default();
        let lines = text.split_inclusive('\n');
        for line in lines.filter_map(|line| line.strip_suffix('\n')) {
            let words: Vec<&str> = line.split(' ').collect();
            match words[..] {
                ["made", device] => said.made = Some(device.to_owned()),
                ["signed-in"] => said.signed_in = true,
                ["set-aside", operation] => said.set_aside.extend(named(operation)),
                // `device.rs` says no more than the operation.
                ["done", operation] | [operation] => said.done.extend(named(operation)),
                _ => {}
            }
        }
        said
    }
}

fn named(operation: &str) -> Option<OperationId> {
    operation.parse().ok()
}

/// CBOR.
const EMPTY_LIST: [u8; 1] = [0x80];

fn to_its_end(mut program: Command) {
    let status = program.stdout(Stdio::null()).status();
    let status = status.expect("the device runs");
    assert!(status.success(), "the device ended with {status}");
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

/// Two others describe at the same time what the device has described without knowing of them.
async fn others_describe(server: &Server) {
    let mut others = Vec::new();
    for who in [INES, RUI] {
        let mut other = Peer::signed_in(server.address(), &who).await;
        other.sync().await;
        others.push(other);
    }
    for (other, letter) in others.iter_mut().zip(["b", "c"]) {
        let orders = other.work_orders();
        let order = *orders.first().expect("the device's work order");
        let description = wish::long_description(order, letter);
        other.act(&description).expect("an order without one");
    }
    for other in &mut others {
        other.sync().await;
    }
}

/// The hotel comes to a day on which the week of its bookings is long over.
async fn move_on(world: &World, server: &Server) {
    let bookings = fs::read_to_string(hotel::bookings()).expect("the demo's file");
    let (columns, bookings) = bookings.split_once('\n').expect("a first line");
    let last = bookings.lines().last().expect("a last booking");
    let later = last
        .replace("2017,May,22,28", "2017,August,32,6")
        .replace("2017-06-11", "2017-08-20");
    assert_ne!(last, later);
    let file = world.folder().join("bookings.csv");
    fs::write(&file, format!("{columns}\n{later}\n")).expect("the test's own folder");
    let file = file.to_str().expect("a path in text");
    let arguments = ["import", "bookings", file, "--hotel", hotel::CODE];
    let date = ["--business-date", "2017-08-01"];
    Cli::new(server.database())
        .succeed(&[&arguments[..], &date].concat(), "")
        .await;
}
