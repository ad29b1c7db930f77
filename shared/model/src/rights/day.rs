//! The night audit: the end of a day, and the work that the rules make of the next one.

use super::{Judged, Rights, Write, due::not_here_yet};
use crate::{
    change::{Change, Entity},
    cleanliness::{CleanlinessMark, MarkCause},
    hotel::HotelChange,
    ids::{BlockId, RoomId, TaskId},
    plan::{
        day::{ends_with_its_day, nights::beginning},
        due::turn_of_return,
    },
    refusal::Refusal,
    room::{DoneOn, Nights, RoomChange},
    room_block::{RoomBlock, RoomBlockChange},
    task::{TaskChange, TaskKind, TaskRule, TaskStatus},
    time::BusinessDate,
};

impl Rights<'_> {
    pub(super) fn close_day(&self, date: BusinessDate, change: &Change) -> Judged {
        let business_date = self.hotel(self.context.hotel)?.business_date;
        if business_date != date {
            return Err(Refusal::OtherDay { business_date });
        }
        let moved = HotelChange::BusinessDate(date.plus_days(1));
        Ok(Write::when(
            *change == Change::Hotel(self.context.hotel, moved),
        ))
    }

    /// Stays, rules and tasks that it leaves alone are not looked up, so it is not judged whether a
    /// task is due: whoever may plan a room may add one to it anyway.
    pub(super) fn plan_room(&self, id: RoomId, date: BusinessDate, change: &Change) -> Judged {
        if date > self.today {
            return Err(not_here_yet());
        }
        match change {
            Change::Room(room, change) if *room == id => self.planned_for(id, date, change),
            Change::RoomBlock(block, RoomBlockChange::Ended(true)) => {
                Ok(Write::when(self.is_over(*block, id, date)?))
            }
            Change::Task(task, change) => self.planned_task(*task, (id, date), change),
            _ => Ok(Write::Beyond),
        }
    }

    fn planned_for(&self, id: RoomId, date: BusinessDate, change: &RoomChange) -> Judged {
        let room = self.room(id)?;
        Ok(match change {
            RoomChange::Nights(nights) => Write::when(counts_on(room.nights, *nights, date)),
            RoomChange::DeepCleaned(done) => Write::when(
                room.deep_cleaned == DoneOn::default()
                    && room.nights == Nights::default()
                    && *done == beginning(date),
            ),
            RoomChange::Cleanliness(mark) => {
                Write::when(self.is_return(mark, id, &room.cleanliness, date))
            }
            _ => Write::Beyond,
        })
    }

    /// A block whose days are over gives the room back as it says.
    fn is_return(
        &self,
        mark: &CleanlinessMark,
        room: RoomId,
        known: &CleanlinessMark,
        date: BusinessDate,
    ) -> bool {
        let turn = turn_of_return(known, date);
        let mut blocks = self.before.values();
        *mark == self.mark(mark.value, turn, MarkCause::Task)
            && blocks.any(|entity| match entity {
                Some(Entity::RoomBlock(block)) => {
                    is_over(block, room, date) && block.return_status == mark.value
                }
                _ => false,
            })
    }

    fn is_over(&self, block: BlockId, room: RoomId, date: BusinessDate) -> Result<bool, Refusal> {
        Ok(is_over(self.room_block(block)?, room, date))
    }

    fn planned_task(
        &self,
        id: TaskId,
        (room, date): (RoomId, BusinessDate),
        change: &TaskChange,
    ) -> Judged {
        if self.makes(id.into())? {
            return Ok(Write::when(is_planned(change, room, date)));
        }
        let before = self.task(id)?;
        if before.room != Some(room) {
            return Ok(Write::Beyond);
        }
        if before.business_date < date {
            return self.cancelled_by(id, change, TaskRule::NightAudit, ends_with_its_day);
        }
        let is_away = before.business_date == date
            && before.status == TaskStatus::Cancelled
            && before.rule != TaskRule::Person;
        let brings_back = match change {
            TaskChange::Status(status) => *status == TaskStatus::Planned,
            TaskChange::Rule(rule) => is_made_by(before.kind, *rule),
            TaskChange::Counted(number) | TaskChange::OfEvery(number) => *number >= 0,
            TaskChange::Turn(turn) => turn.is_none_or(|turn| turn.date <= self.today),
            _ => false,
        };
        Ok(Write::when(is_away && brings_back))
    }
}

fn is_over(block: &RoomBlock, room: RoomId, date: BusinessDate) -> bool {
    block.room == Some(room) && !block.ended && block.until <= date
}

/// Whether a count goes on from another one: a night a day, at most.
fn counts_on(before: Nights, counted: Nights, date: BusinessDate) -> bool {
    if before == Nights::default() {
        let first = Nights {
            counted_to: date,
            occupied: 0,
            last_occupied: date,
        };
        return counted == first;
    }
    let days = date.days_since(before.counted_to);
    let nights = i64::from(counted.occupied) - i64::from(before.occupied);
    counted.counted_to == date
        && days > 0
        && (0..=days).contains(&nights)
        && before.last_occupied <= counted.last_occupied
        && counted.last_occupied <= date.max(before.last_occupied)
}

/// Whether a task that the audit makes says so of itself.
fn is_planned(change: &TaskChange, room: RoomId, date: BusinessDate) -> bool {
    match change {
        TaskChange::Room(of) => *of == Some(room),
        TaskChange::BusinessDate(on) => *on == date,
        TaskChange::Kind(kind) => TaskRule::ALL.iter().any(|rule| is_made_by(*kind, *rule)),
        TaskChange::Rule(rule) => TaskKind::ALL.iter().any(|kind| is_made_by(*kind, *rule)),
        TaskChange::Counted(number) | TaskChange::OfEvery(number) => *number >= 0,
        TaskChange::Turn(turn) => turn.is_some_and(|turn| turn.date <= date),
        TaskChange::Stay(stay) => stay.is_some(),
        TaskChange::Status(_)
        | TaskChange::Assignee(_)
        | TaskChange::StartedAt(_)
        | TaskChange::FinishedAt(_)
        | TaskChange::WorkedMillis(_)
        | TaskChange::Title(_)
        | TaskChange::Note(_)
        | TaskChange::Pinned(_)
        | TaskChange::Attempts(_)
        | TaskChange::AttemptedAt(_)
        | TaskChange::KeptOutBy(_)
        | TaskChange::Follows(_)
        | TaskChange::Outcome(_)
        | TaskChange::EnteredBecause(_) => false,
    }
}

/// Whether the night audit makes tasks of a kind by a rule.
fn is_made_by(kind: TaskKind, rule: TaskRule) -> bool {
    match kind {
        TaskKind::Departure => matches!(rule, TaskRule::DepartureDue | TaskRule::CarriedOver),
        TaskKind::Stayover => rule == TaskRule::StayContinues,
        TaskKind::Arrival => rule == TaskRule::ArrivalDue,
        TaskKind::TouchUp => rule == TaskRule::BlockEnded,
        TaskKind::Turndown => rule == TaskRule::TurndownDue,
        TaskKind::DeepClean => rule == TaskRule::DeepCleanDue,
        TaskKind::LinenChange => rule == TaskRule::LinenDue,
        TaskKind::Check => rule == TaskRule::VacantTooLong,
        TaskKind::Inspection
        | TaskKind::Extra
        | TaskKind::GuestRequest
        | TaskKind::Delivery
        | TaskKind::Round => false,
    }
}
