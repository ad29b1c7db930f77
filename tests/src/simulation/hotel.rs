//! The hotel of every world: a few rooms, each with a guest due out and a Departure task.

use super::{house::Booked, link::encode, server_log::Disk, world::Broken};
use keyrack_model::{
    action::{Action, Sequence},
    cleanliness::Turn,
    command::{Command, ImportedRow},
    identity::{self, SERVER, SERVER_DEVICE},
    ids::{HotelId, LogEpoch, OperationId, RoomId, StayId, UserId},
    limits,
    policy::Role,
    room::Room,
    rows::Person,
    stay::{Stay, StayStatus},
    task::{Task, TaskKind},
    time::{BusinessDate, Timestamp},
    wire::{ActorRegistration, Batch, ClientFrame, ServerFrame, Verdict},
};
use keyrack_replica::{
    Effect, Fresh, Input, NewDevice, Replica, SyncSession, UserKey, UserSession,
};
use keyrack_server::{
    gate::{Author, ReadAction},
    hotel::Hotels,
    log::Log,
};
use std::sync::{Arc, OnceLock};
use uuid::Uuid;

pub(super) const ROOMS: u128 = 3;

/// The wall clock of the server when a world begins.
pub(super) const BEGINNING: Timestamp = Timestamp(1_495_700_000_000);

pub(super) const EPOCH: LogEpoch = LogEpoch(Uuid::from_u128(0xE0));

/// Roles of the people, over and over.
const ROLES: [Role; 5] = [
    Role::FrontDesk,
    Role::Housekeeper,
    Role::Manager,
    Role::Engineer,
    Role::Supervisor,
];

pub(super) fn id() -> HotelId {
    identity::hotel("simulation")
}

pub(super) fn room(number: u128) -> RoomId {
    RoomId(Uuid::from_u128(200 + number))
}

pub(super) fn stay(number: u128) -> StayId {
    StayId(Uuid::from_u128(300 + number))
}

/// The business date with which it opens.
pub(super) fn opening_day() -> BusinessDate {
    "2017-05-25".parse().expect("a date")
}

/// Whoever is in a room when the hotel opens, and leaves that day.
pub(super) fn booked(number: u128) -> Booked {
    Booked {
        stay: stay(number),
        room: room(number),
        arrival: opening_day().plus_days(-3),
        departure: opening_day(),
    }
}

/// A room as its hotel describes it.
pub(super) fn described(room: RoomId) -> Room {
    Room {
        number: room.0.as_u128().to_string(),
        floor: 2,
        ..Room::default()
    }
}

pub(super) fn person(number: usize) -> Person {
    Person {
        id: UserId(Uuid::from_u128(0x9000 + number as u128)),
        name: format!("person-{number}"),
        display: format!("Person {number}"),
        role: ROLES[number % ROLES.len()],
        left: false,
    }
}

pub(super) fn session(me: Person) -> UserSession {
    UserSession {
        server: "simulated".into(),
        hotel: id(),
        hotel_code: "simulation".into(),
        hotel_name: "Simulation".into(),
        me,
        token: "token".into(),
        renewal: None,
        key: None,
        password_given: false,
    }
}

/// The same, on a device where others sign in as well.
pub(super) fn session_with(me: Person, key: UserKey) -> UserSession {
    UserSession {
        key: Some(key),
        ..session(me)
    }
}

/// Ids that no other source gives: sources are numbered.
pub(super) fn fresh(source: u64) -> Fresh {
    let mut next = u128::from(source) << 64;
    Box::new(move || {
        next += 1;
        Uuid::from_u128(next)
    })
}

/// What the server writes first, and the actors under which it does.
pub(super) struct Opening {
    pub actors: Vec<ActorRegistration>,
    pub actions: Vec<Action>,
}

/// The same in every world of a process.
pub(super) fn opening() -> &'static Opening {
    static OPENING: OnceLock<Opening> = OnceLock::new();
    OPENING.get_or_init(write_opening)
}

fn write_opening() -> Opening {
    let device = NewDevice {
        id: SERVER_DEVICE,
        signing_key: [1; 32],
        name: "server".into(),
    };
    let mut replica = Replica::open_in_memory(device, fresh(u64::MAX)).expect("a store in memory");
    let me = Person {
        id: SERVER,
        name: "server".into(),
        display: "Server".into(),
        role: Role::Server,
        left: false,
    };
    replica.begin_session(session(me)).expect("a session");
    for (number, command) in (0..).zip(commands()) {
        let operation = OperationId(Uuid::from_u128((0x0FEE_0000 + number) << 96));
        replica
            .act(&command, operation, BEGINNING)
            .expect("the server may do all of this");
    }
    let mut opening = Opening {
        actors: Vec::new(),
        actions: Vec::new(),
    };
    for frame in what_it_pushes(&mut replica) {
        match frame {
            ClientFrame::Hello { actors, .. } => opening.actors = actors,
            ClientFrame::Push { batch, .. } => {
                let actions: Batch = ciborium::from_reader(&batch[..]).expect("a batch");
                opening.actions.extend(actions);
            }
            ClientFrame::Register { .. } | ClientFrame::Ping | ClientFrame::Renew { .. } => {}
        }
    }
    opening
}

fn commands() -> Vec<Command> {
    let mut commands = vec![Command::OpenHotel {
        hotel: id(),
        name: "Simulation".into(),
        business_date: opening_day(),
    }];
    for number in 0..ROOMS {
        commands.extend(room_with_guest(number).map(Command::Import));
    }
    commands
}

fn room_with_guest(number: u128) -> [ImportedRow; 3] {
    let booked = booked(number);
    let mut fields = described(booked.room);
    fields.cleanliness.turn = Turn::night(opening_day(), Some(booked.stay));
    let guest = Stay {
        room: Some(booked.room),
        arrival: booked.arrival,
        departure: booked.departure,
        status: StayStatus::InHouse,
        adults: 2,
        ..Stay::default()
    };
    let departure = Task {
        kind: TaskKind::Departure,
        room: Some(booked.room),
        stay: Some(booked.stay),
        business_date: opening_day(),
        ..Task::default()
    };
    [
        ImportedRow::Room {
            room: booked.room,
            fields,
        },
        ImportedRow::Stay {
            stay: booked.stay,
            fields: guest,
        },
        ImportedRow::Task {
            task: booked.task_on(opening_day()),
            fields: departure,
        },
    ]
}

/// The frames of a device that has just been welcomed to an empty log.
fn what_it_pushes(replica: &mut Replica) -> Vec<ClientFrame> {
    let mut sync = SyncSession::new(BEGINNING, 0);
    let welcome = ServerFrame::Welcome {
        protocol: limits::PROTOCOL,
        epoch: EPOCH,
        head: Sequence::default(),
        after: Sequence::default(),
        server_time: BEGINNING,
        classes: keyrack_model::class::Class::ALL.to_vec(),
        grant_millis: None,
    };
    let mut frames = Vec::new();
    for input in [Input::Opened, Input::Received(encode(&welcome))] {
        let effects = sync
            .handle(replica, BEGINNING, input)
            .expect("a store in memory works");
        frames.extend(effects.into_iter().filter_map(|effect| match effect {
            Effect::Send(bytes) => Some(ciborium::from_reader(&bytes[..]).expect("a frame")),
            _ => None,
        }));
    }
    frames
}

/// How long the log of a hotel is that has just opened and has nobody in it.
pub(super) fn opening_length() -> u64 {
    opening().actions.len() as u64
}

/// Writes the opening into an empty disk, through the gate.
pub(super) async fn open(disk: &Disk, people: Vec<Person>) -> Result<(), Broken> {
    let opening = opening();
    disk.memory.open(id(), EPOCH, Vec::new());
    let broken = |what: String| Broken(format!("the hotel did not open: {what}"));
    disk.memory
        .register_actors(id(), SERVER_DEVICE, &opening.actors)
        .await
        .map_err(|error| broken(error.to_string()))?;
    let hotels = Hotels::new(Arc::new(disk.memory.clone()), Arc::new(|| BEGINNING));
    let from = Author::Server(SERVER_DEVICE);
    let read = opening.actions.iter().cloned();
    let read = read.map(ReadAction::of).collect();
    let verdicts = hotels
        .push(id(), from, read)
        .await
        .map_err(|error| broken(error.to_string()))?;
    if let Some(other) = verdicts
        .iter()
        .find(|told| !matches!(told.verdict, Verdict::Accepted { .. }))
    {
        return Err(broken(format!("{other:?}")));
    }
    disk.ledger.pushed(&opening.actions);
    disk.ledger.stored(Sequence::default(), &opening.actions);
    for person in people {
        disk.put_person(id(), person, BEGINNING)
            .map_err(|error| broken(error.to_string()))?;
    }
    hotels.stop().await;
    Ok(())
}
