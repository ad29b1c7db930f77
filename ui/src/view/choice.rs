//! A list to choose from, and what it can offer.

use crate::{
    app::App,
    catalogue::{t, t_with, t_word},
};
use keyrack_model::command::Command;
use leptos::prelude::*;

/// What a list offers.
pub type Options = Vec<Offer>;

/// A value of a list and how it reads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    pub word: String,
    pub text: String,
    /// Why it cannot be chosen, in a few words.
    pub refused: Option<&'static str>,
}

impl Offer {
    pub fn of(word: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            word: word.into(),
            text: text.into(),
            refused: None,
        }
    }

    /// A closed list does not show hints: the reason is part of what is read.
    fn shown(&self) -> String {
        match self.refused {
            None => self.text.clone(),
            Some(reason) => t_with(
                "choice.refused",
                &[("text", &self.text), ("reason", reason)],
            ),
        }
    }
}

/// A list that shows what is kept: a choice that could not be kept is not shown as if it were.
#[component]
pub fn Choice(
    testid: &'static str,
    #[prop(default = "select")] class: &'static str,
    /// Read out where no label stands beside the list.
    #[prop(optional)]
    name: Option<&'static str>,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] options: Signal<Options>,
    /// Why the person's role may not choose.
    #[prop(into, optional)]
    refused: Signal<Option<String>>,
    /// What to do to keep a choice; None where there is nothing to wait for.
    #[prop(into)]
    choose: Callback<String, Option<Command>>,
) -> impl IntoView {
    let app = App::of_page();
    let choose = move |(word, again): (String, Trigger)| match choose.run(word) {
        Some(command) => app.act_or(command, move || again.notify()),
        None => again.notify(),
    };
    view! { <List testid class name value options refused choose=Callback::new(choose)/> }
}

/// The list itself, for whoever keeps a choice otherwise than by a command.
#[component]
pub fn List(
    testid: &'static str,
    class: &'static str,
    name: Option<&'static str>,
    value: Signal<String>,
    #[prop(into)] options: Signal<Options>,
    #[prop(optional)] refused: Signal<Option<String>>,
    /// Told of a choice, with what shows again what is kept.
    #[prop(into)]
    choose: Callback<(String, Trigger)>,
) -> impl IntoView {
    let again = Trigger::new();
    let shown = move || {
        again.track();
        let present = value.get();
        options
            .get()
            .into_iter()
            .map(|offer| {
                let chosen = offer.word == present;
                view! {
                    <option
                        value=offer.word.clone()
                        prop:selected=chosen
                        disabled=offer.refused.is_some()
                    >
                        {offer.shown()}
                    </option>
                }
            })
            .collect_view()
    };
    view! {
        <select
            class=class
            data-testid=testid
            aria-label=name
            title=refused
            aria-description=refused
            aria-disabled=move || refused.read().is_some().then_some("true")
            on:change=move |event| choose.run((event_target_value(&event), again))
        >
            {shown}
        </select>
    }
}

/// The words of an enumeration.
pub fn words<T: Copy>(list: &str, all: &[T], word: impl Fn(T) -> &'static str) -> Options {
    all.iter()
        .map(|value| word(*value))
        .map(|word| Offer::of(word, t_word(list, word)))
        .collect()
}

/// Nobody and the people of the hotel. Whoever has left is last: something may be theirs still.
pub fn people(app: App) -> Options {
    let here = app.here();
    let people = here.iter().flat_map(|here| &here.people);
    let (gone, present): (Vec<_>, Vec<_>) = people.partition(|person| person.left);
    let gone = gone.into_iter().map(|person| Offer {
        refused: Some(t("person.left")),
        ..Offer::of(person.id.to_string(), &person.display)
    });
    let present = present.into_iter();
    std::iter::once(Offer::of("", t("person.nobody")))
        .chain(present.map(|person| Offer::of(person.id.to_string(), &person.display)))
        .chain(gone)
        .collect()
}
