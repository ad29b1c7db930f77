//! The page's keys: arrows move over the lines, Escape goes back one level and in the end to the
//! other page, and whatever the table names is done here.

use super::{
    ask::Busy,
    keymap::{Action, BINDINGS},
    section::Section,
    state::{Dialog, Settings},
};
use crate::{
    app::ToastKind,
    focus::{focused, go_to_next, leave_field},
    keyboard::{Begun, name_of, presses_again, takes_text},
    keymap::Pressed,
    pages::go_back,
};
use keyrack_model::administration::Administration;
use leptos::{ev, prelude::*};
use web_sys::KeyboardEvent;

pub fn listen(page: Settings) {
    let begun = Begun::nothing();
    window_event_listener(ev::keydown, move |event| hear(page, begun, &event));
}

fn hear(page: Settings, begun: Begun, event: &KeyboardEvent) {
    let is_elsewhere =
        page.dialog.read_untracked().is_some() || untrack(|| page.asks_for_password());
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
            return;
        }
        if !key.starts_with("Ctrl+") {
            return;
        }
    }
    match begun.then(BINDINGS, key, event) {
        Pressed::Asks(action) => {
            event.prevent_default();
            if !event.repeat() || matches!(action, Action::Move(_)) {
                perform(page, action);
            }
        }
        Pressed::Begins | Pressed::Nothing => {}
    }
}

/// Whether an action is there for the person's role; whoever asks is told of changes.
pub fn is_offered(page: Settings, action: Action) -> bool {
    let sections = page.role().map(Section::of).unwrap_or_default();
    let section = action.section();
    section.is_none_or(|section| sections.contains(&section))
}

/// What each action of the table does, wherever it was asked for.
pub fn perform(page: Settings, action: Action) {
    if !untrack(|| is_offered(page, action)) {
        return;
    }
    match action {
        Action::Go(section) => page.show(section),
        Action::TakeOn => with_server(page, || page.open(Dialog::TakeOn)),
        Action::AddDevice => with_server(page, || {
            let asked = Administration::MakeDeviceCode;
            page.change(Busy::not(), asked, String::new(), None, || {});
        }),
        Action::Palette => page.open(Dialog::Palette),
        Action::Shortcuts => page.open(Dialog::Shortcuts),
        Action::Theme => next_theme(page),
        Action::Move(direction) => go_to_next(direction, page.unfolded.get_untracked()),
        Action::Back => back(page),
    }
}

/// Does what the server has to answer, or says why it cannot be asked.
fn with_server(page: Settings, does: impl FnOnce()) {
    match untrack(|| page.unreachable()) {
        Some(reason) => page.toasts.say(ToastKind::Problem, reason),
        None => does(),
    }
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
