//! What an edit costs on the wire, measured on a stream like workload W's: 2,000 work orders, and one
//! field of a random one edited at a time.

use fastrand::Rng;
use keyrack_document::{Document, Stamp};
use keyrack_model::{
    action::{Action, Content, DocumentChange, LogEntry, Sequence},
    change::Change,
    command::{Command, WorkOrderEdit},
    ids::{ActorId, DeviceId, LogEpoch, OperationId, UserId, WorkOrderId},
    limits::{LAST_PLAIN_PROTOCOL, PROTOCOL},
    time::{HybridTime, Timestamp},
    wire::{ClientFrame, ServerFrame},
    work_order::{Priority, WorkOrder, WorkOrderChange, WorkOrderStatus},
};
use keyrack_wire::{Incoming, Outgoing};
use serde::Serialize;
use uuid::{Builder, Uuid};

const DOCUMENTS: usize = 2_000;
const EDITS: usize = 1_000;
const BATCH: usize = 50;
/// What the compact form may take of the plain one, pushed and delivered once.
const MOST_SINGLY: f64 = 0.75;
const MOST_TOGETHER: f64 = 0.62;
const BEGUN: u64 = 1_495_700_000_000;

/// Somebody at a device.
struct Desk {
    author: UserId,
    device: DeviceId,
    actor: ActorId,
}

struct House {
    random: Rng,
    now: u64,
    desks: Vec<Desk>,
    orders: Vec<(WorkOrderId, Document, WorkOrder)>,
}

impl House {
    fn with(desks: usize) -> Self {
        let mut random = Rng::with_seed(7);
        let mut id = || Builder::from_random_bytes(random.u128(..).to_be_bytes()).into_uuid();
        let desks = (0..desks)
            .map(|_| Desk {
                author: UserId(id()),
                device: DeviceId(id()),
                actor: ActorId(id()),
            })
            .collect();
        let mut house = Self {
            random,
            now: BEGUN,
            desks,
            orders: Vec::new(),
        };
        for _ in 0..DOCUMENTS {
            let id = WorkOrderId(house.timed_id());
            let order = WorkOrder {
                title: house.words(4),
                description: house.words(12),
                reported_by: Some(house.desks[0].author),
                reported_at: Some(Timestamp(house.now as i64)),
                ..WorkOrder::default()
            };
            let mut document = Document::genesis(id.into());
            house.written(0, &mut document, &order.creation(id));
            house.orders.push((id, document, order));
        }
        house
    }

    fn timed_id(&mut self) -> Uuid {
        let random = self.random.u128(..).to_be_bytes();
        let random = random[..10].try_into().expect("ten bytes");
        Builder::from_unix_timestamp_millis(self.now, &random).into_uuid()
    }

    fn words(&mut self, count: usize) -> String {
        let all: Vec<_> = "room guest towels minibar leak shower tv remote needs late checkout \
            deep clean carpet window lamp replaced ask reception extra pillow noise a/c filter \
            done before noon vip again please"
            .split_whitespace()
            .collect();
        let chosen: Vec<_> = (0..count)
            .map(|_| all[self.random.usize(..all.len())])
            .collect();
        chosen.join(" ")
    }

    fn written(
        &mut self,
        desk: usize,
        document: &mut Document,
        changes: &[Change],
    ) -> (OperationId, Vec<u8>) {
        self.now += self.random.u64(1..40);
        let operation = OperationId(self.timed_id());
        let at = Timestamp(self.now as i64);
        let bytes = document.write(self.desks[desk].actor, Stamp { operation, at }, changes);
        (
            operation,
            bytes.expect("a document").expect("something new"),
        )
    }

    fn edit(&mut self, desk: usize) -> Action {
        let number = self.random.usize(..DOCUMENTS);
        let (id, mut document, mut order) = self.orders[number].clone();
        let mut edit = WorkOrderEdit::default();
        let change = match self.random.usize(..10) {
            0..=2 => {
                let all = WorkOrderStatus::ALL;
                let others: Vec<_> = all.iter().filter(|it| **it != order.status).collect();
                let status = *others[self.random.usize(..4)];
                edit.status = Some(status);
                WorkOrderChange::Status(status)
            }
            3 => {
                let all = Priority::ALL;
                let others: Vec<_> = all.iter().filter(|it| **it != order.priority).collect();
                let priority = *others[self.random.usize(..4)];
                edit.priority = Some(priority);
                WorkOrderChange::Priority(priority)
            }
            4 => {
                let others: Vec<_> = self.desks.iter().map(|it| it.author).collect();
                let others: Vec<_> = others
                    .into_iter()
                    .filter(|it| Some(*it) != order.assignee)
                    .collect();
                let assignee = Some(others[self.random.usize(..others.len())]);
                edit.assignee = Some(assignee);
                WorkOrderChange::Assignee(assignee)
            }
            5..=7 => {
                let title = format!("{} {}", self.words(1), self.random.u32(..));
                edit.title = Some(title.clone());
                WorkOrderChange::Title(title)
            }
            _ => {
                let description = format!("{} {}", order.description, self.words(3));
                edit.description = Some(description.clone());
                WorkOrderChange::Description(description)
            }
        };
        order.apply(change.clone());
        let (operation, bytes) =
            self.written(desk, &mut document, &[Change::WorkOrder(id, change)]);
        self.orders[number] = (id, document, order);
        Action {
            operation,
            author: self.desks[desk].author,
            at: HybridTime {
                wall: Timestamp(self.now as i64),
                counter: 0,
            },
            schema: 1,
            command: Command::EditWorkOrder {
                work_order: id,
                edit,
            },
            changes: vec![DocumentChange {
                document: id.into(),
                bytes,
            }],
        }
    }
}

fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("memory takes all");
    bytes
}

/// Bytes of all messages but the greeting, and what comes out is what went in.
fn cost(frames: &[Vec<u8>]) -> usize {
    let (mut outgoing, mut incoming) = (Outgoing::default(), Incoming::default());
    let mut cost = 0;
    for (number, frame) in frames.iter().enumerate() {
        let message = outgoing.pack(frame).expect("within the bound");
        assert_eq!(incoming.unpack(&message).as_ref(), Ok(frame));
        if number > 0 {
            cost += message.len();
        }
    }
    cost
}

fn pushes(random: &mut Rng, protocol: u16, actions: &[Action], batch: usize) -> Vec<Vec<u8>> {
    let hello = ClientFrame::Hello {
        protocol,
        epoch: None,
        cursor: Sequence(0),
        known: None,
        classes: vec![],
        actors: vec![],
    };
    let mut frames = vec![encode(&hello)];
    for actions in actions.chunks(batch) {
        frames.push(encode(&ClientFrame::Push {
            batch: encode(&actions),
            signature: (0..64).map(|_| random.u8(..)).collect(),
            proofs: vec![],
        }));
    }
    frames
}

fn deliveries(protocol: u16, entries: &[LogEntry], batch: usize) -> Vec<Vec<u8>> {
    let welcome = ServerFrame::Welcome {
        protocol,
        epoch: LogEpoch::default(),
        head: Sequence(2_000),
        after: Sequence(2_000),
        server_time: Timestamp(BEGUN as i64),
        classes: vec![],
        grant_millis: None,
    };
    let mut frames = vec![encode(&welcome)];
    for entries in entries.chunks(batch) {
        frames.push(encode(&ServerFrame::Deliver {
            entries: entries.to_vec(),
        }));
    }
    frames
}

#[test]
fn an_edit_costs_less_in_the_compact_form() {
    let mut house = House::with(2);
    let actions: Vec<Action> = (0..EDITS).map(|_| house.edit(1)).collect();
    let entries: Vec<LogEntry> = actions
        .iter()
        .zip(2_001..)
        .map(|(action, sequence)| LogEntry {
            sequence: Sequence(sequence),
            content: Content::Action {
                received_at: Timestamp(action.at.wall.0 + 3),
                device: house.desks[1].device,
                action: action.clone(),
            },
        })
        .collect();
    for (batch, most) in [(1, MOST_SINGLY), (BATCH, MOST_TOGETHER)] {
        let of = |protocol: u16| {
            let mut random = Rng::with_seed(1);
            let push = cost(&pushes(&mut random, protocol, &actions, batch));
            push + cost(&deliveries(protocol, &entries, batch))
        };
        let (plain, compact) = (of(LAST_PLAIN_PROTOCOL), of(PROTOCOL));
        let share = compact as f64 / plain as f64;
        println!(
            "{batch} at a time: {} and {} bytes an edit, plain and compact: {share:.2}",
            plain / EDITS,
            compact / EDITS,
        );
        assert!(share <= most, "{share}");
    }
}
