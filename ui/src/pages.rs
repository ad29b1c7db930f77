//! The pages of the window, and the way from one to another: each is loaded anew, so that one's
//! program is not downloaded with the other's.

use crate::{
    app::{App, Dialog},
    press::click,
};
use leptos::{ev::MouseEvent, prelude::untrack};

/// Where on the page of the settings one's own access is.
pub const OWN_ACCESS: &str = "#/access";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Page {
    Main,
    Settings,
}

impl Page {
    /// Its address, for a link. What chooses a demo hotel goes along.
    pub fn address(self) -> String {
        let file = match self {
            Self::Main => "./index.html",
            Self::Settings => "./settings.html",
        };
        let search = web_sys::window().and_then(|window| window.location().search().ok());
        format!("{file}{}", search.unwrap_or_default())
    }

    /// Leaves this page for it.
    pub fn go(self) {
        if let Some(window) = web_sys::window() {
            // Only an address that is none would be refused.
            let _ = window.location().assign(&self.address());
        }
    }

    /// Takes the place of this page, to which nobody is to come back.
    pub fn take_over(self) {
        if let Some(window) = web_sys::window() {
            let _ = window.location().replace(&self.address());
        }
    }
}

/// Goes to the settings. What is typed and not saved would be lost: then the person is asked first.
pub fn go_to_settings(app: App) {
    if untrack(|| app.drafts.count()) == 0 {
        Page::Settings.go();
    } else {
        app.show_dialog(Dialog::Leave);
    }
}

/// Goes to where one chooses one's own password. What is typed and not saved would be lost: then the
/// person is asked first.
pub fn go_to_own_password(app: App) {
    if untrack(|| app.drafts.count()) > 0 {
        return app.show_dialog(Dialog::Leave);
    }
    if let Some(window) = web_sys::window() {
        let address = format!("{}{OWN_ACCESS}", Page::Settings.address());
        // Only an address that is none would be refused.
        let _ = window.location().assign(&address);
    }
}

/// The press of a link to the settings.
pub fn link_to_settings(app: App) -> Box<dyn FnMut(MouseEvent)> {
    click(move |event| {
        event.prevent_default();
        go_to_settings(app);
    })
}

/// Goes back to where the person was before this page, or to the page where everybody begins.
pub fn go_back() {
    let history = web_sys::window().and_then(|window| window.history().ok());
    // A window that began here has nowhere to go back to.
    let back = history.filter(|history| history.length().is_ok_and(|length| length > 1));
    match back {
        Some(history) => {
            let _ = history.back();
        }
        None => Page::Main.go(),
    }
}
