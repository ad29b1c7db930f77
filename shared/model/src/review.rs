//! What the server kept instead of doing it, as those who decide on it are told.
//!
//! **Architecture Invariant**: nothing is told of a kept action that the role of whoever asks does
//! not read in the log.

use crate::{
    action::Action,
    class::{Class, Reading},
    command::Command,
    ids::{DeviceId, OperationId, UserId},
    policy::Role,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// What is kept of a hotel.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Reviews {
    /// What somebody decides on.
    pub waiting: Queue,
    /// What is kept to be read, in quarantine.
    pub set_aside: Queue,
}

/// The first of what is kept, in the order in which it came.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Queue {
    /// Up to [`crate::limits::REVIEW_PAGE`].
    pub first: Vec<SeenReview>,
    /// How many there are with those that are not named.
    pub in_all: u64,
}

/// A kept action.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SeenReview {
    pub operation: OperationId,
    /// What was asked for; [`Command::Redacted`] for a role that does not read all of it.
    pub command: Command,
    pub author: UserId,
    pub device: DeviceId,
    /// By the device's clock.
    pub at: Timestamp,
    pub received_at: Timestamp,
    /// What the author was when they did it; None where nobody knows.
    pub role: Option<Role>,
    pub why: Why,
}

/// Why an action is kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Why {
    /// Its author may do it no longer. What they are by now; None when they have left since.
    RoleChanged { to: Option<Role> },
    /// Somebody approved it, and it is being carried out.
    BeingApproved,
    /// Its author does not work at the hotel any more.
    Dismissed,
    /// It comes from a device that is not trusted.
    Distrusted,
}

/// A command as somebody may read it who reads these classes.
pub fn as_read(reading: Reading, action: Action) -> Command {
    let documents = action.changes.iter().map(|it| it.document.kind);
    let mut classes: Vec<Class> = documents.map(Class::of_document).collect();
    let record = action.command.asked().record();
    classes.extend(record.map(|record| Class::of_record(record.kind)));
    if classes.into_iter().all(|class| reading.has(class)) {
        action.command
    } else {
        Command::Redacted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ids::StayId, record::Guest};

    #[test]
    fn who_a_guest_is_is_told_to_those_alone_who_read_it_in_the_log() {
        let command = Command::EditGuest {
            stay: StayId::default(),
            expected: 0,
            guest: Guest::default(),
        };
        let kept = Action {
            operation: OperationId::default(),
            author: UserId::default(),
            at: Default::default(),
            schema: crate::limits::SCHEMA,
            command: command.clone(),
            changes: vec![],
        };
        let read = |role| as_read(Reading::of(role), kept.clone());
        assert_eq!(read(Role::Manager), command);
        assert_eq!(read(Role::Supervisor), Command::Redacted);
    }
}
