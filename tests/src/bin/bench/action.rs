//! An action on the device, command to durable, against one bare SQLite commit of the same bytes.

use super::{
    baseline::BareSqlite,
    figures::{Report, Times, millis},
};
use keyrack_model::{
    command::{Command, ImportedRow},
    identity,
    ids::{DeviceId, OperationId, RoomId, UserId},
    policy::Role,
    room::{Occupancy, Room},
    rows::Person,
    time::Timestamp,
};
use keyrack_replica::{NewDevice, Replica, StoreKey, UserKey, UserSession};
use std::{path::Path, time::Instant};
use uuid::Uuid;

const ACTIONS: usize = 2_000;
const ROOMS: u128 = 200;

pub fn measure(folder: &Path, report: &Report) {
    let store = folder.join("action.db");
    let mut replica = replica_of_rooms(&store);
    let bytes = bytes_per_action(&mut replica, &store);
    let bare = BareSqlite::at(&folder.join("bare.db"));
    let (mut acting, mut committing) = (Times::default(), Times::default());
    for number in 0..ACTIONS {
        let begun = Instant::now();
        act(&mut replica, number);
        acting.push(begun.elapsed());
        let begun = Instant::now();
        bare.commit(bytes);
        committing.push(begun.elapsed());
    }
    for (which, figure, baseline, target) in [
        ("p50", acting.median(), committing.median(), "≤ 1.5"),
        ("p99", acting.p99(), committing.p99(), "(p99 ≤ 5 ms)"),
    ] {
        report.ratio(
            &format!("action on the device / bare SQLite commit of {bytes} B, {which}"),
            figure.as_secs_f64(),
            baseline.as_secs_f64(),
            &format!("{} / {}", millis(figure), millis(baseline)),
            target,
        );
    }
}

/// Each round over the rooms says something else than the one before.
fn act(replica: &mut Replica, number: usize) {
    let (round, at) = (number as u128 / ROOMS, number as u128 % ROOMS);
    let command = Command::SetOccupancySeen {
        room: room(at),
        value: [Occupancy::Vacant, Occupancy::Occupied][round as usize % 2],
    };
    let now = Timestamp(1_495_700_000_000 + number as i64);
    replica
        .act(&command, OperationId(Uuid::now_v7()), now)
        .expect("an action");
}

/// What an action writes: the growth of the store over some, write-ahead log included.
fn bytes_per_action(replica: &mut Replica, store: &Path) -> usize {
    const SAMPLE: usize = 2 * ROOMS as usize;
    let size = || std::fs::metadata(store).map_or(0, |file| file.len());
    let before = size();
    for number in 0..SAMPLE {
        act(replica, number);
    }
    let grown = size().saturating_sub(before);
    // The file grows at checkpoints; an action never takes less than what it says.
    (grown as usize / SAMPLE).max(512)
}

fn replica_of_rooms(store: &Path) -> Replica {
    let device = NewDevice {
        id: DeviceId(Uuid::from_u128(1)),
        signing_key: [1; 32],
        name: "bench".to_owned(),
    };
    let key = StoreKey([9; 32]);
    let mut replica =
        Replica::open(store, &key, device, Box::new(Uuid::now_v7)).expect("a replica");
    sign_in(&mut replica, Role::Server);
    let mut commands = vec![Command::OpenHotel {
        hotel: identity::hotel("bench"),
        name: "Bench".to_owned(),
        business_date: "2017-05-25".parse().expect("a date"),
    }];
    commands.extend((0..ROOMS).map(|number| {
        let fields = Room {
            number: number.to_string(),
            ..Room::default()
        };
        Command::Import(ImportedRow::Room {
            room: room(number),
            fields,
        })
    }));
    for command in &commands {
        replica
            .act(command, OperationId(Uuid::now_v7()), Timestamp(1))
            .expect("a room");
    }
    sign_in(&mut replica, Role::Housekeeper);
    replica
}

fn sign_in(replica: &mut Replica, role: Role) {
    let session = UserSession {
        server: String::new(),
        hotel: identity::hotel("bench"),
        hotel_code: "bench".to_owned(),
        hotel_name: "Bench".to_owned(),
        me: Person {
            id: UserId(Uuid::from_u128(2)),
            name: "bench".to_owned(),
            display: "Bench".to_owned(),
            role,
            left: false,
        },
        token: String::new(),
        renewal: None,
        key: Some(UserKey::of([7; 32])),
        password_given: false,
    };
    replica.begin_session(session).expect("a session");
}

fn room(number: u128) -> RoomId {
    RoomId(Uuid::from_u128(1_000 + number))
}
