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
    /// Something half typed is kept.
    Kept,
    Problem,
}

impl App {
    pub fn say(self, kind: ToastKind, text: String) {
        let id = self
            .toast_ids
            .try_update_value(|last| {
                *last += 1;
                *last
            })
            .unwrap_or_default();
        self.toasts.update(|toasts| {
            // The same sentence twice says no more than once, and whoever has gone on has read what
            // stood in the way.
            let says_again = matches!(kind, ToastKind::Kept | ToastKind::Problem);
            let goes_on = matches!(kind, ToastKind::Done(_));
            toasts.retain(|other| {
                let is_past = goes_on && other.kind == ToastKind::Problem;
                !(is_past || says_again && other.text == text)
            });
            toasts.push(Toast { id, text, kind });
            if toasts.len() > MAX_TOASTS {
                toasts.remove(0);
            }
        });
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
        let had_any = self.toasts.read_untracked().iter().any(is_problem);
        if had_any {
            self.toasts
                .update(|toasts| toasts.retain(|toast| !is_problem(toast)));
        }
        had_any
    }

    pub fn dismiss(self, id: u32) {
        self.toasts
            .update(|toasts| toasts.retain(|toast| toast.id != id));
    }
}
