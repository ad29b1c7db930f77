//! The night audit: one day ends, and the rules make the next one's work, room by room.
//!
//! **Architecture Invariant**: planning a room again on the same knowledge finds nothing to do, and
//! whatever a person has begun, pinned, noted, tried or asked for outlives the day.

use super::{Planned, Planner, Unplanned, View, due::gives_way};
use crate::{
    change::{Change, Entity},
    cleanliness::{Cleanliness, CleanlinessMark},
    command::{Command, DeskCommand},
    hotel::HotelChange,
    ids::{BlockId, DocumentKind, DocumentRef, RoomId, StayId},
    refusal::Refusal,
    room::{DoneOn, Room, RoomChange},
    room_block::{BlockKind, RoomBlock, RoomBlockChange},
    stay::{Stay, StayStatus},
    task::{Task, TaskKind, TaskRule},
    time::BusinessDate,
};

pub(crate) mod nights;
pub(super) mod work;

use work::RoomDay;

/// What is left to plan of a business date: a command for each room that is not planned for it.
pub fn due<'a>(
    rooms: impl IntoIterator<Item = (RoomId, &'a Room)>,
    date: BusinessDate,
) -> Vec<Command> {
    let open = rooms
        .into_iter()
        .filter(|(_, room)| room.nights.counted_to < date);
    open.map(|(room, _)| Command::Desk(DeskCommand::PlanRoom { room, date }))
        .collect()
}

/// The stays that were due in on a date or before and did not come: whether they are no-shows is
/// for the desk to say before it closes the day.
pub fn did_not_come<'a>(
    stays: impl IntoIterator<Item = (StayId, &'a Stay)>,
    date: BusinessDate,
) -> Vec<StayId> {
    let missed = stays
        .into_iter()
        .filter(|(_, stay)| stay.status == StayStatus::Expected && stay.arrival <= date);
    missed.map(|(id, _)| id).collect()
}

impl<V: View> Planner<'_, V> {
    pub(super) fn close_day(&self, date: BusinessDate) -> Planned<V> {
        self.check_day(date)?;
        let next = date.plus_days(1);
        if next == date {
            return Ok(Vec::new());
        }
        let moved = HotelChange::BusinessDate(next);
        Ok(vec![Change::Hotel(self.context.hotel, moved)])
    }

    pub(super) fn plan_room(&self, id: RoomId, date: BusinessDate) -> Planned<V> {
        self.check_day(date)?;
        let room = self.room(id)?;
        let stays = self.view.stays_of(id).map_err(Unplanned::Unread)?;
        let mut open = self.open_tasks_of(id)?;
        open.retain(|(_, task)| task.business_date <= date);
        let (mut changes, room) = self.count(id, room, &stays, date);
        open.retain(|(task_id, task)| {
            let stays_on = !is_over(task, &room.cleanliness, date);
            if !stays_on {
                changes.extend(self.cancel_by(*task_id, task, TaskRule::NightAudit));
            }
            stays_on
        });
        let mut day = RoomDay {
            id,
            room,
            stays,
            open,
            date,
        };
        let (over, others): (Vec<_>, Vec<_>) = self
            .open_blocks_of(id)?
            .into_iter()
            .partition(|(_, block)| block.until <= date);
        let ended = over.iter().map(|(block, _)| *block);
        changes.extend(ended.map(|id| Change::RoomBlock(id, RoomBlockChange::Ended(true))));
        let mut covering = others.iter().filter(|(_, block)| block.covers(date));
        let status = over.iter().map(|(_, block)| block.return_status).min();
        if let Some(status) = status.filter(|_| covering.clone().next().is_none()) {
            changes.extend(self.given_back(&mut day, status)?);
        }
        if !covering.any(|(_, block)| block.kind == BlockKind::OutOfOrder) {
            changes.extend(self.work_due(&day)?);
        }
        Ok(changes)
    }

    fn check_day(&self, date: BusinessDate) -> Result<(), Unplanned<V::Error>> {
        let business_date = self.business_date()?;
        if date == business_date {
            return Ok(());
        }
        Err(Refusal::OtherDay { business_date }.into())
    }

    /// The nights are counted up to the date. With the first count the time until the first
    /// DeepClean begins too, or every room of the hotel would be due at once.
    fn count(
        &self,
        id: RoomId,
        mut room: Room,
        stays: &[(StayId, Stay)],
        date: BusinessDate,
    ) -> (Vec<Change>, Room) {
        let mut changes = Vec::new();
        let begins = nights::is_first_count(&room);
        let counted = nights::counted(&room, stays, date);
        if counted != room.nights {
            room.nights = counted;
            changes.push(Change::Room(id, RoomChange::Nights(counted)));
        }
        if begins && room.deep_cleaned == DoneOn::default() {
            room.deep_cleaned = nights::beginning(date);
            changes.push(Change::Room(id, RoomChange::DeepCleaned(room.deep_cleaned)));
        }
        (changes, room)
    }

    pub(super) fn open_blocks_of(
        &self,
        room: RoomId,
    ) -> Result<Vec<(BlockId, RoomBlock)>, Unplanned<V::Error>> {
        let found = self.view.about_room(room, DocumentKind::RoomBlock);
        let block = |(document, entity): (DocumentRef, Entity)| match entity {
            Entity::RoomBlock(block) if block.room == Some(room) && !block.ended => {
                Some((BlockId(document.id.0), block))
            }
            _ => None,
        };
        let found = found.map_err(Unplanned::Unread)?;
        Ok(found.into_iter().filter_map(block).collect())
    }

    fn given_back(&self, day: &mut RoomDay, status: Cleanliness) -> Planned<V> {
        let changes = self.back_in_use(&day.open, (day.id, &day.room), status, day.date)?;
        for change in &changes {
            if let Change::Room(_, RoomChange::Cleanliness(mark)) = change {
                day.room.cleanliness = *mark;
            }
        }
        Ok(changes)
    }
}

/// Whether a task ends with its day: what nobody touched, and what is still due is made anew.
pub(crate) fn is_over(task: &Task, mark: &CleanlinessMark, date: BusinessDate) -> bool {
    ends_with_its_day(task) && task.business_date < date && !is_due_still(task, mark)
}

/// Whether a rule made a task and nobody touched it.
pub(crate) fn ends_with_its_day(task: &Task) -> bool {
    gives_way(task) && task.attempts == 0 && task.rule != TaskRule::Person
}

/// Whether the room stands as it did when a task was made about that.
fn is_due_still(task: &Task, mark: &CleanlinessMark) -> bool {
    let in_its_turn = task.turn.is_some_and(|turn| !mark.turn.is_after(turn));
    in_its_turn
        && match task.kind {
            TaskKind::TouchUp => mark.value == Cleanliness::Dirty,
            TaskKind::Inspection => mark.value == Cleanliness::Clean,
            TaskKind::Check => mark.value == Cleanliness::Pickup,
            TaskKind::Departure
            | TaskKind::Stayover
            | TaskKind::Arrival
            | TaskKind::Turndown
            | TaskKind::DeepClean
            | TaskKind::LinenChange
            | TaskKind::Extra
            | TaskKind::GuestRequest
            | TaskKind::Delivery
            | TaskKind::Round => false,
        }
}

#[cfg(test)]
mod tests;
