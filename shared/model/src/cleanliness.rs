//! Cleanliness of a room, bound to the turn in which it was found or made.
//!
//! **Architecture Invariant**: a mark of an earlier turn never beats one of a later turn, so a
//! Clean that arrives late never makes the room ready for the next guest.

use crate::{
    field::UnknownWord,
    field_as_text,
    ids::{OperationId, StayId},
    merge::Safety,
    time::BusinessDate,
    word_enum,
};
use serde::{Deserialize, Serialize};
use std::{cmp::Ordering, fmt, str::FromStr};

word_enum! {
    /// How clean a room is.
    #[derive(Default)]
    Cleanliness {
        #[default]
        Dirty = "dirty",
        Pickup = "pickup",
        Clean = "clean",
        Inspected = "inspected",
    }
}

word_enum! {
    /// What begins a turn of a room.
    #[derive(Default)]
    TurnKind {
        /// A night of a stay, or a night without guests.
        #[default]
        Night = "night",
        /// A stay that ended.
        Departure = "departure",
        /// A stay that began.
        Arrival = "arrival",
    }
}

word_enum! {
    /// Who or what made a mark.
    #[derive(Default)]
    MarkCause {
        #[default]
        Import = "import",
        Person = "person",
        Task = "task",
        CheckOut = "check-out",
        CheckIn = "check-in",
        Undo = "undo",
    }
}

/// The part of a room's life that one Clean is good for. Ordered by business date, then by step
/// within the date.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Turn {
    pub date: BusinessDate,
    /// Check-ins and check-outs of the room so far on this date.
    pub step: u16,
    pub kind: TurnKind,
    pub stay: Option<StayId>,
}

impl Turn {
    pub fn night(date: BusinessDate, stay: Option<StayId>) -> Self {
        Self {
            date,
            step: 0,
            kind: TurnKind::Night,
            stay,
        }
    }

    /// The turn that the end of `stay` begins; the same however often it is asked for.
    pub fn departure_of(self, stay: StayId, date: BusinessDate) -> Self {
        self.begun_by(TurnKind::Departure, stay, date)
    }

    /// The turn that the beginning of `stay` begins.
    pub fn arrival_of(self, stay: StayId, date: BusinessDate) -> Self {
        self.begun_by(TurnKind::Arrival, stay, date)
    }

    fn begun_by(self, kind: TurnKind, stay: StayId, date: BusinessDate) -> Self {
        if self.kind == kind && self.stay == Some(stay) && date <= self.date {
            return self;
        }
        let step = if date > self.date {
            1
        } else {
            self.step.saturating_add(1)
        };
        Self {
            date: date.max(self.date),
            step,
            kind,
            stay: Some(stay),
        }
    }

    pub fn is_after(self, other: Turn) -> bool {
        self.order(&other) == Ordering::Greater
    }

    fn order(&self, other: &Self) -> Ordering {
        (self.date, self.step).cmp(&(other.date, other.step))
    }
}

/// The cleanliness register: one value, so that value, turn, cause and action always go together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct CleanlinessMark {
    pub value: Cleanliness,
    pub turn: Turn,
    pub cause: MarkCause,
    pub action: OperationId,
}

impl CleanlinessMark {
    /// A Dirty that no person saw: the check-out's own.
    fn is_automatic(&self) -> bool {
        matches!(
            self.cause,
            MarkCause::CheckOut | MarkCause::CheckIn | MarkCause::Import
        )
    }

    /// Rank within one turn: what a person found beats what a rule assumed, and the less ready
    /// value beats the readier one.
    fn rank(&self) -> u8 {
        let readiness = match self.value {
            Cleanliness::Inspected => 1,
            Cleanliness::Clean => 2,
            Cleanliness::Pickup => 3,
            Cleanliness::Dirty => 4,
        };
        if self.is_automatic() { 0 } else { readiness }
    }
}

impl Safety for CleanlinessMark {
    fn safety(&self, other: &Self) -> Ordering {
        self.turn
            .order(&other.turn)
            .then(self.rank().cmp(&other.rank()))
            .then(self.action.cmp(&other.action))
    }

    fn worth_telling(&self, lost: &Self) -> bool {
        !lost.is_automatic() && lost.value != self.value
    }
}

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/", self.date, self.step, self.kind)?;
        match self.stay {
            Some(stay) => stay.fmt(f),
            None => f.write_str("-"),
        }
    }
}

impl FromStr for Turn {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let mut parts = text.splitn(4, '/');
        let mut next = || parts.next().ok_or(UnknownWord);
        Ok(Self {
            date: next()?.parse().map_err(|_| UnknownWord)?,
            step: next()?.parse().map_err(|_| UnknownWord)?,
            kind: next()?.parse()?,
            stay: match next()? {
                "-" => None,
                stay => Some(stay.parse().map_err(|_| UnknownWord)?),
            },
        })
    }
}

impl fmt::Display for CleanlinessMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} {} {}",
            self.value, self.turn, self.cause, self.action
        )
    }
}

impl FromStr for CleanlinessMark {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let mut parts = text.splitn(4, ' ');
        let mut next = || parts.next().ok_or(UnknownWord);
        Ok(Self {
            value: next()?.parse()?,
            turn: next()?.parse()?,
            cause: next()?.parse()?,
            action: next()?.parse().map_err(|_| UnknownWord)?,
        })
    }
}

field_as_text!(CleanlinessMark, Turn);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        field::FieldType,
        merge::{Comparison, MergeRule, Tell},
    };
    use uuid::Uuid;

    const RULE: MergeRule =
        MergeRule::SafestWins(Comparison::safety::<CleanlinessMark>(), Tell::People);

    fn date(day: i8) -> BusinessDate {
        BusinessDate(jiff::civil::date(2017, 5, day))
    }

    fn mark(value: Cleanliness, turn: Turn, cause: MarkCause) -> CleanlinessMark {
        CleanlinessMark {
            value,
            turn,
            cause,
            action: OperationId(Uuid::from_u128(cause as u128)),
        }
    }

    fn shown(a: CleanlinessMark, b: CleanlinessMark) -> (Cleanliness, usize) {
        let values = [a.to_value(), b.to_value()];
        let swapped = [b.to_value(), a.to_value()];
        let merged = RULE.merge(&values).unwrap();
        let other = RULE.merge(&swapped).unwrap();
        assert_eq!(
            values[merged.winner], swapped[other.winner],
            "the order of arrival decided"
        );
        let mark = CleanlinessMark::from_value(&values[merged.winner]).unwrap();
        (mark.value, merged.told.len())
    }

    #[test]
    fn a_departure_on_a_later_day_is_another_turn() {
        let guest = StayId(Uuid::from_u128(31));
        let first = Turn::night(date(25), Some(guest)).departure_of(guest, date(25));
        assert_eq!(first.departure_of(guest, date(25)), first);
        assert!(first.departure_of(guest, date(26)).is_after(first));
    }

    #[test]
    fn concurrent_marks_show_what_is_safest_for_the_next_guest() {
        use Cleanliness::{Clean, Dirty, Inspected, Pickup};
        use MarkCause::{CheckOut, Person, Task};
        let stay = StayId(Uuid::from_u128(204));
        let night = Turn::night(date(25), Some(stay));
        let departed = night.departure_of(stay, date(25));
        for (a, b, expected) in [
            // In one turn a person's Dirty beats a Clean, and people hear of it.
            (
                mark(Dirty, night, Person),
                mark(Clean, night, Person),
                (Dirty, 1),
            ),
            (
                mark(Pickup, night, Person),
                mark(Inspected, night, Person),
                (Pickup, 1),
            ),
            (
                mark(Clean, night, Task),
                mark(Inspected, night, Person),
                (Clean, 1),
            ),
            // The check-out's own Dirty gives way to a housekeeper who was already done.
            (
                mark(Dirty, departed, CheckOut),
                mark(Clean, departed, Task),
                (Clean, 0),
            ),
            // A Clean for the night before the departure arrives late.
            (
                mark(Dirty, departed, CheckOut),
                mark(Clean, night, Task),
                (Dirty, 1),
            ),
            // Both say the same.
            (
                mark(Clean, night, Task),
                mark(Clean, night, Person),
                (Clean, 0),
            ),
        ] {
            assert_eq!(shown(a, b), expected, "{a} against {b}");
        }
    }

    #[test]
    fn two_desks_name_the_turn_of_a_departure_alike() {
        let stay = StayId(Uuid::from_u128(7));
        let night = Turn::night(date(25), Some(stay));
        let once = night.departure_of(stay, date(25));
        assert_eq!(once, once.departure_of(stay, date(25)));
        assert!(once.is_after(night));
        let next = once.arrival_of(StayId(Uuid::from_u128(8)), date(25));
        assert!(next.is_after(once));
    }

    #[test]
    fn a_mark_reads_back_as_it_was_written() {
        let stay = StayId(Uuid::from_u128(7));
        let mark = mark(
            Cleanliness::Inspected,
            Turn::night(date(1), None).departure_of(stay, date(2)),
            MarkCause::Task,
        );
        assert_eq!(mark.to_string().parse(), Ok(mark));
    }
}
