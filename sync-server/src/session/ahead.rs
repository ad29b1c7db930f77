//! How far a device is sent ahead of what it has answered for.
//!
//! **Architecture Invariant**: what waits for a device that reads slowly, in the buffers of both systems
//! and of the network, is bounded. A ping therefore reaches it soon, and one that reads on is never taken
//! for one that is gone.

use keyrack_model::limits::AHEAD_BYTES;

/// Bytes on their way to a device, as far as pings tell.
#[derive(Default)]
pub(super) struct Ahead {
    /// Of which no answer has told.
    unanswered: usize,
    ping: Ping,
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Ping {
    #[default]
    Answered,
    /// It was sent, and so many bytes after it.
    OnItsWay { after: usize },
}

impl Ahead {
    pub fn sent(&mut self, bytes: usize) {
        self.unanswered += bytes;
        if let Ping::OnItsWay { after } = &mut self.ping {
            *after += bytes;
        }
    }

    /// A ping was sent: the answer to it covers what was sent before, and no answer to one before it
    /// counts any more.
    pub fn pinged(&mut self) {
        self.ping = Ping::OnItsWay { after: 0 };
    }

    pub fn answered(&mut self) {
        if let Ping::OnItsWay { after } = self.ping {
            self.unanswered = after;
            self.ping = Ping::Answered;
        }
    }

    /// Whether a ping was sent that no answer has come to.
    pub fn awaits_answer(&self) -> bool {
        self.ping != Ping::Answered
    }

    /// Whether a ping is due: well before there is no room, so that whoever answers waits for nothing.
    pub fn is_to_ask(&self) -> bool {
        self.ping == Ping::Answered && self.unanswered >= AHEAD_BYTES / 2
    }

    pub fn has_room(&self) -> bool {
        self.unanswered < AHEAD_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: usize = AHEAD_BYTES / 2;

    #[test]
    fn an_answer_makes_room_for_what_was_sent_before_its_ping() {
        let mut ahead = Ahead::default();
        ahead.sent(STEP - 1);
        assert!(!ahead.is_to_ask());
        ahead.sent(1);
        assert!(ahead.is_to_ask());
        ahead.pinged();
        ahead.sent(STEP);
        assert!(!ahead.is_to_ask() && !ahead.has_room());
        ahead.answered();
        assert!(ahead.has_room() && ahead.is_to_ask());
        // An answer to nothing says nothing.
        ahead.answered();
        assert!(ahead.is_to_ask());
        ahead.pinged();
        ahead.answered();
        assert!(!ahead.is_to_ask());
    }

    #[test]
    fn a_later_ping_counts_instead_of_the_one_before() {
        let mut ahead = Ahead::default();
        ahead.sent(STEP);
        ahead.pinged();
        ahead.sent(STEP);
        ahead.pinged();
        ahead.sent(1);
        assert!(!ahead.has_room());
        ahead.answered();
        assert!(ahead.has_room() && !ahead.is_to_ask());
    }
}
