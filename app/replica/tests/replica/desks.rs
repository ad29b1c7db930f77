//! Two front desks that do not hear of one another.

use crate::world::scene::{Scene, room, stay, task, today};
use keyrack_model::{
    command::{Command, DeskCommand, ImportedRow, StayEdit},
    policy::Role,
    room::Room,
    room_status::RoomStatus,
    stay::{Stay, StayStatus},
    task::{Task, TaskKind, TaskRule, TaskStatus},
};

const HERE: usize = 0;
const THERE: usize = 1;
/// A room and two stays of which nothing else tells.
const ROOM: u128 = 9;
const STAYS: [u128; 2] = [91, 92];

#[test]
fn two_stays_that_two_desks_check_into_one_room_are_both_kept_and_both_desks_are_told() {
    let mut scene = Scene::with(&[Role::FrontDesk, Role::FrontDesk]);
    let fields = Room {
        number: "209".into(),
        ..Room::default()
    };
    let mut import = vec![Command::Import(ImportedRow::Room {
        room: room(ROOM),
        fields,
    })];
    for number in STAYS {
        let fields = Stay {
            room: Some(room(ROOM)),
            arrival: today(),
            departure: "2017-05-29".parse().unwrap(),
            ..Stay::default()
        };
        let stay = stay(number);
        import.push(Command::Import(ImportedRow::Stay { stay, fields }));
    }
    scene.server_does(&import);
    scene.settle();
    assert!(!is_double_booked(&scene, HERE));

    for (device, number) in [(HERE, STAYS[0]), (THERE, STAYS[1])] {
        scene.cut(device);
        let stay = stay(number);
        scene.act(device, &Command::CheckIn { stay }).unwrap();
        assert!(!is_double_booked(&scene, device));
    }
    scene.settle();
    scene.check_agreement();
    for device in [HERE, THERE] {
        assert!(is_double_booked(&scene, device));
    }

    let stay = stay(STAYS[1]);
    scene.act(HERE, &Command::CheckOut { stay }).unwrap();
    scene.settle();
    for device in [HERE, THERE] {
        assert!(!is_double_booked(&scene, device));
    }
}

#[test]
fn a_guest_who_stays_on_in_a_room_that_was_cleaned_for_their_departure_has_it_cleaned_no_second_time()
 {
    let mut scene = Scene::with(&[Role::FrontDesk]);
    let (guest, cleaned) = (stay(STAYS[0]), task(95));
    let fields = Room {
        number: "209".into(),
        ..Room::default()
    };
    let due_out = Stay {
        room: Some(room(ROOM)),
        arrival: today().plus_days(-2),
        departure: today(),
        status: StayStatus::InHouse,
        adults: 2,
        ..Stay::default()
    };
    let departure = Task {
        kind: TaskKind::Departure,
        room: Some(room(ROOM)),
        stay: Some(guest),
        business_date: today(),
        status: TaskStatus::Done,
        rule: TaskRule::DepartureDue,
        ..Task::default()
    };
    let import = [
        ImportedRow::Room {
            room: room(ROOM),
            fields,
        },
        ImportedRow::Stay {
            stay: guest,
            fields: due_out,
        },
        ImportedRow::Task {
            task: cleaned,
            fields: departure,
        },
    ];
    scene.server_does(&import.map(Command::Import));
    scene.settle();

    let edit = StayEdit {
        departure: Some(today().plus_days(2)),
        ..StayEdit::default()
    };
    let stays_on = DeskCommand::EditStay {
        stay: guest,
        edit: Box::new(edit),
    };
    scene.act(HERE, &Command::Desk(stays_on)).unwrap();
    let rows = scene.devices[HERE].replica.all_rows().unwrap();
    let tasks = rows.iter().filter_map(|row| row.as_task());
    let of_room: Vec<_> = tasks
        .filter(|(_, task)| task.room == Some(room(ROOM)))
        .map(|(id, task)| (id, task.status))
        .collect();
    assert_eq!(of_room, [(cleaned, TaskStatus::Done)]);
}

fn is_double_booked(scene: &Scene, device: usize) -> bool {
    let rows = scene.devices[device].replica.all_rows().unwrap();
    let found = rows.iter().filter_map(|row| row.as_room());
    let (_, fields) = found.into_iter().find(|(id, _)| *id == room(ROOM)).unwrap();
    let stays = rows.iter().filter_map(|row| row.as_stay());
    let stays: Vec<&Stay> = stays
        .map(|(_, stay)| stay)
        .filter(|stay| stay.room == Some(room(ROOM)))
        .collect();
    let in_house = stays.iter().filter(|it| it.status == StayStatus::InHouse);
    let status = RoomStatus::derive(fields, stays.iter().copied(), [].iter(), today());
    assert_eq!(status.double_booked, in_house.count() > 1);
    status.double_booked
}
