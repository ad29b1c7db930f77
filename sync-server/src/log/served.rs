//! As whom somebody is served on a device, which says what of the log leaves the server for them.

use keyrack_model::{
    class::{GuestNames, Reading},
    policy::Role,
};

/// Somebody who works at the hotel, on a device that is trusted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Served {
    pub role: Role,
    /// Whether who the guests are may be on the device.
    pub guests: GuestNames,
}

impl Served {
    /// What they read there.
    pub fn reading(self) -> Reading {
        Reading::at(self.role, self.guests)
    }
}
