//! A document at hand, with what the gate asks of it at every change.

use crate::{gate::scanner, log::StoredChange};
use keyrack_document::{ChangeHeader, Document, DocumentError};
use keyrack_model::{
    ids::{ActorId, DocumentRef},
    limits::{
        DOCUMENT_RESERVE, MAX_DOCUMENT_CHANGES, MAX_DOCUMENT_CLOCKS, MAX_DOCUMENT_ROWS,
        OPEN_CHANGE_BYTES, OPEN_DOCUMENT_BYTES, OPEN_ROW_BYTES,
    },
    policy::{Role, puts_in_order},
    refusal::GateReason,
};
use std::collections::HashMap;
use uuid::Uuid;

/// A document with what the gate asks of it at every change.
#[derive(Clone)]
pub struct Shelved {
    pub document: Document,
    /// The last sequence of each actor that wrote it.
    pub last: HashMap<ActorId, u64>,
    pub size: Size,
}

/// How much was written into a document.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Size {
    /// What the changes claim, in rows or in what they replace.
    pub(super) rows: u64,
    /// The changes, and what they say that they build on.
    pub(super) changes: u64,
}

impl Size {
    pub(in crate::gate) fn of(bytes: &[u8], deps: usize) -> Result<Self, GateReason> {
        let measure = scanner::measure(bytes)?;
        Ok(Self {
            rows: measure.rows.max(measure.predecessors),
            changes: deps.max(1) as u64,
        })
    }

    #[cfg(test)]
    pub(in crate::gate) fn with_rows(rows: u64) -> Self {
        Self { rows, changes: 1 }
    }

    fn and(self, other: Self) -> Self {
        Self {
            rows: self.rows.saturating_add(other.rows),
            changes: self.changes.saturating_add(other.changes),
        }
    }
}

impl Shelved {
    pub(super) fn genesis(reference: DocumentRef) -> Self {
        Self {
            document: Document::genesis(reference),
            last: HashMap::new(),
            size: Size::default(),
        }
    }

    /// The size with one more change of an actor, whose author has a role.
    ///
    /// # Errors
    /// `TooLarge` when not every device could read the document any more, and before that for those
    /// who would leave no room for the others.
    pub(in crate::gate) fn size_with(
        &self,
        (actor, role): (ActorId, Role),
        more: Size,
    ) -> Result<Size, GateReason> {
        let size = self.size.and(more);
        let actors = self.last.len() as u64 + u64::from(!self.last.contains_key(&actor));
        let room = |bound: u64| match puts_in_order(role) {
            true => bound,
            false => bound - bound / DOCUMENT_RESERVE,
        };
        let fits = size.rows <= room(MAX_DOCUMENT_ROWS)
            && size.changes <= room(MAX_DOCUMENT_CHANGES)
            && size.changes.saturating_mul(actors) <= room(MAX_DOCUMENT_CLOCKS);
        fits.then_some(size).ok_or(GateReason::TooLarge)
    }

    /// Bytes of memory that it takes, about: Automerge does not say.
    pub(super) fn bytes(&self) -> usize {
        let of_rows = self.size.rows.saturating_mul(OPEN_ROW_BYTES);
        let of_changes = self.size.changes.saturating_mul(OPEN_CHANGE_BYTES);
        let bytes = of_rows.saturating_add(of_changes);
        OPEN_DOCUMENT_BYTES.saturating_add(usize::try_from(bytes).unwrap_or(usize::MAX))
    }

    /// Whether anything was written into it.
    pub(in crate::gate) fn exists(&self) -> bool {
        !self.last.is_empty()
    }

    /// Takes in a change of the log; one that is here already changes nothing.
    pub(super) fn observe(&mut self, bytes: &[u8]) -> Result<(), DocumentError> {
        let (header, _) = ChangeHeader::parse(bytes)?;
        if self.document.apply(bytes)? {
            let size = Size::of(bytes, header.deps.len()).map_err(DocumentError::Unfit)?;
            self.size = self.size.and(size);
        }
        let last = self.last.entry(header.actor).or_default();
        *last = header.seq.max(*last);
        Ok(())
    }

    /// A document as the log has it. Automerge takes many changes at once much faster than one
    /// after another.
    pub(super) fn read(
        reference: DocumentRef,
        changes: &[&StoredChange],
    ) -> Result<Self, Unreadable> {
        if changes.is_empty() {
            return Ok(Self::genesis(reference));
        }
        let mut bytes = Document::genesis(reference).save();
        for change in changes {
            bytes.extend_from_slice(&change.bytes);
        }
        let document = Document::load(reference, &bytes).map_err(Unreadable::Document)?;
        let mut last: HashMap<ActorId, u64> = HashMap::new();
        let mut size = Size::default();
        for change in changes {
            let more = Size::of(&change.bytes, 0).map_err(DocumentError::Unfit);
            size = size.and(more.map_err(Unreadable::Document)?);
        }
        let mut count = 0;
        for change in document.crdt().get_changes_meta(&[]) {
            size.changes += change.deps.len().saturating_sub(1) as u64;
            let actor = Uuid::from_slice(change.actor.to_bytes()).map_err(|_| Unreadable::Actor)?;
            let last = last.entry(ActorId(actor)).or_default();
            *last = change.seq.max(*last);
            count += 1;
        }
        // The genesis is one more. Automerge drops what it does not understand at the end.
        if count != changes.len() + 1 {
            return Err(Unreadable::Incomplete);
        }
        Ok(Self {
            document,
            last,
            size,
        })
    }
}

/// Why a document of the log cannot be judged upon.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error(transparent)]
    Document(DocumentError),
    #[error("an actor is not 16 bytes long")]
    Actor,
    #[error("some of its changes are not there after reading it")]
    Incomplete,
}

#[cfg(test)]
mod tests {
    use super::{super::tests::task, *};

    #[test]
    fn a_document_has_room_up_to_each_of_its_bounds() {
        let by = |number| ActorId(Uuid::from_u128(number));
        let size = |rows, changes| Size { rows, changes };
        let mut full = Shelved::genesis(task(1));
        full.last = (0..10).map(|number| (by(number), 1)).collect();
        full.size = size(MAX_DOCUMENT_ROWS - 5, MAX_DOCUMENT_CHANGES - 2);
        for (more, fits) in [
            (size(5, 2), true),
            (size(6, 1), false),
            (size(1, 3), false),
            (size(u64::MAX, 1), false),
        ] {
            let room = full.size_with((by(3), Role::Supervisor), more);
            assert_eq!(room.is_ok(), fits, "{more:?}");
            let room = full.size_with((by(3), Role::Housekeeper), more);
            assert!(room.is_err(), "what is left is for others: {more:?}");
        }
        let actors = MAX_DOCUMENT_CLOCKS / MAX_DOCUMENT_CHANGES;
        full.last = (0..u128::from(actors)).map(|it| (by(it), 1)).collect();
        full.size = size(0, MAX_DOCUMENT_CHANGES - 1);
        let desk = |number| (by(number), Role::FrontDesk);
        assert!(full.size_with(desk(3), size(1, 1)).is_ok());
        assert!(full.size_with(desk(u128::MAX), size(1, 1)).is_err());
        let left = |bound: u64| bound - bound / DOCUMENT_RESERVE;
        full.last = (0..10).map(|number| (by(number), 1)).collect();
        full.size = size(left(MAX_DOCUMENT_ROWS) - 5, left(MAX_DOCUMENT_CHANGES) - 2);
        for (more, fits) in [(size(5, 2), true), (size(6, 1), false), (size(1, 3), false)] {
            let room = full.size_with((by(3), Role::Engineer), more);
            assert_eq!(room.is_ok(), fits, "{more:?}");
        }
    }
}
