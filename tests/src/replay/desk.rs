//! What the desk does in a day: bookings, rooms, guests who come, leave and change their minds.

use super::{
    Broken, Way,
    guests::{Agenda, Guest},
    hotel::Hotel,
    ledger::{InHouse, Moved},
};
use keyrack_model::{
    cleanliness::Cleanliness,
    command::{Command, DeskCommand, StayDraft, StayEdit},
    ids::{RoomId, StayId},
    plan::day,
    policy::Role,
    stay::StayoverWish,
    time::BusinessDate,
};

/// Of so many guests in house one leaves early, and one moves, each time that they are asked.
const ONE_LEAVES_OF: u32 = 60;
const ONE_MOVES_OF: u32 = 60;
/// Of so many guests one has a wish of their own.
const ONE_WISHES_OF: u32 = 5;

impl Hotel {
    fn at_desk(&mut self, asked: DeskCommand) -> Result<(), Broken> {
        self.act(Role::FrontDesk, Command::Desk(asked))
    }

    pub(super) fn take_bookings(&mut self, agenda: &Agenda) -> Result<(), Broken> {
        for at in &agenda.book {
            let guest = &self.guests.all[*at];
            let (stay, draft) = (guest.id, Box::new(draft(guest)));
            self.at_desk(DeskCommand::Book { stay, draft })?;
            self.ledger.expected.insert(stay);
        }
        for at in &agenda.give_room {
            let Guest { id: stay, room, .. } = self.guests.all[*at];
            self.at_desk(DeskCommand::AssignRoom { stay, room })?;
        }
        for at in &agenda.cancel {
            let stay = self.guests.all[*at].id;
            self.at_desk(DeskCommand::CancelStay { stay })?;
            self.ledger.expected.remove(&stay);
        }
        Ok(())
    }

    pub(super) fn see_guests_off(&mut self, today: BusinessDate) -> Result<(), Broken> {
        let due: Vec<StayId> = self.in_house(|guest| guest.departure <= today);
        for stay in due {
            self.see_off(stay)?;
        }
        Ok(())
    }

    fn see_off(&mut self, stay: StayId) -> Result<(), Broken> {
        self.act(Role::FrontDesk, Command::CheckOut { stay })?;
        if let Some(guest) = self.ledger.in_house.remove(&stay) {
            self.ledger.left(stay, guest.room);
        }
        Ok(())
    }

    /// Day uses come and go first, one after another, and each leaves a clean room to the next.
    pub(super) fn let_guests_in(
        &mut self,
        arriving: &[usize],
        today: BusinessDate,
    ) -> Result<(), Broken> {
        let is_day_use = |at: &&usize| self.guests.all[**at].is_day_use();
        let (by_day, by_night): (Vec<&usize>, Vec<&usize>) = arriving.iter().partition(is_day_use);
        for at in by_day {
            if let Some((stay, room)) = self.let_in(*at, today)? {
                self.see_off(stay)?;
                self.clean(room)?;
            }
        }
        for at in by_night {
            self.let_in(*at, today)?;
        }
        Ok(())
    }

    fn let_in(
        &mut self,
        at: usize,
        today: BusinessDate,
    ) -> Result<Option<(StayId, RoomId)>, Broken> {
        let Guest {
            id: stay,
            departure,
            room: Some(room),
            ..
        } = self.guests.all[at]
        else {
            return Ok(None);
        };
        let found = self.house.room(room).map(|room| room.cleanliness.value);
        if found == Some(Cleanliness::Dirty) {
            return Err(Broken(format!(
                "{today}: {stay} comes into {room}, which is dirty"
            )));
        }
        self.act(Role::FrontDesk, Command::CheckIn { stay })?;
        let guest = InHouse {
            room,
            arrival: today,
            departure,
            moved: Moved::Never,
        };
        self.ledger.arrived(stay, guest);
        self.ask_for_wish(stay)?;
        Ok(Some((stay, room)))
    }

    fn ask_for_wish(&mut self, stay: StayId) -> Result<(), Broken> {
        if self.plan.way == Way::AsInTheFile || self.chance.u32(..ONE_WISHES_OF) != 0 {
            return Ok(());
        }
        let wish = if self.chance.bool() {
            StayoverWish::Daily
        } else {
            StayoverWish::Never
        };
        self.ledger.deed("wishes");
        let edit = Box::new(StayEdit {
            stayover_wish: Some(wish),
            ..StayEdit::default()
        });
        self.at_desk(DeskCommand::EditStay { stay, edit })
    }

    /// Some who would stay on leave, or move to another room.
    pub(super) fn change_minds(&mut self) -> Result<(), Broken> {
        if self.plan.way == Way::AsInTheFile {
            return Ok(());
        }
        let today = self.house.today();
        for stay in self.in_house(|guest| guest.arrival < today && today < guest.departure) {
            if self.chance.u32(..ONE_LEAVES_OF) == 0 {
                self.ledger.deed("early departures");
                self.see_off(stay)?;
            } else if self.chance.u32(..ONE_MOVES_OF) == 0 {
                self.move_to_another_room(stay, today)?;
            }
        }
        Ok(())
    }

    fn move_to_another_room(&mut self, stay: StayId, today: BusinessDate) -> Result<(), Broken> {
        let Some(guest) = self.ledger.in_house.get(&stay).copied() else {
            return Ok(());
        };
        let is_ready = |room: &RoomId| {
            let mark = self.house.room(*room).map(|room| room.cleanliness.value);
            let is_taken = |other: &InHouse| other.room == *room;
            mark.is_some_and(|mark| mark != Cleanliness::Dirty)
                && !self.ledger.in_house.values().any(is_taken)
                && !self.guests.comes(*room, today)
                && self.guests.is_free(*room, today, guest.departure)
        };
        let mut rooms = self.house.rooms.iter().copied();
        let (Some(room), Moved::Never) = (rooms.find(is_ready), guest.moved) else {
            return Ok(());
        };
        self.ledger.deed("room moves");
        self.at_desk(DeskCommand::MoveRoom { stay, room })?;
        self.guests.take(room, stay, today, guest.departure);
        let there = InHouse {
            room,
            moved: Moved::Once,
            ..guest
        };
        self.ledger.in_house.insert(stay, there);
        self.ledger.left(stay, guest.room);
        Ok(())
    }

    /// Who did not come is who stayed away, and nobody else.
    pub(super) fn mark_no_shows(
        &mut self,
        staying_away: &[usize],
        today: BusinessDate,
    ) -> Result<(), Broken> {
        let expected = self.ledger.expected.iter();
        let known = expected.filter_map(|id| self.house.stay(*id).map(|stay| (*id, stay)));
        let missed = day::did_not_come(known, today);
        let away = staying_away.iter().map(|at| self.guests.all[*at].id);
        let mut away: Vec<StayId> = away.collect();
        away.sort_unstable();
        if missed != away {
            return Err(Broken(format!(
                "{today}: {missed:?} did not come, of {away:?}"
            )));
        }
        for stay in missed {
            self.ledger.deed("no-shows");
            self.at_desk(DeskCommand::MarkNoShow { stay })?;
            self.ledger.expected.remove(&stay);
        }
        Ok(())
    }

    fn in_house(&self, is_meant: impl Fn(&InHouse) -> bool) -> Vec<StayId> {
        let guests = self.ledger.in_house.iter();
        let meant = guests.filter(|(_, guest)| is_meant(guest));
        meant.map(|(stay, _)| *stay).collect()
    }
}

/// Some rows of the file name nobody; a desk takes no such booking.
fn draft(guest: &Guest) -> StayDraft {
    let booking = &guest.booking;
    let children = i64::from(booking.children);
    let nobody_named = booking.adults + booking.children == 0;
    StayDraft {
        room_type: booking.room_type.to_string(),
        arrival: guest.arrival,
        departure: guest.departure,
        adults: i64::from(booking.adults).max(nobody_named.into()),
        children,
        country: booking.country.as_deref().unwrap_or_default().to_owned(),
        meal: booking.meal.to_string(),
        ..StayDraft::default()
    }
}
