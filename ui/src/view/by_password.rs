//! Signing in with a password, with the server's address in sight; and with a code, where the hotel
//! does not know this computer yet.

use super::{
    controls::{Shown, as_word},
    faces::Way,
};
use crate::{
    app::{App, SignedOut},
    catalogue::t,
    device_line::{read_line, without_blanks},
    focus::{focus, once_shown},
    letters::small,
    press::click,
    words::problem::problem,
};
use keyrack_model::ipc::{Problem, Request};
use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};

const CODE: &str = "[data-testid=code]";

#[component]
pub fn ByPassword(
    /// Whose password it is, where others go on by PIN.
    name: Option<String>,
    way: RwSignal<Way>,
    trouble: RwSignal<Option<String>>,
) -> impl IntoView {
    let app = App::of_page();
    let presence = app.presence.get_untracked();
    let known = presence.signed_out();
    let offered = |of: fn(&SignedOut) -> &String| known.map(of).cloned().unwrap_or_default();
    let has_others = name.is_some();
    let name = name.unwrap_or_else(|| offered(|it| &it.name));
    let is_named = !name.is_empty();
    let server = RwSignal::new(offered(|it| &it.server));
    let hotel = RwSignal::new(offered(|it| &it.hotel));
    let name = RwSignal::new(name);
    let password = RwSignal::new(String::new());
    // What the app was started with is not asked for.
    let code = RwSignal::new(offered(|it| &it.code));
    // Nobody has signed in here yet.
    let is_first = offered(|it| &it.hotel_name).is_empty();
    let asks_for_code = RwSignal::new(false);
    let busy = RwSignal::new(false);
    // A page gives the focus by itself to the first form only.
    once_shown(|| focus(".sign-in [autofocus]"));
    // A line that names both is taken apart, into whichever field it came.
    let take_apart = move || {
        // The person may be in by then.
        let typed = [code, server].map(|field| field.try_get_untracked());
        let line = typed.iter().flatten().find_map(|typed| read_line(typed));
        if let Some(line) = line {
            server.try_set(line.server);
            code.try_set(line.code);
            asks_for_code.try_set(true);
        }
    };
    let ask_for_code = move || {
        asks_for_code.try_set(true);
        once_shown(|| focus(CODE));
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        take_apart();
        busy.set(true);
        trouble.set(None);
        let code = Some(without_blanks(&code.get_untracked())).filter(|code| !code.is_empty());
        let had_code = code.is_some();
        let request = Request::SignIn {
            server: server.get_untracked().trim().to_owned(),
            hotel: small(hotel.get_untracked().trim()),
            name: name.get_untracked().trim().to_owned(),
            password: password.get_untracked(),
            code,
        };
        spawn_local(async move {
            let answer = app.sign_in(request).await;
            busy.try_set(false);
            if let Err(refused) = answer {
                let sentence = match &refused {
                    Problem::NotEnrolled if had_code => t("sign-in.bad-code").to_owned(),
                    other => problem(other),
                };
                if refused == Problem::NotEnrolled {
                    ask_for_code();
                }
                trouble.try_set(Some(sentence));
            }
        });
    };
    let may_ask_for_code = move || is_first && !asks_for_code.get();
    view! {
        <form
            class="by-password"
            aria-label=t("sign-in.title")
            on:submit=submit
            on:change=move |_| take_apart()
            // What is pasted is in the field a moment later.
            on:paste=move |_| once_shown(take_apart)
        >
            {text_field("name", t("sign-in.name"), "username", name, !is_named)}
            {password_field(password, is_named)}
            <div class="pair">
                {text_field("hotel", t("sign-in.hotel"), "organization", hotel, false)}
                {text_field("server", t("sign-in.server"), "url", server, false)}
            </div>
            <Shown when=move || asks_for_code.get()>{code_field(code)}</Shown>
            <button
                class="button primary big"
                type="submit"
                data-testid="sign-in"
                aria-busy=as_word(busy)
            >
                {move || if busy.get() { t("sign-in.busy") } else { t("sign-in.button") }}
            </button>
            <Shown when=Signal::derive(may_ask_for_code)>
                <button
                    type="button"
                    class="button plain"
                    data-testid="have-code"
                    on:click=click(move |_| ask_for_code())
                >
                    {t("sign-in.have-code")}
                </button>
            </Shown>
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

/// For a code, or the whole line that the square of the settings says. A computer that is known
/// needs none.
fn code_field(value: RwSignal<String>) -> impl IntoView {
    view! {
        <label class="field">
            <span>{t("sign-in.code")}</span>
            <input
                class="input"
                data-testid="code"
                name="code"
                autocomplete="one-time-code"
                autocapitalize="characters"
                spellcheck="false"
                bind:value=value
            />
            <small>{t("sign-in.code-hint")}</small>
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
