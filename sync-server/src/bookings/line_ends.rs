//! The rows of a CSV as a spreadsheet counts them.

use super::record_bound::RecordBound;
use csv::{ByteRecord, Reader};
use std::io::Read;

/// Reads one record; false at the end of the file.
pub(crate) fn next<R: Read>(
    reader: &mut Reader<RecordBound<R>>,
    record: &mut ByteRecord,
) -> Result<bool, csv::Error> {
    reader.get_mut().begin_record();
    reader.read_byte_record(record)
}

/// How the lines of a file end, as its first one does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineEnds {
    /// The reader has passed the line's end when a record is read.
    LineFeed,
    /// It stops within it, and counts the line with the next record.
    CarriageReturn,
}

impl LineEnds {
    /// After the first line was read.
    pub(crate) fn of<R: Read>(reader: &Reader<RecordBound<R>>) -> Self {
        if reader.position().line() > 1 {
            Self::LineFeed
        } else {
            Self::CarriageReturn
        }
    }

    /// Rows that a spreadsheet shows up to the end of a record, from the end of the one before:
    /// lines without anything are rows too, and line breaks within quotation marks are none.
    pub(crate) fn rows_of<R: Read>(
        self,
        record: &ByteRecord,
        reader: &Reader<RecordBound<R>>,
    ) -> u64 {
        let begun = record.position().map_or(0, csv::Position::line);
        let within = record.as_slice().iter().filter(|byte| **byte == b'\n');
        let lines = reader.position().line().saturating_sub(begun);
        let ends_with_file = self == Self::LineFeed && reader.get_ref().has_ended();
        let lines = lines + u64::from(ends_with_file);
        lines.saturating_sub(within.count() as u64).max(1)
    }
}
