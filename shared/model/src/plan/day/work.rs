//! What is due in one room on one business date.

use crate::{
    change::Change,
    cleanliness::{Cleanliness, MarkCause, TurnKind},
    identity,
    ids::{RoomId, StayId, TaskId},
    plan::{
        Planned, Planner, View,
        due::{of_room, of_stay, turn_of_return},
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
    /// What nobody came to on its day, and what ended with that.
    pub(in crate::plan) missed: Vec<Task>,
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

    /// How often what nobody came to yesterday was due for a guest.
    fn missed(&self, kind: TaskKind, stay: StayId) -> Option<Cadence> {
        let mut missed = self.missed.iter();
        let task = missed.find(|task| task.kind == kind && task.stay == Some(stay))?;
        Some(Cadence {
            counted: task.counted,
            of_every: task.of_every,
        })
    }

    /// What is due of a kind in a night of a stay, and why: by the count, or because nobody came to the
    /// last one. What is open still is enough.
    fn due_at_night(
        &self,
        (kind, by_count): (TaskKind, TaskRule),
        stay: StayId,
        (night, of_every): (i64, i64),
    ) -> Option<(Cadence, TaskRule)> {
        if of_every == 0 || self.has_open(kind, Some(stay)) {
            return None;
        }
        let counted = Cadence::on_every(night, of_every).map(|cadence| (cadence, by_count));
        counted.or_else(|| {
            let missed = self.missed(kind, stay)?;
            Some((missed, TaskRule::CarriedOver))
        })
    }

    /// Whether guests stay in the room beyond the day.
    fn is_stayed_in(&self) -> bool {
        self.in_house().any(|(_, stay)| stay.departure > self.date)
    }

    /// The guest who has left and whose room nobody has cleaned since, or has in hand: what is open
    /// for an earlier turn leaves the room as dirty as it is. A desk that had not heard of it may have
    /// taken the guest for one who slept there once more.
    fn left_dirty(&self) -> Option<StayId> {
        let mark = &self.room.cleanliness;
        let is_left = mark.turn.kind != TurnKind::Arrival
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
    /// What the rules want for the guests in a room, whatever it is blocked for: they are there.
    pub(super) fn stays_due(&self, day: &RoomDay) -> Planned<V> {
        let mut changes = Vec::new();
        for (id, stay) in day.in_house() {
            let rules = self.rules(&day.room, Some(stay))?;
            changes.extend(self.stay_due(day, (*id, stay), &rules)?);
        }
        Ok(changes)
    }

    /// What the rules want in a room that is in use, for the next guest and the room itself.
    pub(super) fn room_due(&self, day: &RoomDay) -> Planned<V> {
        let mut changes = self.carried_over(day)?;
        for (id, stay) in day.expected() {
            if !day.has_open(TaskKind::Arrival, Some(*id)) {
                changes.extend(self.arrival_due((*id, stay), (day.id, &day.room), day.date)?);
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
        let mut changes = Vec::new();
        for (id, task) in self.work_of_night(day, (id, stay), rules) {
            changes.extend(self.task_due(id, &task)?);
        }
        Ok(changes)
    }

    /// What the rules and their own wish want done on a day for a guest who stays on.
    pub(in crate::plan) fn work_of_night(
        &self,
        day: &RoomDay,
        (id, stay): (StayId, &Stay),
        rules: &TaskRules,
    ) -> Vec<(TaskId, Task)> {
        let (about, date) = ((id, day.id), day.date);
        let night = date.days_since(stay.arrival);
        let (stayover_every, linen_every, turndown) = match stay.stayover_wish {
            StayoverWish::ByRule => (rules.stayover_every, rules.linen_every, rules.turndown),
            StayoverWish::Daily => (1, rules.linen_every, rules.turndown),
            StayoverWish::Never => (0, 0, 0),
        };
        let hotel = self.context.hotel;
        let mut work = Vec::new();
        let kind = TaskKind::Stayover;
        let due = day.due_at_night((kind, TaskRule::StayContinues), id, (night, stayover_every));
        if let Some((cadence, rule)) = due {
            let task = cadence.of(of_stay(kind, about, date, rule));
            work.push((identity::stayover_task(hotel, date, id), task));
        }
        let kind = TaskKind::LinenChange;
        let due = day.due_at_night((kind, TaskRule::LinenDue), id, (night, linen_every));
        if let Some((cadence, rule)) = due {
            let task = cadence.of(of_stay(kind, about, date, rule));
            work.push((identity::stay_task(hotel, kind, date, about), task));
        }
        let kind = TaskKind::Turndown;
        if turndown != 0 && !day.has_open(kind, Some(id)) {
            let task = of_stay(kind, about, date, TaskRule::TurndownDue);
            work.push((identity::stay_task(hotel, kind, date, about), task));
        }
        work
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
        let due = Cadence::after(day.date.days_since(last), rules.vacant_check_days);
        let Some(cadence) = due.filter(|_| is_vacant) else {
            return Ok(Vec::new());
        };
        let mut changes = self.stood_empty(day.id, &day.room, day.date);
        if !day.has_open(kind, None) {
            let task = of_room(kind, day.id, day.date, TaskRule::VacantTooLong);
            changes.extend(self.room_task_due(&cadence.of(task), day)?);
        }
        Ok(changes)
    }

    /// A room that was ready and that nobody has been in for too long is looked at before it is so
    /// again.
    fn stood_empty(&self, id: RoomId, room: &Room, date: BusinessDate) -> Vec<Change> {
        if !was_ready(room) {
            return Vec::new();
        }
        let turn = turn_of_return(&room.cleanliness, date);
        vec![self.mark(id, Cleanliness::Pickup, turn, MarkCause::Task)]
    }

    fn room_task_due(&self, task: &Task, day: &RoomDay) -> Planned<V> {
        let id = identity::room_task(self.context.hotel, task.kind, day.date, day.id);
        self.task_due(id, task)
    }
}

/// Whether a guest could have had the room.
pub(crate) fn was_ready(room: &Room) -> bool {
    matches!(
        room.cleanliness.value,
        Cleanliness::Clean | Cleanliness::Inspected
    )
}
