//! What is asked about the rooms themselves.

use super::variants::Seen;
use crate::id;
use expect_test::expect;
use keyrack_model::{
    cleanliness::Cleanliness,
    command::{BlockDraft, BlockEdit, Command, RoomCommand, RoomDraft, RoomEdit},
    ids::{BlockId, RoomId},
    room::RoomUse,
    room_block::BlockKind,
    room_link::RoomLinkKind,
    time::BusinessDate,
};

const ROOM: RoomId = RoomId(id(0xd0));
const SECOND: RoomId = RoomId(id(0xd1));
const BLOCK: BlockId = BlockId(id(0xb0));

fn date() -> BusinessDate {
    "2017-05-26".parse().expect("a date")
}

fn draft() -> Box<RoomDraft> {
    Box::new(RoomDraft {
        number: "204".into(),
        floor: -2,
        room_type: "A".into(),
        section: "Garden".into(),
        building: "Annexe".into(),
        used_for: RoomUse::Public,
    })
}

fn edit() -> Box<RoomEdit> {
    Box::new(RoomEdit {
        floor: Some(3),
        room_type: Some("B".into()),
        section: Some(String::new()),
        building: Some("Main".into()),
        used_for: Some(RoomUse::Guests),
    })
}

fn block() -> Box<BlockDraft> {
    Box::new(BlockDraft {
        room: ROOM,
        kind: BlockKind::OutOfOrder,
        reason: "Burst pipe".into(),
        from: date(),
        until: date().plus_days(3),
        return_status: Cleanliness::Dirty,
    })
}

fn block_edit() -> Box<BlockEdit> {
    Box::new(BlockEdit {
        kind: Some(BlockKind::OutOfService),
        reason: Some("Paint".into()),
        from: Some(date()),
        until: Some(date().plus_days(1)),
        return_status: Some(Cleanliness::Inspected),
    })
}

pub fn rooms(commands: &mut Seen) {
    let mut seen = Seen::default();
    let mut check = |command: RoomCommand, expected| {
        seen.note(&command);
        commands.check(&Command::Rooms(command), expected);
    };
    check(
        RoomCommand::Add {
            room: ROOM,
            draft: draft(),
        },
        expect![[r#"
            a165526f6f6d73a163416464a264726f6f6d50d0d0d0d0d0d0d0d0d0d0d0d0d0
            d0d0d0656472616674a6666e756d6265726332303465666c6f6f722169726f6f
            6d5f7479706561416773656374696f6e6647617264656e686275696c64696e67
            66416e6e65786568757365645f666f72667075626c6963
        "#]],
    );
    check(
        RoomCommand::Edit {
            room: ROOM,
            edit: edit(),
        },
        expect![[r#"
            a165526f6f6d73a16445646974a264726f6f6d50d0d0d0d0d0d0d0d0d0d0d0d0
            d0d0d0d06465646974a565666c6f6f720369726f6f6d5f747970656142677365
            6374696f6e60686275696c64696e67644d61696e68757365645f666f72666775
            65737473
        "#]],
    );
    check(
        RoomCommand::Edit {
            room: ROOM,
            edit: Box::default(),
        },
        expect![[r#"
            a165526f6f6d73a16445646974a264726f6f6d50d0d0d0d0d0d0d0d0d0d0d0d0
            d0d0d0d06465646974a0
        "#]],
    );
    check(
        RoomCommand::SetRush {
            rooms: vec![ROOM, SECOND],
            rush: true,
        },
        expect![[r#"
            a165526f6f6d73a16753657452757368a265726f6f6d738250d0d0d0d0d0d0d0
            d0d0d0d0d0d0d0d0d050d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d16472757368f5
        "#]],
    );
    check(
        RoomCommand::Note {
            room: ROOM,
            text: "Squeaks".into(),
            base: String::new(),
        },
        expect![[r#"
            a165526f6f6d73a1644e6f7465a364726f6f6d50d0d0d0d0d0d0d0d0d0d0d0d0
            d0d0d0d064746578746753717565616b73646261736560
        "#]],
    );
    check(
        RoomCommand::Link {
            first: ROOM,
            second: SECOND,
            kind: Some(RoomLinkKind::Connecting),
        },
        expect![[r#"
            a165526f6f6d73a1644c696e6ba365666972737450d0d0d0d0d0d0d0d0d0d0d0
            d0d0d0d0d0667365636f6e6450d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1646b69
            6e646a636f6e6e656374696e67
        "#]],
    );
    check(
        RoomCommand::Link {
            first: ROOM,
            second: SECOND,
            kind: None,
        },
        expect![[r#"
            a165526f6f6d73a1644c696e6ba365666972737450d0d0d0d0d0d0d0d0d0d0d0
            d0d0d0d0d0667365636f6e6450d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1646b69
            6e64f6
        "#]],
    );
    check(
        RoomCommand::Block {
            block: BLOCK,
            draft: block(),
        },
        expect![[r#"
            a165526f6f6d73a165426c6f636ba265626c6f636b50b0b0b0b0b0b0b0b0b0b0
            b0b0b0b0b0b0656472616674a664726f6f6d50d0d0d0d0d0d0d0d0d0d0d0d0d0
            d0d0d0646b696e646c6f75742d6f662d6f7264657266726561736f6e6a427572
            737420706970656466726f6d6a323031372d30352d323665756e74696c6a3230
            31372d30352d32396d72657475726e5f737461747573656469727479
        "#]],
    );
    check(
        RoomCommand::EditBlock {
            block: BLOCK,
            edit: block_edit(),
        },
        expect![[r#"
            a165526f6f6d73a16945646974426c6f636ba265626c6f636b50b0b0b0b0b0b0
            b0b0b0b0b0b0b0b0b0b06465646974a5646b696e646e6f75742d6f662d736572
            7669636566726561736f6e655061696e746466726f6d6a323031372d30352d32
            3665756e74696c6a323031372d30352d32376d72657475726e5f737461747573
            69696e73706563746564
        "#]],
    );
    check(
        RoomCommand::EditBlock {
            block: BLOCK,
            edit: Box::default(),
        },
        expect![[r#"
            a165526f6f6d73a16945646974426c6f636ba265626c6f636b50b0b0b0b0b0b0
            b0b0b0b0b0b0b0b0b0b06465646974a0
        "#]],
    );
    check(
        RoomCommand::EndBlock { block: BLOCK },
        expect![[r#"
        a165526f6f6d73a168456e64426c6f636ba165626c6f636b50b0b0b0b0b0b0b0
        b0b0b0b0b0b0b0b0b0
    "#]],
    );
    seen.has_all::<RoomCommand>();
}
