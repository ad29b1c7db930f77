//! The form for a new work order.

use super::{
    choice::{Choice, people, words},
    icon::{Icon, icon},
    modal::Modal,
    order_fields::room_numbered,
};
use crate::{
    app::App,
    catalogue::t,
    route::{Opened, Route, Screen},
    words::problem::{problem, refusal},
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
    let number = RwSignal::new(untrack(|| {
        app.named(|names| room.map(|id| names.room(id)).unwrap_or_default())
    }));
    let priority = RwSignal::new(Priority::default().word().to_owned());
    let assignee = RwSignal::new(String::new());
    let description = RwSignal::new(String::new());
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        trouble.set(None);
        let draft = match draft(app, title, number, priority, assignee, description) {
            Ok(draft) => draft,
            Err(sentence) => return trouble.set(Some(sentence)),
        };
        busy.set(true);
        app.attempt(Request::CreateWorkOrder(draft), move |made| {
            // The form may have been closed meanwhile: a problem is then said elsewhere.
            let closed = busy.try_set(false).is_some();
            match made {
                Ok(_) if closed => {}
                Ok(made) => {
                    app.dialog.set(None);
                    show(app, made);
                }
                Err(failed) if closed => app.fail(&failed),
                Err(failed) => trouble.set(Some(problem(&failed))),
            }
        });
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
                        <Choice
                            testid="wo-priority"
                            value=priority
                            options=words("priority", Priority::ALL, |it| it.word())
                            choose=move |word| {
                                priority.set(word);
                                None
                            }
                        />
                    </label>
                </div>
                <label class="field">
                    <span>{t("field.assignee")}</span>
                    <Choice
                        testid="wo-assignee"
                        value=assignee
                        options=Signal::derive(move || people(app))
                        choose=move |person| {
                            assignee.set(person);
                            None
                        }
                    />
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
                    trouble.get().map(|trouble| view! {
                        <p class="notice wrong" role="alert" data-testid="wo-problem">
                            {icon(Icon::Warning)}
                            <span>{trouble}</span>
                        </p>
                    })
                }}
                <footer class="form-foot">
                    <button type="button" class="button" on:click=move |_| app.dialog.set(None)>
                        {t("cancel")}
                    </button>
                    <button
                        type="submit"
                        class="button primary"
                        data-testid="wo-save"
                        aria-busy=move || busy.get().to_string()
                    >
                        {t("order-form.save")}
                    </button>
                </footer>
            </form>
        </Modal>
    }
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
