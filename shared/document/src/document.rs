//! One Automerge document: a flat map of fields, and Text where the merge rule says so.
//!
//! **Architecture Invariant**: the first change of a document is derived from its kind and id
//! alone, so it never travels and two replicas that make the same document make it alike.

use crate::{
    header::{ChangeHash, ChangeHeader, HeaderError},
    reading::{Contested, Effects, FieldWrite, Reading, Written},
    scalar::{from_scalar, to_scalar},
    scanner,
};
use automerge::{
    ActorId as CrdtActor, Automerge, ChangeMetadata, ObjId, ObjType, ROOT, ReadDoc, Value, legacy,
    transaction::{CommitOptions, Transactable},
};
use keyrack_model::{
    change::{Change, Entity, fields_of, rule_of},
    field::FieldValue,
    identity,
    ids::{ActorId, DocumentRef, OperationId},
    merge::MergeRule,
    refusal::GateReason,
    time::Timestamp,
};
use std::panic::{AssertUnwindSafe, catch_unwind};

#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    #[error("a change of another document")]
    OtherDocument,
    #[error(transparent)]
    Header(#[from] HeaderError),
    #[error("a change that this one builds on is missing")]
    MissingDependency,
    /// See [`scanner`].
    #[error("bytes that no honest replica wrote: {0}")]
    Unfit(GateReason),
    #[error("Automerge refused the bytes")]
    Crdt(#[from] automerge::AutomergeError),
    #[error("Automerge panicked; the document must be read again from the store")]
    Panicked,
}

/// What every change carries beside its operations.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    pub operation: OperationId,
    pub at: Timestamp,
}

/// A document in memory.
#[derive(Clone, Debug)]
pub struct Document {
    reference: DocumentRef,
    crdt: Automerge,
}

impl Document {
    /// The document as every replica begins it: empty Text objects and nothing else.
    pub fn genesis(reference: DocumentRef) -> Self {
        let actor = identity::genesis_actor(reference);
        let mut crdt = Automerge::new().with_actor(CrdtActor::from(actor.as_bytes()));
        let stamp = CommitOptions::default().with_time(0);
        let texts = text_fields(reference);
        if texts.is_empty() {
            crdt.empty_commit(stamp);
        } else {
            let mut transaction = crdt.transaction();
            for key in texts {
                transaction
                    .put_object(ROOT, key, ObjType::Text)
                    .unwrap_or_else(|error| unreachable!("an empty map takes {key}: {error}"));
            }
            transaction.commit_with(stamp);
        }
        Self { reference, crdt }
    }

    /// Reads a document that somebody else saved. It is measured before that: whoever handed it out
    /// is not trusted with this process's memory.
    pub fn load_measured(reference: DocumentRef, saved: &[u8]) -> Result<Self, DocumentError> {
        scanner::measure_saved(saved).map_err(DocumentError::Unfit)?;
        Self::load(reference, saved)
    }

    /// Reads a document that was saved, and changes that were written after it: all of them by this
    /// process, or measured when they came.
    pub fn load(reference: DocumentRef, snapshot: &[u8]) -> Result<Self, DocumentError> {
        let crdt = guarded(|| Automerge::load(snapshot))??;
        Ok(Self { reference, crdt })
    }

    pub fn save(&self) -> Vec<u8> {
        self.crdt.save()
    }

    pub fn reference(&self) -> DocumentRef {
        self.reference
    }

    /// Sorted, so that replicas with the same changes give the same list.
    pub fn heads(&self) -> Vec<ChangeHash> {
        let mut heads: Vec<_> = self.crdt.get_heads().iter().map(|head| head.0).collect();
        heads.sort_unstable();
        heads
    }

    pub fn crdt(&self) -> &Automerge {
        &self.crdt
    }

    /// Writes what became true as one change, and returns its bytes; None when the document
    /// says all of it already.
    pub fn write(
        &mut self,
        actor: ActorId,
        stamp: Stamp,
        changes: &[Change],
    ) -> Result<Option<Vec<u8>>, DocumentError> {
        if changes
            .iter()
            .any(|change| change.document() != self.reference)
        {
            return Err(DocumentError::OtherDocument);
        }
        guarded(|| self.write_all(actor, stamp, changes))?
    }

    fn write_all(
        &mut self,
        actor: ActorId,
        stamp: Stamp,
        changes: &[Change],
    ) -> Result<Option<Vec<u8>>, DocumentError> {
        self.crdt.set_actor(CrdtActor::from(actor.0.as_bytes()));
        let kind = self.reference.kind;
        let mut transaction = self.crdt.transaction();
        for change in changes {
            let (key, value) = (change.key(), change.value());
            match (rule_of(kind, key), &value) {
                (Some(MergeRule::Text), FieldValue::Text(typed)) => {
                    if let Some((_, text)) = transaction.get(ROOT, key)? {
                        transaction.update_text(&text, typed)?;
                    }
                }
                _ => transaction.put(ROOT, key, to_scalar(&value))?,
            }
        }
        let options = CommitOptions::default()
            .with_message(stamp.operation.to_string())
            .with_time(stamp.at.0);
        let (hash, _) = transaction.commit_with(options);
        let change = hash.and_then(|hash| self.crdt.get_change_by_hash(&hash));
        Ok(change.map(|change| change.raw_bytes().to_vec()))
    }

    /// Takes in a change that another replica wrote; false when it is here already.
    pub fn apply(&mut self, bytes: &[u8]) -> Result<bool, DocumentError> {
        let (header, change) = ChangeHeader::parse(bytes)?;
        self.apply_read(&header, &change)
    }

    /// [`Document::apply`] of a change that was parsed already.
    pub fn apply_read(
        &mut self,
        header: &ChangeHeader,
        change: &automerge::Change,
    ) -> Result<bool, DocumentError> {
        if self.has(&header.hash) {
            return Ok(false);
        }
        self.append(header, change.clone())?;
        Ok(true)
    }

    /// Takes in a change and says what it did, see [`Document::effects`]; None when it is here
    /// already. One that follows all that is here needs no look into the past.
    ///
    /// Whoever sent it is not trusted with this device's memory, nor with its later work: it is
    /// measured before it is read, and must count its operations on from what it builds on. One
    /// that leaps to the end of the numbers would leave none for anybody else.
    pub fn take_in(&mut self, bytes: &[u8]) -> Result<Option<Effects>, DocumentError> {
        scanner::measure(bytes).map_err(DocumentError::Unfit)?;
        let (header, change) = ChangeHeader::parse(bytes)?;
        if self.has(&header.hash) {
            return Ok(None);
        }
        if header.start_op != self.next_op(&header.deps)? {
            return Err(DocumentError::Unfit(GateReason::StartOp));
        }
        let mut deps = header.deps.clone();
        deps.sort_unstable();
        if deps != self.heads() {
            self.append(&header, change.clone())?;
            return Ok(Some(self.effects_of(&header, &change)));
        }
        let keys = self.keys_written(&change);
        let shown = |document: &Self| -> Vec<Option<FieldValue>> {
            keys.iter().map(|key| document.shown(key)).collect()
        };
        let before = shown(self);
        self.append(&header, change)?;
        let writes = keys
            .iter()
            .zip(before.into_iter().zip(shown(self)))
            .filter_map(|(key, (before, after))| {
                Some(FieldWrite {
                    key,
                    before: before?,
                    after: after?,
                })
            })
            .collect();
        Ok(Some(Effects {
            created: self.begins_with(&header),
            writes,
        }))
    }

    fn append(
        &mut self,
        header: &ChangeHeader,
        change: automerge::Change,
    ) -> Result<(), DocumentError> {
        if !header.deps.iter().all(|dep| self.has(dep)) {
            return Err(DocumentError::MissingDependency);
        }
        guarded(|| self.crdt.apply_changes([change]))??;
        Ok(())
    }

    /// The number of the first operation of a change that builds on these.
    fn next_op(&self, deps: &[ChangeHash]) -> Result<u64, DocumentError> {
        let mut highest = 0;
        for dep in deps {
            let hash = automerge::ChangeHash(*dep);
            let dep = self.crdt.get_change_meta_by_hash(&hash);
            highest = highest.max(dep.ok_or(DocumentError::MissingDependency)?.max_op);
        }
        Ok(highest + 1)
    }

    /// The value that a known field shows.
    fn shown(&self, key: &str) -> Option<FieldValue> {
        let kind = self.reference.kind;
        let unset = || Entity::empty(kind).field(key);
        let values: Vec<FieldValue> = self
            .concurrent(key)
            .into_iter()
            .map(|(value, _)| value)
            .collect();
        match rule_of(kind, key)?.merge(&values) {
            Some(merged) => Some(values[merged.winner].clone()),
            None => unset(),
        }
    }

    pub fn has(&self, hash: &ChangeHash) -> bool {
        let hash = automerge::ChangeHash(*hash);
        self.crdt.get_change_meta_by_hash(&hash).is_some()
    }

    /// The document in the hotel's words, by the merge rule of each field.
    pub fn reading(&self) -> Reading {
        let kind = self.reference.kind;
        let mut entity = Entity::empty(kind);
        let mut contested = Vec::new();
        for (key, rule) in fields_of(kind) {
            let concurrent = self.concurrent(key);
            let values: Vec<FieldValue> =
                concurrent.iter().map(|(value, _)| value.clone()).collect();
            let Some(merged) = rule.merge(&values) else {
                continue;
            };
            entity.put(key, &values[merged.winner]);
            if !merged.told.is_empty() {
                contested.push(Contested {
                    key,
                    shown: self.written(&concurrent[merged.winner]),
                    gave_way: merged
                        .told
                        .iter()
                        .map(|lost| self.written(&concurrent[*lost]))
                        .collect(),
                });
            }
        }
        Reading { entity, contested }
    }

    /// What a change of this document did: whether it made the document, and the fields that it
    /// wrote.
    ///
    /// `before` and `after` are as the change's author saw them, whatever others wrote meanwhile.
    pub fn effects(&self, bytes: &[u8]) -> Result<Effects, DocumentError> {
        let (header, change) = ChangeHeader::parse(bytes)?;
        Ok(self.effects_of(&header, &change))
    }

    fn effects_of(&self, header: &ChangeHeader, change: &automerge::Change) -> Effects {
        let deps: Vec<_> = header
            .deps
            .iter()
            .map(|dep| automerge::ChangeHash(*dep))
            .collect();
        let itself = [automerge::ChangeHash(header.hash)];
        let kind = self.reference.kind;
        let writes = self
            .keys_written(change)
            .into_iter()
            .filter_map(|key| {
                let rule = rule_of(kind, key)?;
                let unset = Entity::empty(kind).field(key)?;
                let at = |heads: &[automerge::ChangeHash]| {
                    let values: Vec<FieldValue> = self
                        .crdt
                        .get_all_at(ROOT, key, heads)
                        .unwrap_or_default()
                        .into_iter()
                        .filter_map(|(value, id)| self.field_value(value, &id, Some(heads)))
                        .collect();
                    rule.merge(&values)
                        .map_or_else(|| unset.clone(), |merged| values[merged.winner].clone())
                };
                Some(FieldWrite {
                    key,
                    before: at(&deps),
                    after: at(&itself),
                })
            })
            .collect();
        Effects {
            created: self.begins_with(header),
            writes,
        }
    }

    /// Whether the document begins with the genesis of its name and says this. Whoever saved it may
    /// have put its rows together as no replica does.
    pub fn is_read_as(&self, entity: &Entity) -> Result<bool, DocumentError> {
        guarded(|| self.begins_as_it_should() && self.reading().entity == *entity)
    }

    /// Whether the document begins with the genesis of its name.
    fn begins_as_it_should(&self) -> bool {
        let genesis = Self::genesis(self.reference).heads();
        genesis.iter().all(|first| self.has(first))
    }

    /// Whether a change is the first after the genesis.
    fn begins_with(&self, header: &ChangeHeader) -> bool {
        let deps = header.deps.iter();
        let deps: Vec<_> = deps.map(|dep| automerge::ChangeHash(*dep)).collect();
        self.is_genesis(&deps)
    }

    /// Whether nothing but the genesis is among these changes.
    fn is_genesis(&self, changes: &[automerge::ChangeHash]) -> bool {
        let genesis = identity::genesis_actor(self.reference);
        changes.iter().all(|change| {
            let change = self.crdt.get_change_meta_by_hash(change);
            change.is_some_and(|change| change.actor.to_bytes() == genesis.as_bytes())
        })
    }

    /// Known fields that a change's operations touch, in the order of declaration.
    fn keys_written(&self, change: &automerge::Change) -> Vec<&'static str> {
        let written: Vec<WrittenAt> = change
            .decode()
            .operations
            .iter()
            .map(|operation| match (&operation.obj, &operation.key) {
                (legacy::ObjectId::Root, legacy::Key::Map(key)) => WrittenAt::Key(key.to_string()),
                (legacy::ObjectId::Root, legacy::Key::Seq(_)) => WrittenAt::Nowhere,
                (legacy::ObjectId::Id(object), _) => WrittenAt::Object(object.to_string()),
            })
            .collect();
        fields_of(self.reference.kind)
            .iter()
            .filter(|(key, rule)| {
                let text = matches!(rule, MergeRule::Text)
                    .then(|| self.crdt.get(ROOT, *key).ok().flatten())
                    .flatten()
                    .map(|(_, id)| id.to_string());
                written.iter().any(|at| match at {
                    WrittenAt::Key(name) => name == key,
                    WrittenAt::Object(object) => text.as_ref() == Some(object),
                    WrittenAt::Nowhere => false,
                })
            })
            .map(|(key, _)| *key)
            .collect()
    }

    /// The actions that wrote the concurrent values of a field, those of a text aside.
    pub fn writers(&self, key: &str) -> Vec<OperationId> {
        self.concurrent(key)
            .iter()
            .filter_map(|(_, id)| self.operation_of(id))
            .collect()
    }

    /// The actions that had written the values which an action found in a field. None where it made
    /// the document, and for one whose change is not here.
    pub fn writers_before(&self, key: &str, operation: OperationId) -> Option<Vec<OperationId>> {
        let changes = self.crdt.get_changes_meta(&[]);
        let change = changes
            .into_iter()
            .find(|change| operation_in(change) == Some(operation))?;
        self.writers_at(key, &change.deps)
    }

    /// The same, of an action whose change is at hand.
    pub fn writers_under(&self, key: &str, change: &ChangeHeader) -> Option<Vec<OperationId>> {
        let deps = change.deps.iter();
        let deps: Vec<_> = deps.map(|dep| automerge::ChangeHash(*dep)).collect();
        self.writers_at(key, &deps)
    }

    /// The actions that had written the values which an action left in a field; itself, for one whose
    /// change is not here.
    pub fn writers_after(&self, key: &str, operation: OperationId) -> Vec<OperationId> {
        let changes = self.crdt.get_changes_meta(&[]);
        let change = changes
            .into_iter()
            .find(|change| operation_in(change) == Some(operation));
        let left = change.and_then(|change| self.writers_at(key, &[change.hash]));
        left.unwrap_or_else(|| vec![operation])
    }

    fn writers_at(&self, key: &str, deps: &[automerge::ChangeHash]) -> Option<Vec<OperationId>> {
        if self.is_genesis(deps) {
            return None;
        }
        let found = self.crdt.get_all_at(ROOT, key, deps).ok()?;
        let writers = found.iter().filter_map(|(_, id)| self.operation_of(id));
        Some(writers.collect())
    }

    /// Who wrote the value that a field shows.
    pub fn last_writer(&self, key: &str) -> Option<ActorId> {
        let concurrent = self.concurrent(key);
        let values: Vec<FieldValue> = concurrent.iter().map(|(value, _)| value.clone()).collect();
        let merged = rule_of(self.reference.kind, key)?.merge(&values)?;
        match &concurrent[merged.winner].1 {
            ObjId::Id(_, actor, _) => uuid::Uuid::from_slice(actor.to_bytes()).ok().map(ActorId),
            ObjId::Root => None,
        }
    }

    /// The concurrent values of a field, Automerge's winner last, each with the id of its write.
    fn concurrent(&self, key: &str) -> Vec<(FieldValue, ObjId)> {
        let Ok(values) = self.crdt.get_all(ROOT, key) else {
            return Vec::new();
        };
        values
            .into_iter()
            .filter_map(|(value, id)| Some((self.field_value(value, &id, None)?, id)))
            .collect()
    }

    fn field_value(
        &self,
        value: Value<'_>,
        id: &ObjId,
        heads: Option<&[automerge::ChangeHash]>,
    ) -> Option<FieldValue> {
        match value {
            Value::Scalar(scalar) => from_scalar(&scalar),
            Value::Object(ObjType::Text) => heads
                .map_or_else(|| self.crdt.text(id), |heads| self.crdt.text_at(id, heads))
                .ok()
                .map(FieldValue::Text),
            Value::Object(_) => None,
        }
    }

    fn written(&self, (value, id): &(FieldValue, ObjId)) -> Written {
        let change = self.change_of(id);
        Written {
            value: value.clone(),
            operation: change.as_ref().and_then(operation_in),
            at: Timestamp(change.map_or(0, |change| change.timestamp)),
        }
    }

    fn operation_of(&self, id: &ObjId) -> Option<OperationId> {
        self.change_of(id).as_ref().and_then(operation_in)
    }

    fn change_of(&self, id: &ObjId) -> Option<ChangeMetadata<'_>> {
        let hash = self.crdt.hash_for_opid(id)?;
        self.crdt.get_change_meta_by_hash(&hash)
    }
}

/// The action that a change belongs to.
fn operation_in(change: &ChangeMetadata<'_>) -> Option<OperationId> {
    change.message.as_ref()?.parse().ok()
}

/// Where one operation of a change writes.
enum WrittenAt {
    Key(String),
    Object(String),
    Nowhere,
}

fn text_fields(reference: DocumentRef) -> Vec<&'static str> {
    fields_of(reference.kind)
        .iter()
        .filter(|(_, rule)| matches!(rule, MergeRule::Text))
        .map(|(key, _)| *key)
        .collect()
}

fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, DocumentError> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| DocumentError::Panicked)
}

#[cfg(test)]
mod tests;
