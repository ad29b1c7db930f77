//! How the rooms of the board are put together: by floor, or by the part of the hotel they are in.
//!
//! **Architecture Invariant**: every room is in one group, and in each the order of the doors holds.

use super::room_card::RoomCard;
use keyrack_model::ids::RoomId;
use std::{collections::BTreeMap, fmt, str::FromStr, sync::Arc};

/// By what rooms are put together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Grouping {
    #[default]
    Floor,
    Section,
}

/// What the rooms of a group have in common. On the page a group carries it as `data-group`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Common {
    Floor(i64),
    Section(Arc<str>),
    NoSection,
}

const FLOOR: &str = "floor ";
const SECTION: &str = "section ";
const NO_SECTION: &str = "none";

impl fmt::Display for Common {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Floor(floor) => write!(f, "{FLOOR}{floor}"),
            Self::Section(name) => write!(f, "{SECTION}{name}"),
            Self::NoSection => f.write_str(NO_SECTION),
        }
    }
}

/// The words are of no group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnknownGroup;

impl FromStr for Common {
    type Err = UnknownGroup;
    fn from_str(words: &str) -> Result<Self, UnknownGroup> {
        if words == NO_SECTION {
            return Ok(Self::NoSection);
        }
        if let Some(name) = words.strip_prefix(SECTION) {
            return Ok(Self::Section(name.into()));
        }
        let floor = words.strip_prefix(FLOOR).ok_or(UnknownGroup)?;
        floor.parse().map(Self::Floor).map_err(|_| UnknownGroup)
    }
}

/// What rooms have in common, and which they are.
pub type Group = (Common, Vec<RoomId>);

/// Rooms in their groups. Cards come in the order of the doors.
pub fn groups<'a>(
    cards: impl IntoIterator<Item = &'a Arc<RoomCard>>,
    grouping: Grouping,
) -> Vec<Group> {
    match grouping {
        Grouping::Floor => floors(cards),
        Grouping::Section => in_sections(cards),
    }
}

fn floors<'a>(cards: impl IntoIterator<Item = &'a Arc<RoomCard>>) -> Vec<Group> {
    let mut floors: Vec<Group> = Vec::new();
    for card in cards {
        let floor = Common::Floor(card.floor);
        match floors.last_mut() {
            Some((last, rooms)) if *last == floor => rooms.push(card.id),
            _ => floors.push((floor, vec![card.id])),
        }
    }
    floors
}

/// Rooms that are in no section come last.
fn in_sections<'a>(cards: impl IntoIterator<Item = &'a Arc<RoomCard>>) -> Vec<Group> {
    let mut sections: BTreeMap<(u64, &str), Vec<RoomId>> = BTreeMap::new();
    let mut in_none = Vec::new();
    for card in cards {
        if card.section.is_empty() {
            in_none.push(card.id);
        } else {
            let rooms = sections.entry(place_of(&card.section)).or_default();
            rooms.push(card.id);
        }
    }
    let named = sections.into_iter();
    named
        .map(|((_, name), rooms)| (Common::Section(name.into()), rooms))
        .chain((!in_none.is_empty()).then_some((Common::NoSection, in_none)))
        .collect()
}

/// Where a section stands among the others: those that are numbers by what they count, then the
/// others by name.
fn place_of(section: &str) -> (u64, &str) {
    (section.parse().unwrap_or(u64::MAX), section)
}

/// The sections of the hotel with how many rooms each has.
pub fn sections(cards: &[Arc<RoomCard>]) -> Vec<(Arc<str>, usize)> {
    let groups = in_sections(cards).into_iter();
    groups
        .filter_map(|(common, rooms)| match common {
            Common::Section(name) => Some((name, rooms.len())),
            Common::Floor(_) | Common::NoSection => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::room_card::tests::card;

    /// Rooms by number with their sections, in the order of the doors.
    fn house(rooms: &[(u32, &str)]) -> Vec<Arc<RoomCard>> {
        let card = |(number, section): &(u32, &str)| {
            Arc::new(RoomCard {
                section: (*section).to_owned(),
                ..card(*number)
            })
        };
        rooms.iter().map(card).collect()
    }

    fn shape(cards: &[Arc<RoomCard>], grouping: Grouping) -> Vec<(String, Vec<String>)> {
        let number = |id: &RoomId| {
            let card = cards.iter().find(|card| card.id == *id).unwrap();
            card.number.clone()
        };
        let groups = groups(cards, grouping).into_iter();
        groups
            .map(|(common, rooms)| (common.to_string(), rooms.iter().map(number).collect()))
            .collect()
    }

    fn expected(groups: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
        let owned = |rooms: &[&str]| rooms.iter().map(|room| (*room).to_owned()).collect();
        let groups = groups.iter();
        groups
            .map(|(name, rooms)| ((*name).to_owned(), owned(rooms)))
            .collect()
    }

    #[test]
    fn floors_stand_in_the_order_of_the_doors() {
        let house = house(&[(101, "East"), (102, ""), (204, "East")]);
        let floors = [("floor 1", &["101", "102"][..]), ("floor 2", &["204"])];
        assert_eq!(shape(&house, Grouping::Floor), expected(&floors));
        assert_eq!(shape(&[], Grouping::Floor), []);
    }

    #[test]
    fn a_section_gathers_its_rooms_of_every_floor_and_rooms_without_one_are_the_last() {
        let house = house(&[
            (101, ""),
            (102, "West"),
            (103, "East"),
            (201, "West"),
            (202, ""),
        ]);
        let sections = [
            ("section East", &["103"][..]),
            ("section West", &["102", "201"]),
            ("none", &["101", "202"]),
        ];
        assert_eq!(shape(&house, Grouping::Section), expected(&sections));
    }

    #[test]
    fn a_hotel_of_sections_alone_has_no_group_of_other_rooms() {
        let house = house(&[(101, "East")]);
        let sections = [("section East", &["101"][..])];
        assert_eq!(shape(&house, Grouping::Section), expected(&sections));
    }

    #[test]
    fn numbered_sections_stand_in_the_order_of_their_numbers_here_and_in_the_chips() {
        let house = house(&[(101, "10"), (102, "Annex"), (103, "2"), (104, "2")]);
        let groups = shape(&house, Grouping::Section).into_iter();
        let groups = groups.map(|(name, _)| name);
        let names = ["section 2", "section 10", "section Annex"];
        assert_eq!(groups.collect::<Vec<_>>(), names);
        let counted = [("2", 2), ("10", 1), ("Annex", 1)];
        let counted = counted.map(|(name, count)| (Arc::from(name), count));
        assert_eq!(sections(&house), counted);
    }

    #[test]
    fn what_a_group_carries_on_the_page_says_which_it_is() {
        for common in [
            Common::Floor(-1),
            Common::Floor(12),
            Common::Section("none".into()),
            Common::Section("floor 3".into()),
            Common::NoSection,
        ] {
            assert_eq!(common.to_string().parse(), Ok(common));
        }
        for words in ["", "3", "floor", "floor x", "None"] {
            assert_eq!(words.parse::<Common>(), Err(UnknownGroup), "{words}");
        }
    }
}
