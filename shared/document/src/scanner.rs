//! Measures a chunk before Automerge parses it: a plain change of a hundred bytes can claim 2⁶⁰
//! operations, and no panic guard stops what unpacks them.
//!
//! The chunk is walked once, front to back. Every count is taken from the bytes and compared with
//! its limit before anything is done that many times.

use keyrack_model::{
    limits::{MAX_CHANGE, MAX_CHANGE_DEPS, MAX_CHANGE_PREDECESSORS, MAX_CHANGE_ROWS},
    refusal::GateReason,
};

mod saved;
mod walk;

pub use saved::{Saved, measure_saved};
use walk::{Bytes, Walk, bounded_sum};

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const PLAIN_CHANGE: u8 = 1;
const HASH: usize = 32;
/// What a change carries with it, beside text: an operation id as its message.
const MAX_MESSAGE: u64 = 64;
const MAX_OTHER_ACTORS: u64 = 256;
const ACTOR: u64 = 16;

/// The columns that a change of ours has, in the order in which they are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Column {
    /// Indices into the change's actors.
    Actors,
    Integers,
    Deltas,
    Strings,
    Booleans,
    /// Type and length of each value; the bytes follow in `ValueBytes`.
    ValueSizes,
    ValueBytes,
    /// How many predecessors each operation has.
    Predecessors,
    PredecessorActors,
    PredecessorCounters,
}

/// The column of a specification (id, deflate bit and type in one number). None for a column
/// that no honest change has, a deflated one among them.
fn column(specification: u64) -> Option<Column> {
    Some(match specification {
        0x01 | 0x11 => Column::Actors,
        0x02 | 0x42 => Column::Integers,
        0x13 => Column::Deltas,
        0x15 => Column::Strings,
        0x34 => Column::Booleans,
        0x56 => Column::ValueSizes,
        0x57 => Column::ValueBytes,
        0x70 => Column::Predecessors,
        0x71 => Column::PredecessorActors,
        0x73 => Column::PredecessorCounters,
        _ => return None,
    })
}

/// What a change claims to hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Measure {
    /// The longest of its columns.
    pub rows: u64,
    pub predecessors: u64,
}

/// Walks a change chunk from end to end.
///
/// # Errors
/// The reason for which the gate refuses it.
pub fn measure(chunk: &[u8]) -> Result<Measure, GateReason> {
    if chunk.len() > MAX_CHANGE {
        return Err(GateReason::TooLarge);
    }
    let mut chunk = content(chunk, PLAIN_CHANGE)?;
    let actors = skip_header(&mut chunk)?;
    measure_columns(&mut chunk, actors)
}

/// What is in a chunk of this kind that ends where the bytes end.
fn content(chunk: &[u8], kind: u8) -> Result<Bytes<'_>, GateReason> {
    let mut chunk = Bytes(chunk);
    if chunk.take(4)? != MAGIC {
        return Err(GateReason::NotAChange);
    }
    // The checksum is compared when the hash is known.
    chunk.take(4)?;
    if chunk.take(1)? != [kind] {
        return Err(GateReason::NotAChange);
    }
    let length = chunk.unsigned()?;
    if length != chunk.0.len() as u64 {
        return Err(GateReason::NotAChange);
    }
    Ok(chunk)
}

/// Passes over what stands before the columns and returns how many actors the change names.
fn skip_header(chunk: &mut Bytes<'_>) -> Result<u64, GateReason> {
    let dependencies = chunk.unsigned()?;
    if dependencies > MAX_CHANGE_DEPS as u64 {
        return Err(GateReason::MissingDependency);
    }
    for _ in 0..dependencies {
        chunk.take(HASH)?;
    }
    chunk.actor()?;
    let _sequence = chunk.unsigned()?;
    let _start_op = chunk.unsigned()?;
    let _time = chunk.signed()?;
    let message = chunk.unsigned()?;
    if message > MAX_MESSAGE {
        return Err(GateReason::WrongOperation);
    }
    chunk.take(message as usize)?;
    let others = chunk.unsigned()?;
    if others > MAX_OTHER_ACTORS {
        return Err(GateReason::NotAChange);
    }
    for _ in 0..others {
        chunk.actor()?;
    }
    Ok(1 + others)
}

fn measure_columns(chunk: &mut Bytes<'_>, actors: u64) -> Result<Measure, GateReason> {
    let count = chunk.unsigned()?;
    let mut columns = Vec::new();
    let mut last = None;
    for _ in 0..count {
        let specification = chunk.unsigned()?;
        if last.is_some_and(|last| specification <= last) {
            return Err(GateReason::NotAChange);
        }
        last = Some(specification);
        let column = column(specification).ok_or(GateReason::NotAChange)?;
        columns.push((column, chunk.unsigned()?));
    }
    let mut rows = 0;
    let mut predecessors = 0;
    let mut value_bytes = 0;
    let mut value_bytes_there = 0;
    for (column, length) in columns {
        let length = usize::try_from(length).map_err(|_| GateReason::NotAChange)?;
        let mut bytes = Bytes(chunk.take(length)?);
        let is_predecessor = matches!(
            column,
            Column::PredecessorActors | Column::PredecessorCounters
        );
        let limit = if is_predecessor {
            MAX_CHANGE_PREDECESSORS
        } else {
            MAX_CHANGE_ROWS
        };
        let mut walk = Walk::along(&mut bytes, limit);
        match column {
            Column::Actors | Column::PredecessorActors => walk.numbers(|actor, _| {
                let known = actor < actors;
                known.then_some(()).ok_or(GateReason::NotAChange)
            })?,
            Column::Integers => walk.numbers(|_, _| Ok(()))?,
            Column::Predecessors => walk.numbers(|each, run| {
                predecessors = bounded_sum(predecessors, each, run, MAX_CHANGE_PREDECESSORS)
                    .ok_or(GateReason::TooManyRows)?;
                Ok(())
            })?,
            Column::ValueSizes => walk.numbers(|each, run| {
                // The lower four bits are the type.
                value_bytes = bounded_sum(value_bytes, each >> 4, run, MAX_CHANGE as u64)
                    .ok_or(GateReason::NotAChange)?;
                Ok(())
            })?,
            Column::Deltas | Column::PredecessorCounters => walk.runs(|bytes| {
                bytes.signed()?;
                Ok(())
            })?,
            Column::Strings => walk.runs(|bytes| {
                let length = bytes.unsigned()?;
                let length = usize::try_from(length).map_err(|_| GateReason::NotAChange)?;
                bytes.take(length)?;
                Ok(())
            })?,
            Column::Booleans => walk.booleans()?,
            Column::ValueBytes => value_bytes_there = length as u64,
        }
        if !is_predecessor {
            rows = walk.rows.max(rows);
        }
    }
    // What follows the columns is Automerge's author mark, which no change of ours has.
    if !chunk.0.is_empty() || value_bytes != value_bytes_there {
        return Err(GateReason::NotAChange);
    }
    Ok(Measure { rows, predecessors })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_bytes_are_never_a_change() {
        for length in 0..16 {
            let chunk: Vec<u8> = MAGIC.into_iter().chain([0; 12]).take(length).collect();
            assert_eq!(measure(&chunk), Err(GateReason::NotAChange));
        }
    }
}
