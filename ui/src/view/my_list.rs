//! An attendant's day: the room to do, large, and the others in their order.

use super::{
    choice::{Choice, Offer},
    controls::{CommandButton, Shown, empty, face},
    entering::{enter_buttons, left_alone},
    icon::{Icon, icon},
    room_work::{Buttons, carried_over, task_buttons},
};
use crate::{
    app::{App, Dialog},
    catalogue::{t, t_count, t_with, t_word},
    clock::{minutes, timer},
    focus::{Stop, focused, go_back_to, once_shown, tab_index},
    press::click,
    query::{
        in_hand,
        my_list::{ListItem, Place, Whose, done, my_list},
        room_card::Work,
    },
    route::Opened,
};
use keyrack_model::{
    command::Command,
    ids::{RoomId, TaskId, UserId},
    policy::Role,
    room::ServiceStatus,
    task::TaskStatus,
};
use leptos::prelude::*;

/// Whose list is shown: one's own for a housekeeper, everybody's for the others, until chosen.
fn whose(app: App) -> Whose {
    app.whose.get().unwrap_or_else(|| match app.role() {
        Some(Role::Housekeeper) => Whose::Of(app.me()),
        _ => Whose::Everybody,
    })
}

/// The list on the screen.
pub fn items_of(app: App) -> Vec<ListItem> {
    let date = app.mirror.business_date();
    let whose = whose(app);
    app.mirror.with_files(|files| my_list(files, whose, date))
}

#[component]
pub fn MyList() -> impl IntoView {
    let app = App::of_page();
    let items = Memo::new(move |_| items_of(app));
    let in_hand = Memo::new(move |_| {
        let chosen = app.in_hand.get();
        in_hand::on_card(&items.read(), chosen).cloned()
    });
    let others = Memo::new(move |_| {
        let present = in_hand.read().as_ref().map(|item| item.task);
        let items = items.read();
        let tasks = items.iter().map(|item| item.task);
        tasks
            .filter(|task| Some(*task) != present)
            .collect::<Vec<_>>()
    });
    // A row that moved away from under the focus has it no more, nor do keys act on it.
    Effect::new(move || {
        items.track();
        request_animation_frame(move || {
            if focused().is_none() {
                app.attended.set(None);
            }
        });
    });
    // Tab stops at one thing only: the row in focus, or else the card, or else the first row.
    let tab_stop = Memo::new(move |_| {
        let attended = app.attended.get();
        let others = others.read();
        let row = others.iter().find(|task| Some(**task) == attended);
        let card = || in_hand.read().is_some().then_some(Stop::Card);
        row.map(|task| Stop::Task(*task))
            .or_else(card)
            .or_else(|| others.first().map(|task| Stop::Task(*task)))
    });
    view! {
        <div class="scroller">
            <section class="my-list" aria-label=t("nav.list")>
                <header class="list-head">
                    <h1>
                        {move || match whose(app) {
                            Whose::Of(person) if person == app.me() => t("list.mine").to_owned(),
                            Whose::Of(person) => app.person(person),
                            Whose::Everybody => t("list.everybody").to_owned(),
                            Whose::Nobody => t("list.nobody").to_owned(),
                        }}
                    </h1>
                    <Shown when=move || app.role() != Some(Role::Housekeeper)>
                        <WhoseChoice/>
                    </Shown>
                </header>
                {move || progress(&items.get())}
                {move || match in_hand.get() {
                    Some(item) => card(app, item, tab_stop).into_any(),
                    None => all_done(items.read().is_empty()).into_any(),
                }}
                <ul class="list-rows">
                    <For each=move || others.get() key=|task| *task let(task)>
                        <ListRow task items tab_stop/>
                    </For>
                </ul>
            </section>
        </div>
    }
}

fn progress(items: &[ListItem]) -> Option<impl IntoView + use<>> {
    let (done, all) = (done(items), items.len());
    (all > 0).then(|| {
        let left = t_count("list.left", all - done);
        view! {
            <div class="list-progress">
                <span>{t_with("list.of", &[("done", &done.to_string()), ("all", &all.to_string())])}</span>
                <progress max=all value=done aria-label=t("list.progress")></progress>
                <span>{left}</span>
            </div>
        }
    })
}

fn all_done(nothing_today: bool) -> impl IntoView {
    if nothing_today {
        empty(
            Icon::List,
            t("list.empty"),
            t("list.empty-lesson").to_owned(),
        )
    } else {
        empty(
            Icon::DoubleCheck,
            t("list.all-done"),
            t("list.all-done-lesson").to_owned(),
        )
    }
}

fn card(app: App, item: ListItem, tab_stop: Memo<Option<Stop>>) -> impl IntoView {
    let room = item.card.id;
    let status = item.card.status;
    let left_alone = left_alone(item.status, status.service_status);
    let work = item.work;
    let spent = item.worked_millis;
    let time = move || match work {
        Work::Running { since } => timer(app.now.get().millis_since(since)),
        _ if spent > 0 => timer(spent),
        _ => String::new(),
    };
    view! {
        <article
            class="in-hand"
            on:focusin=move |_| app.attended.set(None)
            data-testid=testid(&item)
            data-status=format!("{:?}", item.status)
            data-cleanliness=format!("{:?}", status.cleanliness)
        >
            <header>
                <button
                    type="button"
                    class="big-number"
                    data-stop=Stop::Card.to_string()
                    tabindex=move || tab_index(tab_stop.get() == Some(Stop::Card))
                    on:focus=move |_| app.follow(Stop::Card, Opened::Room(room))
                    on:click=click(move |_| app.open_from(Stop::Card, Opened::Room(room)))
                    aria-label=t_with("tile.room", &[("n", &item.card.number)])
                >
                    {item.card.number.clone()}
                </button>
                <span class="badge code">{icon(Icon::of(status.cleanliness))} {status.code()}</span>
                <span class="kind">
                    {t_word("task-kind", item.kind.word())}
                    {guests(&item).map(|guests| view! { <small>{guests}</small> })}
                </span>
                <span
                    class="timer"
                    class:running=matches!(work, Work::Running { .. })
                    role="timer"
                >
                    {time}
                </span>
            </header>
            <p class="reason">{open_reason(app, &item)}</p>
            {left_alone.map(|by| enter_buttons(item.task, by))}
            <div class="big-buttons">
                {task_buttons(item.task, (item.kind, item.status), left_alone, Buttons::Large, "0".into())}
            </div>
            <div class="small-buttons">
                {service_button(room, ServiceStatus::DoNotDisturb, status.service_status, t("short.do-not-disturb"), Icon::DoNotDisturb, "list-dnd")}
                {service_button(room, ServiceStatus::ServiceRefused, status.service_status, t("list.refused"), Icon::Close, "list-refused")}
                <button
                    type="button"
                    class="button"
                    data-testid="list-defect"
                    on:click=click(move |_| app.show_dialog(Dialog::NewWorkOrder(Some(room))))
                >
                    {icon(Icon::Wrench)}
                    <span>{t("list.defect")}</span>
                </button>
                <button
                    type="button"
                    class="button"
                    on:click=click(move |_| app.open_from(Stop::Card, Opened::Room(room)))
                >
                    {icon(Icon::Bed)}
                    <span>{t("list.room")}</span>
                </button>
            </div>
        </article>
    }
}

/// Marks what the guest wants, or takes the mark away again.
fn service_button(
    room: RoomId,
    value: ServiceStatus,
    present: ServiceStatus,
    label: &'static str,
    mark: Icon,
    testid: &'static str,
) -> impl IntoView {
    let pressed = present == value;
    let value = if pressed { ServiceStatus::None } else { value };
    view! {
        <CommandButton
            command=Command::SetServiceStatus { room, value }
            label
            mark
            testid
            pressed
        />
    }
}

/// One of the other tasks: the focus stays with it wherever it moves.
#[component]
fn ListRow(
    task: TaskId,
    items: Memo<Vec<ListItem>>,
    tab_stop: Memo<Option<Stop>>,
) -> impl IntoView {
    let app = App::of_page();
    let item = Memo::new(move |_| {
        let items = items.read();
        items.iter().find(|item| item.task == task).cloned()
    });
    let is_tab_stop = Memo::new(move |_| tab_stop.get() == Some(Stop::Task(task)));
    move || item.get().map(|item| list_row(app, item, is_tab_stop))
}

fn list_row(app: App, item: ListItem, is_tab_stop: Memo<bool>) -> impl IntoView {
    let task = item.task;
    let attended = Memo::new(move |_| app.attended.get() == Some(task));
    let room = item.card.id;
    let done = item.place == Place::Done;
    let spent = (item.worked_millis > 0).then(|| minutes(item.worked_millis));
    let attendant = match whose(app) {
        Whose::Of(_) | Whose::Nobody => None,
        Whose::Everybody => item.card.attendant,
    };
    let open = move || app.open_from(Stop::Task(task), Opened::Room(room));
    let quick = matches!(
        item.status,
        TaskStatus::Planned | TaskStatus::Paused | TaskStatus::InProgress
    );
    view! {
        <li
            class="list-row"
            class:done=done
            class:attended=attended
            on:focusin=move |_| app.attended.set(Some(task))
            data-testid=testid(&item)
            data-status=format!("{:?}", item.status)
            data-cleanliness=format!("{:?}", item.card.status.cleanliness)
        >
            <button
                type="button"
                class="list-row-main"
                data-stop=Stop::Task(task).to_string()
                tabindex=move || tab_index(is_tab_stop.get())
                on:focus=move |_| app.follow(Stop::Task(task), Opened::Room(room))
                on:keydown=move |event| {
                    if event.key() == "Enter" {
                        event.prevent_default();
                        open();
                    }
                }
                on:click=click(move |_| if done { open() } else { take_in_hand(app, task) })
            >
                <b class="number">{item.card.number.clone()}</b>
                <span class="row-text">
                    <span>
                        {t_word("task-kind", item.kind.word())}
                        {guests(&item).map(|guests| format!(" · {guests}"))}
                    </span>
                    <span class="faint">{done_or_reason(app, &item)}</span>
                </span>
                {attendant.map(|person| face(app, person, "face small"))}
                {spent.map(|spent| view! { <span class="faint spent">{spent}</span> })}
                <span class="badge code">
                    {icon(Icon::of(item.card.status.cleanliness))}
                    {item.card.status.code()}
                </span>
            </button>
            {quick
                .then(|| {
                    view! {
                        <span class="row-buttons">
                            {task_buttons(
                                task,
                                (item.kind, item.status),
                                left_alone(item.status, item.card.status.service_status),
                                Buttons::Icons,
                                Signal::derive(move || tab_index(is_tab_stop.get())),
                            )}
                        </span>
                    }
                })}
        </li>
    }
}

/// Puts a task on the card, and the focus with it.
fn take_in_hand(app: App, task: TaskId) {
    app.in_hand.set(Some(task));
    app.attended.set(None);
    once_shown(|| go_back_to(&[Some(Stop::Card)]));
}

fn testid(item: &ListItem) -> String {
    format!("task-{}-{}", item.card.number, item.kind.word())
}

fn guests(item: &ListItem) -> Option<String> {
    let count = usize::try_from(item.card.guests).unwrap_or(0);
    (count > 0).then(|| t_count("guests", count))
}

fn reason(item: &ListItem) -> &'static str {
    match item.place {
        Place::Started => t("place.started"),
        Place::Paused => t("place.paused"),
        Place::GuestWaits => t("place.guest-waits"),
        Place::Urgent => t("place.urgent"),
        Place::GuestArrives => t("place.guest-arrives"),
        Place::Left => t("place.left"),
        Place::StaysOn => t("place.stays-on"),
        Place::NotLeftYet => t("place.not-left-yet"),
        Place::KeptOut => t("place.kept-out"),
        Place::Done => t("place.done"),
    }
}

fn done_or_reason(app: App, item: &ListItem) -> String {
    match item.finished_at.filter(|_| item.place == Place::Done) {
        Some(at) => t_with("list.done-at", &[("time", &app.moment(at))]),
        None => open_reason(app, item),
    }
}

/// With the day since which it is open, if that is not today.
fn open_reason(app: App, item: &ListItem) -> String {
    match carried_over(app, item.of) {
        Some(since) => format!("{} · {since}", reason(item)),
        None => reason(item).to_owned(),
    }
}

/// Lets those who lead choose whose list to see.
#[component]
fn WhoseChoice() -> impl IntoView {
    let app = App::of_page();
    let chosen = move || match whose(app) {
        Whose::Of(person) => person.to_string(),
        Whose::Everybody => "everybody".to_owned(),
        Whose::Nobody => "nobody".to_owned(),
    };
    let choose = move |value: String| {
        app.in_hand.set(None);
        app.attended.set(None);
        app.whose.set(Some(match value.as_str() {
            "everybody" => Whose::Everybody,
            "nobody" => Whose::Nobody,
            id => id.parse::<UserId>().map_or(Whose::Everybody, Whose::Of),
        }));
        None
    };
    let options = move || {
        let fixed = [
            ("everybody", t("list.everybody")),
            ("nobody", t("list.nobody")),
        ];
        let here = app.here();
        let people = here.iter().flat_map(|here| &here.people);
        let attendants = people
            .filter(|person| person.role == Role::Housekeeper)
            .filter(|person| !person.left || chosen() == person.id.to_string());
        fixed
            .map(|(word, text)| Offer::of(word, text))
            .into_iter()
            .chain(attendants.map(|person| Offer::of(person.id.to_string(), &person.display)))
            .collect::<Vec<_>>()
    };
    view! {
        <Choice
            testid="whose"
            class="select small"
            name=t("list.whose")
            value=Signal::derive(chosen)
            options=Signal::derive(options)
            choose=choose
        />
    }
}
