//! Letters as somebody types them who looks for something: small, and without their accents.

/// In small letters without accents, one letter at a time.
///
/// [`str::to_lowercase`] also knows the end of a Greek word, with tables that would be downloaded,
/// and then a word does not begin with what was typed of it.
pub fn small(text: &str) -> String {
    let small = text.chars().flat_map(char::to_lowercase);
    small.map(plain).collect()
}

/// The letter beneath an accent, for the languages whose guests and staff a European hotel has.
fn plain(letter: char) -> char {
    // Each plain letter stands before those with accents.
    const LETTERS: &str =
        "aáàâãäåāăącçćčdďđeéèêëēėęěgğiíìîïīįlłľĺnñńňņoóòôõöøōőrŕřsśšşștťţțuúùûüūůűyýÿzźżž";
    if letter.is_ascii() {
        return letter;
    }
    let mut beneath = letter;
    for each in LETTERS.chars() {
        if each.is_ascii() {
            beneath = each;
        } else if each == letter {
            return beneath;
        }
    }
    letter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_begins_with_what_was_typed_of_it() {
        assert_eq!(small("ÉTÉ 12B"), "ete 12b");
        assert_eq!(small("João Núñez, Łódź"), small("joao nunez, lodz"));
        assert!(small("ΟΔΟΣΗΜΑ").starts_with(&small("ΟΔΟΣ")));
    }
}
