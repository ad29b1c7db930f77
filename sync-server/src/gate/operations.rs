//! Looks at every operation of a change, visible or not, before Automerge applies it.
//!
//! Documents are flat, so there are two kinds of operation: a scalar put under a known key of the
//! root (or withdrawn in favour of another one there), and a character inserted into or deleted
//! from one of the Texts that the genesis made.

use super::{
    fields::check_value,
    reading::ReadChange,
    seen::{Seen, Standing, WriteId},
};
use automerge::{
    ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value,
    legacy::{ElementId, Key, ObjectId, Op, OpId, OpType},
};
use keyrack_document::{Document, from_scalar};
use keyrack_model::{
    change::{Change, fields_of, rule_of},
    field::FieldValue,
    ids::DocumentRef,
    merge::MergeRule,
    refusal::{GateReason, Refusal},
    rights::Rights,
};
use std::collections::BTreeSet;

/// What a change writes, once every operation of it was found within its rights.
#[derive(Default)]
pub(super) struct Written {
    /// Registers with the value that each is given.
    pub registers: Vec<Change>,
    /// Texts into which it reaches; what they come to say is judged when it is applied.
    pub texts: BTreeSet<&'static str>,
}

/// Looks at each operation of a change, all of whose dependencies the document has.
pub(super) fn check(
    document: &Document,
    change: &ReadChange,
    seen: &Seen<'_>,
    rights: &Rights<'_>,
) -> Result<Written, Refusal> {
    let mut look = Look {
        reference: document.reference(),
        change,
        seen,
        rights,
        texts: texts(document),
        written: Written::default(),
        inserted: BTreeSet::new(),
    };
    for (operation, number) in change.operations.iter().zip(change.header.start_op..) {
        look.operation(operation, number)?;
    }
    Ok(look.written)
}

/// The Text of each field that has one: the key, and the operation that made it.
type Texts = Vec<(&'static str, OpId)>;

fn texts(document: &Document) -> Texts {
    let fields = fields_of(document.reference().kind).iter();
    fields
        .filter(|(_, rule)| matches!(rule, MergeRule::Text))
        .filter_map(|(key, _)| match document.crdt().get(ROOT, *key) {
            Ok(Some((Value::Object(ObjType::Text), ObjId::Id(counter, actor, _)))) => {
                Some((*key, OpId(counter, actor)))
            }
            _ => None,
        })
        .collect()
}

fn write_id(OpId(counter, actor): &OpId) -> WriteId {
    (*counter, actor.to_bytes().to_vec())
}

/// One change being looked at.
struct Look<'a> {
    reference: DocumentRef,
    change: &'a ReadChange,
    seen: &'a Seen<'a>,
    rights: &'a Rights<'a>,
    texts: Texts,
    written: Written,
    /// Characters that this change inserted.
    inserted: BTreeSet<u64>,
}

impl Look<'_> {
    fn operation(&mut self, operation: &Op, number: u64) -> Result<(), Refusal> {
        match (&operation.obj, &operation.key) {
            (ObjectId::Root, Key::Map(key)) => self.register(operation, key),
            (ObjectId::Id(text), Key::Seq(element)) => {
                self.character(operation, text, element, number)
            }
            _ => Err(GateReason::UnknownField.into()),
        }
    }

    /// A scalar put under a key of the root, in the place of all that the author saw there. Or,
    /// where the author saw several and chose one that was there: the others deleted. Either way
    /// the value that stands from then on must be one that the command gives the field, and it
    /// gives it once.
    fn register(&mut self, operation: &Op, key: &str) -> Result<(), Refusal> {
        let is_register = !matches!(
            rule_of(self.reference.kind, key),
            None | Some(MergeRule::Text)
        );
        if operation.insert || !is_register {
            return Err(GateReason::UnknownField.into());
        }
        if self
            .written
            .registers
            .iter()
            .any(|other| other.key() == key)
        {
            return Err(GateReason::NotOfCommand.into());
        }
        let there = self.seen.standing(key).ok_or(GateReason::Unreadable)?;
        let replaced: BTreeSet<WriteId> = operation.pred.iter().map(write_id).collect();
        let is_replaced = |standing: &&Standing| replaced.contains(&standing.write);
        let replaces_only_there = there.iter().filter(is_replaced).count() == replaced.len();
        let value = match &operation.action {
            OpType::Put(scalar) => {
                let value = from_scalar(scalar).ok_or(GateReason::UnknownField)?;
                let replaces_all = replaces_only_there && replaced.len() == there.len();
                replaces_all.then_some(value)
            }
            OpType::Delete => {
                let mut left = there.iter().filter(|standing| !is_replaced(standing));
                let kept = left.next().map(|standing| standing.value.clone());
                kept.filter(|_| {
                    replaces_only_there && !replaced.is_empty() && left.next().is_none()
                })
            }
            _ => return Err(GateReason::UnknownField.into()),
        };
        self.give(key, &value.ok_or(GateReason::Unreadable)?)
    }

    /// Notes that a register takes a value within the rights of the command.
    fn give(&mut self, key: &str, value: &FieldValue) -> Result<(), Refusal> {
        check_value(self.reference, key, value)?;
        let given = Change::from_field(self.reference, key, value);
        let given = given.ok_or(GateReason::UnknownField)?;
        self.rights.allows_write(&given)?;
        self.written.registers.push(given);
        Ok(())
    }

    /// A character inserted after another, or deleted.
    fn character(
        &mut self,
        operation: &Op,
        text: &OpId,
        element: &ElementId,
        number: u64,
    ) -> Result<(), Refusal> {
        let key = self.texts.iter().find(|(_, made)| made == text);
        let (key, _) = key.ok_or(GateReason::UnknownField)?;
        self.written.texts.insert(key);
        let is_fit = match (&operation.action, element) {
            (OpType::Put(ScalarValue::Str(_)), after) if operation.insert => {
                self.inserted.insert(number);
                let is_after_known = match after {
                    ElementId::Head => true,
                    ElementId::Id(after) => self.is_known(after, number),
                };
                is_after_known && operation.pred.is_empty()
            }
            (OpType::Delete, ElementId::Id(deleted)) if !operation.insert => {
                let mut replaced = operation.pred.iter();
                self.is_known(deleted, number)
                    && replaced.next() == Some(deleted)
                    && replaced.next().is_none()
            }
            _ => return Err(GateReason::UnknownField.into()),
        };
        if is_fit {
            Ok(())
        } else {
            Err(GateReason::Unreadable.into())
        }
    }

    /// Whether a character was there for the author, or was inserted earlier in this change.
    fn is_known(&self, id: &OpId, number: u64) -> bool {
        let OpId(counter, actor) = id;
        if actor.to_bytes() == self.change.header.actor.0.as_bytes()
            && *counter >= self.change.header.start_op
        {
            return *counter < number && self.inserted.contains(counter);
        }
        self.seen.has(id)
    }
}
