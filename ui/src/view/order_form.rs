//! The form for a new work order.

use super::{modal::Modal, registers::choices};
use crate::{
    app::App,
    catalogue::t,
    route::{Opened, Route, Screen},
    words::problem::refusal,
};
use keyrack_model::{
    command::WorkOrderDraft,
    ids::{DocumentRef, RoomId, UserId, WorkOrderId},
    ipc::Request,
    limits::{MAX_TEXT, MAX_TITLE},
    refusal::Refusal,
    work_order::Priority,
};
use leptos::{ev::SubmitEvent, prelude::*};

#[component]
pub fn OrderForm(room: Option<RoomId>) -> impl IntoView {
    let app = App::of_page();
    let title = RwSignal::new(String::new());
    let number =
        RwSignal::new(app.named(|names| room.map(|id| names.room(id)).unwrap_or_default()));
    let priority = RwSignal::new(Priority::default().word().to_owned());
    let assignee = RwSignal::new(String::new());
    let description = RwSignal::new(String::new());
    let trouble = RwSignal::new(None::<String>);
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        match draft(app, title, number, priority, assignee, description) {
            Ok(draft) => {
                app.dialog.set(None);
                app.request(Request::CreateWorkOrder(draft), move |made| show(app, made));
            }
            Err(sentence) => trouble.set(Some(sentence)),
        }
    };
    view! {
        <Modal label=t("key.new-order")>
            <form class="form" on:submit=save>
                <h2>{t("key.new-order")}</h2>
                <label class="field">
                    <span>{t("field.title")}</span>
                    <input
                        class="input"
                        data-testid="wo-title"
                        maxlength=MAX_TITLE
                        autofocus
                        placeholder=t("order-form.title-hint")
                        bind:value=title
                    />
                </label>
                <div class="pair">
                    <label class="field">
                        <span>{t("field.room")}</span>
                        <input
                            class="input"
                            data-testid="wo-room"
                            inputmode="numeric"
                            autocomplete="off"
                            placeholder=t("order-form.room-hint")
                            bind:value=number
                        />
                    </label>
                    <label class="field">
                        <span>{t("field.priority")}</span>
                        <select class="select" data-testid="wo-priority" bind:value=priority>
                            {choices("priority", Priority::ALL, Priority::default(), |it| it.word())}
                        </select>
                    </label>
                </div>
                <label class="field">
                    <span>{t("field.assignee")}</span>
                    <select class="select" data-testid="wo-assignee" bind:value=assignee>
                        {people(app, None)}
                    </select>
                </label>
                <label class="field">
                    <span>{t("field.description")}</span>
                    <textarea
                        class="input"
                        data-testid="wo-description"
                        rows="3"
                        maxlength=MAX_TEXT
                        bind:value=description
                    ></textarea>
                </label>
                {move || {
                    trouble.get().map(|trouble| view! { <p class="notice wrong" role="alert">{trouble}</p> })
                }}
                <footer class="form-foot">
                    <button type="button" class="button" on:click=move |_| app.dialog.set(None)>
                        {t("cancel")}
                    </button>
                    <button type="submit" class="button primary" data-testid="wo-save">
                        {t("order-form.save")}
                    </button>
                </footer>
            </form>
        </Modal>
    }
}

/// Nobody and the people of the hotel, as options.
pub fn people(app: App, present: Option<UserId>) -> impl IntoView {
    let people = app
        .here()
        .map(|here| here.people.clone())
        .unwrap_or_default();
    view! {
        <option value="" selected=present.is_none()>{t("person.nobody")}</option>
        {people
            .into_iter()
            .map(|person| {
                view! {
                    <option value=person.id.to_string() selected=present == Some(person.id)>
                        {person.display}
                    </option>
                }
            })
            .collect_view()}
    }
}

/// The room with this number on its door.
pub fn room_numbered(app: App, number: &str) -> Option<RoomId> {
    app.mirror.glance(|cabinet| {
        cabinet
            .rooms()
            .find(|(_, room)| room.number.eq_ignore_ascii_case(number.trim()))
            .map(|(id, _)| id)
    })
}

fn draft(
    app: App,
    title: RwSignal<String>,
    number: RwSignal<String>,
    priority: RwSignal<String>,
    assignee: RwSignal<String>,
    description: RwSignal<String>,
) -> Result<WorkOrderDraft, String> {
    let title = title.get_untracked();
    if title.trim().is_empty() {
        return Err(refusal(&Refusal::Empty {
            field: "title".into(),
        }));
    }
    let number = number.get_untracked();
    let room = if number.trim().is_empty() {
        None
    } else {
        Some(room_numbered(app, &number).ok_or_else(|| t("order-form.no-such-room").to_owned())?)
    };
    Ok(WorkOrderDraft {
        title,
        description: description.get_untracked(),
        room,
        priority: priority.get_untracked().parse().unwrap_or_default(),
        assignee: assignee.get_untracked().parse::<UserId>().ok(),
    })
}

/// Opens the new work order where the list is in sight; elsewhere the person stays.
fn show(app: App, made: Option<DocumentRef>) {
    let on_list = app.route.get_untracked().screen == Screen::WorkOrders;
    if let Some(document) = made.filter(|_| on_list) {
        let opened = Opened::WorkOrder(WorkOrderId(document.id.0));
        app.go(Route::to(Screen::WorkOrders).opening(opened));
    }
}
