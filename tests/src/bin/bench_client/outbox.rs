//! The actions of a device in memory that have no verdict yet, and the pushes that carry them.

use crate::told::Told;
use ed25519_dalek::{Signer, SigningKey};
use keyrack_model::{
    action::{Action, Sequence},
    ids::OperationId,
    limits,
    time::Timestamp,
    wire::{ClientFrame, OperationVerdict, Verdict},
};
use serde::Serialize;
use std::collections::VecDeque;

pub struct Outbox {
    key: SigningKey,
    /// In the order made, each as its CBOR.
    waiting: VecDeque<(OperationId, Vec<u8>)>,
    /// How many of them are on their way.
    pushed: usize,
    /// The numbers of actions in the pushes that have no verdict.
    in_flight: VecDeque<usize>,
    not_before: Timestamp,
    told: Told,
}

/// Bytes of CBOR before the first of many items, at most.
const ARRAY_HEADER: usize = 9;

impl Outbox {
    pub fn signed_by(key: &[u8; 32]) -> Self {
        Self {
            key: SigningKey::from_bytes(key),
            waiting: VecDeque::new(),
            pushed: 0,
            in_flight: VecDeque::new(),
            not_before: Timestamp(0),
            told: Told::default(),
        }
    }

    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    pub fn add(&mut self, action: &Action) {
        let bytes = encode(action);
        self.waiting.push_back((action.operation, bytes));
    }

    /// A new connection: nothing is on its way.
    pub fn begin(&mut self) {
        self.pushed = 0;
        self.in_flight.clear();
    }

    /// The pushes that are due: as much at once as the bounds allow.
    pub fn due(&mut self, now: Timestamp) -> Vec<Vec<u8>> {
        let mut frames = Vec::new();
        while self.in_flight.len() < limits::MAX_PUSHES_IN_FLIGHT
            && self.not_before <= now
            && self.pushed < self.waiting.len()
        {
            frames.push(self.next());
        }
        frames
    }

    fn next(&mut self) -> Vec<u8> {
        let rest = self.waiting.range(self.pushed..);
        let mut bytes = ARRAY_HEADER;
        let fits = rest.take(limits::MAX_PUSH_ACTIONS).take_while(|(_, one)| {
            bytes += one.len();
            bytes <= limits::MAX_PUSH_BYTES || bytes == ARRAY_HEADER + one.len()
        });
        let count = fits.count();
        let mut batch = array_header(count);
        for (_, action) in self.waiting.range(self.pushed..self.pushed + count) {
            batch.extend_from_slice(action);
        }
        self.pushed += count;
        self.in_flight.push_back(count);
        let signature = self.key.sign(&batch).to_bytes().to_vec();
        encode(&ClientFrame::Push {
            batch,
            signature,
            proofs: vec![],
        })
    }

    /// # Errors
    /// A refusal: nothing that the bench does may be refused.
    pub fn judged(&mut self, verdicts: &[OperationVerdict], now: Timestamp) -> Result<(), String> {
        self.in_flight.pop_front();
        for OperationVerdict { operation, verdict } in verdicts {
            match verdict {
                Verdict::Accepted { .. } => self.settle(*operation),
                Verdict::Refused(why) => return Err(format!("{operation} was refused: {why:?}")),
                Verdict::RetryAfter { millis } => {
                    self.pushed = 0;
                    self.not_before = Timestamp(now.0 + i64::from(*millis));
                }
            }
        }
        Ok(())
    }

    /// All of the push that has waited longest is in the log from a place on; how many actions.
    ///
    /// # Errors
    /// No push waits, or not all of it.
    pub fn stored(&mut self, first: Sequence) -> Result<usize, String> {
        let count = self.in_flight.pop_front();
        let count = count.filter(|count| *count <= self.waiting.len());
        let count = count.ok_or("an answer to no push")?;
        self.pushed = self.pushed.saturating_sub(count);
        for ((_, action), place) in self.waiting.drain(..count).zip(first.0..) {
            self.told += Told::action(Sequence(place), &action);
        }
        Ok(count)
    }

    /// What it knows of the log because it was stored as it was sent.
    pub fn told(&self) -> Told {
        self.told
    }

    fn settle(&mut self, operation: OperationId) {
        let mut waiting = self.waiting.iter();
        // It is the first of them, unless something before it is to be asked again.
        if let Some(at) = waiting.position(|(waits, _)| *waits == operation) {
            self.waiting.remove(at);
            self.pushed = self.pushed.saturating_sub(usize::from(at < self.pushed));
        }
    }
}

pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("memory takes all bytes");
    bytes
}

/// The CBOR that begins an array of so many items.
fn array_header(count: usize) -> Vec<u8> {
    match count {
        0..24 => vec![0x80 | count as u8],
        24..256 => vec![0x98, count as u8],
        _ => [&[0x99], &(count as u16).to_be_bytes()[..]].concat(),
    }
}
