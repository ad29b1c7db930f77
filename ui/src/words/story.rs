//! History entries as a story: one chapter for each action, with what it changed, and what rule had
//! a hand in it.

use super::{
    Names,
    command::command_for_room,
    field::{field_label, in_words},
};
use crate::{
    catalogue::{t, t_with, t_word},
    query::{
        standing::stands,
        topic::{Topic, topic_of},
    },
};
use keyrack_model::{
    cleanliness::{CleanlinessMark, MarkCause},
    command::{Command, DeskCommand, RoomCommand, WorkCommand},
    field::FieldType,
    ids::{DocumentKind, OperationId, RoomId, TaskId},
    rows::{HistoryEntry, HistoryField},
    task::{TaskKind, TaskRule, TaskStatus},
    time::Timestamp,
};

/// One action of a story.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chapter {
    pub operation: OperationId,
    pub what: String,
    pub who: String,
    pub device: String,
    pub at: Timestamp,
    pub known_at: Option<Timestamp>,
    pub changes: Vec<FieldStory>,
    /// What it is about, whether that reads as a change or not.
    pub topics: Vec<Topic>,
    pub way_back: WayBack,
}

/// Taking an action back, or why that cannot be.
pub type WayBack = Result<(), String>;

/// A field from what to what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldStory {
    pub topic: Topic,
    pub field: String,
    pub before: String,
    pub after: String,
    /// What a rule had to do with it.
    pub rule: Option<String>,
}

/// Entries come newest first; those of one action stand together. `refuses` says why the person's
/// role may not do something.
pub fn story(
    entries: &[HistoryEntry],
    room: Option<RoomId>,
    names: &Names<'_>,
    refuses: &dyn Fn(&Command) -> Option<String>,
) -> Vec<Chapter> {
    let mut chapters: Vec<Chapter> = Vec::new();
    for entry in entries {
        let place = chapters
            .iter()
            .position(|chapter| chapter.operation == entry.operation);
        let place = place.unwrap_or_else(|| {
            chapters.push(Chapter {
                operation: entry.operation,
                what: command_for_room(&entry.command, room, names),
                who: names.person(entry.author),
                device: names.device(entry.device),
                at: entry.at,
                known_at: entry.known_at,
                changes: Vec::new(),
                topics: Vec::new(),
                way_back: way_back(entry, entries, refuses),
            });
            chapters.len() - 1
        });
        let chapter = &mut chapters[place];
        // What a person made from nothing is in the headline.
        if !is_in_headline(&entry.command) {
            chapter.changes.extend(changes(entry, entries, names));
        }
        for field in &entry.fields {
            if let Some(topic) = topic_of(entry.document.kind, &field.key)
                && !chapter.topics.contains(&topic)
            {
                chapter.topics.push(topic);
            }
        }
    }
    chapters
}

fn is_in_headline(command: &Command) -> bool {
    matches!(
        command.asked(),
        Command::CreateWorkOrder { .. }
            | Command::AddComment { .. }
            | Command::Desk(DeskCommand::Book { .. })
            | Command::Rooms(RoomCommand::Add { .. } | RoomCommand::Block { .. })
            | Command::Work(WorkCommand::Add { .. })
    )
}

fn way_back(
    entry: &HistoryEntry,
    entries: &[HistoryEntry],
    refuses: &dyn Fn(&Command) -> Option<String>,
) -> WayBack {
    match entry.command {
        Command::Import(_) | Command::OpenHotel { .. } => {
            return Err(t("history.by-server").to_owned());
        }
        Command::Redacted => return Err(t("history.not-whole").to_owned()),
        _ => {}
    }
    if !stands(entries, entry.operation) {
        return Err(t("history.written-over").to_owned());
    }
    refuses(first(&entry.command, entries)).map_or(Ok(()), Err)
}

/// What somebody did in the beginning, where the story tells it: taking back a taking back is doing
/// it again.
fn first<'a>(command: &'a Command, entries: &'a [HistoryEntry]) -> &'a Command {
    let mut command = command.asked();
    for entry in entries {
        if command.undoes() == Some(entry.operation) {
            command = entry.command.asked();
        }
    }
    command
}

/// What an action did to one document, field by field.
fn changes(entry: &HistoryEntry, entries: &[HistoryEntry], names: &Names<'_>) -> Vec<FieldStory> {
    // What an import made was nothing before, whatever an empty field reads as; so was a task.
    let is_task = entry.document.kind == DocumentKind::Task;
    let from_nothing =
        is_begun(entry) && (is_task || matches!(entry.command.asked(), Command::Import(_)));
    let mut told = Vec::new();
    if is_task && from_nothing && !entry.fields.iter().any(|field| field.key == "status") {
        // The status that a task begins with is written by nobody.
        told.push(FieldStory {
            topic: Topic::Tasks,
            field: kind_in_words(entry, names),
            before: t("value.none").to_owned(),
            after: t_word("task", TaskStatus::default().word()).to_owned(),
            rule: rule_of_task(entry),
        });
    }
    let fields = entry.fields.iter();
    told.extend(fields.filter_map(|field| field_story(entry, field, entries, names, from_nothing)));
    told
}

/// Whether an entry made its document: a field is among its own that is written then and never
/// again.
fn is_begun(entry: &HistoryEntry) -> bool {
    let is_of_beginning = |key: &str| match entry.document.kind {
        DocumentKind::Room => key == "number",
        DocumentKind::Stay => key == "booking",
        DocumentKind::Task => key == "business_date",
        DocumentKind::Hotel
        | DocumentKind::WorkOrder
        | DocumentKind::Comment
        | DocumentKind::RoomBlock
        | DocumentKind::RoomLink
        | DocumentKind::RuleSheet => false,
    };
    entry.fields.iter().any(|field| is_of_beginning(&field.key))
}

/// None for fields that only machines read, and for values that were confirmed.
fn field_story(
    entry: &HistoryEntry,
    changed: &HistoryField,
    entries: &[HistoryEntry],
    names: &Names<'_>,
    from_nothing: bool,
) -> Option<FieldStory> {
    let document = entry.document;
    let label = field_label(document.kind, &changed.key)?;
    let field = match (document.kind, changed.key.as_str()) {
        (DocumentKind::Task, "status") => kind_in_words(entry, names),
        (DocumentKind::Task, _) => t_with(
            "history.of-task",
            &[("task", &kind_in_words(entry, names)), ("field", label)],
        ),
        _ => label.to_owned(),
    };
    let before = if from_nothing {
        t("value.none").to_owned()
    } else {
        in_words(document, &changed.key, &changed.before, names)
    };
    let after = in_words(document, &changed.key, &changed.after, names);
    (before != after).then(|| FieldStory {
        topic: topic_of(document.kind, &changed.key).unwrap_or(Topic::Other),
        field,
        before,
        after,
        rule: rule(entry, changed, entries),
    })
}

/// What kind of task an entry is about.
fn kind_in_words(entry: &HistoryEntry, names: &Names<'_>) -> String {
    let written = entry.fields.iter().find(|field| field.key == "kind");
    let written = written.and_then(|field| TaskKind::from_value(&field.after));
    let kind = written.or_else(|| names.task_kind(TaskId(entry.document.id.0)));
    kind.map_or_else(
        || t("field.task").to_owned(),
        |kind| t_word("task-kind", kind.word()).to_owned(),
    )
}

/// The rule that made, moved or cancelled the task of an entry, and what it counted.
fn rule_of_task(entry: &HistoryEntry) -> Option<String> {
    let written = entry.fields.iter().find(|field| field.key == "rule");
    let rule = match written {
        Some(field) => TaskRule::from_value(&field.after)?,
        // A task that is made says the first of the rules by leaving it out.
        None if is_begun(entry) => TaskRule::default(),
        None => return None,
    };
    if rule == TaskRule::Person {
        return None;
    }
    let word = t_word("task-rule", rule.word());
    let number = |key: &str| {
        let written = entry.fields.iter().find(|field| field.key == key)?;
        i64::from_value(&written.after).filter(|number| *number > 0)
    };
    Some(match (number("counted"), number("of_every")) {
        (Some(counted), Some(every)) => {
            let (counted, every) = (counted.to_string(), every.to_string());
            let said = [("rule", word), ("n", &*counted), ("every", &*every)];
            t_with("history.counted", &said)
        }
        _ => word.to_owned(),
    })
}

/// Whether an action gave its room back at the end of a block.
fn ends_block(entry: &HistoryEntry, entries: &[HistoryEntry]) -> bool {
    entries.iter().any(|other| {
        other.operation == entry.operation
            && other.document.kind == DocumentKind::RoomBlock
            && other.fields.iter().any(|field| field.key == "ended")
    })
}

/// What a rule had to do with a field: of a task the one that made, moved or cancelled it, of a
/// cleanliness what wrote it by itself, or that it came too late.
fn rule(entry: &HistoryEntry, changed: &HistoryField, entries: &[HistoryEntry]) -> Option<String> {
    match (entry.document.kind, changed.key.as_str()) {
        (DocumentKind::Task, "status") => rule_of_task(entry),
        (DocumentKind::Room, "cleanliness") => {
            let mark = CleanlinessMark::from_value(&changed.after)?;
            if is_too_late(entry, mark, entries) {
                return Some(t("history.too-late").to_owned());
            }
            match mark.cause {
                MarkCause::CheckOut => Some(t("history.by-check-out").to_owned()),
                MarkCause::Task if ends_block(entry, entries) => {
                    Some(t_word("task-rule", TaskRule::BlockEnded.word()).to_owned())
                }
                MarkCause::CheckIn
                | MarkCause::Task
                | MarkCause::Person
                | MarkCause::Undo
                | MarkCause::Import => None,
            }
        }
        _ => None,
    }
}

/// Whether somebody had begun a later turn of the room by then, of which whoever made the mark had
/// not heard.
fn is_too_late(entry: &HistoryEntry, mark: CleanlinessMark, entries: &[HistoryEntry]) -> bool {
    let earlier = entries.iter().filter(|other| {
        other.document == entry.document
            && other.at < entry.at
            && other.operation != entry.operation
    });
    let mut marks = earlier.flat_map(|other| &other.fields);
    marks.any(|field| {
        field.key == "cleanliness"
            && CleanlinessMark::from_value(&field.after)
                .is_some_and(|other| other.turn.is_after(mark.turn))
    })
}

#[cfg(test)]
mod tests;
