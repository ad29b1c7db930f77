//! Arrivals, departures, stayovers and nights of each day, straight from the rows of the file.
//!
//! **Invariant**: it shares no code with what it is compared with: a reader, a calendar and a count of
//! its own, and nothing of Keyrack.

use flate2::read::MultiGzDecoder;
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read},
    path::Path,
};

/// What a day has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Count {
    pub arrivals: u64,
    pub departures: u64,
    pub stayovers: u64,
    /// Nights with guests that end on its morning.
    pub nights: u64,
}

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

/// The text of a file, plain or gzip.
///
/// # Errors
/// What the file could not be read for.
pub fn text(path: &Path) -> io::Result<String> {
    let bytes = fs::read(path)?;
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return String::from_utf8(bytes).map_err(io::Error::other);
    }
    let mut text = String::new();
    MultiGzDecoder::new(&*bytes).read_to_string(&mut text)?;
    Ok(text)
}

/// The days by date, written as `2017-05-25`; a stayover is due on every so many nights of a stay.
/// None for a text that is no bookings file without quotation marks.
pub fn count(text: &str, stayover_every: i64) -> Option<BTreeMap<String, Count>> {
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next()?.split(',').collect();
    let place = |name: &str| names.iter().position(|known| *known == name);
    let year = place("arrival_date_year")?;
    let month = place("arrival_date_month")?;
    let day = place("arrival_date_day_of_month")?;
    let status = place("reservation_status")?;
    let end = place("reservation_status_date")?;
    let mut days: BTreeMap<i64, Count> = BTreeMap::new();
    for line in lines {
        let fields: Vec<&str> = line.split(',').collect();
        if fields.len() != names.len() || line.contains('"') {
            return None;
        }
        if fields[status] != "Check-Out" {
            continue;
        }
        let month = MONTHS.iter().position(|name| *name == fields[month])? as i64 + 1;
        let from = serial(fields[year].parse().ok()?, month, fields[day].parse().ok()?);
        let mut parts = fields[end].split('-').map(|part| part.parse::<i64>().ok());
        let until = serial(parts.next()??, parts.next()??, parts.next()??);
        days.entry(from).or_default().arrivals += 1;
        days.entry(until).or_default().departures += 1;
        for morning in from + 1..=until {
            let count = days.entry(morning).or_default();
            count.nights += 1;
            if morning < until && (morning - from) % stayover_every == 0 {
                count.stayovers += 1;
            }
        }
    }
    let written = |(day, count): (i64, Count)| (written(day), count);
    Some(days.into_iter().map(written).collect())
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of_year(year: i64) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since the beginning of 1900.
fn serial(year: i64, month: i64, day: i64) -> i64 {
    let years: i64 = (1900..year).map(days_of_year).sum();
    let months: i64 = (1..month).map(|month| days_of_month(year, month)).sum();
    years + months + day - 1
}

fn written(serial: i64) -> String {
    let (mut year, mut month, mut left) = (1900, 1, serial);
    while left >= days_of_year(year) {
        left -= days_of_year(year);
        year += 1;
    }
    while left >= days_of_month(year, month) {
        left -= days_of_month(year, month);
        month += 1;
    }
    format!("{year:04}-{month:02}-{:02}", left + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stay_is_counted_on_each_of_its_days() {
        let text = "arrival_date_year,arrival_date_month,arrival_date_day_of_month,\
                    reservation_status,reservation_status_date\n\
                    2016,February,27,Check-Out,2016-03-01\n\
                    2016,February,28,Canceled,2016-02-01\n";
        let days = count(text, 2).unwrap();
        let told = |day: &str| {
            let count = days[day];
            [
                count.arrivals,
                count.departures,
                count.stayovers,
                count.nights,
            ]
        };
        assert_eq!(told("2016-02-27"), [1, 0, 0, 0]);
        assert_eq!(told("2016-02-28"), [0, 0, 0, 1]);
        assert_eq!(told("2016-02-29"), [0, 0, 1, 1]);
        assert_eq!(told("2016-03-01"), [0, 1, 0, 1]);
        assert_eq!(days.len(), 4);
    }
}
