//! A small house that is open before anybody acts in a test: one room with a guest, another guest
//! who is expected, a clean to do and a work order.

use super::{Device, EPOCH, HOTEL, NOW, RUI, people};
use crate::log::{Appended, Basis, ChangeName, Log, NewEntry, memory::MemoryLog};
use keyrack_document::ChangeHeader;
use keyrack_model::{
    action::Action,
    cleanliness::{Cleanliness, CleanlinessMark, Turn},
    command::{Command, ImportedRow, WorkOrderDraft},
    identity::{self, SERVER},
    ids::{DocumentRef, HotelId, RoomId, StayId, TaskId, WorkOrderId},
    policy::Role,
    room::Room,
    stay::{Stay, StayStatus},
    task::{Task, TaskKind, TaskRule},
    time::{BusinessDate, ClockReading, Timestamp},
};
use std::sync::LazyLock;
use uuid::Uuid;

pub const ROOM: RoomId = RoomId(Uuid::from_u128(204));
pub const ORDER: WorkOrderId = WorkOrderId(Uuid::from_u128(9));
/// In house in the room until the 27th.
pub const GUEST: StayId = StayId(Uuid::from_u128(31));
/// Expected in the room today.
pub const NEXT: StayId = StayId(Uuid::from_u128(32));

/// Entries of the log by which the house is open.
pub const OPENED: u64 = 6;

pub fn today() -> BusinessDate {
    "2017-05-25".parse().unwrap()
}

pub fn stayover() -> TaskId {
    stayover_of(HOTEL)
}

pub fn stayover_of(hotel: HotelId) -> TaskId {
    identity::stayover_task(hotel, today(), GUEST)
}

pub fn departure() -> TaskId {
    identity::departure_task(HOTEL, today(), (GUEST, ROOM))
}

fn commands(hotel: HotelId) -> [Command; OPENED as usize - 1] {
    let stay = |arrival: &str, departure: &str, status| Stay {
        room: Some(ROOM),
        arrival: arrival.parse().unwrap(),
        departure: departure.parse().unwrap(),
        status,
        adults: 2,
        ..Stay::default()
    };
    let import = Command::Import;
    [
        Command::OpenHotel {
            hotel,
            name: "Resort".into(),
            business_date: today(),
        },
        import(ImportedRow::Room {
            room: ROOM,
            fields: Room {
                number: "204".into(),
                floor: 2,
                cleanliness: CleanlinessMark {
                    value: Cleanliness::Dirty,
                    turn: Turn::night(today(), Some(GUEST)),
                    ..CleanlinessMark::default()
                },
                ..Room::default()
            },
        }),
        import(ImportedRow::Stay {
            stay: GUEST,
            fields: stay("2017-05-22", "2017-05-27", StayStatus::InHouse),
        }),
        import(ImportedRow::Stay {
            stay: NEXT,
            fields: stay("2017-05-25", "2017-05-29", StayStatus::Expected),
        }),
        import(ImportedRow::Task {
            task: stayover_of(hotel),
            fields: Task {
                kind: TaskKind::Stayover,
                room: Some(ROOM),
                stay: Some(GUEST),
                business_date: today(),
                rule: TaskRule::StayContinues,
                ..Task::default()
            },
        }),
    ]
}

static OPENING: LazyLock<Vec<Action>> = LazyLock::new(|| opening_of(HOTEL));

pub fn opening() -> &'static [Action] {
    &OPENING
}

/// What opens the house of a hotel: the server's imports, and a work order from the desk.
pub fn opening_of(hotel: HotelId) -> Vec<Action> {
    let mut server = Device::bare(hotel, SERVER, Role::Server, 0xFE);
    let mut actions: Vec<Action> = commands(hotel)
        .into_iter()
        .map(|command| server.ask(command).unwrap())
        .collect();
    let mut desk = Device::bare(hotel, RUI, Role::FrontDesk, 0xFD);
    actions.iter().for_each(|action| desk.receive(action));
    let draft = WorkOrderDraft {
        title: "Shower".into(),
        room: Some(ROOM),
        ..WorkOrderDraft::default()
    };
    let work_order = ORDER;
    let order = Command::CreateWorkOrder { work_order, draft };
    actions.push(desk.ask(order).unwrap());
    actions
}

/// Every document of the house.
pub fn documents() -> Vec<DocumentRef> {
    let changes = opening().iter().flat_map(|action| &action.changes);
    changes.map(|change| change.document).collect()
}

/// A log of the house with its people.
pub async fn open_log() -> MemoryLog {
    let log = MemoryLog::default();
    log.open(HOTEL, EPOCH, people());
    open_house(&log, HOTEL).await;
    log
}

/// Opens the house in the log of a hotel in which nothing is done yet, under whichever name.
pub async fn open_house(log: &impl Log, hotel: HotelId) {
    open_by(log, hotel, opening()).await;
}

/// The same, and what is named for a hotel is named for this one.
pub async fn open_house_of(log: &impl Log, hotel: HotelId) {
    open_by(log, hotel, &opening_of(hotel)).await;
}

async fn open_by(log: &impl Log, hotel: HotelId, actions: &[Action]) {
    let entries: Vec<NewEntry> = actions.iter().map(|action| entry(action, NOW)).collect();
    let head = log.head(hotel).await.unwrap().sequence;
    let appended = log
        .append(hotel, Basis::end(head), &entries, &[])
        .await
        .unwrap();
    assert!(matches!(appended, Appended::Stored { .. }));
}

/// An action as the gate hands it to the log.
pub fn entry(action: &Action, received_at: Timestamp) -> NewEntry {
    let name = |change: &keyrack_model::action::DocumentChange| {
        let (header, _) = ChangeHeader::parse(&change.bytes).unwrap();
        ChangeName {
            document: change.document,
            actor: header.actor,
            seq: header.seq,
            hash: header.hash,
        }
    };
    NewEntry {
        action: action.clone(),
        role: Role::Server,
        device: Device::bare(HOTEL, SERVER, Role::Server, 0xFE).id,
        received_at,
        clock: ClockReading::Plausible,
        changes: action.changes.iter().map(name).collect(),
        record: None,
        names_hotel: None,
    }
}
