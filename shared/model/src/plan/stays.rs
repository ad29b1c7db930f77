//! Stays at the desk: booked, edited, given a room, moved, ended before they began.
//!
//! Whether a room is free is asked of what this replica knows. Two desks that did not know of one
//! another are both heard, and [`crate::room_status::RoomStatus::double_booked`] tells everybody.

use super::{
    Planned, Planner, Unplanned, View, check_length,
    desk::{is_over_at_check_in, is_over_at_check_out},
    optional_text,
    work_orders::over,
};
use crate::{
    availability::{Interval, clashes},
    change::{Change, Entity},
    cleanliness::{Cleanliness, MarkCause},
    command::{StayDraft, StayEdit},
    ids::{DocumentKind, RoomId, StayId},
    limits::{MAX_GUESTS, MAX_NAME, MAX_NIGHTS, MAX_TEXT},
    one_line::check_one_line,
    refusal::Refusal,
    room::{Room, RoomUse},
    room_block::{BlockKind, RoomBlock},
    stay::{Stay, StayChange, StayStatus},
    task::{Task, TaskKind, TaskRule},
    time::BusinessDate,
};

impl<V: View> Planner<'_, V> {
    pub(super) fn book(&self, id: StayId, draft: &StayDraft) -> Planned<V> {
        if self.exists(id.into())? {
            return Ok(vec![]);
        }
        let stay = booked(draft)?;
        if stay.arrival < self.business_date()? {
            return Err(Refusal::DayOver { date: stay.arrival }.into());
        }
        if let Some(room) = stay.room {
            self.room_for(id, &stay, room)?;
        }
        Ok(stay.creation(id))
    }

    /// Only what differs or settles a conflict is written. Dates are those of the room as well: it
    /// has to be free for them.
    pub(super) fn edit_stay(&self, id: StayId, edit: &StayEdit) -> Planned<V> {
        let now = self.stay(id)?;
        let fields = edited(&now, edit)?;
        let mut after = now.clone();
        let mut changes = Vec::new();
        for change in fields {
            let differs = now.field(change.key()) != Some(change.value());
            if differs || self.is_contested(id.into(), change.key())? {
                after.apply(change.clone());
                changes.push(Change::Stay(id, change));
            }
        }
        if Interval::of(&after) != Interval::of(&now) {
            self.check_dates(&now, &after)?;
            if let Some(room) = after.room {
                self.room_for(id, &after, room)?;
            }
        }
        changes.extend(self.leaves_on_another_day(id, &now, &after)?);
        Ok(changes)
    }

    pub(super) fn cancel_stay(&self, id: StayId) -> Planned<V> {
        self.end_before_it_began(id, StayStatus::Cancelled)
    }

    pub(super) fn mark_no_show(&self, id: StayId) -> Planned<V> {
        let stay = self.stay_in(id, StayStatus::Expected)?;
        if stay.arrival > self.business_date()? {
            return Err(Refusal::ArrivesLater {
                arrival: stay.arrival,
            }
            .into());
        }
        self.end_before_it_began(id, StayStatus::NoShow)
    }

    fn end_before_it_began(&self, id: StayId, status: StayStatus) -> Planned<V> {
        let stay = self.stay_in(id, StayStatus::Expected)?;
        let mut changes = vec![Change::Stay(id, StayChange::Status(status))];
        if stay.queued_at.is_some() {
            changes.push(Change::Stay(id, StayChange::QueuedAt(None)));
        }
        if let Some(room) = stay.room {
            changes.extend(self.withdraw(room, |task| is_of(task, id), TaskRule::StayGone)?);
        }
        Ok(changes)
    }

    pub(super) fn assign_room(&self, id: StayId, room: Option<RoomId>) -> Planned<V> {
        let stay = self.stay_in(id, StayStatus::Expected)?;
        let change = StayChange::Room(room);
        if stay.room == room && !self.is_contested(id.into(), change.key())? {
            return Ok(vec![]);
        }
        if let Some(room) = room {
            self.room_for(id, &stay, room)?;
        }
        let mut changes = vec![Change::Stay(id, change)];
        if let Some(left) = stay.room.filter(|left| Some(*left) != room) {
            changes.extend(self.withdraw(left, |task| is_of(task, id), TaskRule::RoomMove)?);
        }
        Ok(changes)
    }

    /// The room that is left is dirty and has its Departure; what was planned there for the guest
    /// and nobody has begun is not done any more.
    pub(super) fn move_room(&self, id: StayId, to: RoomId) -> Planned<V> {
        let stay = self.stay_in(id, StayStatus::InHouse)?;
        let from = stay.room.ok_or(Refusal::NoRoom)?;
        if from == to {
            return Ok(vec![]);
        }
        let date = self.business_date()?;
        let room = self.room_for(id, &stay, to)?;
        if let Some(other) = self.other_in_house(id, to)? {
            return Err(Refusal::RoomOccupied { number: other }.into());
        }
        let left = self.room(from)?.cleanliness;
        let turn = left.turn.departure_of(id, date);
        let mut changes = vec![Change::Stay(id, StayChange::Room(Some(to)))];
        if turn != left.turn {
            changes.push(self.mark(from, Cleanliness::Dirty, turn, MarkCause::CheckOut));
        }
        let mark = room.cleanliness;
        changes.push(self.mark(
            to,
            mark.value,
            mark.turn.arrival_of(id, date),
            MarkCause::CheckIn,
        ));
        let is_over = |task: &Task| is_over_after_move(id, task);
        changes.extend(self.withdraw(from, is_over, TaskRule::RoomMove)?);
        changes.extend(self.departure_after_move(id, from, date)?);
        let is_over = |task: &Task| is_over_at_check_in(id, task);
        changes.extend(self.withdraw(to, is_over, TaskRule::CheckIn)?);
        Ok(changes)
    }

    fn departure_after_move(&self, stay: StayId, left: RoomId, date: BusinessDate) -> Planned<V> {
        let open = self
            .view
            .open_tasks(left, date)
            .map_err(Unplanned::Unread)?;
        let is_there = |task: &Task| task.kind == TaskKind::Departure && task.stay == Some(stay);
        if open.iter().any(|(_, task)| is_there(task)) {
            return Ok(vec![]);
        }
        let id = self.departure_id((stay, left), date)?;
        self.task_due(
            id,
            &Task {
                kind: TaskKind::Departure,
                room: Some(left),
                stay: Some(stay),
                business_date: date,
                rule: TaskRule::RoomMove,
                assignee: open.iter().find_map(|(_, task)| task.assignee),
                ..Task::default()
            },
        )
    }

    pub(super) fn set_queued(&self, id: StayId, queued: bool) -> Planned<V> {
        let stay = self.stay_in(id, StayStatus::Expected)?;
        if stay.queued_at.is_some() == queued {
            return Ok(vec![]);
        }
        if queued && stay.arrival > self.business_date()? {
            return Err(Refusal::ArrivesLater {
                arrival: stay.arrival,
            }
            .into());
        }
        let since = queued.then_some(self.context.at);
        Ok(vec![Change::Stay(id, StayChange::QueuedAt(since))])
    }

    /// The room, if the stay can have it on all of its days.
    fn room_for(
        &self,
        id: StayId,
        stay: &Stay,
        room_id: RoomId,
    ) -> Result<Room, Unplanned<V::Error>> {
        let room = self.room(room_id)?;
        let number = || room.number.clone();
        if room.used_for != RoomUse::Guests {
            return Err(Refusal::NotForGuests { number: number() }.into());
        }
        let wanted = Interval::of(stay).from_day(self.business_date()?);
        let stays = self.view.stays_of(room_id).map_err(Unplanned::Unread)?;
        let taken = stays.iter().find(|(other, known)| {
            *other != id && has_its_room(known) && clashes(wanted, Interval::of(known))
        });
        if let Some((_, known)) = taken {
            return Err(Refusal::RoomTaken {
                number: number(),
                from: known.arrival,
                until: known.departure,
            }
            .into());
        }
        let blocks = self.blocks_of(room_id)?;
        let blocked = blocks.iter().find(|block| {
            block.kind == BlockKind::OutOfOrder && clashes(wanted, Interval::of_block(block))
        });
        match blocked {
            Some(block) => Err(Refusal::RoomOutOfOrder {
                number: number(),
                until: block.until,
            }
            .into()),
            None => Ok(room),
        }
    }

    /// Blocks of a room that have not ended.
    fn blocks_of(&self, room: RoomId) -> Result<Vec<RoomBlock>, Unplanned<V::Error>> {
        let found = self.view.about_room(room, DocumentKind::RoomBlock);
        let found = found.map_err(Unplanned::Unread)?.into_iter();
        let open = found.filter_map(|(_, entity)| match entity {
            Entity::RoomBlock(block) if !block.ended => Some(block),
            _ => None,
        });
        Ok(open.collect())
    }

    /// The number of a room that another guest is in.
    fn other_in_house(
        &self,
        id: StayId,
        room: RoomId,
    ) -> Result<Option<String>, Unplanned<V::Error>> {
        let guests = self.view.stays_in_house(room).map_err(Unplanned::Unread)?;
        if guests.iter().any(|(other, _)| *other != id) {
            return Ok(Some(self.room(room)?.number));
        }
        Ok(None)
    }

    /// What has happened stays as it was: a guest who is in house has arrived, and leaves today at
    /// the earliest.
    fn check_dates(&self, now: &Stay, after: &Stay) -> Result<(), Unplanned<V::Error>> {
        let date = self.business_date()?;
        let wrong_state = Refusal::StayState { status: now.status };
        match now.status {
            StayStatus::Expected if after.arrival != now.arrival && after.arrival < date => {
                Err(Refusal::DayOver {
                    date: after.arrival,
                }
                .into())
            }
            StayStatus::Expected => Ok(()),
            StayStatus::InHouse if after.arrival != now.arrival => Err(wrong_state.into()),
            StayStatus::InHouse if after.departure < date => Err(Refusal::DayOver {
                date: after.departure,
            }
            .into()),
            StayStatus::InHouse => Ok(()),
            StayStatus::Departed | StayStatus::Cancelled | StayStatus::NoShow => {
                Err(wrong_state.into())
            }
        }
    }
}

/// A stay as it was asked for.
///
/// # Errors
/// A text that is too long, a number with a control character, days that run backwards, nobody who comes.
pub(crate) fn booked(draft: &StayDraft) -> Result<Stay, Refusal> {
    check_one_line("booking", draft.booking.trim())?;
    let stay = Stay {
        booking: optional_text("booking", &draft.booking, MAX_NAME)?,
        room: draft.room,
        room_type: optional_text("room_type", &draft.room_type, MAX_NAME)?,
        arrival: draft.arrival,
        departure: draft.departure,
        adults: draft.adults,
        children: draft.children,
        country: optional_text("country", &draft.country, MAX_NAME)?,
        meal: optional_text("meal", &draft.meal, MAX_NAME)?,
        rate: optional_text("rate", &draft.rate, MAX_NAME)?,
        vip: draft.vip,
        note: optional_text("note", &draft.note, MAX_TEXT)?,
        ..Stay::default()
    };
    check_days(&stay)?;
    check_guests(&stay)?;
    Ok(stay)
}

/// The fields that an edit gives a stay, in the form in which they are kept.
///
/// # Errors
/// As [`booked`], and a note that somebody else wrote meanwhile.
pub(crate) fn edited(now: &Stay, edit: &StayEdit) -> Result<Vec<StayChange>, Refusal> {
    let name = |field: &str, typed: &Option<String>| match typed {
        Some(typed) => optional_text(field, typed, MAX_NAME).map(Some),
        None => Ok(None),
    };
    let note = match &edit.note {
        Some(typed) => {
            let typed = optional_text("note", typed, MAX_TEXT)?;
            let note = over("note", edit.note_base.as_deref(), typed, &now.note)?;
            check_length("note", &note, MAX_TEXT)?;
            Some(note)
        }
        None => None,
    };
    let fields: Vec<StayChange> = [
        edit.arrival.map(StayChange::Arrival),
        edit.departure.map(StayChange::Departure),
        name("room_type", &edit.room_type)?.map(StayChange::RoomType),
        edit.adults.map(StayChange::Adults),
        edit.children.map(StayChange::Children),
        name("meal", &edit.meal)?.map(StayChange::Meal),
        name("rate", &edit.rate)?.map(StayChange::Rate),
        edit.vip.map(StayChange::Vip),
        edit.early_check_in.map(StayChange::EarlyCheckIn),
        edit.late_check_out.map(StayChange::LateCheckOut),
        edit.stayover_wish.map(StayChange::StayoverWish),
        note.map(StayChange::Note),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut after = now.clone();
    for field in &fields {
        after.apply(field.clone());
    }
    // What came from elsewhere may be as no person would write it, and takes a note all the same.
    if edit.arrival.is_some() || edit.departure.is_some() {
        check_days(&after)?;
    }
    if edit.adults.is_some() || edit.children.is_some() {
        check_guests(&after)?;
    }
    Ok(fields)
}

fn check_days(stay: &Stay) -> Result<(), Refusal> {
    let last = stay.arrival.plus_days(MAX_NIGHTS);
    if stay.departure < stay.arrival || stay.departure > last {
        return Err(Refusal::BadDays { nights: MAX_NIGHTS });
    }
    Ok(())
}

fn check_guests(stay: &Stay) -> Result<(), Refusal> {
    let within = |number: i64| (0..=MAX_GUESTS).contains(&number);
    if !within(stay.adults) || !within(stay.children) || stay.guests() == 0 {
        return Err(Refusal::BadGuests { most: MAX_GUESTS });
    }
    Ok(())
}

/// Whether a stay keeps others out of its room.
fn has_its_room(stay: &Stay) -> bool {
    matches!(stay.status, StayStatus::Expected | StayStatus::InHouse)
}

fn is_of(task: &Task, stay: StayId) -> bool {
    task.stay == Some(stay)
}

/// Whether a guest's moving out of a room makes a task there needless: what is done for them, and
/// what was to be looked at or done again while the room was theirs.
pub(crate) fn is_over_after_move(stay: StayId, task: &Task) -> bool {
    let is_of_their_turn = task.turn.is_some() && is_over_at_check_out(stay, task);
    is_of(task, stay) && is_for_a_guest_who_stays(task.kind) || is_of_their_turn
}

/// What is done for a guest who goes on staying.
fn is_for_a_guest_who_stays(kind: TaskKind) -> bool {
    match kind {
        TaskKind::Stayover | TaskKind::LinenChange | TaskKind::Turndown | TaskKind::Arrival => true,
        TaskKind::Departure
        | TaskKind::TouchUp
        | TaskKind::DeepClean
        | TaskKind::Inspection
        | TaskKind::Check
        | TaskKind::Extra
        | TaskKind::GuestRequest
        | TaskKind::Delivery
        | TaskKind::Round => false,
    }
}
