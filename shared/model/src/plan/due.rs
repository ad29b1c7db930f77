//! The work that rules make, bring back and take away: whatever plans about a room's tasks does it
//! through here.
//!
//! **Architecture Invariant**: no rule cancels what a person has started, pinned or noted, and what a
//! rule makes has a derived id, so that two desks make it once.

use super::{Planned, Planner, Unplanned, View};
use crate::{
    change::{Change, Entity},
    cleanliness::{Cleanliness, CleanlinessMark, MarkCause, Turn},
    identity,
    ids::{HotelId, RoomId, StayId, TaskId},
    limits::MAX_REPEATED_TASKS,
    room::Room,
    task::{Task, TaskChange, TaskKind, TaskRule, TaskStatus},
    time::BusinessDate,
};

/// Whether a rule may cancel a task: nobody has begun it, pinned it or said something of it.
pub(crate) fn gives_way(task: &Task) -> bool {
    task.status == TaskStatus::Planned && !task.pinned && task.note.is_empty()
}

/// Whether no rule brings a task back: it is done, or a person cancelled it.
fn is_closed_by_person(task: &Task) -> bool {
    match task.status {
        TaskStatus::Done => true,
        TaskStatus::Cancelled => task.rule == TaskRule::Person,
        TaskStatus::Planned | TaskStatus::Paused | TaskStatus::InProgress => false,
    }
}

/// A task of a stay that a rule makes.
pub(crate) fn of_stay(
    kind: TaskKind,
    (stay, room): (StayId, RoomId),
    date: BusinessDate,
    rule: TaskRule,
) -> Task {
    Task {
        kind,
        room: Some(room),
        stay: Some(stay),
        business_date: date,
        rule,
        ..Task::default()
    }
}

/// A task of a room, whoever is in it, that a rule makes.
pub(crate) fn of_room(kind: TaskKind, room: RoomId, date: BusinessDate, rule: TaskRule) -> Task {
    Task {
        kind,
        room: Some(room),
        business_date: date,
        rule,
        ..Task::default()
    }
}

/// A task about a room as it stands, good for the turn that it stands in.
pub(crate) fn as_it_stands(
    kind: TaskKind,
    (room, turn): (RoomId, Turn),
    date: BusinessDate,
    rule: TaskRule,
) -> Task {
    Task {
        kind,
        room: Some(room),
        stay: turn.stay,
        business_date: date,
        rule,
        turn: Some(turn),
        ..Task::default()
    }
}

/// The ids of the tasks of a kind that rules make of a room on a date, one after another is done.
pub(crate) fn repeated(
    hotel: HotelId,
    kind: TaskKind,
    date: BusinessDate,
    room: RoomId,
) -> impl Iterator<Item = TaskId> {
    let first = identity::room_task(hotel, kind, date, room);
    let next = move |task: &TaskId| Some(identity::following_task(hotel, kind, *task));
    std::iter::successors(Some(first), next).take(MAX_REPEATED_TASKS)
}

/// The turn that a room out of use comes back in: a day without a guest, or the later one that it
/// is in already.
pub(crate) fn turn_of_return(mark: &CleanlinessMark, date: BusinessDate) -> Turn {
    let night = Turn::night(date, None);
    if mark.turn.is_after(night) {
        mark.turn
    } else {
        night
    }
}

impl<V: View> Planner<'_, V> {
    /// The open tasks of a room, of whichever date.
    pub(super) fn open_tasks_of(
        &self,
        room: RoomId,
    ) -> Result<Vec<(TaskId, Task)>, Unplanned<V::Error>> {
        self.view.open_tasks_of(room).map_err(Unplanned::Unread)
    }

    /// A task is cancelled and says by which rule, unless it does not give way.
    pub(super) fn cancel_by(&self, id: TaskId, task: &Task, rule: TaskRule) -> Vec<Change> {
        if !gives_way(task) {
            return Vec::new();
        }
        vec![
            Change::Task(id, TaskChange::Status(TaskStatus::Cancelled)),
            Change::Task(id, TaskChange::Rule(rule)),
        ]
    }

    /// Cancels open tasks of a room by a rule, of those that give way.
    pub(super) fn withdraw(
        &self,
        room: RoomId,
        is_meant: impl Fn(&Task) -> bool,
        rule: TaskRule,
    ) -> Planned<V> {
        let open = self.open_tasks_of(room)?;
        let meant = open.iter().filter(|(_, task)| is_meant(task));
        Ok(meant
            .flat_map(|(id, task)| self.cancel_by(*id, task, rule))
            .collect())
    }

    /// A task that a rule wants is there: it is made, or brought back when it was cancelled by a
    /// rule. What a person cancelled stays so, and what is there or done is left as it is.
    pub(super) fn task_due(&self, id: TaskId, task: &Task) -> Planned<V> {
        if !self.exists(id.into())? {
            return Ok(task.creation(id));
        }
        let there = self.task(id)?;
        if there.status != TaskStatus::Cancelled || is_closed_by_person(&there) {
            return Ok(Vec::new());
        }
        Ok(brought_back(&there, task)
            .into_iter()
            .map(|change| Change::Task(id, change))
            .collect())
    }

    /// A Departure of a stay in a room on a date, also in one that the guest has moved out of.
    pub(super) fn departure_due(
        &self,
        about: (StayId, RoomId),
        date: BusinessDate,
        rule: TaskRule,
    ) -> Planned<V> {
        let id = self.departure_id(about, date)?;
        self.task_due(id, &of_stay(TaskKind::Departure, about, date, rule))
    }

    /// The id of a Departure. One that an app of version 3 has made of this room goes on.
    pub(super) fn departure_id(
        &self,
        (stay, room): (StayId, RoomId),
        date: BusinessDate,
    ) -> Result<TaskId, Unplanned<V::Error>> {
        let hotel = self.context.hotel;
        let earlier = identity::departure_task_of_version_3(hotel, date, stay);
        let known = self
            .view
            .entity(earlier.into())
            .map_err(Unplanned::Unread)?;
        Ok(match known {
            Some(Entity::Task(task)) if task.room == Some(room) => earlier,
            _ => identity::departure_task(hotel, date, (stay, room)),
        })
    }

    /// Another task of a stay in a room on a date.
    pub(super) fn stay_task_due(
        &self,
        kind: TaskKind,
        (stay, room): (StayId, RoomId),
        date: BusinessDate,
        rule: TaskRule,
    ) -> Planned<V> {
        let id = identity::stay_task(self.context.hotel, kind, date, (stay, room));
        self.task_due(id, &of_stay(kind, (stay, room), date, rule))
    }

    /// A clean of a room as it stands, in a turn, unless one is open already.
    pub(super) fn clean_due(
        &self,
        stands: (RoomId, Turn),
        date: BusinessDate,
        rule: TaskRule,
    ) -> Planned<V> {
        self.clean_due_beside(&self.open_tasks_of(stands.0)?, stands, date, rule)
    }

    /// The same beside the tasks that stay open.
    fn clean_due_beside(
        &self,
        open: &[(TaskId, Task)],
        stands: (RoomId, Turn),
        date: BusinessDate,
        rule: TaskRule,
    ) -> Planned<V> {
        let mut due = open.iter().filter(|(_, task)| task.business_date <= date);
        if due.any(|(_, task)| task.kind.cleans()) {
            return Ok(Vec::new());
        }
        self.due_as_it_stands(TaskKind::TouchUp, stands, date, rule)
    }

    /// A task about a room as it stands; another one when the last of its kind that day is done, or
    /// was cancelled by a person: something has happened since.
    pub(super) fn due_as_it_stands(
        &self,
        kind: TaskKind,
        (room, turn): (RoomId, Turn),
        date: BusinessDate,
        rule: TaskRule,
    ) -> Planned<V> {
        for id in repeated(self.context.hotel, kind, date, room) {
            if self.exists(id.into())? && is_closed_by_person(&self.task(id)?) {
                continue;
            }
            return self.task_due(id, &as_it_stands(kind, (room, turn), date, rule));
        }
        Ok(Vec::new())
    }

    /// A room that was out of use is marked as its block says, and a clean is made if that is
    /// Dirty, beside the tasks that stay open. A guest who is in it keeps it as it is.
    pub(super) fn back_in_use(
        &self,
        open: &[(TaskId, Task)],
        (id, room): (RoomId, &Room),
        status: Cleanliness,
        date: BusinessDate,
    ) -> Planned<V> {
        let in_house = self.view.stays_in_house(id).map_err(Unplanned::Unread)?;
        if !in_house.is_empty() {
            return Ok(Vec::new());
        }
        let turn = turn_of_return(&room.cleanliness, date);
        let mut changes = vec![self.mark(id, status, turn, MarkCause::Task)];
        if status == Cleanliness::Dirty {
            let rule = TaskRule::BlockEnded;
            changes.extend(self.clean_due_beside(open, (id, turn), date, rule)?);
        }
        Ok(changes)
    }
}

/// What is written of a cancelled task that a rule wants after all.
pub(crate) fn brought_back(there: &Task, wanted: &Task) -> Vec<TaskChange> {
    let mut changes = vec![
        TaskChange::Status(TaskStatus::Planned),
        TaskChange::Rule(wanted.rule),
    ];
    if there.turn != wanted.turn {
        changes.push(TaskChange::Turn(wanted.turn));
    }
    if there.counted != wanted.counted {
        changes.push(TaskChange::Counted(wanted.counted));
    }
    if there.of_every != wanted.of_every {
        changes.push(TaskChange::OfEvery(wanted.of_every));
    }
    changes
}
