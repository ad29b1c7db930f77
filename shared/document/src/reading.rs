//! A document read as what it means, with the concurrent values that people should hear of.

use keyrack_model::{
    change::Entity,
    field::FieldValue,
    ids::{DocumentRef, OperationId, UserId},
    rows::{ConflictSide, FieldConflict, HistoryField, Row},
    time::Timestamp,
};

/// What a document says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    pub entity: Entity,
    pub contested: Vec<Contested>,
}

impl Reading {
    /// The row of the document.
    ///
    /// # Errors
    /// What `author_of` says when it cannot tell whose an action is.
    pub fn into_row<E>(
        self,
        document: DocumentRef,
        changed_at: Timestamp,
        mut author_of: impl FnMut(OperationId) -> Result<UserId, E>,
    ) -> Result<Row, E> {
        let mut side = |written: Written| {
            let operation = written.operation.unwrap_or_default();
            Ok(ConflictSide {
                value: written.value,
                operation,
                author: author_of(operation)?,
                at: written.at,
            })
        };
        let contested = self.contested.into_iter();
        let conflicts = contested
            .map(|contested| {
                Ok(FieldConflict {
                    key: contested.key.to_owned(),
                    shown: side(contested.shown)?,
                    gave_way: contested
                        .gave_way
                        .into_iter()
                        .map(&mut side)
                        .collect::<Result<_, E>>()?,
                })
            })
            .collect::<Result<_, E>>()?;
        Ok(Row {
            document,
            entity: self.entity,
            conflicts,
            changed_at,
        })
    }

    /// The actions whose values stand side by side.
    pub fn contestants(&self) -> impl Iterator<Item = OperationId> {
        let contested = self.contested.iter();
        let written = contested
            .flat_map(|contested| std::iter::once(&contested.shown).chain(&contested.gave_way));
        written.filter_map(|written| written.operation)
    }
}

/// A field that several people wrote without knowing of each other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contested {
    pub key: &'static str,
    pub shown: Written,
    pub gave_way: Vec<Written>,
}

/// A value with the action that wrote it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    pub value: FieldValue,
    pub operation: Option<OperationId>,
    pub at: Timestamp,
}

/// What a change did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Effects {
    /// Whether it was the first after the genesis.
    pub created: bool,
    pub writes: Vec<FieldWrite>,
}

impl Effects {
    /// The fields as the history tells them.
    pub fn into_fields(self) -> Vec<HistoryField> {
        let writes = self.writes.into_iter();
        writes
            .map(|write| HistoryField {
                key: write.key.to_owned(),
                before: write.before,
                after: write.after,
            })
            .collect()
    }
}

/// One field before and after a change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldWrite {
    pub key: &'static str,
    pub before: FieldValue,
    pub after: FieldValue,
}
