//! A bookings file, plain or gzip, read row by row.

use super::booking::{Booking, COLUMNS, Fault, Fields, RowProblem};
use super::line_ends::{LineEnds, next};
use super::record_bound::{RecordBound, RecordTooLong};
use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder};
use flate2::read::MultiGzDecoder;
use std::{
    collections::{HashMap, HashSet},
    fs::File,
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

/// Problems that one reading reports before it stops.
pub const MAX_PROBLEMS: usize = 100;
/// Bytes of one row.
const MAX_ROW: usize = 64 << 10;
/// Bytes that the CSV reader asks for at once.
const READ_AHEAD: usize = 8 << 10;
/// What some tools put before a text in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// Bytes of a file, unpacked.
const MAX_FILE: u64 = 1 << 30;
/// Rows of a file. All of them are held at once: which room a stay gets depends on the others.
pub const MAX_ROWS: u64 = 1_000_000;

/// Why a file is not read at all, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum FileProblem {
    #[error("{0} cannot be opened: {1}")]
    Unopened(PathBuf, #[source] io::Error),
    #[error("{0} is empty")]
    Empty(PathBuf),
    #[error("{path} is not a bookings CSV: the column `{column}` is missing from its first line")]
    NoColumn { path: PathBuf, column: &'static str },
    #[error("{0} is not a CSV: it is not text in UTF-8")]
    NotText(PathBuf),
    #[error("{0} is damaged or cut off: {1}")]
    Damaged(PathBuf, #[source] io::Error),
    #[error("{0}, row {1}: longer than 64 KiB; is a quotation mark left open in it or before it?")]
    TooLong(PathBuf, u64),
    #[error("{0} is larger than 1 GiB unpacked")]
    TooLarge(PathBuf),
    #[error(
        "{0} has more than {MAX_ROWS} rows; nothing was brought in. Leave out bookings that are \
         long over and import it again"
    )]
    TooManyRows(PathBuf),
}

/// The rows of an open file.
pub struct Bookings {
    path: PathBuf,
    reader: Reader<RecordBound<Box<dyn Read>>>,
    /// Where each of [`COLUMNS`] stands.
    places: [usize; COLUMNS.len()],
    /// Fields of the first line.
    width: usize,
    seen: HashMap<[u8; 32], u32>,
    /// Room types, meals and countries, each held once for all rows.
    words: HashSet<Arc<str>>,
    /// Rows read, the first line aside.
    read: u64,
    /// The last row as a spreadsheet counts them.
    row: u64,
    ends: LineEnds,
    record: ByteRecord,
}

/// Opens a file and reads its first line.
pub fn open(path: &Path) -> Result<Bookings, FileProblem> {
    let unopened = |error| FileProblem::Unopened(path.to_owned(), error);
    let mut file = BufReader::new(File::open(path).map_err(unopened)?);
    let mut magic = Vec::with_capacity(2);
    file.by_ref()
        .take(2)
        .read_to_end(&mut magic)
        .map_err(unopened)?;
    if magic.is_empty() {
        return Err(FileProblem::Empty(path.to_owned()));
    }
    let packed = magic == [0x1f, 0x8b];
    let whole = io::Cursor::new(magic).chain(file);
    let plain: Box<dyn Read> = if packed {
        Box::new(MultiGzDecoder::new(whole).take(MAX_FILE))
    } else {
        Box::new(whole.take(MAX_FILE))
    };
    let plain =
        without_mark(plain).map_err(|error| FileProblem::Damaged(path.to_owned(), error))?;
    // A row with too many or too few fields is that row's problem and does not end the reading.
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(READ_AHEAD)
        .from_reader(RecordBound::new(plain, MAX_ROW + READ_AHEAD));
    let mut header = ByteRecord::new();
    if !next(&mut reader, &mut header).map_err(|error| problem(path, 1, error))? {
        return Err(FileProblem::Empty(path.to_owned()));
    }
    let ends = LineEnds::of(&reader);
    let places = places(path, &header)?;
    Ok(Bookings {
        path: path.to_owned(),
        reader,
        places,
        width: header.len(),
        seen: HashMap::new(),
        words: HashSet::new(),
        read: 0,
        row: 1,
        ends,
        record: ByteRecord::new(),
    })
}

/// Leaves out the mark with which some programs begin a text: before a quotation mark it would make
/// that a part of the first name.
fn without_mark(mut plain: Box<dyn Read>) -> io::Result<Box<dyn Read>> {
    let mut begins = Vec::with_capacity(BYTE_ORDER_MARK.len());
    plain
        .by_ref()
        .take(BYTE_ORDER_MARK.len() as u64)
        .read_to_end(&mut begins)?;
    if begins == BYTE_ORDER_MARK {
        begins.clear();
    }
    Ok(Box::new(io::Cursor::new(begins).chain(plain)))
}

/// Finds each of [`COLUMNS`] in the first line, whatever their order.
fn places(path: &Path, header: &ByteRecord) -> Result<[usize; COLUMNS.len()], FileProblem> {
    let text = str::from_utf8(header.as_slice()).ok();
    if text.is_none_or(|text| text.contains('\0')) {
        return Err(FileProblem::NotText(path.to_owned()));
    }
    let mut places = [0; COLUMNS.len()];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        *place = header
            .iter()
            .position(|name| name.trim_ascii() == column.as_bytes())
            .ok_or_else(|| FileProblem::NoColumn {
                path: path.to_owned(),
                column,
            })?;
    }
    Ok(places)
}

impl Iterator for Bookings {
    type Item = Result<Result<Booking, RowProblem>, FileProblem>;

    fn next(&mut self) -> Option<Self::Item> {
        match next(&mut self.reader, &mut self.record) {
            Ok(false) => return None,
            Ok(true) => {}
            Err(error) => return Some(Err(problem(&self.path, self.row + 1, error))),
        }
        self.read += 1;
        self.row += self.ends.rows_of(&self.record, &self.reader);
        if self.read > MAX_ROWS {
            return Some(Err(FileProblem::TooManyRows(self.path.clone())));
        }
        if self.record.as_slice().len() > MAX_ROW {
            return Some(Err(FileProblem::TooLong(self.path.clone(), self.row)));
        }
        if self.reader.position().byte() >= MAX_FILE {
            return Some(Err(FileProblem::TooLarge(self.path.clone())));
        }
        Some(Ok(self.read()))
    }
}

impl Bookings {
    fn read(&mut self) -> Result<Booking, RowProblem> {
        let row = self.row;
        let of_row = |faults| RowProblem { row, faults };
        if self.record.len() != self.width {
            let found = self.record.len();
            return Err(of_row(vec![Fault::field_count(found, self.width)]));
        }
        let mut values = [""; COLUMNS.len()];
        let mut faults = Vec::new();
        for ((value, at), column) in values.iter_mut().zip(self.places).zip(COLUMNS) {
            let bytes = self.record.get(at).unwrap_or_default();
            match str::from_utf8(bytes) {
                Ok(text) => *value = text,
                Err(_) => {
                    let found = String::from_utf8_lossy(bytes);
                    faults.push(Fault::in_column(column, &found, "text in UTF-8"));
                }
            }
        }
        if !faults.is_empty() {
            return Err(of_row(faults));
        }
        let mut booking = Fields { row, values }.booking()?;
        let occurrence = self.seen.entry(booking.content).or_default();
        *occurrence += 1;
        booking.occurrence = *occurrence;
        self.share(&mut booking.meal);
        self.share(&mut booking.room_type);
        if let Some(country) = &mut booking.country {
            self.share(country);
        }
        Ok(booking)
    }

    /// Puts the one that other rows have in the place of a word.
    fn share(&mut self, word: &mut Arc<str>) {
        if let Some(known) = self.words.get(word) {
            *word = known.clone();
        } else {
            self.words.insert(word.clone());
        }
    }
}

fn problem(path: &Path, row: u64, error: csv::Error) -> FileProblem {
    let path = path.to_owned();
    match error.into_kind() {
        ErrorKind::Io(error) if RecordTooLong::is(&error) => FileProblem::TooLong(path, row),
        ErrorKind::Io(error) => FileProblem::Damaged(path, error),
        other => FileProblem::Damaged(path, io::Error::other(format!("{other:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn demo() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/resort-busiest-week.csv")
    }

    fn written(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.csv");
        std::fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    fn sentence(bytes: &[u8]) -> String {
        let (_folder, path) = written(bytes);
        let problem = match open(&path) {
            Err(problem) => problem,
            Ok(bookings) => bookings
                .map(|row| row.map(drop))
                .find_map(Result::err)
                .expect("a problem"),
        };
        problem
            .to_string()
            .replace(&path.display().to_string(), "FILE")
    }

    #[test]
    fn plain_and_gzip_read_alike_and_identical_rows_are_counted() {
        let plain: Vec<Booking> = open(&demo())
            .unwrap()
            .map(|row| row.unwrap().unwrap())
            .collect();
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(&std::fs::read(demo()).unwrap()).unwrap();
        let (_folder, path) = written(&packed.finish().unwrap());
        let unpacked: Vec<Booking> = open(&path)
            .unwrap()
            .map(|row| row.unwrap().unwrap())
            .collect();
        assert_eq!(plain, unpacked);
        assert!(plain.iter().any(|booking| booking.occurrence > 1));
        let names: std::collections::HashSet<_> = plain
            .iter()
            .map(|booking| (booking.content, booking.occurrence))
            .collect();
        assert_eq!(names.len(), plain.len());
    }

    #[test]
    fn what_is_no_bookings_csv_is_said_in_a_sentence() {
        assert_eq!(sentence(b""), "FILE is empty");
        assert_eq!(
            sentence(b"a,b\n1,2\n"),
            "FILE is not a bookings CSV: the column `arrival_date_year` is missing from its first line"
        );
        assert!(sentence(&[0x1f, 0x8b, 8, 0, 0]).starts_with("FILE is damaged or cut off"));
        assert_eq!(
            sentence(&[0xff; 100]),
            "FILE is not a CSV: it is not text in UTF-8"
        );
        let mut zeros = HEADER.as_bytes().to_vec();
        zeros[5] = 0;
        assert_eq!(
            sentence(&zeros),
            "FILE is not a CSV: it is not text in UTF-8"
        );
    }

    #[test]
    fn a_gzip_file_that_was_copied_in_part_is_said_to_be_cut_off() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(&std::fs::read(demo()).unwrap()).unwrap();
        let mut packed = packed.finish().unwrap();
        packed.truncate(packed.len() / 2);
        assert!(sentence(&packed).starts_with("FILE is damaged or cut off"));
    }

    const HEADER: &str = "arrival_date_year,arrival_date_month,arrival_date_day_of_month,\
        stays_in_weekend_nights,stays_in_week_nights,adults,children,babies,meal,country,\
        reserved_room_type,assigned_room_type,reservation_status,reservation_status_date";
    const ROW: &str = "2017,May,25,2,3,2,NA,1,BB,PRT,A,D,Check-Out,2017-05-30";

    fn rows(bytes: &[u8]) -> Vec<Result<Booking, String>> {
        let (_folder, path) = written(bytes);
        open(&path)
            .unwrap()
            .map(|row| row.unwrap().map_err(|problem| problem.to_string()))
            .collect()
    }

    #[test]
    fn reading_goes_on_after_a_bad_row() {
        let mut file = format!("{HEADER}\n{ROW}\n2017,May\n").into_bytes();
        file.extend(ROW.replace("PRT", "P\u{e9}").chars().map(|c| c as u8));
        file.extend(format!("\n{}\n{ROW}\n", ROW.replace("May", "Foo")).bytes());
        let rows = rows(&file);
        let problems: Vec<_> = rows
            .iter()
            .filter_map(|row| row.as_ref().err())
            .map(String::as_str)
            .collect();
        assert_eq!(
            problems,
            [
                "row 3: found 2 fields, expected 14 as in the first line",
                "row 4, column country: found “P\u{fffd}”, expected text in UTF-8",
                "row 5, column arrival_date_month: found “Foo”, expected an English month name",
            ]
        );
        let last = rows[4].as_ref().unwrap();
        assert_eq!((last.row, last.occurrence), (6, 2));
    }

    #[test]
    fn rows_are_counted_as_a_spreadsheet_shows_them() {
        let broken = ROW.replace("PRT", "\"P\nR\nT\"");
        let bad = ROW.replace("May", "Mai");
        for end in ["\n", "\r\n"] {
            for (before, row) in [
                (vec![], 2),
                (vec![ROW], 3),
                (vec![ROW, "", ""], 5),
                (vec![&broken], 3),
                (vec!["", &broken, "", ROW], 6),
            ] {
                let lines = [vec![HEADER], before, vec![&bad]].concat();
                for last in ["", end] {
                    let file = lines.join(end) + last;
                    let rows = rows(file.as_bytes());
                    let problem = rows.last().unwrap().as_ref().unwrap_err();
                    let expected = format!("row {row}, column arrival_date_month");
                    assert!(problem.starts_with(&expected), "{file:?}: {problem}");
                }
            }
        }
    }

    #[test]
    fn a_booking_is_the_same_whatever_the_order_of_columns_and_whatever_stands_between_them() {
        let turned = |line: &str, extra: &str| {
            let fields: Vec<&str> = line.split(',').rev().collect();
            format!("{},{extra}", fields.join(", "))
        };
        let plain = format!("{HEADER}\n{ROW}\n");
        let other = format!(
            "\u{feff}{}\r\n{}\r\n",
            turned(HEADER, "adr"),
            turned(ROW, "75")
        );
        assert_eq!(rows(plain.as_bytes()), rows(other.as_bytes()));
    }

    #[test]
    fn an_open_quotation_mark_does_not_swallow_the_file() {
        let file = format!("{HEADER}\n{ROW}\n\"{}", format!("{ROW}\n").repeat(4_000));
        assert_eq!(
            sentence(file.as_bytes()),
            "FILE, row 3: longer than 64 KiB; is a quotation mark left open in it or before it?"
        );
    }

    #[test]
    fn more_rows_than_are_held_at_once_are_refused() {
        let file = format!("{HEADER}\n{ROW}\n{ROW}\n");
        let (_folder, path) = written(file.as_bytes());
        let mut bookings = open(&path).unwrap();
        bookings.read = MAX_ROWS - 1;
        bookings.next().unwrap().unwrap().unwrap();
        let problem = bookings.next().unwrap().unwrap_err().to_string();
        assert!(problem.contains("more than 1000000 rows"), "{problem}");
    }

    #[test]
    fn a_mark_at_the_beginning_is_left_out_before_names_in_quotation_marks_too() {
        let quoted: Vec<String> = HEADER
            .split(',')
            .map(|name| format!("\"{name}\""))
            .collect();
        for header in [HEADER.to_owned(), quoted.join(",")] {
            let file = format!("\u{feff}{header}\n{ROW}\n");
            let (_folder, path) = written(file.as_bytes());
            open(&path).unwrap().next().unwrap().unwrap().unwrap();
        }
    }

    #[test]
    fn words_that_rows_have_in_common_are_held_once() {
        let other = ROW.replace("2017-05-30", "2017-05-29");
        let file = format!("{HEADER}\n{ROW}\n{other}\n");
        let (_folder, path) = written(file.as_bytes());
        let mut bookings = open(&path).unwrap().map(|row| row.unwrap().unwrap());
        let (one, other) = (bookings.next().unwrap(), bookings.next().unwrap());
        assert!(Arc::ptr_eq(&one.meal, &other.meal));
        assert!(Arc::ptr_eq(&one.room_type, &other.room_type));
        assert!(Arc::ptr_eq(&one.country.unwrap(), &other.country.unwrap()));
    }

    #[test]
    fn a_row_longer_than_its_bound_is_refused() {
        let mut long = std::fs::read(demo()).unwrap();
        let end = long.iter().position(|byte| *byte == b'\n').unwrap();
        let row = long[end + 1..]
            .iter()
            .position(|byte| *byte == b'\n')
            .unwrap()
            + end
            + 1;
        long.splice(row..row, vec![b'x'; MAX_ROW]);
        assert_eq!(
            sentence(&long),
            "FILE, row 2: longer than 64 KiB; is a quotation mark left open in it or before it?"
        );
    }
}
