//! Which stays and tasks a world comes to have: those of the opening, and those that its nights
//! bring.

use super::hotel::{self, ROOMS, room};
use keyrack_model::{
    identity,
    ids::{RoomId, StayId, TaskId},
    limits,
    time::BusinessDate,
};
use uuid::Uuid;

/// A stay as it is booked.
#[derive(Clone, Copy)]
pub(super) struct Booked {
    pub stay: StayId,
    pub room: RoomId,
    pub arrival: BusinessDate,
    pub departure: BusinessDate,
}

impl Booked {
    /// The task that a morning begins with while the guest is in house.
    pub fn task_on(&self, date: BusinessDate) -> TaskId {
        if self.leaves_by(date) {
            identity::departure_task(hotel::id(), date, (self.stay, self.room))
        } else {
            identity::stayover_task(hotel::id(), date, self.stay)
        }
    }

    pub fn leaves_by(&self, date: BusinessDate) -> bool {
        self.departure <= date
    }
}

/// What people may speak of, whether their device has it or not.
pub(super) struct House {
    /// The latest day that a night was to bring, or that somebody began at a desk.
    pub date: BusinessDate,
    pub booked: Vec<Booked>,
    /// Latest last.
    pub tasks: Vec<TaskId>,
}

/// Nights of a guest who arrives in a world.
const NIGHTS: i32 = 2;

impl House {
    pub fn at_the_opening() -> Self {
        let date = hotel::opening_day();
        let booked: Vec<Booked> = (0..ROOMS).map(hotel::booked).collect();
        Self {
            date,
            tasks: booked.iter().map(|booked| booked.task_on(date)).collect(),
            booked,
        }
    }

    /// Another day is to come, and with it a guest.
    pub fn comes_to(&mut self, date: BusinessDate) {
        self.goes_on_to(date);
        let number = self.booked.len() as u128;
        let due: Vec<TaskId> = self.booked.iter().map(|it| it.task_on(date)).collect();
        due.into_iter().for_each(|task| self.has_task(task));
        self.booked.push(Booked {
            stay: StayId(Uuid::from_u128(300 + number)),
            room: room(number % ROOMS),
            arrival: date,
            departure: date.plus_days(NIGHTS),
        });
    }

    pub fn goes_on_to(&mut self, date: BusinessDate) {
        self.date = self.date.max(date);
    }

    /// There is a task to speak of, if there was not.
    pub fn has_task(&mut self, task: TaskId) {
        if !self.tasks.contains(&task) {
            self.tasks.push(task);
        }
    }

    /// Whether it was closed for longer than a working set reaches back.
    pub fn was_closed(&self) -> bool {
        self.date > hotel::opening_day().plus_days(limits::WORKING_SET_DAYS)
    }

    pub fn stays(&self) -> impl Iterator<Item = StayId> {
        self.booked.iter().map(|booked| booked.stay)
    }
}
