//! The key rack: every room as a tile on its floor.

use super::{
    controls::{CommandButton, empty},
    icon::{Icon, icon},
    tile::Tile,
};
use crate::{
    app::App,
    catalogue::{t, t_count, t_with, t_word},
    focus::Stop,
    keymap::{Action, keys_of},
    perform::is_rush,
    press::click,
    query::{
        board::{Chip, counts, floors, kept, sections},
        room_card::RoomCard,
    },
    route::Opened,
};
use keyrack_model::{
    cleanliness::Cleanliness,
    command::{Command, RoomCommand},
    ids::RoomId,
};
use leptos::prelude::*;
use std::{collections::BTreeSet, sync::Arc};

#[component]
pub fn Board() -> impl IntoView {
    let app = App::of_page();
    let cards = Memo::new(move |_| app.mirror.cards());
    let plan = Memo::new(move |_| floors(&cards.read()));
    let kept = Memo::new(move |_| {
        let attendant = |card: &RoomCard| Some(app.person(card.attendant?));
        let section = app.section.read();
        let section = section.as_deref();
        kept(
            &cards.read(),
            app.chip.get(),
            section,
            &app.text.read(),
            attendant,
        )
    });
    // Tab stops at one tile only: the cursor's, or else the first in sight.
    let tab_stop = Memo::new(move |_| {
        let cursor = app.cursor.get();
        let kept = kept.read();
        let first = || {
            let plan = plan.read();
            let mut rooms = plan.iter().flat_map(|(_, rooms)| rooms);
            rooms.find(|room| kept.contains(room)).copied()
        };
        cursor.filter(|cursor| kept.contains(cursor)).or_else(first)
    });
    let sight = Sight { kept, tab_stop };
    view! {
        <section class="screen board" aria-label=t("nav.board")>
            <h1 class="unseen">{t("nav.board")}</h1>
            <Chips cards sight/>
            <div class="scroller">
                {move || {
                    kept.read().is_empty().then(|| nothing(app, cards.read().is_empty()))
                }}
                <div class="floors">
                    <For each=move || plan.get() key=|floor| floor.clone() let((floor, rooms))>
                        <FloorOfRooms floor rooms sight/>
                    </For>
                </div>
            </div>
            <Selection/>
        </section>
    }
}

/// What of the board is in sight. Tiles that are not stay, hidden: showing them again is instant.
#[derive(Clone, Copy)]
pub struct Sight {
    pub kept: Memo<BTreeSet<RoomId>>,
    pub tab_stop: Memo<Option<RoomId>>,
}

#[component]
fn FloorOfRooms(floor: i64, rooms: Vec<RoomId>, sight: Sight) -> impl IntoView {
    let name = t_with("floor", &[("n", &floor.to_string())]);
    let tiles = rooms.clone();
    let in_sight = Memo::new(move |_| {
        let kept = sight.kept.read();
        rooms.iter().filter(|room| kept.contains(room)).count()
    });
    view! {
        <section class="floor" aria-label=name hidden=move || in_sight.get() == 0>
            <header>
                <h2>{name.clone()}</h2>
                <p class="faint">{move || t_count("rooms", in_sight.get())}</p>
            </header>
            <ul class="tiles">
                {tiles.into_iter().map(|id| view! { <Tile id sight/> }).collect_view()}
            </ul>
        </section>
    }
}

#[component]
fn Chips(cards: Memo<Vec<Arc<RoomCard>>>, sight: Sight) -> impl IntoView {
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
                        if event.key() == "Enter" && let Some(first) = sight.tab_stop.get_untracked() {
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
        let hotel = app
            .here()
            .map(|here| here.hotel_name.clone())
            .unwrap_or_default();
        let lesson = t_with("board.no-rooms-lesson", &[("hotel", &hotel)]);
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

/// What can be done to the selected rooms at once.
#[component]
fn Selection() -> impl IntoView {
    let app = App::of_page();
    let buttons = move || {
        let rooms: Vec<RoomId> = app.selected.get().into_iter().collect();
        if rooms.is_empty() {
            return None;
        }
        let count = rooms.len();
        let set = Cleanliness::ALL
            .iter()
            .map(|value| {
                let command = Command::SetCleanliness {
                    rooms: rooms.clone(),
                    value: *value,
                };
                bulk_button(command, *value)
            })
            .collect_view();
        Some(view! {
            <div class="selection" role="toolbar" aria-label=t("board.selection")>
                <b data-testid="selected-count">{t_count("board.selected", count)}</b>
                {set}
                {rush_button(app, rooms.clone())}
                <button
                    type="button"
                    class="button plain icon-only"
                    aria-label=t("board.unselect")
                    title=t("board.unselect")
                    on:click=click(move |_| app.selected.set(BTreeSet::new()))
                >
                    {icon(Icon::Close)}
                </button>
            </div>
        })
    };
    view! { <div aria-live="polite">{buttons}</div> }
}

/// Makes the selected rooms urgent; when all of them are, they are not any more.
fn rush_button(app: App, rooms: Vec<RoomId>) -> impl IntoView {
    let rush = !is_rush(app, &rooms);
    let label = if rush {
        t("chip.rush")
    } else {
        t("board.no-rush")
    };
    view! {
        <CommandButton
            command=Command::Rooms(RoomCommand::SetRush { rooms, rush })
            label
            mark=Icon::Bolt
            testid="bulk-rush"
            keys=keys_of(Action::Rush).unwrap_or_default()
        />
    }
}

fn bulk_button(command: Command, value: Cleanliness) -> impl IntoView {
    let testid = match value {
        Cleanliness::Dirty => "bulk-dirty",
        Cleanliness::Pickup => "bulk-pickup",
        Cleanliness::Clean => "bulk-clean",
        Cleanliness::Inspected => "bulk-inspected",
    };
    view! {
        <span class="hued" data-cleanliness=format!("{value:?}")>
            <CommandButton
                command
                label=t_word("cleanliness", value.word())
                mark=Icon::of(value)
                testid
                keys=keys_of(Action::Set(value)).unwrap_or_default()
            />
        </span>
    }
}
