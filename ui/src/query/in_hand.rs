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
        (Some(Opened::WorkOrder(_) | Opened::Stay(_)), _)
        | (None, Screen::WorkOrders | Screen::Desk | Screen::Conflicts | Screen::Rules) => None,
        (None, Screen::Board) => at.cursor,
        (None, Screen::MyList) => at.listed,
    }
}

/// The task on the list's card: the one chosen while it is to do, or else the one at the top.
pub fn on_card(items: &[ListItem], chosen: Option<TaskId>) -> Option<&ListItem> {
    let mut to_do = items.iter().filter(|item| item.place != Place::Done);
    to_do
        .clone()
        .find(|item| Some(item.task) == chosen)
        .or_else(|| to_do.next())
}

/// The task that keys act on: the row that has the focus, even one that is done, or else the card.
pub fn on_list(
    items: &[ListItem],
    attended: Option<TaskId>,
    chosen: Option<TaskId>,
) -> Option<&ListItem> {
    let mut attended = items.iter().filter(|item| Some(item.task) == attended);
    attended.next().or_else(|| on_card(items, chosen))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        mirror::cabinet::Cabinet,
        query::my_list::{Whose, my_list},
    };
    use keyrack_model::{
        ids::WorkOrderId,
        room::Room,
        rows::Row,
        task::{Task, TaskStatus},
        time::Timestamp,
    };
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

    const fn task(number: u128) -> TaskId {
        TaskId(Uuid::from_u128(number))
    }

    /// Tasks 1 and 2 to do, 3 done.
    fn list() -> Vec<ListItem> {
        let row = |document, entity| Row {
            document,
            entity,
            conflicts: vec![],
            changed_at: Timestamp(0),
        };
        let rows = [
            (1, TaskStatus::Planned),
            (2, TaskStatus::Planned),
            (3, TaskStatus::Done),
        ]
        .into_iter()
        .flat_map(|(id, status)| {
            let task_entity = Task {
                room: Some(number(id)),
                status,
                ..Task::default()
            };
            let room = Room {
                number: id.to_string(),
                ..Room::default()
            };
            [
                row(number(id).into(), room.into()),
                row(task(id).into(), task_entity.into()),
            ]
        });
        let mut cabinet = Cabinet::default();
        cabinet.apply(true, rows.collect());
        let files = cabinet.rooms().filter_map(|(id, _)| cabinet.file_of(id));
        my_list(files, Whose::Everybody, Default::default())
    }

    #[test]
    fn a_key_acts_on_the_row_in_focus_and_else_on_the_card() {
        let items = list();
        let cases = [
            // attended, chosen, acted on
            (None, None, 1),
            (None, Some(2), 2),
            (None, Some(3), 1),
            (None, Some(9), 1),
            (Some(2), None, 2),
            (Some(1), Some(2), 1),
            (Some(3), Some(2), 3),
            (Some(9), Some(2), 2),
        ];
        for (attended, chosen, expected) in cases {
            let found = on_list(&items, attended.map(task), chosen.map(task));
            let found = found.map(|item| item.task);
            assert_eq!(found, Some(task(expected)), "{attended:?} {chosen:?}");
        }
    }
}
