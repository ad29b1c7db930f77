//! The text of a file from its bytes. UTF-8 is told by its form and UTF-16 by its byte order mark;
//! what is neither is taken for Windows-1252, in which spreadsheets of Western Europe save CSV.
//!
//! The table is written out: a crate for all encodings would be most of what the page of settings
//! downloads.

/// How a file was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    Utf8,
    Utf16,
    Windows1252,
}

/// What a row has is no text in any encoding that is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotText {
    /// Counted from 1, by line breaks.
    pub row: u64,
}

/// What Windows-1252 has at 0x80 to 0x9F; everywhere else a byte is the character of its number.
/// Five of them stand for nothing.
const FROM_80: [Option<char>; 32] = [
    Some('€'),
    None,
    Some('‚'),
    Some('ƒ'),
    Some('„'),
    Some('…'),
    Some('†'),
    Some('‡'),
    Some('ˆ'),
    Some('‰'),
    Some('Š'),
    Some('‹'),
    Some('Œ'),
    None,
    Some('Ž'),
    None,
    None,
    Some('‘'),
    Some('’'),
    Some('“'),
    Some('”'),
    Some('•'),
    Some('–'),
    Some('—'),
    Some('˜'),
    Some('™'),
    Some('š'),
    Some('›'),
    Some('œ'),
    None,
    Some('ž'),
    Some('Ÿ'),
];

/// Reads a file as text, without its byte order mark.
///
/// # Errors
/// The first row with what is no text.
pub fn text_of_file(bytes: &[u8]) -> Result<(String, Encoding), NotText> {
    let (text, encoding) = match bytes {
        [0xFF, 0xFE, rest @ ..] => (utf_16(rest, u16::from_le_bytes)?, Encoding::Utf16),
        [0xFE, 0xFF, rest @ ..] => (utf_16(rest, u16::from_be_bytes)?, Encoding::Utf16),
        [0xEF, 0xBB, 0xBF, rest @ ..] => (utf_8(rest)?, Encoding::Utf8),
        _ => match utf_8(bytes) {
            Ok(text) => (text, Encoding::Utf8),
            Err(_) => (windows_1252(bytes)?, Encoding::Windows1252),
        },
    };
    match text.find('\0') {
        Some(at) => Err(NotText::after(&text[..at])),
        None => Ok((text, encoding)),
    }
}

impl NotText {
    /// At the end of what could be read.
    fn after(text: &str) -> Self {
        let breaks = text.bytes().filter(|byte| *byte == b'\n').count();
        Self {
            row: breaks as u64 + 1,
        }
    }
}

fn utf_8(bytes: &[u8]) -> Result<String, NotText> {
    let text = str::from_utf8(bytes).map_err(|error| {
        let read = &bytes[..error.valid_up_to()];
        NotText::after(str::from_utf8(read).unwrap_or_default())
    })?;
    Ok(text.to_owned())
}

fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, NotText> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair));
    let mut text = String::with_capacity(bytes.len());
    for read in char::decode_utf16(units) {
        let Ok(read) = read else {
            return Err(NotText::after(&text));
        };
        text.push(read);
    }
    if rest.is_empty() {
        Ok(text)
    } else {
        Err(NotText::after(&text))
    }
}

fn windows_1252(bytes: &[u8]) -> Result<String, NotText> {
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    for byte in bytes {
        let read = match byte {
            0x80..=0x9F => FROM_80[usize::from(byte - 0x80)],
            _ => Some(char::from(*byte)),
        };
        let Some(read) = read else {
            return Err(NotText::after(&text));
        };
        text.push(read);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let units = ['\u{feff}'].into_iter().chain(text.chars());
        let text: String = units.collect();
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn a_file_is_read_as_whichever_encoding_it_is_in() {
        let text = "Zimmer;Gäste\n204;Müller – €";
        for (bytes, encoding) in [
            (text.as_bytes().to_vec(), Encoding::Utf8),
            (format!("\u{feff}{text}").into_bytes(), Encoding::Utf8),
            (utf_16(text, u16::to_le_bytes), Encoding::Utf16),
            (utf_16(text, u16::to_be_bytes), Encoding::Utf16),
            (
                b"Zimmer;G\xE4ste\n204;M\xFCller \x96 \x80".to_vec(),
                Encoding::Windows1252,
            ),
        ] {
            assert_eq!(text_of_file(&bytes), Ok((text.to_owned(), encoding)));
        }
        assert_eq!(text_of_file(b""), Ok((String::new(), Encoding::Utf8)));
    }

    #[test]
    fn what_no_encoding_has_is_refused_with_its_row() {
        let broken_pair = [0xFF, 0xFE, b'a', 0, b'\n', 0, 0x00, 0xD8, b'b', 0];
        for (bytes, row) in [
            (&b"a\nb\nG\xE4ste \x81"[..], 3),
            (b"a\nb\0", 2),
            (b"\xEF\xBB\xBFa\n\xE4", 2),
            (&broken_pair, 2),
            (b"\xFF\xFEa", 1),
        ] {
            assert_eq!(text_of_file(bytes), Err(NotText { row }), "{bytes:?}");
        }
    }

    #[test]
    fn every_byte_of_windows_1252_is_one_character_or_none() {
        let read = (0x80..=0xFF_u8).filter(|byte| windows_1252(&[*byte]).is_ok());
        assert_eq!(read.count(), 128 - 5);
    }
}
