//! Copying something that is shown, or selecting it where a page may not copy.

use super::state::Settings;
use crate::catalogue::t;
use leptos::{html::Output, prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Clipboard, HtmlElement};

/// Copies what an element shows and says so.
pub fn copy(page: Settings, text: String, shown: NodeRef<Output>) {
    spawn_local(async move {
        let copied = match clipboard() {
            Some(clipboard) => JsFuture::from(clipboard.write_text(&text)).await.is_ok(),
            None => false,
        };
        if copied {
            return page.say(t("copied").to_owned());
        }
        if let Some(element) = shown.get_untracked() {
            select(&element);
        }
        page.say(t("copied.selected").to_owned());
    });
}

/// A page that is not trusted with it has none, whatever its type says.
fn clipboard() -> Option<Clipboard> {
    let navigator = web_sys::window()?.navigator();
    let clipboard = js_sys::Reflect::get(&navigator, &JsValue::from_str("clipboard")).ok()?;
    clipboard.dyn_into().ok()
}

fn select(element: &HtmlElement) {
    let selection = web_sys::window().and_then(|window| window.get_selection().ok().flatten());
    if let Some(selection) = selection {
        // An element that is gone has nothing to select.
        let _ = selection.select_all_children(element);
    }
}
