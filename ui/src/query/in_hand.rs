//! What keys act on: the room that the person looks at, the task that the person is at.

use super::my_list::{ListItem, Place};
use crate::route::{Opened, Route, Screen};
use keyrack_model::ids::{RoomId, TaskId};
use std::collections::BTreeSet;

/// Where the person is, and what stands out there.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    pub route: Route,
    /// The room of the board that has, or had, the focus.
    pub cursor: Option<RoomId>,
    /// Rooms selected on the board.
    pub selected: &'a BTreeSet<RoomId>,
    /// The room of the task in hand on the list.
    pub listed: Option<RoomId>,
}

/// The rooms that a key of a room acts on: what is open goes before what is behind it, and a
/// selection counts only where it is in sight and nothing is open.
pub fn rooms(at: Situation<'_>) -> Vec<RoomId> {
    if at.route == Route::to(Screen::Board) && !at.selected.is_empty() {
        return at.selected.iter().copied().collect();
    }
    room(at).into_iter().collect()
}

/// The one room in hand.
pub fn room(at: Situation<'_>) -> Option<RoomId> {
    match (at.route.opened, at.route.screen) {
        (Some(Opened::Room(room)), _) => Some(room),
        (Some(Opened::WorkOrder(_)), _) | (None, Screen::WorkOrders) => None,
        (None, Screen::Board) => at.cursor,
        (None, Screen::MyList) => at.listed,
    }
}

/// The task in hand of a list: the first of those preferred that is still to do, or else the one
/// at the top.
pub fn task(items: &[ListItem], preferred: impl IntoIterator<Item = TaskId>) -> Option<&ListItem> {
    let mut to_do = items.iter().filter(|item| item.place != Place::Done);
    preferred
        .into_iter()
        .find_map(|task| to_do.clone().find(|item| item.task == task))
        .or_else(|| to_do.next())
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::ids::WorkOrderId;
    use uuid::Uuid;

    const fn number(number: u128) -> RoomId {
        RoomId(Uuid::from_u128(number))
    }

    const CURSOR: RoomId = number(1);
    const OPEN: RoomId = number(2);
    const LISTED: RoomId = number(3);
    const SELECTED: [RoomId; 2] = [number(4), number(5)];

    fn acted_on(route: Route, selected: &[RoomId]) -> Vec<RoomId> {
        rooms(Situation {
            route,
            cursor: Some(CURSOR),
            selected: &selected.iter().copied().collect(),
            listed: Some(LISTED),
        })
    }

    #[test]
    fn a_key_acts_on_what_the_person_looks_at() {
        let room = |screen| Route::to(screen).opening(Opened::Room(OPEN));
        let order = Opened::WorkOrder(WorkOrderId::default());
        let cases = [
            (Route::to(Screen::Board), &[][..], &[CURSOR][..]),
            (Route::to(Screen::Board), &SELECTED, &SELECTED),
            (room(Screen::Board), &SELECTED, &[OPEN]),
            (room(Screen::MyList), &[], &[OPEN]),
            (room(Screen::WorkOrders), &[], &[OPEN]),
            (Route::to(Screen::MyList), &[], &[LISTED]),
            (Route::to(Screen::MyList), &SELECTED, &[LISTED]),
            (Route::to(Screen::WorkOrders), &SELECTED, &[]),
            (Route::to(Screen::Board).opening(order), &SELECTED, &[]),
        ];
        for (route, selected, expected) in cases {
            assert_eq!(acted_on(route, selected), expected, "{route} {selected:?}");
        }
    }
}
