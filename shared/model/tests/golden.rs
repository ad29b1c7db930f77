//! The bytes of the protocol. Whoever changes one of them changes the wire: devices that
//! are out there speak these.
//!
//! The signed push can be reproduced by any client: Ed25519 signs alike everywhere.

mod golden {
    pub mod commands;
    pub mod description;
    pub mod desk;
    pub mod frames;
    pub mod handout;
    pub mod imports;
    pub mod names;
    pub mod refusals;
    pub mod rooms;
    pub mod rules;
    pub mod variants;
    pub mod verdicts;
    pub mod work;
}

use expect_test::Expect;
use golden::description::{self, Described};
use keyrack_model::{
    action::{Action, DocumentChange},
    cleanliness::Cleanliness,
    command::Command,
    ids::{OperationId, RoomId, UserId},
    time::{HybridTime, Timestamp},
};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;
use uuid::Uuid;

/// An id that repeats one byte, so that it is found in the bytes.
pub const fn id(byte: u8) -> Uuid {
    Uuid::from_bytes([byte; 16])
}

pub const AT: Timestamp = Timestamp(1_495_700_000_000);

/// A small action; its change is three bytes that stand for an Automerge change.
pub fn action() -> Action {
    let room = RoomId(id(0xd0));
    Action {
        operation: OperationId(id(0x0a)),
        author: UserId(id(0x05)),
        at: HybridTime {
            wall: AT,
            counter: 2,
        },
        schema: 1,
        command: Command::SetCleanliness {
            rooms: vec![room],
            value: Cleanliness::Clean,
        },
        changes: vec![DocumentChange {
            document: room.into(),
            bytes: vec![1, 2, 3],
        }],
    }
}

pub fn cbor<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("a value of the wire");
    bytes
}

pub fn hex(bytes: &[u8]) -> String {
    let lines = bytes.chunks(32).map(|line| {
        let digits: String = line.iter().map(|byte| format!("{byte:02x}")).collect();
        digits + "\n"
    });
    lines.collect()
}

/// The value is written as these bytes, they are read as the value, and their shape is the one that
/// the protocol describes.
#[track_caller]
pub fn check<T>(value: &T, expected: Expect)
where
    T: Serialize + DeserializeOwned + PartialEq + Debug + Described,
{
    let bytes = cbor(value);
    expected.assert_eq(&hex(&bytes));
    description::fits(T::NAME, &bytes);
    assert_eq!(
        &ciborium::from_reader::<T, _>(&bytes[..]).expect("the same value"),
        value
    );
}
