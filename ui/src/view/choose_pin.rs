//! Choosing a PIN with which one comes back to this computer.

use super::{
    controls::Shown,
    icon::{Icon, icon},
    modal::Modal,
    pin_pad::pin_field,
};
use crate::{
    app::{AfterPin, App, ToastKind},
    catalogue::t,
    focus::{focus, once_shown},
    press::click,
    words::problem::problem,
};
use keyrack_model::{
    administration::Administration,
    ipc::{Problem, Request},
    limits::{MAX_PASSWORD, MAX_PIN, MIN_PIN},
    pin,
};
use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};

#[component]
pub fn ChoosePin(then: AfterPin) -> impl IntoView {
    let app = App::of_page();
    let has_pin = untrack(|| app.here()).is_some_and(|here| here.has_pin);
    let present = RwSignal::new(String::new());
    // None until the app says that the first PIN takes it.
    let password = RwSignal::new(None::<String>);
    let chosen = RwSignal::new(String::new());
    let again = RwSignal::new(String::new());
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let (pin, same) = (chosen.get_untracked(), again.get_untracked());
        trouble.set(objection(&pin, &same));
        if trouble.with_untracked(Option::is_some) {
            return;
        }
        busy.set(true);
        let present = has_pin.then(|| present.get_untracked());
        let shown = password.get_untracked();
        spawn_local(async move {
            match choose(app, (pin, present), shown).await {
                Ok(()) => {
                    app.close_dialog();
                    match then {
                        AfterPin::Stay => app.say(ToastKind::Said, t("pin.done").to_owned()),
                        AfterPin::Leave => app.request(Request::Lock, |_| {}),
                    }
                }
                Err(Problem::NotConfirmed) => {
                    password.try_set(Some(String::new()));
                    once_shown(|| focus("[data-testid=pin-password]"));
                }
                Err(refused) => {
                    trouble.try_set(Some(problem(&refused)));
                }
            }
            busy.try_set(false);
        });
    };
    let free = Signal::derive(|| false);
    let typed = Signal::derive(move || chosen.with(|pin| !pin.is_empty()));
    view! {
        <Modal label=t("pin.title") typed>
            <form class="form" on:submit=submit>
                <h2>{t("pin.title")}</h2>
                <p class="faint">{t("pin.lesson")}</p>
                {has_pin
                    .then(|| view! {
                        {pin_field("pin-present", t("pin.present"), present, free)}
                        <p class="faint">{t("pin.forgotten")}</p>
                    })}
                {pin_field("pin-new", t("pin.new"), chosen, free)}
                {pin_field("pin-again", t("pin.again"), again, free)}
                <Shown when=move || password.with(Option::is_some)>
                    <p class="faint" role="status">{t("pin.password-means")}</p>
                    <label class="field">
                        <span>{t("pin.password")}</span>
                        <input
                            class="input"
                            type="password"
                            data-testid="pin-password"
                            autocomplete="current-password"
                            maxlength=MAX_PASSWORD
                            required
                            on:input=move |event| password.set(Some(event_target_value(&event)))
                        />
                    </label>
                </Shown>
                {move || {
                    trouble
                        .get()
                        .map(|trouble| view! {
                            <p class="notice wrong" role="alert" data-testid="problem">
                                {icon(Icon::Warning)}
                                <span>{trouble}</span>
                            </p>
                        })
                }}
                <footer class="form-foot">
                    <button
                        type="button"
                        class="button"
                        on:click=click(move |_| app.close_dialog())
                    >
                        {t("cancel")}
                    </button>
                    <button
                        type="submit"
                        class="button primary"
                        data-testid="pin-save"
                        aria-busy=move || busy.get().to_string()
                    >
                        {icon(Icon::Key)}
                        {match then {
                            AfterPin::Stay => t("pin.save"),
                            AfterPin::Leave => t("pin.save-and-leave"),
                        }}
                    </button>
                </footer>
            </form>
        </Modal>
    }
}

/// Shows the password first, where the app has asked for it.
async fn choose(
    app: App,
    (pin, present): (String, Option<String>),
    password: Option<String>,
) -> Result<(), Problem> {
    if let Some(present) = password {
        let confirm = Administration::Confirm { present };
        app.sign_in(Request::Administer(confirm)).await?;
    }
    app.sign_in(Request::SetPin { pin, present }).await
}

/// What is wrong with what was typed, if anything is.
fn objection(chosen: &str, again: &str) -> Option<String> {
    if !pin::is_fit(chosen) {
        return Some(problem(&Problem::WeakPin {
            least: MIN_PIN,
            most: MAX_PIN,
        }));
    }
    (chosen != again).then(|| t("pin.differ").to_owned())
}
