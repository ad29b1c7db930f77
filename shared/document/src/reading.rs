//! A document read as what it means, with the concurrent values that people should hear of.

use keyrack_model::{change::Entity, field::FieldValue, ids::OperationId, time::Timestamp};

/// What a document says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    pub entity: Entity,
    pub contested: Vec<Contested>,
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

/// One field before and after a change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldWrite {
    pub key: &'static str,
    pub before: FieldValue,
    pub after: FieldValue,
}
