//! The server's log in its simplest form: what builds on what is there is accepted, in order of
//! arrival, unless a test says otherwise.

use keyrack_document::Document;
use keyrack_model::{
    action::{Action, Content, LogEntry, Sequence},
    class::{Class, Reading},
    command::Command,
    identity::{SERVER, SERVER_DEVICE},
    ids::{DeviceId, DocumentRef, LogEpoch, OperationId, StayId, UserId},
    policy::Role,
    record::{Colleague, Payload, Record, RecordRef, Workplace},
    refusal::{GateReason, Refusal},
    rows::{GuestRow, Person},
    time::Timestamp,
    wire::{Batch, ClientFrame, ErrorBody, ErrorCode, OperationVerdict, ServerFrame, Verdict},
};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

#[derive(Default)]
pub struct Log {
    pub entries: Vec<LogEntry>,
    /// Operations that are refused when they come.
    pub refuses: HashMap<OperationId, Refusal>,
    /// Operations that rest on something which is not in the log, as they are sent first.
    pub groundless: HashSet<OperationId>,
    /// How often the log was brought back, and what it has in common each time with the one before.
    restored_to: Vec<Sequence>,
    /// What was lost may still come: what builds on it is asked for again later.
    pub recovers: bool,
    documents: HashMap<DocumentRef, Document>,
    /// When the push came that is judged: a time of its own for each.
    received_at: Timestamp,
    /// What the server's clock has moved on to.
    pub clock: i64,
}

/// What somebody reads: by their role alone, or there where they are.
pub trait Reads {
    fn reading(self) -> Reading;
}

impl Reads for Role {
    fn reading(self) -> Reading {
        Reading::of(self)
    }
}

impl Reads for Reading {
    fn reading(self) -> Reading {
        self
    }
}

impl Log {
    pub fn epoch(&self) -> LogEpoch {
        LogEpoch(Uuid::from_u128(1 + self.restored_to.len() as u128))
    }

    /// Brings the log back to an older state.
    pub fn restore(&mut self, to: Sequence) {
        self.entries.truncate(to.0 as usize);
        self.restored_to.push(to);
        self.documents.clear();
        let actions = self.entries.iter().filter_map(LogEntry::action);
        for change in actions.flat_map(|action| &action.changes) {
            let document = self
                .documents
                .entry(change.document)
                .or_insert_with(|| Document::genesis(change.document));
            document.apply(&change.bytes).unwrap();
        }
    }

    pub fn head(&self) -> Sequence {
        Sequence(self.entries.len() as u64)
    }

    /// What somebody with a role reads on a device.
    pub fn read_on(&self, device: DeviceId, role: Role) -> Reading {
        let row = self.present(device.into()).and_then(Record::device);
        let guests = row.map(|row| row.guests).unwrap_or_default();
        Reading::at(role, guests)
    }

    /// The answer to a device that has those classes of the log up to `cursor` in an epoch, and
    /// whose person reads as much.
    pub fn welcome(
        &self,
        reads: impl Reads,
        epoch: Option<LogEpoch>,
        cursor: Sequence,
        held: Vec<Class>,
    ) -> ServerFrame {
        let reading = reads.reading();
        let since = epoch.map_or(0, |epoch| epoch.0.as_u128() as usize - 1);
        let shared = self.restored_to[since..].iter().min();
        let after = shared.map_or(cursor, |shared| cursor.min(*shared));
        let held: Reading = held.into_iter().collect();
        let knows_the_log = epoch == Some(self.epoch());
        if knows_the_log && after > Sequence::default() && !held.covers(reading) {
            return ServerFrame::Refuse(ErrorBody {
                code: ErrorCode::MustRefetch,
                message: "There is more to read.".into(),
            });
        }
        ServerFrame::Welcome {
            protocol: 1,
            epoch: self.epoch(),
            head: self.head(),
            after,
            server_time: Timestamp(0),
            classes: reading.classes(),
            grant_millis: None,
        }
    }

    /// Entries after a cursor, as they are delivered to somebody who reads as much.
    pub fn after(&self, reads: impl Reads, cursor: Sequence) -> Vec<LogEntry> {
        reads.reading().shown(&self.entries[cursor.0 as usize..])
    }

    /// The present role of somebody, by the log.
    pub fn role_of(&self, person: UserId) -> Option<Role> {
        let record = self.present(person.into())?;
        record.person().map(|person| person.role)
    }

    /// The server says who somebody is.
    pub fn put_person(&mut self, person: &Person) {
        let of = RecordRef::from(person.id);
        let payload = Payload::Person(Colleague::from(person));
        let operation = OperationId(Uuid::from_u128(0xF000_0000 + self.entries.len() as u128));
        self.write(SERVER_DEVICE, SERVER, operation, of, payload);
    }

    /// The server says what a device is called.
    pub fn put_device(&mut self, device: DeviceId, workplace: Workplace) {
        let operation = OperationId(Uuid::from_u128(0xF000_0000 + self.entries.len() as u128));
        let payload = Payload::Device(workplace);
        self.write(SERVER_DEVICE, SERVER, operation, device.into(), payload);
    }

    /// Who the guest of a stay is, as a device shows it that reads all of it.
    pub fn guest(&self, stay: StayId) -> Option<GuestRow> {
        let record = self.present(stay.into())?;
        Some(GuestRow {
            stay,
            version: record.version,
            guest: match &record.payload {
                Payload::Guest(guest) => Some(guest.clone()),
                _ => None,
            },
        })
    }

    fn present(&self, of: RecordRef) -> Option<&Record> {
        let records = self.entries.iter().rev().filter_map(LogEntry::record);
        let mut versions = records.filter(|record| record.reference() == of);
        versions.next()
    }

    fn write(
        &mut self,
        device: DeviceId,
        author: UserId,
        operation: OperationId,
        of: RecordRef,
        payload: Payload,
    ) -> Verdict {
        let version = self.present(of).map_or(0, |record| record.version) + 1;
        if payload == Payload::Erased {
            for entry in &mut self.entries {
                if let Content::Record { record, .. } = &mut entry.content
                    && record.reference() == of
                {
                    record.payload = Payload::Erased;
                }
            }
        }
        let sequence = self.head().next();
        let received_at = self.received_at;
        self.entries.push(LogEntry {
            sequence,
            content: Content::Record {
                received_at,
                device,
                author,
                operation,
                record: Record::version(of, version, payload),
            },
        });
        Verdict::Accepted {
            sequence,
            received_at,
        }
    }

    /// Judges an edit of a record as the server does.
    fn judge_edit(&mut self, device: DeviceId, action: &Action, of: RecordRef) -> Verdict {
        let present = self.present(of);
        let version = present.map_or(0, |record| record.version);
        let is_erased = present.is_some_and(|record| record.payload == Payload::Erased);
        let payload = match &action.command {
            Command::EditGuest { expected, .. } if *expected != version => {
                return Verdict::Refused(if is_erased {
                    Refusal::RecordErased
                } else {
                    Refusal::RecordChanged { version }
                });
            }
            Command::EditGuest { guest, .. } => Payload::Guest(guest.clone()),
            _ if version == 0 || is_erased => return Verdict::Refused(Refusal::NothingToDo),
            _ => Payload::Erased,
        };
        self.write(device, action.author, action.operation, of, payload)
    }

    /// The answer to a push, as the server gives it.
    pub fn push(&mut self, device: DeviceId, actions: Vec<Action>) -> ServerFrame {
        let (first, sent) = (self.head().next(), actions.clone());
        self.received_at = Timestamp(self.clock + first.0 as i64);
        let verdicts = actions
            .into_iter()
            .map(|action| OperationVerdict {
                operation: action.operation,
                verdict: self.judge(device, action),
            })
            .collect();
        let stored = &self.entries[first.0 as usize - 1..];
        if !sent.is_empty() && stored.iter().filter_map(LogEntry::action).eq(&sent) {
            let received_at = stored[0].received_at().unwrap();
            return ServerFrame::Stored { first, received_at };
        }
        ServerFrame::Verdicts { verdicts }
    }

    fn judge(&mut self, device: DeviceId, action: Action) -> Verdict {
        if let Some(known) = self
            .entries
            .iter()
            .find(|entry| entry.operation() == Some(action.operation))
        {
            return Verdict::Accepted {
                sequence: known.sequence,
                received_at: known.received_at().unwrap(),
            };
        }
        if let Some(refusal) = self.refuses.get(&action.operation) {
            return Verdict::Refused(refusal.clone());
        }
        if self.groundless.remove(&action.operation) {
            let reason = GateReason::MissingDependency;
            return Verdict::Refused(Refusal::Gate { reason });
        }
        if let Some(record) = action.command.record() {
            return self.judge_edit(device, &action, record);
        }
        let mut written = Vec::new();
        for change in &action.changes {
            let document = self.documents.get(&change.document).cloned();
            let mut document = document.unwrap_or_else(|| Document::genesis(change.document));
            if document.apply(&change.bytes).is_err() {
                let reason = GateReason::MissingDependency;
                return if self.recovers {
                    Verdict::RetryAfter { millis: 1_000 }
                } else {
                    Verdict::Refused(Refusal::Gate { reason })
                };
            }
            written.push((change.document, document));
        }
        self.documents.extend(written);
        let sequence = self.head().next();
        let received_at = self.received_at;
        self.entries.push(LogEntry {
            sequence,
            content: Content::Action {
                received_at,
                device,
                action,
            },
        });
        Verdict::Accepted {
            sequence,
            received_at,
        }
    }
}

/// What a device sent, decoded.
pub fn decode(bytes: &[u8]) -> ClientFrame {
    ciborium::from_reader(bytes).unwrap()
}

pub fn decode_batch(bytes: &[u8]) -> Batch {
    ciborium::from_reader(bytes).unwrap()
}

pub fn encode(frame: &ServerFrame) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(frame, &mut bytes).unwrap();
    bytes
}
