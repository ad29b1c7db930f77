//! Taking an earlier action back, as an ordinary action.

use super::{
    Effect, PastAction, Planned, Planner, Unplanned, View,
    origin::{Writings, is_as_left},
    recall::{check_put_back, once_more},
    settle::check_decided,
};
use crate::{
    change::{Change, Entity, fields_of, rule_of},
    cleanliness::{CleanlinessMark, MarkCause},
    command::Command,
    field::FieldValue,
    ids::{
        BlockId, CommentId, DocumentKind, DocumentRef, LinkId, OperationId, StayId, TaskId,
        WorkOrderId,
    },
    limits::MAX_UNDO_CHAIN,
    merge::MergeRule,
    policy::{allows, may_withdraw},
    refusal::Refusal,
    room::RoomChange,
    room_block::RoomBlockChange,
    room_link::RoomLinkChange,
    stay::{StayChange, StayStatus},
    task::{TaskChange, TaskStatus},
    work_order::{CommentChange, WorkOrderChange, WorkOrderStatus},
};
use std::collections::BTreeSet;

impl<V: View> Planner<'_, V> {
    /// Puts back what the action changed. What it made is cancelled or withdrawn, not erased.
    /// Nothing is taken back when anything it wrote or made was written again, before or after
    /// this device knew of it, unless that was taken back as well.
    pub(super) fn undo(&self, operation: OperationId, command: &Command) -> Planned<V> {
        let past = self.past(operation)?;
        allows(self.context.role, &self.first_command(&past)?)?;
        let (made, changed): (Vec<_>, Vec<_>) = past
            .effects
            .iter()
            .partition(|effect| effect.created && taken_back(effect.document).is_some());
        let made: BTreeSet<DocumentRef> = made.iter().map(|effect| effect.document).collect();
        for effect in &past.effects {
            self.check_comment(effect.document)?;
            let left = self.left_by(operation, &past, effect)?;
            self.stands(effect.document, &effect.key, &effect.after, &left)?;
            check_put_back(self.context, &past, effect)?;
        }
        for document in &made {
            let empty = Entity::empty(document.kind);
            let left_out = fields_of(document.kind).iter().filter(|(key, _)| {
                !past
                    .effects
                    .iter()
                    .any(|effect| effect.document == *document && effect.key == *key)
            });
            for (key, _) in left_out {
                let unset = empty.field(key).ok_or(Refusal::NotFound)?;
                self.stands(*document, key, &unset, &[])?;
            }
        }
        let mut changes: Vec<Change> = made.into_iter().filter_map(taken_back).collect();
        changes.extend(
            changed
                .into_iter()
                .filter_map(|effect| put_back(effect, self.context.operation)),
        );
        for change in &changes {
            let shown = self.view.entity(change.document());
            let shown = shown.map_err(Unplanned::Unread)?;
            let shown = shown.as_ref();
            let standing = shown.and_then(|entity| entity.field(change.key()));
            check_decided(self.context, shown, standing.as_slice(), change, command)?;
        }
        Ok(changes)
    }

    /// Whose an action's writing of a field is.
    fn left_by(
        &self,
        operation: OperationId,
        past: &PastAction,
        effect: &Effect,
    ) -> Result<Vec<OperationId>, Unplanned<V::Error>> {
        if !matches!(past.command.asked(), Command::Settle { .. }) {
            return Ok(vec![operation]);
        }
        let after = self
            .view
            .writers_after(effect.document, &effect.key, operation);
        after.map_err(Unplanned::Unread)
    }

    pub(super) fn past(&self, operation: OperationId) -> Result<PastAction, Unplanned<V::Error>> {
        let past = self
            .view
            .past_action(operation)
            .map_err(Unplanned::Unread)?;
        Ok(past.ok_or(Refusal::NotFound)?)
    }

    /// What somebody did in the beginning: taking back a taking back is doing it again, and to choose
    /// what somebody did is to do it.
    pub(super) fn first_command(&self, past: &PastAction) -> Result<Command, Unplanned<V::Error>> {
        let mut command = past.command.asked().clone();
        let mut passed = BTreeSet::new();
        while let Some(operation) = command.recalls() {
            // Nobody means one that takes itself back, but somebody may have written it.
            if !passed.insert(operation) {
                return Err(Refusal::NotFound.into());
            }
            if passed.len() >= MAX_UNDO_CHAIN {
                let limit = MAX_UNDO_CHAIN;
                return Err(Refusal::TakenBackTooOften { limit }.into());
            }
            let earlier = self.view.asked(operation).map_err(Unplanned::Unread)?;
            command = earlier.ok_or(Refusal::NotFound)?.asked().clone();
        }
        Ok(command)
    }

    /// Whether a field still says what these wrote alone, or, without any, what nobody wrote.
    fn stands(
        &self,
        document: DocumentRef,
        key: &str,
        value: &FieldValue,
        left: &[OperationId],
    ) -> Result<(), Unplanned<V::Error>> {
        let read = self.view.entity(document).map_err(Unplanned::Unread)?;
        let entity = read.ok_or(Refusal::NotFound)?;
        let stands = if matches!(rule_of(document.kind, key), Some(MergeRule::Text)) {
            // Many write it together: what it says counts.
            entity.field(key).as_ref() == Some(value)
        } else {
            let field = Field {
                view: self.view,
                document,
                key,
            };
            let writers = self.view.writers(document, key);
            let writers = writers.map_err(Unplanned::Unread)?;
            is_as_left(left, writers, &field).map_err(Unplanned::Unread)?
        };
        if stands {
            Ok(())
        } else {
            Err(Refusal::ChangedSince.into())
        }
    }

    /// A comment is its author's.
    fn check_comment(&self, document: DocumentRef) -> Result<(), Unplanned<V::Error>> {
        match self.view.entity(document).map_err(Unplanned::Unread)? {
            Some(Entity::Comment(comment))
                if !may_withdraw(self.context.role, self.context.author, &comment) =>
            {
                Err(Refusal::NotAllowed {
                    command: "undo".to_owned(),
                    role: self.context.role,
                }
                .into())
            }
            _ => Ok(()),
        }
    }
}

/// The writers of one field as a replica knows them.
struct Field<'a, V> {
    view: &'a V,
    document: DocumentRef,
    key: &'a str,
}

impl<V: View> Writings for Field<'_, V> {
    type Error = V::Error;

    fn taken_back(&self, operation: OperationId) -> Result<Option<OperationId>, V::Error> {
        self.view.taken_back(operation)
    }

    fn writers_before(&self, operation: OperationId) -> Result<Option<Vec<OperationId>>, V::Error> {
        self.view.writers_before(self.document, self.key, operation)
    }
}

/// The change that puts a field back; None as in [`once_more`].
pub(crate) fn put_back(effect: &Effect, operation: OperationId) -> Option<Change> {
    let change = once_more(effect.document, &effect.key, &effect.before)?;
    Some(match change {
        Change::Room(room, RoomChange::Cleanliness(mark)) => Change::Room(
            room,
            RoomChange::Cleanliness(CleanlinessMark {
                cause: MarkCause::Undo,
                action: operation,
                ..mark
            }),
        ),
        change => change,
    })
}

/// How a document that an action made is taken back; None where it cannot be.
pub(crate) fn taken_back(made: DocumentRef) -> Option<Change> {
    let id = made.id.0;
    match made.kind {
        DocumentKind::Task => Some(Change::Task(
            TaskId(id),
            TaskChange::Status(TaskStatus::Cancelled),
        )),
        DocumentKind::WorkOrder => Some(Change::WorkOrder(
            WorkOrderId(id),
            WorkOrderChange::Status(WorkOrderStatus::Cancelled),
        )),
        DocumentKind::Comment => Some(Change::Comment(
            CommentId(id),
            CommentChange::Withdrawn(true),
        )),
        DocumentKind::Stay => Some(Change::Stay(
            StayId(id),
            StayChange::Status(StayStatus::Cancelled),
        )),
        DocumentKind::RoomBlock => {
            Some(Change::RoomBlock(BlockId(id), RoomBlockChange::Ended(true)))
        }
        DocumentKind::RoomLink => Some(Change::RoomLink(LinkId(id), RoomLinkChange::Removed(true))),
        DocumentKind::Hotel | DocumentKind::Room | DocumentKind::RuleSheet => None,
    }
}
