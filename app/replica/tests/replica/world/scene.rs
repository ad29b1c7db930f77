//! Several replicas around one log: people act, connections come and go, and in the end all agree.

use super::{
    handout::Handout,
    log::{self, Log},
    people,
};
use keyrack_model::{
    class::{Class, GuestNames, Reading},
    cleanliness::{Cleanliness, Turn},
    command::{Command, ImportedRow},
    identity,
    ids::{DocumentRef, OperationId, RoomId, StayId, TaskId},
    ipc::{Answer, Connection, Question},
    limits::RECOVERY_MILLIS,
    policy::Role,
    record::{Guest, Workplace},
    room::{Occupancy, Room},
    rows::{GuestRow, HistoryEntry, Row},
    stay::{Stay, StayStatus},
    task::{Task, TaskKind},
    time::{BusinessDate, Timestamp},
    wire::ClientFrame,
};
use keyrack_replica::{ActError, Effect, Input, Replica, SyncSession};
use uuid::Uuid;

pub const ROOMS: u128 = 4;

pub struct Device {
    pub replica: Replica,
    pub session: SyncSession,
    pub connected: bool,
}

pub struct Scene {
    pub log: Log,
    pub handout: Handout,
    pub devices: Vec<Device>,
    now: i64,
    operations: u128,
}

pub fn room(number: u128) -> RoomId {
    RoomId(Uuid::from_u128(200 + number))
}

pub fn stay(number: u128) -> StayId {
    StayId(Uuid::from_u128(300 + number))
}

pub fn task(number: u128) -> TaskId {
    identity::departure_task(
        identity::hotel("test"),
        today(),
        (stay(number), room(number)),
    )
}

pub fn mark(number: u128, value: Cleanliness) -> Command {
    Command::SetCleanliness {
        rooms: vec![room(number)],
        value,
    }
}

pub fn seen(number: u128, value: Occupancy) -> Command {
    Command::SetOccupancySeen {
        room: room(number),
        value,
    }
}

pub fn today() -> BusinessDate {
    "2017-05-25".parse().unwrap()
}

impl Scene {
    /// A hotel of a few rooms, each with a guest due out and a Departure task, and a device for
    /// each role, all in step.
    pub fn with(roles: &[Role]) -> Self {
        let mut scene = Self {
            log: Log::default(),
            handout: Handout::default(),
            devices: Vec::new(),
            now: 1_495_700_000_000,
            operations: 0,
        };
        scene.open_hotel();
        for (index, role) in roles.iter().enumerate() {
            let person = people::person(index as u128 + 1, *role);
            scene.log.put_person(&person);
        }
        for (index, role) in roles.iter().enumerate() {
            scene.devices.push(Device {
                replica: people::replica(index as u8 + 1, *role),
                session: SyncSession::new(Timestamp(scene.now), index as u64),
                connected: false,
            });
        }
        scene.settle();
        scene
    }

    fn open_hotel(&mut self) {
        let mut commands = vec![Command::OpenHotel {
            hotel: identity::hotel("test"),
            name: "Test".into(),
            business_date: today(),
        }];
        for number in 0..ROOMS {
            let guest = stay(number);
            let mut fields = Room {
                number: format!("{}", 200 + number),
                floor: 2,
                ..Room::default()
            };
            fields.cleanliness.turn = Turn::night(today(), Some(guest));
            commands.push(Command::Import(ImportedRow::Room {
                room: room(number),
                fields,
            }));
            let fields = Stay {
                room: Some(room(number)),
                arrival: "2017-05-22".parse().unwrap(),
                departure: today(),
                status: StayStatus::InHouse,
                adults: 2,
                ..Stay::default()
            };
            commands.push(Command::Import(ImportedRow::Stay {
                stay: guest,
                fields,
            }));
            let fields = Task {
                kind: TaskKind::Departure,
                room: Some(room(number)),
                stay: Some(guest),
                business_date: today(),
                ..Task::default()
            };
            commands.push(Command::Import(ImportedRow::Task {
                task: task(number),
                fields,
            }));
        }
        self.server_does(&commands);
    }

    /// The server writes something of its own.
    pub fn server_does(&mut self, commands: &[Command]) {
        let mut server = people::replica(0xFE, Role::Server);
        let mut session = SyncSession::new(Timestamp(self.now), 0);
        let step = |scene: &mut Self, server: &mut Replica, session: &mut SyncSession| {
            let now = Timestamp(scene.now);
            connect(&mut scene.log, &mut scene.handout, server, session, now);
        };
        step(self, &mut server, &mut session);
        for command in commands {
            let operation = self.next_operation();
            server.act(command, operation, self.tick()).unwrap();
        }
        step(self, &mut server, &mut session);
        assert_eq!(server.waiting().unwrap(), 0);
    }

    /// Another device, which begins with what the server hands out, at which a person of a role
    /// sits whom the hotel knows; it is connected.
    pub fn join(&mut self, person: u8, role: Role) -> usize {
        let number = self.devices.len();
        let replica = people::replica_of(number as u8 + 0x40, u128::from(person), role);
        self.devices.push(Device {
            session: SyncSession::new(Timestamp(self.now), number as u64).that_fetches(),
            replica,
            connected: false,
        });
        self.connect(number);
        number
    }

    pub fn tick(&mut self) -> Timestamp {
        self.now += 60_000;
        Timestamp(self.now)
    }

    pub fn next_operation(&mut self) -> OperationId {
        self.operations += 1;
        OperationId(Uuid::from_u128(0x0100_0000 + self.operations))
    }

    /// Somebody acts; when their device is connected it is sent at once.
    pub fn act(&mut self, device: usize, command: &Command) -> Result<OperationId, ActError> {
        let (operation, now) = (self.next_operation(), self.tick());
        self.devices[device].replica.act(command, operation, now)?;
        if self.devices[device].connected {
            self.run(device, Input::Acted);
        }
        Ok(operation)
    }

    pub fn connect(&mut self, device: usize) {
        let now = self.tick();
        let device = &mut self.devices[device];
        device.connected = true;
        connect(
            &mut self.log,
            &mut self.handout,
            &mut device.replica,
            &mut device.session,
            now,
        );
    }

    pub fn cut(&mut self, device: usize) {
        if self.devices[device].connected {
            self.devices[device].connected = false;
            self.run(device, Input::Closed(None));
        }
    }

    /// Delivers what a connected device has not seen, at most `limit` entries.
    pub fn deliver(&mut self, device: usize, limit: usize) {
        let now = self.tick();
        let device = &mut self.devices[device];
        if device.connected {
            deliver(
                &mut self.log,
                &mut self.handout,
                &mut device.replica,
                &mut device.session,
                now,
                limit,
            );
        }
    }

    /// Connects everybody until nobody waits and everybody has everything.
    pub fn settle(&mut self) {
        for _ in 0..3 {
            for device in 0..self.devices.len() {
                self.connect(device);
            }
        }
    }

    pub fn pass_weeks(&mut self, weeks: i64) {
        self.clocks_of_devices_jump(weeks);
        self.log.clock = self.now;
    }

    /// Devices believe that so many weeks went by; the server does not.
    pub fn clocks_of_devices_jump(&mut self, weeks: i64) {
        self.now += weeks * 7 * 24 * 60 * 60_000;
    }

    /// Fails unless a device shows of what it holds the same as another one, also after a rebuild.
    pub fn check_what_is_here(&mut self, device: usize, other: usize) {
        for _ in 0..2 {
            let here = self.devices[device].replica.all_rows().unwrap();
            let documents: Vec<DocumentRef> = here.iter().map(|row| row.document).collect();
            let there = self.devices[other].replica.rows_of(&documents).unwrap();
            assert_eq!(here, there);
            for document in documents {
                let stories = [device, other].map(|it| self.story(it, &[document]));
                assert_eq!(stories[0], stories[1], "{document}");
            }
            self.devices[device].replica.rebuild().unwrap();
        }
    }

    /// Whatever was to be tried again later is due.
    pub fn pass_time(&mut self) {
        self.now += 60_000;
    }

    /// The time goes by in which what the log lost might still come, and everybody is there again.
    pub fn give_up_hope(&mut self) {
        self.settle();
        self.now += RECOVERY_MILLIS;
        for device in 0..self.devices.len() {
            // Its next tick comes before it would take the connection for dead.
            self.connect(device);
            self.run(device, Input::Tick);
        }
        self.settle();
    }

    /// Who the guest of a stay is, as a device shows it.
    pub fn guest(&self, device: usize, stay: StayId) -> Option<GuestRow> {
        let guests = self.devices[device].replica.guests_of([stay.into()]);
        guests.unwrap().pop()
    }

    /// Somebody at a device writes who a guest is, on what the device shows.
    pub fn name_guest(
        &mut self,
        device: usize,
        stay: StayId,
        name: &str,
    ) -> Result<OperationId, ActError> {
        let expected = self.guest(device, stay).map_or(0, |row| row.version);
        let guest = Guest {
            name: name.into(),
            phone: String::new(),
        };
        self.act(
            device,
            &Command::EditGuest {
                stay,
                expected,
                guest,
            },
        )
    }

    /// The server says whether who the guests are may be on a device.
    pub fn keep_guests(&mut self, device: usize, guests: GuestNames) {
        let id = self.devices[device].replica.registration().id;
        let workplace = Workplace {
            name: "Lobby".into(),
            revoked: false,
            guests,
        };
        self.log.put_device(id, workplace);
    }

    /// Something happens at a device.
    pub fn feed(&mut self, device: usize, input: Input) {
        self.run(device, input);
    }

    /// The story of some documents, as a device tells it.
    pub fn story(&self, device: usize, documents: &[DocumentRef]) -> Vec<HistoryEntry> {
        story(&self.devices[device].replica, documents.to_vec())
    }

    fn run(&mut self, device: usize, input: Input) {
        let now = self.tick();
        let device = &mut self.devices[device];
        let effects = device
            .session
            .handle(&mut device.replica, now, input)
            .unwrap();
        carry_out(
            &mut self.log,
            &mut self.handout,
            &mut device.replica,
            &mut device.session,
            now,
            effects,
        );
    }

    /// Fails unless every replica shows the same rows and the same history, also after a rebuild.
    pub fn check_agreement(&mut self) {
        let shown: Vec<_> = self
            .devices
            .iter()
            .map(|device| shown(&device.replica))
            .collect();
        for (number, other) in shown.iter().enumerate() {
            compare(&format!("device {number} and device 0"), other, &shown[0]);
        }
        for (number, device) in self.devices.iter_mut().enumerate() {
            assert_eq!(
                device.replica.waiting().unwrap(),
                0,
                "device {number} still waits"
            );
            assert_eq!(device.replica.cursor(), self.log.head());
            device.replica.rebuild().unwrap();
            let rebuilt = self::shown(&device.replica);
            compare(&format!("device {number} rebuilt"), &rebuilt, &shown[0]);
        }
        self.check_guests();
    }

    /// Fails unless every device shows of the guests what the log says and its person may read.
    pub fn check_guests(&self) {
        for (number, device) in self.devices.iter().enumerate() {
            let role = device.replica.session().unwrap().me.role;
            let here = device.replica.registration().id;
            for stay in (0..ROOMS).map(stay) {
                let told = self.log.read_on(here, role).has(Class::Guests);
                let expected = self.log.guest(stay).filter(|_| told);
                assert_eq!(self.guest(number, stay), expected, "device {number}");
            }
        }
    }
}

type Shown = (Vec<Row>, Vec<HistoryEntry>);

/// Fails at the first difference, which is all that a reader needs.
fn compare(which: &str, (rows, story): &Shown, (other_rows, other_story): &Shown) {
    for (row, other) in rows.iter().zip(other_rows) {
        assert_eq!(row, other, "{which}: rows differ");
    }
    for (entry, other) in story.iter().zip(other_story) {
        assert_eq!(entry, other, "{which}: histories differ");
    }
    assert_eq!(rows.len(), other_rows.len(), "{which}: rows are missing");
    assert_eq!(
        story.len(),
        other_story.len(),
        "{which}: history is missing"
    );
}

/// All rows, and the story of all documents.
fn shown(replica: &Replica) -> Shown {
    let rows = replica.all_rows().unwrap();
    let documents = rows.iter().map(|row| row.document).collect();
    let story = story(replica, documents);
    (rows, story)
}

fn story(replica: &Replica, documents: Vec<DocumentRef>) -> Vec<HistoryEntry> {
    let question = Question::History {
        documents,
        limit: 500,
    };
    let Answer::History(story) = replica.answer(&question).unwrap() else {
        panic!("not a history");
    };
    story
}

fn connect(
    log: &mut Log,
    handout: &mut Handout,
    replica: &mut Replica,
    session: &mut SyncSession,
    now: Timestamp,
) {
    let effects = session.handle(replica, now, Input::Closed(None)).unwrap();
    carry_out(log, handout, replica, session, now, effects);
    // Long enough after the connection broke that the device tries again.
    let now = Timestamp(now.0 + 20_000);
    let effects = session.handle(replica, now, Input::Tick).unwrap();
    carry_out(log, handout, replica, session, now, effects);
    let connection = session.state(replica).unwrap().connection;
    if !matches!(connection, Connection::Offline { .. }) {
        deliver(log, handout, replica, session, now, usize::MAX);
    }
}

fn deliver(
    log: &mut Log,
    handout: &mut Handout,
    replica: &mut Replica,
    session: &mut SyncSession,
    now: Timestamp,
    limit: usize,
) {
    let mut entries = log.after(reading_at(log, replica), replica.cursor());
    entries.truncate(limit);
    let frame = log::encode(&keyrack_model::wire::ServerFrame::Deliver { entries });
    let effects = session
        .handle(replica, now, Input::Received(frame))
        .unwrap();
    carry_out(log, handout, replica, session, now, effects);
}

fn carry_out(
    log: &mut Log,
    handout: &mut Handout,
    replica: &mut Replica,
    session: &mut SyncSession,
    now: Timestamp,
    effects: Vec<Effect>,
) {
    for effect in effects {
        let bytes = match effect {
            Effect::Send(bytes) => bytes,
            Effect::Fetch(wanted) => {
                let fetched = handout.answer(log, reading_at(log, replica), wanted);
                let input = Input::Fetched(wanted, fetched);
                let effects = session.handle(replica, now, input).unwrap();
                carry_out(log, handout, replica, session, now, effects);
                continue;
            }
            Effect::Connect => {
                let effects = session.handle(replica, now, Input::Opened).unwrap();
                carry_out(log, handout, replica, session, now, effects);
                continue;
            }
            // Whoever closed it to come back at once does so.
            Effect::Close => {
                let effects = session.handle(replica, now, Input::Tick).unwrap();
                carry_out(log, handout, replica, session, now, effects);
                continue;
            }
            _ => continue,
        };
        let answer = match log::decode(&bytes) {
            ClientFrame::Hello {
                epoch,
                cursor,
                classes,
                ..
            } => log.welcome(reading_at(log, replica), epoch, cursor, classes),
            ClientFrame::Push { batch, proofs, .. } => {
                let actions = log::decode_batch(&batch);
                people::check_proofs(replica, &actions, &proofs);
                log.push(replica.registration().id, actions)
            }
            ClientFrame::Register { .. } | ClientFrame::Ping | ClientFrame::Renew { .. } => {
                continue;
            }
        };
        let input = Input::Received(log::encode(&answer));
        let effects = session.handle(replica, now, input).unwrap();
        carry_out(log, handout, replica, session, now, effects);
    }
}

/// What whoever sits at a device reads there, by the log; the server is in no record.
fn reading_at(log: &Log, replica: &Replica) -> Reading {
    let me = replica.session().unwrap().me.id;
    let role = log.role_of(me).unwrap_or(Role::Server);
    log.read_on(replica.registration().id, role)
}
