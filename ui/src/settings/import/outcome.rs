//! What reading a file came to: counts, what is wrong by row and column, and the first changes.

use super::{fault::fault, state::Intake};
use crate::{
    catalogue::{t, t_count, t_with, t_word},
    view::icon::{Icon, icon},
};
use keyrack_model::import::{
    ImportKind, ImportOutcome, ImportReport, ImportedLine, RowProblem, Weight,
};
use leptos::prelude::*;
use std::sync::Arc;

#[component]
pub(super) fn Outcome(intake: Intake) -> impl IntoView {
    view! {
        <div class="card form" data-testid="import-report">
            {move || intake.report.get().map(|report| shown(&report))}
        </div>
    }
}

fn shown(report: &Arc<ImportReport>) -> impl IntoView + use<> {
    let (class, mark) = match report.outcome {
        ImportOutcome::Previewed => ("notice", Icon::Search),
        ImportOutcome::Written => ("notice", Icon::Check),
        ImportOutcome::Refused => ("notice wrong", Icon::Warning),
    };
    let said = t_word("import-outcome", report.outcome.word());
    let hand_over = report.kind == ImportKind::People && report.outcome == ImportOutcome::Written;
    let problems = report.problems.iter().map(problem).collect_view();
    let lines = report.first.iter().map(line).collect_view();
    let unlisted = usize::try_from(report.unlisted).unwrap_or(usize::MAX);
    view! {
        <p class=class role="status" data-testid="import-outcome">
            {icon(mark)}
            <span>{said} " " {counts(report)}</span>
        </p>
        {hand_over.then(|| view! { <p>{t("import.hand-over")}</p> })}
        {(!report.problems.is_empty())
            .then(|| {
                view! {
                    <h3>{t("import.problems")}</h3>
                    <ul class="findings">{problems}</ul>
                }
            })}
        {(unlisted > 0).then(|| view! { <p class="faint">{t_count("import.unlisted", unlisted)}</p> })}
        {(!report.first.is_empty())
            .then(|| {
                view! {
                    <h3>{t("import.first")}</h3>
                    <ul class="findings">{lines}</ul>
                }
            })}
    }
}

fn counts(report: &ImportReport) -> String {
    let counts = report.counts;
    let number = |number: u64| number.to_string();
    t_with(
        "import.counts",
        &[
            ("new", &number(counts.new)),
            ("changed", &number(counts.changed)),
            ("unchanged", &number(counts.unchanged)),
            ("faulty", &number(counts.faulty)),
        ],
    )
}

fn problem(found: &RowProblem) -> impl IntoView + use<> {
    let (class, mark) = match found.weight {
        Weight::Error => ("badge wrong", Icon::Warning),
        Weight::Warning => ("badge", Icon::Bell),
    };
    let row = t_with("import.row", &[("n", &found.row.to_string())]);
    let place = match &found.column {
        Some(column) => format!("{row} · {column}"),
        None => row,
    };
    let value = (!found.found.is_empty()).then(|| format!("“{}” ", found.found));
    view! {
        <li data-testid="import-problem">
            <span class=class title=t_word("import-weight", found.weight.word())>
                {icon(mark)}
                {t_word("import-weight", found.weight.word())}
            </span>
            <b>{place}</b>
            <span>{value} {fault(&found.fault)}</span>
        </li>
    }
}

fn line(line: &ImportedLine) -> impl IntoView + use<> {
    let fields = line.fields.iter().map(|change| {
        let field = t_word("import-field", change.field.word());
        match &*change.before {
            "" => format!("{field}: {}", change.after),
            before => format!("{field}: {before} → {}", change.after),
        }
    });
    let fields: Vec<String> = fields.collect();
    view! {
        <li data-testid="import-line">
            <span class="badge">{t_word("import-fate", line.fate.word())}</span>
            <b>{line.name.clone()}</b>
            <span class="faint">{fields.join(" · ")}</span>
        </li>
    }
}
