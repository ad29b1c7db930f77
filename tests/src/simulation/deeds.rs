//! What somebody at a device does next.

use super::{
    hotel::{ROOMS, room},
    house::House,
};
use fastrand::Rng;
use keyrack_model::{
    cleanliness::Cleanliness,
    command::{Command, DeskCommand, StayDraft, StayEdit, WorkOrderDraft, WorkOrderEdit},
    ids::{CommentId, DocumentRef, OperationId, StayId, TaskId, UserId, WorkOrderId},
    policy::{Role, allows},
    record::Guest,
    room::{Occupancy, ServiceStatus},
    rows::{GuestRow, Row},
    work_order::{Priority, WorkOrderStatus},
};
use uuid::Uuid;

mod keeping;

/// Work orders that people of a world talk about; whoever is first makes one, and two may.
const ORDERS: u128 = 3;
/// As many stays without a booking.
const WALK_INS: u128 = 3;
/// Draws before somebody asks for what they have no right to: that is declined, which is worth
/// little.
const TRIES: usize = 4;
/// Tasks that people mostly speak of.
const LATEST_TASKS: usize = 4;

/// Whoever does something, and what they may speak of.
pub(super) struct Doer<'a> {
    pub role: Role,
    /// What they were told is done.
    pub own: &'a [OperationId],
    pub people: &'a [UserId],
    pub house: &'a House,
}

impl Doer<'_> {
    /// What may be done, drawn from the rights of a role; undoing something of one's own among it.
    pub fn draw(&self, rng: &mut Rng) -> Command {
        let mut command = self.any(rng);
        for _ in 0..TRIES {
            if allows(self.role, &command).is_ok() {
                break;
            }
            command = self.any(rng);
        }
        command
    }

    fn any(&self, rng: &mut Rng) -> Command {
        let number = rng.u128(0..ROOMS);
        match rng.u8(0..24) {
            18..=20 => self.desk(rng),
            21 => keeping::rooms(rng, self),
            22 => keeping::work(rng, self),
            23 => keeping::rule(rng, self),
            0 | 1 => Command::SetCleanliness {
                rooms: rooms(rng),
                value: one_of(rng, Cleanliness::ALL),
            },
            2 => Command::SetOccupancySeen {
                room: room(number),
                value: one_of(rng, Occupancy::ALL),
            },
            3 => Command::SetServiceStatus {
                room: room(number),
                value: one_of(rng, ServiceStatus::ALL),
            },
            4 => Command::StartTask {
                task: self.task(rng),
            },
            5 => Command::PauseTask {
                task: self.task(rng),
            },
            6 | 7 => Command::FinishTask {
                task: self.task(rng),
            },
            8 => Command::AssignTask {
                task: self.task(rng),
                assignee: Some(one_of(rng, self.people)),
            },
            9 => Command::CheckOut {
                stay: self.stay(rng),
            },
            10 => create(rng),
            11 | 12 => Command::EditWorkOrder {
                work_order: order(rng),
                edit: edit(rng),
            },
            14 => match rng.u8(0..3) {
                0 => Command::EraseGuest {
                    stay: self.stay(rng),
                },
                // On what the device shows: see `on_top_of`.
                _ => Command::EditGuest {
                    stay: self.stay(rng),
                    expected: 0,
                    guest: Guest {
                        // No other guest is called so, which lets it be found wherever it is.
                        name: format!("{} {:016x}", words(rng), rng.u64(..)),
                        phone: String::new(),
                    },
                },
            },
            13 => Command::AddComment {
                comment: CommentId(id(rng)),
                subject: order(rng),
                text: words(rng),
            },
            17 => Command::CheckIn {
                stay: self.stay(rng),
            },
            _ if self.own.is_empty() => Command::FinishTask {
                task: self.task(rng),
            },
            _ => Command::Undo {
                operation: one_of(rng, self.own),
            },
        }
    }

    /// What a desk asks for beside letting guests in and out.
    fn desk(&self, rng: &mut Rng) -> Command {
        let stay = self.stay(rng);
        let to = room(rng.u128(0..ROOMS));
        let date = self.house.date;
        Command::Desk(match rng.u8(0..9) {
            0 => DeskCommand::Book {
                stay: walk_in(rng),
                draft: Box::new(StayDraft {
                    booking: words(rng),
                    room: Some(to),
                    arrival: date,
                    departure: date.plus_days(rng.i32(0..4)),
                    adults: rng.i64(0..3),
                    ..StayDraft::default()
                }),
            },
            1 => DeskCommand::EditStay {
                stay: self.any_stay(rng),
                edit: Box::new(StayEdit {
                    departure: Some(date.plus_days(rng.i32(0..4))),
                    adults: Some(1),
                    vip: Some(rng.bool()),
                    ..StayEdit::default()
                }),
            },
            2 => DeskCommand::CancelStay { stay: walk_in(rng) },
            3 => DeskCommand::MarkNoShow { stay },
            4 => DeskCommand::AssignRoom {
                stay: self.any_stay(rng),
                room: rng.bool().then_some(to),
            },
            5 | 6 => DeskCommand::MoveRoom {
                stay: self.any_stay(rng),
                room: to,
            },
            _ => DeskCommand::SetQueued {
                stay,
                queued: rng.bool(),
            },
        })
    }

    fn any_stay(&self, rng: &mut Rng) -> StayId {
        if rng.bool() {
            self.stay(rng)
        } else {
            walk_in(rng)
        }
    }

    fn stay(&self, rng: &mut Rng) -> StayId {
        let booked = &self.house.booked;
        booked[rng.usize(0..booked.len())].stay
    }

    /// Mostly one of the latest.
    fn task(&self, rng: &mut Rng) -> TaskId {
        let tasks = &self.house.tasks;
        let first = match rng.u8(0..4) {
            0 => 0,
            _ => tasks.len().saturating_sub(LATEST_TASKS),
        };
        one_of(rng, &tasks[first..])
    }
}

/// What somebody wants to see; it may not be there, and in a hotel that has never had it.
pub(super) fn wanted(rng: &mut Rng, house: &House) -> DocumentRef {
    match rng.u8(0..8) {
        0 => room(rng.u128(0..ROOMS)).into(),
        1..4 => house.booked[rng.usize(0..house.booked.len())].stay.into(),
        4..6 => one_of(rng, &house.tasks).into(),
        6 => order(rng).into(),
        _ => StayId(id(rng)).into(),
    }
}

/// The command as somebody gives it who sees these guests and these rows.
pub(super) fn on_top_of(mut command: Command, seen: &[GuestRow], rows: &[Row]) -> Command {
    match &mut command {
        Command::EditGuest { stay, expected, .. } => {
            let row = seen.iter().find(|row| row.stay == *stay);
            *expected = row.map_or(0, |row| row.version);
        }
        Command::EditWorkOrder { edit, .. } => {
            if let Some((_, order)) = rows.iter().find_map(Row::as_work_order) {
                edit.title_base = edit.title.is_some().then(|| order.title.clone());
                let description = || order.description.clone();
                edit.description_base = edit.description.is_some().then(description);
            }
        }
        _ => {}
    }
    command
}

/// One room or several, for an action of several changes.
fn rooms(rng: &mut Rng) -> Vec<keyrack_model::ids::RoomId> {
    let first = rng.u128(0..ROOMS);
    (first..ROOMS).take(rng.usize(1..=2)).map(room).collect()
}

fn create(rng: &mut Rng) -> Command {
    Command::CreateWorkOrder {
        work_order: order(rng),
        draft: WorkOrderDraft {
            title: words(rng),
            description: words(rng),
            room: Some(room(rng.u128(0..ROOMS))),
            priority: one_of(rng, Priority::ALL),
            assignee: None,
        },
    }
}

fn edit(rng: &mut Rng) -> WorkOrderEdit {
    let mut edit = WorkOrderEdit::default();
    match rng.u8(0..4) {
        0 => edit.title = Some(words(rng)),
        1 => edit.description = Some(words(rng)),
        2 => edit.status = Some(one_of(rng, WorkOrderStatus::ALL)),
        _ => {
            edit.priority = Some(one_of(rng, Priority::ALL));
            edit.description = Some(words(rng));
        }
    }
    edit
}

/// Stays that people of a world take at the desk; two desks may take the same.
fn walk_in(rng: &mut Rng) -> StayId {
    StayId(Uuid::from_u128(0x3A00 + rng.u128(0..WALK_INS)))
}

fn order(rng: &mut Rng) -> WorkOrderId {
    WorkOrderId(Uuid::from_u128(0x0F00 + rng.u128(0..ORDERS)))
}

fn words(rng: &mut Rng) -> String {
    const WORDS: [&str; 6] = ["tap", "drips", "lamp", "window", "stuck", "again"];
    let words: Vec<&str> = (0..rng.usize(1..4)).map(|_| one_of(rng, &WORDS)).collect();
    words.join(" ")
}

fn one_of<T: Copy>(rng: &mut Rng, of: &[T]) -> T {
    of[rng.usize(0..of.len())]
}

/// An id that is drawn and not derived.
pub(super) fn id(rng: &mut Rng) -> Uuid {
    uuid::Builder::from_random_bytes(rng.u128(..).to_be_bytes()).into_uuid()
}
