//! Which column is which field, and how its values are written.

use super::{ImportField, ImportKind};
use crate::{
    limits::{MAX_IMPORT_COLUMNS, MAX_MAPPED_COLUMNS, MAX_MAPPED_WORDS},
    word_enum,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

word_enum! {
    /// What stands between two cells.
    #[derive(Default)]
    Delimiter {
        #[default]
        Comma = "comma",
        Semicolon = "semicolon",
        Tab = "tab",
        Bar = "bar",
    }
}

impl Delimiter {
    pub fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Bar => b'|',
        }
    }
}

word_enum! {
    /// The order in which a date names its parts; what stands between them does not matter, and a
    /// month may be an English name.
    #[derive(Default)]
    DateOrder {
        #[default]
        YearMonthDay = "year-month-day",
        DayMonthYear = "day-month-year",
        MonthDayYear = "month-day-year",
    }
}

word_enum! {
    /// What stands before the fraction of a number.
    #[derive(Default)]
    DecimalSign {
        #[default]
        Point = "point",
        Comma = "comma",
    }
}

/// How a file is read.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mapping {
    pub delimiter: Delimiter,
    pub dates: DateOrder,
    pub decimal: DecimalSign,
    /// Words for yes and no beside those that everybody uses, in whatever case.
    pub yes: Vec<String>,
    pub no: Vec<String>,
    /// Words that stand for nothing, as an empty cell does.
    pub missing: Vec<String>,
    pub fields: Vec<MappedField>,
    /// Columns by which a booking is known again. Empty: its number, or without one all that is
    /// mapped.
    pub named_by: Vec<String>,
}

/// A field and where it stands. Of several columns a date is put together, a number is the sum, and
/// a text is the first that says something.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappedField {
    pub field: ImportField,
    pub columns: Vec<String>,
    /// The hotel's words for those of the file. Whatever is not named stays as it is.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub words: BTreeMap<String, String>,
}

/// Why a mapping is none for any file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unfit {
    #[error("the mapping gives `{0}` twice; give it once, with all of its columns")]
    Twice(ImportField),
    #[error("the mapping gives `{0}`, which is nothing that a file of {1} tells")]
    OtherKind(ImportField, ImportKind),
    #[error("the mapping gives `{0}` no column, or more than {MAX_MAPPED_COLUMNS}")]
    Columns(ImportField),
    #[error("the mapping names more columns or words than a mapping may have")]
    TooMuch,
}

impl Mapping {
    pub fn field(&self, field: ImportField) -> Option<&MappedField> {
        self.fields.iter().find(|mapped| mapped.field == field)
    }

    /// Gives a field another column; None: none at all. What was said of its words goes with it.
    pub fn give(&mut self, field: ImportField, column: Option<String>) {
        self.fields.retain(|mapped| mapped.field != field);
        if let Some(column) = column {
            self.fields.push(MappedField {
                field,
                columns: vec![column],
                words: BTreeMap::new(),
            });
        }
    }

    /// Refuses what no file can be read by.
    pub fn check(&self, kind: ImportKind) -> Result<(), Unfit> {
        let first = self.all_unfit(kind).into_iter().next();
        first.map_or(Ok(()), |(_, unfit)| Err(unfit))
    }

    /// All for which no file can be read by it, each with the place of the field that it is about.
    pub(super) fn all_unfit(&self, kind: ImportKind) -> Vec<(Option<usize>, Unfit)> {
        let words = self.fields.iter().map(|mapped| mapped.words.len());
        let words: usize = words.sum();
        let own = self.yes.len() + self.no.len() + self.missing.len();
        if words + own > MAX_MAPPED_WORDS || self.named_by.len() > MAX_IMPORT_COLUMNS {
            return vec![(None, Unfit::TooMuch)];
        }
        let mut found = Vec::new();
        for (at, mapped) in self.fields.iter().enumerate() {
            let field = mapped.field;
            if !kind.fields().contains(&field) {
                found.push((Some(at), Unfit::OtherKind(field, kind)));
            } else if self.fields[..at].iter().any(|other| other.field == field) {
                found.push((Some(at), Unfit::Twice(field)));
            } else if !(1..=MAX_MAPPED_COLUMNS).contains(&mapped.columns.len()) {
                found.push((Some(at), Unfit::Columns(field)));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapped(field: ImportField, columns: usize) -> MappedField {
        MappedField {
            field,
            columns: vec!["column".to_owned(); columns],
            words: BTreeMap::new(),
        }
    }

    #[test]
    fn a_mapping_that_no_file_can_be_read_by_is_refused() {
        use ImportField::{Arrival, Number};
        let words = (0..=MAX_MAPPED_WORDS).map(|number| number.to_string());
        for (mapping, refused) in [
            (Mapping::default(), None),
            (of(vec![mapped(Number, 1)]), None),
            (of(vec![mapped(Number, MAX_MAPPED_COLUMNS)]), None),
            (
                of(vec![mapped(Number, 1), mapped(Number, 1)]),
                Some(Unfit::Twice(Number)),
            ),
            (
                of(vec![mapped(Arrival, 1)]),
                Some(Unfit::OtherKind(Arrival, ImportKind::Rooms)),
            ),
            (of(vec![mapped(Number, 0)]), Some(Unfit::Columns(Number))),
            (
                of(vec![mapped(Number, MAX_MAPPED_COLUMNS + 1)]),
                Some(Unfit::Columns(Number)),
            ),
            (
                Mapping {
                    missing: words.collect(),
                    ..Mapping::default()
                },
                Some(Unfit::TooMuch),
            ),
        ] {
            assert_eq!(
                mapping.check(ImportKind::Rooms).err(),
                refused,
                "{mapping:?}"
            );
        }
    }

    fn of(fields: Vec<MappedField>) -> Mapping {
        Mapping {
            fields,
            ..Mapping::default()
        }
    }

    #[test]
    fn a_mapping_is_written_by_hand_with_as_little_as_will_do() {
        let read: Mapping = serde_json::from_str(
            r#"{"delimiter": "semicolon",
                "fields": [{"field": "number", "columns": ["Room"]},
                           {"field": "room-type", "columns": ["Type"], "words": {"D": "Double"}}]}"#,
        )
        .unwrap();
        assert_eq!(read.delimiter, Delimiter::Semicolon);
        assert_eq!(read.fields[1].words["D"], "Double");
        let again = serde_json::to_string(&read).unwrap();
        assert_eq!(serde_json::from_str::<Mapping>(&again).unwrap(), read);
        assert!(serde_json::from_str::<Mapping>(r#"{"delimeter": "tab"}"#).is_err());
    }

    #[test]
    fn a_field_that_is_given_another_column_has_that_one_alone() {
        let mut mapping = of(vec![mapped(ImportField::Floor, 2)]);
        mapping.give(ImportField::Floor, Some("Level".to_owned()));
        let columns = mapping
            .field(ImportField::Floor)
            .map(|it| it.columns.clone());
        assert_eq!(columns, Some(vec!["Level".to_owned()]));
        mapping.give(ImportField::Floor, None);
        assert_eq!(mapping, Mapping::default());
    }
}
