//! What a server hands out beside the log: the working set, its segments and what is in them, and
//! pages of records.

use crate::{AT, check, id};
use expect_test::{Expect, expect};
use keyrack_model::{
    action::{Content, LogEntry, Sequence},
    change::Entity,
    class::Class,
    cleanliness::{Cleanliness, CleanlinessMark, MarkCause, Turn, TurnKind},
    command::Command,
    field::{FieldType, FieldValue},
    hotel::Hotel,
    ids::{
        CommentId, DeviceId, DocumentRef, HotelId, LogEpoch, OperationId, RoomId, StayId, TaskId,
        UserId, WorkOrderId,
    },
    policy::Role,
    record::{Colleague, Guest, Payload, Record, RecordRef, Workplace},
    room::{Occupancy, OccupancySeen, Room, ServiceStatus},
    rows::{ConflictSide, FieldConflict, HistoryField, Row},
    segment::{
        ActionLine, DocumentState, RecordPage, Segment, SegmentId, SegmentName, StoryPart,
        WorkingSet,
    },
    stay::{Stay, StayStatus},
    task::{Task, TaskKind, TaskRule, TaskStatus},
    time::{BusinessDate, HybridTime, Timestamp},
    work_order::{Comment, Priority, WorkOrder, WorkOrderStatus},
};

const EPOCH: u8 = 0xe0;
const ROOM: RoomId = RoomId(id(0xd0));
const STAY: StayId = StayId(id(0x57));
const TASK: TaskId = TaskId(id(0x7a));
const ORDER: WorkOrderId = WorkOrderId(id(0x3d));
const MARIA: UserId = UserId(id(0x05));
const LATER: Timestamp = Timestamp(AT.0 + 60_000);

fn today() -> BusinessDate {
    "2017-05-25".parse().expect("a date")
}

fn mark(value: Cleanliness) -> CleanlinessMark {
    CleanlinessMark {
        value,
        turn: Turn {
            date: today(),
            step: 1,
            kind: TurnKind::Departure,
            stay: Some(STAY),
        },
        cause: MarkCause::Task,
        action: OperationId(id(0x0a)),
    }
}

fn row(document: impl Into<DocumentRef>, entity: impl Into<Entity>) -> Row {
    Row {
        document: document.into(),
        entity: entity.into(),
        conflicts: vec![],
        changed_at: AT,
    }
}

fn comment() -> Row {
    let comment = Comment {
        subject: Some(ORDER),
        text: "on it".into(),
        author: Some(MARIA),
        written_at: Some(AT),
        withdrawn: false,
    };
    row(CommentId(id(0xc0)), comment)
}

fn line() -> ActionLine {
    ActionLine {
        sequence: Sequence(1_000),
        operation: OperationId(id(0x0a)),
        author: MARIA,
        device: DeviceId(id(0xde)),
        at: HybridTime {
            wall: AT,
            counter: 2,
        },
        received_at: LATER,
        documents: 1,
        command: Command::AddComment {
            comment: CommentId(id(0xc0)),
            subject: ORDER,
            text: "on it".into(),
        },
    }
}

fn story() -> StoryPart {
    let field = |key: &str, before, after| HistoryField {
        key: key.into(),
        before,
        after,
    };
    StoryPart {
        sequence: Sequence(1_000),
        created: true,
        fields: vec![
            field(
                "subject",
                FieldValue::Nothing,
                FieldValue::Text(ORDER.to_string()),
            ),
            field(
                "text",
                FieldValue::Text(String::new()),
                FieldValue::Text("on it".into()),
            ),
            field("written_at", FieldValue::Nothing, FieldValue::Time(AT)),
        ],
    }
}

#[test]
fn a_working_set() {
    let set = WorkingSet {
        epoch: LogEpoch(id(EPOCH)),
        sequence: Sequence(1_000),
        since: "2017-04-20".parse().unwrap(),
        segments: vec![SegmentName {
            id: SegmentId([0x5e; 32]),
            packed: 70_000,
            unpacked: 300_000,
            documents: 200,
        }],
    };
    check(
        &set,
        expect![[r#"
        a46565706f636850e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e06873657175656e63
        651903e86573696e63656a323031372d30342d3230687365676d656e747381a4
        62696458205e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e
        5e5e5e5e5e667061636b65641a0001117068756e7061636b65641a000493e069
        646f63756d656e747318c8
    "#]],
    );
}

#[test]
fn a_segment() {
    let segment = Segment {
        actions: vec![line()],
        documents: vec![DocumentState {
            row: comment(),
            // Stands for a saved document.
            snapshot: vec![1, 2, 3],
            story: vec![story()],
            is_whole: true,
        }],
    };
    check(
        &segment,
        expect![[r#"
        a267616374696f6e7381a86873657175656e63651903e8696f7065726174696f
        6e500a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a66617574686f7250050505050505
        050505050505050505056664657669636550dededededededededededededede
        dede626174a26477616c6c1b0000015c3eaacd0067636f756e746572026b7265
        6365697665645f61741b0000015c3eabb76069646f63756d656e74730167636f
        6d6d616e64a16a416464436f6d6d656e74a367636f6d6d656e7450c0c0c0c0c0
        c0c0c0c0c0c0c0c0c0c0c0677375626a656374503d3d3d3d3d3d3d3d3d3d3d3d
        3d3d3d3d6474657874656f6e20697469646f63756d656e747381a463726f77a4
        68646f63756d656e74a2646b696e640662696450c0c0c0c0c0c0c0c0c0c0c0c0
        c0c0c0c066656e74697479a167436f6d6d656e74a5677375626a656374503d3d
        3d3d3d3d3d3d3d3d3d3d3d3d3d3d6474657874656f6e20697466617574686f72
        50050505050505050505050505050505056a7772697474656e5f61741b000001
        5c3eaacd006977697468647261776ef469636f6e666c69637473806a6368616e
        6765645f61741b0000015c3eaacd0068736e617073686f74430102036573746f
        727981a36873657175656e63651903e86763726561746564f5666669656c6473
        83a3636b6579677375626a656374666265666f7265674e6f7468696e67656166
        746572a16454657874782433643364336433642d336433642d336433642d3364
        33642d336433643364336433643364a3636b65796474657874666265666f7265
        a1645465787460656166746572a16454657874656f6e206974a3636b65796a77
        72697474656e5f6174666265666f7265674e6f7468696e67656166746572a164
        54696d651b0000015c3eaacd006869735f77686f6c65f5
    "#]],
    );
}

#[test]
fn an_action_line() {
    check(
        &line(),
        expect![[r#"
        a86873657175656e63651903e8696f7065726174696f6e500a0a0a0a0a0a0a0a
        0a0a0a0a0a0a0a0a66617574686f725005050505050505050505050505050505
        6664657669636550dededededededededededededededede626174a26477616c
        6c1b0000015c3eaacd0067636f756e746572026b72656365697665645f61741b
        0000015c3eabb76069646f63756d656e74730167636f6d6d616e64a16a416464
        436f6d6d656e74a367636f6d6d656e7450c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0
        c0677375626a656374503d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d647465787465
        6f6e206974
    "#]],
    );
}

#[test]
fn a_part_of_a_story() {
    check(
        &story(),
        expect![[r#"
        a36873657175656e63651903e86763726561746564f5666669656c647383a363
        6b6579677375626a656374666265666f7265674e6f7468696e67656166746572
        a16454657874782433643364336433642d336433642d336433642d336433642d
        336433643364336433643364a3636b65796474657874666265666f7265a16454
        65787460656166746572a16454657874656f6e206974a3636b65796a77726974
        74656e5f6174666265666f7265674e6f7468696e67656166746572a16454696d
        651b0000015c3eaacd00
    "#]],
    );
}

#[test]
fn every_type_of_value() {
    let hex: [(FieldValue, Expect); 5] = [
        (
            FieldValue::Nothing,
            expect![[r#"
            674e6f7468696e67
        "#]],
        ),
        (
            mark(Cleanliness::Clean).to_value(),
            expect![[r#"
            a16454657874786b636c65616e20323031372d30352d32352f312f6465706172
            747572652f35373537353735372d353735372d353735372d353735372d353735
            373537353735373537207461736b2030613061306130612d306130612d306130
            612d306130612d306130613061306130613061
        "#]],
        ),
        (
            FieldValue::Integer(-1),
            expect![[r#"
            a167496e746567657220
        "#]],
        ),
        (
            FieldValue::Time(AT),
            expect![[r#"
            a16454696d651b0000015c3eaacd00
        "#]],
        ),
        (
            FieldValue::Flag(true),
            expect![[r#"
            a164466c6167f5
        "#]],
        ),
    ];
    for (value, expected) in hex {
        check(&value, expected);
    }
}

#[test]
fn rows_of_the_hotel_and_a_room() {
    let hotel = Hotel {
        name: "Resort H1".into(),
        business_date: today(),
    };
    check(
        &row(HotelId(id(0x40)), hotel),
        expect![[r#"
        a468646f63756d656e74a2646b696e6401626964504040404040404040404040
        404040404066656e74697479a165486f74656ca2646e616d65695265736f7274
        2048316d627573696e6573735f646174656a323031372d30352d323569636f6e
        666c69637473806a6368616e6765645f61741b0000015c3eaacd00
    "#]],
    );
    let room = Room {
        number: "204".into(),
        floor: 2,
        room_type: "A".into(),
        cleanliness: mark(Cleanliness::Clean),
        hk_occupancy: OccupancySeen {
            value: Occupancy::Vacant,
            at: AT,
        },
        service_status: ServiceStatus::MakeUpRoom,
        ..Room::default()
    };
    check(
        &row(ROOM, room),
        expect![[r#"
        a468646f63756d656e74a2646b696e640262696450d0d0d0d0d0d0d0d0d0d0d0
        d0d0d0d0d066656e74697479a164526f6f6da6666e756d626572633230346566
        6c6f6f720269726f6f6d5f7479706561416b636c65616e6c696e657373a46576
        616c756565636c65616e647475726ea464646174656a323031372d30352d3235
        647374657001646b696e64696465706172747572656473746179505757575757
        5757575757575757575757656361757365647461736b66616374696f6e500a0a
        0a0a0a0a0a0a0a0a0a0a0a0a0a0a6c686b5f6f63637570616e6379a26576616c
        756566766163616e746261741b0000015c3eaacd006e736572766963655f7374
        617475736c6d616b652d75702d726f6f6d69636f6e666c69637473806a636861
        6e6765645f61741b0000015c3eaacd00
    "#]],
    );
}

#[test]
fn rows_of_a_stay_and_a_task() {
    let stay = Stay {
        booking: "B-2017-7".into(),
        room: Some(ROOM),
        room_type: "A".into(),
        arrival: "2017-05-22".parse().unwrap(),
        departure: today(),
        status: StayStatus::InHouse,
        adults: 2,
        children: 1,
        country: "PRT".into(),
        meal: "BB".into(),
        arrived_at: Some(AT),
        departed_at: None,
        ..Stay::default()
    };
    check(
        &row(STAY, stay),
        expect![[r#"
        a468646f63756d656e74a2646b696e6403626964505757575757575757575757
        575757575766656e74697479a16453746179ac67626f6f6b696e6768422d3230
        31372d3764726f6f6d50d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d069726f6f6d5f
        747970656141676172726976616c6a323031372d30352d323269646570617274
        7572656a323031372d30352d32356673746174757368696e2d686f7573656661
        64756c747302686368696c6472656e0167636f756e74727963505254646d6561
        6c6242426a617272697665645f61741b0000015c3eaacd006b64657061727465
        645f6174f669636f6e666c69637473806a6368616e6765645f61741b0000015c
        3eaacd00
    "#]],
    );
    let task = Task {
        kind: TaskKind::Departure,
        room: Some(ROOM),
        stay: Some(STAY),
        business_date: today(),
        status: TaskStatus::InProgress,
        rule: TaskRule::CheckOut,
        assignee: Some(MARIA),
        started_at: Some(AT),
        finished_at: None,
        worked_millis: 90_000,
        ..Task::default()
    };
    check(
        &row(TASK, task),
        expect![[r#"
        a468646f63756d656e74a2646b696e6404626964507a7a7a7a7a7a7a7a7a7a7a
        7a7a7a7a7a66656e74697479a1645461736baa646b696e646964657061727475
        726564726f6f6d50d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d06473746179505757
        57575757575757575757575757576d627573696e6573735f646174656a323031
        372d30352d3235667374617475736b696e2d70726f67726573736472756c6569
        636865636b2d6f75746861737369676e65655005050505050505050505050505
        0505056a737461727465645f61741b0000015c3eaacd006b66696e6973686564
        5f6174f66d776f726b65645f6d696c6c69731a00015f9069636f6e666c696374
        73806a6368616e6765645f61741b0000015c3eaacd00
    "#]],
    );
}

#[test]
fn rows_of_a_work_order_and_a_comment() {
    let order = WorkOrder {
        title: "Lamp".into(),
        description: "broken".into(),
        room: Some(ROOM),
        priority: Priority::P2,
        status: WorkOrderStatus::OnHold,
        assignee: None,
        reported_by: Some(MARIA),
        reported_at: Some(AT),
    };
    check(
        &row(ORDER, order),
        expect![[r#"
        a468646f63756d656e74a2646b696e6405626964503d3d3d3d3d3d3d3d3d3d3d
        3d3d3d3d3d66656e74697479a169576f726b4f72646572a8657469746c65644c
        616d706b6465736372697074696f6e6662726f6b656e64726f6f6d50d0d0d0d0
        d0d0d0d0d0d0d0d0d0d0d0d0687072696f726974796270326673746174757367
        6f6e2d686f6c646861737369676e6565f66b7265706f727465645f6279500505
        05050505050505050505050505056b7265706f727465645f61741b0000015c3e
        aacd0069636f6e666c69637473806a6368616e6765645f61741b0000015c3eaa
        cd00
    "#]],
    );
    check(
        &comment(),
        expect![[r#"
        a468646f63756d656e74a2646b696e640662696450c0c0c0c0c0c0c0c0c0c0c0
        c0c0c0c0c066656e74697479a167436f6d6d656e74a5677375626a656374503d
        3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d6474657874656f6e20697466617574686f
        7250050505050505050505050505050505056a7772697474656e5f61741b0000
        015c3eaacd006977697468647261776ef469636f6e666c69637473806a636861
        6e6765645f61741b0000015c3eaacd00
    "#]],
    );
}

#[test]
fn a_row_with_values_that_gave_way() {
    let side = |value, operation, author| ConflictSide {
        value: mark(value).to_value(),
        operation: OperationId(id(operation)),
        author: UserId(id(author)),
        at: AT,
    };
    let room = Room {
        number: "204".into(),
        cleanliness: mark(Cleanliness::Dirty),
        ..Room::default()
    };
    let contested = Row {
        conflicts: vec![FieldConflict {
            key: "cleanliness".into(),
            shown: side(Cleanliness::Dirty, 0x0a, 0x05),
            gave_way: vec![side(Cleanliness::Clean, 0x0b, 0x06)],
        }],
        ..row(ROOM, room)
    };
    check(
        &contested,
        expect![[r#"
        a468646f63756d656e74a2646b696e640262696450d0d0d0d0d0d0d0d0d0d0d0
        d0d0d0d0d066656e74697479a164526f6f6da6666e756d626572633230346566
        6c6f6f720069726f6f6d5f74797065606b636c65616e6c696e657373a4657661
        6c7565656469727479647475726ea464646174656a323031372d30352d323564
        7374657001646b696e6469646570617274757265647374617950575757575757
        57575757575757575757656361757365647461736b66616374696f6e500a0a0a
        0a0a0a0a0a0a0a0a0a0a0a0a0a6c686b5f6f63637570616e6379a26576616c75
        6567756e6b6e6f776e626174006e736572766963655f737461747573646e6f6e
        6569636f6e666c6963747381a3636b65796b636c65616e6c696e657373657368
        6f776ea46576616c7565a16454657874786b646972747920323031372d30352d
        32352f312f6465706172747572652f35373537353735372d353735372d353735
        372d353735372d353735373537353735373537207461736b2030613061306130
        612d306130612d306130612d306130612d306130613061306130613061696f70
        65726174696f6e500a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a66617574686f7250
        050505050505050505050505050505056261741b0000015c3eaacd0068676176
        655f77617981a46576616c7565a16454657874786b636c65616e20323031372d
        30352d32352f312f6465706172747572652f35373537353735372d353735372d
        353735372d353735372d353735373537353735373537207461736b2030613061
        306130612d306130612d306130612d306130612d306130613061306130613061
        696f7065726174696f6e500b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b6661757468
        6f7250060606060606060606060606060606066261741b0000015c3eaacd006a
        6368616e6765645f61741b0000015c3eaacd00
    "#]],
    );
}

#[test]
fn a_page_of_records() {
    let entry = |sequence, version, of: RecordRef, payload| LogEntry {
        sequence: Sequence(sequence),
        content: Content::Record {
            received_at: AT,
            device: DeviceId(id(0xde)),
            author: MARIA,
            operation: OperationId(id(0x04)),
            record: Record::version(of, version, payload),
        },
    };
    let maria = Colleague {
        name: "maria".into(),
        display: "Maria Silva".into(),
        role: Role::Housekeeper,
        left: false,
    };
    let desk = Workplace {
        guests: Default::default(),
        name: "desk".into(),
        revoked: false,
    };
    let guest = Guest {
        name: "A. Guest".into(),
        phone: "1".into(),
    };
    let device = DeviceId(id(0xde));
    let page = RecordPage {
        epoch: LogEpoch(id(EPOCH)),
        classes: vec![Class::Rooms, Class::People, Class::Devices, Class::Guests],
        entries: vec![
            entry(1, 1, MARIA.into(), Payload::Person(maria)),
            entry(2, 1, device.into(), Payload::Device(desk)),
            entry(300, 2, STAY.into(), Payload::Guest(guest)),
            entry(70_000, 3, StayId(id(0x58)).into(), Payload::Erased),
        ],
        is_last: true,
    };
    check(
        &page,
        expect![[r#"
        a46565706f636850e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e067636c6173736573
        8465726f6f6d736670656f706c6567646576696365736667756573747367656e
        747269657384a26873657175656e63650167636f6e74656e74a1665265636f72
        64a56b72656365697665645f61741b0000015c3eaacd006664657669636550de
        dedededededededededededededede66617574686f7250050505050505050505
        05050505050505696f7065726174696f6e500404040404040404040404040404
        0404667265636f7264a5646b696e6466706572736f6e62696450050505050505
        050505050505050505056776657273696f6e016861756469656e63656670656f
        706c65677061796c6f6164a166506572736f6ea3646e616d65656d6172696167
        646973706c61796b4d617269612053696c766164726f6c656b686f7573656b65
        65706572a26873657175656e63650267636f6e74656e74a1665265636f7264a5
        6b72656365697665645f61741b0000015c3eaacd006664657669636550dedede
        dedededededededededededede66617574686f72500505050505050505050505
        0505050505696f7065726174696f6e5004040404040404040404040404040404
        667265636f7264a5646b696e646664657669636562696450dededededededede
        dededededededede6776657273696f6e016861756469656e6365676465766963
        6573677061796c6f6164a166446576696365a2646e616d65646465736b677265
        766f6b6564f4a26873657175656e636519012c67636f6e74656e74a166526563
        6f7264a56b72656365697665645f61741b0000015c3eaacd0066646576696365
        50dededededededededededededededede66617574686f725005050505050505
        050505050505050505696f7065726174696f6e50040404040404040404040404
        04040404667265636f7264a5646b696e64656775657374626964505757575757
        57575757575757575757576776657273696f6e026861756469656e6365666775
        65737473677061796c6f6164a1654775657374a2646e616d6568412e20477565
        73746570686f6e656131a26873657175656e63651a0001117067636f6e74656e
        74a1665265636f7264a56b72656365697665645f61741b0000015c3eaacd0066
        64657669636550dededededededededededededededede66617574686f725005
        050505050505050505050505050505696f7065726174696f6e50040404040404
        04040404040404040404667265636f7264a5646b696e64656775657374626964
        50585858585858585858585858585858586776657273696f6e03686175646965
        6e636566677565737473677061796c6f6164664572617365646769735f6c6173
        74f5
    "#]],
    );
}
