//! The `?` sheet: every key, from the page's one table.

use super::modal::Modal;
use crate::{
    catalogue::t,
    keymap::{BINDINGS, Binding, Scope, shown},
};
use leptos::prelude::*;

#[component]
pub fn Shortcuts() -> impl IntoView {
    view! {
        <Modal label=t("key.shortcuts") class="modal shortcuts">
            <h2>{t("key.shortcuts")}</h2>
            {groups(BINDINGS)}
            <p class="faint">{t("shortcuts.selection")}</p>
        </Modal>
    }
}

/// The keys of a table under the heading of where they work.
pub fn groups<A>(table: &'static [Binding<A>]) -> impl IntoView {
    let groups = Scope::ALL.into_iter().filter_map(|scope| {
        let rows: Vec<_> = table
            .iter()
            .filter(|binding| binding.scope == scope && !binding.keys.is_empty())
            .map(|binding| row(binding.label, binding.keys))
            .collect();
        (!rows.is_empty()).then(|| group(scope, rows))
    });
    view! { <div class="shortcut-groups">{groups.collect_view()}</div> }
}

fn group(scope: Scope, rows: Vec<AnyView>) -> impl IntoView {
    let name = match scope {
        Scope::Everywhere => t("scope.everywhere"),
        Scope::Moving => t("scope.moving"),
        Scope::Board => t("nav.board"),
        Scope::Room => t("scope.room"),
        Scope::Task => t("scope.task"),
    };
    view! {
        <section>
            <h3>{name}</h3>
            <dl>{rows}</dl>
        </section>
    }
}

fn row(label: &str, keys: &'static [&'static str]) -> AnyView {
    let keys = keys.iter().map(|keys| view! { <kbd>{shown(keys)}</kbd> });
    view! {
        <div class="shortcut">
            <dt>{t(label)}</dt>
            <dd>{keys.collect_view()}</dd>
        </div>
    }
    .into_any()
}
