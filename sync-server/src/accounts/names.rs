//! What people type to name a hotel, a person or a device: spaces around it and the case of what
//! one signs in with do not matter.

use super::AccountError;
use keyrack_model::limits::MAX_NAME;
use unicode_normalization::UnicodeNormalization;

/// A hotel's code. Its hash is the hotel's id, so only one spelling may lead there.
pub(super) fn code(typed: &str) -> Result<String, AccountError> {
    const OTHERWISE: &str = "a hotel's code has 1 to 80 letters, digits and hyphens";
    let code = composed(shown(typed, OTHERWISE)?);
    let is_fit = code
        .chars()
        .all(|c| c.is_alphanumeric() || "-_".contains(c));
    if is_fit {
        Ok(code)
    } else {
        Err(AccountError::BadRequest(OTHERWISE))
    }
}

/// The name that a person signs in with.
pub(crate) fn login(typed: &str) -> Result<String, AccountError> {
    let name = shown(typed, "a user name has 1 to 80 characters")?;
    Ok(composed(name))
}

/// One spelling for a name in whatever case, with letters and their accents together or apart, as
/// keyboards differ.
fn composed(name: &str) -> String {
    name.to_lowercase().nfc().collect()
}

/// A name that is shown as it was typed.
pub(super) fn shown<'a>(typed: &'a str, otherwise: &'static str) -> Result<&'a str, AccountError> {
    let name = typed.trim();
    let is_fit =
        (1..=MAX_NAME).contains(&name.chars().count()) && !name.contains(|c: char| c.is_control());
    if is_fit {
        Ok(name)
    } else {
        Err(AccountError::BadRequest(otherwise))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_and_case_do_not_matter_where_one_signs_in() {
        assert_eq!(code(" Resort-2 ").unwrap(), "resort-2");
        assert_eq!(login("João ").unwrap(), "joão");
        assert_eq!(login("joa\u{303}o").unwrap(), "joão");
        assert_eq!(code("Cafe\u{301}").unwrap(), "café");
        assert_eq!(shown(" Maria Silva ", "").unwrap(), "Maria Silva");
    }

    #[test]
    fn what_names_nothing_is_refused() {
        let long = "x".repeat(MAX_NAME + 1);
        for typed in ["", "  ", "a\0b", "a\nb", &long] {
            assert!(code(typed).is_err() && login(typed).is_err(), "{typed:?}");
        }
        assert!(code("the resort").is_err());
        assert!(login(&long[1..]).is_ok());
    }
}
