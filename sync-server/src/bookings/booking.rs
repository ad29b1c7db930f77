//! One row of the source as what it says, or what is wrong with it.

use jiff::civil::Date;
use std::{borrow::Cow, fmt, sync::Arc};

/// What became of a booking.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    Stayed,
    Cancelled,
    NoShow,
}

/// What a hotel needs of a booking. Prices and channels are left where they were.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Booking {
    /// Data row in the file, from 1.
    pub row: u64,
    /// BLAKE3 of what is read of the row, the same in any order of the columns.
    pub content: [u8; 32],
    /// Which of the identical rows it is, from 1: each is a booking of its own.
    pub occurrence: u32,
    pub arrival: Date,
    /// The day the guest left, or the day a booking was cancelled or given up.
    pub end: Date,
    pub outcome: Outcome,
    /// Nights as booked.
    pub nights: u32,
    pub adults: u32,
    /// Children and babies.
    pub children: u32,
    pub meal: Arc<str>,
    /// None where the source does not know.
    pub country: Option<Arc<str>>,
    pub room_type: Arc<str>,
}

/// Something in a row that is not what it must be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowProblem {
    pub row: u64,
    pub place: Place,
    /// What stands there, shortened.
    pub found: String,
    pub expected: Cow<'static, str>,
}

/// What of a row is not what it must be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    Column(&'static str),
    /// It has more or fewer fields than the first line.
    FieldCount,
}

/// Characters of a value that a report quotes.
const QUOTED: usize = 40;

impl RowProblem {
    pub(super) fn in_column(
        row: u64,
        column: &'static str,
        found: &str,
        expected: &'static str,
    ) -> Self {
        Self {
            row,
            place: Place::Column(column),
            found: quoted(found),
            expected: expected.into(),
        }
    }

    pub(super) fn field_count(row: u64, found: usize, expected: usize) -> Self {
        let fields = if found == 1 { "field" } else { "fields" };
        Self {
            row,
            place: Place::FieldCount,
            found: format!("{found} {fields}"),
            expected: format!("{expected} as in the first line").into(),
        }
    }
}

impl fmt::Display for RowProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            row,
            place,
            found,
            expected,
        } = self;
        match place {
            Place::FieldCount => write!(f, "row {row}: found {found}, expected {expected}"),
            Place::Column(column) if found.is_empty() => write!(
                f,
                "row {row}, column {column}: found nothing, expected {expected}"
            ),
            Place::Column(column) => write!(
                f,
                "row {row}, column {column}: found “{found}”, expected {expected}"
            ),
        }
    }
}

/// The beginning of a value, without what would steer a terminal.
fn quoted(found: &str) -> String {
    let printable = |character: char| {
        if character.is_control() {
            char::REPLACEMENT_CHARACTER
        } else {
            character
        }
    };
    let mut shown: String = found.chars().take(QUOTED).map(printable).collect();
    if found.chars().nth(QUOTED).is_some() {
        shown.push('…');
    }
    shown
}

/// The columns that are read; others may stand between them.
pub(super) const COLUMNS: [&str; 14] = [
    "arrival_date_year",
    "arrival_date_month",
    "arrival_date_day_of_month",
    "stays_in_weekend_nights",
    "stays_in_week_nights",
    "adults",
    "children",
    "babies",
    "meal",
    "country",
    "reserved_room_type",
    "assigned_room_type",
    "reservation_status",
    "reservation_status_date",
];

/// Fields of one row by the columns of [`COLUMNS`].
pub(super) struct Fields<'a> {
    pub(super) row: u64,
    pub(super) values: [&'a str; COLUMNS.len()],
}

impl Fields<'_> {
    pub(super) fn booking(&self) -> Result<Booking, RowProblem> {
        let outcome = match self.value("reservation_status") {
            "Check-Out" => Outcome::Stayed,
            "Canceled" => Outcome::Cancelled,
            "No-Show" => Outcome::NoShow,
            _ => return self.problem("reservation_status", "Check-Out, Canceled or No-Show"),
        };
        let arrival = self.arrival()?;
        let Ok(end) = self.value("reservation_status_date").parse::<Date>() else {
            return self.problem("reservation_status_date", "a date such as 2017-05-25");
        };
        if outcome == Outcome::Stayed && end < arrival {
            return self.problem(
                "reservation_status_date",
                "a day of departure that is not before the arrival",
            );
        }
        let nights = self.count("stays_in_weekend_nights")? + self.count("stays_in_week_nights")?;
        let assigned = self.value("assigned_room_type");
        let room_type = if is_missing(assigned) {
            self.value("reserved_room_type")
        } else {
            assigned
        };
        if is_missing(room_type) || room_type.chars().count() > MAX_WORD {
            return self.problem("assigned_room_type", "a room type of 1 to 20 characters");
        }
        let country = self.value("country");
        let meal = self.value("meal");
        for (column, value) in [("country", country), ("meal", meal)] {
            if value.chars().count() > MAX_WORD {
                return self.problem(column, "at most 20 characters");
            }
        }
        Ok(Booking {
            row: self.row,
            content: self.content(),
            occurrence: 1,
            arrival,
            end,
            outcome,
            nights,
            adults: self.count("adults")?,
            children: self.count("children")? + self.count("babies")?,
            meal: meal.into(),
            country: (!is_missing(country)).then(|| country.into()),
            room_type: room_type.into(),
        })
    }

    /// Names the row by what is read of it. Stays that were imported are known by it: neither the
    /// order of [`COLUMNS`] nor this form may ever change.
    fn content(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        for value in self.values.map(str::trim) {
            let value = if is_missing(value) { "" } else { value };
            hasher.update(&(value.len() as u64).to_be_bytes());
            hasher.update(value.as_bytes());
        }
        *hasher.finalize().as_bytes()
    }

    fn arrival(&self) -> Result<Date, RowProblem> {
        let Some(month) = month(self.value("arrival_date_month")) else {
            return self.problem("arrival_date_month", "an English month name");
        };
        let year = self.number("arrival_date_year", "a year such as 2017")?;
        let day = self.number("arrival_date_day_of_month", "a day of that month")?;
        let date = i16::try_from(year)
            .ok()
            .filter(|year| *year >= 1_900)
            .zip(i8::try_from(day).ok())
            .and_then(|(year, day)| Date::new(year, month, day).ok());
        match date {
            Some(date) => Ok(date),
            None => self.problem("arrival_date_day_of_month", "a day of that month"),
        }
    }

    /// A number of people or nights; a missing one is none.
    fn count(&self, column: &'static str) -> Result<u32, RowProblem> {
        const EXPECTED: &str = "a number from 0 to 1000";
        if is_missing(self.value(column)) {
            return Ok(0);
        }
        let number = self.number(column, EXPECTED)?;
        if number > 1_000 {
            return self.problem(column, EXPECTED);
        }
        Ok(number)
    }

    fn number(&self, column: &'static str, expected: &'static str) -> Result<u32, RowProblem> {
        let found = self.value(column);
        // Some tools write whole numbers with a fraction of nothing.
        let whole = found.strip_suffix(".0").unwrap_or(found);
        whole.parse().or_else(|_| self.problem(column, expected))
    }

    fn value(&self, column: &'static str) -> &str {
        COLUMNS
            .iter()
            .position(|known| *known == column)
            .map_or("", |at| self.values[at].trim())
    }

    fn problem<T>(&self, column: &'static str, expected: &'static str) -> Result<T, RowProblem> {
        let found = self.value(column);
        Err(RowProblem::in_column(self.row, column, found, expected))
    }
}

/// Characters of a country, a meal or a room type.
const MAX_WORD: usize = 20;

fn is_missing(value: &str) -> bool {
    matches!(value, "" | "NULL" | "NA")
}

fn month(name: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    (1..)
        .zip(MONTHS)
        .find(|(_, month)| *month == name)
        .map(|(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [&str; COLUMNS.len()] = [
        "2017",
        "May",
        "25",
        "2",
        "3",
        "2",
        "NA",
        "1",
        "BB",
        "PRT",
        "A",
        "D",
        "Check-Out",
        "2017-05-30",
    ];

    fn read(changed: &[(&str, &'static str)]) -> Result<Booking, RowProblem> {
        let mut values = GOOD;
        for (column, value) in changed {
            let at = COLUMNS.iter().position(|known| known == column).unwrap();
            values[at] = value;
        }
        Fields { row: 17, values }.booking()
    }

    #[test]
    fn a_row_is_read_as_what_it_says() {
        let booking = read(&[]).unwrap();
        assert_eq!(booking.arrival.to_string(), "2017-05-25");
        assert_eq!(
            (booking.nights, booking.adults, booking.children),
            (5, 2, 1)
        );
        assert_eq!(&*booking.room_type, "D");
        assert_eq!(booking.country.as_deref(), Some("PRT"));
        assert_eq!(read(&[("country", "NULL")]).unwrap().country, None);
        assert_eq!(read(&[("children", "1.0")]).unwrap().children, 2);
    }

    #[test]
    fn what_is_wrong_is_said_by_row_and_column_with_what_was_expected() {
        for (column, value, sentence) in [
            (
                "arrival_date_month",
                "Foo",
                "row 17, column arrival_date_month: found “Foo”, expected an English month name",
            ),
            (
                "arrival_date_day_of_month",
                "32",
                "row 17, column arrival_date_day_of_month: found “32”, expected a day of that month",
            ),
            (
                "adults",
                "-1",
                "row 17, column adults: found “-1”, expected a number from 0 to 1000",
            ),
            (
                "reservation_status",
                "Gone",
                "row 17, column reservation_status: found “Gone”, expected Check-Out, Canceled or No-Show",
            ),
            (
                "reservation_status_date",
                "2017-05-24",
                "row 17, column reservation_status_date: found “2017-05-24”, expected a day of departure that is not before the arrival",
            ),
        ] {
            assert_eq!(read(&[(column, value)]).unwrap_err().to_string(), sentence);
        }
    }

    #[test]
    fn a_long_or_hostile_value_is_shown_short_and_plain() {
        let long: &'static str = Box::leak(format!("\u{1b}[2J{}", "é".repeat(60)).into());
        let shown = read(&[("meal", long)]).unwrap_err().found;
        assert_eq!(shown, format!("\u{fffd}[2J{}…", "é".repeat(36)));
        let nothing = read(&[("reservation_status", "")]).unwrap_err();
        assert!(nothing.to_string().contains("found nothing, expected"));
    }
}
