//! Where the fields of a mapping stand in a file.

use super::tally::{Place, problem};
use keyrack_model::import::{ImportFault, ImportField, ImportKind, Mapping, RowProblem, Weight};
use std::collections::HashMap;

/// The row of a file that names its columns, for what is wrong with the mapping itself.
const FIRST_LINE: u64 = 1;

/// A mapping whose columns the file has.
pub(super) struct Layout<'a> {
    pub(super) mapping: &'a Mapping,
    pub(super) header: &'a [String],
    places: HashMap<ImportField, Vec<usize>>,
    named_by: Vec<usize>,
}

impl<'a> Layout<'a> {
    /// # Errors
    /// What is missing, all of it.
    pub(super) fn of(
        kind: ImportKind,
        mapping: &'a Mapping,
        header: &'a [String],
    ) -> Result<Self, Vec<RowProblem>> {
        let mut missing = Vec::new();
        let mut place = |column: &String| {
            let found = place_of(header, column);
            if found.is_none() {
                let place = Place::named(column);
                missing.push(problem(
                    FIRST_LINE,
                    place,
                    "",
                    Weight::Error,
                    ImportFault::NoColumn,
                ));
            }
            found
        };
        let places: HashMap<ImportField, Vec<usize>> = mapping
            .fields
            .iter()
            .map(|mapped| {
                let columns = mapped.columns.iter().filter_map(&mut place);
                (mapped.field, columns.collect())
            })
            .collect();
        let named_by: Vec<usize> = mapping.named_by.iter().filter_map(&mut place).collect();
        let unmapped = lacking(kind, mapping).into_iter().map(|field| {
            let fault = ImportFault::Unmapped { field };
            problem(FIRST_LINE, Place::row(), "", Weight::Error, fault)
        });
        missing.extend(unmapped);
        if !missing.is_empty() {
            return Err(missing);
        }
        let mut layout = Self {
            mapping,
            header,
            places,
            named_by,
        };
        if layout.named_by.is_empty() {
            layout.named_by = layout.usual_name();
        }
        Ok(layout)
    }

    /// Without columns of its own a booking is named by its number, or by all that is mapped but for its
    /// guest: who that is can be written in another way, and has to be forgotten when they wish it.
    fn usual_name(&self) -> Vec<usize> {
        let number = self.places(ImportField::Booking);
        if !number.is_empty() {
            return number.to_vec();
        }
        let fields = self.mapping.fields.iter();
        let lasting = fields.filter(|mapped| mapped.field != ImportField::Guest);
        let all = lasting.flat_map(|mapped| self.places(mapped.field));
        all.copied().collect()
    }

    /// The columns of a field; none where it is not mapped.
    pub(super) fn places(&self, field: ImportField) -> &[usize] {
        self.places.get(&field).map_or(&[], Vec::as_slice)
    }

    /// A field's first column, as a place of a problem.
    pub(super) fn place(&self, field: ImportField) -> Place {
        let first = self.places(field).first();
        let name = first.and_then(|at| self.header.get(*at));
        name.map_or_else(Place::row, |name| Place::named(name))
    }

    /// The columns by which a booking is known again.
    pub(super) fn named_by(&self) -> &[usize] {
        &self.named_by
    }
}

/// A column by its name, or by one that differs in nothing but case.
pub(super) fn place_of(header: &[String], column: &str) -> Option<usize> {
    let column = column.trim();
    let exact = header.iter().position(|name| name == column);
    exact.or_else(|| {
        let small = column.to_lowercase();
        header.iter().position(|name| name.to_lowercase() == small)
    })
}

fn lacking(kind: ImportKind, mapping: &Mapping) -> Vec<ImportField> {
    let is_mapped = |field: ImportField| mapping.field(field).is_some();
    let needs = kind.needs().iter().copied();
    let mut lacking: Vec<ImportField> = needs.filter(|field| !is_mapped(*field)).collect();
    let has_end = is_mapped(ImportField::Departure) || is_mapped(ImportField::Nights);
    if kind == ImportKind::Bookings && !has_end {
        lacking.push(ImportField::Departure);
    }
    lacking
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::import::MappedField;

    fn mapping(fields: &[(ImportField, &str)], named_by: &[&str]) -> Mapping {
        Mapping {
            fields: fields
                .iter()
                .map(|(field, column)| MappedField {
                    field: *field,
                    columns: vec![(*column).to_owned()],
                    words: Default::default(),
                })
                .collect(),
            named_by: named_by.iter().map(|name| (*name).to_owned()).collect(),
            ..Mapping::default()
        }
    }

    #[test]
    fn all_that_a_file_lacks_is_said_at_once() {
        use ImportField::{Adults, Arrival, Booking, Departure};
        let header = ["No", "From", "To"].map(str::to_owned);
        let check = |fields: &[(ImportField, &str)], named_by: &[&str]| {
            let mapping = mapping(fields, named_by);
            let layout = Layout::of(ImportKind::Bookings, &mapping, &header);
            layout
                .map(|layout| layout.named_by().to_vec())
                .map_err(|problems| {
                    let said = |problem: RowProblem| {
                        assert_eq!((problem.row, problem.weight), (1, Weight::Error));
                        (problem.column.unwrap_or_default(), problem.fault.word())
                    };
                    problems.into_iter().map(said).collect::<Vec<_>>()
                })
        };
        let dates = [(Arrival, "from"), (Departure, "To")];
        assert_eq!(check(&dates, &[]), Ok(vec![1, 2]));
        let numbered = [dates[0], dates[1], (Booking, "No")];
        assert_eq!(check(&numbered, &[]), Ok(vec![0]));
        assert_eq!(check(&numbered, &["To"]), Ok(vec![2]));
        assert_eq!(
            check(&[(Adults, "Heads")], &["Code"]),
            Err(vec![
                ("Heads".to_owned(), "no-column"),
                ("Code".to_owned(), "no-column"),
                (String::new(), "unmapped"),
                (String::new(), "unmapped"),
            ])
        );
    }
}
