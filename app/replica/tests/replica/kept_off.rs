//! Who the guests are, on a device that they are kept off: what the log told, and what was typed there.

use crate::world::{
    log::encode,
    people,
    scene::{Device, Scene, stay},
};
use keyrack_model::{
    class::GuestNames, command::Command, policy::Role, record::Guest, refusal::Refusal,
    wire::ServerFrame,
};
use keyrack_replica::{Effect, Input, Replica, StoreKey, SyncSession};
use rusqlite::{Connection, types::ValueRef};
use std::path::Path;

const DESK: usize = 0;
const MANAGER: usize = 1;

const KEY: StoreKey = StoreKey([7; 32]);

fn scene() -> Scene {
    Scene::with(&[Role::FrontDesk, Role::Manager])
}

fn shown(scene: &Scene, device: usize, number: u128) -> Option<String> {
    let row = scene.guest(device, stay(number))?;
    row.guest.map(|guest| guest.name)
}

#[test]
fn names_come_back_also_where_they_may_before_the_device_is_greeted_again() {
    let mut scene = scene();
    scene.name_guest(MANAGER, stay(1), "Ana Reis").unwrap();
    let begun_with_a_working_set = scene.join(1, Role::FrontDesk);
    scene.settle();
    for device in [DESK, begun_with_a_working_set] {
        assert_eq!(shown(&scene, device, 1).as_deref(), Some("Ana Reis"));
        scene.keep_guests(device, GuestNames::KeptOff);
        scene.deliver(device, usize::MAX);
        assert_eq!(shown(&scene, device, 1), None);
        scene.cut(device);
        scene.keep_guests(device, GuestNames::Shown);
        scene.settle();
        scene.check_guests();
        assert_eq!(shown(&scene, device, 1).as_deref(), Some("Ana Reis"));
    }
}

#[test]
fn names_come_back_where_one_delivery_tells_that_they_may_not_be_there_and_the_next_that_they_may()
{
    let mut scene = scene();
    scene.name_guest(MANAGER, stay(1), "Ana Reis").unwrap();
    scene.settle();
    scene.keep_guests(DESK, GuestNames::KeptOff);
    scene.keep_guests(DESK, GuestNames::Shown);
    scene.deliver(DESK, 1);
    assert_eq!(shown(&scene, DESK, 1), None);
    scene.deliver(DESK, 1);
    scene.settle();
    scene.check_agreement();
    assert_eq!(shown(&scene, DESK, 1).as_deref(), Some("Ana Reis"));
}

#[test]
fn a_name_that_waits_is_not_shown_any_more_where_it_may_not_be_and_the_page_is_told() {
    let mut scene = scene();
    let edit = Command::EditGuest {
        stay: stay(1),
        expected: 0,
        guest: Guest {
            name: "Ana Reis".into(),
            phone: String::new(),
        },
    };
    let (operation, now) = (scene.next_operation(), scene.tick());
    let desk = &mut scene.devices[DESK].replica;
    desk.act(&edit, operation, now).unwrap();
    assert_eq!(shown(&scene, DESK, 1).as_deref(), Some("Ana Reis"));
    scene.keep_guests(DESK, GuestNames::KeptOff);
    let Device {
        replica, session, ..
    } = &mut scene.devices[DESK];
    let entries = scene.log.after(Role::Housekeeper, replica.cursor());
    let told = Input::Received(encode(&ServerFrame::Deliver { entries }));
    let effects = session.handle(replica, now, told).unwrap();
    assert!(effects.iter().any(|it| matches!(it, Effect::AllRows)));
    assert_eq!(shown(&scene, DESK, 1), None);
}

/// Whether a text is in any row of any table of a store.
fn is_in(path: &Path, text: &str) -> bool {
    let file = Connection::open(path).unwrap();
    let key: String = KEY.0.iter().map(|byte| format!("{byte:02x}")).collect();
    file.execute_batch(&format!("pragma key = \"x'{key}'\";"))
        .unwrap();
    let mut tables = file
        .prepare("select name from sqlite_schema where type = 'table'")
        .unwrap();
    let tables = tables.query_map([], |row| row.get(0)).unwrap();
    let tables: Vec<String> = tables.collect::<Result<_, _>>().unwrap();
    assert!(tables.len() > 10, "{tables:?}");
    tables.iter().any(|table| {
        let mut statement = file.prepare(&format!("select * from {table}")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        let mut found = false;
        while let Some(row) = rows.next().unwrap() {
            found |= (0..columns).any(|at| match row.get_ref_unwrap(at) {
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes
                    .windows(text.len())
                    .any(|part| part == text.as_bytes()),
                ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => false,
            });
        }
        found
    })
}

#[test]
fn what_was_typed_on_a_device_goes_when_guests_are_kept_off_it_but_for_what_waits_to_be_sent() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("replica.db");
    let mut scene = scene();
    let number = 0x51;
    let replica = Replica::open(
        &path,
        &KEY,
        people::new_device(number),
        people::fresh(number.into()),
    );
    let clerk = people::person(1, Role::FrontDesk);
    let mut replica = replica.unwrap();
    replica
        .begin_session(people::session(clerk.clone()))
        .unwrap();
    let lobby = scene.devices.len();
    let session = SyncSession::new(scene.tick(), 9);
    scene.devices.push(Device {
        replica,
        session,
        connected: false,
    });
    scene.settle();

    // One that the server has had for long, one that it refused, and two that wait.
    scene.name_guest(lobby, stay(0), "Ana Reis").unwrap();
    scene.settle();
    scene.cut(lobby);
    scene.name_guest(MANAGER, stay(1), "Eva Lima").unwrap();
    scene.name_guest(lobby, stay(1), "Ida Gama").unwrap();
    scene.settle();
    scene.cut(lobby);
    scene.name_guest(lobby, stay(2), "Rui Melo").unwrap();
    scene.name_guest(lobby, stay(3), "Ivo Nunes").unwrap();
    for name in ["Ana Reis", "Ida Gama", "Rui Melo", "Ivo Nunes"] {
        assert!(is_in(&path, name), "{name}");
    }

    // It hears that they are kept off, and nothing is sent yet.
    scene.name_guest(MANAGER, stay(3), "Mia Sousa").unwrap();
    scene.keep_guests(lobby, GuestNames::KeptOff);
    let now = scene.tick();
    let replica = &mut scene.devices[lobby].replica;
    let entries = scene.log.after(Role::Housekeeper, replica.cursor());
    replica.receive(&entries, now).unwrap();
    replica.begin_session(people::session(clerk)).unwrap();
    assert_eq!(replica.waiting().unwrap(), 2);
    for (name, stays) in [
        ("Ana Reis", false),
        ("Ida Gama", false),
        ("Eva Lima", false),
        ("Rui Melo", true),
        ("Ivo Nunes", true),
    ] {
        assert_eq!(is_in(&path, name), stays, "{name}");
    }

    // What waited arrives as it was typed, or is refused.
    scene.settle();
    scene.check_agreement();
    assert_eq!(shown(&scene, MANAGER, 2).as_deref(), Some("Rui Melo"));
    for name in ["Rui Melo", "Ivo Nunes", "Mia Sousa"] {
        assert!(!is_in(&path, name), "{name}");
    }
    let refused = scene.devices[lobby].replica.refused().unwrap();
    assert_eq!(refused.len(), 2, "their author still reads that they were");
    for refused in refused {
        assert_eq!(refused.reason, Refusal::RecordChanged { version: 1 });
        assert!(matches!(
            refused.command,
            Command::EditGuest { guest, .. } if guest == Guest::default()
        ));
    }

    scene.keep_guests(lobby, GuestNames::Shown);
    scene.settle();
    scene.check_agreement();
    let names = [0, 1, 2, 3].map(|number| shown(&scene, lobby, number).unwrap());
    assert_eq!(names, ["Ana Reis", "Eva Lima", "Rui Melo", "Mia Sousa"]);
}
