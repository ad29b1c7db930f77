//! The drawer of one work order: its fields, each edited in place, its comments and its story.

use super::{
    conflict::ConflictBanner,
    controls::{face, priority_badge},
    history::{History, Subject},
    icon::{Icon, icon},
    order_form::{people, room_numbered},
    registers::choices,
    room_drawer::CloseButton,
};
use crate::{
    app::{App, ToastKind},
    catalogue::{t, t_with},
    clock::ago,
    route::Opened,
};
use keyrack_model::{
    command::{Command, WorkOrderEdit},
    ids::{UserId, WorkOrderId},
    ipc::Request,
    limits::{MAX_TEXT, MAX_TITLE},
    work_order::{Comment, Priority, WorkOrder, WorkOrderStatus},
};
use leptos::{ev::SubmitEvent, prelude::*};

#[component]
pub fn OrderDrawer(id: WorkOrderId) -> impl IntoView {
    let app = App::of_page();
    let order = Memo::new(move |_| app.mirror.with_order(id, |all| all.work_order(id).cloned()));
    view! {
        <aside class="drawer" data-testid="order-drawer" aria-label=t("nav.order")>
            <header class="drawer-head">
                {move || order.get().map(|order| priority_badge(order.priority))}
                <span class="faint about">{move || order.get().map(|order| reported(app, &order))}</span>
                <CloseButton/>
            </header>
            <div class="drawer-body">
                <Show
                    when=move || order.with(Option::is_some)
                    fallback=|| view! { <p class="faint gap">{t("order.not-here")}</p> }
                >
                    <ConflictBanner document=id.into()/>
                    <Texts id order/>
                    <Fields id order/>
                    <Comments id/>
                    <History subject=Subject::WorkOrder(id)/>
                </Show>
            </div>
        </aside>
    }
}

type Order = Memo<Option<WorkOrder>>;

fn reported(app: App, order: &WorkOrder) -> String {
    let by = app.named(|names| names.person_or_nobody(order.reported_by));
    let when = order
        .reported_at
        .map(|at| ago(at, app.now.get()))
        .unwrap_or_default();
    t_with("order.reported", &[("person", &by), ("when", &when)])
}

fn edit(app: App, work_order: WorkOrderId, edit: WorkOrderEdit) {
    app.act(Command::EditWorkOrder { work_order, edit });
}

/// Title and description: what is typed is kept apart until it is saved.
#[component]
fn Texts(id: WorkOrderId, order: Order) -> impl IntoView {
    let app = App::of_page();
    let title = RwSignal::new(None::<String>);
    let description = RwSignal::new(None::<String>);
    let kept = move |read: fn(WorkOrder) -> String| order.get().map(read).unwrap_or_default();
    let typed = move || title.get().is_some() || description.get().is_some();
    let save = move || {
        if typed() {
            edit(
                app,
                id,
                WorkOrderEdit {
                    title: title.get_untracked(),
                    description: description.get_untracked(),
                    ..WorkOrderEdit::default()
                },
            );
            title.set(None);
            description.set(None);
        }
    };
    view! {
        <form
            class="texts"
            on:submit=move |event: SubmitEvent| {
                event.prevent_default();
                save();
            }
        >
            <input
                class="input title-input"
                data-testid="order-title"
                aria-label=t("field.title")
                maxlength=MAX_TITLE
                prop:value=move || title.get().unwrap_or_else(|| kept(|order| order.title))
                on:input=move |event| title.set(Some(event_target_value(&event)))
            />
            <textarea
                class="input"
                data-testid="order-description"
                aria-label=t("field.description")
                placeholder=t("order.describe")
                maxlength=MAX_TEXT
                prop:value=move || description.get().unwrap_or_else(|| kept(|order| order.description))
                on:input=move |event| description.set(Some(event_target_value(&event)))
            ></textarea>
            <Show when=typed>
                <div class="form-foot">
                    <button
                        type="button"
                        class="button"
                        on:click=move |_| {
                            title.set(None);
                            description.set(None);
                        }
                    >
                        {t("cancel")}
                    </button>
                    <button type="submit" class="button primary" data-testid="order-save">
                        {t("order.save")}
                    </button>
                </div>
            </Show>
        </form>
    }
}

#[component]
fn Fields(id: WorkOrderId, order: Order) -> impl IntoView {
    let app = App::of_page();
    let first = order.get_untracked().unwrap_or_default();
    let status = move || order.get().map(|order| order.status).unwrap_or_default();
    let priority = move || order.get().map(|order| order.priority).unwrap_or_default();
    let assignee = move || {
        let person = order.get().and_then(|order| order.assignee);
        person.map(|id| id.to_string()).unwrap_or_default()
    };
    let room = move || order.get().and_then(|order| order.room);
    let number = move || {
        room()
            .map(|id| app.named(|names| names.room(id)))
            .unwrap_or_default()
    };
    let move_to = move |typed: String| {
        let found = room_numbered(app, &typed);
        if typed.trim().is_empty() || found.is_some() {
            let room = Some(found);
            edit(
                app,
                id,
                WorkOrderEdit {
                    room,
                    ..WorkOrderEdit::default()
                },
            );
        } else {
            app.say(ToastKind::Problem, t("order-form.no-such-room").to_owned());
        }
    };
    view! {
        <div class="fields">
            <label class="field">
                <span>{t("field.status")}</span>
                <select
                    class="select"
                    data-testid="order-status"
                    prop:value=move || status().word()
                    on:change=move |event| {
                        let status = event_target_value(&event).parse().ok();
                        edit(app, id, WorkOrderEdit { status, ..WorkOrderEdit::default() });
                    }
                >
                    {choices("order", WorkOrderStatus::ALL, first.status, |it| it.word())}
                </select>
            </label>
            <label class="field">
                <span>{t("field.priority")}</span>
                <select
                    class="select"
                    data-testid="order-priority"
                    prop:value=move || priority().word()
                    on:change=move |event| {
                        let priority = event_target_value(&event).parse().ok();
                        edit(app, id, WorkOrderEdit { priority, ..WorkOrderEdit::default() });
                    }
                >
                    {choices("priority", Priority::ALL, first.priority, |it| it.word())}
                </select>
            </label>
            <label class="field">
                <span>{t("field.assignee")}</span>
                <select
                    class="select"
                    data-testid="order-assignee"
                    prop:value=assignee
                    on:change=move |event| {
                        let assignee = Some(event_target_value(&event).parse::<UserId>().ok());
                        edit(app, id, WorkOrderEdit { assignee, ..WorkOrderEdit::default() });
                    }
                >
                    {people(app, first.assignee)}
                </select>
            </label>
            <label class="field">
                <span>{t("field.room")}</span>
                <span class="with-button">
                    <input
                        class="input"
                        data-testid="order-room"
                        inputmode="numeric"
                        prop:value=number
                        on:change=move |event| move_to(event_target_value(&event))
                    />
                    {move || {
                        room()
                            .map(|room| {
                                view! {
                                    <button
                                        type="button"
                                        class="button icon-only"
                                        aria-label=t("order.open-room")
                                        title=t("order.open-room")
                                        on:click=move |_| app.open(Opened::Room(room))
                                    >
                                        {icon(Icon::Bed)}
                                    </button>
                                }
                            })
                    }}
                </span>
            </label>
        </div>
    }
}

#[component]
fn Comments(id: WorkOrderId) -> impl IntoView {
    let app = App::of_page();
    let typed = RwSignal::new(String::new());
    let comments = move || {
        app.mirror.with_order(id, |all| {
            let comments = all.comments(id).into_iter();
            comments
                .map(|(_, it)| comment(app, it.clone()))
                .collect_view()
        })
    };
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let text = typed.get_untracked();
        if !text.trim().is_empty() {
            app.request(Request::AddComment { subject: id, text }, move |_| {
                typed.set(String::new());
            });
        }
    };
    view! {
        <section class="part" aria-label=t("comments.title")>
            <h3>{t("comments.title")}</h3>
            <ul class="comments">{comments}</ul>
            <form class="comment-form" on:submit=send>
                <textarea
                    class="input"
                    rows="2"
                    data-testid="comment-text"
                    aria-label=t("comments.write")
                    placeholder=t("comments.write")
                    maxlength=MAX_TEXT
                    bind:value=typed
                ></textarea>
                <button type="submit" class="button" data-testid="comment-send">
                    {icon(Icon::Comment)}
                    {t("comments.send")}
                </button>
            </form>
        </section>
    }
}

fn comment(app: App, comment: Comment) -> impl IntoView {
    let author = comment.author.unwrap_or_default();
    let name = app.named(|names| names.person_or_nobody(comment.author));
    let when = comment.written_at.map(|at| app.moment(at));
    view! {
        <li class="comment" data-testid="comment">
            {face(app, author, "face small")}
            <div>
                <p class="faint">{name} " · " {when}</p>
                <p class="comment-text">{comment.text}</p>
            </div>
        </li>
    }
}
