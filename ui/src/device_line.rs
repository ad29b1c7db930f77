//! What adds a computer to a hotel, in one line: `keyrack:CODE@SERVER`. The settings show it as a
//! square for a camera; the sign-in reads it however it was typed or pasted.

const SCHEME: &str = "keyrack:";

/// What a line says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeviceLine {
    pub code: String,
    pub server: String,
}

/// The line of a code and the address of its server.
pub fn device_line(code: &str, server: &str) -> String {
    format!("{SCHEME}{code}@{server}")
}

/// The line that somebody typed or pasted; None for anything else, a code alone for one.
pub fn read_line(typed: &str) -> Option<DeviceLine> {
    let typed = without_blanks(typed);
    let (scheme, rest) = typed.split_at_checked(SCHEME.len())?;
    if !scheme.eq_ignore_ascii_case(SCHEME) {
        return None;
    }
    // No code has an @, but an address may.
    let (code, server) = rest.split_once('@')?;
    (!code.is_empty() && !server.is_empty()).then(|| DeviceLine {
        code: code.to_owned(),
        server: server.to_owned(),
    })
}

/// Without what a paste brings along and nobody sees: blanks, line ends, marks of no width.
pub fn without_blanks(typed: &str) -> String {
    let is_blank = |c: char| c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}');
    typed.chars().filter(|c| !is_blank(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_however_it_was_pasted() {
        let https = ("K7QF-2M9X", "https://keyrack.example.com");
        for (typed, said) in [
            ("keyrack:K7QF-2M9X@https://keyrack.example.com", Some(https)),
            (
                "  keyrack:K7QF-2M9X@https://keyrack.example.com\r\n",
                Some(https),
            ),
            (
                "keyrack: K7QF-2M9X @ https://keyrack.example.com",
                Some(https),
            ),
            (
                "keyrack:K7QF-\n  2M9X@https://keyrack.\n  example.com",
                Some(https),
            ),
            (
                "\u{feff}keyrack:K7QF-2M9X\u{a0}@\thttps://keyrack.example.com\u{200b}",
                Some(https),
            ),
            ("KEYRACK:K7QF-2M9X@https://keyrack.example.com", Some(https)),
            (
                "keyrack:A@http://127.0.0.1:7300",
                Some(("A", "http://127.0.0.1:7300")),
            ),
            (
                "keyrack:A@https://who@example.com",
                Some(("A", "https://who@example.com")),
            ),
            ("", None),
            (" \n", None),
            ("K7QF-2M9X", None),
            ("https://keyrack.example.com", None),
            ("keyrack:", None),
            ("keyrack:K7QF-2M9X", None),
            ("keyrack:K7QF-2M9X@ ", None),
            ("keyrack:@https://keyrack.example.com", None),
            ("keyräck:K7QF-2M9X@https://keyrack.example.com", None),
        ] {
            let line = read_line(typed);
            let line = line.as_ref().map(|line| (&*line.code, &*line.server));
            assert_eq!(line, said, "{typed:?}");
        }
    }

    #[test]
    fn what_the_settings_show_is_what_the_sign_in_reads() {
        let line = device_line("K7QF-2M9X", "https://keyrack.example.com");
        assert_eq!(line, "keyrack:K7QF-2M9X@https://keyrack.example.com");
        let read = read_line(&line).unwrap();
        assert_eq!(device_line(&read.code, &read.server), line);
    }
}
