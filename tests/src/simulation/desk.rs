//! What people do at a device: their work, what they want to see, and what they read of refusals.

use super::{
    checks, deeds,
    trace::{Event, short},
    world::{Broken, World},
};
use keyrack_model::{
    command::Command,
    ids::{DocumentRef, OperationId},
    ipc::{Answer, Question, RefusedAction},
    time::BusinessDate,
};
use keyrack_replica::{ActError, Input, Replica, StoreError};

/// How often somebody tries to do something before they leave it.
const DECLINED_DEEDS: usize = 4;
/// One in so many looks at something first, and one in so many reads what was refused.
const LOOKS: u8 = 5;
const READS: u8 = 3;

impl World {
    /// Somebody does something; what the device declines at once is left, for something else.
    pub(super) fn deed(&mut self, device: usize) -> Result<(), Broken> {
        if self.rng.u8(0..LOOKS) == 0 {
            self.opens(device)?;
        }
        if self.rng.u8(0..READS) == 0 {
            self.puts_away(device)?;
        }
        if self.audits(device)? {
            return Ok(());
        }
        for _ in 0..DECLINED_DEEDS {
            if self.devices[device].running.is_none() || self.acts(device)? {
                break;
            }
        }
        Ok(())
    }

    /// Whether the device took what somebody asked for.
    fn acts(&mut self, number: usize) -> Result<bool, Broken> {
        let people: Vec<_> = self.people.iter().map(|person| person.id).collect();
        let device = &self.devices[number];
        let Some(running) = &device.running else {
            return Ok(false);
        };
        let me = running.replica.session().map(|session| session.me.clone());
        let doer = deeds::Doer {
            role: me.map_or(device.me.role, |me| me.role),
            own: &device.done,
            people: &people,
            house: &self.house,
        };
        let command = doer.draw(&mut self.rng);
        let stays = self.house.stays().map(DocumentRef::from);
        let order = match &command {
            Command::EditWorkOrder { work_order, .. } => vec![DocumentRef::from(*work_order)],
            _ => Vec::new(),
        };
        let replica = &running.replica;
        let command = deeds::on_top_of(
            command,
            &replica.guests_of(stays)?,
            &replica.rows_of(&order)?,
        );
        self.gives(number, command)
    }

    /// Whether the device takes a command.
    pub(super) fn gives(&mut self, number: usize, command: Command) -> Result<bool, Broken> {
        let now = self.time();
        let device = &mut self.devices[number];
        let wall = device.wall(now);
        let Some(running) = &mut device.running else {
            return Ok(false);
        };
        let operation = OperationId(deeds::id(&mut self.rng));
        let acted = running.replica.act(&command, operation, wall);
        let named = match &command {
            Command::EditGuest { guest, .. } => Some(guest.name.clone()),
            _ => None,
        };
        let (device, command) = (number, command.name());
        match acted {
            Ok(touched) => {
                if let Some(name) = named {
                    self.ledger.named(device, &name);
                }
                self.speaks_of(&touched);
                self.devices[device].done.push(operation);
                self.ledger.note(Event::Acted {
                    device,
                    operation,
                    command,
                });
                self.input(device, Input::Acted)?;
                Ok(true)
            }
            Err(ActError::Refused(reason)) => {
                let reason = reason.to_string();
                self.ledger.note(Event::Declined {
                    device,
                    command,
                    reason,
                });
                Ok(false)
            }
            Err(error) => Err(Broken(format!("device {device} could not act: {error}"))),
        }
    }

    /// Somebody wants to see a document with all of its story.
    fn opens(&mut self, device: usize) -> Result<(), Broken> {
        let document = deeds::wanted(&mut self.rng, &self.house);
        let Some(running) = &self.devices[device].running else {
            return Ok(());
        };
        let is_whole = is_whole(&running.replica, document)?;
        self.ledger.note(Event::Opened {
            device,
            document,
            is_whole,
        });
        let life = self.devices[device].life;
        self.input(device, Input::Open(document))?;
        // Whoever sat there when it was killed asks again, or does not.
        if self.devices[device].life == life && self.devices[device].running.is_some() {
            self.devices[device].opened.insert(document);
        }
        Ok(())
    }

    /// A device that begins anew has nothing open.
    pub(super) fn forget_opened(&mut self, device: usize) {
        let device = &mut self.devices[device];
        if let Some(running) = &device.running
            && device.fetches
            && running.replica.cursor().0 == 0
        {
            device.opened.clear();
        }
    }

    /// Whoever sits there reads something that was refused, and puts it away. What somebody else
    /// did stays for them.
    fn puts_away(&mut self, number: usize) -> Result<(), Broken> {
        let device = &mut self.devices[number];
        let Some(running) = &mut device.running else {
            return Ok(());
        };
        let replica = &mut running.replica;
        let read = self.rng.choice(replica.refused()?);
        // What no honest device is refused stays to be found.
        let Some(read) = read.filter(|read| checks::unfit(read).is_none()) else {
            return Ok(());
        };
        let RefusedAction {
            operation, author, ..
        } = read;
        let place = self.ledger.place_of(operation);
        if device.is_online && place.is_some_and(|place| place <= replica.cursor()) {
            let operation = short(operation);
            return Err(Broken(format!(
                "device {number} shows {operation} as refused, and has it from the log"
            )));
        }
        replica.dismiss_refused(operation)?;
        let mut shown = replica.refused()?.into_iter();
        let is_shown = shown.any(|shown| shown.operation == operation);
        let is_own = replica.session().map(|session| session.me.id) == Some(author);
        if is_shown == is_own {
            return Err(Broken(format!(
                "device {number}: {} was put away by whose it is: {is_own}, and is shown: {is_shown}",
                short(operation)
            )));
        }
        if is_own {
            device.put_away.insert(operation);
            self.ledger.put_away(number, operation);
        }
        Ok(())
    }

    /// A device is at the day of what it has of the log, or ahead of it by days that were ended here
    /// and that the log has not got yet; but where a log was brought back.
    pub(super) fn days_go_on(&self, number: usize) -> Result<(), Broken> {
        let Some(running) = &self.devices[number].running else {
            return Ok(());
        };
        let replica = &running.replica;
        let date = replica.hotel()?.business_date;
        if date == BusinessDate::default() || self.ledger.was_brought_back() {
            return Ok(());
        }
        let told = self.ledger.day_at(replica.cursor());
        if date < told {
            return Err(Broken(format!(
                "device {number} goes back from {told} to {date}"
            )));
        }
        if date > self.ledger.day_at(self.ledger.head()) && replica.waiting()? == 0 {
            return Err(Broken(format!(
                "device {number} is at {date}, which nobody has begun"
            )));
        }
        Ok(())
    }

    /// How many documents a device holds that may let go of some. After a log was brought back it may
    /// hold less for other reasons.
    pub(super) fn held(&self, device: usize) -> Result<Option<usize>, Broken> {
        let device = &self.devices[device];
        match &device.running {
            Some(running)
                if device.fetches && self.house.was_closed() && !self.ledger.was_brought_back() =>
            {
                Ok(Some(running.replica.all_rows()?.len()))
            }
            Some(_) | None => Ok(None),
        }
    }
}

/// Whether a document is here with all of its story.
pub(super) fn is_whole(replica: &Replica, document: DocumentRef) -> Result<bool, StoreError> {
    let documents = vec![document];
    let is_here = !replica.rows_of(&documents)?.is_empty();
    let answer = replica.answer(&Question::NotWhole { documents })?;
    Ok(is_here && answer == Answer::NotWhole(Vec::new()))
}
