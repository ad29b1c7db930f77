//! The key rack: every room as a tile on its floor.

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
        board::{Chip, Words, counts, floors, kept, sections},
        room_card::RoomCard,
    },
    route::Opened,
};
use keyrack_model::ids::RoomId;
use leptos::prelude::*;
use std::sync::Arc;

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
    let floors = Memo::new(move |_| {
        let (cards, section, text) = (cards.read(), app.section.read(), app.text.read());
        let (chip, section) = (app.chip.get(), section.as_deref());
        if text.trim().is_empty() {
            return floors(kept(&cards, chip, section, "", &[]));
        }
        floors(kept(&cards, chip, section, &text, &words.read()))
    });
    // Tab stops at one tile only: the cursor's, or else the first.
    let tab_stop = Memo::new(move |_| {
        let floors = floors.read();
        let is_there = |cursor: &RoomId| floors.iter().any(|(_, rooms)| rooms.contains(cursor));
        let first = || floors.first()?.1.first().copied();
        app.cursor.get().filter(is_there).or_else(first)
    });
    view! {
        <section class="screen board" aria-label=t("nav.board")>
            <h1 class="unseen">{t("nav.board")}</h1>
            <Chips cards tab_stop/>
            <Rack floors tab_stop>
                {move || {
                    floors.read().is_empty().then(|| nothing(app, cards.read().is_empty()))
                }}
            </Rack>
            <Selection/>
        </section>
    }
}

#[component]
fn Chips(cards: Memo<Vec<Arc<RoomCard>>>, tab_stop: Memo<Option<RoomId>>) -> impl IntoView {
    let app = App::of_page();
    let shown = move || {
        counts(&cards.read())
            .into_iter()
            .filter(|(chip, count)| chip.is_always_shown() || *count > 0 || *chip == app.chip.get())
            .map(|(chip, count)| chip_button(app, chip, count))
            .collect_view()
    };
    let parts = Memo::new(move |_| sections(&cards.read()));
    let of_sections = move || {
        let parts = parts.get().into_iter();
        parts
            .map(|(name, count)| section_button(app, name, count))
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
            <div class="chips" role="group" aria-label=t("board.chips")>
                {shown}
                {of_sections}
            </div>
        </div>
    }
}

fn section_button(app: App, name: String, count: usize) -> impl IntoView {
    let section = StoredValue::new(name.clone());
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
            <span>{t_with("board.section", &[("section", &name)])}</span>
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
