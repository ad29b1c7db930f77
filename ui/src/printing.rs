//! The page on paper: what is out of sight is put on the page before it is printed.

use crate::{app::App, focus::once_shown};
use leptos::prelude::*;

/// What the page is made for at the moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Medium {
    #[default]
    Screen,
    Paper,
}

/// Hears of whatever prints the page, the web view's own menu too.
pub fn listen(app: App) {
    for (event, medium) in [
        ("beforeprint", Medium::Paper),
        ("afterprint", Medium::Screen),
    ] {
        window_event_listener_untyped(event, move |_| app.medium.set(medium));
    }
}

/// Prints the screen. It is made ready first: while a script waits for the print, a web view lets
/// nothing be put on the page.
pub fn print(app: App) {
    app.medium.set(Medium::Paper);
    once_shown(move || {
        // A web view that prints nothing has said so itself.
        let _ = window().print();
        app.medium.set(Medium::Screen);
    });
}
