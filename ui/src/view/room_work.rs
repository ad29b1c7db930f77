//! What is done in a room: its tasks, its work orders.

use super::{
    choice::{Choice, people},
    controls::{CommandButton, Shown, begun_label, begun_mark, draft_mark, priority_badge},
    entering::{enter_buttons, is_finished_at_once, left_alone},
    icon::{Icon, icon},
    task_more::{AddTask, MoreOfTask, NoteOfTask, Writes, add_task_button, entered, in_vain, why},
};
use crate::{
    app::{App, Dialog},
    catalogue::{t, t_count, t_with, t_word},
    clock::{minutes, short_date, timer},
    keymap::{Action, keys_of},
    press::click,
    query::{few::in_order, room_card::Work},
    route::Opened,
};
use keyrack_model::{
    command::Command,
    ids::{RoomId, TaskId, UserId, WorkOrderId},
    room::ServiceStatus,
    task::{Task, TaskKind, TaskStatus},
    time::BusinessDate,
    work_order::WorkOrder,
};
use leptos::prelude::*;

#[component]
pub fn Tasks(id: RoomId) -> impl IntoView {
    let app = App::of_page();
    let tasks = Memo::new(move |_| tasks_of(app, id));
    let service = Memo::new(move |_| {
        let marked = app
            .mirror
            .with_room(id, |file| file.room().map(|(_, room)| room.service_status));
        marked.flatten().unwrap_or_default()
    });
    let open = |tasks: &[(TaskId, Task)]| {
        let open = tasks.iter().filter(|(_, task)| task.status.is_open());
        open.count()
    };
    view! {
        <section class="part" aria-label=t("tasks.title")>
            <h3>
                {t("tasks.title")}
                <span class="faint">{move || t_count("open", open(&tasks.read()))}</span>
                {add_task_button(app, id)}
            </h3>
            <Shown when=move || tasks.read().is_empty()>
                <p class="faint">{t("tasks.none")}</p>
            </Shown>
            <For
                each=move || tasks.get()
                key=|(task, _)| *task
                children=move |(task, _)| {
                    let writes = RwSignal::new(Writes::NotYet);
                    // What is typed of a task stays while the task itself changes.
                    view! {
                        {move || {
                            let tasks = tasks.read();
                            let (_, entity) = tasks.iter().find(|(other, _)| *other == task)?;
                            let number = app.named(|names| names.room(id));
                            let of_room = (&*number, service.get());
                            Some(task_row(app, task, entity, of_room, writes))
                        }}
                        <NoteOfTask id=task writes/>
                    }
                }
            />
            {move || why_not(app, &tasks.read())}
            <AddTask room=id/>
        </section>
    }
}

/// Why none of the buttons above does anything for this person.
fn why_not(app: App, tasks: &[(TaskId, Task)]) -> Option<impl IntoView + use<>> {
    let (task, _) = tasks.iter().find(|(_, task)| task.status.is_open())?;
    let reason = app.refuses(&Command::FinishTask { task: *task })?;
    Some(view! {
        <p class="why-not" data-testid="tasks-why-not">
            {icon(Icon::DoNotDisturb)}
            <span>{reason}</span>
        </p>
    })
}

/// Today's tasks and what is open of before, open ones first.
fn tasks_of(app: App, room: RoomId) -> Vec<(TaskId, Task)> {
    let date = app.mirror.business_date();
    let tasks = app.mirror.with_room(room, |file| {
        let today = file.tasks().filter(|(_, task)| task.stands_on(date));
        today.map(|(id, task)| (id, task.clone())).collect()
    });
    let tasks: Vec<_> = tasks.unwrap_or_default();
    in_order(tasks, |(id, task)| (!task.status.is_open(), *id))
}

fn task_row(
    app: App,
    id: TaskId,
    task: &Task,
    (number, service): (&str, ServiceStatus),
    writes: RwSignal<Writes>,
) -> impl IntoView + use<> {
    let work = Work::of(task);
    let spent = task.worked_millis;
    let status = task.status;
    let left_alone = left_alone(status, service);
    let since = carried_over(app, task.business_date);
    let progress = move || match work {
        Work::Running { since } => timer(app.now.get().millis_since(since)),
        _ if spent > 0 => minutes(spent),
        _ => t_word("task", status.word()).to_owned(),
    };
    view! {
        <div
            class="row task"
            data-testid=task_testid(number, task)
            data-status=format!("{status:?}")
        >
            <div class="row-text">
                <p>
                    <b>{t_word("task-kind", task.kind.word())}</b>
                    {(!task.title.is_empty()).then(|| format!(" · {}", task.title))}
                    " · "
                    <span class="progress-text">{progress}</span>
                    {since.map(|since| view! { <span data-testid="task-since">" · " {since}</span> })}
                </p>
                <p class="faint">{assignee(app, id, task)}</p>
                <p class="faint" data-testid="why-task">{why(task)}</p>
                {in_vain(app, task).map(|said| view! { <p class="faint">{said}</p> })}
                {entered(task).map(|said| view! { <p class="faint" data-testid="entered-because">{said}</p> })}
            </div>
            <div class="row-buttons">
                {task_buttons(id, (task.kind, status), left_alone, Buttons::Labelled, "0".into())}
            </div>
            {left_alone.map(|by| enter_buttons(id, by))}
            {status.is_open().then(|| view! { <MoreOfTask id pinned=task.pinned writes/> })}
        </div>
    }
}

/// Since which day a task is open that is not of today.
pub fn carried_over(app: App, of: BusinessDate) -> Option<String> {
    let date = app.mirror.business_date();
    (of < date).then(|| t_with("task.since", &[("date", &short_date(of))]))
}

/// Who has the task; a list to choose from while it can be given to somebody.
fn assignee(app: App, task: TaskId, entity: &Task) -> AnyView {
    let present = entity.assignee;
    let give = move |assignee| Command::AssignTask { task, assignee };
    if !entity.status.is_open() {
        return app
            .named(|names| names.person_or_nobody(present))
            .into_any();
    }
    view! {
        <Choice
            testid="assignee"
            class="quiet-select"
            name=t("field.assignee")
            value=present.map(|id| id.to_string()).unwrap_or_default()
            options=Signal::derive(move || people(app))
            refused=Signal::derive(move || app.refuses(&give(present)))
            choose=move |person: String| Some(give(person.parse::<UserId>().ok()))
        />
    }
    .into_any()
}

/// Names a task's row for whoever drives the interface: `task-204-departure`.
pub fn task_testid(number: &str, task: &Task) -> String {
    format!("task-{number}-{}", task.kind.word())
}

/// How the buttons of a task look.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Buttons {
    /// On the list's card.
    Large,
    /// Beside a line of the list.
    Icons,
    /// In a room's drawer: the next step stands out.
    Labelled,
}

impl Buttons {
    fn start(self) -> &'static str {
        match self {
            Self::Large => "button",
            Self::Icons => "button icon-only",
            Self::Labelled => "button primary",
        }
    }

    fn pause(self) -> &'static str {
        match self {
            Self::Large | Self::Labelled => "button",
            Self::Icons => "button icon-only",
        }
    }

    /// Beside the room's own buttons it says that it is the task which is finished.
    fn finish_label(self) -> &'static str {
        match self {
            Self::Large | Self::Icons => t("tasks.clean"),
            Self::Labelled => t("tasks.finish"),
        }
    }

    fn finish(self, status: TaskStatus) -> &'static str {
        match self {
            Self::Large => "button done",
            Self::Icons => "button done icon-only",
            Self::Labelled if status == TaskStatus::InProgress => "button done",
            Self::Labelled => "button",
        }
    }
}

/// What can be done to a task in its state. To go into a room that is to be left alone has buttons of
/// its own: see [`enter_buttons`].
pub fn task_buttons(
    task: TaskId,
    (kind, status): (TaskKind, TaskStatus),
    left_alone: Option<ServiceStatus>,
    look: Buttons,
    tabindex: Signal<&'static str>,
) -> impl IntoView {
    let start = matches!(status, TaskStatus::Planned | TaskStatus::Paused) && left_alone.is_none();
    let pause = status == TaskStatus::InProgress;
    let keys = |action| keys_of(action).unwrap_or_default();
    view! {
        {start
            .then(|| {
                view! {
                    <CommandButton
                        command=Command::StartTask { task }
                        label=t("tasks.start")
                        mark=Icon::Play
                        testid="start"
                        class=look.start()
                        keys=keys(Action::StartOrPause)
                        tabindex
                    />
                }
            })}
        {pause
            .then(|| {
                view! {
                    <CommandButton
                        command=Command::PauseTask { task }
                        label=t("tasks.pause")
                        mark=Icon::Pause
                        testid="pause"
                        class=look.pause()
                        keys=keys(Action::StartOrPause)
                        tabindex
                    />
                }
            })}
        {is_finished_at_once((kind, status), left_alone)
            .then(|| {
                view! {
                    <CommandButton
                        command=Command::FinishTask { task }
                        label=look.finish_label()
                        mark=Icon::Check
                        testid="finish"
                        class=look.finish(status)
                        keys=keys(Action::Finish)
                        tabindex
                    />
                }
            })}
    }
}

#[component]
pub fn WorkOrdersOfRoom(id: RoomId) -> impl IntoView {
    let app = App::of_page();
    view! {
        <section class="part" aria-label=t("nav.orders")>
            {move || {
                let orders = orders_of(app, id);
                let open = orders.iter().filter(|(_, order)| order.status.is_open()).count();
                let rows = orders.iter().map(|(id, order)| order_row(app, *id, order));
                view! {
                    <h3>
                        {t("nav.orders")} <span class="faint">{t_count("open", open)}</span>
                        {add_button(app, id)}
                    </h3>
                    {orders
                        .is_empty()
                        .then(|| view! { <p class="faint">{t("orders.none-in-room")}</p> })}
                    {rows.collect_view()}
                }
            }}
        </section>
    }
}

/// The room's work orders, open and urgent ones first.
fn orders_of(app: App, room: RoomId) -> Vec<(WorkOrderId, WorkOrder)> {
    let orders = app.mirror.with_room(room, |file| {
        let all = file.work_orders();
        all.map(|(id, order)| (id, order.clone())).collect()
    });
    let orders: Vec<_> = orders.unwrap_or_default();
    in_order(orders, |(id, order)| {
        (!order.status.is_open(), order.priority, *id)
    })
}

fn add_button(app: App, room: RoomId) -> impl IntoView {
    view! {
        <button
            type="button"
            class="button plain add"
            data-testid="add-work-order"
            title=keys_of(Action::NewWorkOrder)
            on:click=click(move |_| app.show_dialog(Dialog::NewWorkOrder(Some(room))))
        >
            {begun_mark(app, Some(room))}
            {begun_label(app, Some(room), t("orders.add"))}
        </button>
    }
}

fn order_row(app: App, id: WorkOrderId, order: &WorkOrder) -> impl IntoView + use<> {
    let title = order.title.clone();
    let about = t_with(
        "orders.about",
        &[
            ("status", t_word("order", order.status.word())),
            (
                "person",
                &app.named(|names| names.person_or_nobody(order.assignee)),
            ),
        ],
    );
    view! {
        <button
            type="button"
            class="row order-link"
            class:closed=!order.status.is_open()
            data-testid="room-work-order"
            data-title=title
            on:click=click(move |_| app.open(Opened::WorkOrder(id)))
        >
            {priority_badge(order.priority)}
            <span class="row-text">
                <b>{title.clone()}</b>
                <span class="faint">{about}</span>
            </span>
            {move || app.drafts.has_order(id).then(draft_mark)}
        </button>
    }
}
