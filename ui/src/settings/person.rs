//! Somebody who works here: who they are, and what a manager does about their access.

use super::{
    ask::Busy,
    line::{PersonLine as Line, Seen},
    parts::{Button, Fold, button, seen, why},
    rights::{roles, why_not},
    sessions::Sessions,
    state::{Confirm, Dialog, Settings},
};
use crate::{
    catalogue::{t, t_with, t_word},
    focus::Stop,
    view::{
        choice::{List, Options},
        controls::Shown,
        icon::Icon,
    },
    words::initials,
};
use keyrack_model::{administration::Administration, ids::UserId, policy::Role, rows::Person};
use leptos::prelude::*;

#[component]
pub fn PersonLine(id: UserId, lines: Memo<Vec<Line>>) -> impl IntoView {
    let page = Settings::of_page();
    let line = Memo::new(move |_| lines.read().iter().find(|it| it.person.id == id).cloned());
    let person = Memo::new(move |_| line.get().map(|line| line.person));
    let name = move || person.get().map(|it| it.display).unwrap_or_default();
    let login = move || person.get().map(|it| it.name).unwrap_or_default();
    let role = move || person.get().map(|it| t_word("role-name", it.role.word()));
    let heard = move || seen(page, line.get().map_or(Seen::NotKnown, |line| line.seen));
    let is_given = move || line.get().is_some_and(|line| line.password_given);
    let given = move || {
        view! {
            <span class="badge" data-testid="password-given" title=t("people.given-means")>
                {t("people.given")}
            </span>
        }
    };
    let is_me = move || page.me().is_some_and(|me| me.id == id);
    let testid = format!("person-{}", untrack(login));
    let head = view! {
        <span class="face" aria-hidden="true">{move || initials(&name())}</span>
        <span class="line-name">
            <b>{name}</b>
            <span class="faint">{login}</span>
        </span>
        <span class="line-tag">
            {role}
            {move || is_me().then(|| view! { <span class="badge filled">{t("people.you")}</span> })}
            {move || is_given().then(given)}
        </span>
        <span class="line-seen faint">{heard}</span>
    };
    view! {
        <Fold stop=Stop::Person(id) testid head=head.into_any()>
            <Access person/>
        </Fold>
    }
}

/// What a manager does about somebody's access.
#[component]
fn Access(person: Memo<Option<Person>>) -> impl IntoView {
    let page = Settings::of_page();
    let refused = Signal::derive(move || {
        let (me, other) = page.me().zip(person.get())?;
        page.unreachable().or_else(|| why_not(&me, &other))
    });
    let is_present = move || person.get().is_some_and(|person| !person.left);
    let id = untrack(|| person.get().map(|person| person.id)).unwrap_or_default();
    view! {
        <Shown
            when=is_present
            fallback=|| view! { <p class="faint">{t("people.has-left")}</p> }
        >
            <div class="line-acts">
                {role_of(page, person, refused)}
                {button(
                    Button {
                        testid: "new-password",
                        class: "button",
                        mark: Icon::Key,
                        label: t("people.new-password"),
                    },
                    refused,
                    move || ask_for(page, person, new_password),
                )}
                {button(
                    Button {
                        testid: "dismiss",
                        class: "button grave",
                        mark: Icon::Leave,
                        label: t("people.dismiss"),
                    },
                    refused,
                    move || ask_for(page, person, dismissal),
                )}
            </div>
            {why(refused)}
            <Sessions person=id/>
        </Shown>
    }
}

fn role_of(
    page: Settings,
    person: Memo<Option<Person>>,
    refused: Signal<Option<String>>,
) -> impl IntoView {
    let value = Signal::derive(move || {
        let role = person.get().map(|person| person.role.word());
        role.unwrap_or_default().to_owned()
    });
    let options: Signal<Options> =
        Signal::derive(move || page.role().map(roles).unwrap_or_default());
    let choose = move |(word, again): (String, Trigger)| {
        let wished = untrack(|| person.get()).zip(word.parse::<Role>().ok());
        let Some((person, role)) = wished else {
            return again.notify();
        };
        let asked = Administration::SetRole {
            person: person.id,
            role,
        };
        let said = [
            ("person", &*person.display),
            ("role", t_word("role", role.word())),
        ];
        let done = t_with("people.role-set", &said);
        page.change(Busy::not(), asked, done, None, move || again.notify());
    };
    view! {
        <label class="line-role">
            <span class="faint">{t("people.role")}</span>
            <List
                testid="role"
                class="select"
                name=None
                value
                options
                refused
                choose=Callback::new(choose)
            />
        </label>
    }
}

/// Says first what it means.
fn ask_for(page: Settings, person: Memo<Option<Person>>, what: fn(Person) -> Confirm) {
    if let Some(person) = person.get_untracked() {
        page.open(Dialog::Confirm(what(person)));
    }
}

fn new_password(person: Person) -> Confirm {
    let name = [("person", &*person.display)];
    Confirm {
        title: t_with("people.new-password-title", &name),
        means: vec![t_with("people.new-password-means", &name)],
        yes: t("people.new-password"),
        asked: Administration::ResetPassword { person: person.id },
        done: String::new(),
        about: Some(person.clone()),
    }
}

fn dismissal(person: Person) -> Confirm {
    let name = [("person", &*person.display)];
    Confirm {
        title: t_with("people.dismiss-title", &name),
        means: vec![
            t("people.dismiss-signed-out").to_owned(),
            t_with("people.dismiss-kept", &name),
            t("people.dismiss-late").to_owned(),
        ],
        yes: t("people.dismiss"),
        asked: Administration::Dismiss { person: person.id },
        about: None,
        done: t_with("people.dismissed", &name),
    }
}
