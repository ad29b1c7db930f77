//! A server that is wrong, in a conversation that was in order until then.

mod handouts;

use super::Input;
use crate::hostile::{
    admission::{Edit, Place, Value},
    choices::Script,
    pull::{RecordOf, Says, SignedBy, Step, Wrong, deliver},
};
use keyrack_model::refusal::GateReason;

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
    .map(|(name, chunk)| (name, wrong(Wrong::BytesThatFit).bytes(&chunk)))
    .map(|(name, script)| (name, script.done()))
    .collect();
    inputs.extend(deliveries());
    inputs.extend(sayings());
    inputs.extend(handouts::inputs());
    inputs
}

fn wrong(wrong: Wrong) -> Script {
    deliver(Script::default(), wrong)
}

fn named<const N: usize>(inputs: [(&str, Script); N]) -> Vec<Input> {
    inputs
        .map(|(name, script)| (name.to_owned(), script.done()))
        .into()
}

fn deliveries() -> Vec<Input> {
    let edited = |edit| wrong(Wrong::Rewrite).byte(0).one_of(&Edit::ALL, edit);
    let operation = |edit| edited(edit).below(0);
    let acts = |value| operation(Edit::Action).one_of(&Value::ALL, value);
    let time = |millis: i64| wrong(Wrong::Time).number(millis as u64).number(u64::MAX);
    let second = |wrong: Wrong| {
        let script = Says::Next.step(Script::default());
        script.one_of(&Wrong::ALL, wrong).byte(1)
    };
    let twice = deliver(wrong(Wrong::Nothing), Wrong::Nothing);
    named([
        ("honest", wrong(Wrong::Nothing)),
        ("honest-twice", twice),
        ("gap", wrong(Wrong::Gap)),
        ("one-place-twice", second(Wrong::Sequence).number(7)),
        ("the-last-sequence", wrong(Wrong::Sequence).number(u64::MAX)),
        (
            "beyond-what-the-store-counts",
            wrong(Wrong::Sequence).number(1 << 63),
        ),
        ("backwards", wrong(Wrong::Backwards)),
        (
            "the-operation-of-what-waits",
            wrong(Wrong::Operation).below(0),
        ),
        ("bad-checksum", wrong(Wrong::Flips).below(4 * 8)),
        (
            "a-flipped-bit-that-fits",
            wrong(Wrong::FlipsThatFit).below(100 * 8),
        ),
        ("another-document", wrong(Wrong::Document).byte(0)),
        ("another-kind-of-document", wrong(Wrong::Document).byte(2)),
        ("the-end-of-time", time(i64::MAX).number(i64::MAX as u64)),
        (
            "the-beginning-of-time",
            time(i64::MIN).number(i64::MIN as u64),
        ),
        ("another-command", wrong(Wrong::Command).below(1)),
        ("too-many-changes", wrong(Wrong::Many).below(601)),
        ("without-changes", wrong(Wrong::Many).below(0)),
        (
            "start-op-near-the-end",
            edited(Edit::StartOp).number((1 << 32) - 10),
        ),
        ("a-gap-in-the-sequence", edited(Edit::Sequence).number(9)),
        (
            "missing-dependency",
            edited(Edit::UnknownDependency).byte(9),
        ),
        ("no-dependencies", edited(Edit::NoDependencies)),
        (
            "a-sequence-in-the-root",
            operation(Edit::Key).one_of(&Place::ALL, Place::Head),
        ),
        (
            "replaces-a-ghost",
            operation(Edit::Predecessors).byte(1).byte(0).number(4_000),
        ),
        (
            "into-an-object-of-nobody",
            operation(Edit::Object).byte(1).byte(0).number(4_000),
        ),
        ("a-map", acts(Value::Map)),
        ("an-increment-of-a-text", acts(Value::Increment).number(1)),
        ("an-unknown-type", acts(Value::Unknown).byte(1).bytes(b"?")),
    ])
}

fn sayings() -> Vec<Input> {
    let says = |says: Says| says.step(Script::default());
    let accepted = |at: u64, when: i64| says(Says::Accepted).number(at).number(when as u64);
    let refused = |reason| {
        let script = says(Says::Refused).one_of(GateReason::ALL, reason);
        script.below(0)
    };
    let welcome = |epoch, head, after| says(Says::Welcome).byte(epoch).number(head).number(after);
    let stored = |from: u8, script: Script| Says::Stored.step(script).byte(from).number(7);
    let step = |step| Script::default().one_of(&Step::ALL, step);
    let record = |of, version| {
        let script = says(Says::Record).one_of(&RecordOf::ALL, of);
        script.number(version).below(99)
    };
    let head = |script, number, by, hash: &[u8]| {
        let script = Says::AuditHead.step(script).number(number);
        script.one_of(&SignedBy::ALL, by).bytes(hash)
    };
    let first = || head(Script::default(), 7, SignedBy::Server, &[1; 32]);
    let largest = head(Script::default(), u64::MAX, SignedBy::Server, &[1; 32]);
    named([
        ("audit-head", first()),
        (
            "audit-head-twice",
            head(first(), 7, SignedBy::Server, &[1; 32]),
        ),
        (
            "audit-head-that-goes-on",
            head(first(), 8, SignedBy::Server, &[2; 32]),
        ),
        (
            "audit-head-cut-off",
            head(first(), 6, SignedBy::Server, &[2; 32]),
        ),
        (
            "audit-head-written-anew",
            head(first(), 7, SignedBy::Server, &[2; 32]),
        ),
        (
            "audit-head-of-another-key",
            head(first(), 8, SignedBy::SomebodyElse, &[2; 32]),
        ),
        (
            "audit-head-without-a-signature",
            head(first(), 8, SignedBy::Nobody, b""),
        ),
        (
            "audit-head-at-the-end-of-all-numbers",
            head(largest, 0, SignedBy::Server, &[1; 32]),
        ),
        (
            "audit-head-of-no-hash",
            head(Script::default(), 0, SignedBy::Server, b""),
        ),
        (
            "audit-head-of-a-huge-hash",
            head(Script::default(), 7, SignedBy::Server, &[1; 4_000]),
        ),
        (
            "audit-head-before-anything",
            head(step(Step::Fresh), 7, SignedBy::Server, &[1; 32]),
        ),
        ("accepted", accepted(7, 7).below(0)),
        (
            "accepted-at-the-last-sequence",
            accepted(u64::MAX, i64::MAX).below(0),
        ),
        ("accepted-of-nobody", accepted(7, 7).below(99)),
        ("refused", refused(GateReason::NotOfCommand)),
        (
            "two-accepted-at-one-place",
            Says::Accepted
                .step(accepted(7, 7).below(0))
                .number(7)
                .number(7)
                .below(0),
        ),
        (
            "accepted-at-the-place-of-another",
            deliver(accepted(8, 7).below(0), Wrong::Nothing),
        ),
        ("accepted-at-a-place-that-is-taken", accepted(2, 7).below(0)),
        ("stored-next", stored(0, Script::default())),
        (
            "stored-and-a-delivery-around-it",
            deliver(stored(1, Script::default()), Wrong::Nothing),
        ),
        (
            "stored-at-a-place-that-is-taken",
            says(Says::Stored).byte(2).number(2).number(7),
        ),
        (
            "stored-at-the-last-sequence",
            says(Says::Stored).byte(2).number(i64::MAX as u64).number(7),
        ),
        ("stored-twice", stored(0, stored(1, Script::default()))),
        ("a-guest", record(RecordOf::Guest, 1)),
        ("a-guest-of-no-version", record(RecordOf::Guest, 0)),
        (
            "a-guest-of-the-last-version",
            record(RecordOf::Guest, i64::MAX as u64),
        ),
        (
            "a-guest-of-a-version-beyond",
            record(RecordOf::Guest, u64::MAX),
        ),
        ("an-erased-guest", record(RecordOf::Erased, 2)),
        ("another-role", record(RecordOf::Rui, 1)),
        (
            "a-guest-in-the-place-of-a-person",
            record(RecordOf::Nobody, 1),
        ),
        (
            "refused-for-something-missing",
            refused(GateReason::MissingDependency),
        ),
        ("much-later", says(Says::Later).number(u64::MAX).below(0)),
        ("go-away-for-weeks", says(Says::GoAway).number(u64::MAX)),
        ("a-second-welcome", welcome(0, 6, 6)),
        ("another-log", welcome(1, 0, 0)),
        ("a-log-without-end", welcome(0, u64::MAX, u64::MAX)),
        ("another-log-without-end", welcome(1, u64::MAX, u64::MAX)),
        (
            "the-house-again",
            says(Says::AllAgain).one_of(&Wrong::ALL, Wrong::Nothing),
        ),
        ("deep-nesting", step(Step::Frame).bytes(&[0x81; 4_000])),
        ("a-message-of-noise", step(Step::Message).bytes(b"hello")),
        ("an-empty-frame", step(Step::Frame).bytes(b"")),
    ])
}
