//! The encrypted file: what survives, and what is refused at the door.

use crate::world::{
    log::{self, Log},
    people::{fresh, new_device, person, session},
    scene::today,
};
use keyrack_document::ChangeHeader;
use keyrack_model::{
    action::{Action, Content, LogEntry, Sequence},
    command::{Command, ImportedRow, WorkOrderDraft},
    identity,
    ids::{ActorId, OperationId, RoomId, WorkOrderId},
    ipc::{Answer, Question},
    limits,
    policy::Role,
    room::Room,
    time::{HybridTime, Timestamp},
    wire::ClientFrame,
};
use keyrack_replica::{Effect, Input, Replica, StoreError, StoreKey, SyncSession, other_hotel};
use std::{
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};
use uuid::Uuid;

const CANARY: &str = "canary-in-a-coal-mine";

fn open(path: &Path, key: u8) -> Result<Replica, StoreError> {
    static OPENED: AtomicU64 = AtomicU64::new(40);
    let source = OPENED.fetch_add(1, Ordering::Relaxed);
    Replica::open(
        path,
        &StoreKey([key; 32]),
        new_device(1),
        fresh(source.into()),
    )
}

fn written(path: &Path) -> Replica {
    let mut replica = open(path, 1).unwrap();
    replica
        .begin_session(session(person(1, Role::Server)))
        .unwrap();
    let command = Command::OpenHotel {
        hotel: identity::hotel("test"),
        name: CANARY.into(),
        business_date: today(),
    };
    let operation = OperationId(Uuid::from_u128(1));
    replica.act(&command, operation, Timestamp(1_000)).unwrap();
    replica
}

/// Something that anybody at a hotel may write.
fn lamp() -> Command {
    let draft = WorkOrderDraft {
        title: "Lamp".into(),
        ..WorkOrderDraft::default()
    };
    Command::CreateWorkOrder {
        work_order: WorkOrderId(Uuid::from_u128(5)),
        draft,
    }
}

#[test]
fn whoever_is_not_signed_in_reads_what_the_hotel_is_called_by_now() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("replica.db");
    let mut replica = written(&path);
    let manager = session(person(2, Role::Manager));
    replica.begin_session(manager).unwrap();
    let operation = OperationId(Uuid::from_u128(2));
    let name = "Hotel do Mar".to_owned();
    let command = Command::NameHotel { name: name.clone() };
    replica.act(&command, operation, Timestamp(2_000)).unwrap();
    assert_eq!(replica.hotel_name().unwrap(), Some(name.clone()));
    replica.end_session().unwrap();
    let last = replica.last_sign_in().unwrap().unwrap();
    assert_eq!(last.hotel_name, name);
    drop(replica);
    let hotel = other_hotel(&path, &StoreKey([1; 32])).unwrap().unwrap();
    assert_eq!((hotel.name, hotel.waiting), (name, 2));
}

#[test]
fn a_store_goes_on_over_another_connection_with_all_that_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("replica.db");
    let mut replica = written(&path);
    let rows = replica.all_rows().unwrap();
    replica.reopen().unwrap();
    assert_eq!(replica.all_rows().unwrap(), rows);
    assert_eq!(replica.waiting().unwrap(), 1);
    let me = session(person(2, Role::Engineer));
    replica.begin_session(me).unwrap();
    let operation = OperationId(Uuid::from_u128(2));
    replica.act(&lamp(), operation, Timestamp(2_000)).unwrap();
    drop(replica);
    assert_eq!(open(&path, 1).unwrap().waiting().unwrap(), 2);
}

#[test]
fn a_file_that_was_emptied_or_is_another_one_is_not_gone_on_with_and_what_lies_beside_it_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("replica.db");
    let mut replica = written(&path);
    let beside = folder.path().join("replica.db-wal");
    let log = std::fs::read(&beside).unwrap();
    assert!(!log.is_empty());
    std::fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(0)
        .unwrap();
    assert!(matches!(replica.reopen(), Err(StoreError::Damaged)));
    assert_eq!(std::fs::read(&beside).unwrap(), log);
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(replica.reopen(), Err(StoreError::Damaged)));
    assert!(!path.exists());

    let other = folder.path().join("other.db");
    drop(Replica::open(&other, &StoreKey([1; 32]), new_device(2), fresh(90)).unwrap());
    let path = folder.path().join("third.db");
    let mut replica = written(&path);
    std::fs::rename(&other, &path).unwrap();
    assert!(replica.reopen().is_err());
}

#[test]
fn a_reopened_store_has_everything() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("replica.db");
    let rows = written(&path).all_rows().unwrap();
    let mut again = open(&path, 1).unwrap();
    assert_eq!(again.all_rows().unwrap(), rows);
    assert_eq!(again.waiting().unwrap(), 1);
    assert_eq!(again.registration(), written_registration());
    again.end_session().unwrap();
    assert_eq!(again.waiting_by_person().unwrap()[0].actions, 1);
    assert_eq!(again.last_sign_in().unwrap().unwrap().name, "person-1");
    let mut me = session(person(2, Role::Engineer));
    me.token = "another".into();
    again.begin_session(me).unwrap();
    again
        .act(&lamp(), OperationId(Uuid::from_u128(2)), Timestamp(2_000))
        .unwrap();
    assert_eq!(again.waiting().unwrap(), 2);
}

#[test]
fn whoever_goes_on_after_a_start_writes_under_another_actor_than_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("replica.db");
    drop(written(&path));
    let mut here = open(&path, 1).unwrap();
    let room = Command::Import(ImportedRow::Room {
        room: RoomId(Uuid::from_u128(204)),
        fields: Room {
            number: "204".into(),
            ..Room::default()
        },
    });
    let operation = OperationId(Uuid::from_u128(2));
    here.act(&room, operation, Timestamp(2_000)).unwrap();
    let actors = actors_of_push(&mut here);
    assert_eq!(actors.len(), 2);
    assert_ne!(actors[0], actors[1]);
}

/// Under which the actions of the first push were written, in their order.
fn actors_of_push(replica: &mut Replica) -> Vec<ActorId> {
    let welcome = Log::default().welcome(Role::Server, None, Sequence(0), Vec::new());
    let mut sync = SyncSession::new(Timestamp(3_000), 7);
    let inputs = [
        Input::Tick,
        Input::Opened,
        Input::Received(log::encode(&welcome)),
    ];
    let effects = inputs.map(|input| sync.handle(replica, Timestamp(3_000), input).unwrap());
    let frames = effects.iter().flatten().filter_map(|effect| match effect {
        Effect::Send(frame) => Some(log::decode(frame)),
        _ => None,
    });
    let mut pushes = frames.filter_map(|frame| match frame {
        ClientFrame::Push { batch, .. } => Some(log::decode_batch(&batch)),
        _ => None,
    });
    let actions = pushes.next().expect("a push");
    let changes = actions.iter().map(|action| &action.changes[0]);
    changes
        .map(|change| ChangeHeader::parse(&change.bytes).unwrap().0.actor)
        .collect()
}

#[test]
fn another_devices_wrong_clock_is_not_taken_over_at_the_next_start() {
    const NEXT_YEAR: i64 = 1_527_000_000_000;
    const NOW: i64 = 1_495_700_000_000;
    let from_next_year = LogEntry {
        sequence: Sequence(1),
        content: Content::Action {
            device: new_device(2).id,
            received_at: Timestamp(NOW),
            action: Action {
                operation: OperationId(Uuid::from_u128(1)),
                author: person(2, Role::Manager).id,
                at: HybridTime {
                    wall: Timestamp(NEXT_YEAR),
                    counter: 0,
                },
                schema: limits::SCHEMA,
                command: Command::Undo {
                    operation: OperationId(Uuid::from_u128(0)),
                },
                changes: Vec::new(),
            },
        },
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("replica.db");
    let mut here = open(&path, 1).unwrap();
    here.begin_session(session(person(1, Role::Engineer)))
        .unwrap();
    here.receive(&[from_next_year], Timestamp(NOW)).unwrap();
    drop(here);
    let mut here = open(&path, 1).unwrap();
    let order = Command::CreateWorkOrder {
        work_order: WorkOrderId(Uuid::from_u128(5)),
        draft: WorkOrderDraft {
            title: "Lamp".into(),
            ..WorkOrderDraft::default()
        },
    };
    let operation = OperationId(Uuid::from_u128(2));
    here.act(&order, operation, Timestamp(NOW)).unwrap();
    let Answer::Waiting(waiting) = here.answer(&Question::Waiting).unwrap() else {
        panic!("another answer")
    };
    assert_eq!(waiting[0].at, Timestamp(NOW));
}

fn written_registration() -> keyrack_model::wire::DeviceRegistration {
    Replica::open_in_memory(new_device(1), fresh(9))
        .unwrap()
        .registration()
}

#[test]
fn another_key_opens_nothing_and_the_file_shows_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("replica.db");
    drop(written(&path));
    assert!(matches!(
        open(&path, 2),
        Err(StoreError::WrongKeyOrCorrupt(_))
    ));
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let found = bytes
            .windows(CANARY.len())
            .any(|window| window == CANARY.as_bytes());
        assert!(!found, "the store's file shows what was written");
    }
    assert!(open(&path, 1).is_ok());
}

#[test]
fn a_file_that_is_no_store_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("replica.db");
    let rubbish = vec![7; 9_000];
    std::fs::write(&path, &rubbish).unwrap();
    assert!(matches!(
        open(&path, 1),
        Err(StoreError::WrongKeyOrCorrupt(_))
    ));
    assert_eq!(std::fs::read(&path).unwrap(), rubbish);
}
