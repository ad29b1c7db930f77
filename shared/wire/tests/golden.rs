//! The bytes of the compact form, as devices and servers of version 4 make and read them. Whoever
//! changes one of them ends the connections of those that are out there.

mod made {
    pub mod chunk;
}

use ciborium::Value;
use expect_test::{Expect, expect};
use keyrack_model::{
    action::{Action, Content, DocumentChange, LogEntry, Sequence},
    cleanliness::Cleanliness,
    command::{Command, WorkOrderEdit},
    ids::{
        CommentId, DeviceId, DocumentId, DocumentKind, DocumentRef, OperationId, RoomId, UserId,
        WorkOrderId,
    },
    limits::PROTOCOL,
    time::{HybridTime, Timestamp},
    wire::{ClientFrame, Proof, ServerFrame},
};
use keyrack_wire::{Restoring, Shortening, Unfit};
use made::chunk::Chunk;
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// An id that repeats one byte, so that it is found in the bytes, and its place in a table as well.
const fn id(byte: u8) -> Uuid {
    Uuid::from_bytes([byte; 16])
}

const WALL: i64 = 1_495_700_000_000;
const MARIA: Uuid = id(0x05);
const ORDER: Uuid = id(0x09);
const ACTOR: Uuid = id(0xac);
const ANOTHER: Uuid = id(0xae);
const COMMENT: Uuid = id(0xc0);
const ROOM: Uuid = id(0xd0);

const fn document(kind: DocumentKind, id: Uuid) -> DocumentRef {
    DocumentRef {
        kind,
        id: DocumentId(id),
    }
}

fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("memory takes all");
    bytes
}

/// As devices make them: of version 7, some time before the action is written.
fn operation(number: u128) -> OperationId {
    let early = (WALL - 3) as u128;
    OperationId(Uuid::from_u128(early << 80 | 7 << 76 | 2 << 62 | number))
}

fn hash(chunk: &[u8]) -> [u8; 32] {
    Sha256::digest(&chunk[8..]).into()
}

/// Maria's, with one change after another.
fn action(number: u128, counter: u32, command: Command, changes: Vec<DocumentChange>) -> Action {
    Action {
        operation: operation(number),
        author: UserId(MARIA),
        at: HybridTime {
            wall: Timestamp(WALL),
            counter,
        },
        schema: 1,
        command,
        changes,
    }
}

fn change(kind: DocumentKind, id: Uuid, bytes: Vec<u8>) -> DocumentChange {
    DocumentChange {
        document: document(kind, id),
        bytes,
    }
}

/// What most chunks are: written by the action's actor, at its time and in its name.
fn written(number: u128, deps: &[[u8; 32]], columns: &[u8]) -> Vec<u8> {
    let chunk = Chunk {
        deps,
        actor: ACTOR,
        seq: 1,
        start_op: 300,
        time: WALL,
        message: &operation(number).0.hyphenated().to_string(),
        others: &[ANOTHER],
        columns,
    };
    chunk.bytes()
}

fn first_of_room() -> Vec<u8> {
    written(1, &[[0x77; 32]], b"first")
}

fn first_of_order() -> Vec<u8> {
    written(2, &[], b"first")
}

fn mark(value: Cleanliness) -> Command {
    Command::SetCleanliness {
        rooms: vec![RoomId(ROOM)],
        value,
    }
}

/// One room, one change.
fn marked() -> Action {
    let change = change(DocumentKind::Room, ROOM, first_of_room());
    action(1, 0, mark(Cleanliness::Clean), vec![change])
}

/// Given to her who does it, under a title that is a word of the protocol; beside it stands a change
/// that no Automerge wrote.
fn edited() -> Action {
    let command = Command::EditWorkOrder {
        work_order: WorkOrderId(ORDER),
        edit: WorkOrderEdit {
            title: Some("title".into()),
            assignee: Some(Some(UserId(MARIA))),
            ..WorkOrderEdit::default()
        },
    };
    let changes = vec![
        change(DocumentKind::WorkOrder, ORDER, first_of_order()),
        change(DocumentKind::Comment, COMMENT, vec![1, 2, 3]),
    ];
    action(2, 2, command, changes)
}

/// About an order that nothing of it changes.
fn commented() -> Action {
    let command = Command::AddComment {
        comment: CommentId(COMMENT),
        subject: WorkOrderId(ORDER),
        text: "Pinga 💧".into(),
    };
    let chunk = written(3, &[hash(&[0; 11]), [0x78; 32]], b"second");
    let change = change(DocumentKind::Comment, COMMENT, chunk);
    action(3, 0, command, vec![change])
}

/// On top of what went before, and beside it a change by another actor, at another time, of another
/// action.
fn marked_again() -> Action {
    let foreign = Chunk {
        deps: &[hash(&first_of_order())],
        actor: ANOTHER,
        seq: 7,
        start_op: 301,
        time: -65,
        message: "by hand",
        others: &[],
        columns: b"second",
    };
    let changes = vec![
        change(
            DocumentKind::Room,
            ROOM,
            written(4, &[hash(&first_of_room())], b"second"),
        ),
        change(DocumentKind::WorkOrder, ORDER, foreign.bytes()),
    ];
    action(4, 0, mark(Cleanliness::Dirty), changes)
}

fn push(actions: &[Action], proofs: Vec<Proof>) -> Vec<u8> {
    encode(&ClientFrame::Push {
        batch: encode(&actions),
        signature: vec![0x51; 64],
        proofs,
    })
}

fn told(sequence: u64, action: Action) -> LogEntry {
    LogEntry {
        sequence: Sequence(sequence),
        content: Content::Action {
            received_at: Timestamp(WALL + 40),
            device: DeviceId(id(0xde)),
            action,
        },
    }
}

fn deliver(entries: Vec<LogEntry>) -> Vec<u8> {
    encode(&ServerFrame::Deliver { entries })
}

fn hex(bytes: &[u8]) -> String {
    let lines = bytes.chunks(32).map(|line| {
        let digits: String = line.iter().map(|byte| format!("{byte:02x}")).collect();
        digits + "\n"
    });
    lines.collect()
}

/// In one direction of a connection the frames are said as these bytes, and heard from them.
#[track_caller]
fn check<const N: usize>(frames: [Vec<u8>; N], expected: [Expect; N]) {
    let (mut shortening, mut restoring) = (Shortening::default(), Restoring::default());
    for (frame, expected) in frames.iter().zip(expected) {
        let short = shortening.shorten(frame).expect("a compact form");
        expected.assert_eq(&hex(&short));
        assert_eq!(restoring.restore(&short).as_ref(), Ok(frame));
    }
}

#[test]
fn the_version_of_these_bytes() {
    assert_eq!(PROTOCOL, 4, "another version has bytes of its own");
}

#[test]
fn two_pushes() {
    let proof = Proof {
        index: 1,
        key: [0x4e; 32],
        signature: [0x50; 64],
    };
    check(
        [
            push(&[marked(), edited()], vec![proof]),
            push(&[commented(), marked_again()], vec![]),
        ],
        [
            expect![[r#"
            00c80201a4ae6f51515151515151515151515151515151515151515151515151
            5151515151515151515151515151515151515151515151515151515151515151
            515151515151514e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e
            4e4e4e4e4e4e4e50505050505050505050505050505050505050505050505050
            5050505050505050505050505050505050505050505050505050505050505050
            50505050505050acacacacacacacacacacacacacacacac050505050505050505
            0505050505050500000000000000000000000000000000700080000000000000
            01d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0777777777777777777777777777777
            7777777777777777777777777777777777aeaeaeaeaeaeaeaeaeaeaeaeaeaeae
            ae7000800000000000000209090909090909090909090909090909c0c0c0c0c0
            c0c0c0c0c0c0c0c0c0c0c0010102010000000080b4d6ea8757050000020101ac
            0201000566697273740da17c0ba27c0c815c007c0d7c2e0bad00050202000005
            0001ac0201af056669727374010006030102031ca17c00a27c015c007c02a57c
            037c037c04f67c05f67c06f67c075d06
        "#]],
            expect![[r#"
            00980148a32fda51515151515151515151515151515151515151515151515151
            5151515151515151515151515151515151515151515151515151515151515151
            5151515151515170008000000000000003709e80c88487a2411e1ee4dfb9f22a
            861492d20c4765150c0c794abd70f8147c787878787878787878787878787878
            787878787878787878787878787878787870008000000000000004000201ad00
            0500c10201ac0201af067365636f6e6419a17c1aa37c1b5c007c1c5e0a7c1d6a
            50696e676120f09f92a709ad00050202d101ac0201af067365636f6e641e0aaf
            07ad02bf7f0762792068616e6400067365636f6e640da17c0ba27c0c815c007c
            0d7c2c
        "#]],
        ],
    );
}

#[test]
fn two_deliveries() {
    let hidden = LogEntry {
        sequence: Sequence(43),
        content: Content::Hidden {
            first: Sequence(42),
            operation: Some(operation(9)),
        },
    };
    let of_nothing = action(5, 0, Command::Redacted, vec![]);
    check(
        [
            deliver(vec![told(41, marked()), hidden]),
            deliver(vec![told(44, marked_again()), told(45, of_nothing)]),
        ],
        [
            expect![[r#"
            017ec7edae9aacacacacacacacacacacacacacacacac05050505050505050505
            050505050505dededededededededededededededede70008000000000000001
            d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d077777777777777777777777777777777
            77777777777777777777777777777777aeaeaeaeaeaeaeaeaeaeaeaeaeaeaeae
            02610000000080b4d6ea8757050000020101ac0201000566697273740da17c0b
            a27c0c815c007c0d7c2e50d0b4d6ea87570040a26873657175656e6365182b67
            636f6e74656e74a16648696464656ea2656669727374182a696f706572617469
            6f6e50015c3eaaccfd70008000000000000009
        "#]],
            expect![[r#"
            0158ec06306f7000800000000000000409090909090909090909090909090909
            717911dc63ed58b523e92c388e31c68626f9054ed707a854a18c84acf0b310b0
            00000000000000000000000000000000700080000000000000050269ad000502
            02d101ac0201af067365636f6e641c000501af07ad02bf7f0762792068616e64
            00067365636f6e640da17c0ba27c0c815c007c0d7c2c040049000006df000500
            027c2600
        "#]],
        ],
    );
}

/// A push of one action without changes, put together by what docs/protocol.md says.
fn by_hand(flags: u8, command: &[u8]) -> Vec<u8> {
    const HAS_NUMBER_OF_CHANGES: u8 = 8;
    let mut frame = vec![0];
    // Check, signature, the three ids of a hand, operation: as LEB128 how long, and all of it 0.
    frame.extend([0x80 | 4, 1]);
    frame.extend([0; 4 + 64 + 3 * 16 + 16]);
    let (no_proofs, one_action, in_full, no_changes) = (0, 1, 0, 0);
    frame.extend([no_proofs, one_action, flags | HAS_NUMBER_OF_CHANGES]);
    frame.extend([in_full; 4]);
    let wall = 0;
    frame.extend([wall, no_changes, command.len() as u8]);
    frame.extend_from_slice(command);
    frame
}

/// What was asked in it.
fn command_of(frame: &[u8]) -> Result<Value, Unfit> {
    let plain = Restoring::default().restore_unchecked(frame)?;
    let push = ciborium::from_reader(&plain[..]).expect("a frame");
    let ClientFrame::Push { batch, .. } = push else {
        panic!("{push:?}");
    };
    let actions: Vec<Value> = ciborium::from_reader(&batch[..]).expect("a batch");
    let fields = actions[0].as_map().expect("an action").iter();
    let mut commands = fields.filter(|(key, _)| key.as_text() == Some("command"));
    Ok(commands.next().expect("a command").1.clone())
}

#[test]
fn a_command_that_is_told_as_it_stands_is_taken_as_it_stands() {
    const AS_IT_STANDS: u8 = 16;
    let command = encode(&edited().command);
    let value: Value = ciborium::from_reader(&command[..]).expect("CBOR");
    assert_eq!(command_of(&by_hand(AS_IT_STANDS, &command)), Ok(value));
}

#[test]
fn the_words_that_numbers_stand_for_are_those_that_the_protocol_lists() {
    let protocol = include_str!("../../../docs/protocol.md");
    let list = protocol
        .split_once("The **command** is its CBOR")
        .and_then(|(_, rest)| rest.split("```").nth(1))
        .expect("the list of words");
    let words: Vec<&str> = list.split_whitespace().collect();
    let stands_for = |number: usize| command_of(&by_hand(0, &[0x7c, number as u8]));
    for (number, word) in words.iter().enumerate() {
        assert_eq!(stands_for(number), Ok(Value::Text((*word).into())));
    }
    assert_eq!(stands_for(words.len()), Err(Unfit::Place));
}
