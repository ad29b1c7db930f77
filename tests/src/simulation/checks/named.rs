//! What those who run the hotel call it, and which rooms they added.

use crate::simulation::{hotel, world::Broken};
use keyrack_model::{
    action::LogEntry,
    command::{Command, RoomCommand},
    rows::Row,
};
use std::collections::BTreeSet;

/// The hotel is called what somebody called it in the log; what it opened with only where nobody did,
/// or somebody took that back.
pub(super) fn is_the_hotel(rows: &[Row], log: &[LogEntry]) -> Result<(), Broken> {
    let mut given = BTreeSet::new();
    let mut is_taken_back = false;
    for action in log.iter().filter_map(LogEntry::action) {
        match action.command.asked() {
            Command::NameHotel { name } => {
                given.insert(name.as_str());
            }
            Command::Undo { .. } => is_taken_back = true,
            _ => {}
        }
    }
    if given.is_empty() || is_taken_back {
        given.insert(hotel::NAME);
    }
    let shown = rows.iter().find_map(Row::as_hotel);
    let shown = shown.map(|(_, hotel)| hotel.name.as_str());
    match shown {
        Some(name) if given.contains(name) => Ok(()),
        other => Err(Broken(format!(
            "the hotel is called {other:?}, and was only ever called {given:?}"
        ))),
    }
}

/// A room that somebody added is there, once for its number, whoever added it at the same time.
pub(super) fn are_all_rooms(rows: &[Row], log: &[LogEntry]) -> Result<(), Broken> {
    let shown: BTreeSet<_> = rows
        .iter()
        .filter_map(Row::as_room)
        .map(|(id, _)| id)
        .collect();
    for action in log.iter().filter_map(LogEntry::action) {
        if let Command::Rooms(RoomCommand::Add { room, draft }) = action.command.asked()
            && !shown.contains(room)
        {
            return Err(Broken(format!("nobody shows {}", draft.number)));
        }
    }
    let mut numbers = BTreeSet::new();
    let rooms = rows.iter().filter_map(Row::as_room);
    // Who takes back that a room was added leaves it without a number.
    let numbered = rooms.filter(|(_, room)| !room.number.is_empty());
    for (_, room) in numbered {
        if !numbers.insert(room.number.as_str()) {
            return Err(Broken(format!("{} is there twice", room.number)));
        }
    }
    Ok(())
}
