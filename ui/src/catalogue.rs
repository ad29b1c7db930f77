//! Every text that a person reads, by key, in the language chosen at start.
//!
//! **Architecture Invariant**: no view writes a sentence of its own; a test fails for a key that
//! no text has and for a text that no key asks for.

use std::{collections::BTreeMap, sync::OnceLock};

/// A language that Keyrack speaks. A text that a language lacks is shown in English.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    English,
}

impl Language {
    /// The best language for a BCP 47 tag such as `pt-PT`.
    pub fn for_tag(tag: &str) -> Self {
        match tag.split('-').next() {
            Some(_) | None => Self::English,
        }
    }

    /// The CLDR plural category of a whole number.
    fn plural(self, number: usize) -> &'static str {
        match self {
            Self::English if number == 1 => "one",
            Self::English => "other",
        }
    }
}

/// Some of the texts, in every language. A page takes along those that it says.
#[derive(Clone, Copy)]
pub struct Texts {
    english: &'static str,
}

/// What the main page says, and other pages too.
pub const SHARED: Texts = Texts {
    english: include_str!("../texts/en.txt"),
};

/// What the page of people, devices and access says besides.
pub const SETTINGS: Texts = Texts {
    english: include_str!("../texts/en.settings.txt"),
};

impl Texts {
    fn source(self, language: Language) -> &'static str {
        match language {
            Language::English => self.english,
        }
    }
}

struct Catalogue {
    language: Language,
    texts: BTreeMap<&'static str, &'static str>,
}

static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();

/// Chooses the language, and the texts that the page says; the first choice of a run stays.
pub fn speak(language: Language, parts: &[Texts]) {
    CATALOGUE.get_or_init(|| Catalogue::of(language, parts));
}

/// The text of a key.
pub fn t(key: &str) -> &'static str {
    catalogue().texts.get(key).copied().unwrap_or("⟨…⟩")
}

/// The text of a key with its `{names}` filled in.
pub fn t_with(key: &str, values: &[(&str, &str)]) -> String {
    let mut text = t(key).to_owned();
    for (name, value) in values {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    text
}

/// The text of a key for a number of things; `{n}` is the number.
pub fn t_count(key: &str, number: usize) -> String {
    let category = catalogue().language.plural(number);
    t_with(&format!("{key}.{category}"), &[("n", &number.to_string())])
}

/// The text of one word of a list that may have others by now.
pub fn t_known(list: &str, word: &str) -> Option<&'static str> {
    let key = format!("{list}.{word}");
    catalogue().texts.get(key.as_str()).copied()
}

/// The text of one word of an enumeration, e.g. `cleanliness.dirty`.
pub fn t_word(list: &str, word: &str) -> &'static str {
    t(&format!("{list}.{word}"))
}

fn catalogue() -> &'static Catalogue {
    CATALOGUE.get_or_init(|| Catalogue::of(Language::English, UNCHOSEN))
}

/// What is said where no page has chosen: in tests.
#[cfg(test)]
const UNCHOSEN: &[Texts] = &[SHARED, SETTINGS];
#[cfg(not(test))]
const UNCHOSEN: &[Texts] = &[SHARED];

impl Catalogue {
    fn of(language: Language, parts: &[Texts]) -> Self {
        let mut texts = BTreeMap::new();
        for part in parts {
            texts.extend(read(part.source(Language::English)));
            texts.extend(read(part.source(language)));
        }
        Self { language, texts }
    }
}

/// Reads lines of `key = text`; `#` begins a comment line.
fn read(source: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    source
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(key, text)| (key.trim(), text.trim()))
}

#[cfg(test)]
mod tests;
