//! A room and the registers that are stored on it; what can be derived is in `room_status`.

use crate::{
    cleanliness::CleanlinessMark,
    entity,
    field::{UnknownWord, is_default},
    field_as_text,
    merge::{Comparison, MergeRule, Safety, Tell},
    time::{BusinessDate, Timestamp},
    word_enum,
};
use serde::{Deserialize, Serialize};
use std::{cmp::Ordering, fmt, str::FromStr};

word_enum! {
    /// What the housekeeper saw, whatever the front office believes.
    #[derive(Default)]
    Occupancy {
        #[default]
        Unknown = "unknown",
        Vacant = "vacant",
        Occupied = "occupied",
    }
}

word_enum! {
    /// What the guest wants of housekeeping. Ordered by how firmly it keeps staff out.
    #[derive(Default)]
    ServiceStatus {
        #[default]
        None = "none",
        MakeUpRoom = "make-up-room",
        NoServiceRequired = "no-service-required",
        ServiceRefused = "service-refused",
        DoubleLock = "double-lock",
        DoNotDisturb = "do-not-disturb",
    }
}

impl ServiceStatus {
    /// Whether it says to leave the room alone: going in takes a reason.
    pub fn keeps_out(self) -> bool {
        match self {
            Self::None | Self::MakeUpRoom => false,
            Self::NoServiceRequired
            | Self::ServiceRefused
            | Self::DoubleLock
            | Self::DoNotDisturb => true,
        }
    }
}

impl Safety for ServiceStatus {
    fn safety(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }
}

/// An occupancy and when it was seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct OccupancySeen {
    pub value: Occupancy,
    pub at: Timestamp,
}

impl fmt::Display for OccupancySeen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.value, self.at.0)
    }
}

impl FromStr for OccupancySeen {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let (value, at) = text.split_once(' ').ok_or(UnknownWord)?;
        Ok(Self {
            value: value.parse()?,
            at: Timestamp(at.parse().map_err(|_| UnknownWord)?),
        })
    }
}

field_as_text!(OccupancySeen);

word_enum! {
    /// What a room is for.
    #[derive(Default)]
    RoomUse {
        #[default]
        Guests = "guests",
        /// A lobby, a corridor, a pool: cleaned, never sold.
        Public = "public",
    }
}

/// The nights of a room, as the night audit counts them: the later count holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub struct Nights {
    /// The business date up to which they are counted, and for which the room is planned.
    pub counted_to: BusinessDate,
    /// Nights with guests, ever.
    pub occupied: u32,
    /// The morning after the last of them; the day on which counting began, before the first.
    pub last_occupied: BusinessDate,
}

impl fmt::Display for Nights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} {}",
            self.counted_to, self.occupied, self.last_occupied
        )
    }
}

impl FromStr for Nights {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let mut parts = text.splitn(3, ' ');
        let mut next = || parts.next().ok_or(UnknownWord);
        Ok(Self {
            counted_to: next()?.parse().map_err(|_| UnknownWord)?,
            occupied: next()?.parse().map_err(|_| UnknownWord)?,
            last_occupied: next()?.parse().map_err(|_| UnknownWord)?,
        })
    }
}

/// When something was done to a room last that is due again after so many nights or days.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub struct DoneOn {
    pub date: BusinessDate,
    /// The room's [`Nights::occupied`] at that time.
    pub occupied: u32,
}

impl fmt::Display for DoneOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.date, self.occupied)
    }
}

impl FromStr for DoneOn {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let (date, occupied) = text.split_once(' ').ok_or(UnknownWord)?;
        Ok(Self {
            date: date.parse().map_err(|_| UnknownWord)?,
            occupied: occupied.parse().map_err(|_| UnknownWord)?,
        })
    }
}

field_as_text!(Nights, DoneOn);

entity! {
    /// A guest room, or a public space.
    Room by RoomChange {
        /// The number on the door.
        number / Number: String = MergeRule::LastWriter(Tell::Nobody),
        floor / Floor: i64 = MergeRule::LastWriter(Tell::Nobody),
        room_type / RoomType: String = MergeRule::LastWriter(Tell::Nobody),
        cleanliness / Cleanliness: CleanlinessMark =
            MergeRule::SafestWins(Comparison::safety::<CleanlinessMark>(), Tell::People),
        hk_occupancy / HkOccupancy: OccupancySeen = MergeRule::LastWriter(Tell::Nobody),
        service_status / ServiceStatus: ServiceStatus =
            MergeRule::SafestWins(Comparison::safety::<ServiceStatus>(), Tell::People),
        /// The part of the hotel that one attendant works in.
        #[serde(skip_serializing_if = "is_default")]
        section / Section: String = MergeRule::LastWriter(Tell::Nobody),
        #[serde(skip_serializing_if = "is_default")]
        building / Building: String = MergeRule::LastWriter(Tell::Nobody),
        #[serde(skip_serializing_if = "is_default")]
        used_for / UsedFor: RoomUse = MergeRule::LastWriter(Tell::Nobody),
        /// Wanted as soon as can be.
        #[serde(skip_serializing_if = "is_default")]
        rush / Rush: bool = MergeRule::LastWriter(Tell::Nobody),
        /// What everybody should know of it.
        #[serde(skip_serializing_if = "is_default")]
        note / Note: String = MergeRule::LastWriter(Tell::People),
        #[serde(skip_serializing_if = "is_default")]
        nights / Nights: Nights = MergeRule::GreatestWins(Comparison::natural::<Nights>()),
        /// The last DeepClean.
        #[serde(skip_serializing_if = "is_default")]
        deep_cleaned / DeepCleaned: DoneOn = MergeRule::GreatestWins(Comparison::natural::<DoneOn>()),
        /// The last time that water ran: a guest's, or a Check's.
        #[serde(skip_serializing_if = "is_default")]
        checked / Checked: DoneOn = MergeRule::GreatestWins(Comparison::natural::<DoneOn>()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{change::rule_of, field::FieldType, ids::DocumentKind};
    use ServiceStatus::{DoNotDisturb, MakeUpRoom, None as Nothing, ServiceRefused};

    #[test]
    fn do_not_disturb_is_kept_and_people_are_told_what_gave_way_to_it() {
        let rule = rule_of(DocumentKind::Room, "service_status").unwrap();
        for (first, last, shown, told) in [
            (DoNotDisturb, Nothing, DoNotDisturb, vec![Nothing]),
            (Nothing, DoNotDisturb, DoNotDisturb, vec![Nothing]),
            (
                DoNotDisturb,
                ServiceRefused,
                DoNotDisturb,
                vec![ServiceRefused],
            ),
            (MakeUpRoom, Nothing, MakeUpRoom, vec![Nothing]),
            (DoNotDisturb, DoNotDisturb, DoNotDisturb, vec![]),
        ] {
            let values = [first.to_value(), last.to_value()];
            let merged = rule.merge(&values).unwrap();
            let lost = merged.told.iter().map(|at| values[*at].clone());
            let expected: Vec<_> = told.iter().map(ServiceStatus::to_value).collect();
            assert_eq!(
                (values[merged.winner].clone(), lost.collect()),
                (shown.to_value(), expected),
                "{first:?} beside {last:?}"
            );
        }
    }
}
