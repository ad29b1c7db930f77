//! The form for a new work order.

use super::{
    choice::{Choice, words},
    controls::as_word,
    icon::{Icon, icon},
    modal::Modal,
    order_fields::{gives_nobody, room_numbered, takers},
};
use crate::{
    app::App,
    catalogue::t,
    drafts::NewOrder,
    press::click,
    route::{Opened, Screen},
    words::problem::{problem, refusal},
};
use keyrack_model::{
    command::WorkOrderDraft,
    ids::{DocumentRef, RoomId, UserId, WorkOrderId},
    ipc::Request,
    limits::{MAX_TEXT, MAX_TITLE},
    refusal::Refusal,
    work_order::{Priority, WorkOrder},
};
use leptos::{ev::SubmitEvent, prelude::*};

#[component]
pub fn OrderForm(room: Option<RoomId>) -> impl IntoView {
    let app = App::of_page();
    let blank = NewOrder::blank(untrack(|| {
        app.named(|names| room.map(|id| names.room(id)).unwrap_or_default())
    }));
    let draft = app.drafts.new_order(room);
    let begun = draft.get_untracked();
    let is_taken_up = begun.is_some();
    let begun = begun.unwrap_or_else(|| blank.clone());
    let title = RwSignal::new(begun.title);
    let number = RwSignal::new(begun.number);
    let priority = RwSignal::new(begun.priority);
    let assignee = RwSignal::new(begun.assignee);
    let description = RwSignal::new(begun.description);
    let typed = move || NewOrder {
        title: title.get(),
        number: number.get(),
        priority: priority.get(),
        assignee: assignee.get(),
        description: description.get(),
    };
    Effect::new(move || {
        let typed = typed();
        draft.set((typed != blank).then_some(typed));
    });
    let has_draft = Signal::derive(move || draft.has());
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        trouble.set(None);
        let sent = untrack(typed);
        let wished = match wished(app, &sent) {
            Ok(wished) => wished,
            Err(sentence) => return trouble.set(Some(sentence)),
        };
        busy.set(true);
        app.attempt(Request::CreateWorkOrder(wished), move |made| {
            // What is made is no draft any more, unless its author has typed on.
            if made.is_ok() && draft.get_untracked() == Some(sent) {
                draft.set(None);
            }
            // The form may have been closed meanwhile: a problem is then said elsewhere.
            let closed = busy.try_set(false).is_some();
            match made {
                Ok(_) if closed => {}
                Ok(made) => {
                    app.close_dialog();
                    show(app, made);
                }
                Err(failed) if closed => app.fail(&failed),
                Err(failed) => trouble.set(Some(problem(&failed))),
            }
        });
    };
    view! {
        <Modal label=t("key.new-order") typed=has_draft>
            <form class="form" on:submit=save>
                <h2>{t("key.new-order")}</h2>
                {is_taken_up
                    .then(|| view! {
                        <p class="notice" data-testid="wo-taken-up">
                            {icon(Icon::Pencil)}
                            <span>{t("draft.taken-up")}</span>
                        </p>
                    })}
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
                            choose=move |word: String| {
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
                        options=Signal::derive(move || takers(app, &WorkOrder::default()))
                        refused=Signal::derive(move || gives_nobody(app, &WorkOrder::default()))
                        choose=move |person: String| {
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
                    <button
                        type="button"
                        class="button"
                        data-testid="wo-discard"
                        on:click=click(move |_| {
                            draft.set(None);
                            app.close_dialog();
                        })
                    >
                        {move || if has_draft.get() { t("draft.discard") } else { t("cancel") }}
                    </button>
                    <button
                        type="submit"
                        class="button primary"
                        data-testid="wo-save"
                        aria-busy=as_word(busy)
                    >
                        {t("order-form.save")}
                    </button>
                </footer>
            </form>
        </Modal>
    }
}

/// What to ask for, or what is wrong with it.
fn wished(app: App, typed: &NewOrder) -> Result<WorkOrderDraft, String> {
    if typed.title.trim().is_empty() {
        return Err(refusal(&Refusal::Empty {
            field: "title".into(),
        }));
    }
    let number = &typed.number;
    let room = if number.trim().is_empty() {
        None
    } else {
        Some(room_numbered(app, number).ok_or_else(|| t("order-form.no-such-room").to_owned())?)
    };
    Ok(WorkOrderDraft {
        title: typed.title.clone(),
        description: typed.description.clone(),
        room,
        priority: typed.priority.parse().unwrap_or_default(),
        assignee: typed.assignee.parse::<UserId>().ok(),
    })
}

/// Opens the new work order where the list is in sight; elsewhere the person stays.
fn show(app: App, made: Option<DocumentRef>) {
    let on_list = app.route.get_untracked().screen == Screen::WorkOrders;
    if let Some(document) = made.filter(|_| on_list) {
        let opened = Opened::WorkOrder(WorkOrderId(document.id.0));
        app.open_on(Screen::WorkOrders, opened);
    }
}
