//! The form with which somebody is taken on.

use super::{
    asking_form::{Asked, AskingForm},
    parts::{FieldKind, field},
    rights::roles,
    state::Settings,
};
use crate::{catalogue::t, letters::small, view::choice::List};
use keyrack_model::{
    administration::Administration, limits::MAX_NAME, policy::Role, refusal::Refusal, rows::Person,
};
use leptos::prelude::*;

/// Most people of a hotel clean its rooms.
const USUAL: Role = Role::Housekeeper;

#[component]
pub fn TakeOn() -> impl IntoView {
    let page = Settings::of_page();
    let asked = Asked::nothing(page);
    let display = RwSignal::new(String::new());
    let name = RwSignal::new(String::new());
    let role = RwSignal::new(USUAL.word().to_owned());
    let typed = Signal::derive(move || !display.read().is_empty() || !name.read().is_empty());
    let save = move |()| {
        let wished = Person {
            id: Default::default(),
            name: small(name.get_untracked().trim()),
            display: display.get_untracked().trim().to_owned(),
            role: role.get_untracked().parse().unwrap_or(USUAL),
            left: false,
        };
        if wished.name.is_empty() || wished.display.is_empty() {
            return asked.refuse(&Refusal::Empty {
                field: "name".to_owned(),
            });
        }
        let wish = Administration::TakeOn {
            name: wished.name.clone(),
            display: wished.display.clone(),
            role: wished.role,
        };
        asked.once(|| {
            page.ask(wish, move |came| {
                if let Some((administered, _)) = asked.end(came) {
                    page.tell(administered, Some(wished), String::new());
                }
            });
        });
    };
    let choose = move |(word, _): (String, Trigger)| role.set(word);
    view! {
        <AskingForm
            title=t("people.take-on").to_owned()
            asked
            typed
            save=Callback::new(save)
            label=t("people.take-on")
            testid="take-on-save"
        >
            {field("take-on-display", t("people.display"), FieldKind::Name, MAX_NAME, display)}
            {field("take-on-name", t("people.name"), FieldKind::Name, MAX_NAME, name)}
            <label class="field">
                <span>{t("people.role")}</span>
                <List
                    testid="take-on-role"
                    class="select"
                    name=None
                    value=role.into()
                    options=Signal::derive(move || page.role().map(roles).unwrap_or_default())
                    refused=Signal::derive(|| None)
                    choose=Callback::new(choose)
                />
            </label>
            <p class="faint">{t("people.take-on-means")}</p>
        </AskingForm>
    }
}
