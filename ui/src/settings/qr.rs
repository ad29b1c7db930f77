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

    /// What a camera makes of a drawing, which is laid out point by point as an SVG's renderer does.
    fn seen(square: &Square) -> String {
        /// Points of the picture for each module.
        const SCALE: usize = 3;
        let width = usize::try_from(square.width).unwrap();
        let mut is_dark = vec![false; width * width];
        for bar in square.path.split_terminator('z') {
            let (place, length) = bar.strip_prefix('M').unwrap().split_once('h').unwrap();
            let (left, top) = place.split_once(' ').unwrap();
            let (length, back) = length.split_once("v1h-").unwrap();
            assert_eq!(length, back, "{bar}");
            let begin = top.parse::<usize>().unwrap() * width + left.parse::<usize>().unwrap();
            is_dark[begin..begin + length.parse::<usize>().unwrap()].fill(true);
        }
        let points = width * SCALE;
        let of_point = |at: usize| match is_dark[at / points / SCALE * width + at % points / SCALE]
        {
            true => 0,
            false => u8::MAX,
        };
        let picture: Vec<u8> = (0..points * points).map(of_point).collect();
        let mut camera = quircs::Quirc::default();
        let found: Vec<_> = camera.identify(points, points, &picture).collect();
        let [Ok(code)] = &found[..] else {
            panic!("not one square");
        };
        String::from_utf8(code.decode().unwrap().payload).unwrap()
    }

    #[test]
    fn a_camera_reads_what_was_drawn() {
        let text = device_line("K7QF-2M9X", "https://keyrack.example.com");
        assert_eq!(seen(&square(&text).unwrap()), text);
        let other = device_line("0000-0000", &format!("https://{}.example", "x".repeat(200)));
        assert_eq!(seen(&square(&other).unwrap()), other);
    }

    #[test]
    fn what_no_square_holds_is_not_drawn() {
        assert_eq!(square(&"x".repeat(4_000)), None);
    }
}
