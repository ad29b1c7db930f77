//! What a file can tell of rooms, people and bookings.

use crate::word_enum;

word_enum! {
    /// What the rows of a file are.
    ImportKind {
        Rooms = "rooms",
        People = "people",
        Bookings = "bookings",
    }
}

word_enum! {
    /// What a column can mean.
    ImportField {
        /// The number on a room's door.
        Number = "number",
        Floor = "floor",
        RoomType = "room-type",
        Section = "section",
        Building = "building",
        /// A word of [`crate::room::RoomUse`].
        UsedFor = "used-for",
        Note = "note",
        /// The numbers of rooms to which a door leads from it.
        ConnectsTo = "connects-to",
        /// What somebody signs in with.
        SignInName = "sign-in-name",
        /// What everybody reads.
        Name = "name",
        /// A word of [`crate::policy::Role`].
        Role = "role",
        /// What the hotel calls a booking.
        Booking = "booking",
        /// Who the guest is, which is a record of its own.
        Guest = "guest",
        Arrival = "arrival",
        Departure = "departure",
        Nights = "nights",
        /// A word of [`crate::stay::StayStatus`], or `by-date`.
        Status = "status",
        /// The number of a booking's room.
        Room = "room",
        Adults = "adults",
        Children = "children",
        Country = "country",
        Meal = "meal",
        Rate = "rate",
        Vip = "vip",
    }
}

use ImportField::{
    Adults, Arrival, Booking, Building, Children, ConnectsTo, Country, Departure, Floor, Guest,
    Meal, Name, Nights, Note, Number, Rate, Role, Room, RoomType, Section, SignInName, Status,
    UsedFor, Vip,
};

impl ImportKind {
    /// What a file of this kind can tell, in the order in which people think of it.
    pub fn fields(self) -> &'static [ImportField] {
        match self {
            Self::Rooms => &[
                Number, Floor, RoomType, Section, Building, UsedFor, Note, ConnectsTo,
            ],
            Self::People => &[SignInName, Name, Role],
            Self::Bookings => &[
                Booking, Guest, Arrival, Departure, Nights, Status, Room, RoomType, Adults,
                Children, Country, Meal, Rate, Vip, Note,
            ],
        }
    }

    /// What each row must tell. A booking needs its end too: a departure or nights.
    pub fn needs(self) -> &'static [ImportField] {
        match self {
            Self::Rooms => &[Number],
            Self::People => &[SignInName, Role],
            Self::Bookings => &[Arrival],
        }
    }
}

impl ImportField {
    /// The key of the document's field; None where it is none by itself.
    pub fn key(self) -> Option<&'static str> {
        match self {
            Number => Some("number"),
            Floor => Some("floor"),
            RoomType => Some("room_type"),
            Section => Some("section"),
            Building => Some("building"),
            UsedFor => Some("used_for"),
            Note => Some("note"),
            Booking => Some("booking"),
            Arrival => Some("arrival"),
            Departure => Some("departure"),
            Status => Some("status"),
            Room => Some("room"),
            Adults => Some("adults"),
            Children => Some("children"),
            Country => Some("country"),
            Meal => Some("meal"),
            Rate => Some("rate"),
            Vip => Some("vip"),
            ConnectsTo | Guest | Nights | SignInName | Name | Role => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::fields_of;
    use crate::ids::DocumentKind;

    #[test]
    fn every_field_belongs_to_a_kind_and_names_a_field_of_its_document() {
        for field in ImportField::ALL {
            let kinds = ImportKind::ALL.iter();
            assert!(
                kinds.clone().any(|kind| kind.fields().contains(field)),
                "{field}"
            );
        }
        for (kind, document) in [
            (ImportKind::Rooms, DocumentKind::Room),
            (ImportKind::Bookings, DocumentKind::Stay),
        ] {
            for key in kind.fields().iter().filter_map(|field| field.key()) {
                assert!(
                    fields_of(document).iter().any(|(known, _)| *known == key),
                    "{key}"
                );
            }
        }
        for kind in ImportKind::ALL {
            assert!(
                kind.needs()
                    .iter()
                    .all(|field| kind.fields().contains(field))
            );
        }
    }
}
