//! What the desk asks for.

use super::variants::Seen;
use crate::id;
use expect_test::expect;
use keyrack_model::{
    command::{Command, DeskCommand, StayDraft, StayEdit},
    ids::{RoomId, StayId},
    stay::StayoverWish,
    time::BusinessDate,
};

const STAY: StayId = StayId(id(0x57));
const ROOM: RoomId = RoomId(id(0xd0));

fn date() -> BusinessDate {
    "2017-05-26".parse().expect("a date")
}

fn draft() -> Box<StayDraft> {
    Box::new(StayDraft {
        booking: "H1-7".into(),
        room: Some(ROOM),
        room_type: "A".into(),
        arrival: date(),
        departure: date().plus_days(2),
        adults: 2,
        children: 1,
        country: "PRT".into(),
        meal: "BB".into(),
        rate: "Direct".into(),
        vip: true,
        note: "A cot".into(),
    })
}

fn edit() -> Box<StayEdit> {
    Box::new(StayEdit {
        arrival: Some(date()),
        departure: Some(date().plus_days(3)),
        room_type: Some("B".into()),
        adults: Some(1),
        children: Some(0),
        meal: Some("HB".into()),
        rate: Some("Groups".into()),
        vip: Some(false),
        early_check_in: Some(true),
        late_check_out: Some(true),
        stayover_wish: Some(StayoverWish::Daily),
        note: Some("Two cots".into()),
        note_base: Some("A cot".into()),
    })
}

pub fn desk(commands: &mut Seen) {
    let mut seen = Seen::default();
    let mut check = |command: DeskCommand, expected| {
        seen.note(&command);
        commands.check(&Command::Desk(command), expected);
    };
    check(
        DeskCommand::Book {
            stay: STAY,
            draft: draft(),
        },
        expect![[r#"
            a1644465736ba164426f6f6ba264737461795057575757575757575757575757
            575757656472616674ac67626f6f6b696e676448312d3764726f6f6d50d0d0d0
            d0d0d0d0d0d0d0d0d0d0d0d0d069726f6f6d5f74797065614167617272697661
            6c6a323031372d30352d3236696465706172747572656a323031372d30352d32
            38666164756c747302686368696c6472656e0167636f756e7472796350525464
            6d65616c62424264726174656644697265637463766970f5646e6f7465654120
            636f74
        "#]],
    );
    check(
        DeskCommand::Book {
            stay: STAY,
            draft: Box::default(),
        },
        expect![[r#"
            a1644465736ba164426f6f6ba264737461795057575757575757575757575757
            575757656472616674ac67626f6f6b696e676064726f6f6df669726f6f6d5f74
            79706560676172726976616c6a303030302d30312d3031696465706172747572
            656a303030302d30312d3031666164756c747300686368696c6472656e006763
            6f756e74727960646d65616c6064726174656063766970f4646e6f746560
        "#]],
    );
    check(
        DeskCommand::EditStay {
            stay: STAY,
            edit: edit(),
        },
        expect![[r#"
            a1644465736ba1684564697453746179a2647374617950575757575757575757
            575757575757576465646974ad676172726976616c6a323031372d30352d3236
            696465706172747572656a323031372d30352d323969726f6f6d5f7479706561
            42666164756c747301686368696c6472656e00646d65616c6248426472617465
            6647726f75707363766970f46e6561726c795f636865636b5f696ef56e6c6174
            655f636865636b5f6f7574f56d737461796f7665725f77697368656461696c79
            646e6f74656854776f20636f7473696e6f74655f62617365654120636f74
        "#]],
    );
    check(
        DeskCommand::EditStay {
            stay: STAY,
            edit: Box::default(),
        },
        expect![[r#"
            a1644465736ba1684564697453746179a2647374617950575757575757575757
            575757575757576465646974a0
        "#]],
    );
    check(
        DeskCommand::CancelStay { stay: STAY },
        expect![[r#"
        a1644465736ba16a43616e63656c53746179a164737461795057575757575757
        575757575757575757
    "#]],
    );
    check(
        DeskCommand::MarkNoShow { stay: STAY },
        expect![[r#"
        a1644465736ba16a4d61726b4e6f53686f77a164737461795057575757575757
        575757575757575757
    "#]],
    );
    check(
        DeskCommand::AssignRoom {
            stay: STAY,
            room: Some(ROOM),
        },
        expect![[r#"
            a1644465736ba16a41737369676e526f6f6da264737461795057575757575757
            57575757575757575764726f6f6d50d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0
        "#]],
    );
    check(
        DeskCommand::AssignRoom {
            stay: STAY,
            room: None,
        },
        expect![[r#"
            a1644465736ba16a41737369676e526f6f6da264737461795057575757575757
            57575757575757575764726f6f6df6
        "#]],
    );
    check(
        DeskCommand::MoveRoom {
            stay: STAY,
            room: ROOM,
        },
        expect![[r#"
            a1644465736ba1684d6f7665526f6f6da2647374617950575757575757575757
            5757575757575764726f6f6d50d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0
        "#]],
    );
    check(
        DeskCommand::SetQueued {
            stay: STAY,
            queued: true,
        },
        expect![[r#"
            a1644465736ba169536574517565756564a26473746179505757575757575757
            575757575757575766717565756564f5
        "#]],
    );
    check(
        DeskCommand::CloseDay { date: date() },
        expect![[r#"
        a1644465736ba168436c6f7365446179a164646174656a323031372d30352d32
        36
    "#]],
    );
    check(
        DeskCommand::PlanRoom {
            room: ROOM,
            date: date(),
        },
        expect![[r#"
            a1644465736ba168506c616e526f6f6da264726f6f6d50d0d0d0d0d0d0d0d0d0
            d0d0d0d0d0d0d064646174656a323031372d30352d3236
        "#]],
    );
    seen.has_all::<DeskCommand>();
}
