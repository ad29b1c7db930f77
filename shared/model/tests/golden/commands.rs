//! Every command that a person can give, and what the server's own look like.

use crate::{check, id};
use expect_test::expect;
use keyrack_model::{
    cleanliness::Cleanliness,
    command::{Approval, Command, ImportedRow, WorkCommand, WorkOrderDraft, WorkOrderEdit},
    ids::{CommentId, HotelId, OperationId, RoomId, StayId, TaskId, UserId, WorkOrderId},
    policy::Role,
    record::Guest,
    room::{Occupancy, Room, ServiceStatus},
    rule_sheet::{RuleKey, RuleScope},
    task::EntryReason,
    work_order::{Priority, WorkOrderStatus},
};

const ROOM: u8 = 0xd0;
const ORDER: u8 = 0x3d;

#[test]
fn rooms() {
    let room = RoomId(id(ROOM));
    let cleanliness = Command::SetCleanliness {
        rooms: vec![room],
        value: Cleanliness::Inspected,
    };
    check(
        &cleanliness,
        expect![[r#"
        a16e536574436c65616e6c696e657373a265726f6f6d738150d0d0d0d0d0d0d0
        d0d0d0d0d0d0d0d0d06576616c756569696e73706563746564
    "#]],
    );
    let seen = Command::SetOccupancySeen {
        room,
        value: Occupancy::Vacant,
    };
    check(
        &seen,
        expect![[r#"
        a1705365744f63637570616e63795365656ea264726f6f6d50d0d0d0d0d0d0d0
        d0d0d0d0d0d0d0d0d06576616c756566766163616e74
    "#]],
    );
    let service = Command::SetServiceStatus {
        room,
        value: ServiceStatus::DoNotDisturb,
    };
    check(
        &service,
        expect![[r#"
        a17053657453657276696365537461747573a264726f6f6d50d0d0d0d0d0d0d0
        d0d0d0d0d0d0d0d0d06576616c75656e646f2d6e6f742d64697374757262
    "#]],
    );
}

#[test]
fn tasks() {
    let task = TaskId(id(0x7a));
    check(
        &Command::StartTask { task },
        expect![[r#"
        a16953746172745461736ba1647461736b507a7a7a7a7a7a7a7a7a7a7a7a7a7a
        7a7a
    "#]],
    );
    check(
        &Command::PauseTask { task },
        expect![[r#"
        a16950617573655461736ba1647461736b507a7a7a7a7a7a7a7a7a7a7a7a7a7a
        7a7a
    "#]],
    );
    check(
        &Command::FinishTask { task },
        expect![[r#"
        a16a46696e6973685461736ba1647461736b507a7a7a7a7a7a7a7a7a7a7a7a7a
        7a7a7a
    "#]],
    );
    for (assignee, expected) in [
        (
            Some(UserId(id(0x05))),
            expect![[r#"
        a16a41737369676e5461736ba2647461736b507a7a7a7a7a7a7a7a7a7a7a7a7a
        7a7a7a6861737369676e65655005050505050505050505050505050505
    "#]],
        ),
        (
            None,
            expect![[r#"
        a16a41737369676e5461736ba2647461736b507a7a7a7a7a7a7a7a7a7a7a7a7a
        7a7a7a6861737369676e6565f6
    "#]],
        ),
    ] {
        check(&Command::AssignTask { task, assignee }, expected);
    }
}

#[test]
fn going_in_where_a_room_is_marked_and_the_rules_of_those_who_clean() {
    let enter = WorkCommand::Enter {
        task: TaskId(id(0x7a)),
        reason: EntryReason::GuestAsked,
    };
    check(
        &Command::Work(enter),
        expect![[r#"
            a164576f726ba165456e746572a2647461736b507a7a7a7a7a7a7a7a7a7a7a7a
            7a7a7a7a66726561736f6e6b67756573742d61736b6564
        "#]],
    );
    for (scope, expected) in [
        (
            RuleScope::Role(Role::Housekeeper),
            expect![[r#"
                a16753657452756c65a36573636f7065a164526f6c656b686f7573656b656570
                65726472756c656a73656c662d636865636b666e756d62657201
            "#]],
        ),
        (
            RuleScope::Person(UserId(id(0x05))),
            expect![[r#"
                a16753657452756c65a36573636f7065a166506572736f6e5005050505050505
                0505050505050505056472756c656a73656c662d636865636b666e756d626572
                01
            "#]],
        ),
    ] {
        let set = Command::SetRule {
            scope,
            rule: RuleKey::SelfCheck,
            number: Some(1),
        };
        check(&set, expected);
    }
    check(
        &Command::NameHotel {
            name: "Hotel do Mar".into(),
        },
        expect![[r#"
            a1694e616d65486f74656ca1646e616d656c486f74656c20646f204d6172
        "#]],
    );
}

#[test]
fn stays() {
    let stay = StayId(id(0x57));
    check(
        &Command::CheckIn { stay },
        expect![[r#"
        a167436865636b496ea164737461795057575757575757575757575757575757
    "#]],
    );
    check(
        &Command::CheckOut { stay },
        expect![[r#"
        a168436865636b4f7574a1647374617950575757575757575757575757575757
        57
    "#]],
    );
}

#[test]
fn work_orders() {
    let work_order = WorkOrderId(id(ORDER));
    let draft = WorkOrderDraft {
        title: "Lamp".into(),
        description: "broken".into(),
        room: Some(RoomId(id(ROOM))),
        priority: Priority::P2,
        assignee: None,
    };
    check(
        &Command::CreateWorkOrder { work_order, draft },
        expect![[r#"
        a16f437265617465576f726b4f72646572a26a776f726b5f6f72646572503d3d
        3d3d3d3d3d3d3d3d3d3d3d3d3d3d656472616674a5657469746c65644c616d70
        6b6465736372697074696f6e6662726f6b656e64726f6f6d50d0d0d0d0d0d0d0
        d0d0d0d0d0d0d0d0d0687072696f726974796270326861737369676e6565f6
    "#]],
    );
    let nothing = WorkOrderEdit::default();
    let edit = Command::EditWorkOrder {
        work_order,
        edit: nothing,
    };
    check(
        &edit,
        expect![[r#"
        a16d45646974576f726b4f72646572a26a776f726b5f6f72646572503d3d3d3d
        3d3d3d3d3d3d3d3d3d3d3d3d6465646974a4657469746c65f66b646573637269
        7074696f6ef6687072696f72697479f666737461747573f6
    "#]],
    );
    let taken_away = WorkOrderEdit {
        title: Some("Lamps".into()),
        room: Some(None),
        status: Some(WorkOrderStatus::OnHold),
        assignee: Some(Some(UserId(id(0x05)))),
        ..WorkOrderEdit::default()
    };
    let edit = Command::EditWorkOrder {
        work_order,
        edit: taken_away,
    };
    check(
        &edit,
        expect![[r#"
        a16d45646974576f726b4f72646572a26a776f726b5f6f72646572503d3d3d3d
        3d3d3d3d3d3d3d3d3d3d3d3d6465646974a6657469746c65654c616d70736b64
        65736372697074696f6ef664726f6f6df6687072696f72697479f66673746174
        7573676f6e2d686f6c646861737369676e656550050505050505050505050505
        05050505
    "#]],
    );
    let typed_over = WorkOrderEdit {
        title: Some("Lamps".into()),
        title_base: Some("Lamp".into()),
        description: Some("both".into()),
        description_base: Some("".into()),
        ..WorkOrderEdit::default()
    };
    let edit = Command::EditWorkOrder {
        work_order,
        edit: typed_over,
    };
    check(
        &edit,
        expect![[r#"
        a16d45646974576f726b4f72646572a26a776f726b5f6f72646572503d3d3d3d
        3d3d3d3d3d3d3d3d3d3d3d3d6465646974a6657469746c65654c616d70736a74
        69746c655f62617365644c616d706b6465736372697074696f6e64626f746870
        6465736372697074696f6e5f6261736560687072696f72697479f66673746174
        7573f6
    "#]],
    );
    let comment = Command::AddComment {
        comment: CommentId(id(0xc0)),
        subject: work_order,
        text: "on it".into(),
    };
    check(
        &comment,
        expect![[r#"
        a16a416464436f6d6d656e74a367636f6d6d656e7450c0c0c0c0c0c0c0c0c0c0
        c0c0c0c0c0c0677375626a656374503d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d64
        74657874656f6e206974
    "#]],
    );
}

#[test]
fn undo() {
    let operation = OperationId(id(0x0a));
    check(
        &Command::Undo { operation },
        expect![[r#"
        a164556e646fa1696f7065726174696f6e500a0a0a0a0a0a0a0a0a0a0a0a0a0a
        0a0a
    "#]],
    );
}

#[test]
fn guests() {
    let stay = StayId(id(0x57));
    let guest = Guest {
        name: "A. Guest".into(),
        phone: "1".into(),
    };
    let edit = Command::EditGuest {
        stay,
        expected: 2,
        guest,
    };
    check(
        &edit,
        expect![[r#"
        a169456469744775657374a36473746179505757575757575757575757575757
        575768657870656374656402656775657374a2646e616d6568412e2047756573
        746570686f6e656131
    "#]],
    );
    check(
        &Command::EraseGuest { stay },
        expect![[r#"
        a16a45726173654775657374a164737461795057575757575757575757575757
        575757
    "#]],
    );
    check(
        &Command::Redacted,
        expect![[r#"
        685265646163746564
    "#]],
    );
}

#[test]
fn the_servers_own() {
    let open = Command::OpenHotel {
        hotel: HotelId(id(0x40)),
        name: "Resort H1".into(),
        business_date: "2017-05-25".parse().unwrap(),
    };
    check(
        &open,
        expect![[r#"
        a1694f70656e486f74656ca365686f74656c5040404040404040404040404040
        404040646e616d65695265736f72742048316d627573696e6573735f64617465
        6a323031372d30352d3235
    "#]],
    );
    let room = Command::Import(ImportedRow::Room {
        room: RoomId(id(ROOM)),
        fields: Room {
            number: "204".into(),
            floor: 2,
            ..Room::default()
        },
    });
    check(
        &room,
        expect![[r#"
        a166496d706f7274a164526f6f6da264726f6f6d50d0d0d0d0d0d0d0d0d0d0d0
        d0d0d0d0d0666669656c6473a6666e756d6265726332303465666c6f6f720269
        726f6f6d5f74797065606b636c65616e6c696e657373a46576616c7565656469
        727479647475726ea464646174656a303030302d30312d303164737465700064
        6b696e64656e696768746473746179f665636175736566696d706f7274666163
        74696f6e50000000000000000000000000000000006c686b5f6f63637570616e
        6379a26576616c756567756e6b6e6f776e626174006e736572766963655f7374
        61747573646e6f6e65
    "#]],
    );
    let approved = Command::Approved(Approval {
        command: Box::new(Command::StartTask {
            task: keyrack_model::ids::TaskId(id(0x7a)),
        }),
        author: UserId(id(0x05)),
        role: keyrack_model::policy::Role::Housekeeper,
        at: keyrack_model::time::Timestamp(1_495_700_000_000),
        approver: UserId(id(0x06)),
    });
    check(
        &approved,
        expect![[r#"
        a168417070726f766564a567636f6d6d616e64a16953746172745461736ba164
        7461736b507a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a66617574686f7250050505
        0505050505050505050505050564726f6c656b686f7573656b65657065726261
        741b0000015c3eaacd0068617070726f76657250060606060606060606060606
        06060606
    "#]],
    );
    let date = Command::Import(ImportedRow::BusinessDate {
        hotel: HotelId(id(0x40)),
        date: "2017-05-26".parse().unwrap(),
    });
    check(
        &date,
        expect![[r#"
        a166496d706f7274a16c427573696e65737344617465a265686f74656c504040
        404040404040404040404040404064646174656a323031372d30352d3236
    "#]],
    );
}
