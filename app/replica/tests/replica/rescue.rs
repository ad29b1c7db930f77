//! A store whose file is damaged: it is noticed, what was not sent is rescued, and nothing is done
//! twice.

use crate::world::{
    people::{fresh, new_device, person, session},
    scene::{Device, Scene, room},
};
use keyrack_model::{
    action::Sequence,
    command::{Command, WorkOrderDraft},
    ids::{OperationId, WorkOrderId},
    policy::Role,
    room::Occupancy,
    time::Timestamp,
};
use keyrack_replica::{Replica, Rescued, StoreError, StoreKey, SyncSession};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};
use uuid::Uuid;

const PAGE: usize = 4_096;
const RUI: usize = 0;

fn key() -> StoreKey {
    StoreKey([7; 32])
}

fn open(path: &Path, source: u128) -> Result<Replica, StoreError> {
    Replica::open(path, &key(), new_device(1), fresh(source))
}

/// Another file in which the rescued is kept, opened.
fn kept(rescued: Rescued, folder: &Path, now: Timestamp) -> Replica {
    let path = folder.join("another.db");
    rescued.keep(&path, &key(), new_device(9), now).unwrap();
    open(&path, 51).unwrap()
}

/// A store of many pages in which work orders wait, closed; and what was done.
fn work_orders(folder: &Path, number: u128) -> (PathBuf, Vec<OperationId>) {
    let path = folder.join("replica.db");
    let mut replica = open(&path, 50).unwrap();
    replica
        .begin_session(session(person(1, Role::FrontDesk)))
        .unwrap();
    let mut done = Vec::new();
    for number in 1..=number {
        let order = Command::CreateWorkOrder {
            work_order: WorkOrderId(Uuid::from_u128(number)),
            draft: WorkOrderDraft {
                title: format!("Lamp {number}"),
                ..WorkOrderDraft::default()
            },
        };
        let operation = OperationId(Uuid::from_u128(0x0DD0 + number));
        replica
            .act(&order, operation, Timestamp(number as i64))
            .unwrap();
        done.push(operation);
    }
    drop(replica);
    (path, done)
}

#[test]
fn any_damaged_page_but_the_first_is_noticed_and_costs_what_lies_on_it_or_below_it() {
    const ORDERS: usize = 150;
    /// An action takes some hundred bytes.
    const MOST_ON_A_PAGE: usize = 25;
    /// The page through which all actions are found.
    const ROOTS: usize = 1;
    let folder = tempfile::tempdir().unwrap();
    let (path, done) = work_orders(folder.path(), ORDERS as u128);
    let whole = fs::read(&path).unwrap();
    let (mut spared, mut costly) = (0, 0);
    for page in 1..whole.len() / PAGE {
        let mut bytes = whole.clone();
        bytes[page * PAGE + 1_000] ^= 1;
        fs::write(&path, &bytes).unwrap();
        let refused = open(&path, 52).err();
        assert!(
            matches!(refused, Some(StoreError::Damaged)),
            "page {page}: {refused:?}"
        );
        let rescued = Rescued::read(&path, &key()).unwrap();
        costly += usize::from(rescued.waiting() + MOST_ON_A_PAGE < done.len());
        spared += usize::from(rescued.waiting() == done.len());
        assert_eq!(fs::read(&path).unwrap(), bytes, "it is only read");
    }
    assert!(spared > 0);
    assert!(costly <= ROOTS, "{costly} pages cost more");
    fs::write(&path, &whole).unwrap();
    assert_eq!(open(&path, 52).unwrap().waiting().unwrap(), done.len());
}

#[test]
fn a_file_that_was_cut_off_gives_what_is_left_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let (path, done) = work_orders(folder.path(), 150);
    let pages = fs::read(&path).unwrap().len() / PAGE;
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(((pages - 2) * PAGE) as u64).unwrap();
    assert!(open(&path, 52).is_err());
    let rescued = Rescued::read(&path, &key()).unwrap();
    assert!(rescued.waiting() > done.len() / 2);
    let found_at = Timestamp(9);
    let mut replica = kept(rescued, folder.path(), found_at);
    let damage = replica.damage().unwrap().unwrap();
    assert_eq!(damage.found_at, found_at);
    assert_eq!(damage.rescued, replica.waiting().unwrap());
    assert!(replica.session().is_some(), "nobody has to sign in again");
    replica.dismiss_damage().unwrap();
    assert_eq!(replica.damage().unwrap(), None);
}

#[test]
fn with_another_key_or_without_its_first_page_nothing_is_rescued() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = work_orders(folder.path(), 3);
    let other = StoreKey([8; 32]);
    assert!(matches!(
        Rescued::read(&path, &other),
        Err(StoreError::WrongKeyOrCorrupt(_))
    ));
    let mut bytes = fs::read(&path).unwrap();
    bytes[1_000] ^= 1;
    fs::write(&path, &bytes).unwrap();
    assert!(Rescued::read(&path, &key()).is_err());
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn what_was_rescued_is_done_again_once_on_what_the_server_has() {
    let mut scene = Scene::with(&[Role::FrontDesk, Role::Housekeeper]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("replica.db");
    let mut replica = open(&path, 50).unwrap();
    replica
        .begin_session(session(person(1, Role::FrontDesk)))
        .unwrap();
    let now = scene.tick();
    replica
        .receive(&scene.log.after(Role::FrontDesk, Sequence::default()), now)
        .unwrap();
    let mut done = Vec::new();
    for number in [1, 2] {
        let seen = Command::SetOccupancySeen {
            room: room(number),
            value: Occupancy::Vacant,
        };
        let operation = scene.next_operation();
        replica.act(&seen, operation, scene.tick()).unwrap();
        done.push(operation);
    }
    drop(replica);
    let whole = fs::read(&path).unwrap();
    // The last page of which the damage leaves something to rescue.
    let rescued = (1..whole.len() / PAGE).rev().find_map(|page| {
        let mut bytes = whole.clone();
        bytes[page * PAGE + PAGE / 2] ^= 1;
        fs::write(&path, bytes).unwrap();
        let rescued = Rescued::read(&path, &key()).unwrap();
        (rescued.waiting() > 0).then_some(rescued)
    });
    let rescued = rescued.expect("a page without what waits");
    let rescues = rescued.waiting();
    let replica = kept(rescued, folder.path(), scene.tick());
    scene.devices[RUI] = Device {
        replica,
        session: SyncSession::new(scene.tick(), 1),
        connected: false,
    };
    scene.settle();
    scene.check_agreement();
    let entries = scene.log.after(Role::FrontDesk, Sequence::default());
    let logged: Vec<_> = entries
        .iter()
        .filter_map(|entry| entry.operation())
        .filter(|operation| done.contains(operation))
        .collect();
    assert_eq!(logged.len(), rescues);
    let once: BTreeSet<_> = logged.iter().collect();
    assert_eq!(once.len(), rescues);
    assert_eq!(scene.devices[RUI].replica.refused().unwrap(), []);
}
