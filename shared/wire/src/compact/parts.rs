//! A frame taken into parts, the same for whomever it goes to.
//!
//! **Architecture Invariant**: the parts of a frame put together are the frame, byte for byte, or
//! there are none.

use super::{
    chunk::{Chunk, Hash, hash_of},
    places::Hand,
    plain,
};
use crate::packed::cbor;
use keyrack_model::{
    action::{Action, Content, LogEntry},
    ids::DocumentRef,
    limits::{MAX_ACTION_CHANGES, MAX_DELIVER_ENTRIES, MAX_PUSH_ACTIONS},
    wire::{Batch, Proof},
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The beginning of the SHA-256 of a plain frame: whoever puts one together again compares it.
pub type Check = [u8; 4];

pub fn check_of(frame: &[u8]) -> Check {
    let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(frame).into();
    [a, b, c, d]
}

#[derive(Debug)]
pub struct Push {
    pub check: Check,
    pub signature: [u8; 64],
    pub proofs: Vec<Proof>,
    pub deeds: Vec<Deed>,
}

/// A `Deliver` in parts, made once for all whom it goes to.
#[derive(Debug)]
pub struct Told {
    pub(super) check: Check,
    pub(super) entries: Vec<Entry>,
}

#[derive(Debug)]
pub enum Entry {
    /// What is no action, as its CBOR.
    Other(Vec<u8>),
    Deed {
        sequence: u64,
        received_at: i64,
        deed: Deed,
    },
}

/// An action.
#[derive(Debug)]
pub struct Deed {
    /// Of a push the device is nobody's: it is known.
    pub hand: Hand,
    pub operation: Uuid,
    pub wall: i64,
    pub counter: u32,
    pub schema: u16,
    /// As its CBOR.
    pub command: Vec<u8>,
    pub changes: Vec<Change>,
}

#[derive(Debug)]
pub struct Change {
    pub document: DocumentRef,
    pub hash: Hash,
    pub form: Form,
}

#[derive(Debug)]
pub enum Form {
    /// Bytes that are no chunk of the one form.
    Whole(Vec<u8>),
    Taken(Chunk),
}

impl Push {
    pub fn of(frame: &[u8], batch: &[u8], signature: &[u8], proofs: Vec<Proof>) -> Option<Self> {
        let actions: Batch = ciborium::from_reader(batch).ok()?;
        let deeds: Vec<_> = actions
            .iter()
            .map(|action| Deed::of(action, Uuid::nil()))
            .collect();
        let mut again = Vec::with_capacity(batch.len());
        plain::array(&mut again, deeds.len());
        for deed in &deeds {
            plain::action(&mut again, deed);
        }
        let is_same = again == batch && plain::push(batch, signature, &proofs) == frame;
        let is_bounded = deeds.len() <= MAX_PUSH_ACTIONS
            && proofs.len() <= MAX_PUSH_ACTIONS
            && deeds.iter().all(Deed::is_bounded);
        (is_same && is_bounded).then_some(Self {
            check: check_of(frame),
            signature: signature.try_into().ok()?,
            proofs,
            deeds,
        })
    }
}

impl Told {
    /// The entries whose `Deliver` is this frame. None when it has to go out as it is.
    pub fn of(frame: &[u8], entries: &[LogEntry]) -> Option<Self> {
        let entries: Vec<_> = entries.iter().map(Entry::of).collect();
        let mut again = Vec::with_capacity(frame.len());
        plain::deliver(&mut again, entries.len());
        for entry in &entries {
            plain::entry(&mut again, entry);
        }
        let is_bounded = entries.len() <= MAX_DELIVER_ENTRIES
            && entries.iter().all(|entry| match entry {
                Entry::Other(_) => true,
                Entry::Deed { deed, .. } => deed.is_bounded(),
            });
        (again == frame && is_bounded).then(|| Self {
            check: check_of(frame),
            entries,
        })
    }
}

impl Entry {
    fn of(entry: &LogEntry) -> Self {
        match &entry.content {
            Content::Action {
                received_at,
                device,
                action,
            } => Self::Deed {
                sequence: entry.sequence.0,
                received_at: received_at.0,
                deed: Deed::of(action, device.0),
            },
            Content::Record { .. } | Content::Hidden { .. } => Self::Other(cbor(entry)),
        }
    }
}

impl Deed {
    fn is_bounded(&self) -> bool {
        self.changes.len() <= MAX_ACTION_CHANGES
    }

    fn of(action: &Action, device: Uuid) -> Self {
        let changes: Vec<_> = action
            .changes
            .iter()
            .map(|change| Change::of(change.document, &change.bytes))
            .collect();
        let actor = changes.iter().find_map(|change| match &change.form {
            Form::Taken(chunk) => Some(chunk.actor),
            Form::Whole(_) => None,
        });
        Self {
            hand: Hand {
                actor: actor.unwrap_or_default(),
                author: action.author.0,
                device,
            },
            operation: action.operation.0,
            wall: action.at.wall.0,
            counter: action.at.counter,
            schema: action.schema,
            command: cbor(&action.command),
            changes,
        }
    }
}

impl Change {
    /// Bytes of it, a few more or less.
    pub fn size(&self) -> usize {
        match &self.form {
            Form::Whole(bytes) => bytes.len(),
            Form::Taken(chunk) => {
                let ids =
                    size_of::<Hash>() * chunk.deps.len() + size_of::<Uuid>() * chunk.others.len();
                ids + chunk.message.len() + chunk.columns.len()
            }
        }
    }

    fn of(document: DocumentRef, bytes: &[u8]) -> Self {
        match Chunk::of(bytes) {
            Some((chunk, hash)) => Self {
                document,
                hash,
                form: Form::Taken(chunk),
            },
            None => Self {
                document,
                hash: hash_of(bytes),
                form: Form::Whole(bytes.to_vec()),
            },
        }
    }
}
