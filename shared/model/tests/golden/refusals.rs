//! What a plan or the gate says of the desk's and the rooms' commands.

use super::variants::Seen;
use crate::check;
use expect_test::expect;
use keyrack_model::{refusal::Refusal, time::BusinessDate, wire::Verdict};

fn date() -> BusinessDate {
    "2017-05-26".parse().expect("a date")
}

pub fn of_the_day_and_of_rooms(seen: &mut Seen) {
    let mut check = |refusal: Refusal, expected| {
        seen.note(&refusal);
        check(&Verdict::Refused(refusal), expected);
    };
    let number = || "204".to_owned();
    check(
        Refusal::RoomTaken {
            number: number(),
            from: date(),
            until: date().plus_days(2),
        },
        expect![[r#"
            a16752656675736564a169526f6f6d54616b656ea3666e756d62657263323034
            6466726f6d6a323031372d30352d323665756e74696c6a323031372d30352d32
            38
        "#]],
    );
    check(
        Refusal::RoomOutOfOrder {
            number: number(),
            until: date(),
        },
        expect![[r#"
            a16752656675736564a16e526f6f6d4f75744f664f72646572a2666e756d6265
            726332303465756e74696c6a323031372d30352d3236
        "#]],
    );
    check(
        Refusal::NotForGuests { number: number() },
        expect![[r#"
        a16752656675736564a16c4e6f74466f72477565737473a1666e756d62657263
        323034
    "#]],
    );
    check(
        Refusal::DayOver { date: date() },
        expect![[r#"
        a16752656675736564a1674461794f766572a164646174656a323031372d3035
        2d3236
    "#]],
    );
    check(
        Refusal::OtherDay {
            business_date: date(),
        },
        expect![[r#"
            a16752656675736564a1684f74686572446179a16d627573696e6573735f6461
            74656a323031372d30352d3236
        "#]],
    );
    check(
        Refusal::BadDays { nights: 400 },
        expect![[r#"
        a16752656675736564a16742616444617973a1666e6967687473190190
    "#]],
    );
    check(
        Refusal::BadGuests { most: 99 },
        expect![[r#"
        a16752656675736564a169426164477565737473a1646d6f73741863
    "#]],
    );
    check(
        Refusal::BadBlock { days: 400 },
        expect![[r#"
        a16752656675736564a168426164426c6f636ba16464617973190190
    "#]],
    );
    check(
        Refusal::BadNumber {
            field: "floor".into(),
            least: -99,
            most: 999,
        },
        expect![[r#"
            a16752656675736564a1694261644e756d626572a3656669656c6465666c6f6f
            72656c656173743862646d6f73741903e7
        "#]],
    );
    check(
        Refusal::OutOfBounds { least: 0, most: 30 },
        expect![[r#"
        a16752656675736564a16b4f75744f66426f756e6473a2656c6561737400646d
        6f7374181e
    "#]],
    );
    check(
        Refusal::RoomExists { number: number() },
        expect![[r#"
        a16752656675736564a16a526f6f6d457869737473a1666e756d626572633230
        34
    "#]],
    );
    check(
        Refusal::SameRoom,
        expect![[r#"
        a167526566757365646853616d65526f6f6d
    "#]],
    );
    check(
        Refusal::BlockEnded,
        expect![[r#"
        a167526566757365646a426c6f636b456e646564
    "#]],
    );
    check(
        Refusal::NotAnInspection,
        expect![[r#"
        a167526566757365646f4e6f74416e496e7370656374696f6e
    "#]],
    );
}
