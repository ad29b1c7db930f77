//! The hotel of a replay, and the order of its days.

use super::{
    Broken, Looks, Plan, Replayed, Way,
    checks::{self, Moment},
    guests::Guests,
    house::House,
    ledger::Ledger,
};
use keyrack_model::{
    cleanliness::Cleanliness,
    command::{Command, DeskCommand, RoomCommand, RoomDraft},
    identity,
    ids::TaskId,
    limits::MAX_BULK_ROOMS,
    plan::day,
    policy::Role,
    rule_sheet::{RuleKey, RuleScope},
    time::BusinessDate,
};
use keyrack_server::bookings::Booking;
use std::collections::BTreeSet;

/// Days after the last departure in which what was left over is done.
const AFTERWARDS: i32 = 3;
/// Problems that are told at once.
const TOLD: usize = 10;

pub(super) struct Hotel {
    pub(super) plan: Plan,
    pub(super) house: House,
    pub(super) guests: Guests,
    pub(super) ledger: Ledger,
    pub(super) chance: fastrand::Rng,
    /// Tasks that nobody takes up again today.
    pub(super) put_off: BTreeSet<TaskId>,
}

impl Hotel {
    /// All rooms are clean, and nobody has come yet.
    pub(super) fn opened(bookings: Vec<Booking>, plan: Plan) -> Result<Self, Broken> {
        let house = House::named("replay", plan.lie);
        let mut hotel = Self {
            guests: Guests::of(bookings, house.hotel),
            house,
            ledger: Ledger::default(),
            chance: fastrand::Rng::with_seed(plan.seed),
            put_off: BTreeSet::new(),
            plan,
        };
        hotel.open()?;
        hotel.lay_down_rules()?;
        Ok(hotel)
    }

    fn open(&mut self) -> Result<(), Broken> {
        let opening = Command::OpenHotel {
            hotel: self.house.hotel,
            name: "Replay".to_owned(),
            business_date: self.guests.first,
        };
        self.act(Role::Server, opening)?;
        for new in std::mem::take(&mut self.guests.rooms) {
            let adding = RoomCommand::Add {
                room: identity::room(self.house.hotel, &new.number),
                draft: Box::new(RoomDraft {
                    number: new.number,
                    floor: new.floor,
                    room_type: new.room_type,
                    ..RoomDraft::default()
                }),
            };
            self.act(Role::Manager, Command::Rooms(adding))?;
        }
        let rooms: Vec<_> = self.house.rooms.iter().copied().collect();
        for rooms in rooms.chunks(MAX_BULK_ROOMS) {
            let clean = Command::SetCleanliness {
                rooms: rooms.to_vec(),
                value: Cleanliness::Clean,
            };
            self.act(Role::Manager, clean)?;
        }
        Ok(())
    }

    fn lay_down_rules(&mut self) -> Result<(), Broken> {
        let hotel = |rule, number| (RuleScope::Hotel, rule, number);
        let of_type =
            |name: &str, rule, number| (RuleScope::RoomType(name.to_owned()), rule, number);
        let mut rules = vec![hotel(RuleKey::StayoverEvery, self.plan.stayover_every)];
        if self.plan.way == Way::Lively {
            rules.extend([
                hotel(RuleKey::Arrival, 1),
                hotel(RuleKey::Turndown, 1),
                hotel(RuleKey::InspectEvery, 4),
                hotel(RuleKey::DeepCleanNights, 20),
                hotel(RuleKey::VacantCheckDays, 3),
                of_type("A", RuleKey::StayoverEvery, 2),
                of_type("D", RuleKey::StayoverEvery, 3),
            ]);
        }
        for (scope, rule, number) in rules {
            let set = Command::SetRule {
                scope,
                rule,
                number: Some(number),
            };
            self.act(Role::Manager, set)?;
        }
        Ok(())
    }

    pub(super) fn live(mut self) -> Result<Replayed, Broken> {
        let mut days = 0;
        let last = self.guests.last.plus_days(AFTERWARDS);
        self.plan_rooms()?;
        while self.house.today() <= last {
            self.live_today()?;
            days += 1;
            self.audit()?;
        }
        self.check_nobody_is_left()?;
        Ok(Replayed {
            days,
            rooms: self.house.rooms.len(),
            commands: self.house.commands,
            by_day: self.ledger.by_day,
            deeds: self.ledger.deeds,
        })
    }

    fn live_today(&mut self) -> Result<(), Broken> {
        let today = self.house.today();
        let agenda = self.guests.on(today);
        self.put_off.clear();
        self.take_bookings(&agenda)?;
        self.see_guests_off(today)?;
        self.change_minds()?;
        self.look(Moment::InTheDay)?;
        self.clean_everything()?;
        self.look(Moment::InTheDay)?;
        self.let_guests_in(&agenda.arrive, today)?;
        self.look(Moment::InTheDay)?;
        self.change_minds()?;
        self.mark_no_shows(&agenda.stay_away, today)?;
        self.look(Moment::InTheDay)
    }

    fn audit(&mut self) -> Result<(), Broken> {
        let date = self.house.today();
        self.act(
            Role::FrontDesk,
            Command::Desk(DeskCommand::CloseDay { date }),
        )?;
        self.plan_rooms()?;
        self.look(Moment::AfterTheAudit)
    }

    fn plan_rooms(&mut self) -> Result<(), Broken> {
        let today = self.house.today();
        for command in day::due(self.house.every_room(), today) {
            self.act(Role::FrontDesk, command)?;
        }
        Ok(())
    }

    pub(super) fn act(&mut self, role: Role, command: Command) -> Result<(), Broken> {
        let written = self.house.act(role, &command)?;
        self.ledger.count(&written, self.house.today());
        Ok(())
    }

    fn look(&self, moment: Moment) -> Result<(), Broken> {
        match self.plan.looks {
            Looks::Never => Ok(()),
            Looks::EachDay => found(
                self.house.today(),
                checks::all(&self.house, &self.ledger, moment),
            ),
        }
    }

    fn check_nobody_is_left(&self) -> Result<(), Broken> {
        let in_house = self.ledger.in_house.keys();
        let left = in_house.map(|stay| Broken(format!("{stay} never left")));
        let rooms = self.ledger.left.keys();
        let dirty = rooms.map(|room| Broken(format!("{room} was never cleaned")));
        found(self.house.today(), left.chain(dirty).collect())
    }
}

fn found(today: BusinessDate, broken: Vec<Broken>) -> Result<(), Broken> {
    if broken.is_empty() {
        return Ok(());
    }
    let mut told = format!("{today}, {} in all:", broken.len());
    for Broken(what) in broken.iter().take(TOLD) {
        told.push_str("\n  ");
        told.push_str(what);
    }
    Err(Broken(told))
}
