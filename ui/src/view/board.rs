//! The key rack: every room as a tile in its group.

use super::{
    controls::empty,
    icon::{Icon, icon},
    rack::Rack,
    selection::Selection,
};
use crate::{
    app::App,
    catalogue::{t, t_with, t_word},
    focus::Stop,
    keymap::{Action, keys_of},
    press::click,
    query::{
        board::{Chip, Words, counts, kept},
        groups::{Grouping, groups, sections},
        room_card::RoomCard,
    },
    route::Opened,
};
use arrange::Arrange;
use as_of::{as_of, as_of_all};
use keyrack_model::ids::RoomId;
use leptos::prelude::*;
use sheet::SheetHead;
use std::sync::Arc;

mod arrange;
mod as_of;
mod sheet;

#[component]
pub fn Board() -> impl IntoView {
    let app = App::of_page();
    let cards = Memo::new(move |_| app.mirror.cards());
    let words = Memo::new(move |_| {
        let words = |card: &Arc<RoomCard>| {
            let attendant = card.attendant.map(|person| app.person(person));
            Words::of(card, attendant.as_deref())
        };
        cards.read().iter().map(words).collect::<Vec<_>>()
    });
    let parts = Memo::new(move |_| sections(&cards.read()));
    let grouping = Memo::new(move |_| {
        let has_sections = !parts.read().is_empty();
        has_sections.then(|| app.arrangement.get().grouping)
    });
    let groups = Memo::new(move |_| {
        let (cards, section, text) = (cards.read(), app.section.read(), app.text.read());
        let (chip, section) = (app.chip.get(), section.as_deref());
        let grouping = grouping.get().unwrap_or_default();
        if text.trim().is_empty() {
            return groups(kept(&cards, chip, section, "", &[]), grouping);
        }
        groups(kept(&cards, chip, section, &text, &words.read()), grouping)
    });
    // Tab stops at one tile only: the cursor's, or else the first.
    let tab_stop = Memo::new(move |_| {
        let groups = groups.read();
        let is_there = |cursor: &RoomId| groups.iter().any(|(_, rooms)| rooms.contains(cursor));
        let first = || groups.first()?.1.first().copied();
        app.cursor.get().filter(is_there).or_else(first)
    });
    let as_of = as_of(app, cards);
    view! {
        <section
            class="screen board"
            data-density=move || app.arrangement.get().density.word()
            aria-label=t("nav.board")
        >
            <h1 class="unseen">{t("nav.board")}</h1>
            <SheetHead groups/>
            <Toolbar cards parts grouping tab_stop/>
            {as_of_all(app, as_of.all)}
            <Rack groups tab_stop as_of=as_of.rooms>
                {move || {
                    groups.read().is_empty().then(|| nothing(app, cards.read().is_empty()))
                }}
            </Rack>
            <Selection/>
        </section>
    }
}

#[component]
fn Toolbar(
    cards: Memo<Vec<Arc<RoomCard>>>,
    /// The hotel's sections, with how many rooms each has.
    parts: Memo<Vec<(Arc<str>, usize)>>,
    grouping: Memo<Option<Grouping>>,
    tab_stop: Memo<Option<RoomId>>,
) -> impl IntoView {
    let app = App::of_page();
    let shown = move || {
        counts(&cards.read())
            .into_iter()
            .filter(|(chip, count)| chip.is_always_shown() || *count > 0 || *chip == app.chip.get())
            .map(|(chip, count)| chip_button(app, chip, count))
            .collect_view()
    };
    let of_sections = move || {
        let parts = parts.get().into_iter();
        parts
            .map(|(name, count)| section_button(app, &name, count))
            .collect_view()
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
                    bind:value=app.text
                    on:keydown=move |event| {
                        if event.key() == "Enter" && let Some(first) = tab_stop.get_untracked() {
                            app.open_from(Stop::Room(first), Opened::Room(first));
                        }
                    }
                />
                <kbd>{keys_of(Action::Filter)}</kbd>
            </label>
            <Arrange grouping/>
            <div class="chips" role="group" aria-label=t("board.chips")>
                {shown}
                {of_sections}
            </div>
        </div>
    }
}

fn section_button(app: App, name: &str, count: usize) -> impl IntoView + use<> {
    let section = StoredValue::new(name.to_owned());
    let is_chosen = move || {
        let chosen = app.section.read();
        section.with_value(|section| chosen.as_ref() == Some(section))
    };
    let choose = move |_| {
        let chosen = (!untrack(is_chosen)).then(|| section.get_value());
        app.section.set(chosen);
    };
    view! {
        <button
            type="button"
            class="chip"
            data-testid="chip-section"
            aria-pressed=move || is_chosen().to_string()
            on:click=click(choose)
        >
            <span>{t_with("board.section", &[("section", name)])}</span>
            <b>{count}</b>
        </button>
    }
}

fn chip_button(app: App, chip: Chip, count: usize) -> impl IntoView {
    let cleanliness = match chip {
        Chip::Cleanliness(value) => Some(value),
        _ => None,
    };
    view! {
        <button
            type="button"
            class="chip"
            data-testid=format!("chip-{}", chip_word(chip))
            data-cleanliness=cleanliness.map(|value| format!("{value:?}"))
            aria-pressed=move || (app.chip.get() == chip).to_string()
            on:click=click(move |_| app.chip.set(if app.chip.get() == chip { Chip::All } else { chip }))
        >
            {cleanliness.map(|_| view! { <i class="dot"></i> })}
            <span>{chip_name(chip)}</span>
            <b>{count}</b>
        </button>
    }
}

fn chip_word(chip: Chip) -> &'static str {
    match chip {
        Chip::All => "all",
        Chip::Cleanliness(value) => value.word(),
        Chip::DueInNotReady => "due-in-not-ready",
        Chip::DueOut => "due-out",
        Chip::InProgress => "in-progress",
        Chip::DoNotDisturb => "do-not-disturb",
        Chip::Discrepancy => "discrepancy",
        Chip::Rush => "rush",
        Chip::Waiting => "waiting",
        Chip::OutOfUse => "out-of-use",
        Chip::Contested => "contested",
    }
}

fn chip_name(chip: Chip) -> &'static str {
    match chip {
        Chip::All => t("chip.all"),
        Chip::Cleanliness(value) => t_word("cleanliness", value.word()),
        Chip::DueInNotReady => t("chip.due-in-not-ready"),
        Chip::DueOut => t("chip.due-out"),
        Chip::InProgress => t("chip.in-progress"),
        Chip::DoNotDisturb => t("chip.do-not-disturb"),
        Chip::Discrepancy => t("chip.discrepancy"),
        Chip::Rush => t("chip.rush"),
        Chip::Waiting => t("chip.waiting"),
        Chip::OutOfUse => t("chip.out-of-use"),
        Chip::Contested => t("chip.contested"),
    }
}

fn nothing(app: App, no_rooms: bool) -> AnyView {
    if no_rooms {
        let lesson = t_with("board.no-rooms-lesson", &[("hotel", &app.hotel_name())]);
        return empty(Icon::Board, t("board.no-rooms"), lesson).into_any();
    }
    view! {
        {empty(Icon::Search, t("board.none-left"), t("board.none-left-lesson").to_owned())}
        <p class="empty-action">
            <button
                type="button"
                class="button"
                on:click=click(move |_| {
                    app.chip.set(Chip::All);
                    app.section.set(None);
                    app.text.set(String::new());
                })
            >
                {t("board.show-all")}
            </button>
        </p>
    }
    .into_any()
}
