//! What housekeeping does in a day: every task is done by somebody, but for some that are left over.
//!
//! **Invariant**: a room that somebody comes into has all its work done, and what was left over once
//! is done the next day.

use super::{Broken, hotel::Hotel};
use keyrack_model::{
    command::{Command, WorkCommand},
    ids::{RoomId, TaskId},
    policy::Role,
    room::ServiceStatus,
    task::{EntryReason, InspectionOutcome, Task, TaskKind, TaskRule},
};

/// Of so many tasks one is not done on its day.
const ONE_LEFT_OF: u32 = 12;
/// Of so many inspections one fails.
const ONE_FAILS_OF: u32 = 8;

/// What somebody does about a task.
#[derive(Clone, Copy)]
enum Deed {
    Done,
    Untouched,
    Begun,
    Paused,
    Pinned,
    Noted,
    KeptOut,
}

const LEAVINGS: [Deed; 8] = [
    Deed::Untouched,
    Deed::Untouched,
    Deed::Untouched,
    Deed::Begun,
    Deed::Paused,
    Deed::Pinned,
    Deed::Noted,
    Deed::KeptOut,
];

impl Hotel {
    pub(super) fn clean_everything(&mut self) -> Result<(), Broken> {
        let rooms: Vec<RoomId> = self.house.rooms.iter().copied().collect();
        rooms.into_iter().try_for_each(|room| self.clean(room))
    }

    /// What a task makes, such as its inspection, is seen to as well.
    pub(super) fn clean(&mut self, room: RoomId) -> Result<(), Broken> {
        loop {
            let open = self.house.open_tasks(room);
            let mut waiting = open.filter(|(id, _)| !self.put_off.contains(id));
            let next = waiting.next().map(|(id, task)| (id, task.clone()));
            drop(waiting);
            let Some((id, task)) = next else {
                return Ok(());
            };
            self.see_to(id, &task, room)?;
        }
    }

    fn see_to(&mut self, id: TaskId, task: &Task, room: RoomId) -> Result<(), Broken> {
        let deed = self.chosen(id, task, room);
        let work = |asked| Command::Work(asked);
        match deed {
            Deed::Done => return self.do_it(id, task, room),
            Deed::Untouched => self.ledger.deed("left untouched"),
            Deed::Begun => {
                self.ledger.deed("left begun");
                self.begin(id, room)?;
            }
            Deed::Paused => {
                self.ledger.deed("left paused");
                self.begin(id, room)?;
                self.act(Role::Housekeeper, Command::PauseTask { task: id })?;
            }
            Deed::Pinned => {
                self.ledger.deed("left pinned");
                let (task, pinned) = (id, true);
                self.act(Role::Supervisor, work(WorkCommand::Pin { task, pinned }))?;
            }
            Deed::Noted => {
                self.ledger.deed("left noted");
                let (task, text, base) = (id, "Later".to_owned(), task.note.clone());
                self.act(
                    Role::Housekeeper,
                    work(WorkCommand::Note { task, text, base }),
                )?;
            }
            Deed::KeptOut => {
                self.ledger.deed("kept out");
                let (task, by) = (id, ServiceStatus::DoNotDisturb);
                self.act(Role::Housekeeper, work(WorkCommand::KeptOut { task, by }))?;
            }
        }
        match deed {
            Deed::Done | Deed::Untouched => {}
            Deed::KeptOut => {
                self.ledger.tried.insert(id);
            }
            Deed::Begun | Deed::Paused | Deed::Pinned | Deed::Noted => {
                self.ledger.held.insert(id);
            }
        }
        self.put_off.insert(id);
        Ok(())
    }

    fn chosen(&mut self, id: TaskId, task: &Task, room: RoomId) -> Deed {
        let today = self.house.today();
        let is_left_over = self.ledger.held.contains(&id)
            || task.rule == TaskRule::CarriedOver
            || task.business_date < today;
        if is_left_over || self.guests.comes(room, today) || self.chance.u32(..ONE_LEFT_OF) != 0 {
            return Deed::Done;
        }
        LEAVINGS[self.chance.usize(..LEAVINGS.len())]
    }

    /// Begins a task; a room that is marked to be left alone takes a reason.
    fn begin(&mut self, task: TaskId, room: RoomId) -> Result<(), Broken> {
        let marked = self.house.room(room);
        let is_marked = marked.is_some_and(|room| room.service_status.keeps_out());
        let reason = EntryReason::GuestAsked;
        let begins = if is_marked {
            Command::Work(WorkCommand::Enter { task, reason })
        } else {
            Command::StartTask { task }
        };
        self.act(Role::Housekeeper, begins)
    }

    fn do_it(&mut self, id: TaskId, task: &Task, room: RoomId) -> Result<(), Broken> {
        if self.ledger.held.contains(&id) || self.ledger.tried.contains(&id) {
            self.ledger.deed("left over and done");
        }
        if task.rule == TaskRule::CarriedOver {
            self.ledger.deed("carried over and done");
        }
        if task.attempts > 0 {
            self.begin(id, room)?;
        }
        if task.kind == TaskKind::Inspection {
            self.inspect(id)?;
        } else {
            self.act(Role::Housekeeper, Command::FinishTask { task: id })?;
        }
        self.ledger.done(id, task);
        Ok(())
    }

    fn inspect(&mut self, task: TaskId) -> Result<(), Broken> {
        let (outcome, reason) = if self.chance.u32(..ONE_FAILS_OF) == 0 {
            self.ledger.deed("inspections failed");
            (InspectionOutcome::Failed, "Dust".to_owned())
        } else {
            self.ledger.deed("inspections passed");
            (InspectionOutcome::Passed, String::new())
        };
        let inspected = WorkCommand::Inspect {
            task,
            outcome,
            reason,
        };
        self.act(Role::Supervisor, Command::Work(inspected))
    }
}
