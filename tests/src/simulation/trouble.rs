//! What goes wrong, and how everything heals.

use super::{
    faults::{Faults, Trouble},
    hotel,
    trace::{Event, Way},
    world::{Broken, Happening, World},
};
use keyrack_model::{action::Sequence, policy::Role, rows::Person};
use keyrack_replica::Input;

/// The longest that a device, a server or a store is away.
const AWAY_MILLIS: u64 = 8_000;
/// The longest that a direction is blocked: longer than a silence that ends a connection.
const BLOCKED_MILLIS: u64 = 75_000;
/// How long a server that was told to stop may take.
const STOP_MILLIS: u64 = 3_000;

impl World {
    /// Something goes wrong, and something else will.
    pub(super) fn trouble(&mut self) -> Result<(), Broken> {
        if self.is_healed {
            return Ok(());
        }
        self.within(2 * self.faults.trouble_every_millis, Happening::Trouble);
        let device = self.rng.usize(0..self.devices.len());
        match self.faults.trouble(&mut self.rng) {
            None => Ok(()),
            Some(Trouble::Cut) => self.cut(device),
            Some(Trouble::BlackHole) => {
                if let Some(wire) = self.wire_of(device) {
                    wire.is_black_hole = true;
                    self.ledger.note(Event::Swallowed { device });
                }
                Ok(())
            }
            Some(Trouble::DeafServer) => {
                self.block(device, Way::ToServer);
                Ok(())
            }
            Some(Trouble::DeafDevice) => {
                self.block(device, Way::ToDevice);
                Ok(())
            }
            Some(Trouble::Replay) => {
                if self.replay(device) {
                    self.ledger.note(Event::Replayed { device });
                }
                Ok(())
            }
            Some(Trouble::DeviceCrash) => self.crash(device),
            Some(Trouble::Backup) => self.back_up(),
            Some(Trouble::RestoredDevice) => self.restore_device(),
            Some(Trouble::ClockJump) => {
                let skew_millis = self.faults.skew(&mut self.rng);
                self.devices[device].skew = skew_millis;
                self.ledger.note(Event::ClockJumped {
                    device,
                    skew_millis,
                });
                Ok(())
            }
            Some(Trouble::ShiftChange) => self.change_shift(device),
            Some(Trouble::Demotion) => self.demote(),
            Some(Trouble::ServerCrash) => {
                self.kill_server();
                Ok(())
            }
            Some(Trouble::ServerStop) => {
                self.stop_server();
                Ok(())
            }
            Some(Trouble::Outage) => {
                let millis = self.rng.u64(1..=AWAY_MILLIS);
                self.disk.leave_until(self.now + millis);
                self.ledger.note(Event::StoreOutage { millis });
                Ok(())
            }
            Some(Trouble::RestoredServer) => self.restore_server(),
            Some(Trouble::UnsaidRestore) => self.put_back_unsaid(),
            Some(Trouble::Night) => {
                self.begin_night();
                Ok(())
            }
        }
    }

    fn cut(&mut self, device: usize) -> Result<(), Broken> {
        match self.devices[device].link.take() {
            Some(id) => {
                self.break_off(id);
                self.lost(device)
            }
            None => Ok(()),
        }
    }

    fn block(&mut self, device: usize, way: Way) {
        let millis = match self.rng.u8(0..4) {
            0 => self.rng.u64(1..=BLOCKED_MILLIS),
            _ => self.rng.u64(1..=AWAY_MILLIS),
        };
        let until = self.now + millis;
        match way {
            Way::ToServer => self.devices[device].deaf_server_until = until,
            Way::ToDevice => self.devices[device].deaf_until = until,
        }
        self.ledger.note(Event::Partitioned {
            device,
            way,
            millis,
        });
    }

    /// A device is killed, and will start again.
    pub(super) fn crash(&mut self, device: usize) -> Result<(), Broken> {
        if self.devices[device].running.is_none() {
            return Ok(());
        }
        self.ledger.note(Event::Crashed { device });
        let link = self.devices[device].link;
        self.devices[device].kill()?;
        if let Some(id) = link {
            self.break_off(id);
        }
        self.within(AWAY_MILLIS, Happening::Starts(device));
        Ok(())
    }

    /// A copy of a store in which something waits, if there is one.
    fn back_up(&mut self) -> Result<(), Broken> {
        let running = |device: usize| self.devices[device].running.as_ref();
        let waits = |device: &usize| {
            running(*device).is_some_and(|running| running.replica.waiting().is_ok_and(|n| n > 0))
        };
        let waiting: Vec<usize> = (0..self.devices.len()).filter(waits).collect();
        let device = match self.rng.choice(waiting) {
            Some(device) => device,
            None => self.rng.usize(0..self.devices.len()),
        };
        self.devices[device].back_up()?;
        self.ledger.note(Event::BackedUp { device });
        Ok(())
    }

    /// One that has a copy of its store, if there is one.
    fn restore_device(&mut self) -> Result<(), Broken> {
        let copied = self.devices.iter().enumerate();
        let copied = copied.filter(|(_, device)| device.has_backup());
        let copied: Vec<usize> = copied.map(|(number, _)| number).collect();
        let Some(device) = self.rng.choice(copied) else {
            return Ok(());
        };
        self.crash(device)?;
        if self.devices[device].restore()? {
            self.ledger.note(Event::Restored { device });
        }
        Ok(())
    }

    fn change_shift(&mut self, device: usize) -> Result<(), Broken> {
        if self.devices[device].running.is_none() {
            return Ok(());
        }
        let me = self.people[self.rng.usize(0..self.people.len())].clone();
        self.sign_in(device, me)
    }

    fn sign_in(&mut self, device: usize, me: Person) -> Result<(), Broken> {
        let person = me.name.clone();
        self.devices[device].sign_in(me)?;
        self.ledger.note(Event::SignedIn { device, person });
        self.input(device, Input::SessionChanged)
    }

    /// What was done again in somebody's name while they were away is theirs to sign.
    pub(super) fn the_awaited_come_back(&mut self) -> Result<(), Broken> {
        for device in 0..self.devices.len() {
            let running = self.devices[device].running.as_ref();
            let Some(running) = running.filter(|_| self.devices[device].is_online) else {
                continue;
            };
            let awaited = running.replica.awaited()?;
            let is_awaited = |person: &&Person| awaited.contains(&person.id);
            if let Some(person) = self.people.iter().find(is_awaited).cloned() {
                self.sign_in(device, person)?;
            }
        }
        Ok(())
    }

    /// Somebody loses rights while what they did is on its way.
    fn demote(&mut self) -> Result<(), Broken> {
        let number = self.rng.usize(0..self.people.len());
        let roles = [Role::Engineer, Role::Housekeeper, Role::FrontDesk];
        let role = roles[self.rng.usize(0..roles.len())];
        self.people[number].role = role;
        let person = self.people[number].clone();
        self.ledger.note(Event::RoleChanged {
            person: person.name.clone(),
            role,
        });
        let at = self.disk.wall();
        self.disk
            .put_person(hotel::id(), person, at)
            .map_err(|error| Broken(error.to_string()))
    }

    /// The server is killed between any two steps, and will start again.
    pub(super) fn kill_server(&mut self) {
        if let Some(server) = self.server.take() {
            server.kill();
            self.ledger.note(Event::ServerCrashed);
            self.server_is_gone();
            self.within(AWAY_MILLIS, Happening::ServerStarts);
        }
    }

    fn stop_server(&mut self) {
        if let Some(server) = &mut self.server
            && !server.is_stopping()
        {
            tokio::spawn(server.stop());
            self.ledger.note(Event::ServerStopping);
            self.at(self.now + STOP_MILLIS, Happening::ServerIsGone);
        }
    }

    /// The time to stop is over.
    pub(super) fn server_stopped(&mut self) {
        if self
            .server
            .as_ref()
            .is_some_and(|server| server.is_stopping())
        {
            self.kill_server();
        }
    }

    /// The server's store is an older one when it comes back, and the server knows.
    fn restore_server(&mut self) -> Result<(), Broken> {
        let head = self.ledger.head();
        let first = hotel::opening_length() + self.people.len() as u64;
        let to = Sequence(self.rng.u64(first..=head.0));
        self.bring_back(to)?;
        self.ledger.restored(to);
        self.begin_epoch(to)
    }

    /// From here on nothing goes wrong any more; what went wrong is left to the devices.
    pub(super) fn heal(&mut self) -> Result<(), Broken> {
        self.is_healed = true;
        self.faults = Faults {
            storm_millis: self.faults.storm_millis,
            ..Faults::none()
        };
        self.ledger.note(Event::Healed);
        self.disk.heal();
        self.start_server();
        for device in 0..self.devices.len() {
            self.devices[device].deaf_until = 0;
            self.devices[device].deaf_server_until = 0;
            self.start(device)?;
        }
        self.at(self.now + 1_000, Happening::Look);
        Ok(())
    }
}
