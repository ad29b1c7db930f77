//! One room on the board.

use super::{
    board::Sight,
    controls::{draft_mark, face},
    icon::{Icon, icon},
};
use crate::{
    app::App,
    catalogue::{t, t_count, t_with, t_word},
    clock::minutes,
    focus::{Stop, tab_index},
    press::{click, is_echo},
    query::room_card::{RoomCard, Work},
    route::Opened,
};
use keyrack_model::{ids::RoomId, room::ServiceStatus, room_status::Availability};
use leptos::prelude::*;
use std::sync::Arc;

#[component]
pub fn Tile(id: RoomId, sight: Sight) -> impl IntoView {
    let app = App::of_page();
    let hidden = Memo::new(move |_| !sight.kept.read().contains(&id));
    let state = Memo::new(move |_| State {
        cursor: app.cursor.get() == Some(id),
        tab_stop: sight.tab_stop.get() == Some(id),
        selected: app.selected.read().contains(&id),
        open: app.route.get().opened == Some(Opened::Room(id)),
        draft: app.has_draft_in(Opened::Room(id)),
    });
    view! {
        <li hidden=hidden>
            {move || app.mirror.card(id).map(|card| tile(app, &card, state.get()))}
        </li>
    }
}

/// How the tile stands among the others.
#[derive(Clone, Copy, PartialEq)]
struct State {
    cursor: bool,
    tab_stop: bool,
    selected: bool,
    open: bool,
    /// Something typed about it is not saved.
    draft: bool,
}

fn tile(app: App, card: &Arc<RoomCard>, state: State) -> impl IntoView + use<> {
    let id = card.id;
    view! {
        <button
            type="button"
            class=tile_class(card, state)
            data-stop=Stop::Room(id).to_string()
            data-room=id.to_string()
            data-testid=format!("room-{}", card.number)
            data-code=card.status.code()
            data-cleanliness=format!("{:?}", card.status.cleanliness)
            data-phase=card.status.phase.word()
            data-availability=card.status.availability.word()
            aria-label=spoken(card, app)
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
        >
            <span class="tile-top">
                <b class="number">{card.number.clone()}</b>
                <span class="code">
                    {icon(Icon::of(card.status.cleanliness))} {card.status.code()}
                </span>
            </span>
            <span class="tile-foot">
                {whose(app, card)}
                <span class="badges">{state.draft.then(draft_mark)} {badges(card)}</span>
            </span>
        </button>
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

/// Who works there, for how long, or else who stays there.
fn whose(app: App, card: &Arc<RoomCard>) -> AnyView {
    match (card.work, card.attendant) {
        (Work::Running { since }, attendant) => view! {
            <span class="running">
                {attendant.map(|person| face(app, person, "face small"))}
                {move || minutes(app.now.get().millis_since(since))}
            </span>
        }
        .into_any(),
        (Work::Planned | Work::Paused, Some(person)) if !card.status.is_ready() => view! {
            <span class="who">
                {face(app, person, "face small")} {guests(card)}
            </span>
        }
        .into_any(),
        _ => view! { <span class="who">{guests(card)}</span> }.into_any(),
    }
}

/// Left out, by the stylesheet, where the tile has no room for it.
fn guests(card: &RoomCard) -> impl IntoView + use<> {
    let count = card.guests;
    (card.is_occupied() && count > 0)
        .then(|| view! { <span class="guests">{icon(Icon::Guests)} {count}</span> })
}

fn badges(card: &RoomCard) -> impl IntoView + use<> {
    let status = card.status;
    let service = match status.service_status {
        ServiceStatus::None => None,
        ServiceStatus::DoNotDisturb => Some(("quiet", t("short.do-not-disturb"))),
        ServiceStatus::MakeUpRoom => Some(("brass", t("short.make-up-room"))),
        ServiceStatus::ServiceRefused => Some(("quiet", t("short.service-refused"))),
        ServiceStatus::DoubleLock => Some(("quiet", t("short.double-lock"))),
        ServiceStatus::NoServiceRequired => Some(("quiet", t("short.no-service-required"))),
    };
    let out_of_use = out_of_use(card).map(|text| ("quiet", text));
    let discrepancy = status
        .discrepancy
        .map(|found| ("dirty", t_word("discrepancy", found.word())));
    view! {
        {card.rush.then(|| mark("urgent", Icon::Bolt))}
        {card.queued.is_some().then(|| mark("urgent", Icon::Wait))}
        {card.vip.then(|| mark("vip", Icon::Star))}
        {out_of_use.map(badge)}
        {service.map(badge)}
        {discrepancy.map(badge)}
        {card.linked.then(|| mark("linked", Icon::Link))}
        {card
            .contested
            .then(|| view! { <span class="mark contested">{icon(Icon::Scales)}</span> })}
        {(card.open_orders > 0)
            .then(|| view! { <span class="mark">{icon(Icon::Wrench)}</span> })}
        {(card.is_due_out() && !card.is_due_in())
            .then(|| view! { <span class="mark">{icon(Icon::Leave)}</span> })}
        {card
            .is_due_in()
            .then(|| {
                view! {
                    <span class="mark" class:urgent=status.is_due_in_not_ready()>
                        {icon(Icon::Arrive)}
                    </span>
                }
            })}
    }
}

/// The code of a room that is out of use.
fn out_of_use(card: &RoomCard) -> Option<&'static str> {
    match card.status.availability {
        Availability::Available => None,
        Availability::OutOfService => Some(t("short.out-of-service")),
        Availability::OutOfOrder => Some(t("short.out-of-order")),
    }
}

fn mark(kind: &'static str, mark: Icon) -> impl IntoView {
    view! { <span class=format!("mark {kind}")>{icon(mark)}</span> }
}

fn badge((hue, text): (&'static str, &'static str)) -> impl IntoView {
    view! { <span class="badge" data-hue=hue>{text}</span> }
}

/// What a screen reader says of the tile.
fn spoken(card: &RoomCard, app: App) -> String {
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
    parts.join(", ")
}
