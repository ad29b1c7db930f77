//! One row by the fields of a mapping: what it says of each, and what is wrong with it.

use super::{
    layout::Layout,
    sheet::SheetRow,
    tally::{Place, problem},
    values::{self, alike},
};
use jiff::civil::Date;
use keyrack_model::import::{ImportFault, ImportField, RowProblem, Weight};

/// A row that is being read. Whatever is not mapped, or stands for nothing, is None.
pub(super) struct Cells<'a> {
    layout: &'a Layout<'a>,
    row: &'a SheetRow,
    problems: Vec<RowProblem>,
}

impl<'a> Cells<'a> {
    pub(super) fn of(layout: &'a Layout<'a>, row: &'a SheetRow) -> Self {
        let mut cells = Self {
            layout,
            row,
            problems: Vec::new(),
        };
        let (found, expected) = (row.cells.len(), layout.header.len());
        if found != expected {
            let fault = ImportFault::CellCount { found, expected };
            cells.note(Place::row(), "", Weight::Error, fault);
        }
        cells
    }

    pub(super) fn row(&self) -> u64 {
        self.row.number
    }

    /// All that is wrong with the row.
    pub(super) fn problems(self) -> Vec<RowProblem> {
        self.problems
    }

    pub(super) fn is_right(&self) -> bool {
        !self.problems.iter().any(|it| it.weight == Weight::Error)
    }

    pub(super) fn fault(&mut self, field: ImportField, fault: ImportFault) {
        let found = self.said(field).join(" ");
        self.note(self.layout.place(field), &found, Weight::Error, fault);
    }

    /// Notes that the row says nothing where it must.
    pub(super) fn needs(&mut self, field: ImportField) {
        if !self.says(field) {
            self.fault(field, ImportFault::Missing);
        }
    }

    /// Whether the row says anything of a field, right or wrong.
    pub(super) fn says(&self, field: ImportField) -> bool {
        !self.said(field).is_empty()
    }

    /// A text of at most so many characters; empty where the row says nothing.
    pub(super) fn text(&mut self, field: ImportField, most: usize) -> Option<String> {
        let mapped = self.layout.mapping.field(field)?;
        let found = self.said(field).first().copied().unwrap_or_default();
        let text = mapped.words.get(found).map_or(found, String::as_str);
        if text.contains(|it: char| it.is_control() || it == char::REPLACEMENT_CHARACTER) {
            self.fault(field, ImportFault::Unreadable);
        } else if text.chars().count() > most {
            self.fault(field, ImportFault::TooLong { most });
        }
        Some(text.to_owned())
    }

    /// The same of what every row must say.
    pub(super) fn needed_text(&mut self, field: ImportField, most: usize) -> String {
        self.needs(field);
        self.text(field, most).unwrap_or_default()
    }

    /// A text of several lines.
    pub(super) fn lines(&mut self, field: ImportField, most: usize) -> Option<String> {
        self.layout.mapping.field(field)?;
        let text = self.said(field).first().copied().unwrap_or_default();
        let text = text.replace("\r\n", "\n");
        let is_strange = |it: char| it.is_control() && it != '\n';
        if text.contains(|it| is_strange(it) || it == char::REPLACEMENT_CHARACTER) {
            self.fault(field, ImportFault::Unreadable);
        } else if text.chars().count() > most {
            self.fault(field, ImportFault::TooLong { most });
        }
        Some(text)
    }

    pub(super) fn date(&mut self, field: ImportField) -> Option<Date> {
        let text = self.said(field).join(" ");
        if text.is_empty() {
            return None;
        }
        let order = self.layout.mapping.dates;
        let date = values::date(order, &text);
        if date.is_none() {
            self.fault(field, ImportFault::Date { order });
        }
        date
    }

    pub(super) fn number(&mut self, field: ImportField, least: i64, most: i64) -> Option<i64> {
        let said = self.said(field);
        if said.is_empty() {
            return None;
        }
        let decimal = self.layout.mapping.decimal;
        let read: Option<Vec<i64>> = said
            .into_iter()
            .map(|text| values::whole(decimal, text).filter(|it| (least..=most).contains(it)))
            .collect();
        // As many columns as a field may have do not overflow.
        let sum = read.map(|numbers| numbers.into_iter().fold(0, i64::saturating_add));
        let sum = sum.filter(|sum| (least..=most).contains(sum));
        if sum.is_none() {
            self.fault(field, ImportFault::Number { least, most });
        }
        sum
    }

    /// An empty cell says no.
    pub(super) fn yes_or_no(&mut self, field: ImportField) -> Option<bool> {
        self.layout.mapping.field(field)?;
        let text = self.said(field).first().copied()?;
        let read = values::yes_or_no(self.layout.mapping, text);
        if read.is_none() {
            self.fault(field, ImportFault::YesOrNo);
        }
        read
    }

    /// One of the hotel's words, as the file spells it or as the mapping says.
    pub(super) fn word<T: Copy>(&mut self, field: ImportField, known: &[(&str, T)]) -> Option<T> {
        let mapped = self.layout.mapping.field(field)?;
        let found = self.said(field).first().copied()?;
        let meant = mapped.words.iter().find(|(word, _)| alike(word, found));
        let meant = meant.map_or(found, |(_, meant)| meant);
        let value = known.iter().find(|(word, _)| alike(word, meant));
        if value.is_none() {
            let known = known.iter().map(|(word, _)| (*word).to_owned()).collect();
            self.fault(field, ImportFault::Word { known });
        }
        value.map(|(_, value)| *value)
    }

    /// What a booking is known again by: its own columns, and nothing for what is missing. Bookings
    /// that were brought in are known by it: this form never changes.
    pub(super) fn content(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        for value in self.layout.named_by().iter().map(|at| self.value(*at)) {
            let value = if self.is_missing(value) { "" } else { value };
            hasher.update(&(value.len() as u64).to_be_bytes());
            hasher.update(value.as_bytes());
        }
        *hasher.finalize().as_bytes()
    }

    /// What the columns of a field say, without those that say nothing.
    fn said(&self, field: ImportField) -> Vec<&'a str> {
        let places = self.layout.places(field).iter();
        let values = places.map(|at| self.value(*at));
        values.filter(|value| !self.is_missing(value)).collect()
    }

    fn value(&self, at: usize) -> &'a str {
        self.row.cells.get(at).unwrap_or_default().trim()
    }

    fn is_missing(&self, value: &str) -> bool {
        let missing = &self.layout.mapping.missing;
        value.is_empty() || missing.iter().any(|word| word == value)
    }

    fn note(&mut self, place: Place, found: &str, weight: Weight, fault: ImportFault) {
        self.problems
            .push(problem(self.row.number, place, found, weight, fault));
    }
}
