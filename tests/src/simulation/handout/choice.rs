//! Which documents are handed out, and how much of their story.

use crate::simulation::{hotel, world::Broken};
use keyrack_model::{
    action::{LogEntry, Sequence},
    command::{Command, DeskCommand, ImportedRow},
    ids::{DocumentKind, DocumentRef},
    limits::WORKING_SET_DAYS,
    rows::RowKeys,
    segment::Segment,
    time::BusinessDate,
};
use keyrack_server::snapshots::segment_of;
use std::collections::BTreeSet;

/// Documents that a device begins with: all but some stays and tasks, which are as old as the hotel,
/// and those that are over. What several people may make under one id is handed out, as everything
/// recent is.
pub(in crate::simulation) fn handed_out(log: &[LogEntry]) -> Result<Vec<DocumentRef>, Broken> {
    let over = over(log)?;
    let opening = hotel::opening().actions.iter();
    let opening = opening.flat_map(|action| action.changes.iter().map(|change| change.document));
    let old: BTreeSet<DocumentRef> = opening
        .filter(|document| matches!(document.kind, DocumentKind::Stay | DocumentKind::Task))
        .filter(|document| document.id.0.as_u128().is_multiple_of(3))
        .collect();
    let mut documents = documents_of(log);
    documents.retain(|document| !old.contains(document) && !over.contains(document));
    Ok(documents)
}

/// Stays and tasks that were over longer before the hotel's day than a working set reaches back.
pub(in crate::simulation) fn over(log: &[LogEntry]) -> Result<BTreeSet<DocumentRef>, Broken> {
    let since = day_of(log).plus_days(-WORKING_SET_DAYS);
    if since <= hotel::opening_day() {
        // Nothing is as old as that.
        return Ok(BTreeSet::new());
    }
    let made = segment_of(log, &documents_of(log)).map_err(|error| Broken(error.to_string()))?;
    let rows = made.documents.into_iter().map(|state| state.row);
    let over = rows.filter(|row| {
        let keys = RowKeys::of(&row.entity);
        !keys.open && keys.to.is_some_and(|to| to < since)
    });
    Ok(over.map(|row| row.document).collect())
}

/// The day that the hotel has come to.
pub(in crate::simulation) fn day_of(log: &[LogEntry]) -> BusinessDate {
    let actions = log.iter().filter_map(LogEntry::action);
    let days = actions.filter_map(|action| day_begun_by(&action.command));
    days.max().unwrap_or(hotel::opening_day())
}

/// The day that a command brings the hotel to: an import of the night, or somebody at a desk.
pub(in crate::simulation) fn day_begun_by(command: &Command) -> Option<BusinessDate> {
    match command.asked() {
        Command::Import(ImportedRow::BusinessDate { date, .. }) => Some(*date),
        Command::Desk(DeskCommand::CloseDay { date }) => Some(date.plus_days(1)),
        _ => None,
    }
}

fn documents_of(log: &[LogEntry]) -> Vec<DocumentRef> {
    let actions = log.iter().filter_map(LogEntry::action);
    let mut documents: Vec<DocumentRef> = actions
        .flat_map(|action| action.changes.iter().map(|change| change.document))
        .collect();
    documents.sort();
    documents.dedup();
    documents
}

/// Leaves the opening out of the stories: it lies as far back as what a working set does not tell of.
pub(super) fn shorten(segment: &mut Segment) {
    let opening = Sequence(hotel::opening_length());
    for state in &mut segment.documents {
        let parts = state.story.len();
        state.story.retain(|part| part.sequence > opening);
        state.is_whole &= state.story.len() == parts;
    }
    segment.actions.retain(|line| line.sequence > opening);
}
