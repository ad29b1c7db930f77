//! Two front desks that do not hear of one another.

use crate::world::scene::{Scene, room, stay, today};
use keyrack_model::{
    command::{Command, ImportedRow},
    policy::Role,
    room::Room,
    room_status::RoomStatus,
    stay::{Stay, StayStatus},
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
