//! Entries as they stand in a `Deliver` frame, each encoded once: every frame of them is cut from
//! the same bytes.

use axum::body::Bytes;
use keyrack_model::action::LogEntry;
use serde::Serialize;

/// `ServerFrame::Deliver` without owning its entries; a test holds the two together.
#[derive(Serialize)]
enum Frame<'a> {
    Deliver { entries: &'a [LogEntry] },
}

/// Consecutive entries, and where the bytes of each end in the frame of all of them.
#[derive(Debug)]
pub(super) struct Encoded {
    frame: Bytes,
    /// Where the first entry begins.
    begin: usize,
    ends: Vec<usize>,
}

impl Encoded {
    pub fn of(entries: &[LogEntry]) -> Self {
        let mut frame = opening(entries.len());
        let begin = frame.len();
        let ends = entries
            .iter()
            .map(|entry| {
                write(entry, &mut frame);
                frame.len()
            })
            .collect();
        Self {
            frame: frame.into(),
            begin,
            ends,
        }
    }

    /// The frame of all of them.
    pub fn frame(&self) -> Bytes {
        self.frame.clone()
    }

    /// Bytes of all of them.
    pub fn size(&self) -> usize {
        self.frame.len()
    }

    /// The frame of some of them, by their number; None for none.
    pub fn frame_of(&self, is_wanted: impl Fn(usize) -> bool) -> Option<Bytes> {
        let wanted: Vec<usize> = (0..self.ends.len()).filter(|at| is_wanted(*at)).collect();
        if wanted.is_empty() {
            return None;
        }
        let mut frame = opening(wanted.len());
        for at in wanted {
            let begin = at.checked_sub(1).map_or(self.begin, |last| self.ends[last]);
            frame.extend_from_slice(&self.frame[begin..self.ends[at]]);
        }
        Some(frame.into())
    }
}

/// The frame of entries that are not kept encoded.
pub(super) fn frame(entries: &[LogEntry]) -> Bytes {
    let mut bytes = Vec::new();
    write(&Frame::Deliver { entries }, &mut bytes);
    bytes.into()
}

/// What stands before so many entries: the frame without any ends with an empty array.
fn opening(count: usize) -> Vec<u8> {
    const ARRAY: u8 = 0x80;
    let mut opening = Vec::new();
    write(&Frame::Deliver { entries: &[] }, &mut opening);
    opening.pop();
    match (u8::try_from(count), u16::try_from(count)) {
        (Ok(count @ ..24), _) => opening.push(ARRAY | count),
        (Ok(count), _) => opening.extend([ARRAY | 24, count]),
        (Err(_), Ok(count)) => {
            opening.push(ARRAY | 25);
            opening.extend(count.to_be_bytes());
        }
        (Err(_), Err(_)) => {
            opening.push(ARRAY | 27);
            opening.extend((count as u64).to_be_bytes());
        }
    }
    opening
}

fn write<T: Serialize>(value: &T, bytes: &mut Vec<u8>) {
    ciborium::into_writer(value, bytes)
        .expect("an entry has no value that CBOR lacks, and memory takes all bytes");
}
