//! Names that stand in one line, wherever they are kept.
//!
//! **Architecture Invariant**: a name without control characters is taken by everything that keeps
//! one. A database that takes no NUL in a text would turn down whatever is stored with it.

use crate::refusal::Refusal;

/// Refuses a name that holds a control character: nobody types one, and nobody sees it.
///
/// # Errors
/// `ControlCharacter`.
pub fn check_one_line(field: &str, name: &str) -> Result<(), Refusal> {
    if name.contains(char::is_control) {
        return Err(Refusal::ControlCharacter {
            field: field.to_owned(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_holds_whatever_is_seen_and_no_control_character() {
        for name in ["", "Hotel do Mar", "北の宿", "Café\u{a0}№ 1 🏖"] {
            assert_eq!(check_one_line("name", name), Ok(()), "{name:?}");
        }
        for name in ["a\0b", "a\nb", "a\tb", "\u{7f}", "\u{85}"] {
            let field = "name".to_owned();
            let refused = Err(Refusal::ControlCharacter { field });
            assert_eq!(check_one_line("name", name), refused, "{name:?}");
        }
    }
}
