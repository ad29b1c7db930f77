//! Devices of the test hotel and who sits at them.

use keyrack_model::{
    identity,
    ids::{DeviceId, UserId},
    policy::Role,
    rows::Person,
};
use keyrack_replica::{Fresh, NewDevice, Replica, UserSession};
use uuid::Uuid;

/// Ids that no other source gives: sources are numbered.
pub fn fresh(source: u128) -> Fresh {
    let mut next = source << 64;
    Box::new(move || {
        next += 1;
        Uuid::from_u128(next)
    })
}

pub fn person(number: u128, role: Role) -> Person {
    Person {
        id: UserId(Uuid::from_u128(0x9000 + number)),
        name: format!("person-{number}"),
        display: format!("Person {number}"),
        role,
        left: false,
    }
}

pub fn new_device(number: u8) -> NewDevice {
    NewDevice {
        id: DeviceId(Uuid::from_u128(0xD000 + u128::from(number))),
        signing_key: [number; 32],
        name: format!("device {number}"),
    }
}

pub fn session(me: Person) -> UserSession {
    UserSession {
        server: "http://127.0.0.1:1".into(),
        hotel: identity::hotel("test"),
        hotel_code: "test".into(),
        hotel_name: "Test".into(),
        me,
        token: "token".into(),
        renewal: None,
    }
}

/// A replica in memory at which a person of this role sits.
pub fn replica(number: u8, role: Role) -> Replica {
    replica_of(number, u128::from(number), role)
}

/// The same, on a device of another number than the person's.
pub fn replica_of(device: u8, number: u128, role: Role) -> Replica {
    let mut replica =
        Replica::open_in_memory(new_device(device), fresh(u128::from(device))).unwrap();
    replica
        .begin_session(session(person(number, role)))
        .unwrap();
    replica
}
