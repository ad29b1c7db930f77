//! Finding what a person means by a few letters, for the palette.

use crate::{letters::small, query::few::in_order};

/// How well `query` names `text`; None when it does not. Lower is better: a beginning before a
/// beginning of a word, that before letters in order with gaps; and whole words before parts.
pub fn rank(query: &str, text: &str) -> Option<u32> {
    let query = small(query.trim());
    let text = small(text);
    if query.is_empty() {
        return Some(0);
    }
    let begins = |text: &str| {
        let rest = text.strip_prefix(&query)?;
        let goes_on = rest.starts_with(|next: char| next.is_alphanumeric() || next == '-');
        Some(u32::from(goes_on))
    };
    if let Some(part) = begins(&text) {
        return Some(part);
    }
    if let Some(part) = text.split_whitespace().filter_map(begins).min() {
        return Some(2 + part);
    }
    gaps(&query, &text).map(|gaps| 4 + gaps)
}

/// Letters skipped between the first and the last match.
fn gaps(query: &str, text: &str) -> Option<u32> {
    let mut gaps = 0;
    let mut begun = false;
    let mut letters = text.chars();
    for wanted in query.chars().filter(|letter| !letter.is_whitespace()) {
        loop {
            let letter = letters.next()?;
            if letter == wanted {
                begun = true;
                break;
            }
            gaps += u32::from(begun);
        }
    }
    Some(gaps)
}

/// The things that `query` names, best first; equal ones keep their order.
pub fn ranked<T>(query: &str, things: Vec<(String, T)>, limit: usize) -> Vec<(String, T)> {
    let found = things
        .into_iter()
        .filter_map(|(text, thing)| Some((rank(query, &text)?, text, thing)));
    in_order(found, |(rank, ..)| *rank)
        .into_iter()
        .take(limit)
        .map(|(_, text, thing)| (text, thing))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_better_than_letters_on_the_way() {
        let things = [
            "Go to the board",
            "Set Dirty",
            "New work order",
            "Dark theme",
        ]
        .map(|text| (text.to_owned(), ()))
        .to_vec();
        let found = |query| -> Vec<String> {
            ranked(query, things.clone(), 9)
                .into_iter()
                .map(|(text, ())| text)
                .collect()
        };
        assert_eq!(
            found("d"),
            [
                "Dark theme",
                "Set Dirty",
                "Go to the board",
                "New work order"
            ]
        );
        assert_eq!(found("nwo"), ["New work order"]);
        assert!(found("zz").is_empty());
        let whole = |query, texts: [&str; 3]| {
            let things = texts.map(|text| (text.to_owned(), ())).to_vec();
            ranked(query, things, 1).remove(0).0
        };
        let bookings = ["B-1F-2, room 223", "B-1F, room 222", "Guest B-1F"];
        assert_eq!(whole("b-1f", bookings), "B-1F, room 222");
        assert_eq!(whole("22", ["221", "122", "22"]), "22");
        assert_eq!(found("").len(), 4);
    }
}
