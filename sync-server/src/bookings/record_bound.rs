//! Bounds what a CSV reader can take in for one record: a quotation mark that is left open makes
//! one field of the rest of a file.

use std::io::{self, Read};

/// A source that fails when more than `most` bytes are read from it for one record.
///
/// `most` includes what its reader reads ahead.
pub(crate) struct RecordBound<R> {
    source: R,
    most: usize,
    left: usize,
    ended: bool,
}

/// More was read than one record may have.
#[derive(Debug, thiserror::Error)]
#[error("a record is too long")]
pub(crate) struct RecordTooLong;

impl RecordTooLong {
    pub(crate) fn is(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|inner| inner.is::<Self>())
    }
}

impl<R: Read> RecordBound<R> {
    pub(crate) fn new(source: R, most: usize) -> Self {
        Self {
            source,
            most,
            left: most,
            ended: false,
        }
    }

    /// Whether the source was read to its end.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }

    pub(crate) fn begin_record(&mut self) {
        self.left = self.most;
    }
}

impl<R: Read> Read for RecordBound<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && !buffer.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, RecordTooLong));
        }
        let asked = buffer.len().min(self.left);
        let count = self.source.read(&mut buffer[..asked])?;
        self.left -= count;
        self.ended |= count == 0 && asked > 0;
        Ok(count)
    }
}
