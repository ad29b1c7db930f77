//! Typing a PIN: by keyboard, or on large keys for fingers.

use super::icon::{Icon, icon};
use crate::{catalogue::t, focus::focus, press::click};
use keyrack_model::limits::MAX_PIN;
use leptos::prelude::*;

const FIELD: &str = "[data-testid=pin]";

/// One field for a PIN, which shows dots; nothing can be typed while it is `locked`.
pub fn pin_field(
    testid: &'static str,
    label: &'static str,
    value: RwSignal<String>,
    locked: Signal<bool>,
) -> impl IntoView {
    view! {
        <label class="field pin">
            <span>{label}</span>
            <input
                class="input"
                type="password"
                inputmode="numeric"
                autocomplete="off"
                maxlength=MAX_PIN.to_string()
                data-testid=testid
                required
                readonly=move || locked.get()
                bind:value=value
            />
        </label>
    }
}

/// Large keys that type into the field with the test id `pin`; the last one sends the form. None
/// does anything while they are `locked`.
pub fn pin_keys(
    value: RwSignal<String>,
    busy: RwSignal<bool>,
    locked: Signal<bool>,
) -> impl IntoView {
    let digits = "123456789".chars().map(|digit| key(value, digit, locked));
    let refused = move || locked.get().then_some("true");
    view! {
        <div class="pin-keys">
            {digits.collect_view()}
            <button
                type="button"
                class="button"
                aria-label=t("switch.delete")
                title=t("switch.delete")
                aria-disabled=refused
                on:click=click(move |_| {
                    if !locked.get_untracked() {
                        value.update(|value| {
                            value.pop();
                        });
                    }
                    focus(FIELD);
                })
            >
                {icon(Icon::Undo)}
            </button>
            {key(value, '0', locked)}
            <button
                type="submit"
                class="button primary"
                data-testid="pin-enter"
                aria-label=t("switch.enter")
                title=t("switch.enter")
                aria-busy=move || busy.get().to_string()
                aria-disabled=refused
            >
                {icon(Icon::Check)}
            </button>
        </div>
    }
}

fn key(value: RwSignal<String>, digit: char, locked: Signal<bool>) -> impl IntoView {
    view! {
        <button
            type="button"
            class="button"
            aria-disabled=move || locked.get().then_some("true")
            on:click=click(move |_| {
                value.update(|value| {
                    if value.len() < MAX_PIN && !locked.get_untracked() {
                        value.push(digit);
                    }
                });
                focus(FIELD);
            })
        >
            {digit}
        </button>
    }
}
