//! The rack that the board is: in which row of its group each room hangs, and which rows are on the
//! page. Of the others there is only the room that they take.

use super::groups::{Common, Group};
use keyrack_model::ids::RoomId;
use std::ops::Range;

/// Rows of a group, counted from its first.
pub type Rows = (Common, Range<usize>);

/// Where a room that is on the page hangs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    pub room: RoomId,
    /// Its place among the rooms of its group, counted from 0.
    pub number: usize,
    pub row: usize,
}

/// Rooms next to each other of which there are no tiles on the page.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Beyond {
    pub rooms: usize,
    /// The place of the first among the rooms of its group, counted from 0.
    pub number: usize,
    pub row: usize,
}

/// What is in the list of a group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hung {
    Tile(Place),
    Beyond(Beyond),
}

/// What stays the same of it while it is on the page.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum HungKey {
    Tile(RoomId),
    Beyond(Beyond),
}

impl Hung {
    pub fn key(&self) -> HungKey {
        match self {
            Self::Tile(place) => HungKey::Tile(place.room),
            Self::Beyond(beyond) => HungKey::Beyond(*beyond),
        }
    }

    pub fn tile(&self) -> Option<Place> {
        match self {
            Self::Tile(place) => Some(*place),
            Self::Beyond(_) => None,
        }
    }
}

/// The list of a group of which some rows are on the page, with so many rooms side by side, in the
/// order of the doors: every room has a tile, or is one of those that are told of together.
pub fn hung((common, rooms): &Group, columns: usize, on_page: &[Rows]) -> Vec<Hung> {
    let columns = columns.max(1);
    let is_on_page = |row: usize| {
        let mut shown = on_page.iter();
        shown.any(|(other, rows)| other == common && rows.contains(&row))
    };
    let mut hung: Vec<Hung> = Vec::new();
    for (number, room) in rooms.iter().enumerate() {
        let row = number / columns;
        if is_on_page(row) {
            let room = *room;
            hung.push(Hung::Tile(Place { room, number, row }));
        } else if let Some(Hung::Beyond(beyond)) = hung.last_mut() {
            beyond.rooms += 1;
        } else {
            let rooms = 1;
            hung.push(Hung::Beyond(Beyond { rooms, number, row }));
        }
    }
    hung
}

/// All rows of all groups, however many they come to.
pub fn all(groups: &[Group]) -> Vec<Rows> {
    let names = groups.iter().map(|(common, _)| common.clone());
    names.map(|common| (common, 0..usize::MAX)).collect()
}

/// How many rows a group has.
pub fn rows(rooms: usize, columns: usize) -> usize {
    rooms.div_ceil(columns.max(1))
}

/// The row of a room and its neighbours, in the groups next to its own where it is the first or the
/// last: an arrow finds them on the page wherever that was scrolled to.
pub fn around(groups: &[Group], columns: usize, room: RoomId) -> Vec<Rows> {
    let columns = columns.max(1);
    let found = groups.iter().enumerate().find_map(|(index, (_, rooms))| {
        let number = rooms.iter().position(|other| *other == room)?;
        Some((index, number / columns))
    });
    let Some((index, row)) = found else {
        return vec![];
    };
    let (common, rooms) = &groups[index];
    let mut around = vec![(common.clone(), row.saturating_sub(1)..row + 2)];
    let before = index.checked_sub(1).and_then(|before| groups.get(before));
    if let Some((common, rooms)) = before.filter(|_| row == 0) {
        let last = rows(rooms.len(), columns);
        around.push((common.clone(), last.saturating_sub(1)..last));
    }
    let is_last = row + 1 == rows(rooms.len(), columns);
    if let Some((common, _)) = groups.get(index + 1).filter(|_| is_last) {
        around.push((common.clone(), 0..1));
    }
    around
}

/// Which of some rows that lie below each other, from a height on and with a gap between them, are
/// between two heights.
pub fn between(from: f64, heights: &[f64], gap: f64, sight: &Range<f64>) -> Range<usize> {
    let mut top = from;
    let mut shown = 0..0;
    for (row, height) in heights.iter().enumerate() {
        if top < sight.end && top + height > sight.start {
            if shown.is_empty() {
                shown.start = row;
            }
            shown.end = row + 1;
        }
        top += height + gap;
    }
    shown
}

/// How many columns that stand side by side, with a gap between them, are within a width.
pub fn within(widths: &[f64], gap: f64, width: f64) -> usize {
    // Widths are rounded when they are told.
    const ROUNDING: f64 = 1.0;
    let rights = widths.iter().scan(-gap, |right, width| {
        *right += gap + width;
        Some(*right)
    });
    rights
        .take_while(|right| *right <= width + ROUNDING)
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn room(number: u128) -> RoomId {
        RoomId(Uuid::from_u128(number))
    }

    fn floor(number: i64) -> Common {
        Common::Floor(number)
    }

    /// Two floors of five and four rooms, and one room somewhere else.
    fn house() -> Vec<Group> {
        vec![
            (floor(1), (101..=105).map(room).collect()),
            (floor(2), (201..=204).map(room).collect()),
            (Common::NoSection, vec![room(701)]),
        ]
    }

    #[test]
    fn rooms_of_rows_on_the_page_have_tiles_and_the_others_are_counted_where_they_are() {
        let tile = |room, number, row| Hung::Tile(Place { room, number, row });
        let beyond = |rooms, number, row| Hung::Beyond(Beyond { rooms, number, row });
        let on_page = [(floor(2), 0..9), (floor(1), 2..3), (floor(1), 1..2)];
        let first = |columns| hung(&house()[0], columns, &on_page);
        assert_eq!(
            first(2),
            [
                beyond(2, 0, 0),
                tile(room(103), 2, 1),
                tile(room(104), 3, 1),
                tile(room(105), 4, 2)
            ]
        );
        assert_eq!(first(4), [beyond(4, 0, 0), tile(room(105), 4, 1)]);
        assert_eq!(first(5), [beyond(5, 0, 0)]);
        assert_eq!(
            hung(&house()[1], 1, &[(floor(2), 1..2)]),
            [beyond(1, 0, 0), tile(room(202), 1, 1), beyond(2, 2, 2)]
        );
        assert_eq!(hung(&(floor(3), vec![]), 2, &on_page), []);
    }

    #[test]
    fn the_rows_around_a_room_reach_into_the_groups_next_to_it() {
        let around = |number| around(&house(), 2, room(number));
        assert_eq!(around(103), [(floor(1), 0..3)]);
        assert_eq!(around(105), [(floor(1), 1..4), (floor(2), 0..1)]);
        assert_eq!(around(202), [(floor(2), 0..2), (floor(1), 2..3)]);
        assert_eq!(around(701), [(Common::NoSection, 0..2), (floor(2), 1..2)]);
        assert!(around(999).is_empty());
    }

    #[test]
    fn all_rows_are_a_tile_for_every_room() {
        let house = house();
        for columns in [1, 4] {
            let hung: Vec<_> = house
                .iter()
                .map(|it| hung(it, columns, &all(&house)))
                .collect();
            let tiles = hung.iter().flatten().filter_map(Hung::tile);
            let rooms = house.iter().flat_map(|(_, rooms)| rooms.clone());
            assert!(tiles.map(|place| place.room).eq(rooms), "{columns}");
        }
    }

    #[test]
    fn rows_are_in_sight_as_soon_as_an_edge_of_them_is() {
        let between = |start, end| between(10.0, &[60.0, 60.0, 80.0, 60.0], 5.0, &(start..end));
        assert_eq!(between(0.0, 11.0), 0..1);
        assert_eq!(between(0.0, 10.0), 0..0);
        assert_eq!(between(71.0, 139.0), 1..2);
        assert_eq!(between(69.0, 141.0), 0..3);
        assert_eq!(between(219.0, 500.0), 2..4);
        assert_eq!(between(286.0, 500.0), 0..0);
    }

    #[test]
    fn columns_beside_the_board_are_none_of_it() {
        assert_eq!(within(&[], 7.0, 300.0), 0);
        assert_eq!(within(&[95.33, 95.33, 95.34], 7.0, 300.0), 3);
        assert_eq!(within(&[104.0, 104.0, 300.0, 300.0], 7.0, 300.0), 2);
        assert_eq!(within(&[104.0], 7.0, 60.0), 0);
    }
}
