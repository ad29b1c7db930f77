//! A frame in parts, written compactly.

use super::{
    DELIVER, PUSH, command,
    memory::{Memory, change, deed},
    octets::{put_bytes, put_leb_signed, put_signed, put_unsigned},
    parts::{Change, Deed, Entry, Form, Push, Told},
    sheet::Sheet,
};
use uuid::Uuid;

impl Memory {
    pub fn push(&mut self, push: &Push) -> Vec<u8> {
        let mut out = Sheet::default();
        out.random.extend_from_slice(&push.check);
        out.random.extend_from_slice(&push.signature);
        put_unsigned(&mut out.said, push.proofs.len() as u64);
        for proof in &push.proofs {
            put_unsigned(&mut out.said, u64::from(proof.index));
            out.random.extend_from_slice(&proof.key);
            out.random.extend_from_slice(&proof.signature);
        }
        put_unsigned(&mut out.said, push.deeds.len() as u64);
        for deed in &push.deeds {
            self.put_deed(&mut out, 0, deed);
        }
        out.into_frame(PUSH)
    }

    pub fn deliver(&mut self, told: &Told) -> Vec<u8> {
        let mut out = Sheet::default();
        out.random.extend_from_slice(&told.check);
        put_unsigned(&mut out.said, told.entries.len() as u64);
        for entry in &told.entries {
            match entry {
                Entry::Other(cbor) => {
                    out.said.push(0);
                    put_bytes(&mut out.said, cbor);
                }
                Entry::Deed {
                    sequence,
                    received_at,
                    deed,
                } => {
                    let ahead = sequence.wrapping_sub(self.sequence).wrapping_sub(1) as i64;
                    let follows = deed::SEQUENCE * u8::from(ahead != 0);
                    self.put_deed(&mut out, deed::IS_ACTION | follows, deed);
                    if ahead != 0 {
                        put_signed(&mut out.said, ahead);
                    }
                    put_signed(&mut out.said, received_at.wrapping_sub(self.received_at));
                    (self.sequence, self.received_at) = (*sequence, *received_at);
                }
            }
        }
        out.into_frame(DELIVER)
    }

    fn put_deed(&mut self, out: &mut Sheet, entry: u8, deed: &Deed) {
        let (early, late) = halves(deed.operation);
        let since = early.wrapping_sub(deed.wall);
        let timed = deed.operation.get_version_num() == 7;
        let changed: Vec<Uuid> = deed.changes.iter().map(|it| it.document.id.0).collect();
        let at = out.said.len();
        out.said.push(0);
        self.hands.put(out, deed.hand, &mut self.names);
        put_signed(&mut out.said, deed.wall.wrapping_sub(self.wall));
        self.wall = deed.wall;
        if timed {
            put_signed(&mut out.said, since);
            out.random.extend_from_slice(&late);
        } else {
            out.random.extend_from_slice(deed.operation.as_bytes());
        }
        if deed.counter != 0 {
            put_unsigned(&mut out.said, u64::from(deed.counter));
        }
        if deed.schema != 1 {
            put_unsigned(&mut out.said, u64::from(deed.schema));
        }
        if deed.changes.len() != 1 {
            put_unsigned(&mut out.said, deed.changes.len() as u64);
        }
        for change in &deed.changes {
            self.put_change(out, deed, change);
        }
        let mut context = command::Context {
            changed: &changed,
            names: &mut self.names,
            documents: &self.documents,
        };
        let short = command::shorten(&deed.command, &mut context);
        put_bytes(&mut out.said, short.as_ref().unwrap_or(&deed.command));
        out.said[at] = [
            deed::TIMED * u8::from(timed),
            deed::COUNTER * u8::from(deed.counter != 0),
            deed::SCHEMA * u8::from(deed.schema != 1),
            deed::COUNTED * u8::from(deed.changes.len() != 1),
            deed::WHOLE_COMMAND * u8::from(short.is_none()),
        ]
        .into_iter()
        .fold(entry, |flags, flag| flags | flag);
    }

    fn put_change(&mut self, out: &mut Sheet, deed: &Deed, change: &Change) {
        let at = out.said.len();
        out.said.push(0);
        let last = self.documents.put(out, change.document);
        out.said[at] = match &change.form {
            Form::Whole(bytes) => {
                put_bytes(&mut out.said, bytes);
                change::WHOLE
            }
            Form::Taken(chunk) => {
                let mut flags = 0;
                if last.is_some_and(|last| chunk.deps == [last]) {
                    flags |= change::ON_LAST;
                } else {
                    put_unsigned(&mut out.said, chunk.deps.len() as u64);
                    out.random.extend(chunk.deps.iter().flatten());
                }
                if chunk.actor != deed.hand.actor {
                    flags |= change::ACTOR;
                    self.names.put(out, chunk.actor);
                }
                put_unsigned(&mut out.said, chunk.seq);
                put_unsigned(&mut out.said, chunk.start_op);
                if chunk.time != deed.wall {
                    flags |= change::TIME;
                    put_leb_signed(&mut out.said, chunk.time);
                }
                if chunk.message != message_of(deed.operation).as_bytes() {
                    flags |= change::MESSAGE;
                    put_bytes(&mut out.said, &chunk.message);
                }
                put_unsigned(&mut out.said, chunk.others.len() as u64);
                for other in &chunk.others {
                    self.names.put(out, *other);
                }
                put_bytes(&mut out.said, &chunk.columns);
                flags
            }
        };
        self.note(change.document, change.hash);
    }
}

/// An operation as changes name it.
pub fn message_of(operation: Uuid) -> String {
    operation.hyphenated().to_string()
}

/// The milliseconds that an id of version 7 begins with, and the rest of it.
fn halves(id: Uuid) -> (i64, [u8; 10]) {
    let [a, b, c, d, e, f, late @ ..] = id.into_bytes();
    (i64::from_be_bytes([0, 0, a, b, c, d, e, f]), late)
}

/// The other way round; None for milliseconds that no id has.
pub fn whole(early: i64, late: [u8; 10]) -> Option<Uuid> {
    let [0, 0, early @ ..] = early.to_be_bytes() else {
        return None;
    };
    let mut id = [0; 16];
    id[..6].copy_from_slice(&early);
    id[6..].copy_from_slice(&late);
    Some(Uuid::from_bytes(id))
}
