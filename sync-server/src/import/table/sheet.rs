//! A CSV as rows of cells, within bounds.

use crate::bookings::{LineEnds, RecordBound, RecordTooLong, next};
use csv::{ByteRecord, ErrorKind, ReaderBuilder, StringRecord};
use keyrack_model::{
    import::{Delimiter, ImportColumn, NotText},
    limits::{MAX_IMPORT_COLUMNS, MAX_IMPORT_FILE, MAX_IMPORT_ROW, MAX_IMPORT_ROWS},
};

/// Bytes that the CSV reader asks for at once.
const READ_AHEAD: usize = 8 << 10;
/// What some programs put before a text in UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Why a file is not read at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FileFault {
    #[error("the file is empty; nothing was brought in")]
    Empty,
    #[error(
        "row {row} has a character that is none; nothing was brought in. Save the file as CSV with \
         the encoding UTF-8"
    )]
    NotText { row: u64 },
    #[error(
        "the file is larger than 4 MiB; nothing was brought in. Divide it, each part with the \
         first line, and bring in one after the other"
    )]
    TooLarge,
    #[error(
        "the file has more than {MAX_IMPORT_ROWS} rows; nothing was brought in. Divide it, each \
         part with the first line, and bring in one after the other"
    )]
    TooManyRows,
    #[error("the first line has more than {MAX_IMPORT_COLUMNS} columns; nothing was brought in")]
    TooManyColumns,
    #[error(
        "row {row} is longer than 64 KiB; nothing was brought in. Is a quotation mark left open in \
         it or before it?"
    )]
    RowTooLong { row: u64 },
}

/// The rows of a file.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) delimiter: Delimiter,
    /// The first line, without spaces around its names.
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<SheetRow>,
}

#[derive(Debug)]
pub(super) struct SheetRow {
    /// As a spreadsheet counts them.
    pub(super) number: u64,
    pub(super) cells: StringRecord,
}

impl From<NotText> for FileFault {
    fn from(NotText { row }: NotText) -> Self {
        Self::NotText { row }
    }
}

impl Sheet {
    /// Reads a file. Without a delimiter it is the one that the first line has most of.
    pub(super) fn read(text: &str, delimiter: Option<Delimiter>) -> Result<Self, FileFault> {
        if text.len() > MAX_IMPORT_FILE {
            return Err(FileFault::TooLarge);
        }
        let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        if let Some(at) = text.find('\0') {
            let breaks = text[..at].bytes().filter(|byte| *byte == b'\n').count();
            let row = breaks as u64 + 1;
            return Err(FileFault::NotText { row });
        }
        let delimiter = delimiter.unwrap_or_else(|| likely(text));
        // A row with too many or too few cells is that row's problem and does not end the reading.
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter.byte())
            .buffer_capacity(READ_AHEAD)
            .from_reader(RecordBound::new(
                text.as_bytes(),
                MAX_IMPORT_ROW + READ_AHEAD,
            ));
        let mut record = ByteRecord::new();
        if !next(&mut reader, &mut record).map_err(|error| unread(1, error))? {
            return Err(FileFault::Empty);
        }
        let ends = LineEnds::of(&reader);
        let header = text_of(&record, 1)?;
        if header.len() > MAX_IMPORT_COLUMNS {
            return Err(FileFault::TooManyColumns);
        }
        let mut sheet = Self {
            delimiter,
            header: header.iter().map(|name| name.trim().to_owned()).collect(),
            rows: Vec::new(),
        };
        let mut number = 1;
        while next(&mut reader, &mut record).map_err(|error| unread(number + 1, error))? {
            number += ends.rows_of(&record, &reader);
            if record.as_slice().len() > MAX_IMPORT_ROW {
                return Err(FileFault::RowTooLong { row: number });
            }
            let cells = text_of(&record, number)?;
            // Spreadsheets write rows of which only the delimiters are left.
            if cells.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            if sheet.rows.len() >= MAX_IMPORT_ROWS {
                return Err(FileFault::TooManyRows);
            }
            sheet.rows.push(SheetRow { number, cells });
        }
        Ok(sheet)
    }

    /// What the first line names, each with the first that the column says.
    pub(super) fn columns(&self) -> Vec<ImportColumn> {
        let sample = |at: usize| {
            let mut cells = self.rows.iter().filter_map(|row| row.cells.get(at));
            cells.find(|cell| !cell.trim().is_empty()).unwrap_or("")
        };
        let names = self.header.iter().enumerate();
        names
            .map(|(at, name)| ImportColumn {
                name: name.clone(),
                sample: crate::bookings::quoted(sample(at).trim()),
            })
            .collect()
    }
}

/// What stands in the first line most often.
fn likely(text: &str) -> Delimiter {
    let line = text.lines().next().unwrap_or_default().as_bytes();
    let count = |it: &Delimiter| line.iter().filter(|byte| **byte == it.byte()).count();
    // Of as many the first of the list.
    let all = Delimiter::ALL.iter().rev();
    all.max_by_key(|it| count(it)).copied().unwrap_or_default()
}

fn text_of(record: &ByteRecord, row: u64) -> Result<StringRecord, FileFault> {
    StringRecord::from_byte_record(record.clone()).map_err(|_| FileFault::NotText { row })
}

fn unread(row: u64, error: csv::Error) -> FileFault {
    match error.into_kind() {
        ErrorKind::Io(error) if RecordTooLong::is(&error) => FileFault::RowTooLong { row },
        _ => FileFault::NotText { row },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(u64, Vec<String>)>, FileFault> {
        let sheet = Sheet::read(text, None)?;
        let rows = sheet.rows.iter();
        Ok(rows
            .map(|row| (row.number, row.cells.iter().map(str::to_owned).collect()))
            .collect())
    }

    #[test]
    fn rows_are_counted_as_a_spreadsheet_shows_them_and_empty_ones_are_none() {
        for end in ["\n", "\r\n"] {
            let file = ["\u{feff}a;b", "1;\"x\ny\"", ";", "", "2;z"].join(end);
            let rows = read(&file).unwrap();
            let numbers: Vec<u64> = rows.iter().map(|(number, _)| *number).collect();
            assert_eq!(numbers, [2, 5], "{file:?}");
            assert_eq!(rows[0].1, ["1", "x\ny"]);
        }
    }

    #[test]
    fn the_delimiter_is_the_one_that_the_first_line_has_most_of() {
        for (line, delimiter) in [
            ("a", Delimiter::Comma),
            ("a,b", Delimiter::Comma),
            ("a;b;c,d", Delimiter::Semicolon),
            ("a\tb", Delimiter::Tab),
            ("a|b|c", Delimiter::Bar),
        ] {
            assert_eq!(
                Sheet::read(line, None).unwrap().delimiter,
                delimiter,
                "{line}"
            );
        }
        let sheet = Sheet::read("a;b,c\n1;2,3\n", Some(Delimiter::Comma)).unwrap();
        assert_eq!(sheet.header, ["a;b", "c"]);
    }

    #[test]
    fn what_is_beyond_a_bound_is_not_read() {
        let rows = |count: usize| format!("a\n{}", "1\n".repeat(count));
        assert_eq!(read("").err(), Some(FileFault::Empty));
        assert_eq!(read("a\n1\0\n").err(), Some(FileFault::NotText { row: 2 }));
        assert!(read(&rows(MAX_IMPORT_ROWS)).is_ok());
        assert_eq!(
            read(&rows(MAX_IMPORT_ROWS + 1)).err(),
            Some(FileFault::TooManyRows)
        );
        let columns = ",".repeat(MAX_IMPORT_COLUMNS);
        assert_eq!(read(&columns).err(), Some(FileFault::TooManyColumns));
        assert!(read(&columns[1..]).is_ok());
        let open = format!("a,b\n1,2\n1,\"{}", "x\n".repeat(MAX_IMPORT_ROW));
        assert_eq!(read(&open).err(), Some(FileFault::RowTooLong { row: 3 }));
        let large = "x".repeat(MAX_IMPORT_FILE + 1);
        assert_eq!(read(&large).err(), Some(FileFault::TooLarge));
    }
}
