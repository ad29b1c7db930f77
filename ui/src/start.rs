//! The start of the page.

use crate::{
    app::{App, Who, current_hash},
    catalogue::{Language, speak, t},
    host::Host,
    idle, keyboard, press,
    route::Route,
    view::{frame::Frame, sign_in::SignIn},
};
use keyrack_model::time::Timestamp;
use leptos::{ev, prelude::*};
use std::time::Duration;
use wasm_bindgen::prelude::wasm_bindgen;

/// Runs when the page has loaded the interface.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|panic| report(&panic.to_string())));
    let tag = window().navigator().language().unwrap_or_default();
    speak(Language::for_tag(&tag));
    match Host::detect() {
        Some(host) => mount_to_body(|| view! { <Page host/> }),
        None => say(t("problem.no-app")),
    }
}

#[component]
fn Page(host: Host) -> impl IntoView {
    let route = Route::parse(&current_hash()).unwrap_or_default();
    let app = App::new(host, route, now());
    provide_context(app);
    set_interval(move || app.now.set(now()), Duration::from_secs(1));
    window_event_listener(ev::hashchange, move |_| {
        if let Some(route) = Route::parse(&current_hash()) {
            app.go(route);
        }
    });
    keyboard::listen(app);
    press::listen();
    idle::watch(app);
    app.watch();
    let who = Memo::new(move |_| app.presence.read().who());
    move || match who.get() {
        Who::NotSaid => ().into_any(),
        Who::Nobody => view! { <SignIn/> }.into_any(),
        Who::Person(_) => view! { <Frame/> }.into_any(),
    }
}

fn now() -> Timestamp {
    Timestamp(js_sys::Date::now() as i64)
}

/// Says that the interface stopped, over everything else, and why in the console.
fn report(panic: &str) {
    web_sys::console::error_1(&panic.into());
    say(t("problem.panic"));
}

/// A sentence over everything else.
fn say(text: &str) {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else {
        return;
    };
    let (Some(body), Ok(sentence)) = (document.body(), document.create_element("p")) else {
        return;
    };
    sentence.set_class_name("boot-problem");
    // Nothing is left to do when even this fails.
    let _ = sentence.set_attribute("role", "alert");
    sentence.set_text_content(Some(text));
    let _ = body.prepend_with_node_1(&sentence);
}
