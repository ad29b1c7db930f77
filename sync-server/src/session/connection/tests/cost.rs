//! What small edits cost on the wire and in memory, with ids as random as those of real devices.

use super::*;
use keyrack_document::{Document, Stamp};
use keyrack_model::{
    action::{Content, DocumentChange, LogEntry},
    change::Change,
    command::Command,
    ids::{ActorId, DeviceId, OperationId, RoomId, UserId},
    limits::SCHEMA,
    room::{RoomChange, ServiceStatus},
    time::{HybridTime, Timestamp},
};
use uuid::Uuid;

const ROOMS: u64 = 50;
const EDITS: u64 = 400;

fn random(what: &str, number: u64) -> Uuid {
    let hash = blake3::hash(format!("{what} {number}").as_bytes());
    let random = hash.as_bytes()[..10].try_into().unwrap();
    let millis = NOW.0 as u64 + 700 * number;
    uuid::Builder::from_unix_timestamp_millis(millis, random).into_uuid()
}

/// People who change what the guests of random rooms want, in the order of the log.
fn edits() -> Vec<LogEntry> {
    let rooms = |edit: u64| RoomId(random("room", (edit * 7) % ROOMS));
    let mut documents: Vec<Document> = (0..ROOMS)
        .map(|room| Document::genesis(RoomId(random("room", room)).into()))
        .collect();
    let edit = |edit: u64| {
        let operation = OperationId(random("operation", edit));
        let at = Timestamp(NOW.0 + 700 * edit as i64);
        let value = ServiceStatus::ALL[(edit / 3) as usize % ServiceStatus::ALL.len()];
        let room = rooms(edit);
        let change = Change::Room(room, RoomChange::ServiceStatus(value));
        let actor = ActorId(random("actor", edit % 4));
        let document = &mut documents[(edit * 7 % ROOMS) as usize];
        let bytes = document
            .write(actor, Stamp { operation, at }, &[change])
            .unwrap()
            .unwrap();
        LogEntry {
            sequence: Sequence(edit + 1),
            content: Content::Action {
                received_at: Timestamp(at.0 + 40),
                device: DeviceId(random("device", edit % 4)),
                action: Action {
                    operation,
                    author: UserId(random("user", edit % 4)),
                    at: HybridTime {
                        wall: at,
                        counter: 0,
                    },
                    schema: SCHEMA,
                    command: Command::SetServiceStatus { room, value },
                    changes: vec![DocumentChange {
                        document: room.into(),
                        bytes,
                    }],
                },
            },
        }
    };
    (0..EDITS).map(edit).collect()
}

fn cbor<T: serde::Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

/// The mean message, once the stream has seen some edits.
fn mean(frames: impl Iterator<Item = Vec<u8>>) -> usize {
    let (mut outgoing, mut incoming) = (Outgoing::default(), Incoming::default());
    let messages: Vec<usize> = frames
        .map(|frame| {
            let message = outgoing.pack(&frame).unwrap();
            assert_eq!(incoming.unpack(&message).as_ref(), Ok(&frame));
            message.len()
        })
        .collect();
    // What is reserved; of a stream of small frames the half is never touched.
    let memory = outgoing.memory() + incoming.memory();
    assert!(memory <= 220 << 10, "{memory} bytes a connection");
    let settled = &messages[messages.len() / 4..];
    settled.iter().sum::<usize>() / settled.len()
}

/// Of a delivery some 110 bytes are new to everybody: a hash, a room, an operation twice over, a
/// checksum, three times.
#[test]
fn an_edit_costs_less_than_its_change_to_deliver_and_a_signature_more_to_push() {
    let edits = edits();
    let changes: usize = edits
        .iter()
        .filter_map(LogEntry::action)
        .map(|action| action.changes[0].bytes.len())
        .sum();
    let change = changes / edits.len();
    let delivered = mean(edits.iter().cloned().map(|entry| {
        cbor(&ServerFrame::Deliver {
            entries: vec![entry],
        })
    }));
    let pushed = mean(edits.iter().filter_map(LogEntry::action).map(|action| {
        let batch = cbor(&vec![action]);
        let signature = key().sign(&batch).to_bytes().to_vec();
        cbor(&ClientFrame::Push {
            batch,
            signature,
            proofs: vec![],
        })
    }));
    let cost = format!("change {change}, delivered {delivered}, pushed {pushed}");
    assert!(delivered <= 190 && delivered < change, "{cost}");
    assert!(pushed <= delivered + 64 + 8, "{cost}");
}

/// What a connection takes for as long as it lives, beside the buffers of its socket.
#[test]
fn a_connection_takes_no_more_for_what_it_may_have_to_do() {
    fn bytes_of<F: Future>(
        _: impl FnOnce(WebSocket, Hotels<MemoryLog>, Admitted, Around) -> F,
    ) -> usize {
        size_of::<F>()
    }
    let bytes = bytes_of(|socket, hotels, admitted, around| {
        run(socket, hotels, admitted, around, std::future::pending())
    });
    assert!(bytes <= 8 << 10, "{bytes} bytes");
}
