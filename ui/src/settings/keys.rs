//! The page's keys: arrows move over the lines, Escape goes back one level and in the end to the
//! other page.

use super::state::Settings;
use crate::{
    focus::{focused, go_to_next, leave_field},
    keyboard::{name_of, presses_again, takes_text},
    keymap::Direction,
    pages::go_back,
};
use leptos::{ev, prelude::*};
use web_sys::KeyboardEvent;

pub fn listen(page: Settings) {
    window_event_listener(ev::keydown, move |event| hear(page, &event));
}

fn hear(page: Settings, event: &KeyboardEvent) {
    let is_elsewhere = page.dialog.read_untracked().is_some();
    if is_elsewhere || event.default_prevented() || event.is_composing() {
        return;
    }
    let Some(key) = name_of(event) else { return };
    let focus = focused();
    if presses_again(event, &key, focus.as_ref()) {
        event.prevent_default();
        return;
    }
    if let Some(field) = focus.as_ref().filter(|focus| takes_text(focus)) {
        if key == "Escape" {
            leave_field(field);
            event.prevent_default();
        }
        return;
    }
    match key.as_str() {
        "ArrowUp" | "k" => go_to_next(Direction::Up, page.unfolded.get_untracked()),
        "ArrowDown" | "j" => go_to_next(Direction::Down, page.unfolded.get_untracked()),
        "t" => next_theme(page),
        "Escape" if !event.repeat() => back(page),
        _ => return,
    }
    event.prevent_default();
}

pub fn next_theme(page: Settings) {
    let next = page.theme.get_untracked().next();
    next.choose();
    page.theme.set(next);
}

/// One level back: what went wrong, then the line that is unfolded, then this page.
fn back(page: Settings) {
    if page.toasts.dismiss_problems() {
        return;
    }
    if page.unfolded.get_untracked().is_some() {
        page.unfolded.set(None);
    } else {
        go_back();
    }
}
