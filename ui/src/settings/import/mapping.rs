//! A mapping in a file of its own: the one to read by, and the one in sight to be kept.

use super::{
    file::{chosen, read},
    state::Intake,
};
use crate::{
    catalogue::{t, t_with, t_word},
    press::click,
    settings::{
        parts::{Button, asking_button},
        state::Settings,
    },
    view::{
        controls::Shown,
        icon::{Icon, icon},
    },
};
use keyrack_model::{
    import::{MappingFault, MappingFlaw, Unfit},
    limits::{MAX_MAPPED_COLUMNS, MAX_MAPPING_FILE},
};
use leptos::{prelude::*, task::spawn_local};
use web_sys::Event;

/// Choosing the mapping to read by.
#[component]
pub(super) fn MappingChooser(intake: Intake) -> impl IntoView {
    let page = Settings::of_page();
    let choose = move |event: Event| {
        if let Some(file) = chosen(&event) {
            spawn_local(async move { intake.choose_mapping(page, read(&file).await) });
        }
    };
    let by = move || {
        let given = intake.given.read();
        let name = &given.as_ref()?.name;
        Some(t_with("mapping.given", &[("file", name)]))
    };
    let faults = move || {
        let faults = intake.faults.read();
        let faults = faults.iter().map(|fault| line(intake, fault));
        faults.collect_view()
    };
    view! {
        <label class="field">
            <span>{t("mapping.file")}</span>
            <input
                class="input"
                type="file"
                accept=".json,application/json"
                data-testid="mapping-file"
                on:change=choose
            />
            <small class="faint">{t("mapping.lesson")}</small>
        </label>
        <Shown when=move || intake.given.read().is_some()>
            <p class="given-mapping" role="status" data-testid="mapping-name">
                <span>{by}</span>
                <button
                    type="button"
                    class="button plain"
                    data-testid="mapping-let-go"
                    on:click=click(move |_| intake.let_go_of_mapping(page))
                >
                    {t("mapping.let-go")}
                </button>
            </p>
        </Shown>
        <Shown when=move || !intake.faults.read().is_empty()>
            <div class="notice wrong" role="alert" data-testid="mapping-faults">
                {icon(Icon::Warning)}
                <div>
                    <p>{t("mapping.not-taken")}</p>
                    <ul class="findings">{faults}</ul>
                </div>
            </div>
        </Shown>
    }
}

/// Keeping the mapping that is in sight.
#[component]
pub(super) fn MappingSaver(intake: Intake) -> impl IntoView {
    let page = Settings::of_page();
    view! {
        <footer class="form-foot">
            {asking_button(
                Button {
                    testid: "mapping-save",
                    class: "button",
                    mark: Icon::Leave,
                    label: t("mapping.save"),
                },
                Signal::derive(|| None),
                move |busy| {
                    let kind = intake.kind.get_untracked();
                    match intake.report.get_untracked() {
                        Some(report) => page.save_mapping(kind, report.mapping.clone(), busy),
                        None => {
                            busy.end();
                        }
                    }
                },
            )}
        </footer>
    }
}

fn line(intake: Intake, fault: &MappingFault) -> impl IntoView + use<> {
    let place = fault
        .line
        .map(|line| t_with("mapping.line", &[("n", &line.to_string())]));
    view! {
        <li data-testid="mapping-fault">
            {place.map(|place| view! { <b>{place}</b> })}
            <span>{flaw(intake, &fault.why)}</span>
        </li>
    }
}

fn flaw(intake: Intake, why: &MappingFlaw) -> String {
    let field = |unfit: Unfit| {
        let field = unfit.field();
        field.map_or("", |field| t_word("import-field", field.word()))
    };
    match why {
        MappingFlaw::TooLarge => {
            let most = (MAX_MAPPING_FILE >> 10).to_string();
            t_with("mapping-flaw.too-large", &[("n", &most)])
        }
        MappingFlaw::NotJson(said) => t_with("mapping-flaw.not-json", &[("said", said)]),
        MappingFlaw::NotSaid(said) => t_with("mapping-flaw.not-said", &[("said", said)]),
        MappingFlaw::Unfit(unfit @ Unfit::Twice(_)) => {
            t_with("mapping-flaw.twice", &[("field", field(*unfit))])
        }
        MappingFlaw::Unfit(unfit @ Unfit::OtherKind(..)) => {
            let kind = intake.kind.get_untracked();
            t_with(
                "mapping-flaw.other-kind",
                &[
                    ("field", field(*unfit)),
                    ("kind", t_word("import-kind", kind.word())),
                ],
            )
        }
        MappingFlaw::Unfit(unfit @ Unfit::Columns(_)) => t_with(
            "mapping-flaw.columns",
            &[
                ("field", field(*unfit)),
                ("n", &MAX_MAPPED_COLUMNS.to_string()),
            ],
        ),
        MappingFlaw::Unfit(Unfit::TooMuch) => t("mapping-flaw.too-much").to_owned(),
    }
}
