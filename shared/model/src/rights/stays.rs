//! Stays at the desk: booked, edited, given a room, moved, ended before they began.

use super::{Judged, Rights, Write, desk::is_departure};
use crate::{
    change::Change,
    cleanliness::{Cleanliness, MarkCause},
    command::{StayDraft, StayEdit},
    identity,
    ids::{RoomId, StayId, TaskId},
    plan::{
        arrivals::comes_today,
        due::of_stay,
        stays::{booked, edited, goes_along, is_over_after_move},
    },
    refusal::Refusal,
    room::{Occupancy, OccupancySeen, RoomChange},
    stay::{Stay, StayChange, StayStatus},
    task::{Task, TaskChange, TaskKind, TaskRule},
};

impl Rights<'_> {
    pub(super) fn book(&self, id: StayId, draft: &StayDraft, change: &Change) -> Judged {
        let stay = booked(draft)?;
        if let Change::Task(task, change) = change {
            return self.arrival_of(*task, (id, &stay, stay.room), change);
        }
        let made = stay.creation(id);
        Ok(Write::when(self.makes(id.into())? && made.contains(change)))
    }

    /// The Arrival of a stay that has a room for a day on which its guest is expected.
    pub(super) fn arrival_of(
        &self,
        id: TaskId,
        (stay_id, stay, room): (StayId, &Stay, Option<RoomId>),
        change: &TaskChange,
    ) -> Judged {
        let Some(room) = room else {
            return Ok(Write::Beyond);
        };
        let (kind, about) = (TaskKind::Arrival, (stay_id, room));
        let is_named = |date| id == identity::stay_task(self.context.hotel, kind, date, about);
        match self.date_when(stay.arrival, is_named)? {
            Some(date) if comes_today(stay, date) => self.due(
                id,
                &of_stay(kind, about, date, TaskRule::ArrivalDue),
                change,
            ),
            Some(_) | None => Ok(Write::Beyond),
        }
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
            Change::Task(task, change) => self.given_work(*task, change, (id, before), room),
            _ => Ok(Write::Beyond),
        }
    }

    /// The Arrival in the room that a stay is given; in the other one what rules had made is withdrawn,
    /// and what somebody asked for goes along.
    fn given_work(
        &self,
        id: TaskId,
        change: &TaskChange,
        (stay, before): (StayId, &Stay),
        room: Option<RoomId>,
    ) -> Judged {
        let arrival = self.arrival_of(id, (stay, before, room), change)?;
        if arrival == Write::OfCommand || self.makes(id.into())? {
            return Ok(arrival);
        }
        if let TaskChange::Room(to) = change {
            let task = self.task(id)?;
            let is_left = before.room.is_some() && task.room == before.room;
            return Ok(Write::when(
                is_left && *to == room && room.is_some() && goes_along(task, stay),
            ));
        }
        self.cancelled_by(id, change, TaskRule::RoomMove, |task| {
            task.stay == Some(stay) && task.room == before.room && task.rule != TaskRule::Person
        })
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
            Change::Room(room, RoomChange::HkOccupancy(seen)) => {
                let unseen = OccupancySeen {
                    value: Occupancy::Unknown,
                    at: self.context.at,
                };
                Ok(Write::when(
                    (*room == from || *room == to) && *seen == unseen,
                ))
            }
            Change::Task(task, change) => self.moved_work(*task, change, (id, before), (from, to)),
            _ => Ok(Write::Beyond),
        }
    }

    /// The room that is left gets its Departure, what was planned for the guest there is withdrawn or goes
    /// along, and the other one is as after a check-in.
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
        if let TaskChange::Room(written) = change
            && !self.makes(id.into())?
        {
            let task = self.task(id)?;
            return Ok(Write::when(
                task.room == Some(from) && *written == Some(to) && goes_along(task, stay),
            ));
        }
        let there = self.work_at_check_in(id, (stay, before, to), change)?;
        if there == Write::OfCommand || self.makes(id.into())? {
            return Ok(there);
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
