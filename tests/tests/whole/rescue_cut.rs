//! Power cuts while a damaged store is rescued: what was not sent waits after it, and the damaged
//! file is still there.

use keyrack_model::{
    command::{Command as Wish, WorkOrderDraft},
    identity,
    ids::{OperationId, UserId, WorkOrderId},
    policy::Role,
    rows::Person,
};
use keyrack_replica::{Replica, Rescued, UserSession};
use keyrack_tests::{
    faulty_disk::{Recording, Syncs, image_folder},
    hotel, peer,
    store_file::KEY,
    world::World,
};
use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::{Command, Stdio},
};
use uuid::Uuid;

const STORE: &str = "replica.db";
const PAGE: usize = 4_096;
const ORDERS: usize = 40;
/// Moments that are tried, each with three outcomes for what was not synced.
const MOMENTS: usize = 50;
const SEED: u64 = 7;

#[test]
fn what_waits_in_a_damaged_store_is_rescued_whatever_a_power_cut_leaves_of_a_rescue() {
    let world = World::new();
    let folder = world.folder().join("device");
    fs::create_dir(&folder).expect("the test's folder can be written");
    let store = folder.join(STORE);
    let waiting = work_without_a_network(&store);
    let damaged = damage(&store, waiting.len());
    let mut recording = Recording::of(&folder);
    recording.part("a rescue", MOMENTS, rescuer(&store), |mut rescuer| {
        let status = rescuer.stdout(Stdio::null()).status();
        assert!(status.expect("the rescuer runs").success());
    });

    let images = image_folder();
    let mut wrong = Vec::new();
    for cut in recording.power_cuts(Syncs::Heeded, SEED) {
        cut.lay_out(images.path());
        if let Err(fault) = examine(images.path(), &waiting, &damaged) {
            wrong.push(format!("{}: {fault}", cut.what));
        }
    }
    assert!(wrong.is_empty(), "seed {SEED}, {}: {wrong:#?}", wrong.len());
}

/// What is wrong with what a rescue has come to once the device is opened again.
fn examine(folder: &Path, waiting: &BTreeSet<OperationId>, damaged: &[u8]) -> Result<(), String> {
    let opened = rescuer(&folder.join(STORE)).output();
    let opened = opened.expect("the rescuer runs");
    let said = String::from_utf8_lossy(&opened.stdout);
    if !opened.status.success() {
        let errors = String::from_utf8_lossy(&opened.stderr);
        return Err(format!("it does not open: {said}{errors}"));
    }
    let waits = said.lines().filter_map(|line| line.strip_prefix("waits "));
    let waits: BTreeSet<OperationId> = waits.filter_map(|it| it.parse().ok()).collect();
    if waits != *waiting {
        let lost = waiting.difference(&waits).count();
        return Err(format!("of {} that wait, {lost} are lost", waiting.len()));
    }
    let files = fs::read_dir(folder).expect("a folder");
    let mut contents = files.map(|file| fs::read(file.expect("an entry").path()).expect("a file"));
    if !contents.any(|content| content == damaged) {
        return Err("the damaged file is not kept".to_owned());
    }
    Ok(())
}

fn rescuer(store: &Path) -> Command {
    let mut rescuer = Command::new(env!("CARGO_BIN_EXE_rescuer"));
    rescuer.arg(store);
    rescuer
}

/// Makes a store in which something waits, closed; and what that is.
fn work_without_a_network(store: &Path) -> BTreeSet<OperationId> {
    let opened = Replica::open(store, &KEY, peer::new_device(), Box::new(Uuid::now_v7));
    let mut replica = opened.expect("the store opens");
    let session = UserSession {
        server: "http://127.0.0.1:1".to_owned(),
        hotel: identity::hotel(hotel::CODE),
        hotel_code: hotel::CODE.to_owned(),
        hotel_name: hotel::NAME.to_owned(),
        me: Person {
            id: UserId(Uuid::now_v7()),
            name: hotel::RUI.name.to_owned(),
            display: hotel::RUI.display.to_owned(),
            role: Role::FrontDesk,
            left: false,
        },
        token: "token".to_owned(),
        renewal: None,
        key: None,
        password_given: false,
    };
    replica.begin_session(session).expect("a session is kept");
    let mut done = BTreeSet::new();
    for number in 0..ORDERS {
        let order = Wish::CreateWorkOrder {
            work_order: WorkOrderId(Uuid::now_v7()),
            draft: WorkOrderDraft {
                title: format!("Lamp {number}"),
                ..WorkOrderDraft::default()
            },
        };
        let operation = OperationId(Uuid::now_v7());
        let acted = replica.act(&order, operation, peer::now());
        acted.expect("a wish that changes something");
        done.insert(operation);
    }
    done
}

/// Damages a page on which nothing lies that waits; the file as it is then.
fn damage(store: &Path, waiting: usize) -> Vec<u8> {
    let whole = fs::read(store).expect("the store's file");
    let pages = (1..whole.len() / PAGE).rev();
    let mut damaged = pages.map(|page| {
        let mut bytes = whole.clone();
        bytes[page * PAGE + PAGE / 2] ^= 1;
        fs::write(store, &bytes).expect("the test's folder can be written");
        let rescued = Rescued::read(store, &KEY);
        (bytes, rescued.map_or(0, |rescued| rescued.waiting()))
    });
    let spared = damaged.find(|(_, rescued)| *rescued == waiting);
    spared.expect("a page without anything that waits").0
}
