//! What a hotel's rules make of its days, as data that a manager edits: for the hotel, for a type of
//! room, for a rate.
//!
//! **Architecture Invariant**: a sheet says only what differs. What the rate's sheet leaves open the
//! room type's says, then the hotel's, then [`TaskRules::default`].

use crate::{
    entity,
    field::UnknownWord,
    field_as_text,
    merge::{MergeRule, Tell},
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

mod held;

pub use held::{RuleHeld, Said, numbers_held};

/// What a sheet is for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub enum RuleScope {
    #[default]
    Hotel,
    RoomType(String),
    Rate(String),
}

impl RuleScope {
    /// What it calls the type of room or the rate; None for the hotel.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Hotel => None,
            Self::RoomType(name) | Self::Rate(name) => Some(name),
        }
    }
}

impl fmt::Display for RuleScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hotel => f.write_str("hotel"),
            Self::RoomType(name) => write!(f, "room-type {name}"),
            Self::Rate(name) => write!(f, "rate {name}"),
        }
    }
}

impl FromStr for RuleScope {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        match text.split_once(' ') {
            None if text == "hotel" => Ok(Self::Hotel),
            Some(("room-type", name)) if !name.is_empty() => Ok(Self::RoomType(name.to_owned())),
            Some(("rate", name)) if !name.is_empty() => Ok(Self::Rate(name.to_owned())),
            _ => Err(UnknownWord),
        }
    }
}

field_as_text!(RuleScope);

/// Declares the rules once: as registers of a sheet that may be open, as an edit, and as what holds.
macro_rules! task_rules {
    ($($(#[$meta:meta])* $field:ident / $variant:ident = $word:literal, $default:literal in $least:literal ..= $most:literal); * $(;)?) => {
        entity! {
            /// What differs for the sheet's scope.
            RuleSheet by RuleSheetChange {
                scope / Scope: RuleScope = MergeRule::LastWriter(Tell::Nobody),
                $($(#[$meta])* $field / $variant: Option<i64> = MergeRule::LastWriter(Tell::People)),*
            }
        }

        crate::word_enum! {
            /// A rule that has a number.
            RuleKey { $($(#[$meta])* $variant = $word),* }
        }

        /// The rules that hold for one room and stay, all of them known.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub struct TaskRules { $($(#[$meta])* pub $field: i64),* }

        impl Default for TaskRules {
            fn default() -> Self {
                Self { $($field: $default),* }
            }
        }

        impl TaskRules {
            /// What holds when the sheet has a say before these.
            pub fn under(self, sheet: &RuleSheet) -> Self {
                Self { $($field: sheet.$field.unwrap_or(self.$field)),* }
            }
        }

        impl RuleKey {
            /// The change that writes a rule's number, or leaves it to the wider sheet.
            pub fn change(self, number: Option<i64>) -> RuleSheetChange {
                match self { $(Self::$variant => RuleSheetChange::$variant(number)),* }
            }

            /// What a sheet says of the rule itself.
            pub fn of(self, sheet: &RuleSheet) -> Option<i64> {
                match self { $(Self::$variant => sheet.$field),* }
            }

            /// What holds.
            pub fn held(self, rules: &TaskRules) -> i64 {
                match self { $(Self::$variant => rules.$field),* }
            }

            /// The numbers that the rule may have, least and greatest.
            pub fn bounds(self) -> (i64, i64) {
                match self { $(Self::$variant => ($least, $most)),* }
            }
        }
    };
}

task_rules! {
    /// 1: a guest who leaves makes a Departure.
    departure / Departure = "departure", 1 in 0..=1;
    /// A Stayover on every so many nights of a stay; 0: never.
    stayover_every / StayoverEvery = "stayover-every", 1 in 0..=30;
    /// A LinenChange on every so many nights of a stay; 0: never.
    linen_every / LinenEvery = "linen-every", 3 in 0..=30;
    /// 1: an Arrival for a room that somebody is expected in.
    arrival / Arrival = "arrival", 0 in 0..=1;
    /// 1: a Turndown on every evening of a stay.
    turndown / Turndown = "turndown", 0 in 0..=1;
    /// A DeepClean after so many nights with guests; 0: not by nights.
    deep_clean_nights / DeepCleanNights = "deep-clean-nights", 0 in 0..=1000;
    /// A DeepClean after so many days; 0: not by days.
    deep_clean_days / DeepCleanDays = "deep-clean-days", 180 in 0..=1000;
    /// A Check of a room that was vacant for so many days. Standing water is flushed within seven.
    vacant_check_days / VacantCheckDays = "vacant-check-days", 7 in 1..=7;
    /// An Inspection of every so many cleans; 0: of none.
    inspect_every / InspectEvery = "inspect-every", 0 in 0..=50;
    /// 1: whoever finishes a clean has inspected it with that.
    self_check / SelfCheck = "self-check", 0 in 0..=1;
    /// 1: a room that the desk calls clean while its clean is still open is checked first.
    desk_clean_is_checked / DeskCleanIsChecked = "desk-clean-is-checked", 1 in 0..=1;
}
