//! The one listener for keys: what is pressed goes through the keymap, and from there to `perform`.

use crate::{
    app::{App, Presence},
    focus::{focused, handed_on, leave_field},
    keymap::{Action, BINDINGS, Binding, Pressed, press},
    perform::perform,
    route::Screen,
};
use leptos::{ev, prelude::*};
use web_sys::{HtmlElement, KeyboardEvent};

/// A second key counts as part of a sequence for this long.
const SEQUENCE_MILLIS: f64 = 1_200.0;

/// The key that began a sequence, and when.
#[derive(Clone, Copy)]
pub struct Begun(StoredValue<Option<(String, f64)>>);

impl Begun {
    pub fn nothing() -> Self {
        Self(StoredValue::new(None))
    }

    /// What a key comes to after what began before it, by a table.
    pub fn then<A: Copy>(
        self,
        table: &[Binding<A>],
        key: String,
        event: &KeyboardEvent,
    ) -> Pressed<A> {
        let at = event.time_stamp();
        let first = self.0.try_update_value(Option::take).flatten();
        let first = first
            .filter(|(_, begun_at)| at - begun_at < SEQUENCE_MILLIS)
            .map(|(key, _)| key);
        let pressed = press(table, first.as_deref(), &key);
        if let Pressed::Begins = pressed {
            self.0.set_value(Some((key, at)));
        }
        pressed
    }
}

pub fn listen(app: App) {
    let begun = Begun::nothing();
    window_event_listener(ev::keydown, move |event| hear(app, begun, &event));
}

fn hear(app: App, begun: Begun, event: &KeyboardEvent) {
    let here = matches!(*app.presence.read_untracked(), Presence::Here(_));
    if !here || event.default_prevented() || event.is_composing() {
        return;
    }
    handed_on::note();
    let Some(key) = name_of(event) else { return };
    let focus = focused();
    if presses_again(event, &key, focus.as_ref()) {
        event.prevent_default();
        return;
    }
    if let Some(field) = focus.as_ref().filter(|focus| takes_text(focus)) {
        if key == "Escape" && app.dialog.get_untracked().is_none() {
            leave_field(field);
            event.prevent_default();
            return;
        }
        if !key.starts_with("Ctrl+") || key == "Ctrl+z" {
            return;
        }
    }
    if app.dialog.get_untracked().is_some() {
        return;
    }
    match begun.then(BINDINGS, key, event) {
        // A button that has the focus answers to Enter itself.
        Pressed::Asks(Action::Open) if focus.is_some() => {}
        // A key that was meant for something else lays out no board that nobody sees.
        Pressed::Asks(Action::Group | Action::Density) if !is_at_board(app) => {}
        Pressed::Asks(action) => {
            event.prevent_default();
            if !event.repeat() || matches!(action, Action::Move(_)) {
                perform(app, action);
            }
        }
        Pressed::Begins | Pressed::Nothing => {}
    }
}

fn is_at_board(app: App) -> bool {
    app.route.get_untracked().screen == Screen::Board
}

/// Whether a key that is held would press a button once more: whichever has the focus by then.
pub fn presses_again(event: &KeyboardEvent, key: &str, focus: Option<&HtmlElement>) -> bool {
    event.repeat() && matches!(key, "Enter" | " ") && focus.is_some_and(is_button)
}

/// The key as the keymap writes it; None for keys that belong to the system.
pub fn name_of(event: &KeyboardEvent) -> Option<String> {
    if event.alt_key() {
        return None;
    }
    let key = event.key();
    if event.ctrl_key() || event.meta_key() {
        return Some(format!("Ctrl+{}", key.to_ascii_lowercase()));
    }
    let letter = matches!(key.as_bytes(), [letter] if letter.is_ascii_alphabetic());
    // Caps Lock changes what is typed, not which key is meant.
    Some(match (letter, event.shift_key()) {
        (true, true) => format!("Shift+{}", key.to_ascii_uppercase()),
        (true, false) => key.to_ascii_lowercase(),
        (false, _) => key,
    })
}

fn is_button(element: &HtmlElement) -> bool {
    element.tag_name() == "BUTTON"
}

pub fn takes_text(element: &HtmlElement) -> bool {
    matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
}
