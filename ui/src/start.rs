//! The start of each page.

use crate::{
    app::{App, Who, current_hash},
    catalogue::{Language, SHARED, Texts, speak, t},
    host::Host,
    idle::{self, Leave, Return},
    keyboard,
    part::{Part, load_ahead},
    press, printing,
    route::Route,
    settings,
    view::{
        frame::Frame,
        lists::LISTS,
        not_here::is_offline,
        opened::OPENED,
        sign_in::{SIGN_IN, sign_in},
    },
};
use js_sys::Reflect;
use keyrack_model::{ipc::Request, time::Timestamp};
use leptos::{ev, prelude::*};
use std::time::Duration;

/// What is loaded while nobody waits, in the order in which it is likely to be wanted.
const AHEAD: &[Part] = &[OPENED, LISTS, SIGN_IN];

/// From the first screen until more is loaded than is on it.
const AHEAD_AFTER: Duration = Duration::from_millis(300);

/// Starts the page that the document is for.
pub fn page() {
    std::panic::set_hook(Box::new(|panic| report(&panic.to_string())));
    match of_body("page").as_deref() {
        Some("settings") => wasm_bindgen_futures::spawn_local(settings_page()),
        Some(_) | None => main_page(),
    }
}

/// Rooms, lists and work orders, and signing in to them.
fn main_page() {
    if let Some(host) = begin(&[SHARED]) {
        mount_to_body(|| view! { <Page host/> });
    }
}

/// People, devices and access.
async fn settings_page() {
    if settings::page::begin().await.is_err() {
        // No text is in the program yet: the document has this one.
        say(&of_body("failed").unwrap_or_default());
    }
}

/// What the document says of itself.
fn of_body(name: &str) -> Option<String> {
    document().body()?.dataset().get(name)
}

/// What every page does first. Where there is nobody to answer it, the person is told.
pub(crate) fn begin(texts: &[Texts]) -> Option<Host> {
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
    printing::listen(app);
    let here = move || {
        let here = app.here()?;
        Some((here.me.id, Return::of(here.has_pin, is_offline(app))))
    };
    let leave = move |how| match how {
        Leave::Lock => app.request(Request::Lock, |_| {}),
        Leave::SignOut => app.request(Request::SignOut, |_| {}),
    };
    idle::watch(move || app.now.get_untracked(), here, leave);
    app.watch();
    when_back(move || app.watch());
    let who = Memo::new(move |_| app.presence.read().who());
    Effect::new(move |begun: Option<bool>| {
        let (begun, first) = (begun.unwrap_or(false), who.get() != Who::NotSaid);
        if first && !begun {
            set_timeout(|| load_ahead(AHEAD), AHEAD_AFTER);
        }
        begun || first
    });
    move || match who.get() {
        Who::NotSaid => ().into_any(),
        Who::Nobody => sign_in(),
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

pub(crate) fn now() -> Timestamp {
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
