//! The board: which rooms a filter leaves, how many there are of each, and their floors.

use super::room_card::{RoomCard, Work};
use crate::letters::small;
use keyrack_model::{cleanliness::Cleanliness, ids::RoomId, room::ServiceStatus};
use std::{collections::BTreeSet, sync::Arc};

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
    Contested,
}

impl Chip {
    /// In the order of the screen.
    pub const ALL: [Self; 11] = [
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
            Self::Contested => card.contested,
        }
    }
}

/// A floor's number and its rooms.
pub type Floor = (i64, Vec<RoomId>);

/// Rooms by floor. Cards come in the order of the doors.
pub fn floors(cards: &[Arc<RoomCard>]) -> Vec<Floor> {
    let mut floors: Vec<Floor> = Vec::new();
    for card in cards {
        match floors.last_mut() {
            Some((floor, rooms)) if *floor == card.floor => rooms.push(card.id),
            _ => floors.push((card.floor, vec![card.id])),
        }
    }
    floors
}

/// Rooms that the chip and the text leave.
pub fn kept(
    cards: &[Arc<RoomCard>],
    chip: Chip,
    text: &str,
    attendant: impl Fn(&RoomCard) -> Option<String>,
) -> BTreeSet<RoomId> {
    let text = small(text.trim());
    let cards = cards.iter();
    let kept = cards.filter(|card| chip.keeps(card) && matches_text(card, &text, &attendant));
    let mut rooms = BTreeSet::new();
    rooms.extend(kept.map(|card| card.id));
    rooms
}

/// How many rooms each chip would leave, in the order of [`Chip::ALL`].
pub fn counts(cards: &[Arc<RoomCard>]) -> Vec<(Chip, usize)> {
    Chip::ALL
        .into_iter()
        .map(|chip| (chip, cards.iter().filter(|card| chip.keeps(card)).count()))
        .collect()
}

/// Every word of the text begins the number, the code, the type or the attendant's name.
fn matches_text(
    card: &RoomCard,
    text: &str,
    attendant: &impl Fn(&RoomCard) -> Option<String>,
) -> bool {
    text.split_whitespace().all(|word| {
        small(&card.number).starts_with(word)
            || small(card.status.code()) == word
            || small(&card.room_type).starts_with(word)
            || attendant(card).is_some_and(|name| {
                small(&name)
                    .split_whitespace()
                    .any(|part| part.starts_with(word))
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::room_status::{Availability, FoStatus, ReservationPhase, RoomStatus};
    use uuid::Uuid;

    fn card(number: u32, cleanliness: Cleanliness, phase: ReservationPhase) -> Arc<RoomCard> {
        Arc::new(RoomCard {
            id: RoomId(Uuid::from_u128(number.into())),
            number: number.to_string(),
            floor: i64::from(number / 100),
            room_type: "Twin".into(),
            status: RoomStatus {
                availability: Availability::Available,
                fo_status: FoStatus::Vacant,
                phase,
                cleanliness,
                service_status: ServiceStatus::None,
                discrepancy: None,
                double_booked: false,
            },
            guests: 0,
            work: Work::Nothing,
            attendant: None,
            open_orders: 0,
            contested: false,
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
        let kept = kept(&house, chip, text, |_| Some("Maria Silva".into()));
        house
            .iter()
            .filter(|card| kept.contains(&card.id))
            .map(|card| card.number.clone())
            .collect()
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
    fn floors_stand_in_the_order_of_the_doors() {
        let shape: Vec<_> = floors(&house())
            .into_iter()
            .map(|(floor, rooms)| (floor, rooms.len()))
            .collect();
        assert_eq!(shape, [(1, 2), (2, 1)]);
    }

    #[test]
    fn counts_are_of_the_whole_house() {
        let counts = counts(&house());
        assert_eq!(counts[0], (Chip::All, 3));
        assert_eq!(counts[1], (Chip::Cleanliness(Cleanliness::Dirty), 2));
        assert_eq!(counts[5], (Chip::DueInNotReady, 1));
    }
}
