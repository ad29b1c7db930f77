//! The front desk's device, and what has to be so of it whatever the server says.

use crate::hostile::frame::encode;
use keyrack_model::{
    action::{Content, LogEntry, Sequence},
    class::Class,
    cleanliness::Cleanliness,
    command::Command,
    ids::{CommentId, DeviceId, LogEpoch, OperationId},
    ipc::{Answer, Question},
    limits::PROTOCOL,
    room::ServiceStatus,
    time::Timestamp,
    wire::{ServerFrame, Verdict},
};
use keyrack_replica::{Input, NewDevice, Replica, SyncSession, UserSession};
use keyrack_server::pretend::{EPOCH, HOTEL, NOW, ORDER, ROOM, RUI, opening, people};
use keyrack_wire::Incoming;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A device that has the house, at which Rui did three things that wait.
pub struct Desk {
    pub replica: Replica,
    sync: SyncSession,
    incoming: Incoming,
    pub now: Timestamp,
    acted: BTreeSet<OperationId>,
    /// Actions of this device that the server said it has.
    settled: BTreeSet<OperationId>,
    drawn: u128,
}

impl Desk {
    pub fn at_work() -> Self {
        let mut drawn = 0u128;
        let fresh = move || {
            drawn += 1;
            Uuid::from_u128(0xAA00 + drawn)
        };
        let device = NewDevice {
            id: DeviceId(Uuid::from_u128(0xD00D)),
            signing_key: [9; 32],
            name: "desk".into(),
        };
        let mut replica =
            Replica::open_in_memory(device, Box::new(fresh)).expect("a store in memory");
        let me = people().into_iter().find(|person| person.id == RUI);
        replica
            .begin_session(UserSession {
                server: "http://127.0.0.1:1".into(),
                hotel: HOTEL,
                hotel_code: "resort".into(),
                hotel_name: "Resort".into(),
                me: me.expect("Rui works here"),
                token: "token".into(),
            })
            .expect("a session is kept");
        let mut desk = Self {
            replica,
            sync: SyncSession::new(NOW, 7),
            incoming: Incoming::default(),
            now: NOW,
            acted: BTreeSet::new(),
            settled: BTreeSet::new(),
            drawn: 0,
        };
        desk.takes(Input::Tick);
        desk.takes(Input::Opened);
        let head = Sequence(opening().len() as u64);
        desk.receives(encode(&welcome(EPOCH, head, Sequence(0))));
        desk.receives(encode(&ServerFrame::Deliver { entries: house() }));
        assert_eq!(desk.replica.cursor(), head);
        for what in 0..3 {
            desk.acts(what);
        }
        assert_eq!(desk.waiting().len(), 3);
        desk
    }

    /// A frame arrives.
    pub fn receives(&mut self, frame: Vec<u8>) {
        let before = self.replica.cursor();
        let read = ciborium::from_reader::<ServerFrame, _>(&frame[..]).ok();
        self.takes(Input::Received(frame));
        let after = self.replica.cursor();
        match &read {
            Some(ServerFrame::Deliver { entries }) => {
                let delivered: BTreeSet<_> = entries
                    .iter()
                    .flat_map(|it| it.first().0..=it.sequence.0)
                    .collect();
                assert!(before <= after, "a delivery takes the device back");
                assert!(
                    (before.0 + 1..=after.0).all(|number| delivered.contains(&number)),
                    "{before:?} to {after:?} over a gap"
                );
                self.settled
                    .extend(entries.iter().filter_map(|it| it.operation()));
            }
            Some(ServerFrame::Welcome { .. }) => assert!(after <= before, "a greeting is no entry"),
            _ => assert_eq!(after, before, "no entry came"),
        }
        if let Some(ServerFrame::Verdicts { verdicts }) = read {
            let accepted = verdicts.iter().filter(|told| {
                let is_accepted = matches!(told.verdict, Verdict::Accepted { .. });
                is_accepted
            });
            self.settled.extend(accepted.map(|told| told.operation));
        }
        self.loses_nothing();
    }

    /// A message of the stream arrives; a broken one ends the connection.
    pub fn unpacks(&mut self, message: &[u8]) {
        match self.incoming.unpack(message) {
            Ok(frame) => self.receives(frame),
            Err(_) => {
                self.incoming = Incoming::default();
                self.takes(Input::Closed(None));
            }
        }
    }

    pub fn takes(&mut self, input: Input) {
        let effects = self.sync.handle(&mut self.replica, self.now, input);
        effects.expect("no server makes the store fail");
    }

    /// Rui does something; what the app refuses is not done.
    pub fn acts(&mut self, what: u8) {
        self.drawn += 1;
        let operation = OperationId(Uuid::from_u128(0x0B00 + self.drawn));
        let command = match what % 4 {
            0 => Command::SetServiceStatus {
                room: ROOM,
                value: ServiceStatus::ALL[usize::from(what / 4 + 1) % ServiceStatus::ALL.len()],
            },
            1 => Command::SetCleanliness {
                rooms: vec![ROOM],
                value: Cleanliness::Clean,
            },
            2 => Command::AddComment {
                comment: CommentId(operation.0),
                subject: ORDER,
                text: "Looked at it.".into(),
            },
            _ => Command::EditWorkOrder {
                work_order: ORDER,
                edit: keyrack_model::command::WorkOrderEdit {
                    description: Some(format!("Drips, {what}.")),
                    ..Default::default()
                },
            },
        };
        if self.replica.act(&command, operation, self.now).is_ok() {
            self.acted.insert(operation);
            self.takes(Input::Acted);
        }
        self.loses_nothing();
    }

    pub fn waiting(&self) -> Vec<OperationId> {
        match self.replica.answer(&Question::Waiting) {
            Ok(Answer::Waiting(actions)) => actions.iter().map(|it| it.operation).collect(),
            other => panic!("{other:?}"),
        }
    }

    /// What was done here waits, was refused and is kept, or is the server's.
    fn loses_nothing(&self) {
        let waiting = self.waiting();
        let refused = self.replica.refused().expect("the store answers");
        for operation in &self.acted {
            let is_there = waiting.contains(operation)
                || refused.iter().any(|it| it.operation == *operation)
                || self.settled.contains(operation);
            assert!(is_there, "{operation} is lost");
        }
    }

    /// The rows are those that the changes make, and work goes on.
    pub fn ends_whole(mut self) {
        let rows = rows(&self.replica);
        self.replica.rebuild().expect("the store can be read again");
        assert_eq!(self::rows(&self.replica), rows);
        for what in 0..4 {
            self.acts(what);
        }
    }
}

fn rows(replica: &Replica) -> BTreeMap<String, usize> {
    let mut count = BTreeMap::new();
    for row in replica.all_rows().expect("the store answers") {
        *count.entry(format!("{row:?}")).or_default() += 1;
    }
    count
}

/// The entries that opened the house.
pub fn house() -> Vec<LogEntry> {
    (1..)
        .zip(opening())
        .map(|(sequence, action)| LogEntry {
            sequence: Sequence(sequence),
            content: Content::Action {
                received_at: NOW,
                device: DeviceId(Uuid::from_u128(0xD0FE)),
                action: action.clone(),
            },
        })
        .collect()
}

pub fn welcome(epoch: LogEpoch, head: Sequence, after: Sequence) -> ServerFrame {
    ServerFrame::Welcome {
        protocol: PROTOCOL,
        epoch,
        head,
        after,
        server_time: NOW,
        classes: Class::ALL.to_vec(),
    }
}
