//! What was just done, with a way back; and what went wrong.

use super::icon::{Icon, icon};
use crate::{
    app::{App, Toast, ToastKind},
    catalogue::t,
    keymap::{Action, keys_of},
    press::{click, is_echo},
};
use leptos::prelude::*;

#[component]
pub fn Toasts() -> impl IntoView {
    let app = App::of_page();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || app.toasts.get() key=|toast| toast.id let(toast)>
                {one(app, toast)}
            </For>
        </div>
    }
}

fn one(app: App, toast: Toast) -> impl IntoView {
    let id = toast.id;
    let (mark, class) = match toast.kind {
        ToastKind::Done(_) => (Icon::Check, "toast"),
        ToastKind::Said => (Icon::Undo, "toast"),
        ToastKind::Kept => (Icon::Pencil, "toast"),
        ToastKind::Problem => (Icon::Warning, "toast wrong"),
    };
    let undo = match toast.kind {
        ToastKind::Done(operation) => Some(view! {
            <button
                type="button"
                class="button"
                data-testid="toast-undo"
                title=keys_of(Action::Undo)
                on:click=click(move |event| {
                    if !is_echo(&event) {
                        app.dismiss(id);
                        app.undo(operation);
                    }
                })
            >
                {icon(Icon::Undo)}
                {t("undo")}
            </button>
        }),
        ToastKind::Said | ToastKind::Kept | ToastKind::Problem => None,
    };
    view! {
        <div class=class data-testid="toast">
            {icon(mark)}
            <span>{toast.text}</span>
            {undo}
            <button
                type="button"
                class="button plain icon-only"
                aria-label=t("dismiss")
                on:click=click(move |_| app.dismiss(id))
            >
                {icon(Icon::Close)}
            </button>
        </div>
    }
}
