//! What the keepers of rooms and rules, and whoever plans the work, do next.

use super::{Doer, ROOMS, id, one_of, room, words};
use fastrand::Rng;
use keyrack_model::{
    cleanliness::Cleanliness,
    command::{BlockDraft, BlockEdit, Command, RoomCommand, TaskDraft, WorkCommand},
    ids::{BlockId, TaskId},
    policy::Role,
    room::ServiceStatus,
    room_block::BlockKind,
    room_link::RoomLinkKind,
    rule_sheet::{RuleKey, RuleScope},
    task::{EntryReason, InspectionOutcome, TaskKind},
};
use uuid::Uuid;

/// Blocks that people of a world speak of.
const BLOCKS: u128 = 3;

pub(super) fn rooms(rng: &mut Rng, doer: &Doer<'_>) -> Command {
    let number = rng.u128(0..ROOMS);
    let date = doer.house.date;
    Command::Rooms(match rng.u8(0..7) {
        0 => RoomCommand::SetRush {
            rooms: super::rooms(rng),
            rush: rng.bool(),
        },
        1 | 2 => RoomCommand::Note {
            room: room(number),
            text: words(rng),
            base: String::new(),
        },
        3 => RoomCommand::Link {
            first: room(number),
            second: room((number + 1) % ROOMS),
            kind: rng.bool().then(|| one_of(rng, RoomLinkKind::ALL)),
        },
        4 => RoomCommand::Block {
            block: block(rng),
            draft: Box::new(BlockDraft {
                room: room(number),
                kind: one_of(rng, BlockKind::ALL),
                reason: words(rng),
                from: date,
                until: date.plus_days(rng.i32(1..4)),
                return_status: one_of(rng, Cleanliness::ALL),
            }),
        },
        5 => RoomCommand::EditBlock {
            block: block(rng),
            edit: Box::new(BlockEdit {
                kind: Some(one_of(rng, BlockKind::ALL)),
                until: Some(date.plus_days(rng.i32(1..6))),
                ..BlockEdit::default()
            }),
        },
        _ => RoomCommand::EndBlock { block: block(rng) },
    })
}

pub(super) fn work(rng: &mut Rng, doer: &Doer<'_>) -> Command {
    let task = doer.task(rng);
    Command::Work(match rng.u8(0..7) {
        0 => WorkCommand::Add {
            task: TaskId(id(rng)),
            draft: Box::new(TaskDraft {
                kind: one_of(rng, TaskKind::ALL),
                room: room(rng.u128(0..ROOMS)),
                business_date: doer.house.date,
                title: words(rng),
                ..TaskDraft::default()
            }),
        },
        1 => WorkCommand::Cancel { task },
        2 => WorkCommand::Pin {
            task,
            pinned: rng.bool(),
        },
        3 => WorkCommand::KeptOut {
            task,
            by: one_of(rng, ServiceStatus::ALL),
        },
        4 => WorkCommand::Enter {
            task,
            reason: one_of(rng, EntryReason::ALL),
        },
        5 => WorkCommand::Note {
            task,
            text: words(rng),
            base: String::new(),
        },
        _ => WorkCommand::Inspect {
            task,
            outcome: one_of(rng, InspectionOutcome::ALL),
            reason: words(rng),
        },
    })
}

pub(super) fn rule(rng: &mut Rng, doer: &Doer<'_>) -> Command {
    let scope = match rng.u8(0..5) {
        0 => RuleScope::Hotel,
        1 => RuleScope::RoomType("A".to_owned()),
        2 => RuleScope::Rate("BAR".to_owned()),
        3 => RuleScope::Role(Role::Housekeeper),
        _ => RuleScope::Person(one_of(rng, doer.people)),
    };
    let rules = RuleKey::ALL.iter().copied();
    let said: Vec<RuleKey> = rules.filter(|rule| scope.says(*rule)).collect();
    let rule = one_of(rng, &said);
    let (least, most) = rule.bounds();
    Command::SetRule {
        scope,
        rule,
        number: rng.bool().then(|| rng.i64(least..=most)),
    }
}

fn block(rng: &mut Rng) -> BlockId {
    BlockId(Uuid::from_u128(0xB700 + rng.u128(0..BLOCKS)))
}
