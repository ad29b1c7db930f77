//! The bytes of documents, schema 1: what is derived, and what travels. Whoever changes one of them
//! makes documents that devices out there do not share.

use expect_test::{Expect, expect};
use flate2::read::DeflateDecoder;
use keyrack_document::{ChangeHeader, Document, Stamp};
use keyrack_model::{
    change::Change,
    cleanliness::{Cleanliness, CleanlinessMark, MarkCause, Turn, TurnKind},
    ids::{
        ActorId, CommentId, DocumentId, DocumentKind, DocumentRef, OperationId, RoomId, StayId,
        UserId, WorkOrderId,
    },
    room::RoomChange,
    time::Timestamp,
    work_order::{CommentChange, Priority, WorkOrderChange},
};
use std::io::Read;
use uuid::Uuid;

/// Every document here has this id, so that a client can follow from the genesis on.
const ID: Uuid = Uuid::from_u128(5);
const ROOM: RoomId = RoomId(ID);
const ORDER: WorkOrderId = WorkOrderId(ID);
const MARIA: ActorId = ActorId(Uuid::from_u128(0xA1));
const RUI: ActorId = ActorId(Uuid::from_u128(0xA2));

fn stamp(number: u128) -> Stamp {
    Stamp {
        operation: OperationId(Uuid::from_u128(0xB000 + number)),
        at: Timestamp(1_495_700_000_000 + number as i64),
    }
}

fn hex(bytes: &[u8]) -> String {
    let lines = bytes.chunks(32).map(|line| {
        let digits: String = line.iter().map(|byte| format!("{byte:02x}")).collect();
        digits + "\n"
    });
    lines.collect()
}

#[track_caller]
fn check(bytes: &[u8], expected: Expect) {
    expected.assert_eq(&hex(bytes));
    assert!(ChangeHeader::parse(bytes).is_ok());
}

/// The one change of a document as it begins.
fn genesis(kind: DocumentKind) -> Vec<u8> {
    let id = DocumentId(ID);
    let document = Document::genesis(DocumentRef { kind, id });
    let changes = document.crdt().get_changes(&[]);
    assert_eq!(changes.len(), 1);
    changes[0].raw_bytes().to_vec()
}

#[test]
fn the_genesis_of_a_kind_without_texts_is_an_empty_change() {
    check(
        &genesis(DocumentKind::Hotel),
        expect![[r#"
        856f4a83960b763101180010c1dcd688bf4c88b5b635e519488efd4f01010000
        0000
    "#]],
    );
    check(
        &genesis(DocumentKind::Room),
        expect![[r#"
        856f4a83729e23e001180010cf52590a3ff08a9387963706e4e45f9601010000
        0000
    "#]],
    );
    check(
        &genesis(DocumentKind::Stay),
        expect![[r#"
        856f4a83c8b6e50801180010a5959c5f9fee896da9c76801ea1eeb8e01010000
        0000
    "#]],
    );
    check(
        &genesis(DocumentKind::Task),
        expect![[r#"
        856f4a83a02a697d01180010032570cfe54585f69c9ca4f2c252a9aa01010000
        0000
    "#]],
    );
    check(
        &genesis(DocumentKind::Comment),
        expect![[r#"
        856f4a8302460cc101180010b0bc90ec049081e98c5d79741e99693101010000
        0000
    "#]],
    );
}

#[test]
fn the_genesis_of_a_work_order_makes_its_description() {
    check(
        &genesis(DocumentKind::WorkOrder),
        expect![[r#"
        856f4a83869573f401360010cef43541a5898f8f9755186eeb6860a001010000
        0005150d34014202560270027f0b6465736372697074696f6e017f047f007f00
    "#]],
    );
}

#[test]
fn a_register_is_put_over_what_its_author_saw() {
    let mut room = Document::genesis(ROOM.into());
    let mark = |value, number| {
        let mark = CleanlinessMark {
            value,
            turn: Turn {
                date: "2017-05-25".parse().unwrap(),
                step: 1,
                kind: TurnKind::Departure,
                stay: Some(StayId(Uuid::from_u128(57))),
            },
            cause: MarkCause::Task,
            action: stamp(number).operation,
        };
        Change::Room(ROOM, RoomChange::Cleanliness(mark))
    };
    let first = room.write(MARIA, stamp(1), &[mark(Cleanliness::Clean, 1)]);
    check(
        &first.unwrap().unwrap(),
        expect![[r#"
            856f4a8313e9fac601ed0101729e23e0796598735a714d106ca68a0d0354c690
            58854807515c449a750f241910000000000000000000000000000000a1010181
            9aabf5c32b2430303030303030302d303030302d303030302d303030302d3030
            303030303030623030310006150d340142025603576b70027f0b636c65616e6c
            696e657373017f017fb60d636c65616e20323031372d30352d32352f312f6465
            706172747572652f30303030303030302d303030302d303030302d303030302d
            303030303030303030303339207461736b2030303030303030302d303030302d
            303030302d303030302d3030303030303030623030317f00
        "#]],
    );
    let second = room.write(RUI, stamp(2), &[mark(Cleanliness::Inspected, 2)]);
    check(
        &second.unwrap().unwrap(),
        expect![[r#"
            856f4a8320901c42018a020113e9fac6b55d5eec691b4823e6b90a139fe9ce1d
            e5793553dd4fd9c06d65304210000000000000000000000000000000a2010282
            9aabf5c32b2430303030303030302d303030302d303030302d303030302d3030
            303030303030623030320110000000000000000000000000000000a108150d34
            0142025603576f7002710273027f0b636c65616e6c696e657373017f017ff60d
            696e7370656374656420323031372d30352d32352f312f646570617274757265
            2f30303030303030302d303030302d303030302d303030302d30303030303030
            3030303339207461736b2030303030303030302d303030302d303030302d3030
            30302d3030303030303030623030327f017f017f01
        "#]],
    );
}

#[test]
fn every_type_of_value() {
    let order = |change| Change::WorkOrder(ORDER, change);
    let mut document = Document::genesis(ORDER.into());
    let changes = [
        order(WorkOrderChange::Title("Lamp".into())),
        order(WorkOrderChange::Room(Some(ROOM))),
        order(WorkOrderChange::Priority(Priority::P2)),
        order(WorkOrderChange::Assignee(None)),
        order(WorkOrderChange::ReportedBy(Some(UserId(ID)))),
        order(WorkOrderChange::ReportedAt(Some(stamp(1).at))),
    ];
    let made = document.write(MARIA, stamp(1), &changes);
    check(
        &made.unwrap().unwrap(),
        expect![[r#"
            856f4a83563150f201850201869573f4dd7ab7cf86750ac482e5e7f7733b3f6b
            ed9b370b922d6df6cf4e26e210000000000000000000000000000000a1010281
            9aabf5c32b2430303030303030302d303030302d303030302d303030302d3030
            3030303030306230303100061536340142025609575470027a057469746c6504
            726f6f6d087072696f726974790861737369676e65650b7265706f727465645f
            62790b7265706f727465645f61740606017a46c6042600c604694c616d703030
            3030303030302d303030302d303030302d303030302d30303030303030303030
            3035703230303030303030302d303030302d303030302d303030302d30303030
            3030303030303035819aabf5c32b0600
        "#]],
    );

    let comment = CommentId(ID);
    let mut document = Document::genesis(comment.into());
    let withdrawn = Change::Comment(comment, CommentChange::Withdrawn(true));
    let made = document.write(MARIA, stamp(2), &[withdrawn]);
    check(
        &made.unwrap().unwrap(),
        expect![[r#"
            856f4a83037c3be2017d0102460cc1d6ea2c46b637bdddf5d5a32248242a04d5
            6ba4c318c6fd8fbaa8a32c10000000000000000000000000000000a10101829a
            abf5c32b2430303030303030302d303030302d303030302d303030302d303030
            3030303030623030320005150b34014202560270027f0977697468647261776e
            017f017f027f00
        "#]],
    );

    let mut document = Document::genesis(ROOM.into());
    let floor = Change::Room(ROOM, RoomChange::Floor(-1));
    let made = document.write(MARIA, stamp(3), &[floor]);
    check(
        &made.unwrap().unwrap(),
        expect![[r#"
            856f4a83a91d6333017c01729e23e0796598735a714d106ca68a0d0354c69058
            854807515c449a750f241910000000000000000000000000000000a10101839a
            abf5c32b2430303030303030302d303030302d303030302d303030302d303030
            30303030306230303300061507340142025602570170027f05666c6f6f72017f
            017f147f7f00
        "#]],
    );
}

#[test]
fn a_text_is_edited_character_by_character() {
    let mut document = Document::genesis(ORDER.into());
    let mut describe = |text: &str, number| {
        let change = Change::WorkOrder(ORDER, WorkOrderChange::Description(text.into()));
        let written = document.write(MARIA, stamp(number), &[change]);
        written.unwrap().unwrap()
    };
    check(
        &describe("lamp", 1),
        expect![[r#"
            856f4a83c8e702f5019d0101869573f4dd7ab7cf86750ac482e5e7f7733b3f6b
            ed9b370b922d6df6cf4e26e210000000000000000000000000000000a1010281
            9aabf5c32b2430303030303030302d303030302d303030302d303030302d3030
            303030303030623030310110cef43541a5898f8f9755186eeb6860a009010202
            02110413053402420256025704700204010401000103007e0002020100040401
            04166c616d700400
        "#]],
    );
    check(
        &describe("lamps", 2),
        expect![[r#"
            856f4a8397bf6eab01950101c8e702f5fec44b0f45810301eb5f0087533975ec
            85f2ca116ea955784791b69b10000000000000000000000000000000a1020682
            9aabf5c32b2430303030303030302d303030302d303030302d303030302d3030
            303030303030623030320110cef43541a5898f8f9755186eeb6860a009010202
            0211021302340242025602570170027f017f017f007f0500017f017f16737f00
        "#]],
    );
    check(
        &describe("amps", 3),
        expect![[r#"
            856f4a832cf26d3c0199010197bf6eab0b22e659fe94e49ec79b1ddda62b281d
            25bf148a81bcf0de8fa1c2b010000000000000000000000000000000a1030783
            9aabf5c32b2430303030303030302d303030302d303030302d303030302d3030
            303030303030623030330110cef43541a5898f8f9755186eeb6860a00a010202
            02110213023401420256027002710273027f017f017f007f02017f037f007f01
            7f007f02
        "#]],
    );
}

#[test]
fn two_writers_come_to_one_head() {
    let mut document = Document::genesis(ORDER.into());
    for (actor, number) in [(MARIA, 1), (RUI, 2)] {
        let title = Change::WorkOrder(ORDER, WorkOrderChange::Title(format!("Lamp {number}")));
        document.write(actor, stamp(number), &[title]).unwrap();
    }
    let again = Document::load(ORDER.into(), &document.save()).unwrap();
    assert_eq!(again.reading(), document.reading());
    let heads: Vec<String> = again.heads().iter().map(|head| hex(head)).collect();
    expect![[r#"
        9747cd7b3f8cc6daf6b2a22a68b920249ccd9334016adc3e9e09e1fb5f402cee
    "#]]
    .assert_eq(&heads.concat());
}

/// What other libraries keep: a chunk that is deflated from 256 bytes on. docs/protocol.md says how
/// the plain one is had from it.
#[test]
fn a_deflated_chunk_is_made_plain() {
    let mut document = Document::genesis(ORDER.into());
    let text = "the lamp in the corner is broken ".repeat(20);
    let change = Change::WorkOrder(ORDER, WorkOrderChange::Description(text));
    let plain = document.write(MARIA, stamp(1), &[change]).unwrap().unwrap();
    let (_, mut change) = ChangeHeader::parse(&plain).unwrap();
    let deflated = change.bytes().into_owned();
    assert_eq!((deflated[8], plain[8]), (2, 1));

    let length = 1 + deflated[9..]
        .iter()
        .position(|byte| byte & 0x80 == 0)
        .unwrap();
    let mut content = Vec::new();
    DeflateDecoder::new(&deflated[9 + length..])
        .read_to_end(&mut content)
        .unwrap();
    let mut made = deflated[..8].to_vec();
    made.push(1);
    let mut left = content.len();
    while left >= 0x80 {
        made.push(0x80 | left as u8 & 0x7f);
        left >>= 7;
    }
    made.push(left as u8);
    made.extend(content);
    assert_eq!(made, plain);
}

#[test]
fn the_protocol_shows_the_genesis() {
    let protocol = include_str!("../../../docs/protocol.md");
    for kind in [DocumentKind::Room, DocumentKind::WorkOrder] {
        let digits = hex(&genesis(kind)).replace('\n', "");
        assert!(protocol.contains(&digits), "{kind:?}: {digits}");
    }
}
