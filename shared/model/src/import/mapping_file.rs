//! A mapping that somebody wrote into a file, and what is wrong with it, line by line.

use super::{ImportField, ImportKind, Mapping, Unfit};
use crate::limits::MAX_MAPPING_FILE;
use std::fmt;

/// What is wrong with a file of a mapping.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MappingFault {
    /// Counted from 1; None for what is said of the whole.
    pub line: Option<usize>,
    pub why: MappingFlaw,
}

/// Why a mapping is not taken.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MappingFlaw {
    #[error("it is larger than {MAX_MAPPING_FILE} bytes")]
    TooLarge,
    /// In the words of whoever reads JSON.
    #[error("it is no JSON: {0}")]
    NotJson(String),
    #[error("a mapping does not say this: {0}")]
    NotSaid(String),
    #[error(transparent)]
    Unfit(#[from] Unfit),
}

impl fmt::Display for MappingFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.why),
            None => self.why.fmt(f),
        }
    }
}

impl Mapping {
    /// The text of a file that says it, as somebody writes one by hand; None where it would be too
    /// large to be read again. Signs that JSON writes as several count as these.
    pub fn written(&self) -> Option<String> {
        let text = serde_json::to_string_pretty(self).ok()?;
        (text.len() <= MAX_MAPPING_FILE).then_some(text)
    }

    /// The mapping that a text says.
    ///
    /// # Errors
    /// All that is wrong with it for files of the kind; of what is no mapping at all the first.
    pub fn read(text: &str, kind: ImportKind) -> Result<Self, Vec<MappingFault>> {
        if text.len() > MAX_MAPPING_FILE {
            return Err(vec![MappingFault {
                line: None,
                why: MappingFlaw::TooLarge,
            }]);
        }
        let mapping: Self = serde_json::from_str(text).map_err(|error| vec![unread(&error)])?;
        let unfit = mapping.all_unfit(kind).into_iter();
        let faults = unfit.map(|(at, unfit)| MappingFault {
            line: at.and_then(|at| line_of_field(text, at)),
            why: unfit.into(),
        });
        let faults: Vec<MappingFault> = faults.collect();
        if faults.is_empty() {
            Ok(mapping)
        } else {
            Err(faults)
        }
    }
}

fn unread(error: &serde_json::Error) -> MappingFault {
    let said = error.to_string();
    // The place is told by itself.
    let place = format!(" at line {} column {}", error.line(), error.column());
    let said = said.strip_suffix(&place).unwrap_or(&said).to_owned();
    let why = if error.is_data() {
        MappingFlaw::NotSaid(said)
    } else {
        MappingFlaw::NotJson(said)
    };
    MappingFault {
        line: (error.line() > 0).then_some(error.line()),
        why,
    }
}

/// The line on which one of the fields is named, in a text that is JSON. A column or a word may be
/// called as the key is.
fn line_of_field(text: &str, at: usize) -> Option<usize> {
    let (mut depth, mut named) = (0_usize, 0);
    let mut rest = text;
    while let Some(place) = rest.find(['"', '{', '[', '}', ']']) {
        let (mark, after) = rest[place..].split_at(1);
        rest = after;
        match mark {
            "\"" => {
                let (key, after) = string(rest)?;
                rest = after;
                let value = after.trim_start().strip_prefix(':').map(str::trim_start);
                let value = value.filter(|_| depth == OF_A_FIELD && key == "field");
                if let Some(value) = value {
                    if named == at {
                        let before = &text[..text.len() - value.len()];
                        return Some(1 + before.matches('\n').count());
                    }
                    named += 1;
                }
            }
            "{" | "[" => depth += 1,
            _ => depth = depth.saturating_sub(1),
        }
    }
    None
}

/// Within the mapping, its list of fields, and one of them.
const OF_A_FIELD: usize = 3;

/// A string as it is written, from after its first quotation mark, and what follows it.
fn string(text: &str) -> Option<(&str, &str)> {
    let mut is_escaped = false;
    let ends = |it: char| {
        let ends = it == '"' && !is_escaped;
        is_escaped = it == '\\' && !is_escaped;
        ends
    };
    let end = text.find(ends)?;
    Some((&text[..end], &text[end + 1..]))
}

impl Unfit {
    /// The field that it is about.
    pub fn field(self) -> Option<ImportField> {
        match self {
            Self::Twice(field) | Self::OtherKind(field, _) | Self::Columns(field) => Some(field),
            Self::TooMuch => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(Option<usize>, String)> {
        let faults = Mapping::read(text, ImportKind::Rooms).err();
        let faults = faults.unwrap_or_default().into_iter();
        let told = faults.map(|fault| (fault.line, fault.why.to_string()));
        told.collect()
    }

    #[test]
    fn everything_that_is_wrong_with_a_mapping_is_told_by_its_line() {
        let text = r#"{
            "delimiter": "semicolon",
            "fields": [
                {"field": "number", "columns": ["Room"]},
                {"field": "arrival", "columns": ["From"]},
                {"columns": ["Type"], "field":
                    "number"},
                {"field": "floor", "columns": []}
            ]
        }"#;
        let lines: Vec<Option<usize>> = told(text).iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [Some(5), Some(7), Some(8)]);
    }

    #[test]
    fn what_is_no_mapping_is_told_where_it_ends_to_be_one() {
        for (text, line, says) in [
            ("{\n\"delimeter\": \"tab\"}", 2, "unknown field `delimeter`"),
            (
                "{\"dates\":\n\"backwards\"}",
                2,
                "unknown variant `backwards`",
            ),
            ("{\"fields\": [\n{}]}", 2, "missing field `field`"),
            ("{\n\"yes\": [\"Ja\"\n", 3, "EOF"),
            ("Room;Floor\n204;2\n", 1, "expected value"),
        ] {
            let told = told(text);
            let [(at, said)] = &told[..] else {
                panic!("{told:?}");
            };
            assert_eq!(*at, Some(line), "{said}");
            assert!(said.contains(says) && !said.contains("line"), "{said}");
        }
    }

    #[test]
    fn a_file_that_is_larger_than_any_mapping_is_not_read() {
        let padded = |bytes: usize| format!("{{}}{}", " ".repeat(bytes - 2));
        assert_eq!(told(&padded(MAX_MAPPING_FILE)), []);
        let [(None, _)] = &told(&padded(MAX_MAPPING_FILE + 1))[..] else {
            panic!("it is too large");
        };
    }

    #[test]
    fn a_mapping_that_was_saved_is_read_again() {
        let mut mapping = Mapping::default();
        mapping.give(ImportField::Number, Some("Room".to_owned()));
        mapping.give(ImportField::Floor, Some("Level".to_owned()));
        let saved = mapping.written().unwrap();
        assert_eq!(Mapping::read(&saved, ImportKind::Rooms), Ok(mapping));
    }

    #[test]
    fn what_could_not_be_read_again_is_not_written() {
        // Of two bytes each, once they are JSON.
        let quotes = |number| Mapping {
            yes: vec!["\"".repeat(number)],
            ..Mapping::default()
        };
        let frame = quotes(0).written().unwrap().len();
        let most = (MAX_MAPPING_FILE - frame) / 2;
        let saved = quotes(most).written().unwrap();
        assert_eq!(Mapping::read(&saved, ImportKind::Rooms), Ok(quotes(most)));
        assert_eq!(quotes(most + 1).written(), None);
    }

    #[test]
    fn a_column_or_a_word_called_field_is_not_taken_for_one() {
        let text = r#"{
            "fields": [
                {"columns": ["field", "a \"field\": b"],
                 "field": "number"},
                {"field": "floor", "words": {"field": "1"}, "columns": ["Level"]},
                {"field": "arrival", "columns": ["From"]}
            ]
        }"#;
        let lines: Vec<Option<usize>> = told(text).iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [Some(6)]);
    }
}
