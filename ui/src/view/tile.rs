//! One room on the board.

use super::tile_face::{Times, Unsaved, face, why_as_of};
use crate::{
    app::App,
    catalogue::{t, t_count, t_with, t_word},
    clock::minutes,
    focus::{Stop, tab_index},
    press::{click, is_echo},
    query::room_card::{RoomCard, Work},
    route::Opened,
};
use keyrack_model::{ids::RoomId, room::ServiceStatus, room_status::Availability, time::Timestamp};
use leptos::prelude::*;

#[component]
pub fn Tile(
    app: App,
    id: RoomId,
    tab_stop: Memo<Option<RoomId>>,
    /// As of when rooms are shown where that has to be said.
    as_of: Memo<Vec<(RoomId, Timestamp)>>,
) -> impl IntoView {
    let state = Memo::new(move |_| State {
        cursor: app.cursor.get() == Some(id),
        tab_stop: tab_stop.get() == Some(id),
        selected: app.selected.read().contains(&id),
        open: app.route.get().opened == Some(Opened::Room(id)),
        draft: match app.has_draft_in(Opened::Room(id)) {
            true => Unsaved::Something,
            false => Unsaved::Nothing,
        },
    });
    // Seconds are no reason to draw it again.
    let worked = Memo::new(move |_| match app.mirror.card(id)?.work {
        Work::Running { since } => Some(minutes(app.now.get().millis_since(since))),
        Work::Nothing | Work::Planned | Work::Paused | Work::Done => None,
    });
    let as_of = Memo::new(move |_| {
        let as_of = as_of.read();
        let mut as_of = as_of.iter();
        as_of
            .find(|(room, _)| *room == id)
            .map(|(_, at)| app.moment(*at))
    });
    move || {
        let card = app.mirror.card(id);
        let (worked, as_of) = (worked.read(), as_of.read());
        let times = Times {
            worked: worked.as_deref(),
            as_of: as_of.as_deref(),
        };
        card.map(|card| tile(app, &card, state.get(), times))
    }
}

/// How the tile stands among the others.
#[derive(Clone, Copy, PartialEq)]
struct State {
    cursor: bool,
    tab_stop: bool,
    selected: bool,
    open: bool,
    /// Whether something typed about it is not saved.
    draft: Unsaved,
}

fn tile(app: App, card: &RoomCard, state: State, times: Times<'_>) -> impl IntoView + use<> {
    let id = card.id;
    view! {
        <button
            type="button"
            class=tile_class(card, state)
            data-stop=Stop::Room(id).to_string()
            data-testid=format!("room-{}", card.number)
            data-code=card.status.code()
            data-cleanliness=format!("{:?}", card.status.cleanliness)
            data-phase=card.status.phase.word()
            aria-label=spoken(card, app, times.as_of)
            aria-pressed=state.selected.to_string()
            tabindex=tab_index(state.tab_stop)
            on:focus=move |_| attend(app, id)
            on:click=click(move |event| {
                if event.ctrl_key() || event.meta_key() || event.shift_key() {
                    select(app, id);
                } else if !is_echo(&event) {
                    app.open_from(Stop::Room(id), Opened::Room(id));
                }
            })
            inner_html=face(app, card, state.draft, times)
        ></button>
    }
}

fn tile_class(card: &RoomCard, state: State) -> String {
    let parts = [
        ("occupied", card.is_occupied()),
        (
            "out-of-order",
            card.status.availability == Availability::OutOfOrder,
        ),
        ("cursor", state.cursor),
        ("selected", state.selected),
        ("open", state.open),
    ];
    let mut class = "tile".to_owned();
    for (part, _) in parts.iter().filter(|(_, holds)| *holds) {
        class.push(' ');
        class.push_str(part);
    }
    class
}

fn select(app: App, id: RoomId) {
    app.cursor.set(Some(id));
    app.selected.update(|rooms| {
        if !rooms.remove(&id) {
            rooms.insert(id);
        }
    });
}

/// The cursor follows the focus, and an open drawer follows the cursor.
fn attend(app: App, id: RoomId) {
    app.cursor.set(Some(id));
    app.follow(Stop::Room(id), Opened::Room(id));
}

/// What a screen reader says of the tile.
fn spoken(card: &RoomCard, app: App, as_of: Option<&str>) -> String {
    let status = card.status;
    let mut parts = vec![
        t_with("tile.room", &[("n", &card.number)]),
        t_word("fo", status.fo_status.word()).to_owned(),
        t_word("cleanliness", status.cleanliness.word()).to_owned(),
        t_word("phase", status.phase.word()).to_owned(),
    ];
    if card.is_occupied() {
        parts.push(t_count("guests", usize::try_from(card.guests).unwrap_or(0)));
    }
    if status.service_status != ServiceStatus::None {
        parts.push(t_word("service", status.service_status.word()).to_owned());
    }
    if let Some(found) = status.discrepancy {
        parts.push(t_word("discrepancy", found.word()).to_owned());
    }
    if let Some(person) = card.attendant {
        parts.push(app.person(person));
    }
    if card.open_orders > 0 {
        parts.push(t_count("open-orders", card.open_orders));
    }
    if status.availability != Availability::Available {
        parts.push(t_word("availability", status.availability.word()).to_owned());
    }
    let said = [
        (card.rush, t("chip.rush")),
        (card.queued.is_some(), t("chip.waiting")),
        (card.vip, t("short.vip")),
        (card.linked, t("tile.linked")),
    ];
    let said = said.into_iter().filter(|(is_so, _)| *is_so);
    parts.extend(said.map(|(_, text)| text.to_owned()));
    if card.contested {
        parts.push(t("chip.contested").to_owned());
    }
    parts.extend(as_of.map(|time| why_as_of(app, card, time)));
    parts.join(", ")
}
