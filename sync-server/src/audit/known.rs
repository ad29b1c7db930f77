//! A head that somebody was told of a log, and what the log has in its place.
//!
//! **Architecture Invariant**: a log that is whole in itself counts as whole only where it goes on from
//! what was told of it before.

use super::Checked;
use keyrack_model::{
    administration::{AuditCheck, KnownHead},
    audit_head::hexadecimal,
};

/// One that a log is held against while it is read.
pub struct Known<'a> {
    head: &'a KnownHead,
    is_there: bool,
}

impl<'a> Known<'a> {
    pub fn of(head: &'a KnownHead) -> Self {
        Self {
            head,
            is_there: false,
        }
    }

    /// An entry of the log, each in turn.
    pub fn meet(&mut self, entry: &Checked) {
        if entry.number == self.head.number {
            self.is_there = hexadecimal(&entry.hash) == self.head.hash;
        }
    }

    /// What a check came to that has met all entries.
    pub fn conclude(&self, checked: AuditCheck) -> AuditCheck {
        match checked {
            AuditCheck::Whole { entries, .. } if entries < self.head.number => AuditCheck::CutOff {
                entries,
                known: self.head.number,
            },
            AuditCheck::Whole { .. } if !self.is_there => AuditCheck::WrittenAnew {
                known: self.head.number,
            },
            checked @ (AuditCheck::Whole { .. }
            | AuditCheck::Broken { .. }
            | AuditCheck::CutOff { .. }
            | AuditCheck::WrittenAnew { .. }) => checked,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::time::Timestamp;

    const TOLD: u8 = 7;

    /// A log of so many entries that hash to this, after its second entry was told of as [`TOLD`].
    fn checked(hashes: &[u8]) -> AuditCheck {
        let head = KnownHead {
            number: 2,
            hash: hexadecimal(&[TOLD]),
        };
        let mut known = Known::of(&head);
        for (number, hash) in (1..).zip(hashes) {
            known.meet(&Checked {
                number,
                at: Timestamp(0),
                hash: vec![*hash],
                event: String::new(),
            });
        }
        known.conclude(whole(hashes))
    }

    fn whole(hashes: &[u8]) -> AuditCheck {
        AuditCheck::Whole {
            entries: hashes.len() as u64,
            head: hexadecimal(&hashes[hashes.len() - 1..]),
        }
    }

    #[test]
    fn a_log_that_was_told_of_goes_on_from_there_or_was_cut_off_or_written_anew() {
        for goes_on in [&[1, TOLD][..], &[1, TOLD, 3]] {
            assert_eq!(checked(goes_on), whole(goes_on));
        }
        let cut_off = AuditCheck::CutOff {
            entries: 1,
            known: 2,
        };
        assert_eq!(checked(&[1]), cut_off);
        for anew in [&[1, 8][..], &[1, 8, TOLD]] {
            assert_eq!(checked(anew), AuditCheck::WrittenAnew { known: 2 });
        }
        let broken = AuditCheck::Broken { number: 1 };
        let head = KnownHead {
            number: 2,
            hash: String::new(),
        };
        assert_eq!(Known::of(&head).conclude(broken.clone()), broken);
    }
}
