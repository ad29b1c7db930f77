//! Actions of which something is wrong, each after an honest one of the same device.

use super::Input;
use crate::hostile::{
    admission::{Ask, Attack, Edit, Place, Value, step},
    choices::Script,
};
use keyrack_server::pretend::{INES, MARIA, RUI, TOMAS};

/// Maria marks the room dirty, and everybody hears of it.
fn begun() -> Script {
    mark(Script::default(), 1)
        .one_of(&Attack::ALL, Attack::None)
        .byte(0)
}

fn mark(script: Script, value: u8) -> Script {
    step(script, MARIA, Ask::Mark).byte(value)
}

/// She marks it again, and this is wrong with it; its first change, where it matters.
fn wrong(attack: Attack) -> Script {
    let script = mark(begun(), 2).one_of(&Attack::ALL, attack);
    match attack {
        Attack::None | Attack::Equivocation | Attack::Again => script,
        _ => script.byte(0),
    }
}

/// So many edits of the change, the first of which is this one.
fn edited(count: u8, edit: Edit) -> Script {
    wrong(Attack::Rewrite)
        .byte(count - 1)
        .one_of(&Edit::ALL, edit)
}

/// An edit of the first operation.
fn operation(edit: Edit) -> Script {
    edited(1, edit).below(0)
}

pub(super) fn inputs() -> Vec<Input> {
    let mut inputs: Vec<Input> = super::scanner::chunks(&[
        "run-length-bomb",
        "deflate-bomb",
        "document-chunk",
        "cut-off",
        "unknown-action",
        "actor-that-is-not-there",
    ])
    .into_iter()
    .map(|(name, chunk)| (name, wrong(Attack::BytesThatFit).bytes(&chunk).done()))
    .collect();
    inputs.extend(honest());
    inputs.extend(wrong_actions());
    inputs.extend(wrong_changes());
    inputs.extend(guests());
    inputs
}

fn named<const N: usize>(inputs: [(&str, Script); N]) -> Vec<Input> {
    inputs
        .map(|(name, script)| (name.to_owned(), script.done()))
        .into()
}

fn honest() -> Vec<Input> {
    let honest = |script: Script| script.one_of(&Attack::ALL, Attack::None).byte(1);
    let edit = |script, user, text: &[u8]| {
        let script = step(script, user, Ask::Edit)
            .byte(3)
            .bytes(text)
            .bytes(text);
        honest(script)
    };
    let at_once = edit(Script::default(), TOMAS, b"Tap");
    let at_once = edit(at_once, RUI, "Shower 💧".as_bytes());
    let out = step(Script::default(), RUI, Ask::CheckOut).byte(1);
    let out = honest(out);
    let undone = step(out.clone(), RUI, Ask::Undo).below(7);
    named([
        ("honest-marks", begun()),
        ("honest-edits-at-once", at_once),
        ("honest-check-out", out),
        ("honest-undo", honest(undone)),
    ])
}

/// Somebody writes who a guest is, or takes it away.
fn guests() -> Vec<Input> {
    let ask = |script, name: &[u8]| {
        let script = step(script, RUI, Ask::NameGuest).byte(1);
        script.bytes(name).bytes(b"1")
    };
    let honest = |script: Script| script.one_of(&Attack::ALL, Attack::None).byte(0);
    let named_twice = honest(ask(honest(ask(Script::default(), b"Ana")), b"Ana Reis"));
    let erase = |script, user| step(script, user, Ask::EraseGuest).byte(1);
    let erased = honest(erase(named_twice.clone(), INES));
    let wrong = |attack| ask(named_twice.clone(), b"Eva").one_of(&Attack::ALL, attack);
    let with_changes = |attack| {
        let script = ask(begun(), b"Eva").one_of(&Attack::ALL, attack);
        script.byte(0)
    };
    named([
        (
            "guest-named-erased-and-named",
            honest(ask(erased.clone(), b"Eva")),
        ),
        ("guest-erased-by-the-desk", erase(named_twice.clone(), RUI)),
        ("guest-erased-twice", erase(erased, INES)),
        (
            "guest-on-an-older-version",
            wrong(Attack::AnotherVersion).number(1),
        ),
        (
            "guest-on-no-version",
            wrong(Attack::AnotherVersion).number(0),
        ),
        (
            "guest-on-the-last-version",
            wrong(Attack::AnotherVersion).number(u64::MAX),
        ),
        (
            "guest-without-a-name",
            wrong(Attack::AnotherGuest).byte(0).bytes(b" "),
        ),
        (
            "guest-with-a-long-name",
            wrong(Attack::AnotherGuest).byte(0).bytes(&[b'x'; 81]),
        ),
        (
            "guest-of-no-stay",
            wrong(Attack::AnotherGuest).byte(1).bytes(b"Eva"),
        ),
        ("guest-with-changes", with_changes(Attack::Twice)),
        (
            "guest-with-a-wrong-change",
            with_changes(Attack::Flips).byte(0).below(80),
        ),
        ("guest-by-another", wrong(Attack::AnotherAuthor).byte(1)),
        ("guest-again", wrong(Attack::Again).below(0)),
    ])
}

fn wrong_actions() -> Vec<Input> {
    named([
        (
            "equivocation",
            step(wrong(Attack::Equivocation), MARIA, Ask::Mark).byte(0),
        ),
        ("the-same-again", wrong(Attack::Again).below(0)),
        ("another-command", wrong(Attack::AnotherCommand).byte(0)),
        (
            "a-command-of-the-server",
            wrong(Attack::AnotherCommand).byte(3),
        ),
        ("another-author", wrong(Attack::AnotherAuthor).byte(1)),
        (
            "in-the-name-of-the-server",
            wrong(Attack::AnotherAuthor).byte(2),
        ),
        (
            "another-operation",
            wrong(Attack::AnotherOperation).number(7),
        ),
        ("another-document", wrong(Attack::AnotherDocument).byte(1)),
        ("another-schema", wrong(Attack::AnotherSchema).below(2)),
        (
            "the-end-of-time",
            wrong(Attack::AnotherTime).number(i64::MAX as u64),
        ),
        (
            "the-beginning-of-time",
            wrong(Attack::AnotherTime).number(i64::MIN as u64),
        ),
        ("a-change-twice", wrong(Attack::Twice)),
        ("without-changes", wrong(Attack::Less)),
        ("another-device", wrong(Attack::AnotherDevice).byte(9)),
        ("bad-checksum", wrong(Attack::Flips).byte(0).below(4 * 8)),
        (
            "a-flipped-bit-that-fits",
            wrong(Attack::FlipsThatFit).byte(0).below(100 * 8),
        ),
        ("cut-off-at-the-columns", wrong(Attack::Cut).below(90)),
        (
            "a-byte-too-many",
            wrong(Attack::Insertion).below(80).bytes(&[0]),
        ),
    ])
}

fn wrong_changes() -> Vec<Input> {
    let ghost = |script: Script| script.byte(0).number(4_000);
    let acts = |value| operation(Edit::Action).one_of(&Value::ALL, value);
    let key = |place| operation(Edit::Key).one_of(&Place::ALL, place);
    named([
        (
            "start-op-near-the-end",
            edited(1, Edit::StartOp).number((1 << 32) - 10),
        ),
        (
            "start-op-at-the-very-end",
            edited(1, Edit::StartOp).number(u64::MAX),
        ),
        ("start-op-of-the-past", edited(1, Edit::StartOp).number(1)),
        ("a-gap-in-the-sequence", edited(1, Edit::Sequence).number(9)),
        (
            "the-last-sequence",
            edited(1, Edit::Sequence).number(u64::MAX),
        ),
        (
            "missing-dependency",
            edited(1, Edit::UnknownDependency).byte(9),
        ),
        ("no-dependencies", edited(1, Edit::NoDependencies)),
        (
            "many-dependencies",
            edited(1, Edit::ManyDependencies).byte(200),
        ),
        (
            "another-message",
            edited(1, Edit::Message).bytes(b"cleaned it"),
        ),
        ("another-time", edited(1, Edit::Time).number(7)),
        ("no-operations", operation(Edit::DropOperation)),
        ("an-operation-twice", operation(Edit::RepeatOperation)),
        ("unknown-key", key(Place::Named).bytes(b"guest")),
        ("anothers-key", key(Place::Named).bytes(b"number")),
        ("a-sequence-in-the-root", key(Place::Head)),
        ("after-a-character-of-nobody", ghost(key(Place::After))),
        ("replaces-nothing", operation(Edit::Predecessors).byte(0)),
        (
            "replaces-a-ghost",
            ghost(operation(Edit::Predecessors).byte(1)),
        ),
        (
            "into-an-object-of-nobody",
            ghost(operation(Edit::Object).byte(1)),
        ),
        ("an-insertion-into-a-map", operation(Edit::Insert)),
        ("a-deletion", acts(Value::Delete)),
        ("an-increment-of-a-text", acts(Value::Increment).number(1)),
        ("a-map", acts(Value::Map)),
        ("a-list", acts(Value::List)),
        ("a-text-object", acts(Value::MadeText)),
        ("a-counter", acts(Value::Counter).number(1)),
        ("no-number", acts(Value::Float).number(f64::NAN.to_bits())),
        ("an-unknown-type", acts(Value::Unknown).byte(1).bytes(b"?")),
        ("a-long-text", acts(Value::Text).bytes(&[b'x'; 5_000])),
    ])
}
