//! What an import makes or brings up to date.

use super::variants::Seen;
use crate::{AT, id};
use expect_test::expect;
use keyrack_model::{
    command::{Command, ImportedRow},
    ids::{HotelId, RoomId, StayId, TaskId, UserId},
    room::Room,
    stay::{Stay, StayStatus, StayoverWish},
    task::{Task, TaskKind, TaskRule, TaskStatus},
    time::BusinessDate,
};

const ROOM: RoomId = RoomId(id(0xd0));
const STAY: StayId = StayId(id(0x57));

fn date() -> BusinessDate {
    "2017-05-26".parse().expect("a date")
}

pub fn imports(commands: &mut Seen) {
    let mut seen = Seen::default();
    let mut check = |row: ImportedRow, expected| {
        seen.note(&row);
        commands.check(&Command::Import(row), expected);
    };
    let fields = Room {
        number: "204".into(),
        floor: 2,
        ..Room::default()
    };
    check(
        ImportedRow::Room { room: ROOM, fields },
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
    let fields = Stay {
        booking: "H1-7".into(),
        room: Some(ROOM),
        room_type: "A".into(),
        arrival: date(),
        departure: date().plus_days(2),
        status: StayStatus::InHouse,
        adults: 2,
        children: 1,
        country: "PRT".into(),
        meal: "BB".into(),
        arrived_at: Some(AT),
        departed_at: None,
        rate: "Direct".into(),
        vip: true,
        queued_at: Some(AT),
        early_check_in: true,
        late_check_out: true,
        stayover_wish: StayoverWish::Never,
        note: "A cot".into(),
    };
    check(
        ImportedRow::Stay { stay: STAY, fields },
        expect![[r#"
        a166496d706f7274a16453746179a26473746179505757575757575757575757
        5757575757666669656c6473b367626f6f6b696e676448312d3764726f6f6d50
        d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d069726f6f6d5f74797065614167617272
        6976616c6a323031372d30352d3236696465706172747572656a323031372d30
        352d32386673746174757368696e2d686f757365666164756c74730268636869
        6c6472656e0167636f756e74727963505254646d65616c6242426a6172726976
        65645f61741b0000015c3eaacd006b64657061727465645f6174f66472617465
        6644697265637463766970f5697175657565645f61741b0000015c3eaacd006e
        6561726c795f636865636b5f696ef56e6c6174655f636865636b5f6f7574f56d
        737461796f7665725f77697368656e65766572646e6f7465654120636f74
    "#]],
    );
    let fields = Task {
        kind: TaskKind::Departure,
        room: Some(ROOM),
        stay: Some(STAY),
        business_date: date(),
        status: TaskStatus::Done,
        rule: TaskRule::CheckOut,
        assignee: Some(UserId(id(0x05))),
        started_at: Some(AT),
        finished_at: Some(AT),
        ..Task::default()
    };
    check(
        ImportedRow::Task {
            task: TaskId(id(0x7a)),
            fields,
        },
        expect![[r#"
            a166496d706f7274a1645461736ba2647461736b507a7a7a7a7a7a7a7a7a7a7a
            7a7a7a7a7a666669656c6473aa646b696e646964657061727475726564726f6f
            6d50d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d06473746179505757575757575757
            57575757575757576d627573696e6573735f646174656a323031372d30352d32
            366673746174757364646f6e656472756c6569636865636b2d6f757468617373
            69676e656550050505050505050505050505050505056a737461727465645f61
            741b0000015c3eaacd006b66696e69736865645f61741b0000015c3eaacd006d
            776f726b65645f6d696c6c697300
        "#]],
    );
    check(
        ImportedRow::BusinessDate {
            hotel: HotelId(id(0x40)),
            date: date(),
        },
        expect![[r#"
        a166496d706f7274a16c427573696e65737344617465a265686f74656c504040
        404040404040404040404040404064646174656a323031372d30352d3236
    "#]],
    );
    seen.has_all::<ImportedRow>();
}
