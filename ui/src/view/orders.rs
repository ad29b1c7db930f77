//! Work orders as a list, the urgent ones first.

use super::{
    controls::{Shown, begun_label, begun_mark, draft_mark, empty, face, priority_badge},
    icon::{Icon, icon},
};
use crate::{
    app::{App, Dialog},
    catalogue::{t, t_count, t_word},
    clock::ago,
    focus::{Stop, tab_index},
    keymap::{Action, keys_of},
    press::click,
    query::orders::{OrderChip, OrderLine, counts, line, lines},
    route::Opened,
};
use keyrack_model::ids::WorkOrderId;
use leptos::prelude::*;

#[component]
pub fn WorkOrders() -> impl IntoView {
    let app = App::of_page();
    let shown = Memo::new(move |_| {
        let (chip, me) = (app.order_chip.get(), app.me());
        let text = app.order_text.get();
        app.mirror.with_orders(|cabinet| {
            let lines = lines(cabinet, chip, &text, me).into_iter();
            lines.map(|line| line.id).collect::<Vec<_>>()
        })
    });
    let any = Memo::new(move |_| {
        app.mirror
            .with_orders(|cabinet| cabinet.work_orders().next().is_some())
    });
    // Tab stops at one line only: the cursor's, or else the first.
    let tab_stop = Memo::new(move |_| {
        let cursor = app.order_cursor.get();
        let shown = shown.read();
        let cursor = cursor.filter(|cursor| shown.contains(cursor));
        cursor.or_else(|| shown.first().copied())
    });
    view! {
        <section class="screen orders" aria-label=t("nav.orders")>
            <h1 class="unseen">{t("nav.orders")}</h1>
            <Toolbar tab_stop/>
            <div class="scroller">
                <Shown
                    when=move || !shown.read().is_empty()
                    fallback=move || nothing(app, any.get())
                >
                    <div class="order-table">
                        <Headings/>
                        <ul class="order-lines">
                            <For each=move || shown.get() key=|id| *id let(id)>
                                <Line id tab_stop/>
                            </For>
                        </ul>
                    </div>
                </Shown>
            </div>
        </section>
    }
}

/// What the columns are, where there is room for columns; each line says its own to a screen
/// reader.
#[component]
fn Headings() -> impl IntoView {
    view! {
        <div class="order-line order-headings" aria-hidden="true">
            <span>{t("field.priority")}</span>
            <span>{t("field.room")}</span>
            <span class="order-title">{t("field.title")}</span>
            <span></span>
            <span>{t("field.status")}</span>
            <span class="order-age">{t("orders.reported")}</span>
            <span class="order-person">{t("field.assignee")}</span>
        </div>
    }
}

#[component]
fn Toolbar(tab_stop: Memo<Option<WorkOrderId>>) -> impl IntoView {
    let app = App::of_page();
    let chips = move || {
        let me = app.me();
        app.mirror
            .with_orders(|cabinet| counts(cabinet, me))
            .into_iter()
            .map(|(chip, count)| {
                view! {
                    <button
                        type="button"
                        class="chip"
                        aria-pressed=move || (app.order_chip.get() == chip).to_string()
                        on:click=click(move |_| app.order_chip.set(chip))
                    >
                        <span>{chip_name(chip)}</span>
                        <b>{count}</b>
                    </button>
                }
            })
            .collect_view()
    };
    view! {
        <div class="toolbar">
            <label class="filter">
                {icon(Icon::Search)}
                <span class="unseen">{t("orders.filter")}</span>
                <input
                    id="filter"
                    type="search"
                    data-testid="filter"
                    placeholder=t("orders.filter")
                    autocomplete="off"
                    spellcheck="false"
                    bind:value=app.order_text
                    on:keydown=move |event| {
                        if event.key() == "Enter" && let Some(first) = tab_stop.get_untracked() {
                            open(app, first);
                        }
                    }
                />
                <kbd>{keys_of(Action::Filter)}</kbd>
            </label>
            <div class="chips" role="group" aria-label=t("board.chips")>
                {chips}
            </div>
            <button
                type="button"
                class="button primary new"
                data-testid="new-work-order"
                title=keys_of(Action::NewWorkOrder)
                aria-label=t("key.new-order")
                on:click=click(move |_| app.show_dialog(Dialog::NewWorkOrder(None)))
            >
                {begun_mark(app, None)}
                <span>
                    {begun_label(app, None, t("key.new-order"))}
                </span>
            </button>
        </div>
    }
}

fn chip_name(chip: OrderChip) -> &'static str {
    match chip {
        OrderChip::Open => t("order-chip.open"),
        OrderChip::Urgent => t("order-chip.urgent"),
        OrderChip::Mine => t("order-chip.mine"),
        OrderChip::OnHold => t("order-chip.on-hold"),
        OrderChip::Closed => t("order-chip.closed"),
        OrderChip::All => t("chip.all"),
    }
}

#[component]
fn Line(id: WorkOrderId, tab_stop: Memo<Option<WorkOrderId>>) -> impl IntoView {
    let app = App::of_page();
    let shown = move || {
        app.mirror.with_order(id, |cabinet| {
            cabinet.work_order(id).map(|order| line(cabinet, id, order))
        })
    };
    let is_tab_stop = Memo::new(move |_| tab_stop.get() == Some(id));
    move || shown().map(|line| order_line(app, line, is_tab_stop))
}

fn open(app: App, id: WorkOrderId) {
    app.open_from(Stop::Order(id), Opened::WorkOrder(id));
}

/// The cursor follows the focus, and an open drawer follows the cursor.
fn attend(app: App, id: WorkOrderId) {
    app.order_cursor.set(Some(id));
    app.follow(Stop::Order(id), Opened::WorkOrder(id));
}

fn order_line(app: App, line: OrderLine, is_tab_stop: Memo<bool>) -> impl IntoView {
    let id = line.id;
    let title = line.title.clone();
    let is_open = Memo::new(move |_| app.route.get().opened == Some(Opened::WorkOrder(id)));
    let reported = line.reported_at;
    view! {
        <li>
            <button
                type="button"
                class="order-line"
                class:open=is_open
                class:closed=!line.status.is_open()
                data-stop=Stop::Order(id).to_string()
                data-testid="work-order"
                data-title=line.title
                data-status=line.status.word()
                tabindex=move || tab_index(is_tab_stop.get())
                on:focus=move |_| attend(app, id)
                on:click=click(move |_| open(app, id))
            >
                {priority_badge(line.priority)}
                <b class="order-room">{line.room}</b>
                <span class="order-title">{title}</span>
                <span class="order-marks">
                    {move || app.drafts.has_order(id).then(draft_mark)}
                    {line.contested.then(|| view! { <span class="mark contested">{icon(Icon::Scales)}</span> })}
                    {(line.comments > 0)
                        .then(|| {
                            view! {
                                <span class="faint mark" title=t_count("comments", line.comments)>
                                    {icon(Icon::Comment)}
                                    {line.comments}
                                </span>
                            }
                        })}
                </span>
                <span class="order-status" data-status=line.status.word()>
                    {t_word("order", line.status.word())}
                </span>
                <span class="faint order-age">
                    {move || reported.map(|at| ago(at, app.now.get()))}
                </span>
                <span class="order-person">
                    {match line.assignee {
                        Some(person) => face(app, person, "face small").into_any(),
                        None => nobody().into_any(),
                    }}
                    <span class="order-name">
                        {app.named(|names| names.person_or_nobody(line.assignee))}
                    </span>
                </span>
            </button>
        </li>
    }
}

fn nobody() -> impl IntoView {
    view! {
        <span class="face small nobody" title=t("person.nobody")>{icon(Icon::User)}</span>
    }
}

fn nothing(app: App, any: bool) -> impl IntoView {
    let (title, lesson) = if any {
        (t("orders.none-left"), t("orders.none-left-lesson"))
    } else {
        (t("orders.none"), t("orders.none-lesson"))
    };
    view! {
        {empty(Icon::Wrench, title, lesson.to_owned())}
        <p class="empty-action">
            <button
                type="button"
                class="button primary"
                on:click=click(move |_| app.show_dialog(Dialog::NewWorkOrder(None)))
            >
                {icon(Icon::Plus)}
                {t("key.new-order")}
            </button>
        </p>
    }
}
