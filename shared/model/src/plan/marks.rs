//! A room that somebody marks: what the desk says of it is looked at before it holds.

use super::{Planned, Planner, Unplanned, View};
use crate::{
    change::Change,
    cleanliness::{Cleanliness, MarkCause},
    ids::{RoomId, TaskId},
    policy::Role,
    room::Room,
    task::{Task, TaskKind, TaskRule},
};

/// What the desk, who did not look, says against what is known of a room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum DeskSays {
    CleanAfterAll,
    DirtyAfterAll,
}

impl DeskSays {
    /// None for what housekeeping says, and for what tells nothing against what is there.
    pub(crate) fn of(role: Role, before: Cleanliness, value: Cleanliness) -> Option<Self> {
        if role != Role::FrontDesk {
            return None;
        }
        match (before, value) {
            (Cleanliness::Dirty | Cleanliness::Pickup, Cleanliness::Clean) => {
                Some(Self::CleanAfterAll)
            }
            (Cleanliness::Clean | Cleanliness::Inspected, Cleanliness::Dirty) => {
                Some(Self::DirtyAfterAll)
            }
            (
                Cleanliness::Dirty
                | Cleanliness::Pickup
                | Cleanliness::Clean
                | Cleanliness::Inspected,
                _,
            ) => None,
        }
    }

    pub(crate) fn rule(self) -> TaskRule {
        match self {
            Self::CleanAfterAll => TaskRule::DeskClean,
            Self::DirtyAfterAll => TaskRule::DeskDirty,
        }
    }

    /// The task that it makes.
    pub(crate) fn makes(self) -> TaskKind {
        match self {
            Self::CleanAfterAll => TaskKind::Check,
            Self::DirtyAfterAll => TaskKind::TouchUp,
        }
    }

    /// Whether it does away with a task.
    pub(crate) fn ends(self, task: &Task) -> bool {
        match self {
            Self::CleanAfterAll => task.kind.cleans(),
            Self::DirtyAfterAll => task.kind == TaskKind::Inspection,
        }
    }
}

/// Whether a task is a look at a room that the desk has called clean.
pub(crate) fn confirms_the_desk(task: &Task) -> bool {
    task.kind == TaskKind::Check && task.rule == TaskRule::DeskClean
}

impl<V: View> Planner<'_, V> {
    /// A mark belongs to the turn the room is in. Marking what is already marked confirms it.
    pub(super) fn marked(&self, id: RoomId, value: Cleanliness) -> Planned<V> {
        let room = self.room(id)?;
        match DeskSays::of(self.context.role, room.cleanliness.value, value) {
            None => Ok(vec![self.marked_as(id, &room, value)]),
            Some(DeskSays::CleanAfterAll) => self.called_clean(id, &room),
            Some(DeskSays::DirtyAfterAll) => self.called_dirty(id, &room),
        }
    }

    /// A room whose clean is still open is looked at first, if the rules say so; saying it again does not
    /// get round that.
    fn called_clean(&self, id: RoomId, room: &Room) -> Planned<V> {
        let says = DeskSays::CleanAfterAll;
        let in_house = self.view.stays_in_house(id).map_err(Unplanned::Unread)?;
        let stay = in_house.first().map(|(_, stay)| stay);
        let open = self.ended_by(says, id)?;
        let is_awaited = !open.is_empty() || self.is_being_checked(id)?;
        if !is_awaited || self.rules(room, stay)?.desk_clean_is_checked == 0 {
            return Ok(vec![self.marked_as(id, room, Cleanliness::Clean)]);
        }
        let mut changes = vec![self.marked_as(id, room, Cleanliness::Pickup)];
        let cancelled = self.all_cancelled(&open, says);
        if !cancelled.is_empty() {
            let stands = (id, room.cleanliness.turn);
            let date = self.business_date()?;
            changes.extend(self.due_as_it_stands(says.makes(), stands, date, says.rule())?);
        }
        changes.extend(cancelled);
        Ok(changes)
    }

    fn is_being_checked(&self, room: RoomId) -> Result<bool, Unplanned<V::Error>> {
        let open = self.open_tasks_of(room)?;
        Ok(open.iter().any(|(_, task)| confirms_the_desk(task)))
    }

    fn called_dirty(&self, id: RoomId, room: &Room) -> Planned<V> {
        let says = DeskSays::DirtyAfterAll;
        let mut changes = vec![self.marked_as(id, room, Cleanliness::Dirty)];
        changes.extend(self.all_cancelled(&self.ended_by(says, id)?, says));
        let stands = (id, room.cleanliness.turn);
        changes.extend(self.clean_due(stands, self.business_date()?, says.rule())?);
        Ok(changes)
    }

    fn ended_by(
        &self,
        says: DeskSays,
        room: RoomId,
    ) -> Result<Vec<(TaskId, Task)>, Unplanned<V::Error>> {
        let date = self.business_date()?;
        let mut open = self.open_tasks_of(room)?;
        open.retain(|(_, task)| says.ends(task) && task.business_date <= date);
        Ok(open)
    }

    fn all_cancelled(&self, tasks: &[(TaskId, Task)], says: DeskSays) -> Vec<Change> {
        let tasks = tasks.iter();
        tasks
            .flat_map(|(id, task)| self.cancel_by(*id, task, says.rule()))
            .collect()
    }

    fn marked_as(&self, id: RoomId, room: &Room, value: Cleanliness) -> Change {
        self.mark(id, value, room.cleanliness.turn, MarkCause::Person)
    }
}
