//! What was just done, with a way back; and what went wrong.

use super::icon::{Icon, icon};
use crate::{
    app::{self, App, Toast, ToastKind},
    catalogue::t,
    keymap::{Action, keys_of},
    press::{click, is_echo},
};
use keyrack_model::ids::OperationId;
use leptos::prelude::*;

#[component]
pub fn Toasts() -> impl IntoView {
    let app = App::of_page();
    toasts(app.toasts, move |toast| match toast.kind {
        ToastKind::Done(operation) => Some(undo(app, toast.id, operation)),
        ToastKind::Said | ToastKind::Noted | ToastKind::Kept | ToastKind::Problem => None,
    })
}

/// The messages in sight, each with its way back where it has one.
pub fn toasts<B: IntoView + 'static>(
    toasts: app::Toasts,
    way_back: impl Fn(&Toast) -> Option<B> + Send + Clone + 'static,
) -> impl IntoView {
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.shown() key=|toast| toast.id let(toast)>
                {
                    let way_back = way_back(&toast);
                    one(toasts, toast, way_back)
                }
            </For>
        </div>
    }
}

fn undo(app: App, toast: u32, operation: OperationId) -> impl IntoView {
    view! {
        <button
            type="button"
            class="button"
            data-testid="toast-undo"
            title=keys_of(Action::Undo)
            on:click=click(move |event| {
                if !is_echo(&event) {
                    app.toasts.dismiss(toast);
                    app.take_back(operation);
                }
            })
        >
            {icon(Icon::Undo)}
            {t("undo")}
        </button>
    }
}

fn one(toasts: app::Toasts, toast: Toast, way_back: impl IntoView) -> impl IntoView {
    let id = toast.id;
    let (mark, class) = match toast.kind {
        ToastKind::Done(_) | ToastKind::Noted => (Icon::Check, "toast"),
        ToastKind::Said => (Icon::Undo, "toast"),
        ToastKind::Kept => (Icon::Pencil, "toast"),
        ToastKind::Problem => (Icon::Warning, "toast wrong"),
    };
    view! {
        <div class=class data-testid="toast">
            {icon(mark)}
            <span>{toast.text}</span>
            {way_back}
            <button
                type="button"
                class="button plain icon-only"
                aria-label=t("dismiss")
                on:click=click(move |_| toasts.dismiss(id))
            >
                {icon(Icon::Close)}
            </button>
        </div>
    }
}
