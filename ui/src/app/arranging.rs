//! The board as somebody likes it.

use super::{App, ToastKind};
use crate::{
    arrangement::Arrangement,
    catalogue::t,
    query::groups::sections,
    route::{Route, Screen},
};
use leptos::prelude::*;

impl App {
    /// Puts the board's rooms together by section, or by floor again, where there are sections.
    pub fn regroup(self) {
        if untrack(|| sections(&self.mirror.cards()).is_empty()) {
            return self.say(ToastKind::Said, t("board.no-sections").to_owned());
        }
        self.arrange(Arrangement::regrouped);
    }

    /// Makes the board's tiles small, or large again.
    pub fn resize_tiles(self) {
        self.arrange(Arrangement::resized);
    }

    fn arrange(self, otherwise: fn(Arrangement) -> Arrangement) {
        let arrangement = otherwise(self.arrangement.get_untracked());
        arrangement.keep_for(untrack(|| self.me()));
        self.arrangement.set(arrangement);
        if self.route.get_untracked().screen != Screen::Board {
            self.go(Route::to(Screen::Board));
        }
    }
}
