//! A change taken apart, edited, and put together again so that its encoding and its checksum are
//! in order.

use crate::hostile::choices::Choices;
use automerge::{
    ActorId, Change, ChangeHash, ExpandedChange, ObjType, ScalarValue,
    legacy::{ElementId, Key, ObjectId, OpId, OpType},
};
use std::num::NonZeroU64;

/// Edits of one change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Edit {
    Sequence,
    StartOp,
    Time,
    Message,
    NoDependencies,
    /// One that nobody has.
    UnknownDependency,
    ManyDependencies,
    DropOperation,
    RepeatOperation,
    SwapOperations,
    Key,
    Predecessors,
    Object,
    Action,
    Insert,
}

impl Edit {
    pub const ALL: [Self; 15] = [
        Self::Sequence,
        Self::StartOp,
        Self::Time,
        Self::Message,
        Self::NoDependencies,
        Self::UnknownDependency,
        Self::ManyDependencies,
        Self::DropOperation,
        Self::RepeatOperation,
        Self::SwapOperations,
        Self::Key,
        Self::Predecessors,
        Self::Object,
        Self::Action,
        Self::Insert,
    ];
}

/// Where an operation writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// A key by its name.
    Named,
    /// The beginning of a sequence.
    Head,
    /// After some operation.
    After,
}

impl Place {
    pub const ALL: [Self; 3] = [Self::Named, Self::Head, Self::After];
}

/// What an operation does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Value {
    Text,
    Int,
    Uint,
    Float,
    Null,
    True,
    Bytes,
    Counter,
    Timestamp,
    Unknown,
    Map,
    List,
    MadeText,
    Delete,
    Increment,
}

impl Value {
    pub const ALL: [Self; 15] = [
        Self::Text,
        Self::Int,
        Self::Uint,
        Self::Float,
        Self::Null,
        Self::True,
        Self::Bytes,
        Self::Counter,
        Self::Timestamp,
        Self::Unknown,
        Self::Map,
        Self::List,
        Self::MadeText,
        Self::Delete,
        Self::Increment,
    ];
}

/// The change with as many edits as the bytes say.
pub fn rewritten(bytes: &[u8], choices: &mut Choices<'_>) -> Vec<u8> {
    let change = Change::from_bytes(bytes.to_vec()).expect("an honest change");
    let mut change = change.decode();
    for _ in 0..=choices.byte() % 4 {
        edit(&mut change, choices);
    }
    Change::from(change).raw_bytes().to_vec()
}

fn edit(change: &mut ExpandedChange, choices: &mut Choices<'_>) {
    let edit = *choices.one_of(&Edit::ALL);
    match edit {
        Edit::Sequence => change.seq = choices.number(),
        Edit::StartOp => {
            change.start_op = NonZeroU64::new(choices.number()).unwrap_or(change.start_op);
        }
        Edit::Time => change.time = choices.number() as i64,
        Edit::Message => {
            change.message = Some(String::from_utf8_lossy(choices.bytes()).into_owned());
        }
        Edit::NoDependencies => change.deps.clear(),
        Edit::UnknownDependency => change.deps.push(ChangeHash([choices.byte(); 32])),
        Edit::ManyDependencies => {
            let many = 0..choices.byte();
            change
                .deps
                .extend(many.map(|number| ChangeHash([number; 32])));
        }
        Edit::DropOperation
        | Edit::RepeatOperation
        | Edit::SwapOperations
        | Edit::Key
        | Edit::Predecessors
        | Edit::Object
        | Edit::Action
        | Edit::Insert => edit_operation(change, edit, choices),
    }
}

fn edit_operation(change: &mut ExpandedChange, edit: Edit, choices: &mut Choices<'_>) {
    let actor = change.actor_id.clone();
    let count = change.operations.len();
    if count == 0 {
        return;
    }
    let at = choices.below(count);
    let operation = &mut change.operations[at];
    match edit {
        Edit::DropOperation => drop(change.operations.remove(at)),
        Edit::RepeatOperation => {
            let again = operation.clone();
            change.operations.push(again);
        }
        Edit::SwapOperations => change.operations.swap(at, count - 1),
        Edit::Key => operation.key = key(choices, &actor),
        Edit::Predecessors => {
            let mut replaced: Vec<OpId> = Vec::new();
            for _ in 0..choices.byte() % 4 {
                replaced.push(operation_id(choices, &actor));
            }
            operation.pred = replaced.into();
        }
        Edit::Object => {
            operation.obj = match choices.byte() % 2 {
                0 => ObjectId::Root,
                _ => ObjectId::Id(operation_id(choices, &actor)),
            };
        }
        Edit::Action => operation.action = action(choices),
        _ => operation.insert = !operation.insert,
    }
}

fn key(choices: &mut Choices<'_>, actor: &ActorId) -> Key {
    match choices.one_of(&Place::ALL) {
        Place::Named => Key::Map(String::from_utf8_lossy(choices.bytes()).into_owned().into()),
        Place::Head => Key::Seq(ElementId::Head),
        Place::After => Key::Seq(ElementId::Id(operation_id(choices, actor))),
    }
}

/// An operation by the change's own actor, by the first one of all documents or by nobody's.
fn operation_id(choices: &mut Choices<'_>, own: &ActorId) -> OpId {
    let actor = match choices.byte() % 2 {
        0 => own.clone(),
        _ => ActorId::from(&[choices.byte(); 16][..]),
    };
    OpId(choices.number(), actor)
}

fn action(choices: &mut Choices<'_>) -> OpType {
    let put = OpType::Put;
    match choices.one_of(&Value::ALL) {
        Value::Text => {
            let text = String::from_utf8_lossy(choices.bytes()).into_owned();
            put(ScalarValue::Str(text.into()))
        }
        Value::Int => put(ScalarValue::Int(choices.number() as i64)),
        Value::Uint => put(ScalarValue::Uint(choices.number())),
        Value::Float => put(ScalarValue::F64(f64::from_bits(choices.number()))),
        Value::Null => put(ScalarValue::Null),
        Value::True => put(ScalarValue::Boolean(true)),
        Value::Bytes => put(ScalarValue::Bytes(choices.bytes().to_vec())),
        Value::Counter => put(ScalarValue::counter(choices.number() as i64)),
        Value::Timestamp => put(ScalarValue::Timestamp(choices.number() as i64)),
        Value::Unknown => put(ScalarValue::Unknown {
            type_code: 10 + choices.byte() % 6,
            bytes: choices.bytes().to_vec(),
        }),
        Value::Map => OpType::Make(ObjType::Map),
        Value::List => OpType::Make(ObjType::List),
        Value::MadeText => OpType::Make(ObjType::Text),
        Value::Delete => OpType::Delete,
        Value::Increment => OpType::Increment(choices.number() as i64),
    }
}
