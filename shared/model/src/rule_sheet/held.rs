//! What may have held for somebody whose device had not heard the latest of the hotel's rules.
//!
//! **Architecture Invariant**: of sheets that said one thing each it is what [`TaskRules::under`]
//! makes of them.

use super::{RuleKey, TaskRules};
use std::collections::BTreeSet;

/// What one sheet may have said of a rule: a number, or nothing of its own.
pub type Said = BTreeSet<Option<i64>>;

/// Since when a rule does not have a number any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RuleHeld {
    /// It has it, or had it lately enough for a device not to know better.
    Lately,
    /// It had it once, longer ago than that.
    Once,
    /// So far as anybody knows, it never had.
    Never,
}

/// The numbers that a rule may have had by what its sheets may have said, the widest sheet first.
pub fn numbers_held<'a>(
    rule: RuleKey,
    sheets: impl IntoIterator<Item = &'a Said>,
) -> BTreeSet<i64> {
    let unsaid = BTreeSet::from([rule.held(&TaskRules::default())]);
    sheets.into_iter().fold(unsaid, |wider, said| {
        let mut held: BTreeSet<i64> = said.iter().flatten().copied().collect();
        if said.contains(&None) {
            held.extend(wider);
        }
        held
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule_sheet::RuleSheet;

    #[test]
    fn a_sheet_that_says_one_thing_holds_as_where_it_is_planned() {
        let of = |number| RuleSheet {
            self_check: number,
            ..RuleSheet::default()
        };
        let sayings = [None, Some(0), Some(1)];
        for place in 0..27 {
            let sheets = [place / 9, place / 3 % 3, place % 3].map(|said| sayings[said]);
            let planned = sheets
                .iter()
                .fold(TaskRules::default(), |rules, said| rules.under(&of(*said)));
            let said = sheets.map(|said| Said::from([said]));
            let held = numbers_held(RuleKey::SelfCheck, &said);
            assert_eq!(held, [planned.self_check].into(), "{sheets:?}");
        }
    }

    #[test]
    fn a_sheet_that_may_have_said_nothing_leaves_it_to_the_wider_one() {
        let said = |numbers: &[Option<i64>]| numbers.iter().copied().collect::<Said>();
        for (sheets, held) in [
            (vec![], vec![0]),
            (vec![said(&[Some(1), None])], vec![0, 1]),
            (vec![said(&[Some(1)]), said(&[Some(0)])], vec![0]),
            (vec![said(&[Some(1)]), said(&[Some(0), None])], vec![0, 1]),
        ] {
            let numbers = numbers_held(RuleKey::SelfCheck, &sheets);
            assert_eq!(numbers, held.into_iter().collect(), "{sheets:?}");
        }
    }
}
