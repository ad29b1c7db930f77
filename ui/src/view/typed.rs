//! A field that shows what is kept, and is written when it is left.

use crate::app::App;
use keyrack_model::{command::Command, time::BusinessDate};
use leptos::prelude::*;

/// An input of one value. What could not be kept gives way to what is.
#[component]
pub fn Typed(
    testid: &'static str,
    #[prop(default = "text")] kind: &'static str,
    /// Read out where no label stands beside it.
    #[prop(optional)]
    name: Option<String>,
    #[prop(into)] value: Signal<String>,
    /// Shown where it is empty.
    #[prop(into, optional)]
    hint: Signal<String>,
    /// The list of what is usual, by its id.
    #[prop(optional)]
    list: Option<&'static str>,
    #[prop(optional)] bounds: Option<(i64, i64)>,
    /// Why the person's role may not write it.
    #[prop(into, optional)]
    refused: Signal<Option<String>>,
    /// What to do to keep it; None for what cannot be meant.
    #[prop(into)]
    write: Callback<String, Option<Command>>,
) -> impl IntoView {
    let app = App::of_page();
    let again = Trigger::new();
    // News of other fields leave alone what is being typed in this one.
    let kept = Memo::new(move |_| value.get());
    let shown = move || {
        again.track();
        kept.get()
    };
    let leave = move |typed: String| {
        if typed.trim() == kept.get_untracked() {
            return;
        }
        match write.run(typed) {
            Some(command) => app.act_or(command, move || again.notify()),
            None => again.notify(),
        }
    };
    view! {
        <input
            class="input"
            type=kind
            data-testid=testid
            aria-label=name
            autocomplete="off"
            list=list
            min=bounds.map(|(least, _)| least)
            max=bounds.map(|(_, most)| most)
            placeholder=hint
            title=refused
            disabled=move || refused.read().is_some()
            prop:value=shown
            on:blur=move |event| leave(event_target_value(&event))
            on:keydown=move |event| {
                if event.key() == "Enter" && !event.is_composing() {
                    event.prevent_default();
                    leave(event_target_value(&event));
                }
            }
        />
    }
}

/// A date as a field of dates has it; nothing for no day at all.
pub fn day_text(date: BusinessDate) -> String {
    if date == BusinessDate::default() {
        String::new()
    } else {
        date.to_string()
    }
}

/// What is usual in some fields, under an id.
pub fn usual(id: &'static str, texts: Vec<String>) -> impl IntoView {
    let options = texts
        .into_iter()
        .map(|text| view! { <option value=text></option> });
    view! { <datalist id=id>{options.collect_view()}</datalist> }
}
