//! The compact form of a `Push` and a `Deliver`: what the other side can compute, or was told on this
//! connection in this direction, is left out, and the plain frame is put together again on arrival.
//!
//! Each direction has a memory of its own. Both ends of it see the same frames in the same order, so
//! they remember the same; nothing is left out because the other side *probably* has it.
//!
//! **Architecture Invariant**: what arrives is the plain frame byte for byte, or the connection ends:
//! signatures, proofs and hashes are of plain bytes. A memory has `COMPACT_PLACES` of each kind
//! and no more, and a frame grows to no more than a plain one may have.

mod chunk;
mod command;
mod memory;
mod octets;
mod parts;
mod places;
mod plain;
mod reading;
mod sheet;
mod writing;

use keyrack_model::{
    limits::LAST_PLAIN_PROTOCOL,
    wire::{ClientFrame, ServerFrame},
};
use memory::Memory;
pub use parts::Told;
use parts::{Push, check_of};

/// The version that both sides of a direction speak, as its greeting says.
#[derive(Clone, Copy, Debug, Default)]
pub enum Version {
    #[default]
    Unsaid,
    Plain,
    Compact,
}

impl Version {
    /// A frame goes by in its plain form. The first greeting counts.
    pub fn hear(&mut self, frame: &[u8]) {
        if let Self::Unsaid = self
            && let Some(protocol) = greeted_in(frame)
        {
            *self = if protocol <= LAST_PLAIN_PROTOCOL {
                Self::Plain
            } else {
                Self::Compact
            };
        }
    }

    pub fn is_compact(self) -> bool {
        match self {
            Self::Unsaid | Self::Plain => false,
            Self::Compact => true,
        }
    }
}

/// The version that a `Hello` or a `Welcome` names.
fn greeted_in(frame: &[u8]) -> Option<u16> {
    if is_named(frame, "Hello") {
        match ciborium::from_reader(frame).ok()? {
            ClientFrame::Hello { protocol, .. } => Some(protocol),
            _ => None,
        }
    } else if is_named(frame, "Welcome") {
        match ciborium::from_reader(frame).ok()? {
            ServerFrame::Welcome { protocol, .. } => Some(protocol),
            _ => None,
        }
    } else {
        None
    }
}

/// First bytes of frames in the compact form. A plain frame is a map or a text, and begins otherwise.
const PUSH: u8 = 0;
const DELIVER: u8 = 1;

/// Bytes that are no compact frame of this memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unfit {
    #[error("it is cut off")]
    Cut,
    #[error("a number that is none")]
    Number,
    #[error("more than the protocol allows")]
    TooMuch,
    #[error("a place at which nothing is")]
    Place,
    #[error("a form that the protocol does not have")]
    Form,
    #[error("what was put together is not what was sent")]
    Check,
}

/// The sending end of one direction.
#[derive(Debug, Default)]
pub struct Shortening(Memory);

impl Shortening {
    /// The compact form of a frame; None for one that goes out as it is.
    pub fn shorten(&mut self, frame: &[u8]) -> Option<Vec<u8>> {
        if is_named(frame, "Push") {
            let ClientFrame::Push {
                batch,
                signature,
                proofs,
            } = ciborium::from_reader(frame).ok()?
            else {
                return None;
            };
            let push = Push::of(frame, &batch, &signature, proofs)?;
            return Some(self.0.push(&push));
        }
        if is_named(frame, "Deliver") {
            let ServerFrame::Deliver { entries } = ciborium::from_reader(frame).ok()? else {
                return None;
            };
            return Some(self.tell(&Told::of(frame, &entries)?));
        }
        None
    }

    /// The compact form of a `Deliver`.
    pub fn tell(&mut self, told: &Told) -> Vec<u8> {
        self.0.deliver(told)
    }
}

/// The receiving end of one direction.
#[derive(Debug, Default)]
pub struct Restoring(Memory);

impl Restoring {
    /// Whether a frame is in the compact form.
    pub fn is_compact(frame: &[u8]) -> bool {
        matches!(frame.first(), Some(&(PUSH | DELIVER)))
    }

    /// The plain form of a compact frame. After a mistake the memory is worth nothing any more.
    pub fn restore(&mut self, frame: &[u8]) -> Result<Vec<u8>, Unfit> {
        let (check, plain) = self.0.restore(frame)?;
        if check_of(&plain) == check {
            Ok(plain)
        } else {
            Err(Unfit::Check)
        }
    }

    /// The same of whatever check: what is tried with hostile bytes, none of which would pass it.
    pub fn restore_unchecked(&mut self, frame: &[u8]) -> Result<Vec<u8>, Unfit> {
        self.0.restore(frame).map(|(_, plain)| plain)
    }
}

/// Whether a frame is a map of one key, and which.
fn is_named(frame: &[u8], name: &str) -> bool {
    let mut beginning = vec![0xa1];
    plain::key(&mut beginning, name);
    frame.starts_with(&beginning)
}
