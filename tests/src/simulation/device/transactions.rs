//! However much a device is told at once, it comes about in one transaction, or not at all.

use super::*;
use crate::simulation::hotel::{BEGINNING, opening, person};
use keyrack_model::{
    action::{Content, LogEntry, Sequence},
    class::Reading,
    command::{Command, WorkOrderDraft},
    ids::{LogEpoch, WorkOrderId},
    limits::PROTOCOL,
    wire::{OperationVerdict, ServerFrame, Verdict},
};
use tempfile::TempDir;

const NOW: Timestamp = BEGINNING;

/// A device of its own folder that was greeted by a server whose log it does not reach the end of.
struct Greeted {
    device: Device,
    _folder: TempDir,
}

impl Greeted {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut device = Device::new(0, folder.path(), person(0), 0, false);
        device.start(NOW).unwrap();
        let mut greeted = Self {
            device,
            _folder: folder,
        };
        greeted.takes(Input::Tick);
        greeted.takes(Input::Opened);
        greeted.hears(&ServerFrame::Welcome {
            protocol: PROTOCOL,
            epoch: LogEpoch::default(),
            head: Sequence(1_000),
            after: Sequence(0),
            server_time: NOW,
            classes: Reading::of(greeted.device.me.role).classes(),
            grant_millis: None,
        });
        greeted
    }

    /// How many transactions come of an input.
    fn takes(&mut self, input: Input) -> i64 {
        const MORE: i64 = 1 << 32;
        let fuse = self.device.running.as_ref().unwrap().fuse.clone();
        fuse.light(MORE);
        self.device.handle(NOW, input).unwrap();
        MORE - fuse.0.load(Ordering::Relaxed)
    }

    fn hears(&mut self, frame: &ServerFrame) -> i64 {
        self.takes(Input::Received(crate::simulation::link::encode(frame)))
    }

    /// The first entries of the log.
    fn is_told(&mut self, entries: usize) -> i64 {
        let entries = opening().actions.iter().zip(1..).take(entries);
        let entries = entries.map(|(action, place)| LogEntry {
            sequence: Sequence(place),
            content: Content::Action {
                received_at: NOW,
                device: id(1),
                action: action.clone(),
            },
        });
        let entries = entries.collect();
        self.hears(&ServerFrame::Deliver { entries })
    }

    /// So many work orders are reported, and the server takes all of them at once.
    fn is_taken_at_its_word(&mut self, orders: u64) -> i64 {
        let first = opening().actions.len() as u64 + 1;
        self.is_told(usize::MAX);
        let mut verdicts = Vec::new();
        for number in 0..orders {
            let order = Command::CreateWorkOrder {
                work_order: WorkOrderId(Uuid::from_u128(0x500 + u128::from(number))),
                draft: WorkOrderDraft {
                    title: "Lamp".into(),
                    ..WorkOrderDraft::default()
                },
            };
            let operation = OperationId(Uuid::from_u128(0x9_0000 + u128::from(number)));
            let running = self.device.running.as_mut().unwrap();
            running.replica.act(&order, operation, NOW).unwrap();
            verdicts.push(OperationVerdict {
                operation,
                verdict: Verdict::Accepted {
                    sequence: Sequence(first + number),
                    received_at: NOW,
                },
            });
        }
        self.takes(Input::Acted);
        let transactions = self.hears(&ServerFrame::Verdicts { verdicts });
        let replica = &self.device.running.as_ref().unwrap().replica;
        assert_eq!(replica.waiting().unwrap(), 0);
        transactions
    }
}

#[test]
fn a_delivery_is_taken_in_at_once() {
    let all = opening().actions.len();
    assert!(all > 5);
    for entries in [1, all] {
        assert_eq!(Greeted::new().is_told(entries), 1, "{entries} entries");
    }
}

#[test]
fn verdicts_that_come_together_are_taken_in_at_once() {
    for orders in [1, 40] {
        let transactions = Greeted::new().is_taken_at_its_word(orders);
        assert_eq!(transactions, 1, "{orders} orders");
    }
}
