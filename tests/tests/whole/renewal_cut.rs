//! Power cuts while the key of a computer's data is renewed: whatever is left of it, the next start
//! finds every store under the one key that is there, and in it all that was there before.

use keyrack_model::{
    command::{Command as Wish, WorkOrderDraft},
    identity,
    ids::{OperationId, UserId, WorkOrderId},
    policy::Role,
    rows::Person,
};
use keyrack_replica::{Replica, StoreKey, UserSession};
use keyrack_tests::{
    bin_dir,
    faulty_disk::{Recording, Syncs, image_folder},
    hotel, peer, store_file,
    world::World,
};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use uuid::Uuid;

const HOTELS: [&str; 2] = [hotel::CODE, "city"];
const KEY_FILE: &str = "device.key";
const NEXT_KEY_FILE: &str = "device.key.next";
const ORDERS: usize = 6;
/// Moments that are tried, every other one near a sync or a rename, each with three outcomes for what
/// was not synced.
const MOMENTS: usize = 80;
const SEED: u64 = 7;

#[test]
fn whatever_a_power_cut_leaves_of_a_renewal_opens_under_one_key_and_nothing_is_lost() {
    let world = World::new();
    let folder = world.folder().join("data");
    fs::create_dir(&folder).expect("the test's folder can be written");
    let folder = folder.canonicalize().expect("a folder");
    let secret = "5a".repeat(32);
    fs::write(folder.join(KEY_FILE), &secret).expect("the test's folder can be written");
    let old = store_file::key_from(&secret);
    let done = HOTELS.map(|code| work_without_a_network(&store(&folder, code), &old, code));

    let mut recording = Recording::of(&folder);
    let renewal = renewal(&world, &folder);
    recording.part("a renewal", MOMENTS, renewal, |mut renewal| {
        let status = renewal.stdout(Stdio::null()).status();
        assert!(status.expect("the app starts").success());
    });
    assert_ne!(key(&folder.join(KEY_FILE)), Some(old.0));
    let whole = examine(&world, &folder, &done);
    assert!(whole.is_ok(), "without a power cut: {whole:?}");

    let images = image_folder();
    let mut wrong = Vec::new();
    let (mut undone, mut finished) = (0, 0);
    for cut in recording.power_cuts(Syncs::Heeded, SEED) {
        cut.lay_out(images.path());
        match is_decided(images.path()) {
            true => finished += 1,
            false => undone += 1,
        }
        if let Err(fault) = examine(&world, images.path(), &done) {
            wrong.push(format!("{}: {fault}", cut.what));
        }
    }
    assert!(wrong.is_empty(), "seed {SEED}, {}: {wrong:#?}", wrong.len());
    assert!(undone > 0 && finished > 0, "{undone} and {finished}");
}

/// Whether the next start goes on with it.
fn is_decided(folder: &Path) -> bool {
    folder.join("device.renewed").exists()
}

/// What is wrong with what a power cut has left, once the app was started again.
fn examine(world: &World, folder: &Path, done: &[BTreeSet<OperationId>; 2]) -> Result<(), String> {
    // Settles what was broken off before it does anything else.
    let again = renewal(world, folder).output().expect("the app starts");
    if !again.status.success() {
        let said = String::from_utf8_lossy(&again.stderr);
        return Err(format!("it does not start: {said}"));
    }
    if is_decided(folder) || folder.join(NEXT_KEY_FILE).exists() {
        return Err("something of the renewal is left".to_owned());
    }
    let present = key(&folder.join(KEY_FILE)).ok_or("there is no key afterwards")?;
    for (code, done) in HOTELS.iter().zip(done) {
        let path = store(folder, code);
        let opened = Replica::open(
            &path,
            &StoreKey(present),
            peer::new_device(),
            Box::new(Uuid::now_v7),
        );
        let replica = opened.map_err(|error| format!("{code} does not open: {error}"))?;
        let session = replica.session().map(|session| session.token.clone());
        if session.as_deref() != Some(*code) {
            return Err(format!("{code}: its person is signed out"));
        }
        drop(replica);
        let file = store_file::open_with(&path, &StoreKey(present));
        let kept = file.and_then(|file| store_file::operations(&file));
        let kept = kept.map_err(|error| format!("{code}: {error}"))?;
        if kept != *done {
            let lost = done.difference(&kept).count();
            return Err(format!("{code}: of {}, {lost} are lost", done.len()));
        }
    }
    Ok(())
}

fn store(folder: &Path, code: &str) -> PathBuf {
    let hotel = identity::hotel(code).to_string();
    folder.join("hotels").join(hotel).join("replica.db")
}

/// The key of the stores whose secret is in a file; None where it is none.
fn key(file: &Path) -> Option<[u8; 32]> {
    let text = fs::read_to_string(file).ok()?;
    let is_secret = text.trim().len() == 64;
    is_secret.then(|| store_file::key_from(&text).0)
}

/// The app, which renews the key and opens no window. There is no keyring.
fn renewal(world: &World, folder: &Path) -> Command {
    let mut app = Command::new(bin_dir::program("keyrack"));
    let no_bus = format!("unix:path={}", world.folder().join("no-bus").display());
    app.arg("--data")
        .arg(folder)
        .arg("--renew-key")
        .env("HOME", world.folder())
        .env("DBUS_SESSION_BUS_ADDRESS", no_bus)
        .stdin(Stdio::null());
    app
}

/// Makes the store of a hotel in which something waits, closed; and what that is.
fn work_without_a_network(path: &Path, key: &StoreKey, code: &str) -> BTreeSet<OperationId> {
    let folder = path.parent().expect("a store is in a folder");
    fs::create_dir_all(folder).expect("the test's folder can be written");
    let opened = Replica::open(path, key, peer::new_device(), Box::new(Uuid::now_v7));
    let mut replica = opened.expect("the store opens");
    let session = UserSession {
        server: "http://127.0.0.1:1".to_owned(),
        hotel: identity::hotel(code),
        hotel_code: code.to_owned(),
        hotel_name: hotel::NAME.to_owned(),
        me: Person {
            id: UserId(Uuid::now_v7()),
            name: hotel::RUI.name.to_owned(),
            display: hotel::RUI.display.to_owned(),
            role: Role::FrontDesk,
            left: false,
        },
        token: code.to_owned(),
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
