//! A dialog over the page: native, so that focus stays inside and Escape leaves it.

use crate::app::App;
use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

#[component]
pub fn Modal(
    label: &'static str,
    #[prop(default = "modal")] class: &'static str,
    children: Children,
) -> impl IntoView {
    let app = App::of_page();
    let dialog = NodeRef::<html::Dialog>::new();
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
            on:close=move |_| app.dialog.set(None)
            on:click=move |event| {
                let outside = event
                    .target()
                    .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
                    .is_some_and(|target| target.tag_name() == "DIALOG");
                if outside {
                    app.dialog.set(None);
                }
            }
        >
            <div class="modal-body">{children()}</div>
        </dialog>
    }
}
