//! A mapping by the names in the first line, as a starting point for people.

use super::{
    layout::place_of,
    sheet::Sheet,
    values::{self, alike},
};
use keyrack_model::import::{DateOrder, ImportField, ImportKind, MappedField, Mapping};
use std::collections::BTreeMap;

/// Rows that the order of dates is told from.
const LOOKED_AT: usize = 1_000;

/// Bookings as the source of the demo gives them: an example of a mapping, too.
const HOTEL_BOOKING_DEMAND: &str = include_str!("hotel-booking-demand.json");

/// What is guessed of a file.
pub(super) fn guess(kind: ImportKind, sheet: &Sheet) -> Mapping {
    if let Some(known) = known(kind, sheet) {
        return known;
    }
    let mut taken = Vec::new();
    let mut fields = Vec::new();
    for field in kind.fields() {
        let is_named = |name: &String| names(*field).iter().any(|known| alike(known, name));
        let columns = sheet.header.iter().enumerate();
        let mut free = columns.filter(|(at, _)| !taken.contains(at));
        if let Some((at, name)) = free.find(|(_, name)| is_named(name)) {
            taken.push(at);
            fields.push(MappedField {
                field: *field,
                columns: vec![name.clone()],
                words: BTreeMap::new(),
            });
        }
    }
    Mapping {
        delimiter: sheet.delimiter,
        dates: order(sheet, &fields),
        missing: ["NULL", "NA"].map(str::to_owned).into(),
        fields,
        ..Mapping::default()
    }
}

/// The mapping of a source that is known, where the file has all of its columns.
fn known(kind: ImportKind, sheet: &Sheet) -> Option<Mapping> {
    if kind != ImportKind::Bookings {
        return None;
    }
    let known = hotel_booking_demand()?;
    let mut columns = known.named_by.iter();
    let has_all = columns.all(|column| place_of(&sheet.header, column).is_some());
    has_all.then_some(Mapping {
        delimiter: sheet.delimiter,
        ..known
    })
}

/// None for a file of ours that is no mapping, which a test holds.
pub(super) fn hotel_booking_demand() -> Option<Mapping> {
    serde_json::from_str(HOTEL_BOOKING_DEMAND).ok()
}

/// The first order in which all dates of the file are dates.
fn order(sheet: &Sheet, fields: &[MappedField]) -> DateOrder {
    let dates = fields
        .iter()
        .filter(|mapped| matches!(mapped.field, ImportField::Arrival | ImportField::Departure));
    let places: Vec<usize> = dates
        .flat_map(|mapped| &mapped.columns)
        .filter_map(|column| place_of(&sheet.header, column))
        .collect();
    let rows = sheet.rows.iter().take(LOOKED_AT);
    let texts: Vec<&str> = rows
        .flat_map(|row| places.iter().filter_map(|at| row.cells.get(*at)))
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .collect();
    let read = |order: DateOrder| {
        let dates = texts.iter().filter_map(|text| values::date(order, text));
        dates.count()
    };
    // Of as many the first of the list: most hotels write the day before the month.
    let all = DateOrder::ALL.iter().rev();
    let best = all.max_by_key(|order| read(**order));
    best.copied().unwrap_or_default()
}

/// What columns are called that mean a field.
fn names(field: ImportField) -> &'static [&'static str] {
    match field {
        ImportField::Number => &["number", "room", "room number", "room no", "no", "zimmer"],
        ImportField::Floor => &["floor", "level", "storey", "etage"],
        ImportField::RoomType => &[
            "room type",
            "type",
            "category",
            "room category",
            "assigned room type",
            "reserved room type",
        ],
        ImportField::Section => &["section", "area", "wing", "zone"],
        ImportField::Building => &["building", "house", "block"],
        ImportField::UsedFor => &["used for", "use", "usage"],
        ImportField::Note => &["note", "notes", "remark", "remarks", "comment", "comments"],
        ImportField::ConnectsTo => &[
            "connects to",
            "connecting",
            "connecting room",
            "connecting rooms",
        ],
        ImportField::SignInName => &[
            "sign-in name",
            "user name",
            "user",
            "login",
            "sign in",
            "account",
        ],
        ImportField::Name => &["name", "full name", "display name", "display", "person"],
        ImportField::Role => &["role", "position", "job", "function"],
        ImportField::Guest => &["guest", "guest name", "name", "gast", "gastname"],
        ImportField::Booking => &[
            "booking",
            "booking number",
            "booking no",
            "booking id",
            "reservation",
            "reservation number",
            "reservation id",
            "confirmation",
            "confirmation number",
        ],
        ImportField::Arrival => &[
            "arrival",
            "arrival date",
            "check-in",
            "check-in date",
            "from",
            "start",
        ],
        ImportField::Departure => &[
            "departure",
            "departure date",
            "check-out",
            "check-out date",
            "to",
            "until",
            "end",
        ],
        ImportField::Nights => &["nights", "number of nights", "length of stay"],
        ImportField::Status => &["status", "reservation status", "booking status", "state"],
        ImportField::Room => &["room", "room number", "room no", "assigned room"],
        ImportField::Adults => &["adults", "adult", "guests", "persons", "pax"],
        ImportField::Children => &["children", "child", "kids"],
        ImportField::Country => &["country", "nationality"],
        ImportField::Meal => &["meal", "meal plan", "board"],
        ImportField::Rate => &["rate", "rate code", "rate plan"],
        ImportField::Vip => &["vip", "vip code"],
    }
}
