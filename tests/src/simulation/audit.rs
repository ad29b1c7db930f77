//! The night audit at a desk: it ends the day and plans the rooms one after another, each an action of
//! its own, with anything in between.
//!
//! **Invariant**: a desk plans as the app does: all rooms that it finds unplanned, and after a start
//! those that it had left.

use super::{
    faults::happens,
    trace::Event,
    world::{Broken, Happening, World},
};
use keyrack_model::{
    command::{Command, DeskCommand},
    ids::{DocumentKind, DocumentRef, RoomId, TaskId},
    policy::allows,
    rows::Row,
    task::{Task, TaskRule, TaskStatus},
    time::BusinessDate,
};
use keyrack_replica::{Replica, StoreError};

/// The longest between two rooms, and between two desks that end the same day.
const BETWEEN_ROOMS_MILLIS: u64 = 400;
const BETWEEN_DESKS_MILLIS: u64 = 3_000;
/// Chances in a thousand that somebody who may ends the day instead of doing something else, and that
/// somebody at another desk does so as well.
const AUDITS: u32 = 120;
const SECOND_AUDITS: u32 = 700;

impl World {
    /// Whether somebody ends the day where they would do something else; at another desk so does
    /// somebody who mostly does not know.
    pub(super) fn audits(&mut self, device: usize) -> Result<bool, Broken> {
        if !self.may_end_the_day(device) || !happens(AUDITS, &mut self.rng) {
            return Ok(false);
        }
        let is_closed = self.closes_day(device)?;
        if is_closed && happens(SECOND_AUDITS, &mut self.rng) {
            let desks = (0..self.devices.len()).filter(|other| *other != device);
            let desks: Vec<usize> = desks.filter(|other| self.may_end_the_day(*other)).collect();
            if let Some(other) = self.rng.choice(desks) {
                self.within(BETWEEN_DESKS_MILLIS, Happening::ClosesDay(other));
            }
        }
        Ok(is_closed)
    }

    fn may_end_the_day(&self, device: usize) -> bool {
        let running = self.devices[device].running.as_ref();
        let session = running.and_then(|running| running.replica.session());
        let close = Command::Desk(DeskCommand::CloseDay {
            date: BusinessDate::default(),
        });
        session.is_some_and(|session| allows(session.me.role, &close).is_ok())
    }

    /// Whether a desk ended the day; it plans the rooms from then on.
    pub(super) fn closes_day(&mut self, device: usize) -> Result<bool, Broken> {
        let Some(running) = &self.devices[device].running else {
            return Ok(false);
        };
        let date = running.replica.hotel()?.business_date;
        let close = Command::Desk(DeskCommand::CloseDay { date });
        if !self.gives(device, close)? {
            return Ok(false);
        }
        let date = date.plus_days(1);
        self.ledger.note(Event::DayClosed { device, date });
        self.house.goes_on_to(date);
        self.goes_on_planning(device);
        Ok(true)
    }

    /// A desk that was killed in the middle of an audit goes on with it.
    pub(super) fn plans_after_start(&mut self, device: usize) -> Result<(), Broken> {
        let Some(running) = &self.devices[device].running else {
            return Ok(());
        };
        let replica = &running.replica;
        let Some(role) = replica.session().map(|session| session.me.role) else {
            return Ok(());
        };
        let open = replica.rooms_to_plan()?;
        let may_plan = open.iter().all(|command| allows(role, command).is_ok());
        if replica.is_half_planned()? && may_plan && !open.is_empty() {
            self.goes_on_planning(device);
        }
        Ok(())
    }

    fn goes_on_planning(&mut self, device: usize) {
        let life = self.devices[device].life;
        self.within(BETWEEN_ROOMS_MILLIS, Happening::PlansRoom(device, life, 0));
    }

    /// The next room of an audit; `passed` were left as they are, because nothing is due in them.
    pub(super) fn plans_room(
        &mut self,
        device: usize,
        life: u64,
        passed: usize,
    ) -> Result<(), Broken> {
        if self.devices[device].life != life {
            return Ok(());
        }
        let Some(running) = &self.devices[device].running else {
            return Ok(());
        };
        let open = running.replica.rooms_to_plan()?;
        let Some(command) = open.get(passed).cloned() else {
            return Ok(());
        };
        let Command::Desk(DeskCommand::PlanRoom { room, .. }) = command else {
            return Ok(());
        };
        let held = held_tasks(&running.replica, room)?;
        let is_planned = self.gives(device, command)?;
        self.nothing_was_taken(device, &held)?;
        let passed = passed + usize::from(!is_planned);
        let again = Happening::PlansRoom(device, life, passed);
        self.within(BETWEEN_ROOMS_MILLIS, again);
        Ok(())
    }

    /// An audit cancels nothing that the desk knew somebody to have begun, pinned, noted, tried or
    /// asked for.
    fn nothing_was_taken(&self, device: usize, held: &[TaskId]) -> Result<(), Broken> {
        let Some(running) = &self.devices[device].running else {
            return Ok(());
        };
        let documents: Vec<DocumentRef> = held.iter().map(|task| (*task).into()).collect();
        let rows = running.replica.rows_of(&documents)?;
        let mut tasks = rows.iter().filter_map(Row::as_task);
        match tasks.find(|(_, task)| task.status == TaskStatus::Cancelled) {
            Some((id, task)) => Err(Broken(format!(
                "the audit at device {device} took {id} from somebody: {task:?}"
            ))),
            None => Ok(()),
        }
    }

    /// Tasks that an action touched are among those that people speak of.
    pub(super) fn speaks_of(&mut self, touched: &[DocumentRef]) {
        let tasks = touched
            .iter()
            .filter(|document| document.kind == DocumentKind::Task);
        for document in tasks {
            self.house.has_task(TaskId(document.id.0));
        }
    }
}

/// Open tasks of a room that somebody has begun, pinned, noted, tried or asked for.
fn held_tasks(replica: &Replica, room: RoomId) -> Result<Vec<TaskId>, StoreError> {
    let rows = replica.all_rows()?;
    let tasks = rows.iter().filter_map(Row::as_task);
    let of_room = tasks.filter(|(_, task)| task.room == Some(room) && is_held(task));
    Ok(of_room.map(|(id, _)| id).collect())
}

fn is_held(task: &Task) -> bool {
    match task.status {
        TaskStatus::InProgress | TaskStatus::Paused => true,
        TaskStatus::Planned => {
            task.pinned
                || !task.note.is_empty()
                || task.attempts > 0
                || task.rule == TaskRule::Person
        }
        TaskStatus::Done | TaskStatus::Cancelled => false,
    }
}
