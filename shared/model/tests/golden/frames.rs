//! Every frame, an action, a batch and its signature.

use crate::{AT, action, cbor, check, hex, id};
use ed25519_dalek::{Signer, SigningKey};
use expect_test::expect;
use keyrack_model::{
    action::{LogEntry, Sequence},
    ids::{ActorId, DeviceId, HotelOrigin, LogEpoch, OperationId, UserId},
    limits::PROTOCOL,
    policy::Role,
    rows::Person,
    wire::{
        ActorRegistration, ClientFrame, DeviceRegistration, ErrorBody, ErrorCode, OperationVerdict,
        ServerFrame, SignIn, SignedIn, Verdict,
    },
};

fn actors() -> Vec<ActorRegistration> {
    vec![ActorRegistration {
        actor: ActorId(id(0xac)),
        user: UserId(id(0x05)),
    }]
}

fn person() -> Person {
    Person {
        id: UserId(id(0x05)),
        name: "maria".into(),
        display: "Maria Silva".into(),
        role: Role::Housekeeper,
    }
}

#[test]
fn the_version_of_these_bytes() {
    assert_eq!(PROTOCOL, 1, "another version has bytes of its own");
}

#[test]
fn hello() {
    let known = ClientFrame::Hello {
        protocol: 1,
        epoch: Some(LogEpoch(id(0xe0))),
        cursor: Sequence(1_000),
        actors: actors(),
    };
    check(
        &known,
        expect![[r#"
        a16548656c6c6fa46870726f746f636f6c016565706f636850e0e0e0e0e0e0e0
        e0e0e0e0e0e0e0e0e066637572736f721903e8666163746f727381a265616374
        6f7250acacacacacacacacacacacacacacacac64757365725005050505050505
        050505050505050505
    "#]],
    );
    let first = ClientFrame::Hello {
        protocol: 1,
        epoch: None,
        cursor: Sequence(0),
        actors: vec![],
    };
    check(
        &first,
        expect![[r#"
        a16548656c6c6fa46870726f746f636f6c016565706f6368f666637572736f72
        00666163746f727380
    "#]],
    );
}

#[test]
fn register() {
    check(
        &ClientFrame::Register { actors: actors() },
        expect![[r#"
        a1685265676973746572a1666163746f727381a2656163746f7250acacacacac
        acacacacacacacacacacac647573657250050505050505050505050505050505
        05
    "#]],
    );
}

#[test]
fn ping_and_pong() {
    check(
        &ClientFrame::Ping,
        expect![[r#"
        6450696e67
    "#]],
    );
    check(
        &ServerFrame::Pong,
        expect![[r#"
        64506f6e67
    "#]],
    );
}

#[test]
fn an_action() {
    check(
        &action(),
        expect![[r#"
        a6696f7065726174696f6e500a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a66617574
        686f725005050505050505050505050505050505626174a26477616c6c1b0000
        015c3eaacd0067636f756e7465720266736368656d610167636f6d6d616e64a1
        6e536574436c65616e6c696e657373a265726f6f6d738150d0d0d0d0d0d0d0d0
        d0d0d0d0d0d0d0d06576616c756565636c65616e676368616e67657381a26864
        6f63756d656e74a2646b696e640262696450d0d0d0d0d0d0d0d0d0d0d0d0d0d0
        d0d065627974657343010203
    "#]],
    );
}

#[test]
fn a_batch() {
    check(
        &vec![action()],
        expect![[r#"
        81a6696f7065726174696f6e500a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a666175
        74686f725005050505050505050505050505050505626174a26477616c6c1b00
        00015c3eaacd0067636f756e7465720266736368656d610167636f6d6d616e64
        a16e536574436c65616e6c696e657373a265726f6f6d738150d0d0d0d0d0d0d0
        d0d0d0d0d0d0d0d0d06576616c756565636c65616e676368616e67657381a268
        646f63756d656e74a2646b696e640262696450d0d0d0d0d0d0d0d0d0d0d0d0d0
        d0d0d065627974657343010203
    "#]],
    );
}

#[test]
fn a_signed_push() {
    let key = SigningKey::from_bytes(&[7; 32]);
    let batch = cbor(&vec![action()]);
    let signature = key.sign(&batch).to_bytes().to_vec();
    expect![[r#"
        ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c
    "#]]
    .assert_eq(&hex(key.verifying_key().as_bytes()));
    expect![[r#"
        fabd53e8acdf3ceea6859c7831398d6a09f134432257df0573a12c2760d39688
        452c9b3268aa86256e4a103466e2119a8962db534a3f8d9b7b36eef55fcf4704
    "#]]
    .assert_eq(&hex(&signature));
    check(
        &ClientFrame::Push { batch, signature },
        expect![[r#"
        a16450757368a265626174636858cd81a6696f7065726174696f6e500a0a0a0a
        0a0a0a0a0a0a0a0a0a0a0a0a66617574686f7250050505050505050505050505
        05050505626174a26477616c6c1b0000015c3eaacd0067636f756e7465720266
        736368656d610167636f6d6d616e64a16e536574436c65616e6c696e657373a2
        65726f6f6d738150d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d06576616c75656563
        6c65616e676368616e67657381a268646f63756d656e74a2646b696e64026269
        6450d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d06562797465734301020369736967
        6e61747572655840fabd53e8acdf3ceea6859c7831398d6a09f134432257df05
        73a12c2760d39688452c9b3268aa86256e4a103466e2119a8962db534a3f8d9b
        7b36eef55fcf4704
    "#]],
    );
}

#[test]
fn welcome() {
    let welcome = ServerFrame::Welcome {
        protocol: 1,
        epoch: LogEpoch(id(0xe0)),
        head: Sequence(70_000),
        after: Sequence(1_000),
        server_time: AT,
        people: vec![person()],
    };
    check(
        &welcome,
        expect![[r#"
        a16757656c636f6d65a66870726f746f636f6c016565706f636850e0e0e0e0e0
        e0e0e0e0e0e0e0e0e0e0e064686561641a000111706561667465721903e86b73
        65727665725f74696d651b0000015c3eaacd006670656f706c6581a462696450
        05050505050505050505050505050505646e616d65656d617269616764697370
        6c61796b4d617269612053696c766164726f6c656b686f7573656b6565706572
    "#]],
    );
}

#[test]
fn deliver() {
    let entry = LogEntry {
        sequence: Sequence(1_001),
        received_at: AT,
        device: DeviceId(id(0xde)),
        action: action(),
    };
    let entries = vec![entry];
    check(
        &ServerFrame::Deliver { entries },
        expect![[r#"
        a16744656c69766572a167656e747269657381a46873657175656e63651903e9
        6b72656365697665645f61741b0000015c3eaacd006664657669636550dedede
        dedededededededededededede66616374696f6ea6696f7065726174696f6e50
        0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a66617574686f72500505050505050505
        0505050505050505626174a26477616c6c1b0000015c3eaacd0067636f756e74
        65720266736368656d610167636f6d6d616e64a16e536574436c65616e6c696e
        657373a265726f6f6d738150d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d06576616c
        756565636c65616e676368616e67657381a268646f63756d656e74a2646b696e
        640262696450d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d065627974657343010203
    "#]],
    );
}

#[test]
fn verdicts() {
    let verdicts = vec![OperationVerdict {
        operation: OperationId(id(0x0a)),
        verdict: Verdict::Accepted {
            sequence: Sequence(1_001),
            received_at: AT,
        },
    }];
    check(
        &ServerFrame::Verdicts { verdicts },
        expect![[r#"
        a1685665726469637473a168766572646963747381a2696f7065726174696f6e
        500a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a6776657264696374a1684163636570
        746564a26873657175656e63651903e96b72656365697665645f61741b000001
        5c3eaacd00
    "#]],
    );
}

#[test]
fn refuse_and_go_away() {
    let refuse = ServerFrame::Refuse(ErrorBody {
        code: ErrorCode::TooLarge,
        message: "too much.".into(),
    });
    check(
        &refuse,
        expect![[r#"
        a166526566757365a264636f646569746f6f2d6c61726765676d657373616765
        69746f6f206d7563682e
    "#]],
    );
    let go_away = ServerFrame::GoAway {
        retry_after_millis: 1_500,
    };
    check(
        &go_away,
        expect![[r#"
        a166476f41776179a17272657472795f61667465725f6d696c6c69731905dc
    "#]],
    );
}

#[test]
fn an_answer_to_a_request_is_an_array_of_frames() {
    check(
        &vec![ServerFrame::Pong],
        expect![[r#"
        8164506f6e67
    "#]],
    );
}

#[test]
fn a_sign_in_and_its_answer_are_json() {
    let sign_in = SignIn {
        protocol: 1,
        hotel: "resort".into(),
        name: "maria".into(),
        password: "secret".into(),
        device: DeviceRegistration {
            id: DeviceId(id(0xde)),
            name: "desk".into(),
            public_key: "ab".repeat(32),
        },
    };
    expect![[r#"
        {
          "protocol": 1,
          "hotel": "resort",
          "name": "maria",
          "password": "secret",
          "device": {
            "id": "dededede-dede-dede-dede-dededededede",
            "name": "desk",
            "public_key": "abababababababababababababababababababababababababababababababab"
          }
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&sign_in).unwrap());
    let signed_in = SignedIn {
        token: "token".into(),
        hotel: keyrack_model::identity::hotel("resort"),
        origin: HotelOrigin(id(0x0a)),
        hotel_name: "Resort H1".into(),
        person: person(),
        server_time: AT,
    };
    expect![[r#"
        {
          "token": "token",
          "hotel": "e77ff183-1a3a-82e1-a3f2-0836fac9c041",
          "origin": "0a0a0a0a-0a0a-0a0a-0a0a-0a0a0a0a0a0a",
          "hotel_name": "Resort H1",
          "person": {
            "id": "05050505-0505-0505-0505-050505050505",
            "name": "maria",
            "display": "Maria Silva",
            "role": "housekeeper"
          },
          "server_time": 1495700000000
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&signed_in).unwrap());
}
