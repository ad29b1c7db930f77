//! Short messages: what was done, with a way back, and what went wrong.

use super::App;
use keyrack_model::ids::OperationId;
use leptos::prelude::*;
use std::time::Duration;

/// A message leaves by itself after this long; a problem stays until it is dismissed.
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
            // The same sentence twice says no more than once.
            toasts.retain(|other| kind != ToastKind::Kept || other.text != text);
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

    pub fn dismiss(self, id: u32) {
        self.toasts
            .update(|toasts| toasts.retain(|toast| toast.id != id));
    }
}
