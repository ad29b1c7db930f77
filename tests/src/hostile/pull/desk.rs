//! The front desk's device, and what has to be so of it whatever the server says and hands out.

use super::{handout, honest::Honest, server::audit_key};
use crate::hostile::{choices::Choices, frame::encode};
use ed25519_dalek::Signature;
use keyrack_model::{
    action::{Content, LogEntry, Sequence},
    audit_head::{AuditHead, hexadecimal, signed_text},
    class::Class,
    cleanliness::Cleanliness,
    command::Command,
    ids::{CommentId, DeviceId, LogEpoch, OperationId},
    ipc::{Answer, Connection, Question},
    limits::PROTOCOL,
    record::Guest,
    room::ServiceStatus,
    time::Timestamp,
    wire::{ServerFrame, Verdict},
};
use keyrack_replica::{
    Effect, Fetched, Input, NewDevice, Replica, SyncSession, UserSession, Wanted,
};
use keyrack_server::pretend::{EPOCH, GUEST, HOTEL, NOW, ORDER, ROOM, RUI, opening, people};
use keyrack_wire::Incoming;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use uuid::Uuid;

const DEVICE: DeviceId = DeviceId(Uuid::from_u128(0xD00D));
/// More than a device waits before it asks again.
const A_WHILE_MILLIS: i64 = 20_000;
/// Times that a device may have to wait until all is well with an honest server.
const PATIENCE: usize = 50;

/// A device of Rui's.
pub struct Desk {
    pub replica: Replica,
    sync: SyncSession,
    incoming: Incoming,
    pub now: Timestamp,
    acted: BTreeSet<OperationId>,
    /// Actions of which the server said what they are: its word counts.
    told: BTreeSet<OperationId>,
    /// Actions of this device that the server said it has.
    settled: BTreeSet<OperationId>,
    /// Places in which the server said that it has them.
    stored: BTreeSet<u64>,
    /// What it waits for beside the log.
    asked: Option<Wanted>,
    drawn: u128,
}

impl Desk {
    /// That read the log, and at which Rui did four things that wait.
    pub fn at_work() -> Self {
        let mut desk = Self::with(SyncSession::new(NOW, 7));
        desk.takes(Input::Opened);
        let head = Sequence(opening().len() as u64);
        desk.receives(encode(&welcome(EPOCH, head, Sequence(0))));
        desk.receives(encode(&ServerFrame::Deliver { entries: house() }));
        desk.works(head);
        desk
    }

    /// That was handed out the house, with as much work that waits.
    pub fn handed_out() -> Self {
        let mut desk = Self::fresh();
        for _ in 0..2 {
            desk.is_answered();
        }
        let head = Sequence(opening().len() as u64);
        desk.takes(Input::Opened);
        desk.receives(encode(&welcome(EPOCH, head, head)));
        desk.is_answered();
        desk.works(head);
        desk
    }

    /// That has nothing yet, and asks for what it begins with.
    pub fn fresh() -> Self {
        Self::with(SyncSession::new(NOW, 7).that_fetches())
    }

    fn works(&mut self, head: Sequence) {
        assert_eq!(self.replica.cursor(), head);
        assert_eq!(self.asked, None);
        for what in 0..4 {
            self.acts(what);
        }
        assert_eq!(self.waiting().len(), 4);
    }

    fn with(sync: SyncSession) -> Self {
        let mut drawn = 0u128;
        let fresh = move || {
            drawn += 1;
            Uuid::from_u128(0xAA00 + drawn)
        };
        let device = NewDevice {
            id: DEVICE,
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
                renewal: None,
                key: None,
                password_given: false,
            })
            .expect("a session is kept");
        let key = hexadecimal(audit_key().verifying_key().as_bytes());
        replica.note_audit_key(&key).expect("a key is kept");
        let mut desk = Self {
            replica,
            sync,
            incoming: Incoming::default(),
            now: NOW,
            acted: BTreeSet::new(),
            told: BTreeSet::new(),
            settled: BTreeSet::new(),
            stored: BTreeSet::new(),
            asked: None,
            drawn: 0,
        };
        desk.takes(Input::Tick);
        desk
    }

    /// A frame arrives.
    pub fn receives(&mut self, frame: Vec<u8>) {
        let (before, waiting) = (self.replica.cursor(), self.waiting());
        let read = ciborium::from_reader::<ServerFrame, _>(&frame[..]).ok();
        let was_online = self.is_online();
        self.takes(Input::Received(frame));
        let after = self.replica.cursor();
        match &read {
            Some(ServerFrame::Deliver { entries }) => {
                let delivered: BTreeSet<_> = entries
                    .iter()
                    .flat_map(|it| it.first().0..=it.sequence.0)
                    .collect();
                assert!(before <= after, "a delivery takes the device back");
                let is_known =
                    |number: u64| delivered.contains(&number) || self.stored.contains(&number);
                assert!(
                    (before.0 + 1..=after.0).all(is_known),
                    "{before:?} to {after:?} over a gap"
                );
                self.is_told(entries);
            }
            Some(ServerFrame::Stored { first, .. }) => {
                let now = self.waiting();
                let gone = waiting.into_iter().filter(|it| !now.contains(it));
                let gone: Vec<_> = gone.collect();
                let places = first.0..first.0.saturating_add(gone.len() as u64);
                self.stored.extend(places);
                self.settled.extend(gone);
                assert!(
                    (before.0 + 1..=after.0).all(|number| self.stored.contains(&number)),
                    "{before:?} to {after:?} and nothing was its own"
                );
            }
            Some(ServerFrame::Welcome { .. }) => assert!(after <= before, "a greeting is no entry"),
            Some(ServerFrame::AuditHead(head)) => {
                assert_eq!(after, before, "no entry came");
                assert_eq!(
                    self.waiting(),
                    waiting,
                    "nothing that waits is of the audit"
                );
                // Whoever follows a log knows whose head it takes.
                if was_online && before > Sequence(0) && !is_of_the_server(head) {
                    let state = self.sync.state(&self.replica).expect("the store answers");
                    assert!(state.audit_alarm.is_some(), "anybody's head is taken");
                }
            }
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

    fn is_online(&self) -> bool {
        let state = self.sync.state(&self.replica).expect("the store answers");
        matches!(state.connection, Connection::Online)
    }

    fn is_told(&mut self, entries: &[LogEntry]) {
        let told = entries.iter().filter_map(LogEntry::operation);
        self.told.extend(told);
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

    pub fn takes(&mut self, input: Input) -> Vec<Effect> {
        if matches!(input, Input::SessionChanged) {
            self.asked = None;
        }
        let effects = self.sync.handle(&mut self.replica, self.now, input);
        let effects = effects.expect("no server makes the store fail");
        for effect in &effects {
            if let Effect::Fetch(wanted) = effect {
                assert_eq!(self.asked, None, "one thing is asked for at a time");
                self.asked = Some(*wanted);
            }
        }
        effects
    }

    /// What it asked for comes as the bytes choose. When it waits for nothing, some time goes by, and
    /// then somebody wants to see the work order.
    pub fn comes(&mut self, choices: &mut Choices<'_>) {
        if self.asked.is_none() {
            self.now.0 += A_WHILE_MILLIS;
            self.takes(Input::Tick);
        }
        if self.asked.is_none() {
            self.takes(Input::Open(ORDER.into()));
        }
        if let Some(wanted) = self.asked.take() {
            let fetched = handout::comes(self, wanted, choices);
            if let Fetched::Records(page) = &fetched {
                self.is_told(&page.entries);
            }
            self.takes(Input::Fetched(wanted, fetched));
        }
        self.loses_nothing();
    }

    fn is_answered(&mut self) {
        let wanted = self.asked.take().expect("it asks");
        let fetched = handout::honest(wanted, EPOCH, &house());
        self.takes(Input::Fetched(wanted, fetched));
    }

    /// Rui does something; what the app refuses is not done.
    pub fn acts(&mut self, what: u8) {
        self.drawn += 1;
        let operation = OperationId(Uuid::from_u128(0x0B00 + self.drawn));
        let guests = self.replica.guests_of([GUEST.into()]);
        let version = guests
            .expect("the guests read")
            .first()
            .map_or(0, |it| it.version);
        let command = match what % 5 {
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
            3 => Command::EditGuest {
                stay: GUEST,
                expected: version,
                guest: Guest {
                    name: format!("Ana {what}"),
                    phone: String::new(),
                },
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
                || self.told.contains(operation)
                || self.settled.contains(operation);
            assert!(is_there, "{operation} is lost");
        }
        self.replica.all_rows().expect("the rows read");
        let guests = self.replica.guests_of([GUEST.into()]);
        guests.expect("the guests read");
    }

    /// The device is well with an honest server after all that, and work goes on.
    pub fn ends_whole(mut self) {
        self.loses_nothing();
        let mut server = Honest::that_hears(DEVICE);
        self.syncs_with(&mut server);
        // What the other one said that it has counts no more.
        self.settled = server.operations();
        self.loses_nothing();
        let rows = rows(&self.replica);
        self.replica.rebuild().expect("the store can be read again");
        assert_eq!(self::rows(&self.replica), rows);
        for what in 0..5 {
            self.acts(what);
        }
    }

    /// Somebody signs in again, and all that waits is sent.
    fn syncs_with(&mut self, server: &mut Honest) {
        let mut effects = VecDeque::from(self.takes(Input::SessionChanged));
        for _ in 0..PATIENCE {
            while let Some(effect) = effects.pop_front() {
                effects.extend(self.carries_out(effect, server));
            }
            let has_all = self.replica.cursor() == server.head() && self.asked.is_none();
            if has_all && self.waiting().is_empty() {
                return;
            }
            self.now.0 += A_WHILE_MILLIS;
            effects.extend(self.takes(Input::Tick));
        }
        panic!(
            "{} of {} entries, waits for {:?}, to send: {:?}",
            self.replica.cursor().0,
            server.head().0,
            self.asked,
            self.waiting()
        );
    }

    fn carries_out(&mut self, effect: Effect, server: &mut Honest) -> Vec<Effect> {
        match effect {
            Effect::Connect => self.takes(Input::Opened),
            Effect::Fetch(wanted) => {
                self.asked = None;
                self.takes(Input::Fetched(wanted, server.hands_out(wanted)))
            }
            Effect::Send(frame) => {
                let mut effects = Vec::new();
                for frame in server.answers(&frame) {
                    effects.extend(self.takes(Input::Received(encode(&frame))));
                    if effects.contains(&Effect::Close) {
                        break;
                    }
                }
                effects
            }
            Effect::Close
            | Effect::Rows(_)
            | Effect::AllRows
            | Effect::State(_)
            | Effect::People
            | Effect::Guests(_)
            | Effect::SignedOut(_) => Vec::new(),
        }
    }
}

fn is_of_the_server(head: &AuditHead) -> bool {
    let text = signed_text(HOTEL, head.number, &head.hash);
    let signature = Signature::from_slice(&head.signature);
    let key = audit_key().verifying_key();
    signature.is_ok_and(|signature| key.verify_strict(text.as_bytes(), &signature).is_ok())
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
        grant_millis: None,
    }
}
