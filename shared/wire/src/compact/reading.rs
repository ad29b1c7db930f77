//! A compact frame, read back into the plain one.
//!
//! **Architecture Invariant**: every number is compared with its bound and every place looked up
//! before anything is done by it; one action at a time is held in parts.

use super::{
    DELIVER, PUSH, Unfit,
    chunk::{Chunk, MAX_MESSAGE, MAX_OTHERS, hash_of},
    command,
    memory::{Memory, change, deed},
    octets::Octets,
    parts::{Change, Check, Deed, Entry, Form},
    plain,
    sheet::Sheets,
    writing::{message_of, whole},
};
use keyrack_model::{
    limits::{
        MAX_ACTION_CHANGES, MAX_CHANGE, MAX_CHANGE_DEPS, MAX_DELIVER_ENTRIES, MAX_FRAME,
        MAX_PUSH_ACTIONS,
    },
    wire::Proof,
};
use uuid::Uuid;

impl Memory {
    /// The check that came with a frame, and the frame.
    pub fn restore(&mut self, frame: &[u8]) -> Result<(Check, Vec<u8>), Unfit> {
        let mut octets = Octets(frame);
        let form = octets.byte()?;
        let mut sheets = Sheets::of(octets)?;
        let check = sheets.random.array()?;
        let plain = match form {
            PUSH => self.read_push(&mut sheets)?,
            DELIVER => self.read_deliver(&mut sheets)?,
            _ => return Err(Unfit::Form),
        };
        if !sheets.is_empty() {
            return Err(Unfit::Form);
        }
        Ok((check, plain))
    }

    fn read_push(&mut self, sheets: &mut Sheets<'_>) -> Result<Vec<u8>, Unfit> {
        let signature: [u8; 64] = sheets.random.array()?;
        let count = sheets.said.count(MAX_PUSH_ACTIONS)?;
        let proofs = (0..count).map(|_| read_proof(sheets));
        let proofs: Vec<Proof> = proofs.collect::<Result<_, _>>()?;
        let count = sheets.said.count(MAX_PUSH_ACTIONS)?;
        let mut batch = Vec::new();
        plain::array(&mut batch, count);
        for _ in 0..count {
            let flags = sheets.said.byte()?;
            let deed = self.read_deed(sheets, flags)?;
            plain::action(&mut batch, &deed);
            bounded(&batch)?;
        }
        let frame = plain::push(&batch, &signature, &proofs);
        bounded(&frame)?;
        Ok(frame)
    }

    fn read_deliver(&mut self, sheets: &mut Sheets<'_>) -> Result<Vec<u8>, Unfit> {
        let count = sheets.said.count(MAX_DELIVER_ENTRIES)?;
        let mut frame = Vec::new();
        plain::deliver(&mut frame, count);
        for _ in 0..count {
            let entry = match sheets.said.byte()? {
                0 => Entry::Other(sheets.said.bytes(MAX_FRAME)?.to_vec()),
                flags if flags & deed::IS_ACTION != 0 => self.read_told(sheets, flags)?,
                _ => return Err(Unfit::Form),
            };
            plain::entry(&mut frame, &entry);
            bounded(&frame)?;
        }
        Ok(frame)
    }

    fn read_told(&mut self, sheets: &mut Sheets<'_>, flags: u8) -> Result<Entry, Unfit> {
        let deed = self.read_deed(sheets, flags)?;
        let ahead = match flags & deed::SEQUENCE {
            0 => 0,
            _ => sheets.said.signed()?,
        };
        self.sequence = self.sequence.wrapping_add(1).wrapping_add(ahead as u64);
        self.received_at = self.received_at.wrapping_add(sheets.said.signed()?);
        Ok(Entry::Deed {
            sequence: self.sequence,
            received_at: self.received_at,
            deed,
        })
    }

    fn read_deed(&mut self, sheets: &mut Sheets<'_>, flags: u8) -> Result<Deed, Unfit> {
        let has = |flag: u8| flags & flag != 0;
        let hand = self.hands.read(sheets, &mut self.names)?;
        self.wall = self.wall.wrapping_add(sheets.said.signed()?);
        let wall = self.wall;
        let operation = if has(deed::TIMED) {
            let early = wall.wrapping_add(sheets.said.signed()?);
            whole(early, sheets.random.array()?).ok_or(Unfit::Number)?
        } else {
            Uuid::from_bytes(sheets.random.array()?)
        };
        let counter = match has(deed::COUNTER) {
            true => u32::try_from(sheets.said.unsigned()?).map_err(|_| Unfit::Number)?,
            false => 0,
        };
        let schema = match has(deed::SCHEMA) {
            true => u16::try_from(sheets.said.unsigned()?).map_err(|_| Unfit::Number)?,
            false => 1,
        };
        let count = match has(deed::COUNTED) {
            true => sheets.said.count(MAX_ACTION_CHANGES)?,
            false => 1,
        };
        let mut read = Deed {
            hand,
            operation,
            wall,
            counter,
            schema,
            command: Vec::new(),
            changes: Vec::new(),
        };
        let mut bytes = 0;
        for _ in 0..count {
            let change = self.read_change(sheets, &read)?;
            bytes += change.size();
            if bytes > MAX_FRAME {
                return Err(Unfit::TooMuch);
            }
            read.changes.push(change);
        }
        let changed: Vec<Uuid> = read.changes.iter().map(|it| it.document.id.0).collect();
        let command = sheets.said.bytes(MAX_FRAME)?;
        read.command = if has(deed::WHOLE_COMMAND) {
            command.to_vec()
        } else {
            let mut context = command::Context {
                changed: &changed,
                names: &mut self.names,
                documents: &self.documents,
            };
            command::restore(command, &mut context, MAX_FRAME)?
        };
        Ok(read)
    }

    fn read_change(&mut self, sheets: &mut Sheets<'_>, deed: &Deed) -> Result<Change, Unfit> {
        let flags = sheets.said.byte()?;
        let has = |flag: u8| flags & flag != 0;
        let (document, last) = self.documents.read(sheets)?;
        let (hash, form) = if has(change::WHOLE) {
            let bytes = sheets.said.bytes(MAX_FRAME)?;
            (hash_of(bytes), Form::Whole(bytes.to_vec()))
        } else {
            let deps = if has(change::ON_LAST) {
                vec![last.ok_or(Unfit::Place)?]
            } else {
                let deps = (0..sheets.said.count(MAX_CHANGE_DEPS)?).map(|_| sheets.random.array());
                deps.collect::<Result<_, _>>()?
            };
            let chunk = Chunk {
                deps,
                actor: match has(change::ACTOR) {
                    true => self.names.read(sheets)?,
                    false => deed.hand.actor,
                },
                seq: sheets.said.unsigned()?,
                start_op: sheets.said.unsigned()?,
                time: match has(change::TIME) {
                    true => sheets.said.leb_signed()?,
                    false => deed.wall,
                },
                message: match has(change::MESSAGE) {
                    true => sheets.said.bytes(MAX_MESSAGE)?.to_vec(),
                    false => message_of(deed.operation).into_bytes(),
                },
                others: (0..sheets.said.count(MAX_OTHERS)?)
                    .map(|_| self.names.read(sheets))
                    .collect::<Result<_, _>>()?,
                columns: sheets.said.bytes(MAX_CHANGE)?.to_vec(),
            };
            (chunk.hash(), Form::Taken(chunk))
        };
        self.note(document, hash);
        Ok(Change {
            document,
            hash,
            form,
        })
    }
}

fn read_proof(sheets: &mut Sheets<'_>) -> Result<Proof, Unfit> {
    Ok(Proof {
        index: u16::try_from(sheets.said.unsigned()?).map_err(|_| Unfit::Number)?,
        key: sheets.random.array()?,
        signature: sheets.random.array()?,
    })
}

fn bounded(plain: &[u8]) -> Result<(), Unfit> {
    (plain.len() <= MAX_FRAME)
        .then_some(())
        .ok_or(Unfit::TooMuch)
}
