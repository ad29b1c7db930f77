//! Light, dark, or as the system says; kept on this device.

use crate::{
    catalogue::t,
    kept::{keep, kept},
};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Theme {
    System,
    Light,
    Dark,
}

const KEPT_AS: &str = "keyrack.theme";

impl Theme {
    pub fn kept() -> Self {
        match kept(KEPT_AS).as_deref() {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    pub fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::System => t("theme.system"),
            Self::Light => t("theme.light"),
            Self::Dark => t("theme.dark"),
        }
    }

    /// Shows the theme and remembers it.
    pub fn choose(self) {
        let word = match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        };
        keep(KEPT_AS, word);
        let root = web_sys::window()
            .and_then(|window| window.document())
            .and_then(|document| document.document_element());
        if let Some(root) = root {
            let _ = match word {
                Some(word) => root.set_attribute("data-theme", word),
                None => root.remove_attribute("data-theme"),
            };
        }
    }
}
