//! Whether what was answered then is answered still.

use ciborium::Value;
use std::mem::discriminant;

/// Frames that came one after another.
#[derive(Default)]
pub struct Heard {
    pub entries: Vec<Value>,
    pub others: Vec<Value>,
}

impl Heard {
    pub fn hear(&mut self, frame: Value) {
        let delivered = member(&frame, "Deliver").and_then(|it| member(it, "entries"));
        match delivered.and_then(Value::as_array) {
            Some(entries) => self.entries.extend(entries.iter().cloned()),
            None => self.others.push(frame),
        }
    }
}

/// What is another thing at each server, or with each release of what packs it: only its type is
/// promised.
const OWN: [&str; 6] = [
    "message", "origin", "packed", "snapshot", "token", "unpacked",
];
const SEGMENT_ID: usize = 32;

/// Whether everything that was said then is said now. More may be said beside it: a reader passes
/// over keys that it does not know.
///
/// # Errors
/// The place of the first thing that is missing.
pub fn still_says(then: &Value, now: &Value) -> Result<(), String> {
    match (then, now) {
        (Value::Map(then), Value::Map(entries)) => then.iter().try_for_each(|(key, then)| {
            let key = key.as_text().unwrap_or_default();
            let found = member(now, key).ok_or_else(|| {
                let keys: Vec<_> = entries.iter().map(|(key, _)| key).collect();
                format!("no {key} in {keys:?}")
            })?;
            let is_segment_id = then.as_bytes().is_some_and(|id| id.len() == SEGMENT_ID);
            let said = match OWN.contains(&key) || key == "id" && is_segment_id {
                true if discriminant(then) == discriminant(found) => Ok(()),
                true => Err("another type".to_owned()),
                false => still_says(then, found),
            };
            said.map_err(|place| format!("{key}/{place}"))
        }),
        (Value::Array(then), Value::Array(now)) if then.len() == now.len() => {
            let mut pairs = then.iter().zip(now).enumerate();
            pairs.try_for_each(|(at, (then, now))| {
                still_says(then, now).map_err(|place| format!("{at}/{place}"))
            })
        }
        (then, now) if then == now => Ok(()),
        (then, now) => Err(format!("{now:?} instead of {then:?}")),
    }
}

fn member<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    let entries = value.as_map()?;
    let found = entries
        .iter()
        .find(|(found, _)| found.as_text() == Some(key));
    found.map(|(_, value)| value)
}

/// CBOR, or JSON in the same terms.
pub fn value(content: &[u8]) -> Value {
    if content.starts_with(b"{") {
        let json: serde_json::Value = serde_json::from_slice(content).unwrap();
        return Value::serialized(&json).unwrap();
    }
    ciborium::from_reader(content).unwrap()
}

pub fn kind(frame: &Value) -> String {
    let named = frame.as_map().and_then(|entries| entries[0].0.as_text());
    named.or(frame.as_text()).unwrap().to_owned()
}

pub fn first_segment(set: &Value) -> String {
    let segments = member(set, "segments").and_then(Value::as_array).unwrap();
    let id = member(&segments[0], "id").and_then(Value::as_bytes);
    id.unwrap()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[test]
fn more_may_be_said_and_nothing_less_or_else() {
    let json = |text: &str| {
        let json: serde_json::Value = serde_json::from_str(text).unwrap();
        Value::serialized(&json).unwrap()
    };
    let then =
        json(r#"{"Refuse": {"code": "too-large", "message": "too much", "list": [1, null]}}"#);
    let says = |now: &str| still_says(&then, &json(now)).is_ok();
    assert!(says(
        r#"{"Refuse": {"code": "too-large", "message": "too much", "list": [1, null]}}"#
    ));
    assert!(says(
        r#"{"Refuse": {"more": 1, "list": [1, null], "message": "", "code": "too-large"}}"#
    ));
    for other in [
        r#""Refuse""#,
        r#"{"Refused": {"code": "too-large", "message": "too much", "list": [1, null]}}"#,
        r#"{"Refuse": {"code": "too-small", "message": "too much", "list": [1, null]}}"#,
        r#"{"Refuse": {"code": "too-large", "message": 7, "list": [1, null]}}"#,
        r#"{"Refuse": {"code": "too-large", "list": [1, null]}}"#,
        r#"{"Refuse": {"code": "too-large", "message": "too much", "list": [1]}}"#,
        r#"{"Refuse": {"code": "too-large", "message": "too much", "list": [1, 2]}}"#,
    ] {
        assert!(!says(other), "{other}");
    }
}
