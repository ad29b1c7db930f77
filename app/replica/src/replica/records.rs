//! Records: who works here and with what rights, and who the guests are.
//!
//! **Architecture Invariant**: what the signed-in person's role does not read is shown nowhere, and in
//! no record of the store once the device knows the role, unless somebody whose session waits here
//! for a PIN reads it: they may come back where there is no network. What is kept off this device is in
//! no record of it, whoever comes back, and of what was written on it only what waits to be sent.

use super::{
    Author, CLASSES, CURSOR, Intent, LAST_PLACE, Replica, SESSION, UserSession, begin,
    working_set::{ask_for_records, is_handed_out},
};
use crate::{
    error::{ActError, StoreError},
    store::{
        actions, records, rows,
        vault::{self, Kept},
    },
};
use keyrack_model::{
    action::{Action, LogEntry, Sequence},
    class::{Class, GuestNames, Reading},
    command::Command,
    ids::{DeviceId, DocumentRef, OperationId, RecordId, StayId},
    limits,
    policy::allows,
    record::{Payload, RecordKind, RecordRef},
    refusal::{GateReason, Refusal},
    rows::{DeviceRow, GuestRow, Person},
    time::Timestamp,
    wire::KnownPlace,
};
use rusqlite::Connection;

impl Replica {
    pub fn people(&self) -> Result<Vec<Person>, StoreError> {
        records::people(&self.db)
    }

    /// What the hotel's devices are called.
    pub fn devices(&self) -> Result<Vec<DeviceRow>, StoreError> {
        records::devices(&self.db)
    }

    /// Who the guests of these stays are, as far as the signed-in person may know.
    pub fn guests_of(
        &self,
        documents: impl IntoIterator<Item = DocumentRef>,
    ) -> Result<Vec<GuestRow>, StoreError> {
        if !self.reading()?.has(Class::Guests) || !records::has_any(&self.db, RecordKind::Guest)? {
            return Ok(Vec::new());
        }
        let stays = documents.into_iter().filter_map(stay);
        let mut guests = Vec::new();
        for stay in stays {
            guests.extend(guest_of(&self.db, stay)?);
        }
        Ok(guests)
    }

    /// What the signed-in person reads on this device.
    pub(super) fn reading(&self) -> Result<Reading, StoreError> {
        let Some(session) = &self.session else {
            return Ok(Reading::default());
        };
        let guests = guests_on(&self.db, self.device.id)?;
        Ok(Reading::at(session.me.role, guests))
    }

    /// What this device has of the log up to its cursor.
    pub(crate) fn classes(&self) -> Result<Vec<Class>, StoreError> {
        Ok(CLASSES.get(&self.db)?.unwrap_or_default())
    }

    /// Whether some of what the server delivers is not here up to the cursor.
    pub(crate) fn lacks(&self, classes: &[Class]) -> Result<bool, StoreError> {
        let held: Reading = self.classes()?.into_iter().collect();
        Ok(!held.covers(classes.iter().copied().collect()))
    }

    /// Takes note of what the server delivers from here on, and drops everything else but what whoever
    /// was here lately comes back to. True when something was dropped.
    pub(crate) fn keep_classes(
        &mut self,
        classes: &[Class],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let tx = begin(&mut self.db)?;
        let told: Reading = classes.iter().copied().collect();
        // The server may know by now that somebody is erased, and does not tell whoever reads less.
        let here = self.session.as_ref().map(|session| session.me.id);
        let lately = |kept: &Kept| {
            let confirmed = kept.confirmed_at;
            Some(kept.person.id) != here
                && confirmed.is_some_and(|at| now.millis_apart(at) < limits::GRANT_MILLIS)
        };
        let guests = guests_on(&tx, self.device.id)?;
        let faces = of_faces(&tx, lately)?.and(Reading::on_device(guests));
        let dropped = records::keep_only(&tx, told.or(faces))?;
        CLASSES.set(&tx, &classes.to_vec())?;
        tx.commit()?;
        Ok(dropped)
    }

    /// Reads what this device was not told of so far: where it began with a working set the
    /// records alone, else the whole log again, passing over what is here already.
    pub(crate) fn read_anew(&mut self) -> Result<(), StoreError> {
        if is_handed_out(&self.db)? {
            return ask_for_records(&self.db, self.cursor);
        }
        CURSOR.set(&self.db, &Sequence::default())?;
        self.cursor = Sequence::default();
        Ok(())
    }

    /// Takes the signed-in person's name and role over from the record, and drops what they do not
    /// read any more, and what is kept off this device by its own. True when something changed. Only on
    /// a device that has all of the log: earlier versions are passed through on the way.
    pub(crate) fn follow_own_record(&mut self) -> Result<bool, StoreError> {
        let Some(session) = &self.session else {
            return Ok(false);
        };
        let record = records::find(&self.db, session.me.id.into())?;
        let Some(me) = record.and_then(|record| record.person()) else {
            return Ok(false);
        };
        if me == session.me {
            return self.drop_what_is_kept_off(&me);
        }
        let session = UserSession {
            me,
            ..session.clone()
        };
        let tx = begin(&mut self.db)?;
        // Under a PIN it is as it was: whoever goes on with it is whom the record tells of.
        if !self.is_sealed {
            SESSION.set(&tx, &session)?;
        }
        narrow(&tx, &session.me, self.device.id)?;
        tx.commit()?;
        self.session = Some(session);
        Ok(true)
    }

    /// True when there was something. The server greets this device by what may be on it before the log
    /// tells why.
    fn drop_what_is_kept_off(&mut self, me: &Person) -> Result<bool, StoreError> {
        match guests_on(&self.db, self.device.id)? {
            GuestNames::Shown => Ok(false),
            GuestNames::KeptOff => {
                let tx = begin(&mut self.db)?;
                let changed = narrow(&tx, me, self.device.id)?;
                tx.commit()?;
                Ok(changed)
            }
        }
    }

    /// Sets a refused edit of a record aside; None for another action.
    pub(super) fn refuse_edit(
        &mut self,
        operation: OperationId,
        reason: &Refusal,
    ) -> Result<Option<Vec<DocumentRef>>, StoreError> {
        if !records::is_edit(&self.db, operation)? {
            return Ok(None);
        }
        let action = actions::find(&self.db, operation)?.ok_or(StoreError::Unreadable)?;
        let document = action.command.record().and_then(document);
        let is_here = match document {
            Some(document) => rows::find(&self.db, document.id)?.is_some(),
            None => true,
        };
        // The log lost what it is about, and nobody has brought it back.
        let reason = match reason {
            Refusal::Gate {
                reason: GateReason::MissingDependency,
            } if !is_here => &Refusal::NotFound,
            reason => reason,
        };
        let tx = begin(&mut self.db)?;
        records::set_aside(&tx, operation, reason)?;
        forget_what_is_kept_off(&tx, self.device.id)?;
        tx.commit()?;
        Ok(Some(document.into_iter().collect()))
    }
}

/// Takes note of the last place of which no action here tells: a record's, or a hidden one's.
pub(super) fn note_last_place(db: &Connection, entries: &[LogEntry]) -> Result<(), StoreError> {
    let mut others = entries.iter().filter(|entry| entry.action().is_none());
    let last = others.rfind(|entry| entry.operation().is_some());
    if let Some(place) = last.and_then(KnownPlace::of)
        && LAST_PLACE
            .get(db)?
            .is_none_or(|known| known.sequence < place.sequence)
    {
        LAST_PLACE.set(db, &place)?;
    }
    Ok(())
}

/// Drops what neither a person nor anybody whose session waits here reads, and takes note that it is not
/// here: the server has to tell it again to whoever reads it. True when anything changed.
pub(super) fn narrow(db: &Connection, me: &Person, device: DeviceId) -> Result<bool, StoreError> {
    let guests = guests_on(db, device)?;
    let here = Reading::on_device(guests);
    let reading = Reading::at(me.role, guests);
    let waiting = of_faces(db, |kept| kept.person.id != me.id)?;
    let dropped = records::keep_only(db, reading.or(waiting.and(here)))?;
    let forgotten = forget_what_is_kept_off(db, device)?;
    // Before the first greeting nobody has said what it is told of.
    let held = CLASSES.get(db)?.unwrap_or_default();
    let held: Reading = held.into_iter().collect();
    let is_narrower = !reading.covers(held);
    if is_narrower {
        CLASSES.set(db, &held.and(reading).classes())?;
    }
    Ok(dropped || forgotten || is_narrower)
}

/// Forgets what was written here of what may not be here, but for what waits to be sent. True when there
/// was something.
pub(super) fn forget_what_is_kept_off(
    db: &Connection,
    device: DeviceId,
) -> Result<bool, StoreError> {
    records::forget_own(db, Reading::on_device(guests_on(db, device)?))
}

/// Whether who the guests are may be on this device, by its own record; they may, until the log tells
/// otherwise.
fn guests_on(db: &Connection, device: DeviceId) -> Result<GuestNames, StoreError> {
    let record = records::find(db, device.into())?;
    let row = record.and_then(|record| record.device());
    Ok(row.map(|row| row.guests).unwrap_or_default())
}

/// What those of whom a session waits here for a PIN may read by now.
fn of_faces(db: &Connection, counts: impl Fn(&Kept) -> bool) -> Result<Reading, StoreError> {
    let mut reading = Reading::default();
    for kept in vault::all(db)?.into_iter().filter(counts) {
        let record = records::find(db, kept.person.id.into())?;
        let person = record.and_then(|record| record.person());
        let person = person.unwrap_or(kept.person);
        if !person.left {
            reading = reading.or(Reading::of(person.role));
        }
    }
    Ok(reading)
}

/// Writes an edit of a record within the caller's transaction; it shows at once and waits to be
/// sent.
pub(super) fn execute(
    db: &Connection,
    author: Author,
    intent: Intent<'_>,
    record: RecordRef,
) -> Result<Vec<DocumentRef>, ActError> {
    allows(author.role, intent.command)?;
    let Some(document) = document(record) else {
        return Err(Refusal::NotFound.into());
    };
    rows::find(db, document.id)?.ok_or(Refusal::NotFound)?;
    let present = guest_of(db, StayId(record.id.0))?;
    let version = present.as_ref().map_or(0, |row| row.version);
    let present = present.and_then(|row| row.guest);
    let command = match intent.command {
        Command::EditGuest {
            stay,
            expected,
            guest,
        } => {
            let guest = guest.checked()?;
            if *expected != version {
                return Err(Refusal::RecordChanged { version }.into());
            }
            if present.as_ref() == Some(&guest) {
                return Err(Refusal::NothingToDo.into());
            }
            Command::EditGuest {
                stay: *stay,
                expected: *expected,
                guest,
            }
        }
        Command::EraseGuest { .. } if present.is_none() => {
            return Err(Refusal::NothingToDo.into());
        }
        other => other.clone(),
    };
    let action = Action {
        operation: intent.operation,
        author: author.user,
        at: intent.at,
        schema: limits::SCHEMA,
        command,
        changes: Vec::new(),
    };
    actions::insert(db, &action, author.device, None)?;
    records::insert_edit(db, intent.operation, record)?;
    Ok(vec![document])
}

/// The stay whose guest a record is about.
pub(super) fn document(record: RecordRef) -> Option<DocumentRef> {
    match record.kind {
        RecordKind::Guest => Some(StayId(record.id.0).into()),
        RecordKind::Person | RecordKind::Device => None,
    }
}

fn stay(document: DocumentRef) -> Option<StayId> {
    let stay = StayId(document.id.0);
    (document == stay.into()).then_some(stay)
}

/// The guest of a stay with what waits to be sent; None when nobody ever said who it is.
fn guest_of(db: &Connection, stay: StayId) -> Result<Option<GuestRow>, StoreError> {
    let of = RecordRef {
        kind: RecordKind::Guest,
        id: RecordId(stay.0),
    };
    let mut row = records::find(db, of)?.map(|record| GuestRow {
        stay,
        version: record.version,
        guest: match record.payload {
            Payload::Guest(guest) => Some(guest),
            Payload::Person(_) | Payload::Device(_) | Payload::Erased => None,
        },
    });
    for operation in records::unsettled_edits(db, of)? {
        let edit = actions::find(db, operation)?.ok_or(StoreError::Unreadable)?;
        let guest = match edit.command {
            Command::EditGuest { guest, .. } => Some(guest),
            _ => None,
        };
        row = Some(GuestRow {
            stay,
            version: row.map_or(0, |row| row.version) + 1,
            guest,
        });
    }
    Ok(row)
}
