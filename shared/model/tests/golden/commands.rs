//! Every command that a person can give, and what the server's own look like.

use super::{desk, imports, rooms, rules, variants::Seen, work};
use crate::id;
use expect_test::expect;
use keyrack_model::{
    cleanliness::Cleanliness,
    command::{Approval, Command, WorkCommand, WorkOrderDraft, WorkOrderEdit},
    ids::{CommentId, HotelId, OperationId, RoomId, StayId, TaskId, UserId, WorkOrderId},
    record::Guest,
    room::{Occupancy, ServiceStatus},
    task::EntryReason,
    work_order::{Priority, WorkOrderStatus},
};

const ROOM: u8 = 0xd0;
const ORDER: u8 = 0x3d;

#[test]
fn every_command() {
    let mut seen = Seen::default();
    marks_of_rooms(&mut seen);
    tasks(&mut seen);
    going_in_where_a_room_is_marked(&mut seen);
    stays(&mut seen);
    work_orders(&mut seen);
    undo(&mut seen);
    guests(&mut seen);
    the_servers_own(&mut seen);
    desk::desk(&mut seen);
    rooms::rooms(&mut seen);
    work::work(&mut seen);
    rules::rules(&mut seen);
    rules::the_name_of_the_hotel(&mut seen);
    rules::what_decides_a_conflict(&mut seen);
    imports::imports(&mut seen);
    seen.has_all::<Command>();
}

fn marks_of_rooms(seen: &mut Seen) {
    let room = RoomId(id(ROOM));
    let cleanliness = Command::SetCleanliness {
        rooms: vec![room],
        value: Cleanliness::Inspected,
    };
    seen.check(
        &cleanliness,
        expect![[r#"
        a16e536574436c65616e6c696e657373a265726f6f6d738150d0d0d0d0d0d0d0
        d0d0d0d0d0d0d0d0d06576616c756569696e73706563746564
    "#]],
    );
    let occupancy = Command::SetOccupancySeen {
        room,
        value: Occupancy::Vacant,
    };
    seen.check(
        &occupancy,
        expect![[r#"
        a1705365744f63637570616e63795365656ea264726f6f6d50d0d0d0d0d0d0d0
        d0d0d0d0d0d0d0d0d06576616c756566766163616e74
    "#]],
    );
    let service = Command::SetServiceStatus {
        room,
        value: ServiceStatus::DoNotDisturb,
    };
    seen.check(
        &service,
        expect![[r#"
        a17053657453657276696365537461747573a264726f6f6d50d0d0d0d0d0d0d0
        d0d0d0d0d0d0d0d0d06576616c75656e646f2d6e6f742d64697374757262
    "#]],
    );
}

fn tasks(seen: &mut Seen) {
    let task = TaskId(id(0x7a));
    seen.check(
        &Command::StartTask { task },
        expect![[r#"
        a16953746172745461736ba1647461736b507a7a7a7a7a7a7a7a7a7a7a7a7a7a
        7a7a
    "#]],
    );
    seen.check(
        &Command::PauseTask { task },
        expect![[r#"
        a16950617573655461736ba1647461736b507a7a7a7a7a7a7a7a7a7a7a7a7a7a
        7a7a
    "#]],
    );
    seen.check(
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
        seen.check(&Command::AssignTask { task, assignee }, expected);
    }
}

fn going_in_where_a_room_is_marked(seen: &mut Seen) {
    let enter = WorkCommand::Enter {
        task: TaskId(id(0x7a)),
        reason: EntryReason::GuestAsked,
    };
    seen.check(
        &Command::Work(enter),
        expect![[r#"
            a164576f726ba165456e746572a2647461736b507a7a7a7a7a7a7a7a7a7a7a7a
            7a7a7a7a66726561736f6e6b67756573742d61736b6564
        "#]],
    );
}

fn stays(seen: &mut Seen) {
    let stay = StayId(id(0x57));
    seen.check(
        &Command::CheckIn { stay },
        expect![[r#"
        a167436865636b496ea164737461795057575757575757575757575757575757
    "#]],
    );
    seen.check(
        &Command::CheckOut { stay },
        expect![[r#"
        a168436865636b4f7574a1647374617950575757575757575757575757575757
        57
    "#]],
    );
}

fn work_orders(seen: &mut Seen) {
    let work_order = WorkOrderId(id(ORDER));
    let draft = WorkOrderDraft {
        title: "Lamp".into(),
        description: "broken".into(),
        room: Some(RoomId(id(ROOM))),
        priority: Priority::P2,
        assignee: None,
    };
    seen.check(
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
    seen.check(
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
    seen.check(
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
    seen.check(
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
    seen.check(
        &comment,
        expect![[r#"
        a16a416464436f6d6d656e74a367636f6d6d656e7450c0c0c0c0c0c0c0c0c0c0
        c0c0c0c0c0c0677375626a656374503d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d64
        74657874656f6e206974
    "#]],
    );
}

fn undo(seen: &mut Seen) {
    let operation = OperationId(id(0x0a));
    seen.check(
        &Command::Undo { operation },
        expect![[r#"
        a164556e646fa1696f7065726174696f6e500a0a0a0a0a0a0a0a0a0a0a0a0a0a
        0a0a
    "#]],
    );
}

fn guests(seen: &mut Seen) {
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
    seen.check(
        &edit,
        expect![[r#"
        a169456469744775657374a36473746179505757575757575757575757575757
        575768657870656374656402656775657374a2646e616d6568412e2047756573
        746570686f6e656131
    "#]],
    );
    seen.check(
        &Command::EraseGuest { stay },
        expect![[r#"
        a16a45726173654775657374a164737461795057575757575757575757575757
        575757
    "#]],
    );
    seen.check(
        &Command::Redacted,
        expect![[r#"
        685265646163746564
    "#]],
    );
}

fn the_servers_own(seen: &mut Seen) {
    let open = Command::OpenHotel {
        hotel: HotelId(id(0x40)),
        name: "Resort H1".into(),
        business_date: "2017-05-25".parse().expect("a date"),
    };
    seen.check(
        &open,
        expect![[r#"
        a1694f70656e486f74656ca365686f74656c5040404040404040404040404040
        404040646e616d65695265736f72742048316d627573696e6573735f64617465
        6a323031372d30352d3235
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
    seen.check(
        &approved,
        expect![[r#"
        a168417070726f766564a567636f6d6d616e64a16953746172745461736ba164
        7461736b507a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a66617574686f7250050505
        0505050505050505050505050564726f6c656b686f7573656b65657065726261
        741b0000015c3eaacd0068617070726f76657250060606060606060606060606
        06060606
    "#]],
    );
}
