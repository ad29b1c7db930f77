//! Every frame, an action, a batch and its signature.

use crate::{AT, action, cbor, check, hex, id};
use ed25519_dalek::{Signer, SigningKey};
use expect_test::expect;
use keyrack_model::{
    action::{Content, LogEntry, Sequence},
    audit_head::{AuditHead, hexadecimal},
    class::Class,
    ids::{ActorId, DeviceId, HotelId, HotelOrigin, LogEpoch, OperationId, StayId, UserId},
    limits::{MAX_PROOF_BYTES, PROTOCOL},
    policy::Role,
    proof::{sign_in_statement, statement},
    record::{Colleague, Guest, Payload, Record, Workplace},
    rows::Person,
    wire::{
        ActorRegistration, ClientFrame, DeviceRegistration, ErrorBody, ErrorCode, KnownPlace,
        OperationVerdict, Proof, Refreshed, Renewal, ServerFrame, SignIn, SignedIn, StaleProof,
        Verdict,
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
        left: false,
    }
}

#[test]
fn the_version_of_these_bytes() {
    assert_eq!(PROTOCOL, 4, "another version has bytes of its own");
}

#[test]
fn hello() {
    let known = ClientFrame::Hello {
        protocol: 1,
        epoch: Some(LogEpoch(id(0xe0))),
        cursor: Sequence(1_000),
        known: None,
        classes: vec![Class::Rooms, Class::WorkOrders],
        actors: actors(),
    };
    check(
        &known,
        expect![[r#"
            a16548656c6c6fa56870726f746f636f6c016565706f636850e0e0e0e0e0e0e0
            e0e0e0e0e0e0e0e0e066637572736f721903e867636c61737365738265726f6f
            6d736b776f726b2d6f7264657273666163746f727381a2656163746f7250acac
            acacacacacacacacacacacacacac647573657250050505050505050505050505
            05050505
        "#]],
    );
    let first = ClientFrame::Hello {
        protocol: 1,
        epoch: None,
        cursor: Sequence(0),
        known: None,
        classes: vec![],
        actors: vec![],
    };
    check(
        &first,
        expect![[r#"
            a16548656c6c6fa56870726f746f636f6c016565706f6368f666637572736f72
            0067636c617373657380666163746f727380
        "#]],
    );
}

#[test]
fn hello_of_version_2() {
    let hello = ClientFrame::Hello {
        protocol: 2,
        epoch: Some(LogEpoch(id(0xe0))),
        cursor: Sequence(1_000),
        known: Some(KnownPlace {
            sequence: Sequence(998),
            operation: OperationId(id(0x0a)),
            received_at: None,
        }),
        classes: vec![Class::Rooms],
        actors: vec![],
    };
    check(
        &hello,
        expect![[r#"
        a16548656c6c6fa66870726f746f636f6c026565706f636850e0e0e0e0e0e0e0
        e0e0e0e0e0e0e0e0e066637572736f721903e8656b6e6f776ea2687365717565
        6e63651903e6696f7065726174696f6e500a0a0a0a0a0a0a0a0a0a0a0a0a0a0a
        0a67636c61737365738165726f6f6d73666163746f727380
    "#]],
    );
}

#[test]
fn hello_that_says_when_its_place_was_received() {
    let hello = ClientFrame::Hello {
        protocol: 2,
        epoch: Some(LogEpoch(id(0xe0))),
        cursor: Sequence(1_000),
        known: Some(KnownPlace {
            sequence: Sequence(998),
            operation: OperationId(id(0x0a)),
            received_at: Some(AT),
        }),
        classes: vec![Class::Rooms],
        actors: vec![],
    };
    check(
        &hello,
        expect![[r#"
        a16548656c6c6fa66870726f746f636f6c026565706f636850e0e0e0e0e0e0e0
        e0e0e0e0e0e0e0e0e066637572736f721903e8656b6e6f776ea3687365717565
        6e63651903e6696f7065726174696f6e500a0a0a0a0a0a0a0a0a0a0a0a0a0a0a
        0a6b72656365697665645f61741b0000015c3eaacd0067636c61737365738165
        726f6f6d73666163746f727380
    "#]],
    );
}

#[test]
fn stored() {
    let stored = ServerFrame::Stored {
        first: Sequence(1_001),
        received_at: AT,
    };
    check(
        &stored,
        expect![[r#"
        a16653746f726564a26566697273741903e96b72656365697665645f61741b00
        00015c3eaacd00
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

/// Since version 3.
#[test]
fn renew() {
    let renew = ClientFrame::Renew {
        token: "token".into(),
    };
    check(
        &renew,
        expect![[r#"
        a16552656e6577a165746f6b656e65746f6b656e
    "#]],
    );
}

/// Since version 3.
#[test]
fn audit_head() {
    let head = AuditHead {
        number: 7,
        hash: vec![0xab; 32],
        signature: vec![0xcd; 64],
    };
    check(
        &ServerFrame::AuditHead(head),
        expect![[r#"
            a169417564697448656164a3666e756d6265720764686173685820ababababab
            ababababababababababababababababababababababababababab697369676e
            61747572655840cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd
            cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd
            cdcdcdcdcdcdcd
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
        &ClientFrame::Push {
            batch,
            signature,
            proofs: vec![],
        },
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
fn a_push_with_the_proof_that_somebody_else_did_it() {
    let device = SigningKey::from_bytes(&[7; 32]);
    let author = SigningKey::from_bytes(&[8; 32]);
    let (hotel, desk) = (HotelId(id(0x40)), DeviceId(id(0xde)));
    let stated = statement(hotel, desk, &cbor(&action()));
    expect![[r#"
        64c0a38bd403a99e953448711f0286392d418a36fae331fd40f1bae6441b2bd6
    "#]]
    .assert_eq(&hex(&stated));
    let batch = cbor(&vec![action()]);
    let signature = device.sign(&batch).to_bytes().to_vec();
    let proof = Proof {
        index: 0,
        key: *author.verifying_key().as_bytes(),
        signature: author.sign(&stated).to_bytes(),
    };
    assert!(cbor(&proof).len() <= MAX_PROOF_BYTES);
    check(
        &ClientFrame::Push {
            batch,
            signature,
            proofs: vec![proof],
        },
        expect![[r#"
            a16450757368a365626174636858cd81a6696f7065726174696f6e500a0a0a0a
            0a0a0a0a0a0a0a0a0a0a0a0a66617574686f7250050505050505050505050505
            05050505626174a26477616c6c1b0000015c3eaacd0067636f756e7465720266
            736368656d610167636f6d6d616e64a16e536574436c65616e6c696e657373a2
            65726f6f6d738150d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d06576616c75656563
            6c65616e676368616e67657381a268646f63756d656e74a2646b696e64026269
            6450d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d06562797465734301020369736967
            6e61747572655840fabd53e8acdf3ceea6859c7831398d6a09f134432257df05
            73a12c2760d39688452c9b3268aa86256e4a103466e2119a8962db534a3f8d9b
            7b36eef55fcf47046670726f6f667381a365696e64657800636b657958201398
            f62c6d1a457c51ba6a4b5f3dbd2f69fca93216218dc8997e416bd17d93ca6973
            69676e617475726558403dda59b67b93e058b0c244a2619557e8c591f9ab337b
            e923b6a627feededecb0f3f4be3312142c83120fd53bb996efbca3d8489516c4
            f3b9977a9b9816ac640d
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
        classes: vec![Class::Rooms, Class::Guests],
        grant_millis: None,
    };
    check(
        &welcome,
        expect![[r#"
            a16757656c636f6d65a66870726f746f636f6c016565706f636850e0e0e0e0e0
            e0e0e0e0e0e0e0e0e0e0e064686561641a000111706561667465721903e86b73
            65727665725f74696d651b0000015c3eaacd0067636c61737365738265726f6f
            6d7366677565737473
        "#]],
    );
}

#[test]
fn welcome_with_a_grant() {
    let welcome = ServerFrame::Welcome {
        protocol: 4,
        epoch: LogEpoch(id(0xe0)),
        head: Sequence(70_000),
        after: Sequence(1_000),
        server_time: AT,
        classes: vec![Class::Rooms, Class::Guests],
        grant_millis: Some(42_900_000),
    };
    check(
        &welcome,
        expect![[r#"
            a16757656c636f6d65a76870726f746f636f6c046565706f636850e0e0e0e0e0
            e0e0e0e0e0e0e0e0e0e0e064686561641a000111706561667465721903e86b73
            65727665725f74696d651b0000015c3eaacd0067636c61737365738265726f6f
            6d73666775657374736c6772616e745f6d696c6c69731a028e9a20
        "#]],
    );
}

#[test]
fn deliver() {
    let entry = LogEntry {
        sequence: Sequence(1_001),
        content: Content::Action {
            received_at: AT,
            device: DeviceId(id(0xde)),
            action: action(),
        },
    };
    let entries = vec![entry];
    check(
        &ServerFrame::Deliver { entries },
        expect![[r#"
            a16744656c69766572a167656e747269657381a26873657175656e63651903e9
            67636f6e74656e74a166416374696f6ea36b72656365697665645f61741b0000
            015c3eaacd006664657669636550dededededededededededededededede6661
            6374696f6ea6696f7065726174696f6e500a0a0a0a0a0a0a0a0a0a0a0a0a0a0a
            0a66617574686f725005050505050505050505050505050505626174a2647761
            6c6c1b0000015c3eaacd0067636f756e7465720266736368656d610167636f6d
            6d616e64a16e536574436c65616e6c696e657373a265726f6f6d738150d0d0d0
            d0d0d0d0d0d0d0d0d0d0d0d0d06576616c756565636c65616e676368616e6765
            7381a268646f63756d656e74a2646b696e640262696450d0d0d0d0d0d0d0d0d0
            d0d0d0d0d0d0d065627974657343010203
        "#]],
    );
}

/// A record of each kind, one that was erased, and places that the reader may not see.
#[test]
fn deliver_records() {
    let stay = StayId(id(0x57));
    let guest = Guest {
        name: "A. Guest".into(),
        phone: "1".into(),
    };
    let workplace = Workplace {
        guests: Default::default(),
        name: "desk".into(),
        revoked: false,
    };
    let records = [
        Record::version(
            UserId(id(0x05)).into(),
            1,
            Payload::Person(Colleague::from(&person())),
        ),
        Record::version(DeviceId(id(0xde)).into(), 1, Payload::Device(workplace)),
        Record::version(stay.into(), 1, Payload::Guest(guest)),
        Record::version(stay.into(), 2, Payload::Erased),
    ];
    let mut entries: Vec<LogEntry> = records
        .into_iter()
        .zip(1..)
        .map(|(record, number)| LogEntry {
            sequence: Sequence(number),
            content: Content::Record {
                received_at: AT,
                device: DeviceId(id(0xde)),
                author: UserId(id(0x05)),
                operation: OperationId(id(number as u8)),
                record,
            },
        })
        .collect();
    entries.push(LogEntry {
        sequence: Sequence(70_000),
        content: Content::Hidden {
            first: Sequence(5),
            operation: Some(OperationId(id(0x0b))),
        },
    });
    check(
        &ServerFrame::Deliver { entries },
        expect![[r#"
            a16744656c69766572a167656e747269657385a26873657175656e6365016763
            6f6e74656e74a1665265636f7264a56b72656365697665645f61741b0000015c
            3eaacd006664657669636550dededededededededededededededede66617574
            686f725005050505050505050505050505050505696f7065726174696f6e5001
            010101010101010101010101010101667265636f7264a5646b696e6466706572
            736f6e62696450050505050505050505050505050505056776657273696f6e01
            6861756469656e63656670656f706c65677061796c6f6164a166506572736f6e
            a3646e616d65656d6172696167646973706c61796b4d617269612053696c7661
            64726f6c656b686f7573656b6565706572a26873657175656e63650267636f6e
            74656e74a1665265636f7264a56b72656365697665645f61741b0000015c3eaa
            cd006664657669636550dededededededededededededededede66617574686f
            725005050505050505050505050505050505696f7065726174696f6e50020202
            02020202020202020202020202667265636f7264a5646b696e64666465766963
            6562696450dededededededededededededededede6776657273696f6e016861
            756469656e63656764657669636573677061796c6f6164a166446576696365a2
            646e616d65646465736b677265766f6b6564f4a26873657175656e6365036763
            6f6e74656e74a1665265636f7264a56b72656365697665645f61741b0000015c
            3eaacd006664657669636550dededededededededededededededede66617574
            686f725005050505050505050505050505050505696f7065726174696f6e5003
            030303030303030303030303030303667265636f7264a5646b696e6465677565
            737462696450575757575757575757575757575757576776657273696f6e0168
            61756469656e636566677565737473677061796c6f6164a1654775657374a264
            6e616d6568412e2047756573746570686f6e656131a26873657175656e636504
            67636f6e74656e74a1665265636f7264a56b72656365697665645f61741b0000
            015c3eaacd006664657669636550dededededededededededededededede6661
            7574686f725005050505050505050505050505050505696f7065726174696f6e
            5004040404040404040404040404040404667265636f7264a5646b696e646567
            7565737462696450575757575757575757575757575757576776657273696f6e
            026861756469656e636566677565737473677061796c6f616466457261736564
            a26873657175656e63651a0001117067636f6e74656e74a16648696464656ea2
            65666972737405696f7065726174696f6e500b0b0b0b0b0b0b0b0b0b0b0b0b0b
            0b0b
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
fn the_answer_to_a_proof_of_another_time_is_json() {
    let stale = StaleProof {
        error: ErrorBody {
            code: ErrorCode::StaleProof,
            message: "sign again".into(),
        },
        server_time: AT,
    };
    let json = serde_json::to_string_pretty(&stale).unwrap();
    expect![[r#"
        {
          "code": "stale-proof",
          "message": "sign again",
          "server_time": 1495700000000
        }"#]]
    .assert_eq(&json);
    // Whoever knows nothing of the time reads it as any error.
    let error: ErrorBody = serde_json::from_str(&json).unwrap();
    assert_eq!(error, stale.error);
}

#[test]
fn a_sign_in_and_its_answer_are_json() {
    let key = SigningKey::from_bytes(&[7; 32]);
    let sign_in = SignIn {
        protocol: 4,
        hotel: "resort".into(),
        name: "maria".into(),
        password: "secret".into(),
        code: None,
        person_key: Some("cd".repeat(32)),
        device: DeviceRegistration {
            id: DeviceId(id(0xde)),
            name: "desk".into(),
            public_key: hexadecimal(key.verifying_key().as_bytes()),
        },
        proof: None,
    };
    expect![[r#"
        219b1a88bbb5ee73c7352640ba39449fa6ef5b9b9c446571c7e3c66fe4af90a6
    "#]]
    .assert_eq(&hex(&sign_in_statement(
        &sign_in,
        "https://keyrack.example",
        AT,
    )));
    let sign_in = sign_in.proved("https://keyrack.example", AT, |stated| {
        key.sign(stated).to_bytes()
    });
    expect![[r#"
        {
          "protocol": 4,
          "hotel": "resort",
          "name": "maria",
          "password": "secret",
          "device": {
            "id": "dededede-dede-dede-dede-dededededede",
            "name": "desk",
            "public_key": "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c"
          },
          "person_key": "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
          "proof": {
            "address": "https://keyrack.example",
            "at": 1495700000000,
            "signature": "7d5a0ccfd711e8686935e478ee9679cd300eb27cf9fdb8c2e5a89129e12725efedf019d8efb31d1b36451a20508265d317706c039d4564a108b2a3ce0a4d9d05"
          }
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&sign_in).unwrap());
    let signed_in = SignedIn {
        token: "token".into(),
        renewal: None,
        hotel: keyrack_model::identity::hotel("resort"),
        origin: HotelOrigin(id(0x0a)),
        hotel_name: "Resort H1".into(),
        person: person(),
        server_time: AT,
        password_given: false,
        audit_key: None,
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

#[test]
fn what_a_session_goes_on_with_is_json() {
    let refreshed = Refreshed {
        token: "token".into(),
        renewal: Renewal {
            token: "next".into(),
            expires_at: AT,
        },
        server_time: AT,
    };
    expect![[r#"
        {
          "token": "token",
          "renewal": {
            "token": "next",
            "expires_at": 1495700000000
          },
          "server_time": 1495700000000
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&refreshed).unwrap());
}
