//! The form with which somebody is taken on.

use super::{
    parts::{FieldKind, field, trouble},
    rights::roles,
    state::Settings,
};
use crate::{
    catalogue::t,
    letters::small,
    press::click,
    view::{choice::List, controls::as_word, modal::Sheet},
    words::problem::{problem, refusal},
};
use keyrack_model::{
    administration::Administration, limits::MAX_NAME, policy::Role, refusal::Refusal, rows::Person,
};
use leptos::{ev::SubmitEvent, prelude::*};

/// Most people of a hotel clean its rooms.
const USUAL: Role = Role::Housekeeper;

#[component]
pub fn TakeOn() -> impl IntoView {
    let page = Settings::of_page();
    let close = Callback::new(move |()| page.close_dialog());
    let display = RwSignal::new(String::new());
    let name = RwSignal::new(String::new());
    let role = RwSignal::new(USUAL.word().to_owned());
    let said = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let typed = Signal::derive(move || !display.read().is_empty() || !name.read().is_empty());
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let wished = Person {
            id: Default::default(),
            name: small(name.get_untracked().trim()),
            display: display.get_untracked().trim().to_owned(),
            role: role.get_untracked().parse().unwrap_or(USUAL),
            left: false,
        };
        if wished.name.is_empty() || wished.display.is_empty() {
            let empty = Refusal::Empty {
                field: "name".to_owned(),
            };
            return said.set(Some(refusal(&empty)));
        }
        said.set(None);
        busy.set(true);
        let asked = Administration::TakeOn {
            name: wished.name.clone(),
            display: wished.display.clone(),
            role: wished.role,
        };
        page.ask(asked, move |came| {
            // The form may have been closed meanwhile: a problem is then said elsewhere.
            let is_closed = busy.try_set(false).is_some();
            match came {
                Ok(administered) => page.tell(administered, Some(wished), String::new()),
                Err(failed) if is_closed => page.fail(&failed),
                Err(failed) => said.set(Some(problem(&failed))),
            }
        });
    };
    let choose = move |(word, _): (String, Trigger)| role.set(word);
    view! {
        <Sheet label=t("people.take-on").to_owned() typed close>
            <form class="form" on:submit=save>
                <h2>{t("people.take-on")}</h2>
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
                {trouble(said)}
                <footer class="form-foot">
                    <button
                        type="button"
                        class="button"
                        on:click=click(move |_| page.close_dialog())
                    >
                        {t("cancel")}
                    </button>
                    <button
                        type="submit"
                        class="button primary"
                        data-testid="take-on-save"
                        aria-busy=as_word(busy)
                    >
                        {t("people.take-on")}
                    </button>
                </footer>
            </form>
        </Sheet>
    }
}
