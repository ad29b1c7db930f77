//! The bytes of documents, schema 1: what is derived, and what travels. Whoever changes one of them
//! makes documents that devices out there do not share.

use expect_test::{Expect, expect};
use keyrack_document::{ChangeHeader, Document, Stamp};
use keyrack_model::{
    change::Change,
    cleanliness::{Cleanliness, CleanlinessMark, MarkCause, Turn, TurnKind},
    ids::{
        ActorId, DocumentId, DocumentKind, DocumentRef, OperationId, RoomId, StayId, UserId,
        WorkOrderId,
    },
    room::RoomChange,
    time::Timestamp,
    work_order::{CommentChange, Priority, WorkOrderChange},
};
use uuid::Uuid;

const ROOM: RoomId = RoomId(Uuid::from_u128(204));
const ORDER: WorkOrderId = WorkOrderId(Uuid::from_u128(9));
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
    let id = DocumentId(Uuid::from_u128(5));
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
        856f4a8305388fb101ed010113bf39e676b05bf2917ec1d916d26d169747c680
        ad090d878435534f687fff4e10000000000000000000000000000000a1010181
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
        856f4a830b035e7e018a020105388fb11e178d0e21762275cf204434f35504bb
        4526d790ffa15900ea8d3ff110000000000000000000000000000000a2010282
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
        order(WorkOrderChange::ReportedBy(Some(UserId(Uuid::from_u128(
            5,
        ))))),
        order(WorkOrderChange::ReportedAt(Some(stamp(1).at))),
    ];
    let made = document.write(MARIA, stamp(1), &changes);
    check(
        &made.unwrap().unwrap(),
        expect![[r#"
        856f4a8385b427a2018502011835b36883fe26b060086d9a6198ab8b6984874b
        8f0970f53fda3e1cf4c6b90f10000000000000000000000000000000a1010281
        9aabf5c32b2430303030303030302d303030302d303030302d303030302d3030
        3030303030306230303100061536340142025609575470027a057469746c6504
        726f6f6d087072696f726974790861737369676e65650b7265706f727465645f
        62790b7265706f727465645f61740606017a46c6042600c604694c616d703030
        3030303030302d303030302d303030302d303030302d30303030303030303030
        6363703230303030303030302d303030302d303030302d303030302d30303030
        3030303030303035819aabf5c32b0600
    "#]],
    );

    let comment = keyrack_model::ids::CommentId(Uuid::from_u128(6));
    let mut document = Document::genesis(comment.into());
    let withdrawn = Change::Comment(comment, CommentChange::Withdrawn(true));
    let made = document.write(MARIA, stamp(2), &[withdrawn]);
    check(
        &made.unwrap().unwrap(),
        expect![[r#"
        856f4a83bb7471a8017d012e76fd0177d6ea9ea5ed9491851a6000668e887132
        ba72bcde752cfb6b240e0410000000000000000000000000000000a10101829a
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
        856f4a83e689439c017c0113bf39e676b05bf2917ec1d916d26d169747c680ad
        090d878435534f687fff4e10000000000000000000000000000000a10101839a
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
        856f4a83c4b641c1019d01011835b36883fe26b060086d9a6198ab8b6984874b
        8f0970f53fda3e1cf4c6b90f10000000000000000000000000000000a1010281
        9aabf5c32b2430303030303030302d303030302d303030302d303030302d3030
        303030303030623030310110a4e38f427bae8f6dac70a516a8cefae609010202
        02110413053402420256025704700204010401000103007e0002020100040401
        04166c616d700400
    "#]],
    );
    check(
        &describe("lamps", 2),
        expect![[r#"
        856f4a83ce5c7bf601950101c4b641c1a06bd7528e6ce00fdb5bee52484b4bae
        e1cce9afb019c7ddf0c61c3c10000000000000000000000000000000a1020682
        9aabf5c32b2430303030303030302d303030302d303030302d303030302d3030
        303030303030623030320110a4e38f427bae8f6dac70a516a8cefae609010202
        0211021302340242025602570170027f017f017f007f0500017f017f16737f00
    "#]],
    );
    check(
        &describe("amps", 3),
        expect![[r#"
        856f4a83bacf022001990101ce5c7bf6a3cd5040db7e613cd4ababbe334adf97
        ec441caa166b9a05c435553210000000000000000000000000000000a1030783
        9aabf5c32b2430303030303030302d303030302d303030302d303030302d3030
        303030303030623030330110a4e38f427bae8f6dac70a516a8cefae60a010202
        02110213023401420256027002710273027f017f017f007f02017f037f007f01
        7f007f02
    "#]],
    );
}

#[test]
fn a_snapshot_of_two_writers() {
    let mut document = Document::genesis(ORDER.into());
    for (actor, number) in [(MARIA, 1), (RUI, 2)] {
        let title = Change::WorkOrder(ORDER, WorkOrderChange::Title(format!("Lamp {number}")));
        document.write(actor, stamp(number), &[title]).unwrap();
    }
    let again = Document::load(ORDER.into(), &document.save()).unwrap();
    assert_eq!(again.reading(), document.reading());
    let heads: Vec<String> = again.heads().iter().map(|head| hex(head)).collect();
    expect![[r#"
        65e856dd083092a457d969c16d7ba9585d04e19a621bfcb57788af3987b4047b
    "#]]
    .assert_eq(&heads.concat());
}
