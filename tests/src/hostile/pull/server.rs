//! What a server could say, with something wrong about it.

use super::{
    Step,
    desk::{Desk, house, welcome},
};
use crate::hostile::{
    choices::{Choices, Script},
    chunk::mend_checksum,
};
use ed25519_dalek::{Signer, SigningKey};
use keyrack_model::{
    action::{Content, LogEntry, Sequence},
    audit_head::{AuditHead, signed_text},
    cleanliness::Cleanliness,
    command::Command,
    ids::{DocumentKind, DocumentRef, LogEpoch, OperationId},
    policy::Role,
    record::{Colleague, Guest, Payload, Record},
    refusal::{GateReason, Refusal},
    time::Timestamp,
    wire::{ErrorBody, ErrorCode, OperationVerdict, ServerFrame, Verdict},
};
use keyrack_server::pretend::{Device, EPOCH, GUEST, HOTEL, MARIA, NOW, ORDER, ROOM, RUI, opening};
use uuid::Uuid;

/// Kinds of frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Says {
    /// What Maria did next.
    Next,
    /// The house from its first entry.
    AllAgain,
    Welcome,
    Accepted,
    Refused,
    Later,
    Refuse,
    GoAway,
    Pong,
    /// A version of a record.
    Record,
    /// That it has a push as it was sent, from a place on.
    Stored,
    /// Where its audit log ends, signed or not.
    AuditHead,
}

impl Says {
    const ALL: [Self; 12] = [
        Self::Next,
        Self::AllAgain,
        Self::Welcome,
        Self::Accepted,
        Self::Refused,
        Self::Later,
        Self::Refuse,
        Self::GoAway,
        Self::Pong,
        Self::Record,
        Self::Stored,
        Self::AuditHead,
    ];
}

/// Who has signed a head.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SignedBy {
    Server,
    SomebodyElse,
    /// Nobody: what stands in the place of a signature is none.
    Nobody,
}

impl SignedBy {
    pub const ALL: [Self; 3] = [Self::Server, Self::SomebodyElse, Self::Nobody];
}

/// What a version of a record is of, and what it says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RecordOf {
    /// The guest of a stay.
    Guest,
    /// The same, erased.
    Erased,
    /// Rui, who has another role now.
    Rui,
    /// A guest in the place of a person.
    Nobody,
}

impl RecordOf {
    pub const ALL: [Self; 4] = [Self::Guest, Self::Erased, Self::Rui, Self::Nobody];
}

/// What may be wrong with a delivery.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wrong {
    Nothing,
    /// One entry is left out.
    Gap,
    Sequence,
    /// The entries in the order of the last one first.
    Backwards,
    /// The action of something that waits on the device.
    Operation,
    /// These bytes in the place of a change.
    Bytes,
    BytesThatFit,
    Flips,
    FlipsThatFit,
    Document,
    Time,
    Command,
    /// One change often.
    Many,
    /// A change that was edited and is in order.
    Rewrite,
    /// What the reader may not see, from anywhere on.
    Hidden,
}

impl Wrong {
    pub const ALL: [Self; 15] = [
        Self::Nothing,
        Self::Gap,
        Self::Sequence,
        Self::Backwards,
        Self::Operation,
        Self::Bytes,
        Self::BytesThatFit,
        Self::Flips,
        Self::FlipsThatFit,
        Self::Document,
        Self::Time,
        Self::Command,
        Self::Many,
        Self::Rewrite,
        Self::Hidden,
    ];
}

/// The beginning of a step in which Maria's work is delivered and something is wrong with it:
/// which entry and which change it is about.
pub fn deliver(script: Script, wrong: Wrong) -> Script {
    script
        .one_of(&Step::ALL, Step::Says)
        .one_of(&Says::ALL, Says::Next)
        .one_of(&Wrong::ALL, wrong)
        .byte(0)
        .byte(0)
}

impl Says {
    /// The beginning of a step in which the server says this.
    pub fn step(self, script: Script) -> Script {
        script
            .one_of(&Step::ALL, Step::Says)
            .one_of(&Self::ALL, self)
    }
}

pub(super) fn frame(desk: &Desk, choices: &mut Choices<'_>) -> ServerFrame {
    let says = *choices.one_of(&Says::ALL);
    let verdict = |choices: &mut Choices<'_>, verdict| ServerFrame::Verdicts {
        verdicts: vec![OperationVerdict {
            operation: waiting(desk, choices),
            verdict,
        }],
    };
    match says {
        Says::Next => {
            let mut entries = next(desk.replica.cursor());
            spoil(desk, &mut entries, choices);
            ServerFrame::Deliver { entries }
        }
        Says::AllAgain => {
            let mut entries = house();
            spoil(desk, &mut entries, choices);
            ServerFrame::Deliver { entries }
        }
        Says::Welcome => {
            let epoch = match choices.byte() % 2 {
                0 => EPOCH,
                _ => LogEpoch(Uuid::from_u128(77)),
            };
            let head = Sequence(choices.number());
            welcome(epoch, head, Sequence(choices.number()))
        }
        Says::Accepted => {
            let accepted = Verdict::Accepted {
                sequence: Sequence(choices.number()),
                received_at: Timestamp(choices.number() as i64),
            };
            verdict(choices, accepted)
        }
        Says::Refused => {
            let reason = *choices.one_of(GateReason::ALL);
            verdict(choices, Verdict::Refused(Refusal::Gate { reason }))
        }
        Says::Later => {
            let millis = choices.number() as u32;
            verdict(choices, Verdict::RetryAfter { millis })
        }
        Says::Refuse => ServerFrame::Refuse(ErrorBody {
            code: *choices.one_of(ErrorCode::ALL),
            message: String::from_utf8_lossy(choices.bytes()).into_owned(),
        }),
        Says::GoAway => ServerFrame::GoAway {
            retry_after_millis: choices.number() as u32,
        },
        Says::Pong => ServerFrame::Pong,
        Says::Stored => {
            let from = match choices.byte() % 3 {
                0 => desk.replica.cursor().0.saturating_add(1),
                1 => desk.replica.cursor().0.saturating_add(3),
                _ => choices.number(),
            };
            ServerFrame::Stored {
                first: Sequence(from),
                received_at: Timestamp(choices.number() as i64),
            }
        }
        Says::AuditHead => {
            let number = choices.number();
            let signature = *choices.one_of(&SignedBy::ALL);
            ServerFrame::AuditHead(audit_head(number, choices.bytes().to_vec(), signature))
        }
        Says::Record => {
            let of = *choices.one_of(&RecordOf::ALL);
            let sequence = Sequence(desk.replica.cursor().0.saturating_add(1));
            let version = choices.number();
            let operation = waiting(desk, choices);
            let entry = record(of, sequence, operation, version);
            ServerFrame::Deliver {
                entries: vec![entry],
            }
        }
    }
}

/// The key with which the server signs the ends of its audit log.
pub(super) fn audit_key() -> SigningKey {
    SigningKey::from_bytes(&[0xAD; 32])
}

fn audit_head(number: u64, hash: Vec<u8>, by: SignedBy) -> AuditHead {
    let text = signed_text(HOTEL, number, &hash);
    let signed = |key: SigningKey| key.sign(text.as_bytes()).to_bytes().to_vec();
    let signature = match by {
        SignedBy::Server => signed(audit_key()),
        SignedBy::SomebodyElse => signed(SigningKey::from_bytes(&[0xAE; 32])),
        SignedBy::Nobody => hash.clone(),
    };
    AuditHead {
        number,
        hash,
        signature,
    }
}

/// A version of the record of the guest in house.
pub(super) fn guest(sequence: Sequence, operation: OperationId, version: u64) -> LogEntry {
    record(RecordOf::Guest, sequence, operation, version)
}

fn record(of: RecordOf, sequence: Sequence, operation: OperationId, version: u64) -> LogEntry {
    let somebody = Guest {
        name: "Ana Reis".into(),
        phone: "1".into(),
    };
    let (of, payload) = match of {
        RecordOf::Guest => (GUEST.into(), Payload::Guest(somebody)),
        RecordOf::Erased => (GUEST.into(), Payload::Erased),
        RecordOf::Rui => {
            let rui = Colleague {
                name: "rui".into(),
                display: "rui".into(),
                role: Role::Housekeeper,
                left: false,
            };
            (RUI.into(), Payload::Person(rui))
        }
        RecordOf::Nobody => (RUI.into(), Payload::Guest(somebody)),
    };
    let content = Content::Record {
        received_at: NOW,
        device: Device::of(MARIA, 1).id,
        author: MARIA,
        operation,
        record: Record::version(of, version, payload),
    };
    LogEntry { sequence, content }
}

/// What Maria did after the house was open, as the entries after a cursor.
fn next(cursor: Sequence) -> Vec<LogEntry> {
    let mut maria = Device::of(MARIA, 1);
    let values = [Cleanliness::Clean, Cleanliness::Dirty, Cleanliness::Clean];
    (cursor.0.saturating_add(1)..)
        .zip(values)
        .map(|(sequence, value)| LogEntry {
            sequence: Sequence(sequence),
            content: Content::Action {
                received_at: NOW,
                device: maria.id,
                action: maria.mark(value),
            },
        })
        .collect()
}

/// Something is wrong with one of the entries: which, and what.
fn spoil(desk: &Desk, entries: &mut Vec<LogEntry>, choices: &mut Choices<'_>) {
    let wrong = *choices.one_of(&Wrong::ALL);
    let which = usize::from(choices.byte()) % entries.len();
    match wrong {
        Wrong::Nothing => return,
        Wrong::Gap => return drop(entries.remove(which)),
        Wrong::Sequence => {
            entries[which].sequence = Sequence(choices.number());
            return;
        }
        Wrong::Hidden => {
            let first = Sequence(choices.number());
            let operation = entries[which].operation();
            entries[which].content = Content::Hidden { first, operation };
            return;
        }
        Wrong::Backwards => return entries.reverse(),
        _ => {}
    }
    let Content::Action {
        received_at,
        action,
        ..
    } = &mut entries[which].content
    else {
        return;
    };
    let change = usize::from(choices.byte()) % action.changes.len();
    let bytes = &mut action.changes[change].bytes;
    match wrong {
        Wrong::Nothing | Wrong::Gap | Wrong::Sequence | Wrong::Hidden | Wrong::Backwards => {}
        Wrong::Operation => action.operation = waiting(desk, choices),
        Wrong::Bytes => *bytes = choices.bytes().to_vec(),
        Wrong::BytesThatFit => {
            *bytes = choices.bytes().to_vec();
            mend_checksum(bytes);
        }
        Wrong::Flips => flip(bytes, choices),
        Wrong::FlipsThatFit => {
            flip(bytes, choices);
            mend_checksum(bytes);
        }
        Wrong::Document => {
            let kind = DocumentKind::Task;
            let id = DocumentRef::from(ROOM).id;
            let others = [ORDER.into(), ROOM.into(), DocumentRef { kind, id }];
            action.changes[change].document = *choices.one_of(&others);
        }
        Wrong::Time => {
            action.at.wall = Timestamp(choices.number() as i64);
            action.at.counter = choices.number() as u32;
            *received_at = Timestamp(choices.number() as i64);
        }
        Wrong::Command => {
            let known = opening()[choices.below(opening().len())].operation;
            action.command = Command::Undo { operation: known };
        }
        Wrong::Many => {
            let again = action.changes[change].clone();
            action.changes = vec![again; choices.below(700)];
        }
        Wrong::Rewrite => {
            let rewritten = std::panic::AssertUnwindSafe(|| {
                crate::hostile::admission::rewritten(bytes, choices)
            });
            if let Ok(rewritten) = std::panic::catch_unwind(rewritten) {
                action.changes[change].bytes = rewritten;
            }
        }
    }
}

fn flip(bytes: &mut [u8], choices: &mut Choices<'_>) {
    let at = choices.below(bytes.len() * 8);
    bytes[at / 8] ^= 1 << (at % 8);
}

/// Something that waits on the device, or nothing of it.
pub(super) fn waiting(desk: &Desk, choices: &mut Choices<'_>) -> OperationId {
    let waiting = desk.waiting();
    let which = choices.below(waiting.len() + 1);
    let unknown = OperationId(Uuid::from_u128(0xEEEE));
    waiting.get(which).copied().unwrap_or(unknown)
}
