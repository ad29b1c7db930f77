//! What each column of the file means, with a choice beside each.

use super::{mapping::MappingSaver, state::Intake};
use crate::{
    catalogue::{t, t_word},
    settings::state::Settings,
    view::choice::{List, Offer, Options},
};
use keyrack_model::import::{DateOrder, ImportColumn, ImportField, ImportKind, Mapping};
use leptos::prelude::*;

/// The choice of a column that means nothing.
const NOTHING: &str = "";

#[component]
pub(super) fn Columns(intake: Intake) -> impl IntoView {
    let columns = Memo::new(move |_| {
        let report = intake.report.read();
        let columns = report.as_ref().map(|report| report.columns.clone());
        let columns = columns.unwrap_or_default().into_iter().enumerate();
        columns.collect::<Vec<(usize, ImportColumn)>>()
    });
    view! {
        <div class="card">
            <h3>{t("import.columns")}</h3>
            <p class="faint">{t("import.columns-lesson")}</p>
            <ul class="columns">
                <For
                    each=move || columns.get()
                    key=|(at, column)| (*at, column.name.clone())
                    let(column)
                >
                    <Column intake column=column.1/>
                </For>
            </ul>
            {dates(intake)}
            <MappingSaver intake/>
        </div>
    }
}

#[component]
fn Column(intake: Intake, column: ImportColumn) -> impl IntoView {
    let page = Settings::of_page();
    let ImportColumn { name, sample } = column;
    let of = name.clone();
    let value = Signal::derive(move || {
        let report = intake.report.read();
        let mapping = report.as_ref().map(|report| &report.mapping);
        let field = mapping.and_then(|mapping| meaning(mapping, &of));
        field.map_or(NOTHING, ImportField::word).to_owned()
    });
    let options = Signal::derive(move || offers(intake.kind.get()));
    let of = name.clone();
    let choose = move |(word, _): (String, Trigger)| {
        let Some(report) = intake.report.get_untracked() else {
            return;
        };
        let mapping = given(&report.mapping, &of, word.parse().ok());
        intake.map(page, mapping);
    };
    view! {
        <li class="column">
            <label class="field">
                <span>
                    <b>{name}</b>
                    " "
                    <small class="faint">{sample}</small>
                </span>
                <List
                    testid="import-column"
                    class="select"
                    name=None
                    value
                    options
                    refused=Signal::derive(|| None)
                    choose=Callback::new(choose)
                />
            </label>
        </li>
    }
}

/// How the file writes its dates, where it has any.
fn dates(intake: Intake) -> impl IntoView {
    let page = Settings::of_page();
    let offers = DateOrder::ALL.iter();
    let offers = offers.map(|order| Offer::of(order.word(), t_word("date-order", order.word())));
    let offers: Options = offers.collect();
    let value = Signal::derive(move || {
        let report = intake.report.read();
        let order = report.as_ref().map(|report| report.mapping.dates);
        order.unwrap_or_default().word().to_owned()
    });
    let choose = move |(word, _): (String, Trigger)| {
        if let (Some(report), Ok(dates)) = (intake.report.get_untracked(), word.parse()) {
            let mapping = Mapping {
                dates,
                ..report.mapping.clone()
            };
            intake.map(page, mapping);
        }
    };
    move || {
        (intake.kind.get() == ImportKind::Bookings).then(|| {
            view! {
                <label class="field">
                    <span>{t("import.dates")}</span>
                    <List
                        testid="import-dates"
                        class="select"
                        name=None
                        value
                        options=offers.clone()
                        refused=Signal::derive(|| None)
                        choose=Callback::new(choose)
                    />
                </label>
            }
        })
    }
}

fn offers(kind: ImportKind) -> Options {
    let nothing = Offer::of(NOTHING, t("import.not-brought-in"));
    let fields = kind.fields().iter();
    let fields = fields.map(|field| Offer::of(field.word(), t_word("import-field", field.word())));
    [nothing].into_iter().chain(fields).collect()
}

/// What a column means, alone or with others.
fn meaning(mapping: &Mapping, column: &str) -> Option<ImportField> {
    let has = |columns: &[String]| columns.iter().any(|it| it == column);
    let found = mapping.fields.iter().find(|mapped| has(&mapped.columns));
    found.map(|mapped| mapped.field)
}

/// The mapping in which a column means something else, and nothing else does so.
fn given(mapping: &Mapping, column: &str, field: Option<ImportField>) -> Mapping {
    let mut mapping = mapping.clone();
    for mapped in &mut mapping.fields {
        mapped.columns.retain(|it| it != column);
    }
    mapping.fields.retain(|mapped| !mapped.columns.is_empty());
    if let Some(field) = field {
        mapping.give(field, Some(column.to_owned()));
    }
    mapping
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::import::MappedField;

    #[test]
    fn a_column_means_one_thing_and_one_thing_is_meant_by_the_column_chosen_last() {
        let mapped = |field, columns: &[&str]| MappedField {
            field,
            columns: columns.iter().map(|it| (*it).to_owned()).collect(),
            words: Default::default(),
        };
        let mapping = Mapping {
            fields: vec![
                mapped(ImportField::Arrival, &["Year", "Month", "Day"]),
                mapped(ImportField::Adults, &["Pax"]),
            ],
            ..Mapping::default()
        };
        assert_eq!(meaning(&mapping, "Month"), Some(ImportField::Arrival));
        assert_eq!(meaning(&mapping, "Other"), None);
        let moved = given(&mapping, "Day", Some(ImportField::Adults));
        assert_eq!(
            moved.fields,
            [
                mapped(ImportField::Arrival, &["Year", "Month"]),
                mapped(ImportField::Adults, &["Day"]),
            ]
        );
        let nothing = given(&moved, "Day", None);
        assert_eq!(
            nothing.fields,
            [mapped(ImportField::Arrival, &["Year", "Month"])]
        );
    }
}
