//! The compact form: what goes in comes out, and nothing else does.

mod made {
    pub mod chunk;
}

use keyrack_model::{
    action::{Action, Content, DocumentChange, LogEntry, Sequence},
    cleanliness::Cleanliness,
    command::{Command, WorkOrderEdit},
    ids::{CommentId, DeviceId, DocumentId, DocumentKind, DocumentRef, OperationId, RoomId},
    ids::{LogEpoch, UserId, WorkOrderId},
    limits::{LAST_PLAIN_PROTOCOL, MAX_FRAME, PROTOCOL},
    time::{HybridTime, Timestamp},
    wire::{ClientFrame, Proof, ServerFrame},
};
use keyrack_wire::{Incoming, Outgoing, Restoring, Shortening, Unfit, Unreadable};
use made::chunk::Chunk;
use proptest::{collection::vec, prelude::*};
use serde::Serialize;
use uuid::Uuid;

fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("memory takes all");
    bytes
}

/// Few enough to come again, and some at one place.
fn id() -> impl Strategy<Value = Uuid> {
    (0..6u128, 0..3u128)
        .prop_map(|(high, low)| Uuid::from_u128((7 << 76) | (high << 64) | (low * 255)))
}

fn document() -> impl Strategy<Value = DocumentRef> {
    (0..6usize, id()).prop_map(|(kind, id)| DocumentRef {
        kind: DocumentKind::ALL[kind],
        id: DocumentId(id),
    })
}

/// As Automerge writes one, at a time that is its own.
fn chunk(
    deps: &[[u8; 32]],
    actor: Uuid,
    message: &str,
    others: &[Uuid],
    columns: &[u8],
) -> Vec<u8> {
    let chunk = Chunk {
        deps,
        actor,
        seq: 1,
        start_op: 2,
        time: 128,
        message,
        others,
        columns,
    };
    chunk.bytes()
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let chunks = (
        vec(any::<[u8; 32]>(), 0..3),
        id(),
        "[a-z]{0,8}",
        vec(id(), 0..3),
        vec(any::<u8>(), 0..40),
    )
        .prop_map(|(deps, actor, message, others, columns)| {
            chunk(&deps, actor, &message, &others, &columns)
        });
    prop_oneof![4 => chunks, 1 => vec(any::<u8>(), 0..40)]
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        vec(id(), 1..4).prop_map(|rooms| Command::SetCleanliness {
            rooms: rooms.into_iter().map(RoomId).collect(),
            value: Cleanliness::Clean,
        }),
        (id(), id(), ".{0,20}").prop_map(|(comment, subject, text)| Command::AddComment {
            comment: CommentId(comment),
            subject: WorkOrderId(subject),
            text,
        }),
        (id(), "title|open|.{0,9}", proptest::option::of(id())).prop_map(|(order, title, to)| {
            Command::EditWorkOrder {
                work_order: WorkOrderId(order),
                edit: WorkOrderEdit {
                    title: Some(title),
                    assignee: Some(to.map(UserId)),
                    ..WorkOrderEdit::default()
                },
            }
        }),
        Just(Command::Redacted),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    let change = (document(), bytes());
    let change = change.prop_map(|(document, bytes)| DocumentChange { document, bytes });
    (
        (id(), id()),
        (any::<i64>(), prop_oneof![Just(0), any::<u32>()]),
        prop_oneof![Just(1), any::<u16>()],
        (command(), vec(change, 0..4)),
    )
        .prop_map(
            |((operation, author), (wall, counter), schema, (command, changes))| Action {
                operation: OperationId(operation),
                author: UserId(author),
                at: HybridTime {
                    wall: Timestamp(wall),
                    counter,
                },
                schema,
                command,
                changes,
            },
        )
}

fn push() -> impl Strategy<Value = ClientFrame> {
    let proof = (any::<u16>(), any::<[u8; 32]>());
    let proof = proof.prop_map(|(index, key)| Proof {
        index,
        key,
        signature: [3; 64],
    });
    (vec(action(), 0..5), vec(proof, 0..3)).prop_map(|(actions, proofs)| ClientFrame::Push {
        batch: encode(&actions),
        signature: vec![7; 64],
        proofs,
    })
}

fn deliver() -> impl Strategy<Value = ServerFrame> {
    let content = prop_oneof![
        5 => (any::<i64>(), id(), action()).prop_map(|(received_at, device, action)| {
            Content::Action {
                received_at: Timestamp(received_at),
                device: DeviceId(device),
                action,
            }
        }),
        1 => id().prop_map(|id| Content::Hidden {
            first: Sequence(1),
            operation: Some(OperationId(id)),
        }),
    ];
    let entry = (0..1_000u64, content).prop_map(|(sequence, content)| LogEntry {
        sequence: Sequence(sequence),
        content,
    });
    vec(entry, 1..5).prop_map(|entries| ServerFrame::Deliver { entries })
}

fn welcome(protocol: u16) -> Vec<u8> {
    encode(&ServerFrame::Welcome {
        protocol,
        epoch: LogEpoch::default(),
        head: Sequence(0),
        after: Sequence(0),
        server_time: Timestamp(0),
        classes: vec![],
        grant_millis: None,
    })
}

fn frames() -> impl Strategy<Value = Vec<Vec<u8>>> {
    vec(
        prop_oneof![
            push().prop_map(|frame| encode(&frame)),
            deliver().prop_map(|frame| encode(&frame)),
            Just(encode(&ServerFrame::Pong)),
        ],
        1..8,
    )
}

proptest! {
    #[test]
    fn what_is_told_compactly_arrives_byte_for_byte(frames in frames()) {
        let (mut outgoing, mut incoming) = (Outgoing::default(), Incoming::default());
        let first = welcome(PROTOCOL);
        prop_assert_eq!(incoming.unpack(&outgoing.pack(&first).unwrap()), Ok(first));
        let (mut shortening, mut restoring) = (Shortening::default(), Restoring::default());
        for frame in frames {
            let message = outgoing.pack(&frame).unwrap();
            prop_assert_eq!(incoming.unpack(&message), Ok(frame.clone()));
            if let Some(short) = shortening.shorten(&frame) {
                prop_assert!(short.len() < frame.len());
                prop_assert_eq!(restoring.restore(&short), Ok(frame));
            }
        }
    }

    #[test]
    fn a_frame_that_was_changed_on_the_way_is_not_taken(
        frame in deliver(),
        at in any::<proptest::sample::Index>(),
        flip in 1..=u8::MAX,
    ) {
        let frame = encode(&frame);
        if let Some(mut short) = Shortening::default().shorten(&frame) {
            let at = at.index(short.len());
            short[at] ^= flip;
            let restored = Restoring::default().restore(&short);
            // What is said otherwise may mean the same.
            prop_assert!(restored.is_err() || restored == Ok(frame));
        }
    }

    #[test]
    fn bytes_of_any_kind_are_read_or_turned_away(frames in vec(vec(any::<u8>(), 0..80), 1..4)) {
        let mut restoring = Restoring::default();
        for mut frame in frames {
            if let Some(form) = frame.first_mut() {
                *form &= 1;
            }
            if let Ok(plain) = restoring.restore_unchecked(&frame) {
                prop_assert!(plain.len() <= MAX_FRAME);
            }
        }
    }
}

fn told(sequence: u64) -> Vec<u8> {
    let room = RoomId(Uuid::from_u128(0xAB));
    let action = Action {
        operation: OperationId(Uuid::from_u128(u128::from(sequence))),
        author: UserId(Uuid::from_u128(1)),
        at: HybridTime {
            wall: Timestamp(5),
            counter: 0,
        },
        schema: 1,
        command: Command::SetCleanliness {
            rooms: vec![room],
            value: Cleanliness::Clean,
        },
        changes: vec![DocumentChange {
            document: room.into(),
            bytes: chunk(&[[9; 32]], Uuid::from_u128(2), "", &[], b"columns"),
        }],
    };
    encode(&ServerFrame::Deliver {
        entries: vec![LogEntry {
            sequence: Sequence(sequence),
            content: Content::Action {
                received_at: Timestamp(6),
                device: DeviceId(Uuid::from_u128(3)),
                action,
            },
        }],
    })
}

#[test]
fn devices_of_earlier_versions_are_told_everything_as_it_stands() {
    for protocol in [LAST_PLAIN_PROTOCOL, PROTOCOL] {
        let (mut outgoing, mut uncompressed) = (Outgoing::default(), Incoming::default());
        // That heard no greeting puts nothing together.
        outgoing.pack(&welcome(protocol)).unwrap();
        uncompressed.unpack(b"").unwrap();
        let sent = uncompressed.unpack(&outgoing.pack(&told(1)).unwrap());
        let is_plain = protocol == LAST_PLAIN_PROTOCOL;
        assert_eq!(sent == Ok(told(1)), is_plain);
        assert_eq!(outgoing.is_compact(), !is_plain);
    }
}

#[test]
fn a_frame_that_refers_to_what_was_never_told_ends_the_stream() {
    let (mut outgoing, mut incoming) = (Outgoing::default(), Incoming::default());
    incoming
        .unpack(&outgoing.pack(&welcome(PROTOCOL)).unwrap())
        .unwrap();
    let mut elsewhere = Shortening::default();
    elsewhere.shorten(&told(1)).unwrap();
    // A plain stream carries it as it is.
    let mut plain = Outgoing::default();
    plain.pack(b"").unwrap();
    let message = plain.pack(&elsewhere.shorten(&told(2)).unwrap()).unwrap();
    let broken = Unreadable::NotRestored(Unfit::Place);
    assert_eq!(incoming.unpack(&message), Err(broken));
    assert!(incoming.unpack(&message).is_err());
}
