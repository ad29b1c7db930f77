//! Passwords of the server's making, for handing to a person on paper or by telephone.

use super::AccountError;

/// Lower case and digits without those that are taken for one another: 12 of these are 59 bits.
const LETTERS: &[u8; 31] = b"23456789abcdefghjkmnpqrstuvwxyz";
const LENGTH: usize = 12;
const GROUP: usize = 4;

/// One like `k7mp-w3xa-9hqe`.
pub(super) fn drawn() -> Result<String, AccountError> {
    let mut letters = Vec::new();
    while letters.len() < LENGTH {
        let mut random = [0; 2 * LENGTH];
        getrandom::fill(&mut random).map_err(|_| AccountError::Hashing)?;
        // Of the 32 values of five bits one names no letter and is drawn again: the others are as
        // likely as each other.
        let drawn = random.iter().map(|byte| usize::from(byte % 32));
        letters.extend(drawn.filter_map(|place| LETTERS.get(place)).copied());
    }
    letters.truncate(LENGTH);
    let groups: Vec<String> = letters
        .chunks(GROUP)
        .map(|group| group.iter().copied().map(char::from).collect())
        .collect();
    Ok(groups.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_password_has_three_groups_of_letters_that_are_not_mixed_up() {
        let password = drawn().unwrap();
        let groups: Vec<&str> = password.split('-').collect();
        assert_eq!(groups.iter().map(|it| it.len()).collect::<Vec<_>>(), [4; 3]);
        let is_letter = |it: u8| LETTERS.contains(&it);
        assert!(groups.concat().bytes().all(is_letter), "{password}");
        assert!(!LETTERS.iter().any(|it| b"01ilo".contains(it)));
    }

    #[test]
    fn every_letter_is_drawn_and_no_password_twice() {
        let all: BTreeSet<String> = (0..200).map(|_| drawn().unwrap()).collect();
        assert_eq!(all.len(), 200);
        let letters: BTreeSet<u8> = all.iter().flat_map(|it| it.bytes()).collect();
        assert_eq!(letters.len(), LETTERS.len() + 1, "and the hyphen");
    }
}
