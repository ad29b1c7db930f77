//! A square that a telephone's camera reads, as the drawing of an SVG.

use qrcodegen::{QrCode, QrCodeEcc};
use std::fmt::Write;

/// How many modules wide a square is, its quiet border with it, and the path of its dark ones.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Square {
    pub width: i32,
    pub path: String,
}

/// The modules around a square that stay light, by the standard.
const BORDER: i32 = 4;

/// None for a text that is too long for any square.
pub fn square(text: &str) -> Option<Square> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let begin = x;
            while x < code.size() && code.get_module(x, y) {
                x += 1;
            }
            if x > begin {
                let (left, top, length) = (begin + BORDER, y + BORDER, x - begin);
                // Writing to a text does not fail.
                let _ = write!(path, "M{left} {top}h{length}v1h-{length}z");
            } else {
                x += 1;
            }
        }
    }
    let width = code.size() + 2 * BORDER;
    Some(Square { width, path })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device_line::device_line;

    #[test]
    fn a_square_begins_with_the_top_of_its_first_corner() {
        let text = device_line("K7QF-2M9X", "https://keyrack.example.com");
        let square = square(&text).unwrap();
        assert!(square.width >= 21 + 2 * BORDER, "{}", square.width);
        assert!(square.path.starts_with("M4 4h7v1h-7z"), "{}", square.path);
    }

    #[test]
    fn what_no_square_holds_is_not_drawn() {
        assert_eq!(square(&"x".repeat(4_000)), None);
    }
}
