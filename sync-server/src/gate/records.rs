//! Judges what writes a record: whether its author knew the version that it is written on.

use super::{
    admission::{Author, Gate, Stop, check_references},
    shelf::Draft,
};
use crate::log::{KnownRecord, NewEntry};
use keyrack_model::{
    action::Action,
    command::Command,
    policy::Role,
    record::{Payload, Record, RecordRef},
    refusal::{GateReason, Refusal},
    time::ClockReading,
};
use std::collections::HashMap;

/// Where a record stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Version {
    number: u64,
    pub(super) is_erased: bool,
}

impl Version {
    /// Of a record that nobody has made.
    const NONE: Self = Self {
        number: 0,
        is_erased: false,
    };

    fn of(known: &KnownRecord) -> Self {
        Self {
            number: known.version,
            is_erased: known.is_erased,
        }
    }

    pub(super) fn made(record: &Record) -> Self {
        Self {
            number: record.version,
            is_erased: record.payload == Payload::Erased,
        }
    }

    /// Refuses to write on top of anything but this.
    fn check(self, expected: u64) -> Result<(), Refusal> {
        if expected == self.number {
            Ok(())
        } else if self.is_erased {
            Err(Refusal::RecordErased)
        } else {
            Err(Refusal::RecordChanged {
                version: self.number,
            })
        }
    }
}

impl Gate<'_> {
    /// Where a record stands after what was admitted before.
    pub(super) fn present(&self, record: RecordRef, draft: &Draft<'_>) -> Version {
        match draft.version(record) {
            Some(present) => present,
            None => self.records.get(&record).map_or(Version::NONE, Version::of),
        }
    }

    /// The version of a record that a command writes, when its author knew the one before.
    pub(super) fn next_version(
        &self,
        action: &Action,
        role: Role,
        record: RecordRef,
        from: Author,
        draft: &Draft<'_>,
    ) -> Result<NewEntry, Stop> {
        check_references(&action.command, &HashMap::new(), draft)?;
        let present = self.present(record, draft);
        let payload = match &action.command {
            Command::EditGuest {
                expected, guest, ..
            } => {
                present.check(*expected)?;
                Payload::Guest(guest.clone())
            }
            Command::EraseGuest { .. } => {
                if present == Version::NONE || present.is_erased {
                    return Err(Refusal::NothingToDo.into());
                }
                Payload::Erased
            }
            _ => return Err(GateReason::NotOfCommand.into()),
        };
        let version = present.number + 1;
        Ok(NewEntry {
            action: action.clone(),
            role,
            device: from.device(),
            received_at: self.now,
            clock: ClockReading::of(action.at.wall, self.now),
            changes: Vec::new(),
            record: Some(Record::version(record, version, payload)),
            names_hotel: None,
        })
    }
}
