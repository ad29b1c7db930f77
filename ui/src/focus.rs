//! Where the focus is on the page and where it goes: over the things that arrows stop at, into
//! what is opened, and back to where that was opened from.

use crate::{
    keymap::Direction,
    part::once_none_is_awaited,
    query::movement::{Spot, step},
    route::Opened,
};
use keyrack_model::ids::{DeviceId, OperationId, RoomId, StayId, TaskId, UserId, WorkOrderId};
use leptos::prelude::*;
use std::{fmt, time::Duration};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, ScrollIntoViewOptions, ScrollLogicalPosition};

pub mod handed_on;

/// A thing that arrows stop at. On the page it carries its words as `data-stop`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    Room(RoomId),
    Order(WorkOrderId),
    Stay(StayId),
    Task(TaskId),
    Person(UserId),
    Device(DeviceId),
    /// Something that waits for a decision.
    Review(OperationId),
    /// The number on the list's card.
    Card,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Room(id) => write!(f, "room-{id}"),
            Self::Order(id) => write!(f, "order-{id}"),
            Self::Stay(id) => write!(f, "stay-{id}"),
            Self::Task(id) => write!(f, "task-{id}"),
            Self::Person(id) => write!(f, "person-{id}"),
            Self::Device(id) => write!(f, "device-{id}"),
            Self::Review(id) => write!(f, "review-{id}"),
            Self::Card => f.write_str("card"),
        }
    }
}

impl From<Opened> for Stop {
    fn from(opened: Opened) -> Self {
        match opened {
            Opened::Room(id) => Self::Room(id),
            Opened::WorkOrder(id) => Self::Order(id),
            Opened::Stay(id) => Self::Stay(id),
        }
    }
}

/// Tab stops at one thing of many only.
pub fn tab_index(is_tab_stop: bool) -> &'static str {
    if is_tab_stop { "0" } else { "-1" }
}

/// The element that has the focus; None for the page itself.
pub fn focused() -> Option<HtmlElement> {
    let element = document().active_element()?;
    let element: HtmlElement = element.dyn_into().ok()?;
    (element.tag_name() != "BODY").then_some(element)
}

/// Puts the focus on the first element that a selector finds.
pub fn focus(selector: &str) {
    let found = document().query_selector(selector).ok().flatten();
    if let Some(element) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
        attend(&element);
    }
}

/// Puts the focus into the drawer, on what it is called.
pub fn enter_drawer() {
    focus(".drawer [data-heading]");
}

/// Takes the focus out of a field: to the drawer that it is in, or else to the page.
pub fn leave_field(field: &HtmlElement) {
    if matches!(field.closest(".drawer"), Ok(Some(_))) {
        enter_drawer();
    } else {
        // An element that is gone has no focus to lose.
        let _ = field.blur();
    }
}

/// Does something when the page shows what has just been decided.
pub fn once_shown(act: impl FnOnce() + 'static) {
    set_timeout(|| once_none_is_awaited(act), Duration::ZERO);
}

/// Puts the focus on the first of these that is in sight, or else where Tab would stop.
pub fn go_back_to(places: &[Option<Stop>]) {
    let stops = cursor_stops();
    let found = places.iter().flatten().find_map(|place| {
        let name = place.to_string();
        stops.iter().find(|stop| is_named(stop, &name))
    });
    let found = found.or_else(|| stops.iter().find(|stop| stop.tab_index() == 0));
    match found {
        Some(stop) => attend(stop),
        None => focus("#content"),
    }
}

/// Goes on from the thing that has the focus, or from the one that is open.
pub fn go_to_next(direction: Direction, opened: Option<Stop>) {
    let stops = cursor_stops();
    let spots: Vec<Spot> = stops
        .iter()
        .map(|stop| {
            let place = stop.get_bounding_client_rect();
            Spot {
                x: place.x(),
                y: place.y(),
            }
        })
        .collect();
    let current = focused()
        .and_then(|focus| stops.iter().position(|stop| is_around(stop, &focus)))
        .or_else(|| {
            let name = opened?.to_string();
            stops.iter().position(|stop| is_named(stop, &name))
        });
    let next = match current {
        Some(_) => step(&spots, current, direction),
        // Coming from elsewhere, the first arrow goes to where the cursor was.
        None => stops.iter().position(|stop| stop.tab_index() == 0),
    };
    if let Some(next) = next {
        attend(&stops[next]);
    }
}

/// Whether the focus is on a thing, or on a button beside it that belongs to it.
fn is_around(stop: &HtmlElement, focus: &HtmlElement) -> bool {
    let line = stop.parent_element();
    line.is_some_and(|line| line.contains(Some(focus)))
}

fn is_named(stop: &HtmlElement, name: &str) -> bool {
    stop.get_attribute("data-stop").as_deref() == Some(name)
}

/// Everything on the screen that arrows stop at, in reading order.
fn cursor_stops() -> Vec<HtmlElement> {
    let Ok(found) = document().query_selector_all("[data-stop]") else {
        return vec![];
    };
    (0..found.length())
        .filter_map(|index| found.get(index)?.dyn_into::<HtmlElement>().ok())
        .filter(|stop| stop.offset_width() > 0)
        .collect()
}

/// Puts the focus on an element, in sight.
pub fn attend(element: &HtmlElement) {
    // An element that left the page in between cannot be attended to.
    let _ = element.focus();
    scroll_to(element);
}

/// Brings a thing on the screen into sight; the focus stays where it is.
pub fn bring_into_sight(stop: Stop) {
    let name = stop.to_string();
    if let Some(stop) = cursor_stops().iter().find(|stop| is_named(stop, &name)) {
        scroll_to(stop);
    }
}

fn scroll_to(element: &HtmlElement) {
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}
