//! What is said of a file while it is read: problems and changes, as many as a report lists.

use crate::bookings::quoted;
use keyrack_model::{
    import::{ImportCounts, ImportFault, ImportedLine, RowProblem, Weight},
    limits::{MAX_IMPORT_PROBLEMS, MAX_IMPORT_SHOWN},
};
use std::collections::BTreeSet;

/// Where in a row something is wrong.
pub(super) struct Place(Option<String>);

impl Place {
    /// The row as a whole.
    pub(super) fn row() -> Self {
        Self(None)
    }

    pub(super) fn named(column: &str) -> Self {
        Self(Some(quoted(column)))
    }
}

pub(super) fn problem(
    row: u64,
    place: Place,
    found: &str,
    weight: Weight,
    fault: ImportFault,
) -> RowProblem {
    RowProblem {
        row,
        column: place.0,
        found: quoted(found),
        weight,
        said: fault.to_string(),
        fault,
    }
}

/// What has been found so far.
#[derive(Default)]
pub(super) struct Tally {
    counts: ImportCounts,
    faulty: BTreeSet<u64>,
    problems: Vec<RowProblem>,
    unlisted: u64,
    first: Vec<ImportedLine>,
}

/// What is told of it in the end.
pub(super) struct Told {
    pub(super) counts: ImportCounts,
    pub(super) problems: Vec<RowProblem>,
    pub(super) unlisted: u64,
    pub(super) first: Vec<ImportedLine>,
}

impl Tally {
    pub(super) fn problem(&mut self, found: RowProblem) {
        if found.weight == Weight::Error {
            self.faulty.insert(found.row);
        }
        if self.problems.len() < MAX_IMPORT_PROBLEMS {
            self.problems.push(found);
        } else {
            self.unlisted += 1;
        }
    }

    pub(super) fn problems(&mut self, found: Vec<RowProblem>) {
        found.into_iter().for_each(|found| self.problem(found));
    }

    pub(super) fn line(&mut self, line: ImportedLine) {
        self.counts.count(line.fate);
        if self.first.len() < MAX_IMPORT_SHOWN {
            self.first.push(line);
        }
    }

    pub(super) fn unchanged(&mut self) {
        self.counts.unchanged += 1;
    }

    pub(super) fn has_faulty(&self) -> bool {
        !self.faulty.is_empty()
    }

    pub(super) fn told(mut self) -> Told {
        // What was found later, of rows that could be read, stands among the others.
        self.problems.sort_by_key(|problem| problem.row);
        Told {
            counts: ImportCounts {
                faulty: self.faulty.len() as u64,
                ..self.counts
            },
            problems: self.problems,
            unlisted: self.unlisted,
            first: self.first,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_with_many_faults_is_one_row_and_what_is_not_listed_is_counted() {
        let mut tally = Tally::default();
        let problems = MAX_IMPORT_PROBLEMS as u64 + 3;
        for row in (0..problems).rev() {
            let place = Place::named("column");
            let row = row / 2;
            tally.problem(problem(
                row,
                place,
                "x",
                Weight::Error,
                ImportFault::Missing,
            ));
        }
        let warning = problem(
            900,
            Place::row(),
            "",
            Weight::Warning,
            ImportFault::WorksHere,
        );
        tally.problem(warning);
        let told = tally.told();
        assert_eq!(told.counts.faulty, problems.div_ceil(2));
        assert_eq!(
            (told.problems.len(), told.unlisted),
            (MAX_IMPORT_PROBLEMS, 4)
        );
        assert!(told.problems.is_sorted_by_key(|problem| problem.row));
    }
}
