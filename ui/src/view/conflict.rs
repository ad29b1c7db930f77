//! What people are asked to decide: both values, who and when, and what the rule chose.

use super::{
    controls::Shown,
    icon::{Icon, icon},
};
use crate::{
    app::App,
    catalogue::{t, t_with},
    press::click,
    words::{
        Names,
        story::{field_label, in_words},
    },
};
use keyrack_model::{
    change::Change,
    command::{Command, WorkOrderEdit},
    field::FieldValue,
    ids::{DocumentKind, DocumentRef, RoomId, WorkOrderId},
    room::RoomChange,
    rows::{ConflictSide, FieldConflict, Row},
    task::TaskChange,
    work_order::WorkOrderChange,
};
use leptos::prelude::*;

/// The open decisions about one document.
#[component]
pub fn ConflictBanner(document: DocumentRef) -> impl IntoView {
    let app = App::of_page();
    move || {
        rows_about(app, document)
            .iter()
            .flat_map(|row| {
                row.conflicts
                    .iter()
                    .map(|conflict| (row.document, conflict.clone()))
            })
            .map(|(document, conflict)| banner(app, document, conflict))
            .collect_view()
    }
}

/// That two desks checked a stay into the room, each without knowing of the other.
#[component]
pub fn DoubleBooked(id: RoomId) -> impl IntoView {
    let app = App::of_page();
    let is_so = move || {
        let card = app.mirror.card(id);
        card.is_some_and(|card| card.status.double_booked)
    };
    view! {
        <Shown when=is_so>
            <div class="notice conflict" role="alert" data-testid="double-booked">
                {icon(Icon::Scales)}
                <p>{t("conflict.double-booked")}</p>
            </div>
        </Shown>
    }
}

/// The rows that the drawer of a document is about.
fn rows_about(app: App, document: DocumentRef) -> Vec<Row> {
    if document.kind == DocumentKind::WorkOrder {
        let id = WorkOrderId(document.id.0);
        return app.mirror.with_order(id, |all| {
            all.work_order_row(id).cloned().into_iter().collect()
        });
    }
    let rows = app.mirror.with_room(RoomId(document.id.0), |file| {
        let rows = file.rows();
        rows.filter(|row| row.document.kind != DocumentKind::WorkOrder)
            .cloned()
            .collect()
    });
    rows.unwrap_or_default()
}

fn banner(app: App, document: DocumentRef, conflict: FieldConflict) -> impl IntoView {
    let field = field_label(document.kind, &conflict.key).unwrap_or_default();
    let said =
        |side: &ConflictSide| app.named(|names| said_by(app, document, &conflict.key, side, names));
    let shown = value_of(app, document, &conflict.key, &conflict.shown);
    let lost: Vec<_> = conflict.gave_way.iter().map(said).collect();
    let kept = t_with("conflict.kept", &[("value", &shown)]);
    view! {
        <div class="notice conflict" role="group" data-testid="conflict-banner" aria-label=t("conflict.title")>
            {icon(Icon::Scales)}
            <div>
                <p>
                    <b>{field}</b>
                    ": "
                    {said(&conflict.shown)}
                    {lost.into_iter().map(|side| format!("; {side}")).collect_view()}
                    ". "
                    <span class="faint">{kept}</span>
                </p>
                <div class="decide">
                    {decision(app, document, &conflict.key, &conflict.shown, t("conflict.keep"), "conflict-keep")}
                    {conflict
                        .gave_way
                        .iter()
                        .map(|side| {
                            decision(app, document, &conflict.key, side, t("conflict.take"), "conflict-take")
                        })
                        .collect_view()}
                </div>
            </div>
        </div>
    }
}

/// `Clean by Maria Silva 13:32`.
fn said_by(
    app: App,
    document: DocumentRef,
    key: &str,
    side: &ConflictSide,
    names: &Names<'_>,
) -> String {
    t_with(
        "conflict.side",
        &[
            ("value", &in_words(document, key, &side.value, names)),
            ("person", &names.person(side.author)),
            ("time", &app.moment(side.at)),
        ],
    )
}

fn value_of(app: App, document: DocumentRef, key: &str, side: &ConflictSide) -> String {
    app.named(|names| in_words(document, key, &side.value, names))
}

/// A button that writes one of the values again; none where no command can.
fn decision(
    app: App,
    document: DocumentRef,
    key: &str,
    side: &ConflictSide,
    verb: &'static str,
    testid: &'static str,
) -> Option<impl IntoView + use<>> {
    let command = writing(document, key, &side.value)?;
    let label = format!("{verb} {}", value_of(app, document, key, side));
    let refused = app.refuses(&command);
    Some(view! {
        <button
            type="button"
            class="button"
            data-testid=testid
            title=refused.clone()
            aria-disabled=refused.is_some().then_some("true")
            on:click=click(move |_| app.act(command.clone()))
        >
            {label}
        </button>
    })
}

/// The command that writes a value into a field of a document.
fn writing(document: DocumentRef, key: &str, value: &FieldValue) -> Option<Command> {
    match Change::from_field(document, key, value)? {
        Change::Room(room, RoomChange::Cleanliness(mark)) => Some(Command::SetCleanliness {
            rooms: vec![room],
            value: mark.value,
        }),
        Change::Task(task, TaskChange::Assignee(assignee)) => {
            Some(Command::AssignTask { task, assignee })
        }
        Change::WorkOrder(work_order, change) => Some(Command::EditWorkOrder {
            work_order,
            edit: edit_of(change)?,
        }),
        Change::Hotel(..)
        | Change::Room(..)
        | Change::Stay(..)
        | Change::Task(..)
        | Change::Comment(..)
        | Change::RoomBlock(..)
        | Change::RoomLink(..)
        | Change::RuleSheet(..) => None,
    }
}

fn edit_of(change: WorkOrderChange) -> Option<WorkOrderEdit> {
    let mut edit = WorkOrderEdit::default();
    match change {
        WorkOrderChange::Title(title) => edit.title = Some(title),
        WorkOrderChange::Description(text) => edit.description = Some(text),
        WorkOrderChange::Room(room) => edit.room = Some(room),
        WorkOrderChange::Priority(priority) => edit.priority = Some(priority),
        WorkOrderChange::Status(status) => edit.status = Some(status),
        WorkOrderChange::Assignee(person) => edit.assignee = Some(person),
        WorkOrderChange::ReportedBy(_) | WorkOrderChange::ReportedAt(_) => return None,
    }
    Some(edit)
}
