//! Signing in, with the server's address in sight, why the last session ended, and what still
//! waits from whom.

use super::{
    controls::{Shown, as_word},
    faces::{Faces, Way},
    icon::{Icon, icon},
    key_notice::KeyNotice,
};
use crate::{
    app::{App, Presence},
    catalogue::{t, t_count},
    focus::{focus, once_shown},
    letters::small,
    part::{Drawn, Part},
    press::click,
    words::problem::{ended, problem},
};
use keyrack_model::ipc::{Face, Problem, Request, WaitingOf};
use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local, wasm_split::wasm_split};

/// Signing in is a part of the program: most days begin with somebody who is signed in.
pub const SIGN_IN: Part = Part::new(|| Box::pin(load()));

#[wasm_split(sign_in, wasm_split_path = leptos::wasm_split, fallible, preload(load))]
fn draw() -> Drawn {
    Ok(view! { <SignIn/> }.into_any())
}

/// Signing in, over the whole page.
pub fn sign_in() -> AnyView {
    SIGN_IN.shown(draw, |sentence| {
        view! {
            <main class="sign-in">
                <div class="sign-in-card">{sentence}</div>
            </main>
        }
        .into_any()
    })
}

#[component]
fn SignIn() -> impl IntoView {
    let app = App::of_page();
    let faces = Memo::new(move |_| faces_of(&app.presence.read()));
    let way = RwSignal::new(Way::Faces);
    let trouble = RwSignal::new(None::<String>);
    view! {
        <main class="sign-in">
            <div class="sign-in-card">
                <header>
                    <span class="logo">{icon(Icon::Key)}</span>
                    <div>
                        <h1>{t("app.name")}</h1>
                        <p class="faint">{t("sign-in.tagline")}</p>
                    </div>
                </header>
                {move || ended_notice(&app.presence.read())}
                {move || waiting_notice(&app.presence.read())}
                <KeyNotice/>
                {move || {
                    trouble
                        .get()
                        .map(|trouble| {
                            view! {
                                <p class="notice wrong" role="alert" data-testid="problem">
                                    {icon(Icon::Warning)}
                                    <span>{trouble}</span>
                                </p>
                            }
                        })
                }}
                {move || match way.get() {
                    Way::Password(name) if !faces.read().is_empty() => {
                        view! { <ByPassword name=Some(name) way trouble/> }.into_any()
                    }
                    _ if faces.read().is_empty() => {
                        view! { <ByPassword name=None way trouble/> }.into_any()
                    }
                    _ => view! { <Faces faces=faces.get() way trouble/> }.into_any(),
                }}
            </div>
        </main>
    }
}

#[component]
fn ByPassword(
    /// Whose password it is, where others go on by PIN.
    name: Option<String>,
    way: RwSignal<Way>,
    trouble: RwSignal<Option<String>>,
) -> impl IntoView {
    let app = App::of_page();
    let (server, hotel, last) = prefilled(&app.presence.read_untracked());
    let has_others = name.is_some();
    let name = name.unwrap_or(last);
    let known = !name.is_empty();
    let server = RwSignal::new(server);
    let hotel = RwSignal::new(hotel);
    let name = RwSignal::new(name);
    let password = RwSignal::new(String::new());
    // What the app was started with is not asked for.
    let code = RwSignal::new(offered_code(&app.presence.read_untracked()));
    let asks_for_code = RwSignal::new(false);
    let busy = RwSignal::new(false);
    // A page gives the focus by itself to the first form only.
    once_shown(|| focus(".sign-in [autofocus]"));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        trouble.set(None);
        let request = Request::SignIn {
            server: server.get_untracked().trim().to_owned(),
            hotel: small(hotel.get_untracked().trim()),
            name: name.get_untracked().trim().to_owned(),
            password: password.get_untracked(),
            code: Some(code.get_untracked()).filter(|code| !code.trim().is_empty()),
        };
        spawn_local(async move {
            let answer = app.sign_in(request).await;
            busy.try_set(false);
            if let Err(refused) = answer {
                let had_code = !code.get_untracked().trim().is_empty();
                let sentence = match &refused {
                    Problem::NotEnrolled if had_code => t("sign-in.bad-code").to_owned(),
                    other => problem(other),
                };
                if refused == Problem::NotEnrolled {
                    asks_for_code.try_set(true);
                    once_shown(|| focus("[data-testid=code]"));
                }
                trouble.try_set(Some(sentence));
            }
        });
    };
    view! {
            <form class="by-password" on:submit=submit aria-label=t("sign-in.title")>
                {text_field("name", t("sign-in.name"), "username", name, !known)}
                {password_field(password, known)}
                <div class="pair">
                    {text_field("hotel", t("sign-in.hotel"), "organization", hotel, false)}
                    {text_field("server", t("sign-in.server"), "url", server, false)}
                </div>
                <Shown when=move || asks_for_code.get()>
                    {text_field("code", t("sign-in.code"), "one-time-code", code, false)}
                </Shown>
                <button
                    class="button primary big"
                    type="submit"
                    data-testid="sign-in"
                    aria-busy=as_word(busy)
                >
                    {move || if busy.get() { t("sign-in.busy") } else { t("sign-in.button") }}
                </button>
                {has_others
                    .then(|| view! {
                        <button
                            type="button"
                            class="button"
                            data-testid="everybody"
                            on:click=click(move |_| {
                                trouble.set(None);
                                way.set(Way::Faces);
                            })
                        >
                            {t("switch.back")}
                        </button>
                    })}
                <p class="faint small">{t("sign-in.offline")}</p>
            </form>
    }
}

fn faces_of(presence: &Presence) -> Vec<Face> {
    match presence {
        Presence::SignedOut { faces, .. } => faces.clone(),
        Presence::Starting | Presence::Here(_) => Vec::new(),
    }
}

/// The server, hotel and name of the last session here.
fn prefilled(presence: &Presence) -> (String, String, String) {
    match presence {
        Presence::SignedOut {
            server,
            hotel,
            name,
            ..
        } => (server.clone(), hotel.clone(), name.clone()),
        Presence::Starting | Presence::Here(_) => Default::default(),
    }
}

/// The code that this device was started with, until it was used.
fn offered_code(presence: &Presence) -> String {
    match presence {
        Presence::SignedOut { code, .. } => code.clone(),
        Presence::Starting | Presence::Here(_) => String::new(),
    }
}

/// Why the session ended, when it was not the person who ended it.
fn ended_notice(presence: &Presence) -> Option<impl IntoView + use<>> {
    let Presence::SignedOut {
        ended: Some(reason),
        ..
    } = presence
    else {
        return None;
    };
    let sentence = ended(reason);
    Some(view! {
        <p class="notice" role="status" data-testid="ended">
            {icon(Icon::Warning)}
            <span>{sentence}</span>
        </p>
    })
}

fn waiting_notice(presence: &Presence) -> Option<impl IntoView + use<>> {
    let Presence::SignedOut { waiting, faces, .. } = presence else {
        return None;
    };
    // Beside a face it says so itself.
    let has_face = |of: &WaitingOf| faces.iter().any(|face| face.user == of.user);
    let others: Vec<_> = waiting.iter().filter(|of| !has_face(of)).collect();
    let lines = others.iter().map(|of| waiting_line(of)).collect_view();
    (!others.is_empty()).then(|| {
        view! {
            <div class="notice" data-testid="still-waiting">
                {icon(Icon::Sync)}
                <div>
                    {lines}
                    <p class="faint">{t("sign-in.waiting")}</p>
                </div>
            </div>
        }
    })
}

fn waiting_line(of: &WaitingOf) -> impl IntoView + use<> {
    view! {
        <p>
            <b>{of.display.clone()}</b>
            " · "
            {t_count("waiting", of.actions)}
        </p>
    }
}

fn text_field(
    testid: &'static str,
    label: &'static str,
    autocomplete: &'static str,
    value: RwSignal<String>,
    autofocus: bool,
) -> impl IntoView {
    view! {
        <label class="field">
            <span>{label}</span>
            <input
                class="input"
                data-testid=testid
                name=testid
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                required
                autofocus=autofocus
                bind:value=value
            />
        </label>
    }
}

fn password_field(value: RwSignal<String>, autofocus: bool) -> impl IntoView {
    view! {
        <label class="field">
            <span>{t("sign-in.password")}</span>
            <input
                class="input"
                type="password"
                data-testid="password"
                name="password"
                autocomplete="current-password"
                required
                autofocus=autofocus
                bind:value=value
            />
        </label>
    }
}
