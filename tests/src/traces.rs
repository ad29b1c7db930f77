//! Looks for words in whatever lies in a folder, as somebody does who found the computer.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// What a search came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// Every file that was looked into.
    pub files: Vec<PathBuf>,
    /// Which word stands in which file, or in its name.
    pub traces: Vec<(PathBuf, String)>,
}

/// Looks into every file below a folder for each of the words, in the encodings in which programs
/// write text: UTF-8, and UTF-16 in both orders.
///
/// # Panics
/// When a file is there and cannot be read.
pub fn search(folder: &Path, words: &[&str]) -> Found {
    let mut found = Found::default();
    look_into(folder, words, &mut found);
    found
}

fn look_into(folder: &Path, words: &[&str], found: &mut Found) {
    let Some(entries) = unless_gone(folder, fs::read_dir(folder)) else {
        return;
    };
    for entry in entries {
        let path = entry.expect("a folder can be listed").path();
        let Some(what) = unless_gone(&path, fs::symlink_metadata(&path)) else {
            continue;
        };
        let name = path.file_name().unwrap_or_default();
        note(&path, name.as_encoded_bytes(), words, found);
        if what.is_dir() {
            look_into(&path, words, found);
        } else if what.is_file()
            && let Some(bytes) = unless_gone(&path, fs::read(&path))
        {
            note(&path, &bytes, words, found);
            found.files.push(path);
        }
    }
}

/// Programs that run take files away meanwhile.
fn unless_gone<T>(path: &Path, result: io::Result<T>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => panic!("{}: {error}", path.display()),
    }
}

fn note(path: &Path, bytes: &[u8], words: &[&str], found: &mut Found) {
    for word in words {
        let mut spellings = spellings(word).into_iter();
        if spellings.any(|spelling| contains(bytes, &spelling)) {
            let trace = (path.to_owned(), (*word).to_owned());
            found.traces.push(trace);
        }
    }
}

fn spellings(word: &str) -> [Vec<u8>; 3] {
    [
        word.as_bytes().to_vec(),
        word.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        word.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    ]
}

/// Looks for the first byte first: the files are large.
fn contains(bytes: &[u8], spelling: &[u8]) -> bool {
    let Some(first) = spelling.first() else {
        return true;
    };
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| byte == first) {
        if rest[at..].starts_with(spelling) {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_in_every_encoding_at_any_depth_and_in_names() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("one/two");
        fs::create_dir_all(&below).unwrap();
        let word = "Zinnoberrot é";
        for (number, spelling) in spellings(word).into_iter().enumerate() {
            let content = [b"Z Zinn".to_vec(), spelling, b"\0\0".to_vec()].concat();
            fs::write(below.join(number.to_string()), content).unwrap();
        }
        fs::write(below.join("of Zinnoberrot é.txt"), "").unwrap();
        fs::write(below.join("nothing"), "Zinnober rot é").unwrap();

        let mut found = search(folder.path(), &[word, "quendelwort"]);

        found.traces.sort();
        let traces: Vec<_> = found
            .traces
            .iter()
            .map(|(path, found)| {
                assert_eq!(found, word);
                path.file_name().unwrap().to_str().unwrap()
            })
            .collect();
        assert_eq!(traces, ["0", "1", "2", "of Zinnoberrot é.txt"]);
        assert_eq!(found.files.len(), 5);
    }
}
