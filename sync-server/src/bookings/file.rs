//! A bookings file, plain or gzip, read row by row.

use super::booking::{Booking, COLUMNS, Fields, RowProblem};
use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord};
use flate2::read::MultiGzDecoder;
use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
};

/// Problems that one reading reports before it stops.
pub const MAX_PROBLEMS: usize = 100;
/// Bytes of one row.
const MAX_ROW: u64 = 64 << 10;
/// Bytes of a file, unpacked.
const MAX_FILE: u64 = 1 << 30;

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
    #[error("{path}, row {row}: {found} fields, but the first line has {expected}")]
    Fields {
        path: PathBuf,
        row: u64,
        found: u64,
        expected: u64,
    },
    #[error("{0}, row {1}: longer than 64 KiB; this is not a bookings CSV")]
    TooLong(PathBuf, u64),
    #[error("{0} is larger than 1 GiB unpacked")]
    TooLarge(PathBuf),
}

/// The rows of an open file.
pub struct Bookings {
    path: PathBuf,
    reader: Reader<Box<dyn Read>>,
    /// Where each of [`COLUMNS`] stands.
    places: [usize; COLUMNS.len()],
    seen: HashMap<[u8; 32], u32>,
    row: u64,
    record: StringRecord,
    begun_at: u64,
}

/// Opens a file and reads its first line.
pub fn open(path: &Path) -> Result<Bookings, FileProblem> {
    let unopened = |error| FileProblem::Unopened(path.to_owned(), error);
    let mut file = BufReader::new(File::open(path).map_err(unopened)?);
    let mut magic = [0; 2];
    let length = file.read(&mut magic).map_err(unopened)?;
    if length == 0 {
        return Err(FileProblem::Empty(path.to_owned()));
    }
    let whole = io::Cursor::new(magic[..length].to_vec()).chain(file);
    let plain: Box<dyn Read> = if magic == [0x1f, 0x8b] {
        Box::new(MultiGzDecoder::new(whole).take(MAX_FILE))
    } else {
        Box::new(whole.take(MAX_FILE))
    };
    let mut reader = ReaderBuilder::new().from_reader(plain);
    let header = reader.headers().map_err(|error| problem(path, 0, error))?;
    let mut places = [0; COLUMNS.len()];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        *place = header
            .iter()
            .position(|name| name.trim().trim_start_matches('\u{feff}') == column)
            .ok_or_else(|| FileProblem::NoColumn {
                path: path.to_owned(),
                column,
            })?;
    }
    Ok(Bookings {
        path: path.to_owned(),
        reader,
        places,
        seen: HashMap::new(),
        row: 0,
        record: StringRecord::new(),
        begun_at: 0,
    })
}

impl Iterator for Bookings {
    type Item = Result<Result<Booking, RowProblem>, FileProblem>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.reader.read_record(&mut self.record) {
            Ok(false) => return None,
            Ok(true) => {}
            Err(error) => return Some(Err(problem(&self.path, self.row + 1, error))),
        }
        self.row += 1;
        let at = self.reader.position().byte();
        let length = at.saturating_sub(std::mem::replace(&mut self.begun_at, at));
        if length > MAX_ROW {
            return Some(Err(FileProblem::TooLong(self.path.clone(), self.row)));
        }
        if at >= MAX_FILE {
            return Some(Err(FileProblem::TooLarge(self.path.clone())));
        }
        Some(Ok(self.read()))
    }
}

impl Bookings {
    fn read(&mut self) -> Result<Booking, RowProblem> {
        let fields = Fields {
            row: self.row,
            values: self
                .places
                .map(|at| self.record.get(at).unwrap_or_default()),
        };
        let mut booking = fields.booking(content(&self.record))?;
        let occurrence = self.seen.entry(booking.content).or_default();
        *occurrence += 1;
        booking.occurrence = *occurrence;
        Ok(booking)
    }
}

/// The row as it stands, so that a changed row is another booking.
fn content(record: &StringRecord) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for field in record {
        hasher.update(&(field.len() as u64).to_be_bytes());
        hasher.update(field.as_bytes());
    }
    *hasher.finalize().as_bytes()
}

fn problem(path: &Path, row: u64, error: csv::Error) -> FileProblem {
    let path = path.to_owned();
    match error.into_kind() {
        ErrorKind::Io(error) => FileProblem::Damaged(path, error),
        ErrorKind::Utf8 { .. } => FileProblem::NotText(path),
        ErrorKind::UnequalLengths {
            len, expected_len, ..
        } => FileProblem::Fields {
            path,
            row,
            found: len,
            expected: expected_len,
        },
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
        let mut short = std::fs::read(demo()).unwrap();
        short.truncate(short.len() - 30);
        assert!(sentence(&short).contains("fields, but the first line has 32"));
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
        long.splice(row..row, vec![b'x'; MAX_ROW as usize]);
        assert_eq!(
            sentence(&long),
            "FILE, row 1: longer than 64 KiB; this is not a bookings CSV"
        );
    }
}
