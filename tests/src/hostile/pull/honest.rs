//! An honest server after the hostile one: the house's log under another epoch, which takes whatever
//! this device sends.

use super::{
    desk::{house, welcome},
    handout,
};
use keyrack_model::{
    action::{Action, Content, LogEntry, Sequence},
    ids::{DeviceId, LogEpoch, OperationId},
    wire::{ClientFrame, OperationVerdict, ServerFrame, Verdict},
};
use keyrack_replica::{Fetched, Wanted};
use keyrack_server::pretend::NOW;
use std::collections::BTreeSet;
use uuid::Uuid;

const EPOCH: LogEpoch = LogEpoch(Uuid::from_u128(3));

pub(super) struct Honest {
    log: Vec<LogEntry>,
    from: DeviceId,
}

impl Honest {
    pub(super) fn that_hears(from: DeviceId) -> Self {
        let log = house();
        Self { log, from }
    }

    pub(super) fn head(&self) -> Sequence {
        self.log.last().map_or(Sequence(0), |last| last.sequence)
    }

    /// What the log has.
    pub(super) fn operations(&self) -> BTreeSet<OperationId> {
        self.log.iter().filter_map(LogEntry::operation).collect()
    }

    pub(super) fn hands_out(&self, wanted: Wanted) -> Fetched {
        handout::honest(wanted, EPOCH, &self.log)
    }

    pub(super) fn answers(&mut self, frame: &[u8]) -> Vec<ServerFrame> {
        match ciborium::from_reader(frame).expect("a device sends frames") {
            ClientFrame::Hello { epoch, cursor, .. } => {
                let after = match epoch {
                    Some(EPOCH) => cursor,
                    None => {
                        assert_eq!(cursor, Sequence(0), "a place in no log");
                        cursor
                    }
                    // Of a log that nobody knows any more nothing is sure.
                    Some(_) => Sequence(0),
                };
                assert!(after <= self.head(), "{after:?} is not there yet");
                vec![welcome(EPOCH, self.head(), after), self.delivers(after)]
            }
            ClientFrame::Push { batch, .. } => {
                let actions: Vec<Action> =
                    ciborium::from_reader(&batch[..]).expect("a batch of actions");
                let before = self.head();
                let verdicts = actions
                    .into_iter()
                    .map(|action| self.takes(action))
                    .collect();
                vec![ServerFrame::Verdicts { verdicts }, self.delivers(before)]
            }
            ClientFrame::Ping => vec![ServerFrame::Pong],
            ClientFrame::Register { .. } | ClientFrame::Renew { .. } => Vec::new(),
        }
    }

    fn takes(&mut self, action: Action) -> OperationVerdict {
        let operation = action.operation;
        let known = self.log.iter().find(|it| it.operation() == Some(operation));
        let sequence = known.map_or(self.head().next(), |known| known.sequence);
        if known.is_none() {
            self.log.push(LogEntry {
                sequence,
                content: Content::Action {
                    received_at: NOW,
                    device: self.from,
                    action,
                },
            });
        }
        let verdict = Verdict::Accepted {
            sequence,
            received_at: NOW,
        };
        OperationVerdict { operation, verdict }
    }

    fn delivers(&self, after: Sequence) -> ServerFrame {
        let entries = self.log.iter().filter(|entry| entry.sequence > after);
        ServerFrame::Deliver {
            entries: entries.cloned().collect(),
        }
    }
}
