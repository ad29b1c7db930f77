//! Heads that somebody was told of a log, and what the log has in their places.
//!
//! **Architecture Invariant**: a log that is whole in itself counts as whole only where it goes on from
//! all that was told of it before.

use super::Checked;
use keyrack_model::{
    administration::{AuditCheck, KnownHead},
    audit_head::hexadecimal,
};
use std::collections::BTreeMap;

/// Those that a log is held against while it is read; by their numbers, those that were not met.
pub struct Known<'a>(BTreeMap<u64, Vec<&'a str>>);

impl<'a> Known<'a> {
    pub fn of(heads: &'a [KnownHead]) -> Self {
        let mut known = BTreeMap::<u64, Vec<&str>>::new();
        for head in heads {
            known.entry(head.number).or_default().push(&head.hash);
        }
        Self(known)
    }

    /// An entry of the log, each in turn.
    pub fn meet(&mut self, entry: &Checked) {
        let Some(told) = self.0.get(&entry.number) else {
            return;
        };
        let hash = hexadecimal(&entry.hash);
        if told.iter().all(|told| *told == hash) {
            self.0.remove(&entry.number);
        }
    }

    /// What a check came to that has met all entries: of what is wrong with the log, what is earliest.
    pub fn conclude(&self, checked: AuditCheck) -> AuditCheck {
        let AuditCheck::Whole { entries, .. } = checked else {
            return checked;
        };
        match self.0.keys().next() {
            None => checked,
            Some(known) if *known <= entries => AuditCheck::WrittenAnew { known: *known },
            Some(known) => AuditCheck::CutOff {
                entries,
                known: self.0.keys().next_back().copied().unwrap_or(*known),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::time::Timestamp;

    /// A log of entries that hash to these, after its second and its fourth were told of as 2 and 4.
    fn checked(hashes: &[u8]) -> AuditCheck {
        let heads = [2, 4].map(|number: u8| KnownHead {
            number: number.into(),
            hash: hexadecimal(&[number]),
        });
        let mut known = Known::of(&heads);
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
        for goes_on in [&[1, 2, 3, 4][..], &[1, 2, 3, 4, 5]] {
            assert_eq!(checked(goes_on), whole(goes_on));
        }
        for cut_off in [&[1][..], &[1, 2], &[1, 2, 3]] {
            let entries = cut_off.len() as u64;
            let known = 4;
            assert_eq!(checked(cut_off), AuditCheck::CutOff { entries, known });
        }
        for (anew, known) in [
            (&[1, 9][..], 2),
            (&[1, 9, 3, 4, 5], 2),
            (&[1, 2, 3, 9], 4),
            (&[1, 2, 9, 9, 9, 9], 4),
        ] {
            assert_eq!(checked(anew), AuditCheck::WrittenAnew { known });
        }
        let broken = AuditCheck::Broken { number: 1 };
        assert_eq!(Known::of(&[]).conclude(broken.clone()), broken);
    }

    #[test]
    fn two_ends_that_were_told_of_one_place_are_not_both_so() {
        let heads = [1, 2].map(|hash: u8| KnownHead {
            number: 1,
            hash: hexadecimal(&[hash]),
        });
        let mut known = Known::of(&heads);
        known.meet(&Checked {
            number: 1,
            at: Timestamp(0),
            hash: vec![1],
            event: String::new(),
        });
        let anew = AuditCheck::WrittenAnew { known: 1 };
        assert_eq!(known.conclude(whole(&[1])), anew);
    }
}
