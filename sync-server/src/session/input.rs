//! What a session is told: frames of its device, and facts.

use super::Admitted;
use crate::{hotel::Answer, log::Head};
use keyrack_model::{action::Sequence, audit_head::AuditHead, class::Reading, ids::ActorId};
use keyrack_wire::Unreadable;

#[derive(Debug)]
pub enum Input {
    /// A binary frame.
    Frame(Vec<u8>),
    /// A message that carries no frame.
    Unreadable(Unreadable),
    /// Any sign of life that is not a frame.
    Heard,
    /// The answer to a ping: the device has all that was sent before that.
    Answered { ping: u32 },
    /// The device was sent all that it may read up to this entry, in so many bytes.
    Delivered { last: Sequence, bytes: usize },
    /// What the log said to [`super::Effect::Greet`].
    Greeted(Greeted),
    /// What it said to [`super::Effect::Register`]: actors that are bound to somebody else.
    Registered { clashes: Vec<ActorId> },
    /// Who holds the token of [`super::Effect::Admit`]; nobody when it opens nothing.
    Admitted(Option<Box<Admitted>>),
    /// What became of the push that has waited longest.
    Judged(Answer),
    /// The person may read something else than when the log began to be followed.
    ReadingChanged,
    /// Where the hotel's audit log ends, as signed last.
    AuditHead(AuditHead),
    /// The log could not be asked.
    Failed,
    /// The device, or its person, has asked for more than they are given at the moment.
    Crowded,
    /// The device's session has ended.
    Ended,
    /// A second went by.
    Tick,
    /// The server stops, or the device is to come back and be looked at anew.
    Stopping,
}

#[derive(Debug)]
pub struct Greeted {
    pub head: Head,
    /// Up to where the log and the earlier epoch that the device knows are the same; None when
    /// the device knows the present one, none, or one that the log never had.
    pub shared: Option<Sequence>,
    /// Whether the log has, at the place that the device knows, what it knows to be there. True when
    /// the device knows another epoch, or no place.
    pub agrees: bool,
    /// What the person may read at present.
    pub reading: Reading,
    pub clashes: Vec<ActorId>,
}
