//! The texts and the code that asks for them agree.

use super::*;
use crate::{keymap::BINDINGS, query::topic::Topic, settings};
use keyrack_model::{
    administration::{AuditEvent, Ended, Suspicion, TurnedAway},
    cleanliness::Cleanliness,
    command::Command,
    import::{DateOrder, ImportField, ImportKind, ImportOutcome, LineFate, Weight},
    policy::Role,
    refusal::GateReason,
    room::{Occupancy, RoomUse, ServiceStatus},
    room_block::BlockKind,
    room_link::RoomLinkKind,
    room_status::{Availability, Discrepancy, FoStatus, ReservationPhase},
    rule_sheet::RuleKey,
    stay::{StayStatus, StayoverWish},
    task::{EntryReason, InspectionOutcome, TaskKind, TaskRule, TaskStatus},
    work_order::{Priority, WorkOrderStatus},
};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

#[test]
fn every_key_in_the_code_has_a_text_and_every_text_has_a_key() {
    let texts: BTreeSet<String> = [SHARED, SETTINGS].into_iter().flat_map(keys_of).collect();
    let asked = keys_asked_for();
    let missing: Vec<_> = asked.difference(&texts).collect();
    let unused: Vec<_> = texts.difference(&asked).collect();
    assert!(missing.is_empty(), "without a text: {missing:#?}");
    assert!(unused.is_empty(), "asked for by nobody: {unused:#?}");
}

/// The main page would show a gap, and no other test runs without the texts of the settings.
#[test]
fn the_main_page_asks_for_no_text_that_only_the_settings_have() {
    let settings: BTreeSet<String> = keys_of(SETTINGS).collect();
    let mut asked = BTreeSet::new();
    read_calls(&sources(), &mut asked, |path| {
        !path.components().any(|part| part.as_os_str() == "settings")
            && !path.ends_with("settings.rs")
    });
    let strays: Vec<_> = asked.intersection(&settings).collect();
    assert!(strays.is_empty(), "not on the main page: {strays:#?}");
    let twice: Vec<_> = keys_of(SHARED).filter(|it| settings.contains(it)).collect();
    assert!(twice.is_empty(), "in both parts: {twice:#?}");
}

#[test]
fn names_in_a_text_are_filled_in_and_numbers_choose_the_form() {
    assert_eq!(t_count("rooms", 1), "1 room");
    assert_eq!(t_count("rooms", 180), "180 rooms");
    assert_eq!(
        t_with("sync.synced-at", &[("time", "14:05")]),
        "Synced 14:05"
    );
}

fn keys_of(texts: Texts) -> impl Iterator<Item = String> {
    read(texts.source(Language::English)).map(|(key, _)| key.to_owned())
}

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn keys_asked_for() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    read_calls(&sources(), &mut keys, |_| true);
    for page in [
        include_str!("../../index.html"),
        include_str!("../../settings.html"),
    ] {
        keys.extend(
            page.split('{')
                .skip(1)
                .filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())),
        );
    }
    keys.extend(BINDINGS.iter().map(|binding| binding.label.to_owned()));
    let of_settings = settings::keymap::BINDINGS.iter();
    keys.extend(of_settings.map(|binding| binding.label.to_owned()));
    let mut list = |name: &str, words: Vec<&str>| {
        keys.extend(words.iter().map(|word| format!("{name}.{word}")));
    };
    macro_rules! lists {
        ($($name:literal: $kind:ty),* $(,)?) => {
            $(list($name, <$kind>::ALL.iter().map(|value| value.word()).collect());)*
        };
    }
    lists! {
        "cleanliness": Cleanliness,
        "occupancy": Occupancy,
        "service": ServiceStatus,
        "fo": FoStatus,
        "phase": ReservationPhase,
        "discrepancy": Discrepancy,
        "stay": StayStatus,
        "task": TaskStatus,
        "task-kind": TaskKind,
        "task-rule": TaskRule,
        "topic": Topic,
        "outcome": InspectionOutcome,
        "availability": Availability,
        "block": BlockKind,
        "link": RoomLinkKind,
        "wish": StayoverWish,
        "rule": RuleKey,
        "entry": EntryReason,
        "order": WorkOrderStatus,
        "priority": Priority,
        "role": Role,
        "role-name": Role,
        "gate": GateReason,
        "audit": AuditEvent,
        "ended": Ended,
        "suspicion": Suspicion,
        "turned-away": TurnedAway,
        "import-kind": ImportKind,
        "import-field": ImportField,
        "import-outcome": ImportOutcome,
        "import-fate": LineFate,
        "import-weight": Weight,
        "date-order": DateOrder,
        "room-use": RoomUse,
    }
    list("weekday", vec!["1", "2", "3", "4", "5", "6", "7"]);
    list(
        "month",
        vec![
            "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12",
        ],
    );
    // A preview is asked for by no button.
    list("import-wish", vec!["all-or-nothing", "leave-out"]);
    list("right", rights());
    keys
}

/// The names under which a refusal speaks of a command.
fn rights() -> Vec<&'static str> {
    vec![
        "set-cleanliness",
        "set-occupancy-seen",
        "set-service-status",
        "start-task",
        "pause-task",
        "finish-task",
        "assign-task",
        "check-in",
        "check-out",
        "create-work-order",
        "edit-work-order",
        "assign-work-order",
        "prioritise-work-order",
        "progress-work-order",
        "cancel-work-order",
        "verify-work-order",
        "add-comment",
        "edit-guest",
        "erase-guest",
        "book",
        "edit-stay",
        "cancel-stay",
        "mark-no-show",
        "assign-room",
        "move-room",
        "set-queued",
        "close-day",
        "plan-room",
        "add-room",
        "edit-room",
        "set-rush",
        "note-room",
        "link-rooms",
        "block-room",
        "edit-block",
        "end-block",
        "add-task",
        "cancel-task",
        "pin-task",
        "kept-out",
        "enter",
        "note-task",
        "inspect",
        "set-rule",
        "name-hotel",
        "settle",
        Command::Redacted.name(),
        Command::Undo {
            operation: Default::default(),
        }
        .name(),
    ]
}

fn read_calls(folder: &Path, keys: &mut BTreeSet<String>, reads: fn(&Path) -> bool) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_calls(&path, keys, reads);
        } else if path.extension().is_some_and(|kind| kind == "rs")
            && !path.ends_with("tests.rs")
            && reads(&path)
        {
            let source = fs::read_to_string(&path).unwrap();
            for call in ["t(", "t_with(", "t_count("] {
                for key in arguments(&source, call) {
                    if call == "t_count(" {
                        keys.insert(format!("{key}.one"));
                        keys.insert(format!("{key}.other"));
                    } else {
                        keys.insert(key);
                    }
                }
            }
        }
    }
}

/// The first arguments of the calls of one function, where they are literals.
fn arguments(source: &str, call: &str) -> Vec<String> {
    source
        .match_indices(call)
        .filter(|(at, _)| {
            !source[..*at].ends_with(|before: char| before.is_alphanumeric() || before == '_')
        })
        .filter_map(|(at, _)| {
            let rest = source[at + call.len()..].trim_start().strip_prefix('"')?;
            Some(rest.split('"').next()?.to_owned())
        })
        .collect()
}
