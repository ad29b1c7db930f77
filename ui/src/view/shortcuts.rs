//! The `?` sheet: every key, from the one table.

use super::modal::Modal;
use crate::{
    catalogue::t,
    keymap::{BINDINGS, Scope, shown},
};
use leptos::prelude::*;

#[component]
pub fn Shortcuts() -> impl IntoView {
    view! {
        <Modal label=t("key.shortcuts") class="modal shortcuts">
            <h2>{t("key.shortcuts")}</h2>
            <div class="shortcut-groups">{Scope::ALL.map(group).collect_view()}</div>
            <p class="faint">{t("shortcuts.selection")}</p>
        </Modal>
    }
}

fn group(scope: Scope) -> impl IntoView {
    let name = match scope {
        Scope::Everywhere => t("scope.everywhere"),
        Scope::Moving => t("scope.moving"),
        Scope::Room => t("scope.room"),
        Scope::Task => t("scope.task"),
    };
    let rows = BINDINGS
        .iter()
        .filter(|binding| binding.scope == scope && !binding.keys.is_empty())
        .map(|binding| {
            let keys = binding
                .keys
                .iter()
                .map(|keys| view! { <kbd>{shown(keys)}</kbd> });
            view! {
                <div class="shortcut">
                    <dt>{t(binding.label)}</dt>
                    <dd>{keys.collect_view()}</dd>
                </div>
            }
        })
        .collect_view();
    view! {
        <section>
            <h3>{name}</h3>
            <dl>{rows}</dl>
        </section>
    }
}
