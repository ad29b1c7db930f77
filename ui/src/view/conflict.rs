//! What people are asked to decide: every value, who, where and when, and what the rule chose.

use super::{
    controls::Shown,
    desk::double_booking,
    icon::{Icon, icon},
    told::{place, told_of},
};
use crate::{
    app::{App, ToastKind},
    catalogue::{t, t_with},
    press::click,
    query::{
        conflicts::sides,
        given_twice::fighting,
        ruling::{Ruling, ruling},
        settling::{both, refuses_deciding, writing},
    },
    words::{
        self,
        field::{field_label, in_words},
    },
};
use keyrack_model::{
    command::Command,
    ids::{DocumentKind, DocumentRef, RoomId, WorkOrderId},
    rows::{ConflictSide, FieldConflict, HistoryEntry, Row},
};
use leptos::prelude::*;

/// The open decisions about one document.
#[component]
pub fn ConflictBanner(document: DocumentRef) -> impl IntoView {
    let app = App::of_page();
    let contested = Memo::new(move |_| {
        let rows = rows_about(app, document).into_iter();
        let fields = rows.flat_map(|row| {
            let conflicts = row.conflicts.into_iter();
            conflicts.map(move |conflict| (row.document, conflict))
        });
        fields.collect::<Vec<_>>()
    });
    let documents = Memo::new(move |_| {
        let contested = contested.read();
        contested.iter().map(|(document, _)| *document).collect()
    });
    let told = told_of(app, documents);
    move || {
        let contested = contested.get().into_iter();
        contested
            .map(|(document, conflict)| question(app, document, conflict, told))
            .collect_view()
    }
}

/// That two desks gave the room out, each without knowing of the other.
#[component]
pub fn DoubleBooked(id: RoomId) -> impl IntoView {
    let app = App::of_page();
    let both_here = Memo::new(move |_| {
        let card = app.mirror.card(id);
        card.is_some_and(|card| card.status.double_booked)
    });
    let given_twice = Memo::new(move |_| {
        let date = app.mirror.business_date();
        app.mirror.with_room(id, |file| fighting(file, date))
    });
    let decision = move || {
        let stays = given_twice.get().filter(|stays| !stays.is_empty())?;
        Some(double_booking(app, (id, stays)))
    };
    view! {
        <Shown when=move || both_here.get()>
            <div class="notice conflict" role="alert" data-testid="double-booked">
                {icon(Icon::Scales)}
                <p>{t("conflict.double-booked")}</p>
            </div>
        </Shown>
        {decision}
    }
}

/// The rows that the drawer of a document is about.
fn rows_about(app: App, document: DocumentRef) -> Vec<Row> {
    match document.kind {
        DocumentKind::WorkOrder => {
            let id = WorkOrderId(document.id.0);
            app.mirror.with_order(id, |all| {
                all.work_order_row(id).cloned().into_iter().collect()
            })
        }
        DocumentKind::Stay => app
            .mirror
            .with_all(|all| all.row(document).cloned().into_iter().collect()),
        DocumentKind::Hotel
        | DocumentKind::Room
        | DocumentKind::Task
        | DocumentKind::Comment
        | DocumentKind::RoomBlock
        | DocumentKind::RoomLink
        | DocumentKind::RuleSheet => {
            let rows = app.mirror.with_room(RoomId(document.id.0), |file| {
                let rows = file.rows();
                rows.filter(|row| row.document.kind != DocumentKind::WorkOrder)
                    .cloned()
                    .collect()
            });
            rows.unwrap_or_default()
        }
    }
}

/// A contested field with the buttons that decide it.
pub fn question(
    app: App,
    document: DocumentRef,
    conflict: FieldConflict,
    told: Signal<Vec<HistoryEntry>>,
) -> impl IntoView {
    let field = field_label(document.kind, &conflict.key).unwrap_or(t("field.other"));
    let key = conflict.key.clone();
    let values = sides(&conflict).map(|side| value_line(app, document, &key, side, told));
    let shown = in_short(app, document, &conflict.key, &conflict.shown);
    let kept = t_with("conflict.kept", &[("value", &shown)]);
    let why = match ruling(document.kind, &conflict) {
        Ruling::LaterTurn => t("ruling.later-turn"),
        Ruling::Safest => t("ruling.safest"),
        Ruling::KeepsOut => t("ruling.keeps-out"),
        Ruling::OneOfThem => t("ruling.one-of-them"),
    };
    let take =
        |side: &ConflictSide, verb, testid| decision(app, document, &key, side, verb, testid);
    view! {
        <div class="notice conflict" role="group" data-testid="conflict-banner" aria-label=t("conflict.title")>
            {icon(Icon::Scales)}
            <div>
                <p>
                    <b>{field}</b>
                    ". "
                    <span class="faint" data-testid="conflict-ruling">{kept} " " {why}</span>
                </p>
                <ul class="sides">{values.collect_view()}</ul>
                <div class="decide">
                    {take(&conflict.shown, t("conflict.keep"), "conflict-keep")}
                    {conflict
                        .gave_way
                        .iter()
                        .map(|side| take(side, t("conflict.take"), "conflict-take"))
                        .collect_view()}
                    {both_button(app, document, &conflict)}
                </div>
            </div>
        </div>
    }
}

/// `Clean by Maria Silva, 13:32 · at Cart 2 · known 14:05`, where that is known.
fn value_line(
    app: App,
    document: DocumentRef,
    key: &str,
    side: &ConflictSide,
    told: Signal<Vec<HistoryEntry>>,
) -> impl IntoView + use<> {
    let (operation, at) = (side.operation, side.at);
    let said = app.named(|names| {
        t_with(
            "conflict.side",
            &[
                ("value", &in_words(document, key, &side.value, names)),
                ("person", &names.person(side.author)),
                ("time", &app.moment(at)),
            ],
        )
    });
    let more = move || {
        let told = told.read();
        let found = told.iter().find(|told| told.operation == operation)?;
        Some(format!(
            " · {}",
            place(app, found.device, at, found.known_at)
        ))
    };
    view! {
        <li data-testid="conflict-side">
            {said}
            <span class="faint">{more}</span>
        </li>
    }
}

/// A value short enough for a button and a sentence.
fn in_short(app: App, document: DocumentRef, key: &str, side: &ConflictSide) -> String {
    const LETTERS: usize = 40;
    let value = app.named(|names| in_words(document, key, &side.value, names));
    if value.chars().count() <= LETTERS {
        return value;
    }
    let start: String = value.chars().take(LETTERS).collect();
    format!("{}…", start.trim_end())
}

/// The button that makes one of the values hold.
fn decision(
    app: App,
    document: DocumentRef,
    key: &str,
    side: &ConflictSide,
    verb: &'static str,
    testid: &'static str,
) -> impl IntoView + use<> {
    let label = format!("{verb} {}", in_short(app, document, key, side));
    let settle = Command::Settle {
        document,
        key: key.to_owned(),
        chosen: side.operation,
    };
    act_button(
        app,
        settle,
        why_not(app, document, key, side),
        label,
        testid,
    )
}

/// The button that writes both texts.
fn both_button(
    app: App,
    document: DocumentRef,
    conflict: &FieldConflict,
) -> Option<impl IntoView + use<>> {
    let command = both(document, conflict)?;
    let refused = app.refuses(&command);
    let label = t("conflict.both").to_owned();
    Some(act_button(app, command, refused, label, "conflict-both"))
}

fn act_button(
    app: App,
    command: Command,
    refused: Option<String>,
    label: String,
    testid: &'static str,
) -> impl IntoView {
    let is_refused = refused.is_some();
    view! {
        <button
            type="button"
            class="button"
            data-testid=testid
            title=refused.clone()
            aria-disabled=is_refused.then_some("true")
            on:click=click(move |_| match &refused {
                None => app.act(command.clone()),
                Some(reason) => app.say(ToastKind::Problem, reason.clone()),
            })
        >
            {label}
        </button>
    }
}

/// Why the person may not choose a value: whoever may write it may choose it.
pub fn why_not(app: App, document: DocumentRef, key: &str, side: &ConflictSide) -> Option<String> {
    let refused = app.refuses(&writing(document, key, &side.value)?);
    refused.or_else(|| {
        let here = app.here()?;
        let hand = (here.me.role, here.me.id);
        let rows = rows_about(app, document);
        let row = rows.iter().find(|row| row.document == document)?;
        let refusal = refuses_deciding(hand, row, key, side)?;
        Some(words::problem::refusal(&refusal))
    })
}
