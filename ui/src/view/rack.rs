//! The part of the board that scrolls: groups of tiles. The tiles on the page are those in sight, as
//! many above and below, and those around the cursor; for the other rows there is room only. On paper all of them are.
//!
//! **Architecture Invariant**: the stylesheet lays the tiles out, and how many stand side by side
//! and how high a row is are read from the page.

use super::tile::Tile;
use crate::{
    app::App,
    catalogue::{t, t_count, t_with},
    focus::{Stop, bring_into_sight},
    printing::Medium,
    query::{
        groups::{Common, Group},
        rack::{Beyond, Hung, Rows, all, around, between, hung, rows, within},
    },
    route::Opened,
};
use keyrack_model::{ids::RoomId, time::Timestamp};
use leptos::{
    either::Either,
    html::Div,
    prelude::*,
    task::{spawn_local, tick},
};
use std::ops::Range;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, HtmlElement, ResizeObserver};

/// How much beyond each edge is on the page, as a part of what is in sight.
const MARGIN: f64 = 0.5;

/// What hangs where.
#[derive(Clone, Copy)]
struct Hanging {
    /// The rooms that the filter leaves.
    groups: Memo<Vec<Group>>,
    tab_stop: Memo<Option<RoomId>>,
    /// As of when rooms are shown where that has to be said.
    as_of: Memo<Vec<(RoomId, Timestamp)>>,
    scroller: NodeRef<Div>,
    /// Tiles side by side; 0 before the page was laid out.
    columns: RwSignal<usize>,
    /// Rows in sight and in the margin.
    in_sight: RwSignal<Vec<Rows>>,
}

#[component]
pub fn Rack(
    groups: Memo<Vec<Group>>,
    tab_stop: Memo<Option<RoomId>>,
    /// As of when rooms are shown where that has to be said.
    as_of: Memo<Vec<(RoomId, Timestamp)>>,
    /// What is there instead of rooms.
    children: Children,
) -> impl IntoView {
    let hanging = Hanging {
        groups,
        tab_stop,
        as_of,
        scroller: NodeRef::new(),
        columns: RwSignal::new(0),
        in_sight: RwSignal::new(Vec::new()),
    };
    // Arrows go on from what is open, wherever the page was loaded.
    let app = App::of_page();
    let opened = Memo::new(move |_| match app.route.get().opened {
        Some(Opened::Room(room)) => Some(room),
        Some(Opened::WorkOrder(_) | Opened::Stay(_)) | None => None,
    });
    let near = move |room: Memo<Option<RoomId>>| {
        Memo::new(move |_| {
            let columns = hanging.columns.get();
            let room = room.get();
            room.map_or_else(Vec::new, |room| around(&groups.read(), columns, room))
        })
    };
    let (near_cursor, near_opened) = (near(tab_stop), near(opened));
    let on_page = Memo::new(move |_| {
        if app.medium.get() == Medium::Paper {
            return all(&groups.read());
        }
        let in_sight = hanging.in_sight.read();
        let (cursor, opened) = (near_cursor.read(), near_opened.read());
        let rows = in_sight.iter().chain(&*cursor).chain(&*opened);
        rows.cloned().collect()
    });
    // What is open stays in sight when the board gets narrower beside its drawer, or wider without it,
    // and when it is laid out otherwise.
    Effect::watch(
        move || (hanging.columns.get(), app.arrangement.get()),
        move |_, before, _| {
            let was_laid_out = before.is_some_and(|(columns, _)| *columns > 0);
            let room = opened.get_untracked().or_else(|| tab_stop.get_untracked());
            if let Some(room) = room.filter(|_| was_laid_out) {
                request_animation_frame(move || {
                    hanging.look();
                    after_update(move || bring_into_sight(Stop::Room(room)));
                });
            }
        },
        false,
    );
    Effect::new(move |_| {
        groups.track();
        hanging.columns.track();
        app.arrangement.track();
        // Once for each picture: where the columns depend on what is on the page, and that on the
        // columns, the page would do nothing else any more.
        request_animation_frame(move || hanging.look());
    });
    let watching = StoredValue::new_local(None);
    hanging.scroller.on_load(move |scroller| {
        watching.set_value(Watching::begin(&scroller, move || hanging.look()));
    });
    let in_common = Memo::new(move |_| {
        let groups = groups.read();
        let in_common = groups.iter().map(|(common, _)| common.clone());
        in_common.collect::<Vec<_>>()
    });
    view! {
        <div class="scroller" node_ref=hanging.scroller on:scroll=move |_| hanging.scrolled()>
            {children()}
            <div class="groups">
                <For each=move || in_common.get() key=Common::clone let(common)>
                    <GroupOfRooms common hanging on_page/>
                </For>
            </div>
        </div>
    }
}

#[component]
fn GroupOfRooms(common: Common, hanging: Hanging, on_page: Memo<Vec<Rows>>) -> impl IntoView {
    let name = name_of(&common);
    let on_the_page = common.to_string();
    let rooms = Memo::new(move |_| {
        let groups = hanging.groups.read();
        let found = groups.iter().find(|(other, _)| *other == common);
        found.cloned().unwrap_or_else(|| (common.clone(), vec![]))
    });
    let count = Memo::new(move |_| rooms.read().1.len());
    let list = Memo::new(move |_| hung(&rooms.read(), hanging.columns.get(), &on_page.read()));
    let hang = move |hung| match hung {
        Hung::Tile(place) => Either::Left(view! { <Hook room=place.room list count hanging/> }),
        Hung::Beyond(beyond) => Either::Right(beyond_the_page(beyond, count)),
    };
    let rows = move || {
        let rows = rows(count.get(), hanging.columns.get()).max(1);
        format!("repeat({rows}, minmax(var(--tile), auto))")
    };
    view! {
        <section class="group" aria-label=name.clone()>
            <header>
                <h2>{name.clone()}</h2>
                <p class="faint">{move || t_count("rooms", count.get())}</p>
            </header>
            // A list without marks is none for every web view unless it says so.
            <ul class="tiles" role="list" data-group=on_the_page style:grid-template-rows=rows>
                <For each=move || list.get() key=Hung::key let(hung)>
                    {hang(hung)}
                </For>
            </ul>
        </section>
    }
}

fn name_of(common: &Common) -> String {
    match common {
        Common::Floor(floor) => t_with("floor", &[("n", &floor.to_string())]),
        Common::Section(name) => t_with("board.section", &[("section", name)]),
        Common::NoSection => t("board.no-section").to_owned(),
    }
}

/// The place of a tile in its group, which stays its own when others come and go.
#[component]
fn Hook(
    room: RoomId,
    list: Memo<Vec<Hung>>,
    count: Memo<usize>,
    hanging: Hanging,
) -> impl IntoView {
    let place = Memo::new(move |_| {
        let list = list.read();
        let mut places = list.iter().filter_map(Hung::tile);
        let place = places.find(|place| place.room == room);
        place.map_or((0, 0), |place| (place.number, place.row))
    });
    let app = App::of_page();
    let (tab_stop, as_of) = (hanging.tab_stop, hanging.as_of);
    view! {
        <li
            style:grid-row=move || (place.get().1 + 1).to_string()
            aria-posinset=move || (place.get().0 + 1).to_string()
            aria-setsize=move || count.get().to_string()
        >
            <Tile app id=room tab_stop as_of/>
        </li>
    }
}

/// Says to a screen reader how many rooms there are where no tiles are. Whoever comes to it there brings
/// them into sight.
fn beyond_the_page(beyond: Beyond, count: Memo<usize>) -> impl IntoView {
    view! {
        <li
            class="beyond unseen"
            style:grid-row=(beyond.row + 1).to_string()
            aria-posinset=(beyond.number + 1).to_string()
            aria-setsize=move || count.get().to_string()
        >
            {t_count("board.beyond", beyond.rooms)}
        </li>
    }
}

impl Hanging {
    /// Finds out what is in sight. The board may have gone since that was asked for.
    fn look(self) {
        let Some(scroller) = self.scroller.try_get_untracked().flatten() else {
            return;
        };
        let seen = scroller.get_bounding_client_rect();
        let margin = seen.height() * MARGIN;
        let sight = seen.top() - margin..seen.bottom() + margin;
        let lists = elements(&scroller, ".tiles");
        if let Some(columns) = lists.first().map(columns_of)
            && columns != self.columns.get_untracked()
        {
            self.columns.set(columns);
        }
        let in_sight: Vec<Rows> = lists
            .iter()
            .filter_map(|list| rows_in(list, &sight))
            .collect();
        if in_sight != *self.in_sight.read_untracked() {
            self.in_sight.set(in_sight);
        }
    }

    /// What comes into sight above may be higher than the room that was left for it, and what goes
    /// leaves less: the tiles in sight stay where they are all the same.
    fn scrolled(self) {
        let Some(scroller) = self.scroller.get_untracked() else {
            return;
        };
        let edge = scroller.get_bounding_client_rect().top();
        let tiles = elements(&scroller, ".tiles > li:not(.beyond)").into_iter();
        let end = scroller.get_bounding_client_rect().bottom();
        let first = tiles
            .map(|tile| (tile.get_bounding_client_rect().top(), tile))
            .find(|(top, _)| (edge..end).contains(top));
        self.look();
        after_update(move || {
            if let Some((before, tile)) = first.filter(|(_, tile)| tile.is_connected()) {
                let moved = tile.get_bounding_client_rect().top() - before;
                if moved.abs() >= 1.0 {
                    scroller.set_scroll_top(scroller.scroll_top() + moved.round() as i32);
                }
            }
        });
    }
}

/// Does something once the page is as was decided, before it is painted.
fn after_update(act: impl FnOnce() + 'static) {
    spawn_local(async move {
        tick().await;
        act();
    });
}

/// How many tiles stand side by side in a group's list. What hung there before it got narrower is laid
/// out beside it.
fn columns_of(list: &HtmlElement) -> usize {
    let gap = tracks(list, "column-gap").first().copied().unwrap_or(0.0);
    let width = list.get_bounding_client_rect().width();
    within(&tracks(list, "grid-template-columns"), gap, width)
}

/// The rows of a group's list that are in sight; None where there are none.
fn rows_in(list: &HtmlElement, sight: &Range<f64>) -> Option<Rows> {
    let place = list.get_bounding_client_rect();
    if place.top() >= sight.end || place.bottom() <= sight.start {
        return None;
    }
    let common = list.dataset().get("group")?.parse().ok()?;
    let gap = tracks(list, "row-gap").first().copied().unwrap_or(0.0);
    let heights = tracks(list, "grid-template-rows");
    Some((common, between(place.top(), &heights, gap, sight)))
}

/// The lengths of a computed style, in pixels.
fn tracks(list: &HtmlElement, property: &str) -> Vec<f64> {
    let style = window().get_computed_style(list).ok().flatten();
    let value = style.and_then(|style| style.get_property_value(property).ok());
    let value = value.unwrap_or_default();
    let lengths = value.split_whitespace();
    lengths
        .filter_map(|length| length.strip_suffix("px")?.parse().ok())
        .collect()
}

fn elements(below: &Element, selector: &str) -> Vec<HtmlElement> {
    let Ok(found) = below.query_selector_all(selector) else {
        return vec![];
    };
    (0..found.length())
        .filter_map(|index| found.get(index)?.dyn_into().ok())
        .collect()
}

/// Hears of each change of an element's size until it is dropped.
struct Watching {
    observer: ResizeObserver,
    /// Called by the observer.
    _changed: Closure<dyn FnMut()>,
}

impl Watching {
    /// None where the web view cannot say.
    fn begin(element: &Element, changed: impl FnMut() + 'static) -> Option<Self> {
        let changed: Closure<dyn FnMut()> = Closure::new(changed);
        let observer = ResizeObserver::new(changed.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self {
            observer,
            _changed: changed,
        })
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
