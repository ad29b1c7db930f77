//! The heads that a file has of a hotel, held against its audit log.
//!
//! **Architecture Invariant**: a log that lacks a head which was recorded of it is not whole, unless
//! an entry says that the hotel's log was brought back after that.

use super::{AuditKey, Checked, HeadsFile};
use keyrack_model::{administration::AuditEvent, ids::HotelId, time::Timestamp};
use std::{collections::BTreeMap, io, path::Path};

/// Heads of one hotel.
#[derive(Default)]
pub struct RecordedHeads {
    /// By the number of their entry; several where the log was brought back in between.
    unmet: BTreeMap<u64, Vec<Recorded>>,
    found: usize,
    /// Heads of which the signature is not right.
    unsigned: usize,
    /// Lines that are no heads.
    unreadable: usize,
    /// Entries that say that the log was brought back: their number, and when.
    restored: Vec<(u64, Timestamp)>,
}

struct Recorded {
    hash: Vec<u8>,
    at: Timestamp,
}

/// What became of the heads of a log that is whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seen {
    /// They are in the log.
    pub found: usize,
    /// They were recorded before it was brought back to an older state.
    pub brought_back: usize,
    /// Lines of the file that are no heads, such as one that a power cut left unfinished.
    pub unreadable: usize,
}

/// Why a log is not the one whose heads were recorded.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    #[error(
        "the audit log is broken: the head of entry {number} was recorded, and the log ends before \
         it. Its end was cut off; keep the database as it is, and the backups"
    )]
    CutOff { number: u64 },
    #[error(
        "the audit log is broken at entry {number}: another head of it was recorded. It was written \
         anew; keep the database as it is, and the backups"
    )]
    Another { number: u64 },
    #[error("the file has {0} heads that are not signed with the server's key")]
    NotSigned(usize),
}

impl RecordedHeads {
    /// Those of one hotel; with a key, of those that are signed with it.
    pub fn read(path: &Path, hotel: HotelId, key: Option<&AuditKey>) -> io::Result<Self> {
        let mut heads = Self::default();
        let key = key.map(AuditKey::verifying);
        heads.unreadable = HeadsFile::read(path, |recorded| {
            if recorded.hotel != hotel {
                return;
            }
            if key.is_some_and(|key| !recorded.is_signed_by(&key)) {
                heads.unsigned += 1;
                return;
            }
            let at_number = heads.unmet.entry(recorded.head.number).or_default();
            at_number.push(Recorded {
                hash: recorded.head.hash,
                at: recorded.at,
            });
        })?;
        Ok(heads)
    }

    /// The next entry of the log.
    pub fn meet(&mut self, entry: &Checked) {
        if entry.event == AuditEvent::LogRestored.word() {
            self.restored.push((entry.number, entry.at));
        }
        let Some(recorded) = self.unmet.get_mut(&entry.number) else {
            return;
        };
        let before = recorded.len();
        recorded.retain(|head| head.hash != entry.hash);
        self.found += before - recorded.len();
    }

    /// After the last entry.
    ///
    /// # Errors
    /// What a person has to know of the first head that the log should have and has not.
    pub fn conclude(self, entries: u64) -> Result<Seen, Missing> {
        let mut brought_back = 0;
        for (number, heads) in self.unmet {
            for head in heads {
                let was_lost = |(begun, at): &(u64, Timestamp)| *begun <= number && *at >= head.at;
                if self.restored.iter().any(was_lost) {
                    brought_back += 1;
                } else if number > entries {
                    return Err(Missing::CutOff { number });
                } else {
                    return Err(Missing::Another { number });
                }
            }
        }
        if self.unsigned > 0 {
            return Err(Missing::NotSigned(self.unsigned));
        }
        Ok(Seen {
            found: self.found,
            brought_back,
            unreadable: self.unreadable,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Heads that were recorded at times, of entries of which the hash is this byte.
    fn recorded(heads: &[(u64, u8, i64)]) -> RecordedHeads {
        let mut all = RecordedHeads::default();
        for (number, hash, at) in heads {
            all.unmet.entry(*number).or_default().push(Recorded {
                hash: vec![*hash; 32],
                at: Timestamp(*at),
            });
        }
        all
    }

    fn entry(number: u64, hash: u8, event: AuditEvent, at: i64) -> Checked {
        Checked {
            number,
            at: Timestamp(at),
            hash: vec![hash; 32],
            event: event.word().to_owned(),
        }
    }

    fn held(mut heads: RecordedHeads, log: &[Checked]) -> Result<Seen, Missing> {
        for entry in log {
            heads.meet(entry);
        }
        heads.conclude(log.len() as u64)
    }

    #[test]
    fn heads_that_are_in_the_log_are_counted() {
        let log = [1, 2, 3].map(|number| entry(number, number as u8, AuditEvent::SignedIn, 0));
        let seen = held(recorded(&[(1, 1, 0), (3, 3, 0)]), &log);
        let all = Seen {
            found: 2,
            brought_back: 0,
            unreadable: 0,
        };
        assert_eq!(seen, Ok(all));
    }

    #[test]
    fn an_end_that_was_cut_off_and_an_entry_that_was_written_anew_are_told_apart() {
        let log = [1, 2].map(|number| entry(number, number as u8, AuditEvent::SignedIn, 0));
        let cut = held(recorded(&[(2, 2, 0), (3, 3, 0)]), &log);
        assert_eq!(cut, Err(Missing::CutOff { number: 3 }));
        let anew = held(recorded(&[(2, 9, 0)]), &log);
        assert_eq!(anew, Err(Missing::Another { number: 2 }));
    }

    #[test]
    fn what_was_recorded_before_the_log_was_brought_back_may_be_missing_and_nothing_else() {
        let log = [
            entry(1, 1, AuditEvent::SignedIn, 0),
            entry(2, 2, AuditEvent::LogRestored, 50),
        ];
        let before = held(recorded(&[(1, 1, 10), (2, 8, 20), (3, 9, 30)]), &log);
        let seen = Seen {
            found: 1,
            brought_back: 2,
            unreadable: 0,
        };
        assert_eq!(before, Ok(seen));
        let after = held(recorded(&[(3, 9, 60)]), &log);
        assert_eq!(after, Err(Missing::CutOff { number: 3 }));
        let earlier = held(recorded(&[(1, 7, 10)]), &log);
        assert_eq!(earlier, Err(Missing::Another { number: 1 }));
    }

    #[test]
    fn heads_that_are_not_signed_are_none_and_other_lines_are_counted() {
        let unsigned = RecordedHeads {
            unsigned: 2,
            ..RecordedHeads::default()
        };
        assert_eq!(held(unsigned, &[]), Err(Missing::NotSigned(2)));
        let unreadable = RecordedHeads {
            unreadable: 1,
            ..RecordedHeads::default()
        };
        let seen = held(unreadable, &[]).map(|seen| seen.unreadable);
        assert_eq!(seen, Ok(1));
    }
}
