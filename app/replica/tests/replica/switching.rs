//! Several people on one device, each going on by PIN with a session of their own.

use crate::world::people::{fresh, new_device, person, replica, session};
use keyrack_model::{
    command::{Command, WorkOrderDraft},
    ids::{OperationId, UserId, WorkOrderId},
    pin::MAX_TRIES,
    policy::Role,
    time::Timestamp,
};
use keyrack_replica::{HasLeft, NotTried, Replica, Sealed, StoreKey};
use std::path::Path;
use uuid::Uuid;

const NOW: Timestamp = Timestamp(1_495_700_000_000);
const FAR: Timestamp = Timestamp(NOW.0 + 24 * 60 * 60 * 1_000);

fn sealed(byte: u8) -> Sealed {
    Sealed {
        salt: [byte; 16],
        bytes: vec![byte; 80],
    }
}

fn open(path: &Path) -> Replica {
    Replica::open(path, &StoreKey([1; 32]), new_device(1), fresh(1)).unwrap()
}

fn report(replica: &mut Replica, number: u128) {
    let operation = OperationId(Uuid::from_u128(number));
    let command = Command::CreateWorkOrder {
        work_order: WorkOrderId(Uuid::from_u128(number)),
        draft: WorkOrderDraft {
            title: format!("lamp {number}"),
            ..WorkOrderDraft::default()
        },
    };
    replica.act(&command, operation, NOW).unwrap();
}

#[test]
fn whoever_goes_on_by_pin_finds_their_session_and_what_waits_is_told_of_each() {
    let (maria, joao) = (person(1, Role::Housekeeper), person(2, Role::Housekeeper));
    let mut replica = replica(1, Role::Housekeeper);
    report(&mut replica, 11);
    replica.seal(&sealed(1)).unwrap();
    assert!(replica.has_pin());
    assert!(replica.lock(Some(NOW)).unwrap());
    assert!(replica.session().is_none());

    replica.begin_session(session(joao.clone())).unwrap();
    assert!(!replica.has_pin(), "of another person");
    assert!(!replica.lock(None).unwrap(), "without a PIN nobody leaves");
    assert_eq!(replica.session().unwrap().me.id, joao.id);
    report(&mut replica, 12);
    report(&mut replica, 13);
    replica.seal(&sealed(2)).unwrap();
    assert!(replica.lock(None).unwrap());

    let faces = replica.faces().unwrap();
    let told: Vec<_> = faces
        .iter()
        .map(|face| (&*face.display, face.waiting, face.confirmed_at))
        .collect();
    assert_eq!(told, [("Person 1", 1, Some(NOW)), ("Person 2", 2, None)]);

    let tried = replica.begin_try(maria.id, NOW).unwrap();
    assert_eq!(tried, Ok(sealed(1)));
    replica.unlock(session(maria.clone())).unwrap().unwrap();
    assert_eq!(replica.session().unwrap().me, maria);
    assert!(replica.has_pin());
    report(&mut replica, 14);
    let waiting = replica.waiting_by_person().unwrap();
    assert_eq!(waiting.iter().map(|of| of.actions).sum::<usize>(), 4);
}

#[test]
fn after_a_restart_a_session_with_a_pin_waits_for_it_and_one_without_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("replica.db");
    let maria = person(1, Role::Housekeeper);
    let mut replica = open(&path);
    replica.begin_session(session(maria.clone())).unwrap();
    drop(replica);
    let mut replica = open(&path);
    assert_eq!(replica.session().unwrap().me, maria);
    replica.seal(&sealed(1)).unwrap();
    drop(replica);

    let mut replica = open(&path);
    assert!(replica.session().is_none());
    assert_eq!(replica.faces().unwrap().len(), 1);
    let tried = replica.begin_try(maria.id, NOW).unwrap();
    assert_eq!(tried, Ok(sealed(1)));
    replica.unlock(session(maria.clone())).unwrap().unwrap();
    drop(replica);
    assert!(open(&path).session().is_none(), "it is not in the open");
}

#[test]
fn ten_wrong_pins_take_the_session_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("replica.db");
    let maria = person(1, Role::Housekeeper);
    let mut replica = open(&path);
    replica.begin_session(session(maria.clone())).unwrap();
    report(&mut replica, 11);
    replica.seal(&sealed(1)).unwrap();
    replica.lock(None).unwrap();
    let mut at = NOW;
    for wrong in 1..=MAX_TRIES {
        // Ended and begun again in the middle of each: that gives none back.
        drop(replica);
        replica = open(&path);
        let waits = match replica.begin_try(maria.id, at).unwrap() {
            Ok(_) => false,
            Err(NotTried::Waits { millis }) => {
                at = Timestamp(at.0 + millis);
                assert_eq!(replica.begin_try(maria.id, at).unwrap(), Ok(sealed(1)));
                true
            }
            Err(NotTried::NotKept) => panic!("gone after {wrong}"),
        };
        assert_eq!(waits, wrong > 5, "{wrong}");
        assert_eq!(replica.fail_try(maria.id).unwrap(), MAX_TRIES - wrong);
    }
    let tried = replica.begin_try(maria.id, FAR).unwrap();
    assert_eq!(tried, Err(NotTried::NotKept));
    assert_eq!(replica.faces().unwrap(), []);
    let waiting = replica.waiting_by_person().unwrap();
    assert_eq!(waiting[0].actions, 1, "her work waits for her password");
}

#[test]
fn a_try_whose_end_nobody_saw_counts_and_a_right_pin_forgives() {
    let maria = person(1, Role::Housekeeper);
    let mut replica = replica(1, Role::Housekeeper);
    replica.seal(&sealed(1)).unwrap();
    replica.lock(None).unwrap();
    for _ in 0..5 {
        assert!(replica.begin_try(maria.id, NOW).unwrap().is_ok());
    }
    let waits = replica.begin_try(maria.id, NOW).unwrap();
    assert_eq!(waits, Err(NotTried::Waits { millis: 30_000 }));
    // A clock that is set back a year makes her wait as long, and not for a year.
    let back = Timestamp(NOW.0 - 365 * 24 * 60 * 60 * 1_000);
    let waits = replica.begin_try(maria.id, back).unwrap();
    assert_eq!(waits, Err(NotTried::Waits { millis: 30_000 }));
    let later = Timestamp(back.0 + 30_000);
    assert!(replica.begin_try(maria.id, later).unwrap().is_ok());
    replica.unlock(session(maria.clone())).unwrap().unwrap();
    replica.lock(None).unwrap();
    for _ in 0..5 {
        assert!(replica.begin_try(maria.id, later).unwrap().is_ok());
    }
}

#[test]
fn a_password_and_a_sign_out_leave_no_pin_behind() {
    let maria = person(1, Role::Housekeeper);
    let mut replica = replica(1, Role::Housekeeper);
    let has_face = |replica: &Replica| !replica.faces().unwrap().is_empty();
    replica.seal(&sealed(1)).unwrap();
    replica.lock(None).unwrap();
    // She does not remember it.
    replica.begin_session(session(maria.clone())).unwrap();
    assert!(!has_face(&replica) && !replica.has_pin());
    replica.seal(&sealed(2)).unwrap();
    replica.end_session().unwrap();
    assert!(!has_face(&replica));
    let nobody = replica.begin_try(UserId(Uuid::from_u128(77)), NOW).unwrap();
    assert_eq!(nobody, Err(NotTried::NotKept));
}

#[test]
fn nobody_goes_on_whom_the_records_call_gone() {
    let maria = person(1, Role::Housekeeper);
    let mut replica = replica(1, Role::Housekeeper);
    replica.seal(&sealed(1)).unwrap();
    replica.lock(None).unwrap();
    let mut gone = session(maria);
    gone.me.left = true;
    assert_eq!(replica.unlock(gone).unwrap(), Err(HasLeft));
    assert!(replica.session().is_none());
    assert_eq!(replica.faces().unwrap(), []);
}
