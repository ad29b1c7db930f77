//! Two people's changes of one text brought together, line by line.
//!
//! **Architecture Invariant**: the outcome depends on the three texts alone, so the device that
//! writes it and the gate that judges it come to the same one.

use crate::limits::MAX_MERGED_LINES;

/// `mine` and `theirs`, both written over `base`, as one text: a line that one of them left alone
/// is the other's. None where both wrote in the same place.
pub fn merged(base: &str, mine: &str, theirs: &str) -> Option<String> {
    let [base, mine, theirs] = [base, mine, theirs].map(lines);
    if [&base, &mine, &theirs]
        .iter()
        .any(|text| text.len() > MAX_MERGED_LINES)
    {
        return Some(place_of(&base, &mine, &theirs)?.join("\n"));
    }
    let (in_mine, in_theirs) = (partners(&base, &mine), partners(&base, &theirs));
    let mut whole = Vec::new();
    let mut from = Place::default();
    for (at, line) in base.iter().enumerate() {
        // Between two lines that both kept stands a place that one or both rewrote.
        if let (Some(mine_at), Some(theirs_at)) = (in_mine[at], in_theirs[at]) {
            whole.extend(place_of(
                &base[from.base..at],
                &mine[from.mine..mine_at],
                &theirs[from.theirs..theirs_at],
            )?);
            whole.push(*line);
            from = Place {
                base: at + 1,
                mine: mine_at + 1,
                theirs: theirs_at + 1,
            };
        }
    }
    let (base, mine, theirs) = (
        &base[from.base..],
        &mine[from.mine..],
        &theirs[from.theirs..],
    );
    whole.extend(place_of(base, mine, theirs)?);
    Some(whole.join("\n"))
}

/// How far each text is read.
#[derive(Clone, Copy, Default)]
struct Place {
    base: usize,
    mine: usize,
    theirs: usize,
}

/// An empty text has no line, so that writing into one is an addition.
fn lines(text: &str) -> Vec<&str> {
    if text.is_empty() {
        vec![]
    } else {
        text.split('\n').collect()
    }
}

/// One place of the three texts as one; None where both rewrote it, each in another way.
fn place_of<'a>(base: &[&'a str], mine: &[&'a str], theirs: &[&'a str]) -> Option<Vec<&'a str>> {
    if mine == base || mine == theirs {
        return Some(theirs.to_vec());
    }
    if theirs == base {
        return Some(mine.to_vec());
    }
    // Neighbouring lines, each rewritten by another.
    if base.len() != mine.len() || base.len() != theirs.len() {
        return None;
    }
    let lines = base.iter().zip(mine).zip(theirs);
    lines
        .map(|((base, mine), theirs)| {
            if mine == base || mine == theirs {
                Some(*theirs)
            } else {
                (theirs == base).then_some(*mine)
            }
        })
        .collect()
}

/// For each line of `base` the line of `other` that it is, by their longest common subsequence.
fn partners(base: &[&str], other: &[&str]) -> Vec<Option<usize>> {
    // longest[i][j]: how many lines base[i..] and other[j..] have in common, in this order.
    let mut longest = vec![vec![0_usize; other.len() + 1]; base.len() + 1];
    for i in (0..base.len()).rev() {
        for j in (0..other.len()).rev() {
            longest[i][j] = if base[i] == other[j] {
                longest[i + 1][j + 1] + 1
            } else {
                longest[i + 1][j].max(longest[i][j + 1])
            };
        }
    }
    let mut found = vec![None; base.len()];
    let (mut i, mut j) = (0, 0);
    while i < base.len() && j < other.len() {
        if base[i] == other[j] {
            found[i] = Some(j);
            (i, j) = (i + 1, j + 1);
        } else if longest[i + 1][j] >= longest[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines parted by `/`; `!` where a person has to decide.
    fn check(base: &str, mine: &str, theirs: &str, expected: &str) {
        let [base, mine, theirs] = [base, mine, theirs].map(|text| text.replace('/', "\n"));
        for (one, other) in [(&mine, &theirs), (&theirs, &mine)] {
            let together = merged(&base, one, other).map(|text| text.replace('\n', "/"));
            assert_eq!(
                together.as_deref().unwrap_or("!"),
                expected,
                "{base:?}, {one:?}, {other:?}"
            );
        }
    }

    #[test]
    fn a_line_that_one_side_left_alone_is_the_others() {
        check("tap/window", "tap", "tap/window", "tap");
        check(
            "tap/window",
            "tap drips/window",
            "tap/window",
            "tap drips/window",
        );
        check("a/b/c", "A/b/c", "a/b/C", "A/b/C");
        check("a/b", "A/b", "a/B", "A/B");
        check("a/b/c", "b/c", "a/b/c/d", "b/c/d");
        check("a/b/c", "a/x/b/c", "a/b/y/c", "a/x/b/y/c");
        check("", "", "both tired", "both tired");
    }

    #[test]
    fn what_both_wrote_alike_is_there_once() {
        check("a/b", "a/B", "a/B", "a/B");
        check("a", "a/z", "a/z", "a/z");
        check("a", "", "", "");
    }

    #[test]
    fn a_text_of_very_many_lines_is_one_place() {
        let long = "a/".repeat(MAX_MERGED_LINES);
        check(&long, &long, &format!("{long}b"), &format!("{long}b"));
        check(&long, &format!("b/{long}"), &format!("{long}b"), "!");
    }

    #[test]
    fn where_both_wrote_differently_a_person_decides() {
        check("a", "mine", "theirs", "!");
        check("", "mine", "theirs", "!");
        check("a", "a/mine", "a/theirs", "!");
        check("a/b/c", "a/c", "a/B/c", "!");
        check("a", "", "a b", "!");
    }

    #[test]
    fn nothing_that_anybody_wrote_is_lost_or_doubled() {
        let bases = all_texts(&["a", "b"]);
        let (mine, theirs) = (all_texts(&["a", "b", "m"]), all_texts(&["a", "b", "t"]));
        for base in &bases {
            for mine in &mine {
                for theirs in &theirs {
                    let Some(text) = merged(base, mine, theirs) else {
                        continue;
                    };
                    let written = (text.matches('m').count(), text.matches('t').count());
                    let expected = (mine.matches('m').count(), theirs.matches('t').count());
                    assert_eq!(
                        written, expected,
                        "{base:?}, {mine:?}, {theirs:?}: {text:?}"
                    );
                }
            }
        }
    }

    /// Every text of up to three of these lines.
    fn all_texts(lines: &[&str]) -> Vec<String> {
        let mut texts = vec![String::new()];
        let mut longest = texts.clone();
        for _ in 0..3 {
            longest = longest
                .iter()
                .flat_map(|text| lines.iter().map(move |line| [text.as_str(), *line]))
                .map(|[text, line]| match text {
                    "" => line.to_owned(),
                    text => format!("{text}\n{line}"),
                })
                .collect();
            texts.extend(longest.iter().cloned());
        }
        texts
    }
}
