//! What the server made and nobody can look up: a password for somebody, a key for a program. It is
//! shown this once, to be handed on.

use super::{copy::copy, parts::COPY, state::Settings};
use crate::{
    catalogue::{t, t_with},
    press::click,
    view::{
        icon::{Icon, drawn, icon},
        modal::Sheet,
    },
};
use keyrack_model::limits::GIVEN_PASSWORD_DAYS;
use leptos::{html, prelude::*};

/// A password, to be handed to somebody.
#[component]
pub fn HandOver(display: String, name: String, password: String) -> impl IntoView {
    let days = GIVEN_PASSWORD_DAYS.to_string();
    let person = [("person", display.as_str()), ("name", name.as_str())];
    let within = [("person", display.as_str()), ("days", days.as_str())];
    view! {
        <ShownOnce
            title=t_with("hand-over.title", &person)
            tell=t_with("hand-over.tell", &person)
            called=t("sign-in.password")
            testid="one-time-password"
            secret=password
            then=Some(t_with("hand-over.change", &within))
            once=t("hand-over.once")
        />
    }
}

/// A key, to be put into a program.
#[component]
pub fn NewKey(key: String) -> impl IntoView {
    view! {
        <ShownOnce
            title=t("import-key.made").to_owned()
            tell=t("import-key.tell").to_owned()
            called=t("import-key.title")
            testid="new-import-key"
            secret=key
            then=None
            once=t("import-key.once")
        />
    }
}

#[component]
fn ShownOnce(
    title: String,
    /// What to do with it.
    tell: String,
    /// What a screen reader calls it.
    called: &'static str,
    testid: &'static str,
    secret: String,
    /// What whoever has it does next.
    then: Option<String>,
    /// Why it is to be kept now.
    once: &'static str,
) -> impl IntoView {
    let page = Settings::of_page();
    let close = Callback::new(move |()| page.close_dialog());
    let shown = NodeRef::<html::Output>::new();
    let copied = secret.clone();
    view! {
        // A press beside it would lose what is shown this once.
        <Sheet label=title.clone() typed=true close>
            <div class="form hand-over">
                <h2>{title}</h2>
                <p>{tell}</p>
                <output node_ref=shown class="secret" data-testid=testid aria-label=called>
                    {secret}
                </output>
                {then.map(|then| view! { <p>{then}</p> })}
                <p class="notice">
                    {icon(Icon::Warning)}
                    <span>{once}</span>
                </p>
                <footer class="form-foot">
                    <button
                        type="button"
                        class="button"
                        data-testid="copy"
                        autofocus
                        on:click=click(move |_| copy(page, copied.clone(), shown))
                    >
                        {drawn(COPY)}
                        {t("copy")}
                    </button>
                    <button
                        type="button"
                        class="button primary"
                        data-testid="handed-over"
                        on:click=click(move |_| page.close_dialog())
                    >
                        {icon(Icon::Check)}
                        {t("hand-over.done")}
                    </button>
                </footer>
            </div>
        </Sheet>
    }
}
