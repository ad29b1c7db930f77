//! Tasks: each is there once, and nobody's work was taken from them.
//!
//! **Invariant**: what is checked of an id is computed here from what a task says of itself, and never
//! asked of the rules that made it.

use crate::simulation::{hotel, world::Broken};
use keyrack_model::{
    action::{Action, LogEntry},
    command::{Command, WorkCommand},
    identity,
    ids::{RoomId, StayId, TaskId},
    limits::MAX_REPEATED_TASKS,
    rows::Row,
    task::{Task, TaskKind, TaskRule, TaskStatus},
    time::BusinessDate,
};
use std::collections::BTreeSet;

/// UUID version of the ids that rules and imports derive; people draw theirs.
const DERIVED: usize = 8;

/// Two desks that did not know of one another have made each task once: a derived task is the one that
/// its id names, and of a kind there is one open for a room, a guest and a day.
pub(super) fn are_there_once(rows: &[Row]) -> Result<(), Broken> {
    let mut seen = BTreeSet::new();
    for (id, task) in derived(rows) {
        if !is_named_by(id, task) {
            return Err(Broken(format!(
                "{id} is not the task that it names: {task:?}"
            )));
        }
        if task.status.is_open() && !seen.insert(About::of(task)) {
            return Err(Broken(format!("{id} is there a second time: {task:?}")));
        }
    }
    Ok(())
}

/// What somebody has begun is never cancelled by a rule, whatever the desk knew that cancelled it.
pub(super) fn were_taken_from_nobody(rows: &[Row], log: &[LogEntry]) -> Result<(), Broken> {
    let actions: Vec<&Action> = log.iter().filter_map(LogEntry::action).collect();
    let is_cancelled = |task: &Task| task.status == TaskStatus::Cancelled;
    for (id, task) in derived(rows).filter(|(_, task)| is_cancelled(task)) {
        let touching = actions.iter().filter(|action| {
            let mut changes = action.changes.iter();
            changes.any(|change| change.document == id.into())
        });
        let commands: Vec<&Command> = touching.map(|action| action.command.asked()).collect();
        let is_begun = commands.iter().any(|command| match command {
            Command::StartTask { task }
            | Command::PauseTask { task }
            | Command::Work(WorkCommand::Enter { task, .. }) => *task == id,
            _ => false,
        });
        // Who takes something back, or cancels what they had paused, means it.
        let is_meant = commands.iter().any(|command| match command {
            Command::Undo { .. } => true,
            Command::Work(WorkCommand::Cancel { task }) => *task == id,
            _ => false,
        });
        if is_begun && !is_meant {
            return Err(Broken(format!("{id} was taken from somebody: {task:?}")));
        }
    }
    Ok(())
}

fn derived(rows: &[Row]) -> impl Iterator<Item = (TaskId, &Task)> {
    let tasks = rows.iter().filter_map(Row::as_task);
    tasks.filter(|(id, _)| id.0.get_version_num() == DERIVED)
}

/// What there is one open task of. What follows from a clean, or is made about a room as it stands, is
/// told apart by that.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct About {
    kind: TaskKind,
    room: Option<RoomId>,
    stay: Option<StayId>,
    date: BusinessDate,
    why: Option<(TaskRule, Option<TaskId>)>,
}

impl About {
    fn of(task: &Task) -> Self {
        let why = match task.kind {
            TaskKind::TouchUp | TaskKind::Inspection | TaskKind::Check => {
                Some((task.rule, task.follows))
            }
            TaskKind::Departure
            | TaskKind::Stayover
            | TaskKind::Arrival
            | TaskKind::Turndown
            | TaskKind::DeepClean
            | TaskKind::LinenChange
            | TaskKind::Extra
            | TaskKind::GuestRequest
            | TaskKind::Delivery
            | TaskKind::Round => None,
        };
        Self {
            kind: task.kind,
            room: task.room,
            stay: task.stay,
            date: task.business_date,
            why,
        }
    }
}

fn is_named_by(id: TaskId, task: &Task) -> bool {
    let (hotel, kind, date) = (hotel::id(), task.kind, task.business_date);
    if let Some(followed) = task.follows {
        let inspection = identity::following_task(hotel, TaskKind::Inspection, followed);
        let rework = |of| identity::following_task(hotel, TaskKind::TouchUp, of);
        return [inspection, rework(inspection), rework(followed)].contains(&id);
    }
    let of_stay = match (task.room, task.stay) {
        (Some(room), Some(stay)) => Some(match kind {
            TaskKind::Stayover => identity::stayover_task(hotel, date, stay),
            _ => identity::stay_task(hotel, kind, date, (stay, room)),
        }),
        _ => None,
    };
    let of_room = task.room.into_iter().flat_map(|room| {
        let first = identity::room_task(hotel, kind, date, room);
        let next = move |task: &TaskId| Some(identity::following_task(hotel, kind, *task));
        std::iter::successors(Some(first), next).take(MAX_REPEATED_TASKS)
    });
    of_stay.into_iter().chain(of_room).any(|named| named == id)
}
