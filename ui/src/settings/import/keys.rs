//! Keys with which programs bring files in: listed, made and taken back by admins.

use crate::{
    catalogue::{t, t_with},
    settings::{
        ask::Busy,
        parts::{Button, FieldKind, asking_button, button, field, seen},
        state::{Confirm, Dialog, Settings},
    },
    view::icon::Icon,
};
use keyrack_model::{
    administration::{Administration, SeenImportKey},
    limits::MAX_NAME,
};
use leptos::prelude::*;

#[component]
pub(super) fn Keys() -> impl IntoView {
    let page = Settings::of_page();
    let keys = Memo::new(move |_| {
        let overview = page.overview.read();
        let keys = overview.as_ref().map(|seen| seen.import_keys.clone());
        keys.unwrap_or_default()
    });
    let name = RwSignal::new(String::new());
    let refused = Signal::derive(move || {
        let unnamed = name.read().trim().is_empty();
        let unnamed = unnamed.then(|| t("import-key.unnamed").to_owned());
        page.unreachable().or(unnamed)
    });
    let make = move |busy: Busy| {
        let asked = Administration::MakeImportKey {
            name: name.get_untracked().trim().to_owned(),
        };
        page.change(busy, asked, String::new(), None, || {});
        name.set(String::new());
    };
    view! {
        <div class="card form">
            <h3>{t("import-key.title")}</h3>
            <p class="faint">{t("import-key.lesson")}</p>
            <ul class="findings">
                <For each=move || keys.get() key=|key| (key.id, key.used_at) let(key)>
                    {line(page, key)}
                </For>
            </ul>
            {field("import-key-name", t("import-key.name"), FieldKind::Name, MAX_NAME, name)}
            <footer class="form-foot">
                {asking_button(
                    Button {
                        testid: "make-import-key",
                        class: "button",
                        mark: Icon::Plus,
                        label: t("import-key.make"),
                    },
                    refused,
                    make,
                )}
            </footer>
        </div>
    }
}

fn line(page: Settings, key: SeenImportKey) -> impl IntoView {
    let used_at = key.used_at;
    let maker = key.made_by;
    let name = key.name.clone();
    let refused = Signal::derive(move || page.unreachable());
    view! {
        <li data-testid="import-key">
            <b>{name}</b>
            <span class="faint">
                {move || t_with("import-key.by", &[("person", &page.person(maker))])} " · "
                {move || seen(page, used_at.into())}
            </span>
            {button(
                Button {
                    testid: "revoke-import-key",
                    class: "button grave",
                    mark: Icon::Close,
                    label: t("import-key.revoke"),
                },
                refused,
                move || page.open(Dialog::Confirm(revocation(&key))),
            )}
        </li>
    }
}

fn revocation(key: &SeenImportKey) -> Confirm {
    let name = [("program", &*key.name)];
    Confirm {
        title: t_with("import-key.revoke-title", &name),
        means: vec![t("import-key.revoke-means").to_owned()],
        yes: t("import-key.revoke"),
        asked: Administration::RevokeImportKey { key: key.id },
        about: None,
        done: t_with("import-key.revoked", &name),
    }
}
