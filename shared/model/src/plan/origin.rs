//! Who wrote what a field says, seen through those who only put it back.

use crate::{ids::OperationId, limits::MAX_UNDO_CHAIN};
use std::collections::BTreeSet;

/// What is known of the writers of one field of one document.
pub trait Writings {
    type Error;

    /// The action that this one took back; None for one that is no undo.
    fn taken_back(&self, operation: OperationId) -> Result<Option<OperationId>, Self::Error>;
    /// The actions that had written the values which this one found in the field. None where it
    /// made the document: taking that back puts nothing back.
    fn writers_before(
        &self,
        operation: OperationId,
    ) -> Result<Option<Vec<OperationId>>, Self::Error>;
}

/// Whether a field says what `sought` wrote and nobody else, or, without one, what nobody wrote.
///
/// # Errors
/// What the writings could not tell.
pub fn is_by<W: Writings>(
    sought: Option<OperationId>,
    writers: Vec<OperationId>,
    writings: &W,
) -> Result<bool, W::Error> {
    is_as_left(sought.as_slice(), writers, writings)
}

/// Whether a field says what an action left there: what these wrote, all of them, and nobody else.
/// Mostly that is the action itself; one that decides for a value that is there leaves it whose it was.
///
/// An undo puts back what others wrote, so what it wrote is theirs: after two edits of a field the
/// second is taken back, and then the first.
///
/// # Errors
/// What the writings could not tell.
pub fn is_as_left<W: Writings>(
    left: &[OperationId],
    writers: Vec<OperationId>,
    writings: &W,
) -> Result<bool, W::Error> {
    let mut found = BTreeSet::new();
    let mut open = writers;
    let mut passed = 0;
    while let Some(writer) = open.pop() {
        if left.contains(&writer) {
            found.insert(writer);
            continue;
        }
        if passed == MAX_UNDO_CHAIN {
            return Ok(false);
        }
        passed += 1;
        let Some(undone) = writings.taken_back(writer)? else {
            return Ok(false);
        };
        let Some(before) = writings.writers_before(undone)? else {
            return Ok(false);
        };
        open.extend(before);
    }
    Ok(left.iter().all(|writer| found.contains(writer)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;
    use uuid::Uuid;

    /// Writes by number, each with what it took back, if anything, and who wrote what it found.
    struct Field(Vec<Write>);

    struct Write {
        number: u128,
        undoes: Option<u128>,
        found: Option<Vec<u128>>,
    }

    fn name(number: u128) -> OperationId {
        OperationId(Uuid::from_u128(number))
    }

    fn names(numbers: &[u128]) -> Vec<OperationId> {
        numbers.iter().copied().map(name).collect()
    }

    impl Field {
        fn write(&self, operation: OperationId) -> &Write {
            let mut writes = self.0.iter();
            writes
                .find(|write| name(write.number) == operation)
                .unwrap()
        }
    }

    impl Writings for Field {
        type Error = Infallible;

        fn taken_back(&self, operation: OperationId) -> Result<Option<OperationId>, Infallible> {
            Ok(self.write(operation).undoes.map(name))
        }

        fn writers_before(
            &self,
            operation: OperationId,
        ) -> Result<Option<Vec<OperationId>>, Infallible> {
            Ok(self.write(operation).found.as_deref().map(names))
        }
    }

    fn edit(number: u128, found: &[u128]) -> Write {
        Write {
            number,
            undoes: None,
            found: Some(found.to_vec()),
        }
    }

    fn undo(number: u128, undoes: u128, found: &[u128]) -> Write {
        Write {
            undoes: Some(undoes),
            ..edit(number, found)
        }
    }

    fn making(number: u128) -> Write {
        Write {
            found: None,
            ..edit(number, &[])
        }
    }

    #[test]
    fn what_was_put_back_is_whose_it_was() {
        let field = Field(vec![
            edit(1, &[]),
            edit(2, &[1]),
            undo(3, 2, &[2]),
            // Done again, and taken back again.
            undo(4, 3, &[3]),
            undo(5, 4, &[4]),
            // Written at the same time as the second, and taken back.
            edit(6, &[1]),
            undo(7, 6, &[6, 3]),
            undo(8, 1, &[3]),
            making(9),
            undo(10, 9, &[9]),
        ]);
        for (writers, sought, is_by_it) in [
            (vec![1], Some(1), true),
            (vec![], None, true),
            (vec![], Some(1), false),
            (vec![1], None, false),
            (vec![2], Some(1), false),
            (vec![3], Some(1), true),
            (vec![3], Some(3), true),
            (vec![4], Some(2), true),
            (vec![4], Some(1), false),
            (vec![5], Some(3), true),
            (vec![5], Some(1), true),
            (vec![1, 2], Some(1), false),
            (vec![1, 2], Some(2), false),
            (vec![3, 7], Some(1), true),
            (vec![6, 3], Some(1), false),
            (vec![8], None, true),
            (vec![8], Some(1), false),
            (vec![10], Some(9), false),
            (vec![10], None, false),
        ] {
            let Ok(found) = is_by(sought.map(name), names(&writers), &field);
            assert_eq!(found, is_by_it, "{writers:?} by {sought:?}");
        }
    }

    #[test]
    fn what_was_decided_for_stands_until_somebody_writes_there() {
        let field = Field(vec![
            edit(1, &[]),
            edit(2, &[1]),
            edit(3, &[1]),
            // Decides for the second, by doing away with the third.
            edit(4, &[2, 3]),
            undo(5, 4, &[2]),
            undo(6, 5, &[5]),
            undo(7, 2, &[2]),
            undo(8, 7, &[7]),
        ]);
        for (writers, stands) in [
            (vec![2], true),
            (vec![2, 3], false),
            (vec![3], false),
            (vec![5], false),
            (vec![6], true),
            (vec![7], false),
            (vec![8], true),
            (vec![], false),
        ] {
            let Ok(found) = is_as_left(&names(&[2]), names(&writers), &field);
            assert_eq!(found, stands, "{writers:?}");
        }
    }

    #[test]
    fn nobody_looks_for_ever() {
        // Two that take each other back, as nobody honest writes them.
        let field = Field(vec![undo(1, 2, &[2]), undo(2, 1, &[1])]);
        assert_eq!(is_by(Some(name(3)), names(&[1]), &field), Ok(false));
        // As many times as an action may be taken back and done again.
        let limit = MAX_UNDO_CHAIN as u128;
        let edits = (0..=limit + 1).map(|it| edit(100 + it, &[if it == 0 { 1 } else { 199 + it }]));
        let undos = (0..=limit + 1).map(|it| undo(200 + it, 100 + it, &[100 + it]));
        let field = Field(edits.chain(undos).chain([edit(1, &[])]).collect());
        let is_by = |last: u128| is_by(Some(name(1)), names(&[last]), &field);
        assert_eq!(is_by(199 + limit), Ok(true));
        assert_eq!(is_by(200 + limit), Ok(false));
    }
}
