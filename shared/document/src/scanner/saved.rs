//! Measures a saved document before Automerge loads it. Most of its columns are deflated, so each is
//! inflated once, within what all of them may take together, and walked as a change's are.

use super::{Bytes, HASH, MAX_MESSAGE, Walk, bounded_sum, content};
use flate2::bufread::DeflateDecoder;
use keyrack_model::{
    limits::{
        MAX_SAVED, MAX_SAVED_CHANGES, MAX_SAVED_CLOCKS, MAX_SAVED_ROWS, MAX_SAVED_SUCCESSORS,
    },
    refusal::GateReason,
};
use std::{borrow::Cow, io::Read};

const DOCUMENT: u8 = 0;
/// The bit of a column's specification that says that it is deflated.
const DEFLATED: u64 = 0x08;
/// Every operation has a row, or is a deletion and the successor of one.
const MAX_COUNTER: u64 = MAX_SAVED_ROWS + MAX_SAVED_SUCCESSORS;

/// What a saved document claims to hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Saved {
    pub changes: u64,
    pub rows: u64,
    pub successors: u64,
}

/// Walks a saved document from end to end: one chunk and nothing after it.
///
/// # Errors
/// `TooLarge`, `TooManyRows`, or `NotAChange` for what Automerge does not write.
pub fn measure_saved(bytes: &[u8]) -> Result<Saved, GateReason> {
    if bytes.len() > MAX_SAVED {
        return Err(GateReason::TooLarge);
    }
    let mut chunk = content(bytes, DOCUMENT)?;
    let actors = counted(&mut chunk, |chunk| chunk.actor())?;
    let heads = counted(&mut chunk, |chunk| chunk.take(HASH).map(|_| ()))?;
    let of_changes = columns(&mut chunk)?;
    let of_rows = columns(&mut chunk)?;
    let mut columns = Columns {
        actors,
        room: MAX_SAVED,
        values: Values::default(),
        saved: Saved::default(),
    };
    for column in of_changes {
        columns.change_column(&mut chunk, column)?;
    }
    columns.end_values()?;
    for column in of_rows {
        columns.row_column(&mut chunk, column)?;
    }
    columns.end_values()?;
    // Where the heads stand among the changes.
    if !chunk.0.is_empty() {
        for _ in 0..heads {
            chunk.unsigned()?;
        }
    }
    if !chunk.0.is_empty() {
        return Err(GateReason::NotAChange);
    }
    if actors.saturating_mul(columns.saved.changes) > MAX_SAVED_CLOCKS {
        return Err(GateReason::TooManyRows);
    }
    Ok(columns.saved)
}

/// Passes over as many things as the number before them says, and returns how many there were.
fn counted(
    chunk: &mut Bytes<'_>,
    pass: impl Fn(&mut Bytes<'_>) -> Result<(), GateReason>,
) -> Result<u64, GateReason> {
    let count = chunk.unsigned()?;
    if count > MAX_SAVED_CHANGES {
        return Err(GateReason::TooManyRows);
    }
    for _ in 0..count {
        pass(chunk)?;
    }
    Ok(count)
}

/// What a column holds, and where its bytes end.
#[derive(Clone, Copy)]
struct Column {
    /// Without the bit for whether it is deflated.
    specification: u64,
    is_deflated: bool,
    length: usize,
}

fn columns(chunk: &mut Bytes<'_>) -> Result<Vec<Column>, GateReason> {
    let count = chunk.unsigned()?;
    let mut columns: Vec<Column> = Vec::new();
    for _ in 0..count {
        let stated = chunk.unsigned()?;
        let specification = stated & !DEFLATED;
        let last = columns.last().map(|last| last.specification);
        if last.is_some_and(|last| specification <= last) {
            return Err(GateReason::NotAChange);
        }
        let length = chunk.unsigned()?;
        columns.push(Column {
            specification,
            is_deflated: stated & DEFLATED != 0,
            length: usize::try_from(length).map_err(|_| GateReason::NotAChange)?,
        });
    }
    Ok(columns)
}

/// The columns that were walked so far.
struct Columns {
    actors: u64,
    /// Bytes that the columns to come may take.
    room: usize,
    values: Values,
    saved: Saved,
}

/// Bytes of values: as the sizes say, and as there are.
#[derive(Default)]
struct Values {
    stated: u64,
    there: u64,
}

impl Columns {
    /// A column that has a row for each change.
    fn change_column(&mut self, chunk: &mut Bytes<'_>, column: Column) -> Result<(), GateReason> {
        let bytes = self.bytes_of(chunk, column)?;
        let mut bytes = Bytes(&bytes);
        let mut walk = Walk::along(&mut bytes, MAX_SAVED_CHANGES);
        match column.specification {
            0x01 => walk.numbers(|actor, _| known(actor, self.actors))?,
            // The place among the actor's changes.
            0x03 => walk.counts_up_to(MAX_SAVED_CHANGES)?,
            // The last operation.
            0x13 => walk.counts_up_to(MAX_COUNTER)?,
            // The time.
            0x23 => walk.runs(|bytes| bytes.signed().map(|_| ()))?,
            0x35 => walk.runs(|bytes| {
                let length = bytes.unsigned()?;
                if length > MAX_MESSAGE {
                    return Err(GateReason::WrongOperation);
                }
                bytes.take(length as usize).map(|_| ())
            })?,
            // How many changes each builds on, and which.
            0x40 => {
                let mut all = 0;
                walk.numbers(|each, run| add(&mut all, each, run, MAX_SAVED_CHANGES))?;
            }
            0x43 => return walk.counts_up_to(MAX_SAVED_CHANGES),
            _ => return self.value_column(walk, column),
        }
        self.saved.changes = self.saved.changes.max(walk.rows);
        Ok(())
    }

    /// A column that has a row for each operation.
    fn row_column(&mut self, chunk: &mut Bytes<'_>, column: Column) -> Result<(), GateReason> {
        let bytes = self.bytes_of(chunk, column)?;
        let mut bytes = Bytes(&bytes);
        let mut walk = Walk::along(&mut bytes, MAX_SAVED_ROWS);
        match column.specification {
            // Of the object that it is in, of the place that it follows, and its own.
            0x01 | 0x11 | 0x21 => walk.numbers(|actor, _| known(actor, self.actors))?,
            0x02 => walk.numbers(|counter, _| known(counter, MAX_COUNTER + 1))?,
            0x13 | 0x23 => walk.counts_up_to(MAX_COUNTER)?,
            // The key: each run is told once, and is read as often as it has rows.
            0x15 => {
                let mut all = 0;
                walk.each_run(|bytes, run| {
                    let length = bytes.unsigned()?;
                    let most = MAX_SAVED as u64;
                    add(&mut all, length, run, most)?;
                    bytes.take(length as usize).map(|_| ())
                })?;
            }
            // Whether it is put in, and what it does.
            0x34 => walk.booleans()?,
            0x42 => walk.numbers(|_, _| Ok(()))?,
            0x80 => {
                let successors = &mut self.saved.successors;
                walk.numbers(|each, run| add(successors, each, run, MAX_SAVED_SUCCESSORS))?;
            }
            0x81 | 0x83 => {
                let mut walk = Walk::along(&mut bytes, MAX_SAVED_SUCCESSORS);
                return match column.specification {
                    0x81 => walk.numbers(|actor, _| known(actor, self.actors)),
                    _ => walk.counts_up_to(MAX_COUNTER),
                };
            }
            _ => return self.value_column(walk, column),
        }
        self.saved.rows = self.saved.rows.max(walk.rows);
        Ok(())
    }

    fn value_column(&mut self, mut walk: Walk<'_, '_>, column: Column) -> Result<(), GateReason> {
        let values = &mut self.values;
        match column.specification {
            // The lower four bits are the type.
            0x56 => {
                walk.numbers(|each, run| add(&mut values.stated, each >> 4, run, MAX_SAVED as u64))
            }
            0x57 => {
                values.there = walk.left();
                Ok(())
            }
            _ => Err(GateReason::NotAChange),
        }
    }

    /// All columns of the changes, or of the rows, are walked.
    fn end_values(&mut self) -> Result<(), GateReason> {
        let Values { stated, there } = std::mem::take(&mut self.values);
        if stated == there {
            Ok(())
        } else {
            Err(GateReason::NotAChange)
        }
    }

    /// The bytes of the next column, inflated.
    fn bytes_of<'a>(
        &mut self,
        chunk: &mut Bytes<'a>,
        column: Column,
    ) -> Result<Cow<'a, [u8]>, GateReason> {
        let there = chunk.take(column.length)?;
        let bytes = if column.is_deflated {
            let mut inflated = Vec::new();
            DeflateDecoder::new(there)
                .take(self.room as u64 + 1)
                .read_to_end(&mut inflated)
                .map_err(|_| GateReason::NotAChange)?;
            Cow::Owned(inflated)
        } else {
            Cow::Borrowed(there)
        };
        self.room = self
            .room
            .checked_sub(bytes.len())
            .ok_or(GateReason::TooLarge)?;
        Ok(bytes)
    }
}

fn known(number: u64, all: u64) -> Result<(), GateReason> {
    if number < all {
        Ok(())
    } else {
        Err(GateReason::NotAChange)
    }
}

fn add(sum: &mut u64, each: u64, run: u64, limit: u64) -> Result<(), GateReason> {
    *sum = bounded_sum(*sum, each, run, limit).ok_or(GateReason::TooManyRows)?;
    Ok(())
}

#[cfg(test)]
mod tests;
