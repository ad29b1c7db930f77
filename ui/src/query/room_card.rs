//! A room as a tile of the board shows it.

use super::given_twice::fighting;
use crate::mirror::cabinet::RoomFile;
use keyrack_model::{
    ids::{DocumentKind, RoomId, UserId},
    room_status::{ReservationPhase, RoomStatus},
    rows::Row,
    stay::{Stay, StayStatus},
    task::{Task, TaskStatus},
    time::{BusinessDate, Timestamp},
};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoomCard {
    pub id: RoomId,
    pub number: String,
    pub floor: i64,
    pub room_type: String,
    /// The part of the hotel that it is in; empty where there are none.
    pub section: String,
    pub status: RoomStatus,
    /// Wanted as soon as can be.
    pub rush: bool,
    /// Somebody of note is here or comes today.
    pub vip: bool,
    /// Since when a guest waits for it.
    pub queued: Option<Timestamp>,
    /// It belongs together with another room.
    pub linked: bool,
    /// Guests in house, or else those who are expected today.
    pub guests: i64,
    pub work: Work,
    /// Who has the room's task today.
    pub attendant: Option<UserId>,
    pub open_orders: usize,
    /// People have to decide: between values of a field, or whose of two stays the room is.
    pub contested: bool,
}

/// How far today's cleaning of the room is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Work {
    Nothing,
    Planned,
    Paused,
    /// Counted from here: earlier runs are already taken off.
    Running {
        since: Timestamp,
    },
    Done,
}

impl RoomCard {
    /// None while the room's own row is not here.
    pub fn of(file: &RoomFile, date: BusinessDate) -> Option<Self> {
        let (id, room) = file.room()?;
        let stays = file
            .stays()
            .map(|(_, stay)| stay)
            .filter(|stay| touches(stay, date) || stood_up(stay, date));
        let task = todays_task(file, date);
        let blocks = file.blocks().map(|(_, block)| block);
        let status = RoomStatus::derive(room, stays.clone(), blocks, date);
        // Work orders have a list of their own.
        let is_contested =
            |row: &Row| row.document.kind != DocumentKind::WorkOrder && !row.conflicts.is_empty();
        Some(Self {
            id,
            number: room.number.clone(),
            floor: room.floor,
            room_type: room.room_type.clone(),
            section: room.section.clone(),
            status,
            rush: room.rush,
            vip: stays
                .clone()
                .any(|stay| is_of_today(stay, date) && stay.vip),
            queued: stays.clone().filter_map(|stay| stay.queued_at).min(),
            linked: file.links().next().is_some(),
            guests: guests(stays, date),
            work: task.map_or(Work::Nothing, Work::of),
            attendant: task.and_then(|task| task.assignee),
            open_orders: file
                .work_orders()
                .filter(|(_, order)| order.status.is_open())
                .count(),
            contested: file.rows().any(is_contested) || !fighting(file, date).is_empty(),
        })
    }

    /// Orders rooms as the doors stand: by floor, then by number.
    pub fn door(&self) -> (i64, usize, &str) {
        (self.floor, self.number.len(), &self.number)
    }

    pub fn is_occupied(&self) -> bool {
        self.status.fo_status == keyrack_model::room_status::FoStatus::Occupied
    }

    pub fn is_due_out(&self) -> bool {
        matches!(
            self.status.phase,
            ReservationPhase::DueOut
                | ReservationPhase::LateCheckout
                | ReservationPhase::BackToBack
        )
    }

    pub fn is_due_in(&self) -> bool {
        matches!(
            self.status.phase,
            ReservationPhase::DueIn | ReservationPhase::EarlyCheckin | ReservationPhase::BackToBack
        )
    }
}

impl Work {
    pub fn of(task: &Task) -> Self {
        match (task.status, task.started_at) {
            (TaskStatus::InProgress, Some(started)) => Self::Running {
                since: Timestamp(started.0.saturating_sub(task.worked_millis)),
            },
            (TaskStatus::InProgress | TaskStatus::Planned, _) => Self::Planned,
            (TaskStatus::Paused, _) => Self::Paused,
            (TaskStatus::Done, _) => Self::Done,
            (TaskStatus::Cancelled, _) => Self::Nothing,
        }
    }
}

/// Whether somebody was expected on a business date and did not come.
fn stood_up(stay: &Stay, date: BusinessDate) -> bool {
    stay.status == StayStatus::NoShow && stay.arrival == date
}

/// Whether a guest is here, or comes today.
fn is_of_today(stay: &Stay, date: BusinessDate) -> bool {
    match stay.status {
        StayStatus::InHouse => true,
        StayStatus::Expected => stay.is_expected_on(date),
        StayStatus::Departed | StayStatus::Cancelled | StayStatus::NoShow => false,
    }
}

/// Whether a stay has to do with a business date.
pub fn touches(stay: &Stay, date: BusinessDate) -> bool {
    match stay.status {
        StayStatus::InHouse => true,
        StayStatus::Expected => stay.is_expected_on(date),
        StayStatus::Departed => stay.departure == date,
        StayStatus::Cancelled | StayStatus::NoShow => false,
    }
}

/// Whether a stay is among those of its room on a date: also whoever left before their time, as long as the room was booked for them.
pub fn concerns(stay: &Stay, date: BusinessDate) -> bool {
    let left_early =
        stay.status == StayStatus::Departed && stay.arrival <= date && date < stay.departure;
    left_early || touches(stay, date)
}

/// The task to speak of, of today or begun before: one that runs, else an open one, else one that is done.
fn todays_task(file: &RoomFile, date: BusinessDate) -> Option<&Task> {
    file.tasks()
        .map(|(_, task)| task)
        .filter(|task| task.stands_on(date) && task.status != TaskStatus::Cancelled)
        .max_by_key(|task| match task.status {
            TaskStatus::InProgress => 4,
            TaskStatus::Paused => 3,
            TaskStatus::Planned => 2,
            TaskStatus::Done => 1,
            TaskStatus::Cancelled => 0,
        })
}

fn guests<'a>(stays: impl Iterator<Item = &'a Stay> + Clone, date: BusinessDate) -> i64 {
    let of = |wanted: StayStatus| {
        let found = stays.clone().find(|stay| {
            stay.status == wanted && (wanted != StayStatus::Expected || stay.is_expected_on(date))
        });
        found.map(Stay::guests)
    };
    of(StayStatus::InHouse)
        .or_else(|| of(StayStatus::Expected))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_left_early_stays_among_the_rooms_stays_as_long_as_it_was_booked() {
        let day = |day: &str| format!("2017-05-{day}").parse::<BusinessDate>().unwrap();
        let stay = |status, arrival, departure| Stay {
            status,
            arrival: day(arrival),
            departure: day(departure),
            ..Stay::default()
        };
        use StayStatus::{Cancelled, Departed, Expected, InHouse};
        for (status, arrival, departure, is_listed, is_of_today) in [
            (Departed, "22", "28", true, false),
            (Departed, "22", "25", true, true),
            (Departed, "22", "24", false, false),
            (Departed, "26", "28", false, false),
            (InHouse, "22", "24", true, true),
            (Expected, "25", "28", true, true),
            (Expected, "26", "28", false, false),
            (Cancelled, "22", "28", false, false),
        ] {
            let stay = stay(status, arrival, departure);
            assert_eq!(concerns(&stay, day("25")), is_listed, "{stay:?}");
            assert_eq!(touches(&stay, day("25")), is_of_today, "{stay:?}");
        }
    }
}
