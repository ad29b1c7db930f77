//! Typing a PIN: by keyboard, or on large keys for fingers.

use super::icon::{Icon, icon};
use crate::{catalogue::t, focus::focus, press::click};
use keyrack_model::limits::MAX_PIN;
use leptos::prelude::*;

const FIELD: &str = "[data-testid=pin]";

/// One field for a PIN, which shows dots.
pub fn pin_field(
    testid: &'static str,
    label: &'static str,
    value: RwSignal<String>,
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
                bind:value=value
            />
        </label>
    }
}

/// Large keys that type into the field with the test id `pin`; the last one sends the form.
pub fn pin_keys(value: RwSignal<String>, busy: RwSignal<bool>) -> impl IntoView {
    let digits = "123456789".chars().map(|digit| key(value, digit));
    view! {
        <div class="pin-keys">
            {digits.collect_view()}
            <button
                type="button"
                class="button"
                aria-label=t("switch.delete")
                title=t("switch.delete")
                on:click=click(move |_| {
                    value.update(|value| {
                        value.pop();
                    });
                    focus(FIELD);
                })
            >
                {icon(Icon::Undo)}
            </button>
            {key(value, '0')}
            <button
                type="submit"
                class="button primary"
                data-testid="pin-enter"
                aria-label=t("switch.enter")
                title=t("switch.enter")
                aria-busy=move || busy.get().to_string()
            >
                {icon(Icon::Check)}
            </button>
        </div>
    }
}

fn key(value: RwSignal<String>, digit: char) -> impl IntoView {
    view! {
        <button
            type="button"
            class="button"
            on:click=click(move |_| {
                value.update(|value| {
                    if value.len() < MAX_PIN {
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
