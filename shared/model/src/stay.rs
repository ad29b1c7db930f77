//! A stay: one reservation's interval in one room. It names no guest.

use crate::{
    entity,
    field::is_default,
    ids::RoomId,
    merge::{Comparison, MergeRule, Safety, Tell},
    time::{BusinessDate, Timestamp},
    word_enum,
};
use std::cmp::Ordering;

word_enum! {
    /// Where a stay is in its life. Ordered by how far it has come.
    #[derive(Default)]
    StayStatus {
        #[default]
        Expected = "expected",
        Cancelled = "cancelled",
        NoShow = "no-show",
        InHouse = "in-house",
        Departed = "departed",
    }
}

impl Safety for StayStatus {
    fn safety(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }
}

word_enum! {
    /// How often the guest wants the room cleaned while they stay.
    #[derive(Default)]
    StayoverWish {
        /// As the rules say.
        #[default]
        ByRule = "by-rule",
        Daily = "daily",
        /// Only when they ask.
        Never = "never",
    }
}

entity! {
    /// One reservation's interval in one room, without the guest's personal data.
    Stay by StayChange {
        /// What the hotel calls the booking, e.g. `B-2017-1042`.
        booking / Booking: String = MergeRule::LastWriter(Tell::Nobody),
        room / Room: Option<RoomId> = MergeRule::LastWriter(Tell::People),
        room_type / RoomType: String = MergeRule::LastWriter(Tell::Nobody),
        arrival / Arrival: BusinessDate = MergeRule::LastWriter(Tell::People),
        departure / Departure: BusinessDate = MergeRule::LastWriter(Tell::People),
        status / Status: StayStatus =
            MergeRule::SafestWins(Comparison::safety::<StayStatus>(), Tell::People),
        adults / Adults: i64 = MergeRule::LastWriter(Tell::Nobody),
        children / Children: i64 = MergeRule::LastWriter(Tell::Nobody),
        /// Country of the booking, as the source gives it.
        country / Country: String = MergeRule::LastWriter(Tell::Nobody),
        /// Board: BB, HB, FB, SC.
        meal / Meal: String = MergeRule::LastWriter(Tell::Nobody),
        arrived_at / ArrivedAt: Option<Timestamp> = MergeRule::LastWriter(Tell::Nobody),
        departed_at / DepartedAt: Option<Timestamp> = MergeRule::LastWriter(Tell::Nobody),
        /// What the hotel calls the rate, e.g. `BAR`.
        #[serde(skip_serializing_if = "is_default")]
        rate / Rate: String = MergeRule::LastWriter(Tell::Nobody),
        #[serde(skip_serializing_if = "is_default")]
        vip / Vip: bool = MergeRule::LastWriter(Tell::Nobody),
        /// Since when the guest is here and waits for the room.
        #[serde(skip_serializing_if = "is_default")]
        queued_at / QueuedAt: Option<Timestamp> = MergeRule::LastWriter(Tell::Nobody),
        /// May come before, and leave after, the usual hour.
        #[serde(skip_serializing_if = "is_default")]
        early_check_in / EarlyCheckIn: bool = MergeRule::LastWriter(Tell::Nobody),
        #[serde(skip_serializing_if = "is_default")]
        late_check_out / LateCheckOut: bool = MergeRule::LastWriter(Tell::Nobody),
        #[serde(skip_serializing_if = "is_default")]
        stayover_wish / StayoverWish: StayoverWish = MergeRule::LastWriter(Tell::Nobody),
        /// What the desk should know of it. It names nobody.
        #[serde(skip_serializing_if = "is_default")]
        note / Note: String = MergeRule::LastWriter(Tell::People),
    }
}

impl Stay {
    /// Whether a guest who has not come yet is expected on a business date: also one who was expected
    /// before it, as long as the stay lasts.
    pub fn is_expected_on(&self, date: BusinessDate) -> bool {
        self.arrival <= date && date <= self.departure
    }

    pub fn guests(&self) -> i64 {
        self.adults + self.children
    }
}
