//! A busy day in the demo's hotel, the same at every start.

use super::{
    desk,
    house::{House, business_date},
};
use keyrack_model::{
    change::Entity,
    cleanliness::{Cleanliness, CleanlinessMark, MarkCause, Turn},
    command::{Command, WorkOrderDraft, WorkOrderEdit},
    field::FieldType,
    identity,
    ids::{OperationId, RoomId, StayId, TaskId, UserId, WorkOrderId},
    room::{Occupancy, Room, ServiceStatus},
    rows::{ConflictSide, FieldConflict},
    stay::{Stay, StayStatus},
    task::{Task, TaskKind, TaskRule},
    time::Timestamp,
    work_order::{Priority, WorkOrderStatus},
};

const MINUTE: i64 = 60_000;
const ROOMS_A_FLOOR: usize = 36;
const TYPES: [&str; 5] = [
    "Standard twin",
    "Standard double",
    "Sea view",
    "Family",
    "Suite",
];

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

pub fn busy_day(me: &str, rooms: usize, now: Timestamp) -> House {
    let mut house = House::without_rooms(me, now);
    let mut dice = Dice(25_052_017);
    for index in 0..rooms {
        let floor = index / ROOMS_A_FLOOR + 1;
        let number = floor * 100 + index % ROOMS_A_FLOOR + 1;
        furnish(&mut house, &mut dice, number, floor, now);
    }
    morning(&mut house, now);
    work_orders(&mut house, now);
    dispute(&mut house, now);
    desk::of_today(&mut house, now);
    house.have_reviews(now);
    house
}

fn furnish(house: &mut House, dice: &mut Dice, number: usize, floor: usize, now: Timestamp) {
    let id = room(house, number);
    let date = business_date();
    let scene = if number == 204 { 75 } else { dice.roll(100) };
    let (occupied, departing, arriving) = match scene {
        0..52 => (true, false, false),
        52..72 => (true, true, dice.roll(2) == 0),
        72..82 => (true, true, true),
        82..92 => (false, false, true),
        _ => (false, false, false),
    };
    let cleanliness = match (occupied, dice.roll(10)) {
        (true, 0..6) => Cleanliness::Dirty,
        (true, 6..8) | (false, 0..4) => Cleanliness::Clean,
        (_, 8) => Cleanliness::Pickup,
        _ => Cleanliness::Inspected,
    };
    let stay = StayId(house.next_id());
    let service = match dice.roll(30) {
        0 if occupied => ServiceStatus::DoNotDisturb,
        1 if occupied => ServiceStatus::MakeUpRoom,
        _ => ServiceStatus::None,
    };
    let entity = Room {
        number: number.to_string(),
        floor: floor as i64,
        room_type: TYPES[dice.roll(5) as usize].into(),
        cleanliness: CleanlinessMark {
            value: cleanliness,
            turn: Turn::night(date, occupied.then_some(stay)),
            cause: MarkCause::Import,
            action: OperationId::default(),
        },
        service_status: service,
        section: if number % 100 <= ROOMS_A_FLOOR / 2 {
            "East"
        } else {
            "West"
        }
        .into(),
        ..Room::default()
    };
    house.put(id.into(), Entity::Room(entity.clone()), now);
    let nights = dice.roll(6) as i64 + 1;
    let day = |offset: i64| {
        keyrack_model::time::BusinessDate(date.0.saturating_add(jiff::Span::new().days(offset)))
    };
    let guests = Stay {
        booking: format!("B-2017-{}", 4_000 + number),
        room: Some(id),
        room_type: entity.room_type.clone(),
        rate: ["BAR", "CORP", "OTA"][number % 3].into(),
        adults: 1 + dice.roll(2) as i64,
        children: (dice.roll(5) == 0).into(),
        country: ["PRT", "GBR", "ESP", "IRL", "FRA"][dice.roll(5) as usize].into(),
        meal: ["BB", "HB"][dice.roll(2) as usize].into(),
        ..Stay::default()
    };
    if occupied {
        let leaves = if departing { 0 } else { nights };
        let entity = Stay {
            arrival: day(-nights),
            departure: day(leaves),
            status: StayStatus::InHouse,
            arrived_at: Some(Timestamp(now.0 - nights * 1_440 * MINUTE)),
            ..guests.clone()
        };
        house.put(stay.into(), Entity::Stay(entity), now);
        task(house, dice, id, stay, departing, floor, now);
    }
    if arriving {
        let next = StayId(house.next_id());
        let entity = Stay {
            booking: format!("B-2017-{}", 6_000 + number),
            arrival: date,
            departure: day(nights),
            ..guests
        };
        house.put(next.into(), Entity::Stay(entity), now);
    }
}

fn task(
    house: &mut House,
    dice: &mut Dice,
    room: RoomId,
    stay: StayId,
    departing: bool,
    floor: usize,
    now: Timestamp,
) {
    let date = business_date();
    let (kind, rule, id) = if departing {
        let id = identity::departure_task(house.hotel, date, (stay, room));
        (TaskKind::Departure, TaskRule::DepartureDue, id)
    } else {
        let id = identity::stayover_task(house.hotel, date, stay);
        (TaskKind::Stayover, TaskRule::StayContinues, id)
    };
    let attendant = if floor.is_multiple_of(2) {
        "maria"
    } else {
        "joao"
    };
    let entity = Task {
        kind,
        rule,
        room: Some(room),
        stay: Some(stay),
        business_date: date,
        assignee: (dice.roll(14) != 0).then(|| person(house, attendant)),
        ..Task::default()
    };
    house.put(id.into(), Entity::Task(entity), now);
}

/// What people have done so far today.
fn morning(house: &mut House, now: Timestamp) {
    let rui = person(house, "rui");
    let stays = due_out(house);
    for (index, stay) in stays.iter().enumerate().filter(|(index, _)| index % 5 < 3) {
        let at = ago(now, 240 - index as i64 * 3);
        attempt(house, rui, Command::CheckOut { stay: *stay }, at);
    }
    let tasks = open_tasks(house);
    for (index, (task, assignee)) in tasks.into_iter().enumerate() {
        let Some(attendant) = assignee else { continue };
        let start = ago(now, 150 - (index % 120) as i64);
        match index % 6 {
            0 => {
                attempt(house, attendant, Command::StartTask { task }, start);
                let end = Timestamp(start.0 + 24 * MINUTE);
                if end < now {
                    attempt(house, attendant, Command::FinishTask { task }, end);
                }
            }
            3 if index % 12 == 3 => {
                let at = ago(now, 4 + index as i64 % 20);
                attempt(house, attendant, Command::StartTask { task }, at);
            }
            _ => {}
        }
    }
    let joao = person(house, "joao");
    let seen = [(103, Occupancy::Vacant), (112, Occupancy::Occupied)];
    for (number, value) in seen {
        let room = room(house, number);
        attempt(
            house,
            joao,
            Command::SetOccupancySeen { room, value },
            ago(now, 50),
        );
    }
}

fn work_orders(house: &mut House, now: Timestamp) {
    let orders: [(&str, usize, Priority, &str, i64); 8] = [
        (
            "Shower drips",
            204,
            Priority::P2,
            "The mixer does not close; the floor stays wet.",
            2_900,
        ),
        (
            "Air conditioning blows warm",
            311,
            Priority::P1,
            "Guest complained twice.",
            130,
        ),
        ("Bedside lamp flickers", 118, Priority::P4, "", 700),
        (
            "Balcony door does not lock",
            406,
            Priority::P2,
            "Latch is bent.",
            320,
        ),
        (
            "Television has no picture",
            215,
            Priority::P3,
            "HDMI 1 only.",
            95,
        ),
        ("Safe is locked shut", 127, Priority::P3, "", 45),
        ("Curtain rail loose", 502, Priority::P5, "", 4_400),
        ("Basin drains slowly", 233, Priority::P3, "", 1_600),
    ];
    let maria = person(house, "maria");
    let tomas = person(house, "tomas");
    for (index, (title, number, priority, description, minutes)) in orders.into_iter().enumerate() {
        let wanted = room(house, number);
        let draft = WorkOrderDraft {
            title: title.into(),
            description: description.into(),
            room: house
                .entities
                .contains_key(&wanted.into())
                .then_some(wanted),
            priority,
            assignee: None,
        };
        let work_order = WorkOrderId(house.next_id());
        let at = ago(now, minutes);
        attempt(
            house,
            maria,
            Command::CreateWorkOrder { work_order, draft },
            at,
        );
        if index % 2 == 0 {
            let edit = WorkOrderEdit {
                assignee: Some(Some(tomas)),
                ..WorkOrderEdit::default()
            };
            let taken = Command::EditWorkOrder { work_order, edit };
            attempt(house, tomas, taken, ago(now, minutes - 5));
        }
        let status = match index {
            0 => WorkOrderStatus::OnHold,
            1 => WorkOrderStatus::InProgress,
            2 => WorkOrderStatus::Done,
            3 => WorkOrderStatus::Acknowledged,
            _ => continue,
        };
        let edit = WorkOrderEdit {
            status: Some(status),
            ..WorkOrderEdit::default()
        };
        attempt(
            house,
            tomas,
            Command::EditWorkOrder { work_order, edit },
            ago(now, minutes - 40),
        );
        if index == 0 {
            let comment = house.comment_on(work_order, "Cartridge ordered, here on Friday.".into());
            attempt(house, tomas, comment, ago(now, minutes - 42));
        }
    }
}

/// Room 204 was marked Clean and Dirty at the same time.
fn dispute(house: &mut House, now: Timestamp) {
    let id = room(house, 204);
    let (maria, rui) = (person(house, "maria"), person(house, "rui"));
    let set = |value| Command::SetCleanliness {
        rooms: vec![id],
        value,
    };
    attempt(house, maria, set(Cleanliness::Clean), ago(now, 33));
    let clean = mark_of(house, id);
    attempt(house, rui, set(Cleanliness::Dirty), ago(now, 30));
    let (Some(clean), Some(shown)) = (clean, mark_of(house, id)) else {
        return;
    };
    let side = |value: CleanlinessMark, author, minutes| ConflictSide {
        value: value.to_value(),
        operation: value.action,
        author,
        at: ago(now, minutes),
    };
    house.conflicts.insert(
        id.into(),
        vec![FieldConflict {
            key: "cleanliness".into(),
            shown: side(shown, rui, 30),
            gave_way: vec![side(clean, maria, 33)],
        }],
    );
}

fn mark_of(house: &House, room: RoomId) -> Option<CleanlinessMark> {
    match house.entities.get(&room.into())? {
        Entity::Room(room) => Some(room.cleanliness),
        _ => None,
    }
}

/// Does what the story says where the house allows it.
pub fn attempt(house: &mut House, author: UserId, command: Command, at: Timestamp) {
    // A small house has fewer rooms than the story speaks of.
    let _ = house.act_as(author, command, at, true);
}

fn due_out(house: &House) -> Vec<StayId> {
    let stays = house
        .entities
        .iter()
        .filter_map(|(document, entity)| match entity {
            Entity::Stay(stay) => Some((StayId(document.id.0), stay)),
            _ => None,
        });
    stays
        .filter(|(_, stay)| stay.status == StayStatus::InHouse && stay.departure == business_date())
        .map(|(id, _)| id)
        .collect()
}

fn open_tasks(house: &House) -> Vec<(TaskId, Option<UserId>)> {
    let tasks = house
        .entities
        .iter()
        .filter_map(|(document, entity)| match entity {
            Entity::Task(task) if task.status.is_open() => {
                Some((TaskId(document.id.0), task.assignee))
            }
            _ => None,
        });
    tasks.collect()
}

pub fn room(house: &House, number: usize) -> RoomId {
    identity::room(house.hotel, &number.to_string())
}

pub fn person(house: &House, name: &str) -> UserId {
    let found = house.people.iter().find(|person| person.name == name);
    found.map(|person| person.id).unwrap_or_default()
}

pub fn ago(now: Timestamp, minutes: i64) -> Timestamp {
    Timestamp(now.0 - minutes * MINUTE)
}
