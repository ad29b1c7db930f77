//! One round: the pushes that waited together, judged in order on one state of the log.

use super::{Answer, Push, Stored, held::Held};
use crate::{
    gate::{Author, Draft, Gate, Judgement, ReadAction, Shelf, Shelved},
    log::{
        Head, NewEntry, Refused, StoredVerdict,
        review::{Kept, kept_size},
    },
};
use keyrack_model::{
    action::Sequence,
    administration::Suspicion,
    ids::{DeviceId, DocumentRef, OperationId},
    limits::{RECOVERY_MILLIS, RECOVERY_RETRY_MILLIS, RETRY_MILLIS},
    refusal::{GateReason, Refusal},
    time::Timestamp,
    wire::{OperationVerdict, Verdict},
};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    panic::{AssertUnwindSafe, catch_unwind},
};

/// What a round came to, before the log has it.
pub(super) struct Judged {
    /// By push.
    pub answers: Vec<Answer>,
    pub entries: Vec<NewEntry>,
    pub refused: Vec<Refused>,
    /// Earlier actions without which nothing could be said of some.
    pub needed: BTreeSet<OperationId>,
    /// What looks like an attack, by device.
    pub suspected: BTreeSet<(DeviceId, Suspicion)>,
    /// The documents with the admitted changes.
    pub written: HashMap<DocumentRef, Box<Shelved>>,
}

const ASK_AGAIN: Verdict = Verdict::RetryAfter {
    millis: RETRY_MILLIS,
};

/// Whether something that comes before is missing here.
pub(super) fn is_gap(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::Gate {
            reason: GateReason::Sequence | GateReason::MissingDependency | GateReason::StartOp
        }
    )
}

fn is_gap_in(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Refused(refusal) if is_gap(refusal))
}

/// After a log was brought back, what is missing may still come: from a device that has not been
/// here since. What was refused for it, before somebody said that the log was brought back, may
/// have come since.
fn may_still_come(head: Head, now: Timestamp) -> bool {
    head.restored_at
        .is_some_and(|restored| now.millis_since(restored) < RECOVERY_MILLIS)
}

impl Judged {
    /// Whether it came to nothing but entries for the log.
    pub fn admits_all(&self) -> bool {
        let verdicts = || self.answers.iter().flat_map(|answer| &answer.verdicts);
        verdicts().count() == self.entries.len()
            && verdicts().all(|told| matches!(told.verdict, Verdict::Accepted { .. }))
    }
}

/// What a round is judged on.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    pub gate: &'a Gate<'a>,
    pub shelf: &'a Shelf,
    pub head: Head,
    /// What has a verdict already.
    pub known: &'a HashMap<OperationId, StoredVerdict>,
}

/// Judges every action. What has a verdict keeps it, from the log or from earlier in the round.
///
/// An action over which the gate panics is refused, the others are judged as if that had never come,
/// and its device asks again for what it sent after it.
pub(super) fn judge(pushes: &[Push], ground: Ground<'_>, held: &mut Held) -> Judged {
    held.follow(ground.gate.now);
    let mut stumbled = HashMap::new();
    loop {
        let mut then = held.clone();
        match judge_but(&stumbled, pushes, ground, &mut then) {
            Ok(judged) => {
                *held = then;
                return judged;
            }
            Err(Stumbled { device, operation }) => {
                let hotel = ground.gate.hotel;
                tracing::error!(%hotel, %device, %operation, "the gate panicked over an action");
                stumbled.insert(device, operation);
            }
        }
    }
}

/// The gate panicked over an action: what was drafted so far may be half of something.
struct Stumbled {
    device: DeviceId,
    operation: OperationId,
}

/// Judges with nothing asked of the gate about what it stumbled over, one action of a device, nor about
/// what the device sent after that.
fn judge_but(
    stumbled: &HashMap<DeviceId, OperationId>,
    pushes: &[Push],
    Ground {
        gate,
        shelf,
        head,
        known,
    }: Ground<'_>,
    held: &mut Held,
) -> Result<Judged, Stumbled> {
    let mut known = known.clone();
    let mut put_off = HashSet::new();
    let mut ask = |read: &ReadAction, from: Author, draft: &mut Draft<'_>| {
        let (device, operation) = (from.device(), read.action.operation);
        if stumbled.get(&device) == Some(&operation) {
            put_off.insert(device);
            return Ok(Judgement::Refused(GateReason::Panicked.into()));
        }
        if put_off.contains(&device) {
            let millis = RETRY_MILLIS;
            return Ok(Judgement::NotNow { millis });
        }
        catch_unwind(AssertUnwindSafe(|| gate.judge(read, from, draft)))
            .map_err(|_| Stumbled { device, operation })
    };
    let mut draft = Draft::on(shelf);
    let mut amounts = gate.standing.kept.clone();
    let mut entries = Vec::new();
    let mut refused: HashMap<OperationId, Refused> = HashMap::new();
    let mut answers: Vec<Answer> = Vec::new();
    let mut needed = BTreeSet::new();
    let mut suspected = BTreeSet::new();
    for push in pushes {
        let admitted_before = entries.len();
        let mut verdicts = Vec::new();
        for read in &push.actions {
            let operation = read.action.operation;
            let stands = |verdict: &Verdict| !is_gap_in(verdict) || !may_still_come(head, gate.now);
            let verdict = match known
                .get(&operation)
                .and_then(|known| repeated(known, read))
                .filter(stands)
            {
                Some(verdict) => verdict,
                None => match ask(read, push.from, &mut draft)? {
                    Judgement::NotNow { millis } => {
                        held.hold(push.from.device());
                        Verdict::RetryAfter { millis }
                    }
                    Judgement::Needs(earlier) => {
                        needed.extend(earlier);
                        held.hold(push.from.device());
                        ASK_AGAIN
                    }
                    Judgement::Refused(refusal)
                        if is_gap(&refusal) && held.spares(push.from.device()) =>
                    {
                        ASK_AGAIN
                    }
                    Judgement::Refused(refusal)
                        if is_gap(&refusal) && may_still_come(head, gate.now) =>
                    {
                        Verdict::RetryAfter {
                            millis: RECOVERY_RETRY_MILLIS,
                        }
                    }
                    Judgement::Kept {
                        refusal,
                        kept,
                        otherwise,
                    } => {
                        let room = amounts.of(kept.cause);
                        let whose = (push.from.device(), kept.action.author);
                        let now = if room.take(whose, kept_size(&kept.action)) {
                            refused_now(read, push.from, gate, refusal, Some(kept))
                        } else {
                            refused_now(read, push.from, gate, otherwise, None)
                        };
                        known.insert(operation, stored(&now));
                        let verdict = Verdict::Refused(now.refusal.clone());
                        refused.insert(operation, now);
                        verdict
                    }
                    Judgement::Refused(refusal) => {
                        let device = push.from.device();
                        let suspicion = gate.suspicion(read, push.from, &refusal, &draft);
                        let follows = suspicion == Some(Suspicion::UnknownDocument)
                            && held.lacks_what_was_refused(device);
                        suspected.extend(suspicion.filter(|_| !follows).map(|it| (device, it)));
                        held.refuse(device);
                        let now = refused_now(read, push.from, gate, refusal, None);
                        known.insert(operation, stored(&now));
                        let verdict = Verdict::Refused(now.refusal.clone());
                        refused.insert(operation, now);
                        verdict
                    }
                    Judgement::Admitted(entry) => {
                        entries.push(*entry);
                        let sequence = Sequence(head.sequence.0 + entries.len() as u64);
                        let received_at = gate.now;
                        let accepted = StoredVerdict::Accepted {
                            operation,
                            sequence,
                            received_at,
                        };
                        known.insert(operation, accepted);
                        Verdict::Accepted {
                            sequence,
                            received_at,
                        }
                    }
                },
            };
            verdicts.push(OperationVerdict { operation, verdict });
        }
        answers.push(Answer {
            stored: stored_as_sent(&entries[admitted_before..], &verdicts),
            spent: None,
            verdicts,
        });
    }
    let admitted = |operation: &OperationId| match known.get(operation) {
        Some(StoredVerdict::Accepted {
            sequence,
            received_at,
            ..
        }) => Some(Verdict::Accepted {
            sequence: *sequence,
            received_at: *received_at,
        }),
        Some(StoredVerdict::Refused { .. }) | None => None,
    };
    // Made again while it waited here with what it was made again for: the operation has one verdict.
    for told in answers.iter_mut().flat_map(|answer| &mut answer.verdicts) {
        if matches!(told.verdict, Verdict::Refused(_))
            && let Some(accepted) = admitted(&told.operation)
        {
            told.verdict = accepted;
        }
    }
    refused.retain(|operation, _| admitted(operation).is_none());
    Ok(Judged {
        answers,
        entries,
        refused: refused.into_values().collect(),
        needed,
        suspected,
        written: draft.written(),
    })
}

/// Where a push is in the log, when these entries are all of it.
fn stored_as_sent(entries: &[NewEntry], verdicts: &[OperationVerdict]) -> Option<Stored> {
    let place = |told: &OperationVerdict| match told.verdict {
        Verdict::Accepted {
            sequence,
            received_at,
        } => Some((sequence, received_at)),
        Verdict::Refused(_) | Verdict::RetryAfter { .. } => None,
    };
    // Of a record the log has something else than was sent.
    let is_all =
        entries.len() == verdicts.len() && entries.iter().all(|entry| entry.record.is_none());
    let ((first, received_at), (last, _)) = (place(verdicts.first()?)?, place(verdicts.last()?)?);
    is_all.then_some(Stored {
        first,
        last,
        received_at,
    })
}

/// The verdict that the same action had before, whoever asks for it; None for an action that was made
/// again under the operation of a refused one.
fn repeated(known: &StoredVerdict, read: &ReadAction) -> Option<Verdict> {
    match known {
        StoredVerdict::Accepted {
            sequence,
            received_at,
            ..
        } => Some(Verdict::Accepted {
            sequence: *sequence,
            received_at: *received_at,
        }),
        StoredVerdict::Refused {
            digest, refusal, ..
        } => [read.digest, read.refused_content()]
            .contains(digest)
            .then(|| Verdict::Refused(refusal.clone())),
    }
}

fn refused_now(
    read: &ReadAction,
    from: Author,
    gate: &Gate<'_>,
    refusal: Refusal,
    kept: Option<Box<Kept>>,
) -> Refused {
    Refused {
        operation: read.action.operation,
        digest: read.refused_content(),
        author: read.action.author,
        device: from.device(),
        received_at: gate.now,
        refusal,
        kept,
    }
}

fn stored(refused: &Refused) -> StoredVerdict {
    StoredVerdict::Refused {
        operation: refused.operation,
        digest: refused.digest,
        refusal: refused.refusal.clone(),
    }
}
