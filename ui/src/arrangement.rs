//! How the board is laid out: by what its rooms are put together, and how large their tiles are. What
//! each person chose is kept on this device.

use crate::{
    kept::{keep, kept},
    query::groups::Grouping,
};
use keyrack_model::ids::UserId;

/// How much of a room there is in sight.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Density {
    #[default]
    Comfortable,
    /// Small tiles: many rooms in sight at once.
    Compact,
}

impl Density {
    /// What the stylesheet calls it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Comfortable => "comfortable",
            Self::Compact => COMPACT,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Arrangement {
    pub grouping: Grouping,
    pub density: Density,
}

const BY_SECTION: &str = "by-section";
const COMPACT: &str = "compact";

impl Arrangement {
    pub fn kept_of(person: UserId) -> Self {
        kept(&kept_as(person)).map_or_else(Self::default, |words| Self::of_words(&words))
    }

    pub fn keep_for(self, person: UserId) {
        let words = self.words();
        keep(&kept_as(person), (!words.is_empty()).then_some(&*words));
    }

    /// With the rooms put together by the other of the two.
    pub fn regrouped(self) -> Self {
        let grouping = match self.grouping {
            Grouping::Floor => Grouping::Section,
            Grouping::Section => Grouping::Floor,
        };
        Self { grouping, ..self }
    }

    /// With tiles of the other size.
    pub fn resized(self) -> Self {
        let density = match self.density {
            Density::Comfortable => Density::Compact,
            Density::Compact => Density::Comfortable,
        };
        Self { density, ..self }
    }

    /// What is not as everybody finds it at first.
    fn words(self) -> String {
        let grouping = match self.grouping {
            Grouping::Floor => None,
            Grouping::Section => Some(BY_SECTION),
        };
        let density = match self.density {
            Density::Comfortable => None,
            Density::Compact => Some(COMPACT),
        };
        let words: Vec<_> = grouping.into_iter().chain(density).collect();
        words.join(" ")
    }

    /// Words that are not known say nothing.
    fn of_words(words: &str) -> Self {
        let mut arrangement = Self::default();
        for word in words.split(' ') {
            match word {
                BY_SECTION => arrangement.grouping = Grouping::Section,
                COMPACT => arrangement.density = Density::Compact,
                _ => {}
            }
        }
        arrangement
    }
}

fn kept_as(person: UserId) -> String {
    format!("keyrack.board.{person}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_an_arrangement_is_the_same_arrangement() {
        let first = Arrangement::default();
        assert_eq!(first.words(), "", "nothing is kept of what nobody chose");
        for (arrangement, words) in [
            (first, ""),
            (first.regrouped(), "by-section"),
            (first.resized(), "compact"),
            (first.resized().regrouped(), "by-section compact"),
        ] {
            assert_eq!(arrangement.words(), words);
            assert_eq!(Arrangement::of_words(words), arrangement);
        }
        assert_eq!(first.regrouped().regrouped(), first);
        assert_eq!(first.resized().resized(), first);
    }

    #[test]
    fn words_of_another_version_leave_the_others_as_they_are() {
        let compact = Arrangement::default().resized();
        assert_eq!(Arrangement::of_words("by-mood compact"), compact);
    }
}
