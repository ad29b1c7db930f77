//! When a device is asked whether it is there, and how far it has heard.

use super::ahead::Ahead;
use keyrack_model::{
    action::Sequence,
    limits::{DROP_MILLIS, GRANT_RENEWED_MILLIS, PING_MILLIS},
    time::Timestamp,
};

/// Signs of life of one device, and the pings that ask for them.
pub(super) struct Pulse {
    heard_at: Timestamp,
    pinged_at: Timestamp,
    /// The last ping, and up to where the device had been sent the log by then.
    ping: (u32, Sequence),
    ahead: Ahead,
    delivered: Sequence,
    /// When the device was last known to have heard all that it was sent.
    told_at: Timestamp,
}

impl Pulse {
    pub fn new(now: Timestamp) -> Self {
        Self {
            heard_at: now,
            pinged_at: now,
            ping: Default::default(),
            ahead: Ahead::default(),
            delivered: Sequence::default(),
            told_at: now,
        }
    }

    pub fn heard(&mut self, now: Timestamp) {
        self.heard_at = now;
    }

    /// The device is being greeted, which is as good as a ping.
    pub fn greets(&mut self, now: Timestamp) {
        self.pinged_at = now;
    }

    /// From here on it is sent what comes after. What it was asked before it was greeted is no matter
    /// of that.
    pub fn follows(&mut self, now: Timestamp, after: Sequence) {
        self.ahead = Ahead::default();
        self.delivered = after;
        self.told_at = now;
    }

    pub fn delivered(&mut self, last: Sequence, bytes: usize) {
        self.delivered = last;
        self.ahead.sent(bytes);
    }

    /// Whether more may be sent before the device has answered.
    pub fn has_room(&self) -> bool {
        self.ahead.has_room()
    }

    /// Whether nothing was heard for so long that nobody is there.
    pub fn is_gone(&self, now: Timestamp) -> bool {
        now.millis_since(self.heard_at) >= DROP_MILLIS
    }

    /// Whether a device that is quiet is to be asked for a sign of life.
    pub fn is_due(&self, now: Timestamp) -> bool {
        now.millis_since(self.heard_at.max(self.pinged_at)) >= PING_MILLIS
    }

    /// Whether one that is never quiet is to be asked all the same, because what it has heard is to be
    /// written down.
    pub fn is_due_to_be_noted(&self, now: Timestamp) -> bool {
        self.is_to_be_noted(now) && now.millis_since(self.pinged_at) >= PING_MILLIS
    }

    /// Whether so much is on its way that the device is asked how far it has come.
    pub fn is_to_ask(&self) -> bool {
        self.ahead.is_to_ask()
    }

    /// The number of the ping that is sent now.
    pub fn ping(&mut self, now: Timestamp) -> u32 {
        self.pinged_at = now;
        let number = self.ping.0.wrapping_add(1);
        self.ping = (number, self.delivered);
        self.ahead.pinged();
        number
    }

    /// Whether an answer to this ping was asked for and has not come.
    pub fn awaits(&self, ping: u32) -> bool {
        let (number, _) = self.ping;
        number == ping && self.ahead.awaits_answer()
    }

    /// The device has what it was sent before the last ping.
    pub fn answered(&mut self, now: Timestamp) {
        self.heard_at = now;
        self.ahead.answered();
    }

    /// Up to where the device is known to have heard all, if that is to be written down now.
    pub fn take_note(&mut self, now: Timestamp) -> Option<Sequence> {
        if !self.is_to_be_noted(now) {
            return None;
        }
        self.told_at = now;
        let (_, up_to) = self.ping;
        Some(up_to)
    }

    fn is_to_be_noted(&self, now: Timestamp) -> bool {
        // A clock that was set back puts nothing off.
        now < self.told_at || now.millis_since(self.told_at) >= GRANT_RENEWED_MILLIS
    }
}
