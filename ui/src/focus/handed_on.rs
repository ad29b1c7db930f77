//! A button of the drawer that another one takes the place of, as Pause does of Start, hands its
//! focus on.

use super::{attend, enter_drawer, focused};
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// The parts of a drawer in which things take each other's place.
const PARTS: &str = ".drawer section, .drawer [role=group]";

/// What had the focus last, as the how manyth of its part.
struct Place {
    element: HtmlElement,
    part: Element,
    number: usize,
}

thread_local! {
    static LAST: RefCell<Option<Place>> = const { RefCell::new(None) };
}

/// Takes note of what has the focus when a key is pressed.
pub fn note() {
    LAST.set(focused().and_then(Place::of));
}

/// When what had the focus is gone, it goes to what is in its place, or else to the drawer.
pub fn hand_on() {
    if focused().is_some() {
        return;
    }
    let Some(place) = LAST.take() else { return };
    if place.element.is_connected() {
        return;
    }
    // A part that went with it has nothing to hand the focus on to.
    let there = if place.part.is_connected() {
        stops_in(&place.part)
    } else {
        Vec::new()
    };
    match there.get(place.number).or(there.last()) {
        Some(next) => attend(next),
        None => enter_drawer(),
    }
}

impl Place {
    fn of(element: HtmlElement) -> Option<Self> {
        let part = element.closest(PARTS).ok()??;
        let number = stops_in(&part).iter().position(|stop| *stop == element)?;
        Some(Self {
            element,
            part,
            number,
        })
    }
}

fn stops_in(part: &Element) -> Vec<HtmlElement> {
    let Ok(found) = part.query_selector_all("button, select, input, textarea") else {
        return vec![];
    };
    (0..found.length())
        .filter_map(|index| found.get(index)?.dyn_into().ok())
        .collect()
}
