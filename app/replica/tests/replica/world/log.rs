//! The server's log in its simplest form: what builds on what is there is accepted, in order of
//! arrival, unless a test says otherwise.

use keyrack_document::Document;
use keyrack_model::{
    action::{Action, LogEntry, Sequence},
    ids::{DeviceId, DocumentRef, LogEpoch, OperationId},
    refusal::{GateReason, Refusal},
    rows::Person,
    time::Timestamp,
    wire::{Batch, ClientFrame, OperationVerdict, ServerFrame, Verdict},
};
use std::collections::HashMap;
use uuid::Uuid;

#[derive(Default)]
pub struct Log {
    pub entries: Vec<LogEntry>,
    /// Operations that are refused when they come.
    pub refuses: HashMap<OperationId, Refusal>,
    /// Set when the log was brought back: what it has in common with the one before.
    shared: Option<Sequence>,
    /// What was lost may still come: what builds on it is asked for again later.
    pub recovers: bool,
    documents: HashMap<DocumentRef, Document>,
}

impl Log {
    fn epoch(&self) -> LogEpoch {
        LogEpoch(Uuid::from_u128(if self.shared.is_some() { 2 } else { 1 }))
    }

    /// Brings the log back to an older state.
    pub fn restore(&mut self, to: Sequence) {
        self.entries.truncate(to.0 as usize);
        self.shared = Some(to);
        self.documents.clear();
        for change in self.entries.iter().flat_map(|entry| &entry.action.changes) {
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

    /// The answer to a device that has the log up to `cursor` in an epoch.
    pub fn welcome(
        &self,
        people: Vec<Person>,
        epoch: Option<LogEpoch>,
        cursor: Sequence,
    ) -> ServerFrame {
        let shared = match self.shared {
            Some(shared) if epoch != Some(self.epoch()) => shared,
            _ => cursor,
        };
        ServerFrame::Welcome {
            protocol: 1,
            epoch: self.epoch(),
            head: self.head(),
            after: cursor.min(shared),
            server_time: Timestamp(0),
            people,
        }
    }

    /// Entries after a cursor, as they are delivered.
    pub fn after(&self, cursor: Sequence) -> Vec<LogEntry> {
        self.entries[cursor.0 as usize..].to_vec()
    }

    pub fn push(&mut self, device: DeviceId, actions: Vec<Action>) -> ServerFrame {
        let verdicts = actions
            .into_iter()
            .map(|action| OperationVerdict {
                operation: action.operation,
                verdict: self.judge(device, action),
            })
            .collect();
        ServerFrame::Verdicts { verdicts }
    }

    fn judge(&mut self, device: DeviceId, action: Action) -> Verdict {
        if let Some(known) = self
            .entries
            .iter()
            .find(|entry| entry.action.operation == action.operation)
        {
            return Verdict::Accepted {
                sequence: known.sequence,
                received_at: known.received_at,
            };
        }
        if let Some(refusal) = self.refuses.get(&action.operation) {
            return Verdict::Refused(refusal.clone());
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
        let entry = LogEntry {
            sequence: self.head().next(),
            received_at: Timestamp(self.head().0 as i64),
            device,
            action,
        };
        let verdict = Verdict::Accepted {
            sequence: entry.sequence,
            received_at: entry.received_at,
        };
        self.entries.push(entry);
        verdict
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
