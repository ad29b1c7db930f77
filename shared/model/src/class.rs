//! Classes of what is read, which roles read them, and what may be on a device: one table, which the
//! server delivers by and the device drops by.
//!
//! **Architecture Invariant**: everything in the log is of exactly one class for each of its parts,
//! and no part leaves the server for a reader whose role does not read its class, nor for a device
//! that it is kept off.

use crate::{
    action::{Action, Content, LogEntry},
    command::Command,
    ids::DocumentKind,
    policy::Role,
    record::{Payload, RecordKind},
    word_enum,
};

word_enum! {
    /// What is read together or not at all.
    Class {
        /// The hotel, its rooms and its rules.
        Rooms = "rooms",
        /// Stays: which room when, how many, and where from. They name nobody.
        Stays = "stays",
        Tasks = "tasks",
        /// Work orders and the comments on them.
        WorkOrders = "work-orders",
        /// The people who work at the hotel.
        People = "people",
        Devices = "devices",
        /// Who the guests are.
        Guests = "guests",
    }
}

word_enum! {
    /// Whether who the guests are may be on a device, whatever the roles of those who work there.
    #[derive(Default)]
    GuestNames {
        #[default]
        Shown = "shown",
        KeptOff = "kept-off",
    }
}

use Role::{Admin, Engineer, FrontDesk, Housekeeper, Manager, Server, Supervisor};

const EVERYBODY: &[Role] = &[
    Admin,
    Manager,
    Supervisor,
    FrontDesk,
    Housekeeper,
    Engineer,
    Server,
];
/// Whoever has to do with guests as persons. Who cleans, inspects or repairs a room needs to know
/// that somebody is in it, not who.
const HOSTS: &[Role] = &[Admin, Manager, FrontDesk, Server];

impl Class {
    pub fn of_document(kind: DocumentKind) -> Self {
        match kind {
            DocumentKind::Hotel
            | DocumentKind::Room
            | DocumentKind::RoomBlock
            | DocumentKind::RoomLink
            | DocumentKind::RuleSheet => Self::Rooms,
            DocumentKind::Stay => Self::Stays,
            DocumentKind::Task => Self::Tasks,
            DocumentKind::WorkOrder | DocumentKind::Comment => Self::WorkOrders,
        }
    }

    pub fn of_record(kind: RecordKind) -> Self {
        match kind {
            RecordKind::Person => Self::People,
            RecordKind::Device => Self::Devices,
            RecordKind::Guest => Self::Guests,
        }
    }

    /// The roles that may read it. The board of everybody shows whether a room is occupied, which
    /// follows from the stays, and whether it is being cleaned, which follows from the tasks.
    pub fn readers(self) -> &'static [Role] {
        match self {
            Self::Rooms
            | Self::Stays
            | Self::Tasks
            | Self::WorkOrders
            | Self::People
            | Self::Devices => EVERYBODY,
            Self::Guests => HOSTS,
        }
    }
}

/// The classes that somebody may read.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Reading(u16);

impl Reading {
    /// What a role may read.
    pub fn of(role: Role) -> Self {
        let all = Class::ALL.iter().copied();
        all.filter(|class| class.readers().contains(&role))
            .collect()
    }

    pub fn all() -> Self {
        Class::ALL.iter().copied().collect()
    }

    /// What may be on a device, whoever works there.
    pub fn on_device(guests: GuestNames) -> Self {
        let is_there = |class: &Class| match guests {
            GuestNames::Shown => true,
            GuestNames::KeptOff => *class != Class::Guests,
        };
        Class::ALL.iter().copied().filter(is_there).collect()
    }

    /// What somebody in a role reads on a device.
    pub fn at(role: Role, guests: GuestNames) -> Self {
        Self::of(role).and(Self::on_device(guests))
    }

    /// What documents are of.
    pub fn of_documents() -> Self {
        DocumentKind::ALL
            .into_iter()
            .map(Class::of_document)
            .collect()
    }

    pub fn has(self, class: Class) -> bool {
        self.0 & bit(class) != 0
    }

    /// Whether everything that the other may read is among it.
    pub fn covers(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// What both may read.
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What either may read.
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn classes(self) -> Vec<Class> {
        let all = Class::ALL.iter().copied();
        all.filter(|class| self.has(*class)).collect()
    }

    /// The entries as this reader gets them: what may be read of each, and one entry for each run
    /// of places of which nothing may.
    pub fn shown(self, entries: &[LogEntry]) -> Vec<LogEntry> {
        let mut shown: Vec<LogEntry> = Vec::with_capacity(entries.len());
        for entry in entries {
            let entry = self.shown_one(entry);
            match (shown.last_mut(), &entry.content) {
                (Some(run), Content::Hidden { .. })
                    if matches!(run.content, Content::Hidden { .. }) =>
                {
                    *run = LogEntry {
                        sequence: entry.sequence,
                        content: Content::Hidden {
                            first: run.first(),
                            operation: entry.operation(),
                        },
                    };
                }
                _ => shown.push(entry),
            }
        }
        shown
    }

    fn shown_one(self, entry: &LogEntry) -> LogEntry {
        let content = match &entry.content {
            Content::Action {
                received_at,
                device,
                action,
            } => self
                .part(action)
                .map(|action| Content::Action {
                    received_at: *received_at,
                    device: *device,
                    action,
                })
                .unwrap_or_else(|| hidden(entry)),
            // That something was erased is told to everybody: whoever wrote it still has it.
            Content::Record { record, .. }
                if !self.has(record.audience) && record.payload != Payload::Erased =>
            {
                hidden(entry)
            }
            content @ (Content::Record { .. } | Content::Hidden { .. }) => content.clone(),
        };
        LogEntry {
            sequence: entry.sequence,
            content,
        }
    }

    /// The part of an action that may be read, if any. A command is told whole or not at all: its
    /// arguments may concern what is hidden.
    fn part(self, action: &Action) -> Option<Action> {
        let is_shown = |kind| self.has(Class::of_document(kind));
        let mut changes = action.changes.iter();
        if changes.all(|change| is_shown(change.document.kind)) {
            return Some(action.clone());
        }
        let mut part = Action {
            command: Command::Redacted,
            changes: Vec::new(),
            ..action.clone()
        };
        let changes = action.changes.iter();
        let shown = changes.filter(|change| is_shown(change.document.kind));
        part.changes.extend(shown.cloned());
        (!part.changes.is_empty()).then_some(part)
    }
}

impl FromIterator<Class> for Reading {
    fn from_iter<I: IntoIterator<Item = Class>>(classes: I) -> Self {
        Self(classes.into_iter().fold(0, |bits, class| bits | bit(class)))
    }
}

fn bit(class: Class) -> u16 {
    1 << class as u16
}

fn hidden(entry: &LogEntry) -> Content {
    Content::Hidden {
        first: entry.sequence,
        operation: entry.operation(),
    }
}

/// The classes that entries have a part in.
pub fn classes_in(entries: &[LogEntry]) -> Reading {
    let classes = entries.iter().flat_map(|entry| match &entry.content {
        Content::Action { action, .. } => action
            .changes
            .iter()
            .map(|change| Class::of_document(change.document.kind))
            .collect(),
        Content::Record { record, .. } => vec![record.audience],
        Content::Hidden { .. } => Vec::new(),
    });
    classes.collect()
}

#[cfg(test)]
mod tests;
