//! Looks at every operation of a change, visible or not, before Automerge applies it.
//!
//! Documents are flat, so there are two kinds of operation: a scalar put under a known key of the
//! root (or withdrawn in favour of another one there), and a character inserted into or deleted from one of the Texts that the genesis made.

use super::{
    fields::{check_value, may_write},
    reading::ReadChange,
};
use automerge::{
    Automerge, ChangeHash, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value,
    legacy::{ElementId, Key, ObjectId, Op, OpId, OpType},
};
use keyrack_document::{Document, from_scalar};
use keyrack_model::{
    change::{fields_of, rule_of},
    merge::MergeRule,
    policy::Role,
    refusal::{GateReason, Refusal},
};
use std::collections::{BTreeMap, BTreeSet};

/// Whether a change reaches into a Text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reach {
    Registers,
    Texts,
}

/// A refusal, before it is known which command it is about.
pub(super) enum Unfit {
    Refused(Refusal),
    /// The author's role writes this field by no command.
    NotAllowed,
}

impl From<GateReason> for Unfit {
    fn from(reason: GateReason) -> Self {
        Self::Refused(Refusal::Gate { reason })
    }
}

/// Looks at each operation of a change, all of whose dependencies the document has.
pub(super) fn check(document: &Document, change: &ReadChange, role: Role) -> Result<Reach, Unfit> {
    let mut look = Look {
        document,
        change,
        role,
        before: Before::of(document.crdt(), change),
        texts: texts(document),
        written: BTreeMap::new(),
        inserted: BTreeSet::new(),
    };
    let mut reach = Reach::Registers;
    for (operation, number) in change.operations.iter().zip(change.header.start_op..) {
        if look.operation(operation, number)? == Reach::Texts {
            reach = Reach::Texts;
        }
    }
    Ok(reach)
}

/// The state that the author saw.
enum Before {
    /// It is the one the document has.
    Present,
    At(Vec<ChangeHash>),
}

impl Before {
    fn of(crdt: &Automerge, change: &ReadChange) -> Self {
        let mut deps: Vec<_> = change
            .header
            .deps
            .iter()
            .map(|dep| ChangeHash(*dep))
            .collect();
        deps.sort_unstable();
        let mut heads = crdt.get_heads();
        heads.sort_unstable();
        if deps == heads {
            Self::Present
        } else {
            Self::At(deps)
        }
    }
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

/// One write: its counter and the bytes of its actor.
type WriteId = (u64, Vec<u8>);

fn write_id(OpId(counter, actor): &OpId) -> WriteId {
    (*counter, actor.to_bytes().to_vec())
}

/// One change being looked at.
struct Look<'a> {
    document: &'a Document,
    change: &'a ReadChange,
    role: Role,
    before: Before,
    texts: Texts,
    /// Keys of the root that this change wrote, with what stands under each since.
    written: BTreeMap<&'a str, BTreeSet<WriteId>>,
    /// Characters that this change inserted.
    inserted: BTreeSet<u64>,
}

impl<'a> Look<'a> {
    fn operation(&mut self, operation: &'a Op, number: u64) -> Result<Reach, Unfit> {
        match (&operation.obj, &operation.key) {
            (ObjectId::Root, Key::Map(key)) => {
                self.register(operation, key, number)?;
                Ok(Reach::Registers)
            }
            (ObjectId::Id(text), Key::Seq(element)) => {
                self.character(operation, text, element, number)?;
                Ok(Reach::Texts)
            }
            _ => Err(GateReason::UnknownField.into()),
        }
    }

    /// A scalar put under a key of the root, in the place of all that the author saw there. Or,
    /// where the author saw several and chose one that was there: the others deleted.
    fn register(&mut self, operation: &Op, key: &'a str, number: u64) -> Result<(), Unfit> {
        let reference = self.document.reference();
        let is_register = !matches!(rule_of(reference.kind, key), None | Some(MergeRule::Text));
        if operation.insert || !is_register {
            return Err(GateReason::UnknownField.into());
        }
        let there = self.present(key).ok_or(GateReason::Unreadable)?;
        let replaced: BTreeSet<WriteId> = operation.pred.iter().map(write_id).collect();
        let is_fit = match &operation.action {
            OpType::Put(scalar) => {
                let value = from_scalar(scalar).ok_or(GateReason::UnknownField)?;
                check_value(reference, key, &value).map_err(Unfit::Refused)?;
                replaced == there
            }
            OpType::Delete => {
                !replaced.is_empty() && replaced.is_subset(&there) && replaced != there
            }
            _ => return Err(GateReason::UnknownField.into()),
        };
        self.check_right(key)?;
        if !is_fit {
            return Err(GateReason::Unreadable.into());
        }
        let left = match &operation.action {
            OpType::Delete => &there - &replaced,
            _ => BTreeSet::from([(number, self.change.header.actor.0.into_bytes().to_vec())]),
        };
        self.written.insert(key, left);
        Ok(())
    }

    /// The writes that stand under a key by the time of the next operation.
    fn present(&self, key: &str) -> Option<BTreeSet<WriteId>> {
        if let Some(own) = self.written.get(key) {
            return Some(own.clone());
        }
        let crdt = self.document.crdt();
        let there = match &self.before {
            Before::Present => crdt.get_all(ROOT, key),
            Before::At(heads) => crdt.get_all_at(ROOT, key, heads),
        };
        let there = there.ok()?.into_iter().filter_map(|(_, id)| match id {
            ObjId::Id(counter, actor, _) => Some((counter, actor.to_bytes().to_vec())),
            ObjId::Root => None,
        });
        Some(there.collect())
    }

    /// A character inserted after another, or deleted.
    fn character(
        &mut self,
        operation: &Op,
        text: &OpId,
        element: &ElementId,
        number: u64,
    ) -> Result<(), Unfit> {
        let key = self.texts.iter().find(|(_, made)| made == text);
        let (key, _) = key.ok_or(GateReason::UnknownField)?;
        self.check_right(key)?;
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

    /// Whether a character is there already, or was inserted earlier in this change.
    fn is_known(&self, OpId(counter, actor): &OpId, number: u64) -> bool {
        if actor.to_bytes() == self.change.header.actor.0.as_bytes()
            && *counter >= self.change.header.start_op
        {
            return *counter < number && self.inserted.contains(counter);
        }
        let id = ObjId::Id(*counter, actor.clone(), 0);
        self.document.crdt().hash_for_opid(&id).is_some()
    }

    fn check_right(&self, key: &str) -> Result<(), Unfit> {
        if may_write(self.role, self.document.reference().kind, key) {
            Ok(())
        } else {
            Err(Unfit::NotAllowed)
        }
    }
}
