//! Field values as Automerge scalars.

use automerge::ScalarValue;
use keyrack_model::{field::FieldValue, time::Timestamp};

pub fn to_scalar(value: &FieldValue) -> ScalarValue {
    match value {
        FieldValue::Nothing => ScalarValue::Null,
        FieldValue::Text(text) => ScalarValue::Str(text.as_str().into()),
        FieldValue::Integer(number) => ScalarValue::Int(*number),
        FieldValue::Time(at) => ScalarValue::Timestamp(at.0),
        FieldValue::Flag(flag) => ScalarValue::Boolean(*flag),
    }
}

/// None for a scalar that no field holds.
pub fn from_scalar(scalar: &ScalarValue) -> Option<FieldValue> {
    match scalar {
        ScalarValue::Null => Some(FieldValue::Nothing),
        ScalarValue::Str(text) => Some(FieldValue::Text(text.to_string())),
        ScalarValue::Int(number) => Some(FieldValue::Integer(*number)),
        ScalarValue::Timestamp(at) => Some(FieldValue::Time(Timestamp(*at))),
        ScalarValue::Boolean(flag) => Some(FieldValue::Flag(*flag)),
        ScalarValue::Bytes(_)
        | ScalarValue::Uint(_)
        | ScalarValue::F64(_)
        | ScalarValue::Counter(_)
        | ScalarValue::Unknown { .. } => None,
    }
}
