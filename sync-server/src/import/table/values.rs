//! Dates, numbers and yes or no, as other programs write them.

use jiff::civil::Date;
use keyrack_model::import::{DateOrder, DecimalSign, Mapping};

/// Years that bookings are of.
const YEARS: std::ops::RangeInclusive<i16> = 1_900..=2_200;
/// The fewest letters that tell months apart.
const LEAST_OF_MONTH: usize = 3;
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const YES: [&str; 5] = ["yes", "y", "true", "1", "x"];
const NO: [&str; 4] = ["no", "n", "false", "0"];

/// A date, whatever stands between its parts. A time of day after it is passed over.
pub(super) fn date(order: DateOrder, text: &str) -> Option<Date> {
    let text = without_time(text);
    let parts: Vec<&str> = text
        .split([' ', '-', '/', '.', ','])
        .filter(|part| !part.is_empty())
        .collect();
    let [first, second, third] = match parts[..] {
        [first, second, third] => [first, second, third],
        [whole] if order == DateOrder::YearMonthDay && is_eight_digits(whole) => {
            [&whole[..4], &whole[4..6], &whole[6..]]
        }
        _ => return None,
    };
    let (year, month, day) = match order {
        DateOrder::YearMonthDay => (first, second, third),
        DateOrder::DayMonthYear => (third, second, first),
        DateOrder::MonthDayYear => (third, first, second),
    };
    let year: i16 = year.parse().ok().filter(|year| YEARS.contains(year))?;
    let month = month.parse().ok().or_else(|| self::month(month))?;
    Date::new(year, month, day.parse().ok()?).ok()
}

fn is_eight_digits(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What stands before the time of day.
fn without_time(text: &str) -> &str {
    let Some(colon) = text.find(':') else {
        return text;
    };
    let before = &text[..colon];
    before.rfind([' ', 'T']).map_or(text, |end| &before[..end])
}

fn month(name: &str) -> Option<i8> {
    let name = name.to_ascii_lowercase();
    if name.len() < LEAST_OF_MONTH {
        return None;
    }
    let named = (1..)
        .zip(MONTHS)
        .find(|(_, month)| month.starts_with(&name));
    named.map(|(number, _)| number)
}

/// A whole number; some programs write one with a fraction of nothing.
pub(super) fn whole(decimal: DecimalSign, text: &str) -> Option<i64> {
    let sign = match decimal {
        DecimalSign::Point => '.',
        DecimalSign::Comma => ',',
    };
    let whole = match text.split_once(sign) {
        Some((whole, fraction)) if fraction.bytes().all(|byte| byte == b'0') => whole,
        Some(_) => return None,
        None => text,
    };
    whole.parse().ok()
}

pub(super) fn yes_or_no(mapping: &Mapping, text: &str) -> Option<bool> {
    let is_one_of = |own: &[String], usual: &[&str]| {
        let own = own.iter().map(String::as_str);
        let mut all = own.chain(usual.iter().copied());
        all.any(|word| alike(word, text))
    };
    // What the mapping says goes before what is usual.
    if mapping.no.iter().any(|word| alike(word, text)) {
        Some(false)
    } else if is_one_of(&mapping.yes, &YES) {
        Some(true)
    } else if is_one_of(&mapping.no, &NO) {
        Some(false)
    } else {
        None
    }
}

/// Whether two spellings are of one word: case, spaces, hyphens and underscores do not matter.
pub(super) fn alike(one: &str, other: &str) -> bool {
    let letters = |word: &str| -> String {
        let letters = word.chars().filter(|it| !matches!(it, ' ' | '-' | '_'));
        letters.flat_map(char::to_lowercase).collect()
    };
    letters(one) == letters(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use DateOrder::{DayMonthYear, MonthDayYear, YearMonthDay};

    #[test]
    fn a_date_is_read_in_its_order_whatever_stands_between() {
        for (order, text) in [
            (YearMonthDay, "2017-05-25"),
            (YearMonthDay, "2017/5/25"),
            (YearMonthDay, "20170525"),
            (YearMonthDay, "2017 May 25"),
            (YearMonthDay, "2017-05-25T14:00:00Z"),
            (YearMonthDay, "2017-05-25 14:00"),
            (DayMonthYear, "25.05.2017"),
            (DayMonthYear, "25/5/2017 09:30"),
            (DayMonthYear, "25 may 2017"),
            (MonthDayYear, "05/25/2017"),
            (MonthDayYear, "May 25, 2017"),
        ] {
            let read = date(order, text).map(|date| date.to_string());
            assert_eq!(read.as_deref(), Some("2017-05-25"), "{order} {text}");
        }
    }

    #[test]
    fn what_is_no_date_of_its_order_is_none() {
        for (order, text) in [
            (YearMonthDay, ""),
            (YearMonthDay, "25.05.2017"),
            (YearMonthDay, "2017-13-01"),
            (YearMonthDay, "2017-02-29"),
            (YearMonthDay, "17-05-25"),
            (YearMonthDay, "2017-05"),
            (YearMonthDay, "2017-05-25-26"),
            (YearMonthDay, "éééé"),
            (YearMonthDay, "1:2"),
            (YearMonthDay, "42880"),
            (DayMonthYear, "2017-05-25"),
            (DayMonthYear, "05/25/2017"),
            (DayMonthYear, "25 Ma 2017"),
            (MonthDayYear, "25/05/2017"),
            (MonthDayYear, "25052017"),
        ] {
            assert_eq!(date(order, text), None, "{order} {text:?}");
        }
    }

    #[test]
    fn a_whole_number_may_have_a_fraction_of_nothing() {
        use DecimalSign::{Comma, Point};
        for (decimal, text, number) in [
            (Point, "2", Some(2)),
            (Point, "-1", Some(-1)),
            (Point, "2.0", Some(2)),
            (Comma, "2,00", Some(2)),
            (Point, "2.", Some(2)),
            (Point, "2.5", None),
            (Point, "2,0", None),
            (Comma, "2.0", None),
            (Point, "two", None),
            (Point, "", None),
            (Point, "99999999999999999999", None),
        ] {
            assert_eq!(whole(decimal, text), number, "{decimal} {text}");
        }
    }

    #[test]
    fn yes_and_no_are_the_usual_words_and_those_of_the_mapping() {
        let mapping = Mapping {
            yes: vec!["Sim".to_owned()],
            no: vec!["não".to_owned(), "X".to_owned()],
            ..Mapping::default()
        };
        for (text, read) in [
            ("Yes", Some(true)),
            ("sim", Some(true)),
            ("1", Some(true)),
            ("NÃO", Some(false)),
            ("x", Some(false)),
            ("0", Some(false)),
            ("maybe", None),
            ("", None),
        ] {
            assert_eq!(yes_or_no(&mapping, text), read, "{text}");
        }
    }
}
