//! A document as the author of a change saw it, whatever others wrote meanwhile.

use automerge::{Automerge, ChangeHash, ObjId, ObjType, ROOT, ReadDoc, Value, legacy::OpId};
use keyrack_document::{ChangeHeader, Document, from_scalar};
use keyrack_model::{
    change::{Entity, fields_of, rule_of},
    field::FieldValue,
    identity::genesis_actor,
    ids::{DocumentRef, OperationId},
    merge::MergeRule,
};
use std::{cell::OnceCell, collections::HashSet};

/// One write: its counter and the bytes of its actor.
pub(super) type WriteId = (u64, Vec<u8>);

/// A document at the dependencies of a change, all of which it has.
pub(super) struct Seen<'a> {
    reference: DocumentRef,
    crdt: &'a Automerge,
    at: At,
    /// Changes of the document that the author had not received.
    unseen: OnceCell<HashSet<ChangeHash>>,
}

enum At {
    Present,
    Heads(Vec<ChangeHash>),
}

/// A value under a key.
pub(super) struct Standing {
    pub write: WriteId,
    pub value: FieldValue,
    id: ObjId,
}

impl<'a> Seen<'a> {
    pub fn by(document: &'a Document, header: &ChangeHeader) -> Self {
        let crdt = document.crdt();
        let mut deps: Vec<_> = header.deps.iter().map(|dep| ChangeHash(*dep)).collect();
        deps.sort_unstable();
        let mut heads = crdt.get_heads();
        heads.sort_unstable();
        Self {
            reference: document.reference(),
            crdt,
            at: if deps == heads {
                At::Present
            } else {
                At::Heads(deps)
            },
            unseen: OnceCell::new(),
        }
    }

    /// The document with some of its changes and what they build on.
    pub fn at(document: &'a Document, heads: Vec<ChangeHash>) -> Self {
        Self {
            reference: document.reference(),
            crdt: document.crdt(),
            at: At::Heads(heads),
            unseen: OnceCell::new(),
        }
    }

    /// The document with all that it has.
    pub fn present(document: &'a Document) -> Self {
        Self {
            reference: document.reference(),
            crdt: document.crdt(),
            at: At::Present,
            unseen: OnceCell::new(),
        }
    }

    /// The document by its merge rules; None for one that was not there.
    pub fn entity(&self) -> Option<Entity> {
        if self.is_untouched() {
            return None;
        }
        let mut entity = Entity::empty(self.reference.kind);
        for (key, rule) in fields_of(self.reference.kind) {
            if matches!(rule, MergeRule::Text) {
                if let Some(text) = self.text(key) {
                    entity.put(key, &FieldValue::Text(text));
                }
                continue;
            }
            if let Some(value) = self.merged(key, *rule) {
                entity.put(key, &value);
            }
        }
        Some(entity)
    }

    /// What a register says by its merge rule; None for one that nobody wrote, and for a Text.
    pub fn value(&self, key: &str) -> Option<FieldValue> {
        let rule = rule_of(self.reference.kind, key)?;
        self.merged(key, rule)
    }

    fn merged(&self, key: &str, rule: MergeRule) -> Option<FieldValue> {
        let standing = self.standing(key)?;
        let mut values: Vec<_> = standing.into_iter().map(|it| it.value).collect();
        let winner = rule.merge(&values)?.winner;
        Some(values.swap_remove(winner))
    }

    /// Whether the author saw nothing but the genesis.
    fn is_untouched(&self) -> bool {
        let heads = match &self.at {
            At::Present => &self.crdt.get_heads(),
            At::Heads(heads) => heads,
        };
        let genesis = genesis_actor(self.reference);
        heads.iter().all(|head| {
            let change = self.crdt.get_change_meta_by_hash(head);
            change.is_some_and(|change| change.actor.to_bytes() == genesis.as_bytes())
        })
    }

    /// The concurrent values of a register, Automerge's winner last. None for what no register of
    /// ours holds.
    pub fn standing(&self, key: &str) -> Option<Vec<Standing>> {
        let standing = self.under(key)?.into_iter().map(|(value, id)| {
            let ObjId::Id(counter, actor, _) = &id else {
                return None;
            };
            let Value::Scalar(scalar) = value else {
                return None;
            };
            Some(Standing {
                write: (*counter, actor.to_bytes().to_vec()),
                value: from_scalar(&scalar)?,
                id,
            })
        });
        standing.collect()
    }

    fn under(&self, key: &str) -> Option<Vec<(Value<'_>, ObjId)>> {
        let found = match &self.at {
            At::Present => self.crdt.get_all(ROOT, key),
            At::Heads(heads) => self.crdt.get_all_at(ROOT, key, heads),
        };
        found.ok()
    }

    /// Whether the author saw what a write made.
    pub fn has(&self, OpId(counter, actor): &OpId) -> bool {
        let id = ObjId::Id(*counter, actor.clone(), 0);
        let Some(hash) = self.crdt.hash_for_opid(&id) else {
            return false;
        };
        match &self.at {
            At::Present => true,
            At::Heads(heads) => !self
                .unseen
                .get_or_init(|| {
                    let unseen = self.crdt.get_changes_meta(heads);
                    unseen.iter().map(|change| change.hash).collect()
                })
                .contains(&hash),
        }
    }

    /// The actions that wrote the concurrent values of a register; None where one cannot be told.
    pub fn writers(&self, key: &str) -> Option<Vec<OperationId>> {
        let standing = self.standing(key)?;
        standing.iter().map(|it| self.writer(it)).collect()
    }

    /// The action that wrote a value.
    fn writer(&self, standing: &Standing) -> Option<OperationId> {
        let hash = self.crdt.hash_for_opid(&standing.id)?;
        let change = self.crdt.get_change_meta_by_hash(&hash)?;
        change.message.as_ref()?.parse().ok()
    }

    pub fn text(&self, key: &str) -> Option<String> {
        let (_, id) = self
            .under(key)?
            .into_iter()
            .find(|(value, _)| matches!(value, Value::Object(ObjType::Text)))?;
        let text = match &self.at {
            At::Present => self.crdt.text(id),
            At::Heads(heads) => self.crdt.text_at(id, heads),
        };
        text.ok()
    }
}

/// What a Text says to the author of a change that the document has taken in.
pub(super) fn text_after(document: &Document, header: &ChangeHeader, key: &str) -> Option<String> {
    Seen::at(document, vec![ChangeHash(header.hash)]).text(key)
}
