//! A log that was brought back: what of it is gone, and what devices may be told because of that.

use super::{Ledger, Pages};
use crate::simulation::trace::Event;
use keyrack_model::{
    action::Sequence,
    wire::{ErrorBody, ErrorCode},
};
use std::collections::BTreeSet;

/// How long after somebody said it a greeting may be under way that does not know.
const UNDER_WAY_MILLIS: u64 = 1_000;

/// What is known of the log's past.
#[derive(Default)]
pub(super) struct Past {
    was_brought_back: bool,
    /// It was put back, and nobody has said so.
    is_unsaid: bool,
    said_at: Option<u64>,
    /// Devices that were told that the log is not theirs, and are not welcome since.
    turned_away: BTreeSet<usize>,
}

impl Ledger {
    /// The disk was brought back to an older state, and the server knows.
    pub fn restored(&self, to: Sequence) {
        let pages = &mut *self.lock();
        pages.bring_back(to);
        pages.past.said();
        pages.note(Event::LogRestored { to });
    }

    /// The disk was brought back to an older state, and nobody says so.
    pub fn put_back_unsaid(&self, to: Sequence) {
        let pages = &mut *self.lock();
        pages.bring_back(to);
        pages.past.is_unsaid = true;
        pages.note(Event::LogPutBack { to });
    }

    /// Somebody said that the log was put back, and up to where it is the same.
    pub fn said_restored(&self, shared: Sequence) {
        let pages = &mut *self.lock();
        pages.past.said();
        pages.past.said_at = Some(pages.now);
        pages.note(Event::RestoreSaid { shared });
    }

    /// Whether a device's store was brought back to an older copy, which had not heard of what the
    /// device had.
    pub fn was_restored(&self, device: usize) -> bool {
        self.lock().was_restored(device)
    }

    pub fn was_brought_back(&self) -> bool {
        self.lock().past.was_brought_back
    }

    /// The server ends a conversation. An honest device only hears of troubles that pass, and of a
    /// log that was put back without a word.
    pub fn turned_away(&self, device: usize, body: &ErrorBody) {
        let pages = &mut *self.lock();
        match body.code {
            ErrorCode::TryLater | ErrorCode::MustRefetch => {}
            ErrorCode::EpochChanged if pages.is_in_doubt() => {
                pages.past.turned_away.insert(device);
                pages.note(Event::TurnedAway { device });
            }
            code => pages.fault(format!("a device was turned away: {code:?}")),
        }
    }

    pub fn was_turned_away(&self, device: usize) -> bool {
        self.lock().past.turned_away.contains(&device)
    }

    /// The server talks to a device again.
    pub fn is_welcome(&self, device: usize) {
        self.lock().past.turned_away.remove(&device);
    }
}

impl Past {
    fn said(&mut self) {
        self.is_unsaid = false;
    }
}

impl Pages {
    fn bring_back(&mut self, to: Sequence) {
        self.stored.truncate(to.0 as usize);
        self.accepted.retain(|_, sequence| *sequence <= to);
        self.days.retain(|(sequence, _)| *sequence <= to);
        self.records.retain(|(sequence, _)| *sequence <= to);
        self.past.was_brought_back = true;
    }

    fn is_in_doubt(&self) -> bool {
        let is_under_way = |said_at| self.now < said_at + UNDER_WAY_MILLIS;
        self.past.is_unsaid || self.past.said_at.is_some_and(is_under_way)
    }
}
