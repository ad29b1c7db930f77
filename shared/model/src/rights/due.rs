//! The tasks that rules make, bring back and take away, whatever was asked for.

use super::{Judged, Rights, Write};
use crate::{
    change::Change,
    ids::TaskId,
    plan::due::{brought_back, gives_way},
    refusal::{GateReason, Refusal},
    task::{Task, TaskChange, TaskRule, TaskStatus},
    time::BusinessDate,
};

/// How many business dates from a known one a desk may have been when it acted.
const DATES_AROUND: i32 = 60;

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
    /// the one of that date. Looked for around the hotel's own, and around one that is told by what
    /// the author had before them: a device that comes back after a season is as late as that.
    ///
    /// # Errors
    /// For one that the hotel has not begun: it may begin again.
    pub(super) fn date_when(
        &self,
        told: BusinessDate,
        holds: impl Fn(BusinessDate) -> bool,
    ) -> Result<Option<BusinessDate>, Refusal> {
        let mut dates = around(self.today).chain(around(told));
        match dates.find(|date| holds(*date)) {
            Some(later) if later > self.today => Err(not_here_yet()),
            found => Ok(found),
        }
    }
}

/// A date and those near it, the earlier ones first.
fn around(date: BusinessDate) -> impl Iterator<Item = BusinessDate> {
    let earlier = (0..=DATES_AROUND).map(|days| -days);
    let later = 1..=DATES_AROUND;
    earlier.chain(later).map(move |days| date.plus_days(days))
}

/// A day that the hotel has not begun: after a log was brought back it may begin again.
pub(super) fn not_here_yet() -> Refusal {
    GateReason::MissingDependency.into()
}
