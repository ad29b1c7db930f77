//! A room that somebody marks, with what becomes of its tasks when the desk says so.

use super::{Judged, Rights, Write, due::not_here_yet};
use crate::{
    change::Change,
    cleanliness::{Cleanliness, CleanlinessMark, MarkCause},
    ids::{RoomId, TaskId},
    plan::{due::repeated, marks::DeskSays},
    policy::Role,
    refusal::Refusal,
    room::{Room, RoomChange},
    task::{Task, TaskChange, TaskRule, TaskStatus},
};

impl Rights<'_> {
    pub(super) fn set_cleanliness(
        &self,
        rooms: &[RoomId],
        value: Cleanliness,
        change: &Change,
    ) -> Judged {
        match change {
            Change::Room(id, RoomChange::Cleanliness(mark)) => {
                let room = self.room(*id)?;
                Ok(Write::when(
                    rooms.contains(id) && self.is_marked(room, value, mark),
                ))
            }
            Change::Task(id, change) => {
                self.by_desk_alone(self.task_of_mark(*id, (rooms, value), change)?)
            }
            _ => Ok(Write::Beyond),
        }
    }

    /// Whether the rules have a room checked first is not looked up: then it is less ready than
    /// the desk says.
    fn is_marked(&self, room: &Room, value: Cleanliness, mark: &CleanlinessMark) -> bool {
        let turn = room.cleanliness.turn;
        let marked = |value| *mark == self.mark(value, turn, MarkCause::Person);
        let is_checked = self.says(room, value) == Some(DeskSays::CleanAfterAll);
        marked(value) || is_checked && marked(Cleanliness::Pickup)
    }

    /// Whoever was at the desk when they said it may have another role by now.
    fn says(&self, room: &Room, value: Cleanliness) -> Option<DeskSays> {
        DeskSays::of(Role::FrontDesk, room.cleanliness.value, value)
    }

    /// What becomes of tasks is the desk's, who did not look at the room. Of whoever was at the desk
    /// when they said it, people decide on it.
    fn by_desk_alone(&self, judged: Write) -> Judged {
        let role = self.context.role;
        if judged == Write::OfCommand && role != Role::FrontDesk {
            let command = self.command.name().to_owned();
            return Err(Refusal::NotAllowed { command, role });
        }
        Ok(judged)
    }

    fn task_of_mark(
        &self,
        id: TaskId,
        (rooms, value): (&[RoomId], Cleanliness),
        change: &TaskChange,
    ) -> Judged {
        if self.makes(id.into())? {
            return self.made_by_mark(id, (rooms, value), change);
        }
        let before = self.task(id)?;
        let Some(room_id) = before.room.filter(|room| rooms.contains(room)) else {
            return Ok(Write::Beyond);
        };
        let room = self.room(room_id)?;
        let Some(says) = self.says(room, value) else {
            return Ok(Write::Beyond);
        };
        if before.status == TaskStatus::Cancelled {
            return Ok(Write::when(
                before.kind == says.makes() && brings_back(before, room, says, change),
            ));
        }
        self.cancelled_by(id, change, says.rule(), |task| says.ends(task))
    }

    /// The room of a task that is made is known by its own write alone, so the others are compared
    /// with all rooms of which the desk says something.
    fn made_by_mark(
        &self,
        id: TaskId,
        (rooms, value): (&[RoomId], Cleanliness),
        change: &TaskChange,
    ) -> Judged {
        let mut said = Vec::new();
        for room_id in rooms {
            let room = self.room(*room_id)?;
            said.extend(self.says(room, value).map(|says| (*room_id, room, says)));
        }
        let mut said = said.into_iter();
        Ok(Write::when(match change {
            TaskChange::Room(room) => said.any(|(of, ..)| *room == Some(of)),
            TaskChange::Kind(kind) => said.any(|(_, _, says)| *kind == says.makes()),
            TaskChange::Rule(rule) => said.any(|(_, _, says)| *rule == says.rule()),
            TaskChange::Stay(stay) => {
                stay.is_some() && said.any(|(_, room, _)| *stay == room.cleanliness.turn.stay)
            }
            TaskChange::Turn(turn) => said.any(|(_, room, _)| *turn == Some(room.cleanliness.turn)),
            TaskChange::BusinessDate(date) => {
                if *date > self.today {
                    return Err(not_here_yet());
                }
                let hotel = self.context.hotel;
                said.any(|(room, _, says)| {
                    repeated(hotel, says.makes(), *date, room).any(|task| task == id)
                })
            }
            _ => false,
        }))
    }
}

/// A task that a rule had cancelled is wanted after all, about the room as it stands.
fn brings_back(before: &Task, room: &Room, says: DeskSays, change: &TaskChange) -> bool {
    before.rule != TaskRule::Person
        && match change {
            TaskChange::Status(status) => *status == TaskStatus::Planned,
            TaskChange::Rule(rule) => *rule == says.rule(),
            TaskChange::Turn(turn) => *turn == Some(room.cleanliness.turn),
            TaskChange::Counted(number) | TaskChange::OfEvery(number) => *number == 0,
            _ => false,
        }
}
