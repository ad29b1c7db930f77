//! Stays at the desk: booked, edited, given a room, moved, ended before they began.

use super::{Judged, Rights, Write, desk::is_departure};
use crate::{
    change::Change,
    cleanliness::{Cleanliness, MarkCause},
    command::{StayDraft, StayEdit},
    ids::{RoomId, StayId, TaskId},
    plan::{
        desk::is_over_at_check_in,
        stays::{booked, edited, is_over_after_move},
    },
    refusal::Refusal,
    room::RoomChange,
    stay::{Stay, StayChange, StayStatus},
    task::{Task, TaskChange, TaskKind, TaskRule},
};

impl Rights<'_> {
    pub(super) fn book(&self, id: StayId, draft: &StayDraft, change: &Change) -> Judged {
        let made = booked(draft)?.creation(id);
        Ok(Write::when(self.makes(id.into())? && made.contains(change)))
    }

    pub(super) fn edit_stay(&self, id: StayId, edit: &StayEdit, change: &Change) -> Judged {
        let before = self.stay(id)?;
        let (stay, change) = match change {
            Change::Stay(stay, change) => (stay, change),
            Change::Task(task, change) => {
                return self.work_of_stay((id, before), edit, (*task, change));
            }
            _ => return Ok(Write::Beyond),
        };
        let is_over = matches!(
            before.status,
            StayStatus::Departed | StayStatus::Cancelled | StayStatus::NoShow
        );
        let moves = match change {
            StayChange::Arrival(_) => is_over || before.status == StayStatus::InHouse,
            StayChange::Departure(_) => is_over,
            _ => false,
        };
        if moves {
            return Err(Refusal::StayState {
                status: before.status,
            });
        }
        let asked = edited(before, edit)?;
        Ok(Write::when(*stay == id && asked.contains(change)))
    }

    /// A stay that has not begun comes to nothing.
    pub(super) fn end_before_it_began(
        &self,
        id: StayId,
        status: StayStatus,
        change: &Change,
    ) -> Judged {
        let before = self.stay_in(id, StayStatus::Expected)?;
        match change {
            Change::Stay(stay, StayChange::Status(written)) => {
                Ok(Write::when(*stay == id && *written == status))
            }
            Change::Stay(stay, StayChange::QueuedAt(None)) => Ok(Write::when(*stay == id)),
            Change::Task(task, change) => {
                self.cancelled_by(*task, change, TaskRule::StayGone, |task| {
                    task.stay == Some(id) && task.room == before.room
                })
            }
            _ => Ok(Write::Beyond),
        }
    }

    pub(super) fn assign_room(&self, id: StayId, room: Option<RoomId>, change: &Change) -> Judged {
        let before = self.stay_in(id, StayStatus::Expected)?;
        match change {
            Change::Stay(stay, StayChange::Room(written)) => {
                Ok(Write::when(*stay == id && *written == room))
            }
            Change::Task(task, change) => {
                self.cancelled_by(*task, change, TaskRule::RoomMove, |task| {
                    task.stay == Some(id) && task.room == before.room
                })
            }
            _ => Ok(Write::Beyond),
        }
    }

    pub(super) fn move_room(&self, id: StayId, to: RoomId, change: &Change) -> Judged {
        let before = self.stay_in(id, StayStatus::InHouse)?;
        let from = before.room.ok_or(Refusal::NoRoom)?;
        match change {
            Change::Stay(stay, StayChange::Room(written)) => Ok(Write::when(
                *stay == id && *written == Some(to) && from != to,
            )),
            Change::Room(room, RoomChange::Cleanliness(mark)) if *room == from => {
                let known = self.room(from)?.cleanliness;
                let turn = known.turn.departure_of(id, self.acted_on(mark, &known)?);
                let left = self.mark(Cleanliness::Dirty, turn, MarkCause::CheckOut);
                Ok(Write::when(turn != known.turn && *mark == left))
            }
            Change::Room(room, RoomChange::Cleanliness(mark)) if *room == to => {
                let known = self.room(to)?.cleanliness;
                let turn = known.turn.arrival_of(id, self.acted_on(mark, &known)?);
                let taken = self.mark(known.value, turn, MarkCause::CheckIn);
                Ok(Write::when(*mark == taken))
            }
            Change::Task(task, change) => self.moved_work(*task, change, (id, before), (from, to)),
            _ => Ok(Write::Beyond),
        }
    }

    /// The room that is left gets its Departure, and what was planned for the guest there and the
    /// Check of the other one are withdrawn.
    fn moved_work(
        &self,
        id: TaskId,
        change: &TaskChange,
        (stay, before): (StayId, &Stay),
        (from, to): (RoomId, RoomId),
    ) -> Judged {
        let hotel = self.context.hotel;
        let is_named = |date| is_departure(hotel, id, date, (stay, from));
        if let Some(date) = self.date_when(before.departure, is_named)? {
            let assignee = match change {
                TaskChange::Assignee(person) => *person,
                _ => None,
            };
            let made = Task {
                kind: TaskKind::Departure,
                room: Some(from),
                stay: Some(stay),
                business_date: date,
                rule: TaskRule::RoomMove,
                assignee,
                ..Task::default()
            };
            return self.due(id, &made, change);
        }
        let before = self.task(id)?;
        if before.room == Some(to) && is_over_at_check_in(stay, before) {
            return self.cancelled_by(id, change, TaskRule::CheckIn, |_| true);
        }
        self.cancelled_by(id, change, TaskRule::RoomMove, |task| {
            task.room == Some(from) && is_over_after_move(stay, task)
        })
    }

    pub(super) fn set_queued(&self, id: StayId, queued: bool, change: &Change) -> Judged {
        self.stay_in(id, StayStatus::Expected)?;
        let since = queued.then_some(self.context.at);
        Ok(Write::when(
            *change == Change::Stay(id, StayChange::QueuedAt(since)),
        ))
    }
}
