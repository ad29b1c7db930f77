//! The hotel's days and the turns of its rooms.

use crate::simulation::{
    device::Device,
    handout::{day_begun_by, day_of},
    hotel,
    world::Broken,
};
use keyrack_model::{
    action::LogEntry,
    command::{Command, ImportedRow},
    ids::DocumentRef,
    rows::Row,
    time::BusinessDate,
};
use keyrack_server::snapshots::segment_of;

/// Every device has come to the day to which the log has come, whoever ended the days before it.
pub(super) fn are_one(devices: &[Device], log: &[LogEntry]) -> Result<(), Broken> {
    let date = day_of(log);
    for (number, device) in devices.iter().enumerate() {
        let Some(running) = &device.running else {
            continue;
        };
        let shown = running.replica.hotel()?.business_date;
        if shown != date {
            return Err(Broken(format!(
                "device {number} is at {shown}, and the log has come to {date}"
            )));
        }
    }
    Ok(())
}

/// After each entry of the log that brings the hotel to a day, the hotel's document is at the latest
/// day so far: two desks that end one day come to the next one once, and one that was away while the
/// hotel went on takes nobody back.
pub(super) fn never_went_back(log: &[LogEntry]) -> Result<(), Broken> {
    let own = DocumentRef::from(hotel::id());
    let mut latest = hotel::opening_day();
    for (at, entry) in log.iter().enumerate() {
        let Some(action) = entry.action() else {
            continue;
        };
        if !action.changes.iter().any(|change| change.document == own) {
            continue;
        }
        latest = latest.max(day_begun_by(&action.command).unwrap_or(latest));
        let date = written_day(&log[..=at], own)?;
        if date != Some(latest) {
            return Err(Broken(format!(
                "entry {} brings the hotel to {date:?}, which was at {latest}",
                entry.sequence.0
            )));
        }
    }
    Ok(())
}

fn written_day(log: &[LogEntry], own: DocumentRef) -> Result<Option<BusinessDate>, Broken> {
    let made = segment_of(log, &[own]).map_err(|error| Broken(error.to_string()))?;
    let hotel = made.documents.iter().find_map(|state| state.row.as_hotel());
    Ok(hotel.map(|(_, hotel)| hotel.business_date))
}

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
