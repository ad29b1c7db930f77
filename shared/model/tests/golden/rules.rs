//! The hotel's rules and its name, and what decides a conflict.

use super::variants::Seen;
use crate::id;
use expect_test::expect;
use keyrack_model::{
    command::Command,
    ids::{OperationId, RoomId, UserId},
    policy::Role,
    rule_sheet::{RuleKey, RuleScope},
};

pub fn rules(seen: &mut Seen) {
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
        seen.check(&set, expected);
    }
    for (scope, rule, expected) in [
        (
            RuleScope::Hotel,
            RuleKey::StayoverEvery,
            expect![[r#"
            a16753657452756c65a36573636f706565486f74656c6472756c656e73746179
            6f7665722d6576657279666e756d626572f6
        "#]],
        ),
        (
            RuleScope::RoomType("A".into()),
            RuleKey::DeepCleanDays,
            expect![[r#"
                a16753657452756c65a36573636f7065a168526f6f6d5479706561416472756c
                656f646565702d636c65616e2d64617973666e756d626572f6
            "#]],
        ),
        (
            RuleScope::Rate("Groups".into()),
            RuleKey::LinenEvery,
            expect![[r#"
                a16753657452756c65a36573636f7065a164526174656647726f757073647275
                6c656b6c696e656e2d6576657279666e756d626572f6
            "#]],
        ),
    ] {
        let left_open = Command::SetRule {
            scope,
            rule,
            number: None,
        };
        seen.check(&left_open, expected);
    }
}

pub fn the_name_of_the_hotel(seen: &mut Seen) {
    seen.check(
        &Command::NameHotel {
            name: "Hotel do Mar".into(),
        },
        expect![[r#"
            a1694e616d65486f74656ca1646e616d656c486f74656c20646f204d6172
        "#]],
    );
}

pub fn what_decides_a_conflict(seen: &mut Seen) {
    seen.check(
        &Command::Settle {
            document: RoomId(id(0xd0)).into(),
            key: "rush".into(),
            chosen: OperationId(id(0x0a)),
        },
        expect![[r#"
            a166536574746c65a368646f63756d656e74a2646b696e640262696450d0d0d0
            d0d0d0d0d0d0d0d0d0d0d0d0d0636b657964727573686663686f73656e500a0a
            0a0a0a0a0a0a0a0a0a0a0a0a0a0a
        "#]],
    );
}
