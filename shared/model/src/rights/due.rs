//! The tasks that rules make, bring back and take away, whatever was asked for.

use super::{Judged, Rights, Write, beyond};
use crate::{
    change::Change,
    ids::TaskId,
    plan::due::{brought_back, gives_way},
    refusal::{GateReason, Refusal},
    task::{Task, TaskChange, TaskRule, TaskStatus},
    time::BusinessDate,
};

/// How many business dates ago a desk may have been when it acted.
const DATES_BACK: usize = 60;

impl Rights<'_> {
    /// A task that the command concerns is cancelled by a rule, if it gives way.
    pub(super) fn cancelled_by(
        &self,
        id: TaskId,
        change: &TaskChange,
        rule: TaskRule,
        is_concerned: impl FnOnce(&Task) -> bool,
    ) -> Judged {
        let before = self.task(id)?;
        let is_of_rule = *change == TaskChange::Status(TaskStatus::Cancelled)
            || *change == TaskChange::Rule(rule);
        Ok(Write::when(
            is_of_rule && gives_way(before) && is_concerned(before),
        ))
    }

    /// A task that a rule wants is made, or brought back when a rule had cancelled it.
    pub(super) fn due(&self, id: TaskId, wanted: &Task, change: &TaskChange) -> Judged {
        if self.makes(id.into())? {
            let made = wanted.creation(id);
            return Ok(Write::when(
                made.contains(&Change::Task(id, change.clone())),
            ));
        }
        let before = self.task(id)?;
        let is_away = before.status == TaskStatus::Cancelled && before.rule != TaskRule::Person;
        Ok(Write::when(
            is_away && brought_back(before, wanted).contains(change),
        ))
    }

    /// The date on which an author may have acted, for which something holds: of an id, that it is
    /// the one of that date. One that the hotel has not begun may begin again.
    pub(super) fn date_when(
        &self,
        holds: impl Fn(BusinessDate) -> bool,
    ) -> Result<BusinessDate, Refusal> {
        let mut date = self.today;
        for _ in 0..=DATES_BACK {
            if holds(date) {
                return Ok(date);
            }
            let Ok(day_before) = date.0.yesterday() else {
                break;
            };
            date = BusinessDate(day_before);
        }
        let mut later = self.today;
        for _ in 0..DATES_BACK {
            later = later.plus_days(1);
            if holds(later) {
                return Err(not_here_yet());
            }
        }
        Err(beyond())
    }
}

/// A day that the hotel has not begun: after a log was brought back it may begin again.
pub(super) fn not_here_yet() -> Refusal {
    GateReason::MissingDependency.into()
}
