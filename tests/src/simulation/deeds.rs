//! What somebody at a device does next.

use super::hotel::{ROOMS, room, stay, task};
use fastrand::Rng;
use keyrack_model::{
    cleanliness::Cleanliness,
    command::{Command, WorkOrderDraft, WorkOrderEdit},
    ids::{CommentId, OperationId, UserId, WorkOrderId},
    policy::{Role, allows},
    record::Guest,
    room::{Occupancy, ServiceStatus},
    rows::GuestRow,
    work_order::{Priority, WorkOrderStatus},
};
use uuid::Uuid;

/// Work orders that people of a world talk about; whoever is first makes one, and two may.
const ORDERS: u128 = 3;
/// Draws before somebody asks for what they have no right to: that is declined, which is worth
/// little.
const TRIES: usize = 4;

/// What may be done, drawn from the rights of a role; undoing one of `own` among it.
pub(super) fn draw(rng: &mut Rng, role: Role, own: &[OperationId], people: &[UserId]) -> Command {
    let mut command = any(rng, own, people);
    for _ in 0..TRIES {
        if allows(role, &command).is_ok() {
            break;
        }
        command = any(rng, own, people);
    }
    command
}

fn any(rng: &mut Rng, own: &[OperationId], people: &[UserId]) -> Command {
    let number = rng.u128(0..ROOMS);
    match rng.u8(0..17) {
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
        4 => Command::StartTask { task: task(number) },
        5 => Command::PauseTask { task: task(number) },
        6 | 7 => Command::FinishTask { task: task(number) },
        8 => Command::AssignTask {
            task: task(number),
            assignee: Some(one_of(rng, people)),
        },
        9 => Command::CheckOut { stay: stay(number) },
        10 => create(rng),
        11 | 12 => Command::EditWorkOrder {
            work_order: order(rng),
            edit: edit(rng),
        },
        14 => match rng.u8(0..3) {
            0 => Command::EraseGuest { stay: stay(number) },
            // On what the device shows: see `on_top_of`.
            _ => Command::EditGuest {
                stay: stay(number),
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
        _ if own.is_empty() => Command::FinishTask { task: task(number) },
        _ => Command::Undo {
            operation: one_of(rng, own),
        },
    }
}

/// The command as somebody gives it who sees these guests.
pub(super) fn on_top_of(mut command: Command, seen: &[GuestRow]) -> Command {
    if let Command::EditGuest { stay, expected, .. } = &mut command {
        let row = seen.iter().find(|row| row.stay == *stay);
        *expected = row.map_or(0, |row| row.version);
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
