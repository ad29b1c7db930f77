//! A guest in house who leaves on another day than was said: what that may do to the work of a day.
//!
//! Which day it was for the author, and whether the rules want a task, is not looked up: it is a day on
//! which the guest left before and does not now, or the other way round.

use super::{Judged, Rights, Write, desk::is_departure, due::not_here_yet};
use crate::{
    command::StayEdit,
    identity,
    ids::{RoomId, StayId, TaskId},
    plan::{
        due::of_stay,
        stay_days::{Today, is_of_a_night},
    },
    refusal::Refusal,
    rule_sheet::RuleKey,
    stay::{Stay, StayStatus},
    task::{Task, TaskChange, TaskKind, TaskRule, TaskStatus},
    time::BusinessDate,
};

impl Rights<'_> {
    pub(super) fn work_of_stay(
        &self,
        (stay_id, before): (StayId, &Stay),
        edit: &StayEdit,
        (id, change): (TaskId, &TaskChange),
    ) -> Judged {
        let (Some(room), Some(departure)) = (before.room, edit.departure) else {
            return Ok(Write::Beyond);
        };
        if before.status != StayStatus::InHouse || departure == before.departure {
            return Ok(Write::Beyond);
        }
        let (today, turns) = if before.departure < departure {
            (Today::StaysOn, before.departure..departure)
        } else {
            (Today::Leaves, departure..before.departure)
        };
        if turns.start > self.today {
            return Err(not_here_yet());
        }
        let about = (stay_id, room);
        let date = self.date_when(turns.start, |date| self.is_of_stay(id, date, about))?;
        if let Some(date) = date.filter(|date| turns.contains(date))
            && let Some(kind) = self.kind_made(today, (id, date), about)
            && self.is_made_or_brought_back(id)?
        {
            return self.made_of_stay((id, kind), about, (before.arrival, date), change);
        }
        if self.makes(id.into())? {
            return Ok(Write::Beyond);
        }
        self.cancelled_by(id, change, today.rule(), |task| {
            task.room == Some(room) && task.business_date < turns.end && today.ends(stay_id, task)
        })
    }

    fn is_made_or_brought_back(&self, id: TaskId) -> Result<bool, Refusal> {
        Ok(self.makes(id.into())? || self.task(id)?.status == TaskStatus::Cancelled)
    }

    fn is_of_stay(&self, id: TaskId, date: BusinessDate, about: (StayId, RoomId)) -> bool {
        let kinds = [Today::StaysOn, Today::Leaves];
        let mut kinds = kinds.into_iter();
        kinds.any(|today| self.kind_made(today, (id, date), about).is_some())
    }

    /// The kind of a task of that id, of those that the rules make on such a day.
    fn kind_made(
        &self,
        today: Today,
        (id, date): (TaskId, BusinessDate),
        about: (StayId, RoomId),
    ) -> Option<TaskKind> {
        let hotel = self.context.hotel;
        match today {
            Today::Leaves => is_departure(hotel, id, date, about).then_some(TaskKind::Departure),
            Today::StaysOn if id == identity::stayover_task(hotel, date, about.0) => {
                Some(TaskKind::Stayover)
            }
            Today::StaysOn => {
                let mut kinds = TaskKind::ALL.iter().copied();
                kinds.find(|kind| {
                    is_of_a_night(*kind)
                        && *kind != TaskKind::Stayover
                        && id == identity::stay_task(hotel, *kind, date, about)
                })
            }
        }
    }

    /// Of every how many nights it is made is not looked up, but that the night is one of them.
    fn made_of_stay(
        &self,
        (id, kind): (TaskId, TaskKind),
        about: (StayId, RoomId),
        (arrival, date): (BusinessDate, BusinessDate),
        change: &TaskChange,
    ) -> Judged {
        let night = date.days_since(arrival);
        let (rule, every) = match kind {
            TaskKind::Stayover => (TaskRule::StayContinues, Some(RuleKey::StayoverEvery)),
            TaskKind::LinenChange => (TaskRule::LinenDue, Some(RuleKey::LinenEvery)),
            TaskKind::Turndown => (TaskRule::TurndownDue, None),
            TaskKind::Departure
            | TaskKind::Arrival
            | TaskKind::TouchUp
            | TaskKind::DeepClean
            | TaskKind::Inspection
            | TaskKind::Check
            | TaskKind::Extra
            | TaskKind::GuestRequest
            | TaskKind::Delivery
            | TaskKind::Round => (TaskRule::DepartureDue, None),
        };
        let of_every = match (change, every) {
            (TaskChange::OfEvery(number), Some(every)) => {
                let (least, most) = every.bounds();
                let is_rule = (least.max(1)..=most).contains(number) && night % number == 0;
                if !is_rule {
                    return Ok(Write::Beyond);
                }
                *number
            }
            _ => 0,
        };
        let wanted = Task {
            counted: every.map_or(0, |_| night),
            of_every,
            ..of_stay(kind, about, date, rule)
        };
        self.due(id, &wanted, change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        change::{Change, Entity},
        command::{Command, DeskCommand},
        plan::tests::house::{GUEST, House, ROOM, stay, today},
        policy::Role,
        refusal::GateReason,
    };

    fn edited(house: &mut House, departure: BusinessDate) -> crate::plan::tests::house::Done {
        let edit = Box::new(StayEdit {
            departure: Some(departure),
            adults: Some(2),
            ..StayEdit::default()
        });
        let asked = DeskCommand::EditStay { stay: GUEST, edit };
        let ana = crate::plan::tests::house::ANA;
        house
            .act_as(ana, Role::FrontDesk, Command::Desk(asked))
            .unwrap()
    }

    #[test]
    fn another_last_day_writes_to_no_task_of_another_day_room_or_guest() {
        let mut house = House::with_guest_due_out();
        let until = today().plus_days(2);
        let guest = stay("2017-05-22", "2017-05-28", StayStatus::InHouse);
        let id = identity::stayover_task(house.hotel, today(), GUEST);
        let night = Task {
            counted: 3,
            of_every: 1,
            ..of_stay(
                TaskKind::Stayover,
                (GUEST, ROOM),
                today(),
                TaskRule::StayContinues,
            )
        };
        let beyond = Err(Refusal::from(GateReason::NotOfCommand));
        let cancel = Change::Task(id, TaskChange::Status(TaskStatus::Cancelled));
        // A longer stay ends no Stayover, and neither does a shorter one that goes on today.
        for (departs, becomes) in [("2017-05-25", until), ("2017-05-28", until)] {
            let guest = stay("2017-05-22", departs, StayStatus::InHouse);
            house.put(GUEST.into(), Entity::Stay(guest));
            let mut done = edited(&mut house, becomes);
            done.before.insert(id.into(), Some(night.clone().into()));
            assert!(done.rights().allows_write(&cancel).is_err(), "{departs}");
        }
        house.put(GUEST.into(), Entity::Stay(guest));
        house.put(id.into(), night.clone().into());
        let mut done = edited(&mut house, today());
        assert!(done.changes.contains(&cancel));
        for other in [
            Task {
                pinned: true,
                ..night.clone()
            },
            Task {
                status: TaskStatus::InProgress,
                ..night.clone()
            },
            Task {
                room: Some(RoomId(uuid::Uuid::from_u128(205))),
                ..night.clone()
            },
            Task {
                stay: None,
                ..night.clone()
            },
            Task {
                rule: TaskRule::Person,
                ..night.clone()
            },
        ] {
            done.before.insert(id.into(), Some(other.into()));
            assert_eq!(done.rights().allows_write(&cancel), beyond);
        }
    }
}
