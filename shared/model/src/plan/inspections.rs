//! What a finished task makes of its room, which cleans are inspected, and what that comes to.

use super::{
    Planned, Planner, Unplanned, View, check_length, marks::confirms_the_desk, optional_text,
    tasks::turn_of,
};
use crate::{
    change::Change,
    cleanliness::{Cleanliness, MarkCause, Turn},
    command::{Command, WorkCommand},
    identity,
    ids::{RoomId, TaskId},
    limits::{MAX_MERGED_TEXT, MAX_TEXT},
    policy::{Role, allows},
    refusal::Refusal,
    room::{DoneOn, Room, RoomChange},
    rule_sheet::TaskRules,
    task::{InspectionOutcome, Task, TaskChange, TaskKind, TaskRule},
    time::BusinessDate,
};

/// Whether a look at a room finds what the desk has said of it: it is clean, where nobody has marked it
/// otherwise since.
pub(crate) fn is_confirmed(task: &Task, room: &Room) -> bool {
    let mark = room.cleanliness;
    confirms_the_desk(task)
        && mark.value == Cleanliness::Pickup
        && !mark.turn.is_after(turn_of(task, room))
}

impl<V: View> Planner<'_, V> {
    /// The clean counts for the task's own turn: a room that a later guest has taken, or that
    /// has been left since, stays as it is.
    pub(super) fn effects_of(&self, id: TaskId, task: &Task, room_id: RoomId) -> Planned<V> {
        let room = self.room(room_id)?;
        let mut changes = Vec::new();
        let turn = turn_of(task, &room);
        if task.kind.cleans() && !room.cleanliness.turn.is_after(turn) {
            let rules = self.rules_of(task, &room)?;
            let value = self.made_by_cleaning(id, task, (room_id, &room), &rules)?;
            changes.push(self.mark(room_id, value, turn, MarkCause::Task));
            let is_over = |other: &Task| is_overtaken(other, task, turn);
            changes.extend(self.withdraw(room_id, is_over, TaskRule::Overtaken)?);
            if is_inspected(id, &rules) {
                changes.extend(self.inspection_due(id, task, turn, rules.inspect_every)?);
            }
        }
        if is_confirmed(task, &room) {
            changes.push(self.mark(room_id, Cleanliness::Clean, turn, MarkCause::Task));
        }
        changes.extend(self.noted_of_room(task.kind, room_id, &room)?);
        Ok(changes)
    }

    /// When what is due again after a time was done last.
    fn noted_of_room(&self, kind: TaskKind, id: RoomId, room: &Room) -> Planned<V> {
        let noted: fn(DoneOn) -> RoomChange = match kind {
            TaskKind::DeepClean => RoomChange::DeepCleaned,
            TaskKind::Check => RoomChange::Checked,
            TaskKind::Departure
            | TaskKind::Stayover
            | TaskKind::Arrival
            | TaskKind::TouchUp
            | TaskKind::Turndown
            | TaskKind::LinenChange
            | TaskKind::Inspection
            | TaskKind::Extra
            | TaskKind::GuestRequest
            | TaskKind::Delivery
            | TaskKind::Round => return Ok(Vec::new()),
        };
        let change = noted(done_on(room, self.business_date()?));
        let is_there = room.field(change.key()) == Some(change.value());
        Ok(if is_there {
            Vec::new()
        } else {
            vec![Change::Room(id, change)]
        })
    }

    fn rules_of(&self, task: &Task, room: &Room) -> Result<TaskRules, Unplanned<V::Error>> {
        let stay = match task.stay {
            Some(stay) if self.exists(stay.into())? => Some(self.stay(stay)?),
            _ => None,
        };
        self.rules_of_clean(room, stay.as_ref())
    }

    /// What cleaning makes of a room: whoever checks their own work has inspected it with that, unless
    /// another clean of it is to be inspected by somebody who has not cleaned.
    fn made_by_cleaning(
        &self,
        id: TaskId,
        task: &Task,
        (room_id, room): (RoomId, &Room),
        rules: &TaskRules,
    ) -> Result<Cleanliness, Unplanned<V::Error>> {
        if rules.self_check == 0 {
            return Ok(Cleanliness::Clean);
        }
        let open = self.open_tasks_of(room_id)?;
        let mut open = open.iter().map(|(_, other)| other);
        Ok(if open.any(|other| is_awaited(other, (id, task), room)) {
            Cleanliness::Clean
        } else {
            Cleanliness::Inspected
        })
    }

    fn inspection_due(&self, id: TaskId, task: &Task, turn: Turn, of_every: i64) -> Planned<V> {
        let date = self.business_date()?.max(task.business_date);
        let inspection = inspection(id, task, turn, (date, of_every));
        let id = identity::following_task(self.context.hotel, TaskKind::Inspection, id);
        self.task_due(id, &inspection)
    }

    /// An inspection that failed has the clean done again, by whoever did it.
    pub(super) fn inspect(
        &self,
        id: TaskId,
        outcome: InspectionOutcome,
        reason: &str,
    ) -> Planned<V> {
        let task = self.open_task(id)?;
        let reason = optional_text("reason", reason, MAX_TEXT)?;
        check_outcome(&task, outcome, &reason)?;
        let mut changes = self.finished(id, &task);
        changes.push(Change::Task(id, TaskChange::Outcome(outcome)));
        if !reason.is_empty() {
            let note = with_reason(&task.note, &reason);
            check_length("reason", &note, MAX_MERGED_TEXT)?;
            changes.push(Change::Task(id, TaskChange::Note(note)));
        }
        let Some(room_id) = task.room else {
            return Ok(changes);
        };
        let room = self.room(room_id)?;
        let turn = inspected_turn(&task, &room);
        let Some(value) = left_by(outcome).filter(|_| !room.cleanliness.turn.is_after(turn)) else {
            return Ok(changes);
        };
        changes.push(self.mark(room_id, value, turn, MarkCause::Task));
        if outcome == InspectionOutcome::Failed {
            changes.extend(self.rework(id, &task, (room_id, turn))?);
        }
        Ok(changes)
    }

    fn rework(&self, id: TaskId, task: &Task, (room, turn): (RoomId, Turn)) -> Planned<V> {
        let date = self.business_date()?.max(task.business_date);
        let assignee = match task.follows {
            Some(clean) if self.exists(clean.into())? => self.task(clean)?.assignee,
            _ => None,
        };
        let again = Task {
            assignee,
            ..rework(id, task, (room, turn), date)
        };
        let id = identity::following_task(self.context.hotel, TaskKind::TouchUp, id);
        self.task_due(id, &again)
    }
}

/// Whether a task is an inspection that a clean leaves to be done: of another clean of the turn that
/// this one is good for, or asked for by somebody for its day.
pub fn is_awaited(task: &Task, (id, clean): (TaskId, &Task), room: &Room) -> bool {
    let cleaned = turn_of(clean, room);
    let is_of_turn = match task.turn {
        Some(turn) => !cleaned.is_after(turn),
        None => task.business_date <= clean.business_date,
    };
    let is_open = task.kind == TaskKind::Inspection && task.status.is_open();
    is_open && task.follows != Some(id) && is_of_turn
}

/// Whether a clean is one of those that are inspected. Its id decides: every desk chooses alike,
/// and nobody who cleans can tell beforehand which one it will be.
fn is_inspected(task: TaskId, rules: &TaskRules) -> bool {
    if rules.inspect_every == 0 || rules.self_check != 0 {
        return false;
    }
    // The last bytes are hashed or random in ids of every kind.
    let [.., a, b, c, d] = *task.0.as_bytes();
    i64::from(u32::from_be_bytes([a, b, c, d])) % rules.inspect_every == 0
}

/// Refuses to say what an inspection came to in hands that do not inspect, however it is asked for.
pub(crate) fn may_inspect(role: Role, task: TaskId) -> Result<(), Refusal> {
    let inspect = WorkCommand::Inspect {
        task,
        outcome: InspectionOutcome::Passed,
        reason: String::new(),
    };
    allows(role, &Command::Work(inspect))
}

/// Whether a clean makes another task of its room needless, that a rule had made: what was about the
/// room as it stood in an earlier turn, for nobody inspects a clean, or does one again, over which the
/// room was cleaned since; and the same Departure of another day, which one desk had carried over and
/// another had begun.
pub(crate) fn is_overtaken(task: &Task, clean: &Task, cleaned: Turn) -> bool {
    let is_of_earlier = task.turn.is_some_and(|turn| cleaned.is_after(turn));
    let departures = [task, clean].map(|it| it.kind == TaskKind::Departure);
    let is_same_departure =
        departures == [true, true] && task.stay.is_some() && task.stay == clean.stay;
    (is_of_earlier || is_same_departure && task != clean) && task.rule != TaskRule::Person
}

/// The inspection that follows a clean.
pub(crate) fn inspection(
    clean: TaskId,
    task: &Task,
    turn: Turn,
    (date, of_every): (BusinessDate, i64),
) -> Task {
    Task {
        kind: TaskKind::Inspection,
        room: task.room,
        stay: task.stay,
        business_date: date,
        rule: TaskRule::InspectionDue,
        counted: 1,
        of_every,
        follows: Some(clean),
        turn: Some(turn),
        ..Task::default()
    }
}

/// The clean that is done again after an inspection.
pub(crate) fn rework(
    inspection: TaskId,
    task: &Task,
    (room, turn): (RoomId, Turn),
    date: BusinessDate,
) -> Task {
    Task {
        kind: TaskKind::TouchUp,
        room: Some(room),
        stay: task.stay,
        business_date: date,
        rule: TaskRule::Rework,
        follows: Some(task.follows.unwrap_or(inspection)),
        turn: Some(turn),
        ..Task::default()
    }
}

/// The turn that an inspection is of: that of the clean that it follows, or, of one that somebody
/// asked for, the one that the inspector found the room in.
pub(crate) fn inspected_turn(task: &Task, room: &Room) -> Turn {
    task.turn.unwrap_or(room.cleanliness.turn)
}

/// What an inspection makes of the room; None where it says nothing of it.
pub(crate) fn left_by(outcome: InspectionOutcome) -> Option<Cleanliness> {
    match outcome {
        InspectionOutcome::Passed => Some(Cleanliness::Inspected),
        InspectionOutcome::Failed => Some(Cleanliness::Dirty),
        InspectionOutcome::Skipped | InspectionOutcome::Open => None,
    }
}

/// Refuses what is no inspection, what is no outcome, and to skip one without a word.
pub(crate) fn check_outcome(
    task: &Task,
    outcome: InspectionOutcome,
    reason: &str,
) -> Result<(), Refusal> {
    if task.kind != TaskKind::Inspection {
        return Err(Refusal::NotAnInspection);
    }
    let lacks = match outcome {
        InspectionOutcome::Open => "outcome",
        InspectionOutcome::Skipped if reason.trim().is_empty() => "reason",
        InspectionOutcome::Skipped | InspectionOutcome::Passed | InspectionOutcome::Failed => {
            return Ok(());
        }
    };
    Err(Refusal::Empty {
        field: lacks.to_owned(),
    })
}

/// A task's note with what an inspector says below it.
pub(crate) fn with_reason(note: &str, reason: &str) -> String {
    if note.is_empty() {
        reason.to_owned()
    } else {
        format!("{note}\n{reason}")
    }
}

/// What is noted of a room when something is done on a date that is due again after a time.
pub(crate) fn done_on(room: &Room, date: BusinessDate) -> DoneOn {
    DoneOn {
        date,
        occupied: room.nights.occupied,
    }
}
