//! Whose cleans are inspected: a line for each role that cleans and for whoever it is said of by name,
//! a column for each rule that may depend on who cleans.

use super::{Cell, scope_name};
use crate::{
    app::App,
    catalogue::{t, t_word},
    query::{
        few::in_order,
        rules::{cleaning_roles, named, rules_of_cleaners},
    },
    view::{
        choice::{Choice, Offer, Options},
        controls::Shown,
    },
};
use keyrack_model::{
    ids::UserId,
    policy::cleans,
    rule_sheet::{RuleKey, RuleScope},
};
use leptos::prelude::*;

/// What the list of people says before somebody is chosen.
const NOBODY: &str = "";

#[component]
pub(super) fn Cleaners() -> impl IntoView {
    let app = App::of_page();
    // Whom somebody wants to say something of, and has not yet.
    let beside = RwSignal::new(Vec::<UserId>::new());
    let lines = Memo::new(move |_| {
        let mut people = app.mirror.with_all(named);
        people.extend(beside.get());
        let mut people = in_order(people, |id| (app.person(*id), *id));
        people.dedup();
        let roles = cleaning_roles().into_iter().map(RuleScope::Role);
        roles
            .chain(people.into_iter().map(RuleScope::Person))
            .collect::<Vec<_>>()
    });
    let heading = |rule: RuleKey| view! { <th scope="col">{t_word("rule", rule.word())}</th> };
    view! {
        <section class="cleaners" aria-labelledby="cleaners-title">
            <h2 id="cleaners-title">{t("rules.cleaners")}</h2>
            <p class="faint">{t("rules.cleaners-lesson")}</p>
            <div class="sheet">
                <table class="rule-table" data-testid="rules-of-cleaners">
                    <thead>
                        <tr>
                            <th scope="col">{t("rules.cleaner")}</th>
                            {rules_of_cleaners().into_iter().map(heading).collect_view()}
                        </tr>
                    </thead>
                    <tbody>
                        <For each=move || lines.get() key=RuleScope::to_string let(scope)>
                            {line(app, scope)}
                        </For>
                    </tbody>
                </table>
            </div>
            <Somebody lines beside/>
        </section>
    }
}

fn line(app: App, scope: RuleScope) -> impl IntoView {
    let name = scope_name(app, &scope);
    let cells = rules_of_cleaners().into_iter().map(|rule| {
        let scope = scope.clone();
        view! { <Cell rule scope/> }
    });
    view! {
        <tr data-testid=format!("cleaner-{}", word(&scope))>
            <th scope="row">{name}</th>
            {cells.collect_view()}
        </tr>
    }
}

/// By what a line is found.
fn word(scope: &RuleScope) -> String {
    match scope {
        RuleScope::Role(role) => role.to_string(),
        RuleScope::Hotel | RuleScope::RoomType(_) | RuleScope::Rate(_) | RuleScope::Person(_) => {
            scope.name().unwrap_or("person").to_owned()
        }
    }
}

/// Somebody else of whom something is to be said, for those who may say it.
#[component]
fn Somebody(lines: Memo<Vec<RuleScope>>, beside: RwSignal<Vec<UserId>>) -> impl IntoView {
    let app = App::of_page();
    let people = Memo::new(move |_| {
        let here = app.here();
        let people = here.iter().flat_map(|here| &here.people);
        let lines = lines.read();
        let others = people.filter(|person| {
            cleans(person.role) && !person.left && !lines.contains(&RuleScope::Person(person.id))
        });
        let offers = others.map(|person| (person.id, person.display.clone()));
        in_order(offers, |(id, name)| (name.clone(), *id))
    });
    let options = move || {
        let offers = people.get().into_iter();
        let offers = offers.map(|(id, name)| Offer::of(id.to_string(), name));
        let nobody = Offer::of(NOBODY, t("rules.somebody"));
        [nobody].into_iter().chain(offers).collect::<Options>()
    };
    let choose = move |word: String| {
        if let Ok(person) = word.parse() {
            beside.update(|beside| beside.push(person));
        }
        None
    };
    let is_offered = move || !people.read().is_empty();
    view! {
        <Shown when=is_offered>
            <Choice
                testid="somebody"
                class="select small"
                name=t("rules.somebody")
                value=Signal::derive(|| NOBODY.to_owned())
                options=Signal::derive(options)
                choose=choose
            />
        </Shown>
    }
}
