//! A room and the registers that are stored on it; what can be derived is in `room_status`.

use crate::{
    cleanliness::CleanlinessMark,
    entity,
    field::UnknownWord,
    field_as_text,
    merge::{Comparison, MergeRule, Safety, Tell},
    time::Timestamp,
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

entity! {
    /// A guest room.
    Room by RoomChange {
        /// The number on the door.
        number / Number: String = MergeRule::LastWriter(Tell::Nobody),
        floor / Floor: i64 = MergeRule::LastWriter(Tell::Nobody),
        room_type / RoomType: String = MergeRule::LastWriter(Tell::Nobody),
        cleanliness / Cleanliness: CleanlinessMark =
            MergeRule::SafestWins(Comparison::safety::<CleanlinessMark>(), Tell::People),
        hk_occupancy / HkOccupancy: OccupancySeen = MergeRule::LastWriter(Tell::Nobody),
        service_status / ServiceStatus: ServiceStatus =
            MergeRule::SafestWins(Comparison::safety::<ServiceStatus>(), Tell::Nobody),
    }
}
