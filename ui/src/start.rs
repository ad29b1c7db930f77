//! The start of each page.

use crate::{
    app::{App, Who, current_hash},
    catalogue::{Language, Part, SETTINGS, SHARED, speak, t},
    host::Host,
    idle, keyboard, press,
    route::Route,
    settings::page::SettingsPage,
    view::{frame::Frame, sign_in::SignIn},
};
use js_sys::Reflect;
use keyrack_model::{ipc::Request, time::Timestamp};
use leptos::{ev, prelude::*};
use std::time::Duration;

/// Rooms, lists and work orders, and signing in to them.
pub fn main_page() {
    if let Some(host) = begin(&[SHARED]) {
        mount_to_body(|| view! { <Page host/> });
    }
}

/// People, devices and access.
pub fn settings_page() {
    if let Some(host) = begin(&[SHARED, SETTINGS]) {
        mount_to_body(|| view! { <SettingsPage host now=now()/> });
    }
}

/// What every page does first. Where there is nobody to answer it, the person is told.
fn begin(texts: &[Part]) -> Option<Host> {
    std::panic::set_hook(Box::new(|panic| report(&panic.to_string())));
    let tag = window().navigator().language().unwrap_or_default();
    speak(Language::for_tag(&tag), texts);
    press::listen();
    let host = Host::detect();
    if host.is_none() {
        say(t("problem.no-app"));
    }
    host
}

#[component]
fn Page(host: Host) -> impl IntoView {
    let route = Route::parse(&current_hash()).unwrap_or_default();
    let app = App::new(host, route, now());
    provide_context(app);
    each_second(move |now| app.now.set(now));
    window_event_listener(ev::hashchange, move |_| {
        if let Some(route) = Route::parse(&current_hash()) {
            app.go(route);
        }
    });
    keyboard::listen(app);
    let here = move || app.here().map(|here| (here.me.id, here.has_pin));
    let lock = move || app.request(Request::Lock, |_| {});
    idle::watch(move || app.now.get_untracked(), here, lock);
    app.watch();
    when_back(move || app.watch());
    let who = Memo::new(move |_| app.presence.read().who());
    move || match who.get() {
        Who::NotSaid => ().into_any(),
        Who::Nobody => view! { <SignIn/> }.into_any(),
        Who::Person(_) => view! { <Frame/> }.into_any(),
    }
}

/// Keeps a page's clock going.
pub(crate) fn each_second(tick: impl Fn(Timestamp) + 'static) {
    set_interval(move || tick(now()), Duration::from_secs(1));
}

/// Does something when the person comes back to this page as they had left it: the app has told
/// another page of the window what happened since.
pub(crate) fn when_back(act: impl Fn() + 'static) {
    let on_show = move |event: web_sys::Event| {
        let persisted = Reflect::get(&event, &"persisted".into());
        if persisted.is_ok_and(|it| it.is_truthy()) {
            act();
        }
    };
    window_event_listener_untyped("pageshow", on_show);
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
