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
    /// Row of the file as a spreadsheet counts them: the first line is row 1.
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

/// What in a row is not what it must be, at least one fault.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowProblem {
    pub row: u64,
    pub faults: Vec<Fault>,
}

/// Something in a row that is not what it must be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
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

impl Fault {
    pub(super) fn in_column(column: &'static str, found: &str, expected: &'static str) -> Self {
        Self {
            place: Place::Column(column),
            found: quoted(found),
            expected: expected.into(),
        }
    }

    pub(super) fn field_count(found: usize, expected: usize) -> Self {
        let fields = if found == 1 { "field" } else { "fields" };
        Self {
            place: Place::FieldCount,
            found: format!("{found} {fields}"),
            expected: format!("{expected} as in the first line").into(),
        }
    }
}

impl fmt::Display for RowProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}", self.row)?;
        for (at, fault) in self.faults.iter().enumerate() {
            let separator = match (at, fault.place) {
                (0, Place::FieldCount) => ": ",
                (0, Place::Column(_)) => ", ",
                _ => "; ",
            };
            write!(f, "{separator}{fault}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            place,
            found,
            expected,
        } = self;
        match place {
            Place::FieldCount => write!(f, "found {found}, expected {expected}"),
            Place::Column(column) if found.is_empty() => {
                write!(f, "column {column}: found nothing, expected {expected}")
            }
            Place::Column(column) => {
                write!(f, "column {column}: found “{found}”, expected {expected}")
            }
        }
    }
}

/// The beginning of a value, without what would steer a terminal.
pub(crate) fn quoted(found: &str) -> String {
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

/// What is wrong with a row, as far as it was read.
#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    /// What was read, or its default with the fault noted.
    fn note<T: Default>(&mut self, read: Result<T, Fault>) -> T {
        read.unwrap_or_else(|fault| {
            self.0.push(fault);
            T::default()
        })
    }
}

impl Fields<'_> {
    /// Reads the whole row, and says of every column what is wrong with it.
    pub(super) fn booking(&self) -> Result<Booking, RowProblem> {
        let mut faults = Faults::default();
        let arrival = self.arrival(&mut faults);
        let weekend_nights = faults.note(self.count("stays_in_weekend_nights"));
        let week_nights = faults.note(self.count("stays_in_week_nights"));
        let adults = faults.note(self.count("adults"));
        let children = faults.note(self.count("children"));
        let babies = faults.note(self.count("babies"));
        let meal = faults.note(self.word("meal"));
        let country = faults.note(self.word("country"));
        let room_type = faults.note(self.room_type());
        let outcome = faults.note(self.outcome().map(Some));
        let end = faults.note(self.end(outcome, arrival).map(Some));
        match (faults.0, arrival, outcome, end) {
            (faults, Some(arrival), Some(outcome), Some(end)) if faults.is_empty() => Ok(Booking {
                row: self.row,
                content: self.content(),
                occurrence: 1,
                arrival,
                end,
                outcome,
                nights: weekend_nights + week_nights,
                adults,
                children: children + babies,
                meal: meal.into(),
                country: (!is_missing(country)).then(|| country.into()),
                room_type: room_type.into(),
            }),
            (faults, ..) => Err(RowProblem {
                row: self.row,
                faults,
            }),
        }
    }

    fn outcome(&self) -> Result<Outcome, Fault> {
        match self.value("reservation_status") {
            "Check-Out" => Ok(Outcome::Stayed),
            "Canceled" => Ok(Outcome::Cancelled),
            "No-Show" => Ok(Outcome::NoShow),
            _ => self.fault("reservation_status", "Check-Out, Canceled or No-Show"),
        }
    }

    /// The day of `reservation_status_date`; of a stay it is not before its arrival.
    fn end(&self, outcome: Option<Outcome>, arrival: Option<Date>) -> Result<Date, Fault> {
        const COLUMN: &str = "reservation_status_date";
        let Ok(end) = self.value(COLUMN).parse::<Date>() else {
            return self.fault(COLUMN, "a date such as 2017-05-25");
        };
        if outcome == Some(Outcome::Stayed) && arrival.is_some_and(|arrival| end < arrival) {
            return self.fault(COLUMN, "a day of departure that is not before the arrival");
        }
        Ok(end)
    }

    fn room_type(&self) -> Result<&str, Fault> {
        let assigned = self.value("assigned_room_type");
        let room_type = if is_missing(assigned) {
            self.value("reserved_room_type")
        } else {
            assigned
        };
        if is_missing(room_type) || room_type.chars().count() > MAX_WORD {
            return self.fault("assigned_room_type", "a room type of 1 to 20 characters");
        }
        Ok(room_type)
    }

    fn word(&self, column: &'static str) -> Result<&str, Fault> {
        let word = self.value(column);
        if word.chars().count() > MAX_WORD {
            return self.fault(column, "at most 20 characters");
        }
        Ok(word)
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

    fn arrival(&self, faults: &mut Faults) -> Option<Date> {
        const DAY: &str = "arrival_date_day_of_month";
        const DAY_EXPECTED: &str = "a day of that month";
        let year = faults.note(self.year().map(Some));
        let month = faults.note(self.month().map(Some));
        let day = faults.note(self.number(DAY, DAY_EXPECTED).map(Some));
        let (year, month, day) = (year?, month?, day?);
        let date = i8::try_from(day).ok();
        let date = date.and_then(|day| Date::new(year, month, day).ok());
        faults.note(match date {
            Some(date) => Ok(Some(date)),
            None => self.fault(DAY, DAY_EXPECTED),
        })
    }

    fn year(&self) -> Result<i16, Fault> {
        const COLUMN: &str = "arrival_date_year";
        const EXPECTED: &str = "a year such as 2017";
        let year = i16::try_from(self.number(COLUMN, EXPECTED)?).ok();
        match year.filter(|year| (1_900..=9_999).contains(year)) {
            Some(year) => Ok(year),
            None => self.fault(COLUMN, EXPECTED),
        }
    }

    fn month(&self) -> Result<i8, Fault> {
        const COLUMN: &str = "arrival_date_month";
        match month(self.value(COLUMN)) {
            Some(month) => Ok(month),
            None => self.fault(COLUMN, "an English month name"),
        }
    }

    /// A number of people or nights; a missing one is none.
    fn count(&self, column: &'static str) -> Result<u32, Fault> {
        const EXPECTED: &str = "a number from 0 to 1000";
        if is_missing(self.value(column)) {
            return Ok(0);
        }
        let number = self.number(column, EXPECTED)?;
        if number > 1_000 {
            return self.fault(column, EXPECTED);
        }
        Ok(number)
    }

    fn number(&self, column: &'static str, expected: &'static str) -> Result<u32, Fault> {
        let found = self.value(column);
        // Some tools write whole numbers with a fraction of nothing.
        let whole = found.strip_suffix(".0").unwrap_or(found);
        whole.parse().or_else(|_| self.fault(column, expected))
    }

    fn value(&self, column: &'static str) -> &str {
        COLUMNS
            .iter()
            .position(|known| *known == column)
            .map_or("", |at| self.values[at].trim())
    }

    fn fault<T>(&self, column: &'static str, expected: &'static str) -> Result<T, Fault> {
        Err(Fault::in_column(column, self.value(column), expected))
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
    fn every_column_that_is_wrong_is_named() {
        let problem = read(&[
            ("reservation_status_date", "soon"),
            ("adults", "-1"),
            ("arrival_date_year", "17"),
            ("arrival_date_month", "Mai"),
        ]);
        assert_eq!(
            problem.unwrap_err().to_string(),
            "row 17, column arrival_date_year: found “17”, expected a year such as 2017; column \
             arrival_date_month: found “Mai”, expected an English month name; column adults: found \
             “-1”, expected a number from 0 to 1000; column reservation_status_date: found “soon”, \
             expected a date such as 2017-05-25"
        );
    }

    #[test]
    fn a_long_or_hostile_value_is_shown_short_and_plain() {
        let long: &'static str = Box::leak(format!("\u{1b}[2J{}", "é".repeat(60)).into());
        let shown = &read(&[("meal", long)]).unwrap_err().faults[0].found;
        assert_eq!(*shown, format!("\u{fffd}[2J{}…", "é".repeat(36)));
        let nothing = read(&[("reservation_status", "")]).unwrap_err();
        assert!(nothing.to_string().contains("found nothing, expected"));
    }
}
