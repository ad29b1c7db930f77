//! The hotel's rules as tables: what holds for the hotel, for each type of room, for each rate, and for
//! whoever cleans.

mod cleaners;

use super::{
    choice::{Choice, Offer},
    typed::Typed,
};
use crate::{
    app::App,
    catalogue::{t, t_with, t_word},
    query::rules::{Origin, RuleCell, cell, is_switch, scopes},
    words::command::rule_scope,
};
use cleaners::Cleaners;
use keyrack_model::{
    command::Command,
    policy::Role,
    rule_sheet::{RuleKey, RuleScope},
};
use leptos::prelude::*;

#[component]
pub fn Rules() -> impl IntoView {
    let app = App::of_page();
    let columns = Memo::new(move |_| app.mirror.with_all(scopes));
    let headings = move || {
        let scopes = columns.get().into_iter();
        scopes
            .map(|scope| view! { <th scope="col">{scope_name(app, &scope)}</th> })
            .collect_view()
    };
    let line = move |rule: RuleKey| {
        let (least, most) = rule.bounds();
        let bounds = [("least", &*least.to_string()), ("most", &*most.to_string())];
        let range = (!is_switch(rule)).then(|| t_with("rules.range", &bounds));
        view! {
            <tr data-testid=format!("rule-{}", rule.word())>
                <th scope="row">
                    {t_word("rule", rule.word())}
                    <small class="faint">{range}</small>
                </th>
                <For each=move || columns.get() key=RuleScope::to_string let(scope)>
                    <Cell rule scope/>
                </For>
            </tr>
        }
    };
    view! {
        <section class="screen rules" aria-label=t("nav.rules")>
            <div class="toolbar">
                <h1 class="toolbar-title">{t("nav.rules")}</h1>
                <p class="faint toolbar-lesson">{t("rules.lesson")}</p>
            </div>
            <div class="scroller">
                <div class="sheet">
                    <table class="rule-table" data-testid="rules">
                        <thead>
                            <tr>
                                <th scope="col">{t("rules.rule")}</th>
                                {headings}
                            </tr>
                        </thead>
                        <tbody>{RuleKey::ALL.iter().copied().map(line).collect_view()}</tbody>
                    </table>
                </div>
                <Cleaners/>
            </div>
        </section>
    }
}

fn scope_name(app: App, scope: &RuleScope) -> String {
    app.named(|names| rule_scope(scope, names))
}

/// The role of whom a scope names.
fn role_of(app: App, scope: &RuleScope) -> Option<Role> {
    let RuleScope::Person(person) = scope else {
        return None;
    };
    let here = app.here()?;
    let mut people = here.people.iter();
    Some(people.find(|it| it.id == *person)?.role)
}

/// What one scope says of one rule; empty where it leaves it to the wider one.
#[component]
fn Cell(rule: RuleKey, scope: RuleScope) -> impl IntoView {
    if !scope.says(rule) {
        return view! { <td class="faint">"–"</td> }.into_any();
    }
    let app = App::of_page();
    let scope = StoredValue::new(scope);
    let told = Memo::new(move |_| {
        let role = scope.with_value(|scope| role_of(app, scope));
        app.mirror
            .with_all(|cabinet| scope.with_value(|scope| cell(cabinet, rule, scope, role)))
    });
    let name = scope.with_value(|scope| {
        let scope = scope_name(app, scope);
        let words = [("rule", t_word("rule", rule.word())), ("scope", &*scope)];
        t_with("rules.cell", &words)
    });
    let set = move |number: Option<i64>| Command::SetRule {
        scope: scope.get_value(),
        rule,
        number,
    };
    let refused = Signal::derive(move || app.refuses(&set(None)));
    let own = Signal::derive(move || {
        let own = told.get().own;
        own.map(|number| number.to_string()).unwrap_or_default()
    });
    let input = if is_switch(rule) {
        let options = move || {
            let wider = on_or_off(told.get().holds);
            let wider = t_with("rules.left", &[("value", wider)]);
            let wider = if told.get().own.is_some() {
                t("rules.leave").to_owned()
            } else {
                wider
            };
            vec![
                Offer::of("", wider),
                Offer::of("1", t("rules.on")),
                Offer::of("0", t("rules.off")),
            ]
        };
        view! {
            <Choice
                testid="rule-cell"
                class="select small"
                value=own
                options=Signal::derive(options)
                refused
                choose=move |word: String| Some(set(word.parse().ok()))
            />
        }
        .into_any()
    } else {
        view! {
            <Typed
                testid="rule-cell"
                kind="number"
                value=own
                hint=Signal::derive(move || told.get().holds.to_string())
                bounds=rule.bounds()
                refused
                write=move |typed: String| {
                    let typed = typed.trim();
                    if typed.is_empty() {
                        return Some(set(None));
                    }
                    Some(set(Some(typed.parse().ok()?)))
                }
            />
        }
        .into_any()
    };
    view! {
        <td data-origin=move || origin_word(told.get())>
            <label>
                <span class="unseen">{name}</span>
                {input}
            </label>
            <small class="faint">{move || origin(told.get())}</small>
        </td>
    }
    .into_any()
}

fn on_or_off(number: i64) -> &'static str {
    if number == 0 {
        t("rules.off")
    } else {
        t("rules.on")
    }
}

fn origin_word(told: RuleCell) -> &'static str {
    match told.origin {
        Origin::Own => "own",
        Origin::Role => "role",
        Origin::Hotel => "hotel",
        Origin::Standard => "standard",
    }
}

fn origin(told: RuleCell) -> &'static str {
    match told.origin {
        Origin::Own => t("rules.own"),
        Origin::Role => t("rules.of-role"),
        Origin::Hotel => t("rules.of-hotel"),
        Origin::Standard => t("rules.standard"),
    }
}
