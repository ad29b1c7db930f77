//! Fields of documents: plain values, the types that are stored as such, and the declaration of
//! an entity with a merge rule for every field.

use crate::{
    ids::{
        BlockId, CommentId, DocumentId, HotelId, LinkId, OperationId, RoomId, RuleSheetId, StayId,
        TaskId, UserId, WorkOrderId,
    },
    time::{BusinessDate, Timestamp},
};
use serde::{Deserialize, Serialize};

/// A value as a document stores it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum FieldValue {
    Nothing,
    Text(String),
    Integer(i64),
    Time(Timestamp),
    Flag(bool),
}

/// A type that one field of a document can hold.
pub trait FieldType: Sized {
    fn to_value(&self) -> FieldValue;
    /// None for a value that this version does not understand; the field then keeps its default.
    fn from_value(value: &FieldValue) -> Option<Self>;
}

impl FieldType for String {
    fn to_value(&self) -> FieldValue {
        FieldValue::Text(self.clone())
    }
    fn from_value(value: &FieldValue) -> Option<Self> {
        match value {
            FieldValue::Text(text) => Some(text.clone()),
            _ => None,
        }
    }
}

impl FieldType for i64 {
    fn to_value(&self) -> FieldValue {
        FieldValue::Integer(*self)
    }
    fn from_value(value: &FieldValue) -> Option<Self> {
        match value {
            FieldValue::Integer(number) => Some(*number),
            _ => None,
        }
    }
}

impl FieldType for bool {
    fn to_value(&self) -> FieldValue {
        FieldValue::Flag(*self)
    }
    fn from_value(value: &FieldValue) -> Option<Self> {
        match value {
            FieldValue::Flag(flag) => Some(*flag),
            _ => None,
        }
    }
}

impl FieldType for Timestamp {
    fn to_value(&self) -> FieldValue {
        FieldValue::Time(*self)
    }
    fn from_value(value: &FieldValue) -> Option<Self> {
        match value {
            FieldValue::Time(at) => Some(*at),
            _ => None,
        }
    }
}

impl<T: FieldType> FieldType for Option<T> {
    fn to_value(&self) -> FieldValue {
        self.as_ref().map_or(FieldValue::Nothing, T::to_value)
    }
    fn from_value(value: &FieldValue) -> Option<Self> {
        match value {
            FieldValue::Nothing => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}

/// Stores a type through its `Display` and `FromStr`.
#[macro_export]
macro_rules! field_as_text {
    ($($ty:ty),* $(,)?) => {$(
        impl $crate::field::FieldType for $ty {
            fn to_value(&self) -> $crate::field::FieldValue {
                $crate::field::FieldValue::Text(self.to_string())
            }
            fn from_value(value: &$crate::field::FieldValue) -> Option<Self> {
                match value {
                    $crate::field::FieldValue::Text(text) => text.parse().ok(),
                    _ => None,
                }
            }
        }
    )*};
}

field_as_text!(
    BlockId,
    BusinessDate,
    CommentId,
    DocumentId,
    HotelId,
    LinkId,
    OperationId,
    RoomId,
    RuleSheetId,
    StayId,
    TaskId,
    UserId,
    WorkOrderId,
);

/// An enum whose variants are stored, sent and shown to programs by a stable word.
#[macro_export]
macro_rules! word_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $word)] $variant),* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// The stable word of this value.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::field::UnknownWord;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)*
                    _ => Err($crate::field::UnknownWord),
                }
            }
        }

        $crate::field_as_text!($name);
    };
}

/// Whether a field says nothing: those that came later are left out then.
pub fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A word that names no value of its type.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one of the known words")]
pub struct UnknownWord;

/// Declares an entity, the enum of its changes, and for each field its key and merge rule.
///
/// A field cannot be declared without a rule.
#[macro_export]
macro_rules! entity {
    ($(#[$meta:meta])* $entity:ident by $change:ident {
        $($(#[$fmeta:meta])* $field:ident / $variant:ident : $ty:ty = $rule:expr),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        pub struct $entity { $($(#[$fmeta])* pub $field: $ty),* }

        #[doc = concat!("What can become true of a [`", stringify!($entity), "`], one field at a time.")]
        #[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
        pub enum $change { $($variant($ty)),* }

        impl $change {
            /// Every field of the document with its merge rule, in the order of declaration.
            pub const FIELDS: &'static [(&'static str, $crate::merge::MergeRule)] =
                &[$((stringify!($field), $rule)),*];

            /// The field's key in the document.
            pub fn key(&self) -> &'static str {
                match self { $(Self::$variant(_) => stringify!($field)),* }
            }

            pub fn value(&self) -> $crate::field::FieldValue {
                match self { $(Self::$variant(value) => $crate::field::FieldType::to_value(value)),* }
            }

            /// None for a key or value that this version does not know.
            pub fn from_field(key: &str, value: &$crate::field::FieldValue) -> Option<Self> {
                match key {
                    $(stringify!($field) => $crate::field::FieldType::from_value(value).map(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl $entity {
            pub fn apply(&mut self, change: $change) {
                match change { $($change::$variant(value) => self.$field = value),* }
            }

            /// The value of one field; None for a key that this version does not know.
            pub fn field(&self, key: &str) -> Option<$crate::field::FieldValue> {
                match key {
                    $(stringify!($field) => Some($crate::field::FieldType::to_value(&self.$field)),)*
                    _ => None,
                }
            }

            /// The changes that make an empty entity equal to this one; fields that hold their
            /// default are left out.
            pub fn as_changes(&self) -> Vec<$change> {
                let empty = Self::default();
                let mut changes = Vec::new();
                $(if self.$field != empty.$field {
                    changes.push($change::$variant(self.$field.clone()));
                })*
                changes
            }
        }
    };
}
