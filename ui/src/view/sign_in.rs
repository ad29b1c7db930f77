//! Signing in, with the server's address in sight, why the last session ended, and what still
//! waits from whom.

use super::{
    controls::as_word,
    icon::{Icon, icon},
    key_notice::KeyNotice,
};
use crate::{
    app::{App, Presence},
    catalogue::{t, t_count},
    focus::{focus, once_shown},
    letters::small,
    words::problem::{ended, problem},
};
use keyrack_model::ipc::{Request, WaitingOf};
use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};

#[component]
pub fn SignIn() -> impl IntoView {
    let app = App::of_page();
    let (server, hotel, name) = prefilled(&app.presence.read_untracked());
    let known = !name.is_empty();
    let server = RwSignal::new(server);
    let hotel = RwSignal::new(hotel);
    let name = RwSignal::new(name);
    let password = RwSignal::new(String::new());
    let trouble = RwSignal::new(None::<String>);
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
            code: offered_code(&app.presence.read_untracked()),
        };
        spawn_local(async move {
            let answer = app.sign_in(request).await;
            busy.try_set(false);
            if let Err(refused) = answer {
                trouble.try_set(Some(problem(&refused)));
            }
        });
    };
    view! {
        <main class="sign-in">
            <form class="sign-in-card" on:submit=submit aria-label=t("sign-in.title")>
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
                {text_field("name", t("sign-in.name"), "username", name, !known)}
                {password_field(password, known)}
                <div class="pair">
                    {text_field("hotel", t("sign-in.hotel"), "organization", hotel, false)}
                    {text_field("server", t("sign-in.server"), "url", server, false)}
                </div>
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
                <button
                    class="button primary big"
                    type="submit"
                    data-testid="sign-in"
                    aria-busy=as_word(busy)
                >
                    {move || if busy.get() { t("sign-in.busy") } else { t("sign-in.button") }}
                </button>
                <p class="faint small">{t("sign-in.offline")}</p>
            </form>
        </main>
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
fn offered_code(presence: &Presence) -> Option<String> {
    match presence {
        Presence::SignedOut { code, .. } => Some(code.clone()).filter(|code| !code.is_empty()),
        Presence::Starting | Presence::Here(_) => None,
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
    let Presence::SignedOut { waiting, .. } = presence else {
        return None;
    };
    let lines = waiting.iter().map(waiting_line).collect_view();
    (!waiting.is_empty()).then(|| {
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
