//! What a session asks whoever runs it to do.

use crate::{gate::Claim, hotel::Stored};
use keyrack_model::{
    action::Sequence,
    administration::Suspicion,
    class::Reading,
    ids::LogEpoch,
    wire::{ActorRegistration, KnownPlace, ServerFrame},
};

#[derive(Debug, PartialEq, Eq)]
pub enum Effect {
    Send(ServerFrame),
    /// Register the actors, and ask the log for its head, for what it has in common with what the
    /// device knows, and for the person's role.
    Greet {
        actors: Vec<ActorRegistration>,
        epoch: Option<LogEpoch>,
        known: Option<KnownPlace>,
        cursor: Sequence,
    },
    Register {
        actors: Vec<ActorRegistration>,
    },
    /// Look whose token this is.
    Admit {
        token: String,
    },
    /// Send what the log has after this and this reader may see, from here on.
    Follow {
        after: Sequence,
        reading: Reading,
    },
    Judge(Vec<Claim>),
    /// The device was told that these are in the log: they are not sent as entries.
    LeaveOut(Stored),
    /// Ask for a sign of life.
    Ping {
        number: u32,
    },
    /// Take note that the device has heard all up to here.
    NoteTold {
        up_to: Sequence,
    },
    /// Take note that what the device sent looks like an attack.
    Suspect(Suspicion),
    Close(Closing),
}

/// How a connection says at its end why that is, to whoever reads no frames.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Closing {
    Over,
    TooLarge,
}
