//! The desk's day: arrivals, guests in house, departures, and what there is to sell.

use self::{attention::Attention, availability::Availability};
use super::{
    controls::{Shown, draft_mark, empty},
    icon::{Icon, icon},
    room_stays::{days_of, marks_of},
    stay_buttons::next_step,
};
use crate::{
    app::{App, Dialog, ToastKind},
    catalogue::{t, t_count},
    focus::{Stop, tab_index},
    keymap::{Action, keys_of},
    perform::perform,
    press::click,
    query::{
        desk::{DeskLine, DeskTab, counts, stays},
        room_card::RoomCard,
    },
    route::Opened,
    words::room_type,
};
use keyrack_model::{
    command::{Command, DeskCommand},
    ids::StayId,
    stay::StayStatus,
    time::BusinessDate,
};
use leptos::prelude::*;

pub use attention::double_booking;

mod attention;
pub mod audit;
mod availability;
pub mod booking;

#[component]
pub fn Desk() -> impl IntoView {
    let app = App::of_page();
    let tab = app.desk_tab;
    let shown = Memo::new(move |_| {
        let (tab, date) = (tab.get(), app.mirror.business_date());
        let text = app.desk_text.get();
        let name = |stay| Some(app.mirror.guest(stay)?.guest?.name);
        app.mirror
            .with_all(|cabinet| stays(cabinet, tab, &text, date, &name))
    });
    // Tab stops at one line only: the cursor's, or else the first.
    let tab_stop = Memo::new(move |_| {
        let cursor = app.stay_cursor.get();
        let shown = shown.read();
        let cursor = cursor.filter(|cursor| shown.contains(cursor));
        cursor.or_else(|| shown.first().copied())
    });
    view! {
        <section class="screen desk" aria-label=t("nav.desk")>
            <h1 class="unseen">{t("nav.desk")}</h1>
            <Toolbar tab_stop/>
            <div class="scroller">
                <Attention/>
                <Shown
                    when=move || tab.get() != DeskTab::Availability
                    fallback=|| view! { <Availability/> }
                >
                    <Shown
                        when=move || !shown.read().is_empty()
                        fallback=move || nothing(app)
                    >
                        <ul class="desk-lines">
                            <For each=move || shown.get() key=|id| *id let(id)>
                                <Line id tab_stop/>
                            </For>
                        </ul>
                    </Shown>
                </Shown>
            </div>
        </section>
    }
}

#[component]
fn Toolbar(tab_stop: Memo<Option<StayId>>) -> impl IntoView {
    let app = App::of_page();
    let lists = Memo::new(move |_| {
        let date = app.mirror.business_date();
        app.mirror.with_all(|cabinet| counts(cabinet, date))
    });
    let chips = move || {
        let lists = lists.get().map(|(tab, count)| chip(app, tab, Some(count)));
        let availability = chip(app, DeskTab::Availability, None);
        (lists.into_iter().collect_view(), availability)
    };
    let audit = Command::Desk(DeskCommand::CloseDay {
        date: BusinessDate::default(),
    });
    let no_audit = Memo::new(move |_| app.refuses(&audit));
    let begin_audit = move |_| match no_audit.get_untracked() {
        None => app.show_dialog(Dialog::NightAudit),
        Some(reason) => app.say(ToastKind::Problem, reason),
    };
    view! {
        <div class="toolbar">
            <label class="filter">
                {icon(Icon::Search)}
                <span class="unseen">{t("board.filter")}</span>
                <input
                    id="filter"
                    type="search"
                    data-testid="filter"
                    placeholder=t("board.filter")
                    autocomplete="off"
                    spellcheck="false"
                    bind:value=app.desk_text
                    on:keydown=move |event| {
                        if event.key() == "Enter" && let Some(first) = tab_stop.get_untracked() {
                            open(app, first);
                        }
                    }
                />
                <kbd>{keys_of(Action::Filter)}</kbd>
            </label>
            <div class="chips" role="group" aria-label=t("desk.lists")>
                {chips}
            </div>
            <button
                type="button"
                class="button"
                data-testid="night-audit"
                title=move || no_audit.get()
                aria-disabled=move || no_audit.read().is_some().then_some("true")
                on:click=click(begin_audit)
            >
                {icon(Icon::Moon)}
                <span>{t("desk.audit")}</span>
            </button>
            <button
                type="button"
                class="button primary new"
                data-testid="new-stay"
                title=keys_of(Action::NewStay)
                aria-label=t("key.new-stay")
                on:click=click(move |_| perform(app, Action::NewStay))
            >
                {move || {
                    icon(if app.drafts.new_stay().has() { Icon::Pencil } else { Icon::Plus })
                }}
                <span>{t("key.new-stay")}</span>
            </button>
        </div>
    }
}

fn chip(app: App, tab: DeskTab, count: Option<usize>) -> impl IntoView {
    let (name, testid) = match tab {
        DeskTab::Arrivals => (t("desk.arrivals"), "desk-arrivals"),
        DeskTab::InHouse => (t("desk.in-house"), "desk-in-house"),
        DeskTab::Departures => (t("desk.departures"), "desk-departures"),
        DeskTab::Availability => (t("desk.availability"), "desk-availability"),
    };
    view! {
        <button
            type="button"
            class="chip"
            data-testid=testid
            aria-pressed=move || (app.desk_tab.get() == tab).to_string()
            on:click=click(move |_| app.desk_tab.set(tab))
        >
            <span>{name}</span>
            {count.map(|count| view! { <b>{count}</b> })}
        </button>
    }
}

fn open(app: App, id: StayId) {
    app.open_from(Stop::Stay(id), Opened::Stay(id));
}

/// The cursor follows the focus, and an open drawer follows the cursor.
fn attend(app: App, id: StayId) {
    app.stay_cursor.set(Some(id));
    app.follow(Stop::Stay(id), Opened::Stay(id));
}

#[component]
fn Line(id: StayId, tab_stop: Memo<Option<StayId>>) -> impl IntoView {
    let app = App::of_page();
    let line = Memo::new(move |_| {
        let (tab, date) = (app.desk_tab.get(), app.mirror.business_date());
        app.mirror
            .with_all(|cabinet| DeskLine::of(cabinet, tab, id, date))
    });
    let is_tab_stop = Memo::new(move |_| tab_stop.get() == Some(id));
    move || line.get().map(|line| desk_line(app, line, is_tab_stop))
}

fn desk_line(app: App, line: DeskLine, is_tab_stop: Memo<bool>) -> impl IntoView {
    let id = line.id;
    let stay = line.stay;
    let is_open = Memo::new(move |_| app.route.get().opened == Some(Opened::Stay(id)));
    let booking = stay.booking.clone();
    let guest = move || {
        let guest = app.mirror.guest(id).and_then(|row| row.guest);
        guest.map(|guest| view! { <b>{guest.name}</b> })
    };
    let guests = t_count("guests", usize::try_from(stay.guests()).unwrap_or(0));
    let is_due = stay.status != StayStatus::Expected || stay.room.is_some();
    view! {
        <li class="desk-row" class:done=line.is_done>
            <button
                type="button"
                class="desk-line"
                class:open=is_open
                data-stop=Stop::Stay(id).to_string()
                data-testid="desk-line"
                data-booking=stay.booking.clone()
                data-status=stay.status.word()
                tabindex=move || tab_index(is_tab_stop.get())
                on:focus=move |_| attend(app, id)
                on:click=click(move |_| open(app, id))
            >
                {place(line.room.as_ref())}
                <span class="desk-guest">{guest} <span class="faint">{booking}</span></span>
                <span class="desk-type">{room_type(&stay.room_type)}</span>
                <span class="desk-days">{days_of(&stay)}</span>
                <span class="faint desk-guests">{guests}</span>
                <span class="badges">
                    {move || app.drafts.has_stay(id).then(draft_mark)}
                    {line
                        .contested
                        .then(|| {
                            view! { <span class="mark contested">{icon(Icon::Scales)}</span> }
                        })}
                    {marks_of(app, &stay)}
                </span>
            </button>
            <span class="desk-step">
                {if is_due {
                    next_step(id, stay.status, "button")
                } else {
                    Some(give_room(app, id).into_any())
                }}
            </span>
        </li>
    }
}

/// The room with its code, or that there is none yet.
fn place(room: Option<&RoomCard>) -> AnyView {
    match room {
        Some(card) => {
            let cleanliness = card.status.cleanliness;
            view! {
                <span class="desk-place" data-cleanliness=format!("{cleanliness:?}")>
                    <b>{card.number.clone()}</b>
                    <span class="badge filled code" data-testid="readiness">
                        {icon(Icon::of(cleanliness))}
                        {card.status.code()}
                    </span>
                </span>
            }
            .into_any()
        }
        None => view! { <span class="desk-place none">{icon(Icon::Bed)} {t("room.none")}</span> }
            .into_any(),
    }
}

/// Where there is no room yet, the next step is to give one.
fn give_room(app: App, id: StayId) -> impl IntoView {
    view! {
        <button
            type="button"
            class="button"
            data-testid="give-room"
            on:click=click(move |_| open(app, id))
        >
            {icon(Icon::Key)}
            <span>{t("desk.give-room")}</span>
        </button>
    }
}

fn nothing(app: App) -> impl IntoView {
    if !app.desk_text.read().is_empty() {
        let lesson = t("desk.none-left-lesson").to_owned();
        return empty(Icon::Search, t("desk.none-left"), lesson);
    }
    let (title, lesson) = match app.desk_tab.get() {
        DeskTab::Arrivals => (t("desk.no-arrivals"), t("desk.no-arrivals-lesson")),
        DeskTab::InHouse => (t("desk.nobody-here"), t("desk.nobody-here-lesson")),
        DeskTab::Departures | DeskTab::Availability => {
            (t("desk.no-departures"), t("desk.no-departures-lesson"))
        }
    };
    empty(Icon::Bell, title, lesson.to_owned())
}
