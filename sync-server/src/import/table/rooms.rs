//! Rooms of a file.

use super::cells::Cells;
use keyrack_model::{
    import::{ImportFault, ImportField},
    limits::{MAX_FLOOR, MAX_NAME, MAX_TEXT},
    room::{Room, RoomUse},
};
use std::collections::HashMap;

/// A row of rooms. What it does not say is None, and stays as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct RoomRow {
    pub(super) row: u64,
    pub(super) number: String,
    floor: Option<i64>,
    room_type: Option<String>,
    section: Option<String>,
    building: Option<String>,
    used_for: Option<RoomUse>,
    note: Option<String>,
    /// Numbers of the rooms that it is connected to.
    pub(super) connects_to: Vec<String>,
}

impl RoomRow {
    /// The room as the row has it, on top of what the hotel has.
    pub(super) fn over(&self, known: Option<&Room>) -> Room {
        let known = known.cloned().unwrap_or_default();
        Room {
            number: self.number.clone(),
            floor: self.floor.unwrap_or(known.floor),
            room_type: self.room_type.clone().unwrap_or(known.room_type),
            section: self.section.clone().unwrap_or(known.section),
            building: self.building.clone().unwrap_or(known.building),
            used_for: self.used_for.unwrap_or(known.used_for),
            note: self.note.clone().unwrap_or(known.note),
            ..known
        }
    }
}

/// What stands between the numbers of several rooms.
const BETWEEN_ROOMS: [char; 3] = [',', ';', '+'];

fn connects_to(cells: &mut Cells<'_>) -> Vec<String> {
    let said = cells.text(ImportField::ConnectsTo, MAX_TEXT);
    let said = said.unwrap_or_default();
    let numbers = said.split(BETWEEN_ROOMS).map(str::trim);
    let numbers = numbers.filter(|number| !number.is_empty());
    numbers.map(str::to_owned).collect()
}

/// Reads a row. `seen` are the numbers of those before it.
pub(super) fn read(cells: &mut Cells<'_>, seen: &mut HashMap<String, u64>) -> Option<RoomRow> {
    let number = cells.needed_text(ImportField::Number, MAX_NAME);
    let room = RoomRow {
        row: cells.row(),
        floor: cells.number(ImportField::Floor, -MAX_FLOOR, MAX_FLOOR),
        room_type: cells.text(ImportField::RoomType, MAX_NAME),
        section: cells.text(ImportField::Section, MAX_NAME),
        building: cells.text(ImportField::Building, MAX_NAME),
        used_for: cells.word(
            ImportField::UsedFor,
            &RoomUse::ALL
                .iter()
                .map(|used| (used.word(), *used))
                .collect::<Vec<_>>(),
        ),
        note: cells.lines(ImportField::Note, MAX_TEXT),
        connects_to: connects_to(cells),
        number,
    };
    if let Some(row) = seen.get(&room.number) {
        cells.fault(ImportField::Number, ImportFault::Twice { row: *row });
    } else if !room.number.is_empty() {
        seen.insert(room.number.clone(), room.row);
    }
    cells.is_right().then_some(room)
}
