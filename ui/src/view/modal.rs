//! A dialog over the page: native, so that focus stays inside and Escape leaves it.

use crate::{app::App, press::click};
use leptos::{
    ev::{Event, MouseEvent},
    html,
    prelude::*,
};
use wasm_bindgen::JsCast;

/// A dialog of the main page.
#[component]
pub fn Modal(
    label: &'static str,
    #[prop(default = "modal")] class: &'static str,
    /// Whether something is typed in it: a press beside it is then taken for a slip.
    #[prop(into, optional)]
    typed: Signal<bool>,
    children: Children,
) -> impl IntoView {
    let app = App::of_page();
    let close = Callback::new(move |()| app.close_dialog());
    view! {
        <Sheet label=label.to_owned() class typed close>
            {children()}
        </Sheet>
    }
}

/// A dialog of any page, which says how it is closed.
#[component]
pub fn Sheet(
    label: String,
    #[prop(default = "modal")] class: &'static str,
    #[prop(into, optional)] typed: Signal<bool>,
    close: Callback<()>,
    children: Children,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    // A drag that selects text may end outside: only what also began there is a press beside it.
    let pressed_outside = StoredValue::new(false);
    Effect::new(move || {
        if let Some(dialog) = dialog.get()
            && !dialog.open()
        {
            // A dialog that is already shown stays shown.
            let _ = dialog.show_modal();
        }
    });
    view! {
        <dialog
            node_ref=dialog
            class=class
            aria-label=label
            on:close=move |_| close.run(())
            on:mousedown=move |event: MouseEvent| pressed_outside.set_value(is_outside(&event))
            on:click=click(move |event: MouseEvent| {
                let outside = pressed_outside.get_value() && is_outside(&event);
                pressed_outside.set_value(false);
                if outside && !typed.get_untracked() {
                    close.run(());
                }
            })
        >
            <div class="modal-body">{children()}</div>
        </dialog>
    }
}

fn is_outside(event: &Event) -> bool {
    event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .is_some_and(|target| target.tag_name() == "DIALOG")
}
