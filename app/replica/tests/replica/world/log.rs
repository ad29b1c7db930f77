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
    documents: HashMap<DocumentRef, Document>,
}

impl Log {
    pub fn head(&self) -> Sequence {
        Sequence(self.entries.len() as u64)
    }

    pub fn welcome(&self, people: Vec<Person>) -> ServerFrame {
        ServerFrame::Welcome {
            protocol: 1,
            epoch: LogEpoch(Uuid::from_u128(1)),
            head: self.head(),
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
        for change in &action.changes {
            let document = self
                .documents
                .entry(change.document)
                .or_insert_with(|| Document::genesis(change.document));
            if document.apply(&change.bytes).is_err() {
                let reason = GateReason::MissingDependency;
                return Verdict::Refused(Refusal::Gate { reason });
            }
        }
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
