//! Small and capital letters.

/// In small letters, one letter at a time.
///
/// [`str::to_lowercase`] also knows the end of a Greek word, with tables that would be downloaded,
/// and then a word does not begin with what was typed of it.
pub fn small(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_begins_with_what_was_typed_of_it() {
        assert_eq!(small("ÉTÉ 12B"), "été 12b");
        assert!(small("ΟΔΟΣΗΜΑ").starts_with(&small("ΟΔΟΣ")));
    }
}
