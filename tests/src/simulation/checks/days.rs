//! The hotel's days and the turns of its rooms.

use crate::simulation::{handout::day_of, world::Broken};
use keyrack_model::{
    action::LogEntry,
    command::{Command, ImportedRow},
    rows::Row,
};

/// The hotel has come to the latest day that the log knows, and no room is in a turn before one
/// that a night began: whatever was done without knowing of the night makes no room ready after it.
pub(super) fn have_gone_on(rows: &[Row], log: &[LogEntry]) -> Result<(), Broken> {
    let date = day_of(log);
    let hotel = rows.iter().find_map(|row| row.as_hotel());
    let shown = hotel.map(|(_, hotel)| hotel.business_date);
    if shown != Some(date) {
        return Err(Broken(format!(
            "the log has come to {date}, and {shown:?} is shown"
        )));
    }
    for action in log.iter().filter_map(LogEntry::action) {
        let Command::Import(ImportedRow::Room { room, fields }) = &action.command else {
            continue;
        };
        let mut rooms = rows.iter().filter_map(Row::as_room);
        let Some((_, shown)) = rooms.find(|(id, _)| id == room) else {
            return Err(Broken(format!("nobody shows {}", fields.number)));
        };
        let begun = fields.cleanliness.turn;
        if begun.is_after(shown.cleanliness.turn) {
            return Err(Broken(format!(
                "{} is in {}, and {begun} began since",
                fields.number, shown.cleanliness.turn
            )));
        }
    }
    Ok(())
}
