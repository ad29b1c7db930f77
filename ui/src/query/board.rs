//! The board: which rooms a filter leaves, and how many there are of each.

use super::room_card::{RoomCard, Work};
use crate::letters::small;
use keyrack_model::{cleanliness::Cleanliness, room::ServiceStatus, room_status::Availability};
use std::sync::Arc;

/// A chip above the board.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Chip {
    #[default]
    All,
    Cleanliness(Cleanliness),
    DueInNotReady,
    DueOut,
    InProgress,
    DoNotDisturb,
    Discrepancy,
    Rush,
    /// A guest is here and waits for it.
    Waiting,
    OutOfUse,
    Contested,
}

impl Chip {
    /// In the order of the screen.
    pub const ALL: [Self; 14] = [
        Self::All,
        Self::Cleanliness(Cleanliness::Dirty),
        Self::Cleanliness(Cleanliness::Pickup),
        Self::Cleanliness(Cleanliness::Clean),
        Self::Cleanliness(Cleanliness::Inspected),
        Self::DueInNotReady,
        Self::DueOut,
        Self::InProgress,
        Self::DoNotDisturb,
        Self::Discrepancy,
        Self::Rush,
        Self::Waiting,
        Self::OutOfUse,
        Self::Contested,
    ];

    /// Chips for what is seldom are only shown when there is any.
    pub fn is_always_shown(self) -> bool {
        matches!(
            self,
            Self::All | Self::Cleanliness(_) | Self::DueInNotReady | Self::DueOut
        )
    }

    pub fn keeps(self, card: &RoomCard) -> bool {
        match self {
            Self::All => true,
            Self::Cleanliness(value) => card.status.cleanliness == value,
            Self::DueInNotReady => card.status.is_due_in_not_ready(),
            Self::DueOut => card.is_due_out(),
            Self::InProgress => matches!(card.work, Work::Running { .. } | Work::Paused),
            Self::DoNotDisturb => card.status.service_status >= ServiceStatus::ServiceRefused,
            Self::Discrepancy => card.status.discrepancy.is_some(),
            Self::Rush => card.rush,
            Self::Waiting => card.queued.is_some(),
            Self::OutOfUse => card.status.availability != Availability::Available,
            Self::Contested => card.contested,
        }
    }
}

/// By what a room is found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Words {
    number: String,
    code: String,
    room_type: String,
    /// Of the attendant's name.
    names: Vec<String>,
}

impl Words {
    pub fn of(card: &RoomCard, attendant: Option<&str>) -> Self {
        let names = small(attendant.unwrap_or_default());
        Self {
            number: small(&card.number),
            code: small(card.status.code()),
            room_type: small(&card.room_type),
            names: names.split_whitespace().map(str::to_owned).collect(),
        }
    }

    /// Whether every word of a text, in small letters, begins one of these or is the code.
    fn match_all(&self, text: &str) -> bool {
        text.split_whitespace().all(|word| {
            self.number.starts_with(word)
                || self.code == word
                || self.room_type.starts_with(word)
                || self.names.iter().any(|name| name.starts_with(word))
        })
    }
}

/// Rooms that the chip, the section and the text leave, in the order in which they come. With a
/// text there are the words of each.
pub fn kept<'a>(
    cards: &'a [Arc<RoomCard>],
    chip: Chip,
    section: Option<&str>,
    text: &str,
    words: &'a [Words],
) -> impl Iterator<Item = &'a Arc<RoomCard>> {
    let text = small(text.trim());
    let cards = cards.iter().enumerate();
    let kept = cards.filter(move |(at, card)| {
        section.is_none_or(|section| card.section == section)
            && chip.keeps(card)
            && words.get(*at).is_none_or(|words| words.match_all(&text))
    });
    kept.map(|(_, card)| card)
}

/// How many rooms each chip would leave, in the order of [`Chip::ALL`].
pub fn counts(cards: &[Arc<RoomCard>]) -> Vec<(Chip, usize)> {
    Chip::ALL
        .into_iter()
        .map(|chip| (chip, cards.iter().filter(|card| chip.keeps(card)).count()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::room_card::tests;
    use keyrack_model::room_status::{ReservationPhase, RoomStatus};

    fn card(number: u32, cleanliness: Cleanliness, phase: ReservationPhase) -> Arc<RoomCard> {
        let card = tests::card(number);
        Arc::new(RoomCard {
            section: if number < 200 { "East" } else { "West" }.into(),
            rush: number == 204,
            status: RoomStatus {
                phase,
                cleanliness,
                ..card.status
            },
            ..card
        })
    }

    fn house() -> Vec<Arc<RoomCard>> {
        vec![
            card(101, Cleanliness::Dirty, ReservationPhase::DueIn),
            card(102, Cleanliness::Clean, ReservationPhase::DueIn),
            card(204, Cleanliness::Dirty, ReservationPhase::NotReserved),
        ]
    }

    fn left(chip: Chip, text: &str) -> Vec<String> {
        let house = house();
        let words = |card: &Arc<RoomCard>| Words::of(card, Some("Maria Silva"));
        let words: Vec<Words> = house.iter().map(words).collect();
        let kept = kept(&house, chip, None, text, &words);
        kept.map(|card| card.number.clone()).collect()
    }

    #[test]
    fn chips_and_words_leave_the_rooms_they_describe() {
        assert_eq!(left(Chip::All, ""), ["101", "102", "204"]);
        assert_eq!(
            left(Chip::Cleanliness(Cleanliness::Dirty), ""),
            ["101", "204"]
        );
        assert_eq!(left(Chip::DueInNotReady, ""), ["101"]);
        assert_eq!(left(Chip::All, "2"), ["204"]);
        assert_eq!(left(Chip::All, "vd tw"), ["101", "204"]);
        assert_eq!(left(Chip::All, "silva 10"), ["101", "102"]);
        assert!(left(Chip::All, "ilva").is_empty());
    }

    #[test]
    fn a_section_leaves_its_rooms_and_a_chip_those_that_are_urgent() {
        let house = house();
        let kept = kept(&house, Chip::All, Some("West"), "", &[]);
        assert_eq!(kept.map(|card| card.id).collect::<Vec<_>>(), [house[2].id]);
        assert_eq!(left(Chip::Rush, ""), ["204"]);
        assert!(left(Chip::OutOfUse, "").is_empty());
    }

    #[test]
    fn counts_are_of_the_whole_house() {
        let counts = counts(&house());
        assert_eq!(counts[0], (Chip::All, 3));
        assert_eq!(counts[1], (Chip::Cleanliness(Cleanliness::Dirty), 2));
        assert_eq!(counts[5], (Chip::DueInNotReady, 1));
    }
}
