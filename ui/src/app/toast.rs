//! Short messages: what was done, with a way back, and what went wrong.

use super::App;
use keyrack_model::ids::OperationId;
use leptos::prelude::*;
use std::time::Duration;

/// A message leaves by itself after this long; a problem stays until it is dismissed or something
/// was done since.
const TOAST_MILLIS: u64 = 8_000;
/// Messages in sight at once.
const MAX_TOASTS: usize = 3;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Toast {
    pub id: u32,
    pub text: String,
    pub kind: ToastKind,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ToastKind {
    Done(OperationId),
    Said,
    /// Done, by somebody else's hand: no key takes it back.
    Noted,
    /// Something half typed is kept.
    Kept,
    Problem,
}

impl Toast {
    /// Puts it below the others. The same sentence twice says no more than once, and whoever has
    /// gone on has read what stood in the way.
    fn join(self, toasts: &mut Vec<Self>) {
        let says_again = matches!(self.kind, ToastKind::Kept | ToastKind::Problem);
        let goes_on = matches!(self.kind, ToastKind::Done(_));
        toasts.retain(|other| {
            let is_past = goes_on && other.kind == ToastKind::Problem;
            !(is_past || says_again && other.text == self.text)
        });
        toasts.push(self);
        if toasts.len() > MAX_TOASTS {
            toasts.remove(0);
        }
    }
}

/// The messages in sight. Copies are handles to the same.
#[derive(Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    last_id: StoredValue<u32>,
}

impl Toasts {
    pub fn none() -> Self {
        Self {
            shown: RwSignal::default(),
            last_id: StoredValue::default(),
        }
    }

    /// Oldest first; whoever reads them is told of changes.
    pub fn shown(self) -> Vec<Toast> {
        self.shown.get()
    }

    pub fn say(self, kind: ToastKind, text: String) {
        let id = self
            .last_id
            .try_update_value(|last| {
                *last += 1;
                *last
            })
            .unwrap_or_default();
        self.shown
            .update(|toasts| Toast { id, text, kind }.join(toasts));
        if kind != ToastKind::Problem {
            set_timeout(
                move || self.dismiss(id),
                Duration::from_millis(TOAST_MILLIS),
            );
        }
    }

    /// Puts away what went wrong; false when nothing did.
    pub fn dismiss_problems(self) -> bool {
        let is_problem = |toast: &Toast| toast.kind == ToastKind::Problem;
        let had_any = self.shown.read_untracked().iter().any(is_problem);
        if had_any {
            self.let_go(is_problem);
        }
        had_any
    }

    pub fn dismiss(self, id: u32) {
        self.let_go(|toast| toast.id == id);
    }

    pub fn let_go(self, which: impl Fn(&Toast) -> bool) {
        self.shown
            .update(|toasts| toasts.retain(|toast| !which(toast)));
    }

    pub fn clear(self) {
        self.shown.set(vec![]);
    }
}

impl App {
    pub fn say(self, kind: ToastKind, text: String) {
        self.toasts.say(kind, text);
    }

    /// Puts away what went wrong; false when nothing did.
    pub fn dismiss_problems(self) -> bool {
        self.toasts.dismiss_problems()
    }
}

#[cfg(test)]
mod tests {
    use super::{ToastKind::*, *};

    #[test]
    fn a_problem_is_said_once_and_goes_when_somebody_goes_on() {
        let done = || Done(OperationId::default());
        for (said, shown) in [
            (vec![(Problem, "a"), (Problem, "a")], "a"),
            (vec![(Problem, "a"), (Problem, "b"), (Problem, "a")], "ba"),
            (vec![(Problem, "a"), (Said, "b")], "ab"),
            (vec![(Problem, "a"), (done(), "b")], "b"),
            (vec![(done(), "a"), (done(), "a")], "aa"),
            (vec![(Kept, "a"), (Kept, "a")], "a"),
            (
                vec![(Said, "a"), (Said, "b"), (Said, "c"), (Said, "d")],
                "bcd",
            ),
        ] {
            let mut toasts = Vec::new();
            for (kind, text) in &said {
                let text = (*text).to_owned();
                Toast {
                    id: 0,
                    text,
                    kind: *kind,
                }
                .join(&mut toasts);
            }
            let texts: String = toasts.iter().map(|toast| &toast.text[..]).collect();
            assert_eq!(texts, shown, "{said:?}");
        }
    }
}
