//! Tasks that people make, cancel, pin, put off, note and inspect.

use super::{Judged, Rights, Write, due::not_here_yet, tasks::of_task};
use crate::{
    change::Change,
    cleanliness::MarkCause,
    command::{TaskDraft, WorkCommand},
    identity,
    ids::TaskId,
    plan::{
        inspections::{check_outcome, inspected_turn, left_by, rework, with_reason},
        tasks::OPEN,
        work::{CANCELLED_FROM, assigning, check_kept_out, drafted, stands_in_turn},
        work_orders::written_over,
    },
    policy::allows,
    room::{RoomChange, ServiceStatus},
    task::{InspectionOutcome, Task, TaskChange, TaskKind, TaskRule, TaskStatus},
};

impl Rights<'_> {
    pub(super) fn work(&self, asked: &WorkCommand, change: &Change) -> Judged {
        match asked {
            WorkCommand::Add { task, draft } => self.add_task(*task, draft, change),
            WorkCommand::Cancel { task } => {
                self.task_in(*task, CANCELLED_FROM)?;
                Ok(Write::when(match of_task(*task, change) {
                    Some(TaskChange::Status(status)) => *status == TaskStatus::Cancelled,
                    Some(TaskChange::Rule(rule)) => *rule == TaskRule::Person,
                    _ => false,
                }))
            }
            WorkCommand::Pin { task, pinned } => {
                self.task_in(*task, OPEN)?;
                let pin = TaskChange::Pinned(*pinned);
                Ok(Write::when(of_task(*task, change) == Some(&pin)))
            }
            WorkCommand::KeptOut { task, by } => self.kept_out(*task, *by, change),
            WorkCommand::Enter { task, reason } => self.enter(*task, *reason, change),
            WorkCommand::Note { task, text, base } => {
                let before = self.task(*task)?;
                let note = written_over(Some(base), text.trim(), &before.note);
                let note = note.map(TaskChange::Note);
                Ok(Write::when(
                    note.is_some() && of_task(*task, change) == note.as_ref(),
                ))
            }
            WorkCommand::Inspect {
                task,
                outcome,
                reason,
            } => self.inspect(*task, *outcome, reason, change),
        }
    }

    /// The turn that the room is in is not looked up: no room is touched.
    fn add_task(&self, id: TaskId, draft: &TaskDraft, change: &Change) -> Judged {
        if draft.assignee.is_some() {
            allows(self.context.role, &assigning(id, draft))?;
        }
        let made = Task {
            title: draft.title.trim().to_owned(),
            note: draft.note.trim().to_owned(),
            ..drafted(draft)
        };
        let is_made = match of_task(id, change) {
            Some(TaskChange::Turn(Some(turn))) if turn.date > self.today => {
                return Err(not_here_yet());
            }
            Some(TaskChange::Turn(turn)) => stands_in_turn(draft.kind) && turn.is_some(),
            _ => made.creation(id).contains(change),
        };
        Ok(Write::when(self.makes(id.into())? && is_made))
    }

    fn kept_out(&self, id: TaskId, by: ServiceStatus, change: &Change) -> Judged {
        let before = self.task_in(id, OPEN)?;
        check_kept_out(by)?;
        if let Change::Room(room, RoomChange::ServiceStatus(status)) = change {
            self.room(*room)?;
            return Ok(Write::when(before.room == Some(*room) && *status == by));
        }
        Ok(Write::when(match of_task(id, change) {
            Some(TaskChange::Attempts(attempts)) => *attempts == before.attempts.saturating_add(1),
            Some(TaskChange::AttemptedAt(at)) => *at == Some(self.context.at),
            Some(TaskChange::KeptOutBy(kept)) => *kept == by,
            _ => false,
        }))
    }

    pub(super) fn inspect(
        &self,
        id: TaskId,
        outcome: InspectionOutcome,
        reason: &str,
        change: &Change,
    ) -> Judged {
        let before = self.task_in(id, OPEN)?;
        check_outcome(before, outcome, reason)?;
        match change {
            Change::Room(room, RoomChange::Cleanliness(mark)) => {
                let known = self.room(*room)?;
                let turn = inspected_turn(before, known);
                let value = left_by(outcome);
                Ok(Write::when(
                    before.room == Some(*room)
                        && !known.cleanliness.turn.is_after(turn)
                        && value
                            .is_some_and(|value| *mark == self.mark(value, turn, MarkCause::Task)),
                ))
            }
            Change::Task(task, again) if *task != id => {
                let hotel = self.context.hotel;
                let is_rework = outcome == InspectionOutcome::Failed
                    && *task == identity::following_task(hotel, TaskKind::TouchUp, id);
                if !is_rework {
                    return Ok(Write::Beyond);
                }
                self.rework(*task, (id, before), again)
            }
            _ => match of_task(id, change) {
                Some(TaskChange::Outcome(written)) => Ok(Write::when(*written == outcome)),
                Some(TaskChange::Note(note)) => {
                    let reason = reason.trim();
                    Ok(Write::when(
                        !reason.is_empty() && *note == with_reason(&before.note, reason),
                    ))
                }
                Some(change) => Ok(self.finished(before, change)),
                None => Ok(Write::Beyond),
            },
        }
    }

    /// Who did the clean is not looked up.
    fn rework(&self, id: TaskId, (of, before): (TaskId, &Task), change: &TaskChange) -> Judged {
        let Some(room_id) = before.room else {
            return Ok(Write::Beyond);
        };
        let turn = inspected_turn(before, self.room(room_id)?);
        match change {
            TaskChange::BusinessDate(date) => self.made_on(id, *date, before.business_date),
            TaskChange::Assignee(person) => {
                Ok(Write::when(self.makes(id.into())? && person.is_some()))
            }
            change => {
                let date = before.business_date;
                self.due(id, &rework(of, before, (room_id, turn), date), change)
            }
        }
    }
}
