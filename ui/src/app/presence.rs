//! Who is at the window, as the host said last.

use crate::clock::LocalClock;
use keyrack_model::{
    class::{GuestNames, Reading},
    ids::{DeviceId, UserId},
    ipc::{Face, OtherHotel, Problem, WaitingOf},
    rows::{DeviceRow, Person},
};
use std::sync::Arc;

/// Who is here.
#[derive(Clone, PartialEq, Debug)]
pub enum Presence {
    /// The host has not said yet.
    Starting,
    SignedOut(Arc<SignedOut>),
    Here(Arc<SignedIn>),
}

/// Whose the page is: it is made anew when that changes, and for nothing else, so that what is
/// half typed stays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Who {
    NotSaid,
    Nobody,
    Person(UserId),
}

/// What is known here while nobody is signed in.
#[derive(Clone, PartialEq, Debug)]
pub struct SignedOut {
    pub server: String,
    pub hotel: String,
    /// Empty until somebody has signed in here.
    pub hotel_name: String,
    pub device_name: String,
    pub name: String,
    /// With which the device is added to the hotel; empty where none was given.
    pub code: String,
    pub waiting: Vec<WaitingOf>,
    /// The hotels whose data are here too.
    pub others: Vec<OtherHotel>,
    /// Who goes on here with a PIN.
    pub faces: Vec<Face>,
    /// Why the session ended, when it was not the person who ended it.
    pub ended: Option<Problem>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct SignedIn {
    pub hotel_name: String,
    pub server: String,
    pub device: DeviceId,
    pub me: Person,
    pub people: Vec<Person>,
    /// What the hotel's devices are called.
    pub devices: Vec<DeviceRow>,
    pub clock: LocalClock,
    pub key_in_file: bool,
    pub has_pin: bool,
    /// Whether somebody else chose the password.
    pub password_given: bool,
    /// The hotels whose data are here too.
    pub others: Vec<OtherHotel>,
}

impl SignedIn {
    /// Whether who the guests are may be on this device.
    pub fn guests(&self) -> GuestNames {
        let mut devices = self.devices.iter();
        let own = devices.find(|row| row.id == self.device);
        own.map(|row| row.guests).unwrap_or_default()
    }

    /// What its person reads here.
    pub fn reading(&self) -> Reading {
        Reading::at(self.me.role, self.guests())
    }
}

impl Presence {
    /// What is known while nobody is signed in.
    pub fn signed_out(&self) -> Option<&SignedOut> {
        match self {
            Self::SignedOut(known) => Some(known),
            Self::Starting | Self::Here(_) => None,
        }
    }

    pub fn who(&self) -> Who {
        match self {
            Self::Starting => Who::NotSaid,
            Self::SignedOut(_) => Who::Nobody,
            Self::Here(here) => Who::Person(here.me.id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::{class::Class, policy::Role};
    use uuid::Uuid;

    fn here(id: u128, role: Role, people: usize) -> Presence {
        let person = |id| Person {
            id: UserId(Uuid::from_u128(id)),
            name: "maria".into(),
            display: "Maria Silva".into(),
            role,
            left: false,
        };
        Presence::Here(Arc::new(SignedIn {
            hotel_name: String::new(),
            server: String::new(),
            device: DeviceId::default(),
            me: person(id),
            people: vec![person(9); people],
            devices: vec![],
            clock: LocalClock::default(),
            key_in_file: false,
            has_pin: false,
            password_given: false,
            others: vec![],
        }))
    }

    #[test]
    fn whoever_reads_the_guests_elsewhere_reads_them_on_no_device_that_they_are_kept_off() {
        for (guests, is_read) in [(GuestNames::Shown, true), (GuestNames::KeptOff, false)] {
            let Presence::Here(here) = here(1, Role::Manager, 1) else {
                panic!("nobody is here");
            };
            let own = DeviceRow {
                id: here.device,
                name: "Lobby".into(),
                guests,
            };
            let here = SignedIn {
                devices: vec![own],
                ..(*here).clone()
            };
            assert_eq!(here.reading().has(Class::Guests), is_read);
        }
    }

    #[test]
    fn a_colleague_who_comes_or_another_role_leaves_the_page_to_its_person() {
        let before = here(1, Role::Housekeeper, 1);
        assert_eq!(before.who(), here(1, Role::Supervisor, 2).who());
        assert_ne!(before.who(), here(2, Role::Housekeeper, 1).who());
    }
}
