//! What is due in one room on one business date.

use crate::{
    cleanliness::{Cleanliness, TurnKind},
    identity,
    ids::{RoomId, StayId, TaskId},
    plan::{
        Planned, Planner, View,
        due::{of_room, of_stay},
        tasks::turn_of,
    },
    room::{Room, RoomUse},
    rule_sheet::TaskRules,
    stay::{Stay, StayStatus, StayoverWish},
    task::{Task, TaskKind, TaskRule},
    time::BusinessDate,
};

/// A room on a day, with the tasks that stay open in it.
pub(in crate::plan) struct RoomDay {
    pub(in crate::plan) id: RoomId,
    pub(in crate::plan) room: Room,
    pub(in crate::plan) stays: Vec<(StayId, Stay)>,
    pub(in crate::plan) open: Vec<(TaskId, Task)>,
    pub(in crate::plan) date: BusinessDate,
}

impl RoomDay {
    fn in_house(&self) -> impl Iterator<Item = &(StayId, Stay)> {
        let stays = self.stays.iter();
        stays.filter(|(_, stay)| stay.status == StayStatus::InHouse)
    }

    fn expected(&self) -> impl Iterator<Item = &(StayId, Stay)> {
        self.stays.iter().filter(|(_, stay)| {
            stay.status == StayStatus::Expected
                && stay.arrival <= self.date
                && self.date <= stay.departure
        })
    }

    /// Whether a task of a kind is open, of whichever day: of a stay, or of the room.
    fn has_open(&self, kind: TaskKind, stay: Option<StayId>) -> bool {
        let mut open = self.open.iter();
        open.any(|(_, task)| task.kind == kind && (stay.is_none() || task.stay == stay))
    }

    /// Whether guests stay in the room beyond the day.
    fn is_stayed_in(&self) -> bool {
        self.in_house().any(|(_, stay)| stay.departure > self.date)
    }

    /// The guest who has left and whose room nobody has cleaned since, or has in hand: what is open
    /// for an earlier turn leaves the room as dirty as it is.
    fn left_dirty(&self) -> Option<StayId> {
        let mark = &self.room.cleanliness;
        let is_left = mark.turn.kind == TurnKind::Departure
            && mark.value == Cleanliness::Dirty
            && mark.turn.date < self.date
            && self.in_house().next().is_none();
        let is_seen_to = self
            .open
            .iter()
            .any(|(_, task)| task.kind.cleans() && !mark.turn.is_after(turn_of(task, &self.room)));
        mark.turn.stay.filter(|_| is_left && !is_seen_to)
    }
}

/// How often something is due, and whether it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Cadence {
    counted: i64,
    of_every: i64,
}

impl Cadence {
    /// Due on every so many of what is counted.
    fn on_every(counted: i64, of_every: i64) -> Option<Self> {
        let is_due = counted > 0 && of_every > 0 && counted % of_every == 0;
        is_due.then_some(Self { counted, of_every })
    }

    /// Due from so many on, until it is done.
    fn after(counted: i64, of_every: i64) -> Option<Self> {
        let is_due = of_every > 0 && counted >= of_every;
        is_due.then_some(Self { counted, of_every })
    }

    fn of(self, task: Task) -> Task {
        Task {
            counted: self.counted,
            of_every: self.of_every,
            ..task
        }
    }
}

impl<V: View> Planner<'_, V> {
    /// What the rules want in a room that is in use.
    pub(super) fn work_due(&self, day: &RoomDay) -> Planned<V> {
        let mut changes = Vec::new();
        for (id, stay) in day.in_house() {
            let rules = self.rules(&day.room, Some(stay))?;
            changes.extend(self.stay_due(day, (*id, stay), &rules)?);
        }
        changes.extend(self.carried_over(day)?);
        for (id, stay) in day.expected() {
            let is_due = self.rules(&day.room, Some(stay))?.arrival != 0
                && !day.has_open(TaskKind::Arrival, Some(*id));
            if is_due {
                let (arrival, rule) = (TaskKind::Arrival, TaskRule::ArrivalDue);
                changes.extend(self.stay_task_due(arrival, (*id, day.id), day.date, rule)?);
            }
        }
        let rules = self.rules(&day.room, None)?;
        changes.extend(self.deep_clean_due(day, &rules)?);
        changes.extend(self.check_due(day, &rules)?);
        Ok(changes)
    }

    /// A guest who leaves today, or should have left, gets a Departure; one who stays on what the
    /// rules and their own wish say.
    pub(in crate::plan) fn stay_due(
        &self,
        day: &RoomDay,
        (id, stay): (StayId, &Stay),
        rules: &TaskRules,
    ) -> Planned<V> {
        let (about, date) = ((id, day.id), day.date);
        if stay.departure <= date {
            if rules.departure == 0 || day.has_open(TaskKind::Departure, Some(id)) {
                return Ok(Vec::new());
            }
            return self.departure_due(about, date, TaskRule::DepartureDue);
        }
        let night = date.days_since(stay.arrival);
        let (stayover_every, linen_every, turndown) = match stay.stayover_wish {
            StayoverWish::ByRule => (rules.stayover_every, rules.linen_every, rules.turndown),
            StayoverWish::Daily => (1, rules.linen_every, rules.turndown),
            StayoverWish::Never => (0, 0, 0),
        };
        let hotel = self.context.hotel;
        let mut changes = Vec::new();
        if let Some(cadence) = Cadence::on_every(night, stayover_every) {
            let (kind, rule) = (TaskKind::Stayover, TaskRule::StayContinues);
            let task = cadence.of(of_stay(kind, about, date, rule));
            changes.extend(self.task_due(identity::stayover_task(hotel, date, id), &task)?);
        }
        let linen = Cadence::on_every(night, linen_every);
        if let Some(cadence) = linen.filter(|_| !day.has_open(TaskKind::LinenChange, Some(id))) {
            let (kind, rule) = (TaskKind::LinenChange, TaskRule::LinenDue);
            let task = cadence.of(of_stay(kind, about, date, rule));
            changes.extend(self.task_due(identity::stay_task(hotel, kind, date, about), &task)?);
        }
        if turndown != 0 {
            let (kind, rule) = (TaskKind::Turndown, TaskRule::TurndownDue);
            changes.extend(self.stay_task_due(kind, about, date, rule)?);
        }
        Ok(changes)
    }

    /// No departure is lost: the room's turn tells whose it was, whoever knew of the task.
    fn carried_over(&self, day: &RoomDay) -> Planned<V> {
        let Some(id) = day.left_dirty() else {
            return Ok(Vec::new());
        };
        let stay = if self.exists(id.into())? {
            Some(self.stay(id)?)
        } else {
            None
        };
        if self.rules(&day.room, stay.as_ref())?.departure == 0 {
            return Ok(Vec::new());
        }
        self.departure_due((id, day.id), day.date, TaskRule::CarriedOver)
    }

    fn deep_clean_due(&self, day: &RoomDay, rules: &TaskRules) -> Planned<V> {
        let kind = TaskKind::DeepClean;
        let last = day.room.deep_cleaned;
        let nights = i64::from(day.room.nights.occupied) - i64::from(last.occupied);
        let by_nights = Cadence::after(nights, rules.deep_clean_nights);
        let by_days = Cadence::after(day.date.days_since(last.date), rules.deep_clean_days);
        match by_nights.or(by_days) {
            Some(cadence) if !day.is_stayed_in() && !day.has_open(kind, None) => {
                let task = of_room(kind, day.id, day.date, TaskRule::DeepCleanDue);
                self.room_task_due(&cadence.of(task), day)
            }
            Some(_) | None => Ok(Vec::new()),
        }
    }

    fn check_due(&self, day: &RoomDay, rules: &TaskRules) -> Planned<V> {
        let kind = TaskKind::Check;
        let last = day.room.nights.last_occupied.max(day.room.checked.date);
        let is_vacant = match day.room.used_for {
            RoomUse::Guests => day.in_house().next().is_none(),
            RoomUse::Public => false,
        };
        match Cadence::after(day.date.days_since(last), rules.vacant_check_days) {
            Some(cadence) if is_vacant && !day.has_open(kind, None) => {
                let task = of_room(kind, day.id, day.date, TaskRule::VacantTooLong);
                self.room_task_due(&cadence.of(task), day)
            }
            Some(_) | None => Ok(Vec::new()),
        }
    }

    fn room_task_due(&self, task: &Task, day: &RoomDay) -> Planned<V> {
        let id = identity::room_task(self.context.hotel, task.kind, day.date, day.id);
        self.task_due(id, task)
    }
}
