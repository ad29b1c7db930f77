//! Opening and closing the drawer and the dialogs, with the focus going in and coming back.

use super::{App, Dialog, ToastKind};
use crate::{
    catalogue::t,
    focus::{self, Stop, focused},
    route::{Opened, Route, Screen},
};
use leptos::prelude::*;
use web_sys::HtmlElement;

impl App {
    /// Opens something beside the screen, from a link of what is open or from nowhere in sight.
    pub fn open(self, opened: Opened) {
        self.go(self.route.get_untracked().opening(opened));
        self.enter(opened);
    }

    /// Opens something from a thing on the screen, to which the focus comes back.
    pub fn open_from(self, stop: Stop, opened: Opened) {
        self.origin.set_value(Some(stop));
        self.open(opened);
    }

    /// Shows a screen with something open on it.
    pub fn open_on(self, screen: Screen, opened: Opened) {
        self.go(Route::to(screen).opening(opened));
        self.origin.set_value(None);
        self.enter(opened);
    }

    /// The focus goes into the drawer; on the way back from it, Tab stops at what is open.
    fn enter(self, opened: Opened) {
        match opened {
            Opened::Room(id) => self.cursor.set(Some(id)),
            Opened::WorkOrder(id) => self.order_cursor.set(Some(id)),
            Opened::Stay(id) => self.stay_cursor.set(Some(id)),
        }
        focus::once_shown(move || {
            focus::enter_drawer();
            // The drawer takes room from the screen, and what it was opened from may move away.
            focus::bring_into_sight(opened.into());
        });
    }

    /// A drawer that is open follows the focus from one thing of its kind to the next, without a
    /// step in the page's history.
    pub fn follow(self, stop: Stop, next: Opened) {
        let route = self.route.get_untracked();
        let same_kind = route.opened.is_some_and(|open| {
            open != next && std::mem::discriminant(&open) == std::mem::discriminant(&next)
        });
        if same_kind {
            self.origin.set_value(Some(stop));
            let route = route.opening(next);
            self.replace(route, &route.to_string());
        }
    }

    /// The thing on the screen that stands for what is open.
    pub fn opened_from(self) -> Option<Stop> {
        let opened = self.route.get_untracked().opened?;
        Some(self.origin.get_value().unwrap_or(opened.into()))
    }

    /// Closes the drawer. What is half typed in it is kept, and said to be.
    pub fn close(self) {
        let route = self.route.get_untracked();
        let origin = self.origin.try_update_value(Option::take).flatten();
        self.go(route.closed());
        if let Some(opened) = route.opened {
            if untrack(|| self.has_draft_in(opened)) {
                self.say(ToastKind::Kept, t("draft.kept").to_owned());
            }
            focus::once_shown(move || focus::go_back_to(&[origin, Some(opened.into())]));
        }
    }

    /// Whether something typed in a drawer is not saved; whoever asks is told of changes.
    pub fn has_draft_in(self, opened: Opened) -> bool {
        match opened {
            Opened::WorkOrder(id) => self.drafts.has_order(id),
            Opened::Stay(id) => self.drafts.has_stay(id),
            Opened::Room(id) => self.mirror.glance(|cabinet| {
                let file = cabinet.file_of(id);
                file.is_some_and(|file| self.drafts.has_about(&|it| file.row(it).is_some()))
            }),
        }
    }

    pub fn show_dialog(self, dialog: Dialog) {
        let focus = focused();
        // One dialog may lead to another: the focus comes back to where it was before both.
        let in_dialog = |focus: &HtmlElement| matches!(focus.closest("dialog"), Ok(Some(_)));
        if !focus.as_ref().is_some_and(in_dialog) {
            self.before_dialog.set_value(focus);
        }
        self.dialog.set(Some(dialog));
    }

    /// Closes the dialog; the focus comes back to where it was, unless it went elsewhere.
    pub fn close_dialog(self) {
        let Some(dialog) = self.dialog.get_untracked() else {
            return;
        };
        self.dialog.set(None);
        if let Dialog::NewWorkOrder(room) = dialog
            && self.drafts.new_order(room).has_untracked()
        {
            self.say(ToastKind::Kept, t("draft.kept-order").to_owned());
        }
        if dialog == Dialog::NewStay && self.drafts.new_stay().has_untracked() {
            self.say(ToastKind::Kept, t("draft.kept-stay").to_owned());
        }
        let route = self.route.get_untracked();
        focus::once_shown(move || {
            // What the dialog opened has the focus, or is about to.
            let elsewhere = focused().is_some()
                || self.dialog.get_untracked().is_some()
                || self.route.get_untracked() != route;
            let before = self.before_dialog.get_value().filter(|_| !elsewhere);
            if let Some(before) = before {
                focus::attend(&before);
            }
        });
    }
}
