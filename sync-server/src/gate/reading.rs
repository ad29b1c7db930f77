//! A pushed action, scanned and read as far as that goes without knowing anything of the hotel.

use super::{scanner, shelf::Size};
use crate::bucket::Cost;
use crate::log::digest;
use automerge::{Change, legacy::Op};
use keyrack_document::{ChangeHeader, HeaderError};
use keyrack_model::{
    action::{Action, DocumentChange},
    ids::{DocumentRef, OperationId},
    invariants::references,
    limits::{DOCUMENT_WEIGHT, MAX_ACTION_CHANGES, MAX_CHANGE_ROWS, MAX_PUSH_WEIGHT, RETRY_MILLIS},
    refusal::{GateReason, Refusal},
};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a device says that somebody did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claim {
    pub action: Action,
    pub word: Word,
    /// Bytes that came with it beside its changes: its part of what else is in the push.
    pub beside: u64,
}

/// What the author says to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Word {
    /// It is theirs.
    Given,
    /// Nothing: it may be anybody's.
    Missing,
}

/// An action with what its changes say, or why they were not read.
pub struct ReadAction {
    pub action: Action,
    /// The content as one hash, see [`digest`].
    pub digest: [u8; 32],
    pub(super) word: Word,
    /// What it takes to hold and to judge it, see [`MAX_PUSH_WEIGHT`].
    pub(crate) weight: u64,
    /// Bytes that were sent with it beside its changes.
    beside: u64,
    pub(super) changes: Result<Vec<ReadChange>, Unread>,
}

/// Why an action's changes were not read.
#[derive(Clone, Debug)]
pub(super) enum Unread {
    Refused(Refusal),
    /// What was pushed with it or before it takes all that may be taken at the moment.
    NotNow {
        millis: u32,
    },
}

pub(super) struct ReadChange {
    pub document: DocumentRef,
    pub header: ChangeHeader,
    pub change: Change,
    pub operations: Vec<Op>,
    pub size: Size,
}

/// Reads the actions of one push in order. A change of a hundred bytes may claim thousands of
/// rows, so what they take together is measured before any is read, and the rest is left for
/// another time.
pub fn read_push(claims: Vec<Claim>) -> Vec<ReadAction> {
    read_within(claims, MAX_PUSH_WEIGHT)
}

/// The same, of no more than a weight.
pub(crate) fn read_within(claims: Vec<Claim>, mut left: u64) -> Vec<ReadAction> {
    claims
        .into_iter()
        .map(|claim| {
            let read = ReadAction::within(claim, left);
            left = left.saturating_sub(read.weight);
            read
        })
        .collect()
}

/// What it takes to read a push; what is unfit weighs nothing, because it is not read.
pub fn weight_of(claims: &[Claim]) -> u64 {
    let weights = claims.iter().map(|claim| weigh(claim).unwrap_or(0));
    weights.fold(0, u64::saturating_add)
}

impl ReadAction {
    /// Reads every change of an action that is its author's. What is unfit becomes the action's
    /// verdict when its turn comes.
    pub fn of(action: Action) -> Self {
        let claim = Claim {
            action,
            word: Word::Given,
            beside: 0,
        };
        Self::within(claim, MAX_PUSH_WEIGHT)
    }

    fn within(claim: Claim, left: u64) -> Self {
        let refused = |reason| Unread::Refused(Refusal::Gate { reason });
        let weighed = weigh(&claim);
        let Claim {
            action,
            word,
            beside,
        } = claim;
        let changes = match &weighed {
            Ok(weight) if *weight > left => Err(Unread::NotNow {
                millis: RETRY_MILLIS,
            }),
            Ok(_) => read_changes(&action).map_err(refused),
            Err(reason) => Err(refused(*reason)),
        };
        Self {
            digest: digest(&action),
            word,
            weight: if changes.is_ok() {
                weighed.unwrap_or_default()
            } else {
                0
            },
            beside,
            changes,
            action,
        }
    }

    /// The content that a refusal holds for. One that nobody gave their word on is another: refused
    /// once, it must not be refused to its author.
    pub(crate) fn refused_content(&self) -> [u8; 32] {
        match self.word {
            Word::Given => self.digest,
            Word::Missing => blake3::derive_key(NOBODYS, &self.digest),
        }
    }

    /// The documents that decide about the action: those that it writes and those that it names.
    pub(crate) fn documents(&self) -> impl Iterator<Item = DocumentRef> {
        let named = match &self.changes {
            Ok(_) => references(&self.action.command),
            Err(_) => Vec::new(),
        };
        self.headers().map(|(document, _)| document).chain(named)
    }

    /// Leaves the action for later; nothing of it is judged.
    pub(crate) fn postpone(&mut self, millis: u32) {
        self.changes = Err(Unread::NotNow { millis });
    }

    /// Whether its changes could be read, and are judged.
    pub(crate) fn is_judged(&self) -> bool {
        self.changes.is_ok()
    }

    pub(crate) fn is_postponed(&self) -> bool {
        matches!(self.changes, Err(Unread::NotNow { .. }))
    }

    /// What the action costs its author, device and hotel: all that was sent for it, of whatever use.
    pub(crate) fn cost(&self) -> Cost {
        let changes = self.changes.as_deref().unwrap_or_default();
        let operations: usize = changes.iter().map(|it| it.operations.len()).sum();
        let sent = &self.action.changes;
        Cost {
            operations: operations.max(1) as u64,
            bytes: self.beside + sent.iter().map(|it| it.bytes.len() as u64).sum::<u64>(),
        }
    }

    /// The documents and actors of its changes.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (DocumentRef, &ChangeHeader)> {
        let changes = self.changes.as_deref().unwrap_or_default();
        changes
            .iter()
            .map(|change| (change.document, &change.header))
    }
}

/// The context in which the content of an action is hashed that may be anybody's.
const NOBODYS: &str = "keyrack 2026-07 an action without its author's word";

/// What an action's changes claim, before any of them is parsed. A document weighs something too,
/// however little is written into it. Of what may be anybody's no change is looked at.
fn weigh(Claim { action, word, .. }: &Claim) -> Result<u64, GateReason> {
    if *word == Word::Missing {
        return Err(GateReason::WrongAuthor);
    }
    let writes_record = action.command.record().is_some();
    if action.changes.is_empty() && !writes_record {
        return Err(GateReason::NoChanges);
    }
    if writes_record && !action.changes.is_empty() {
        return Err(GateReason::NotOfCommand);
    }
    if action.changes.len() > MAX_ACTION_CHANGES {
        return Err(GateReason::TooLarge);
    }
    let mut weight = references(&action.command).len() as u64 * DOCUMENT_WEIGHT;
    for change in &action.changes {
        let measure = scanner::measure(&change.bytes)?;
        weight += measure.rows.max(measure.predecessors).max(DOCUMENT_WEIGHT);
    }
    if weight > MAX_PUSH_WEIGHT {
        return Err(GateReason::TooManyRows);
    }
    Ok(weight)
}

fn read_changes(action: &Action) -> Result<Vec<ReadChange>, GateReason> {
    let changes = action.changes.iter();
    changes
        .map(|change| ReadChange::of(change, action.operation))
        .collect()
}

impl ReadChange {
    fn of(sent: &DocumentChange, operation: OperationId) -> Result<Self, GateReason> {
        let (header, change) = ChangeHeader::parse(&sent.bytes).map_err(|error| match error {
            HeaderError::NotAChange | HeaderError::Actor => GateReason::NotAChange,
            HeaderError::Checksum => GateReason::Checksum,
            HeaderError::Panicked => GateReason::Panicked,
        })?;
        if header.operation != Some(operation) {
            return Err(GateReason::WrongOperation);
        }
        if header.operations == 0 {
            return Err(GateReason::NoChanges);
        }
        if header.operations as u64 > MAX_CHANGE_ROWS {
            return Err(GateReason::TooManyOperations);
        }
        Ok(Self {
            document: sent.document,
            operations: decode(&change, &sent.bytes)?,
            size: Size::of(&sent.bytes, header.deps.len())?,
            header,
            change,
        })
    }
}

/// The operations of a change that is written the way Automerge writes it. Another encoding of the
/// same operations parses too, but a document that holds it does not load any more, because
/// loading makes the bytes anew. Automerge panics on an unknown action and on an actor that is
/// not there.
fn decode(change: &Change, sent: &[u8]) -> Result<Vec<Op>, GateReason> {
    let (operations, is_canonical) = catch_unwind(AssertUnwindSafe(|| {
        let expanded = change.decode();
        let operations = expanded.operations.clone();
        (operations, Change::from(expanded).raw_bytes() == sent)
    }))
    .map_err(|_| GateReason::Panicked)?;
    if is_canonical {
        Ok(operations)
    } else {
        Err(GateReason::NotAChange)
    }
}
