//! What a hotel's rules make of its days, as data that a manager edits: for the hotel, for a type of
//! room, for a rate, and, of whether cleans are inspected, for a role and for somebody by name.
//!
//! **Architecture Invariant**: a sheet says only what differs. What the sheet of whoever cleans leaves
//! open that of their role says, then the rate's, the room type's, the hotel's, then
//! [`TaskRules::default`].

use crate::{
    entity,
    field::UnknownWord,
    field_as_text,
    ids::UserId,
    merge::{MergeRule, Tell},
    policy::{Role, cleans},
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
    /// Whoever cleans in a role.
    Role(Role),
    /// Whoever cleans, by name.
    Person(UserId),
}

impl RuleScope {
    /// Those that bear on a room and a stay in it, the widest first: each goes before those that stand
    /// before it. What is called nothing has none.
    pub fn of_room(room_type: &str, rate: Option<&str>) -> Vec<Self> {
        let named = |name: &&str| !name.is_empty();
        let of_type = Some(room_type).filter(named);
        let of_rate = rate.filter(named);
        [
            Some(Self::Hotel),
            of_type.map(|name| Self::RoomType(name.to_owned())),
            of_rate.map(|name| Self::Rate(name.to_owned())),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Those that bear on whoever cleans, the widest first; they go before those of the room.
    pub fn of_cleaner(role: Role, person: UserId) -> Vec<Self> {
        let of_role = cleans(role).then_some(Self::Role(role));
        of_role.into_iter().chain([Self::Person(person)]).collect()
    }

    /// What it calls the type of room or the rate; None for the others.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Hotel | Self::Role(_) | Self::Person(_) => None,
            Self::RoomType(name) | Self::Rate(name) => Some(name),
        }
    }

    /// Whether it says something of a rule. Who cleans a room is known when the clean is done, and
    /// decides of nothing before that; what an empty room needs is no guest's, and so of no rate.
    pub fn says(&self, rule: RuleKey) -> bool {
        match self {
            Self::Hotel | Self::RoomType(_) => true,
            Self::Rate(_) => !rule.is_of_room(),
            Self::Role(role) => cleans(*role) && rule.is_of_cleaner(),
            Self::Person(_) => rule.is_of_cleaner(),
        }
    }
}

impl fmt::Display for RuleScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hotel => f.write_str("hotel"),
            Self::RoomType(name) => write!(f, "room-type {name}"),
            Self::Rate(name) => write!(f, "rate {name}"),
            Self::Role(role) => write!(f, "role {role}"),
            Self::Person(person) => write!(f, "person {person}"),
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
            Some(("role", role)) => Ok(Self::Role(role.parse()?)),
            Some(("person", id)) => Ok(Self::Person(id.parse().map_err(|_| UnknownWord)?)),
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

impl RuleKey {
    /// Whether it is about a room, whoever stays there.
    pub fn is_of_room(self) -> bool {
        match self {
            Self::DeepCleanNights | Self::DeepCleanDays | Self::VacantCheckDays => true,
            Self::Departure
            | Self::StayoverEvery
            | Self::LinenEvery
            | Self::Arrival
            | Self::Turndown
            | Self::InspectEvery
            | Self::SelfCheck
            | Self::DeskCleanIsChecked => false,
        }
    }

    /// Whether it is about what becomes of a clean that is done, so that it may depend on who did it.
    pub fn is_of_cleaner(self) -> bool {
        match self {
            Self::InspectEvery | Self::SelfCheck => true,
            Self::Departure
            | Self::StayoverEvery
            | Self::LinenEvery
            | Self::Arrival
            | Self::Turndown
            | Self::DeepCleanNights
            | Self::DeepCleanDays
            | Self::VacantCheckDays
            | Self::DeskCleanIsChecked => false,
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const MARIA: UserId = UserId(Uuid::from_u128(2));

    #[test]
    fn whoever_cleans_goes_before_where_and_one_by_name_before_their_role() {
        let scopes = |rate, role| {
            let mut scopes = RuleScope::of_room("Suite", rate);
            scopes.extend(RuleScope::of_cleaner(role, MARIA));
            scopes
        };
        let (hotel, suite) = (RuleScope::Hotel, RuleScope::RoomType("Suite".into()));
        let club = RuleScope::Rate("Club".into());
        let maria = RuleScope::Person(MARIA);
        let housekeepers = RuleScope::Role(Role::Housekeeper);
        assert_eq!(
            scopes(Some("Club"), Role::Housekeeper),
            [
                hotel.clone(),
                suite.clone(),
                club,
                housekeepers,
                maria.clone()
            ]
        );
        // Nobody at the desk cleans, and a stay without a rate has none.
        assert_eq!(scopes(Some(""), Role::FrontDesk), [hotel, suite, maria]);
    }

    #[test]
    fn who_cleans_decides_of_nothing_but_whether_a_clean_is_inspected() {
        let person = RuleScope::Person(MARIA);
        let said: Vec<RuleKey> = RuleKey::ALL
            .iter()
            .copied()
            .filter(|rule| person.says(*rule))
            .collect();
        assert_eq!(said, [RuleKey::InspectEvery, RuleKey::SelfCheck]);
        for (role, says) in [
            (Role::Housekeeper, true),
            (Role::Supervisor, true),
            (Role::Engineer, false),
            (Role::Server, false),
        ] {
            assert_eq!(
                RuleScope::Role(role).says(RuleKey::SelfCheck),
                says,
                "{role}"
            );
        }
        assert!(RuleKey::ALL.iter().all(|rule| RuleScope::Hotel.says(*rule)));
    }

    #[test]
    fn a_rate_says_nothing_of_what_an_empty_room_needs() {
        let said = |scope: &RuleScope| -> Vec<RuleKey> {
            let rules = RuleKey::ALL.iter().copied();
            rules.filter(|rule| !scope.says(*rule)).collect()
        };
        let of_rooms = [
            RuleKey::DeepCleanNights,
            RuleKey::DeepCleanDays,
            RuleKey::VacantCheckDays,
        ];
        assert_eq!(said(&RuleScope::Rate("BAR".into())), of_rooms);
        assert_eq!(said(&RuleScope::RoomType("Suite".into())), []);
    }

    #[test]
    fn a_scope_reads_back_as_it_was_written() {
        for scope in [
            RuleScope::Hotel,
            RuleScope::RoomType("Suite with a view".into()),
            RuleScope::Rate("BAR".into()),
            RuleScope::Role(Role::Housekeeper),
            RuleScope::Person(MARIA),
        ] {
            assert_eq!(scope.to_string().parse(), Ok(scope));
        }
        for nothing in ["rate ", "role cook", "person maria", "floor 2", "role"] {
            assert_eq!(nothing.parse::<RuleScope>(), Err(UnknownWord), "{nothing}");
        }
    }
}
