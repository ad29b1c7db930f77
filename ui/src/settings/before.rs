//! What had the focus before something was opened above it, and gets it back.

use crate::focus::{self, focused};
use leptos::prelude::*;
use web_sys::HtmlElement;

#[derive(Clone, Copy)]
pub struct Before(StoredValue<Option<HtmlElement>, LocalStorage>);

impl Before {
    pub fn nothing() -> Self {
        Self(StoredValue::new_local(None))
    }

    /// Takes note of what has the focus.
    pub fn note(self) {
        self.0.set_value(focused());
    }

    /// Gives the focus back once the page shows what was under it, unless it went elsewhere or
    /// `is_covered` again by then.
    pub fn give_back(self, is_covered: impl FnOnce() -> bool + 'static) {
        focus::once_shown(move || {
            let elsewhere = focused().is_some() || untrack(is_covered);
            if let Some(before) = self.0.get_value().filter(|_| !elsewhere) {
                focus::attend(&before);
            }
        });
    }
}
