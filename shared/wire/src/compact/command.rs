//! A command's CBOR with what the other side knows said shortly: ids by where they stand elsewhere,
//! and the words of the protocol by number.
//!
//! CBOR keeps some first bytes for later. Three of them stand here for what the sender replaced;
//! everything else is as it was, so any CBOR at all comes out as it went in.
//!
//! **Architecture Invariant**: the bytes are walked item by item without going deeper, so nothing
//! that nests costs anything.

use super::{
    Unfit,
    octets::Octets,
    places::{Known, Places},
    plain::{BYTES, TEXT},
};
use uuid::Uuid;

/// The document of one of the action's changes, by its number.
const CHANGED: u8 = 0x5c;
/// Whoever stands at a place.
const NAMED: u8 = 0x5d;
/// A document at a place.
const KNOWN: u8 = 0x5e;
/// A word of [`WORDS`], by its number.
const WORD: u8 = 0x7c;
const ID: usize = 16;
/// The first byte of an id in CBOR.
const ID_HEAD: u8 = 0x50;

/// What commands are made of. The numbers travel: what is added comes last.
const WORDS: [&str; 52] = [
    "EditWorkOrder",
    "work_order",
    "edit",
    "title",
    "description",
    "priority",
    "status",
    "assignee",
    "room",
    "title_base",
    "description_base",
    "SetCleanliness",
    "rooms",
    "value",
    "SetOccupancySeen",
    "SetServiceStatus",
    "StartTask",
    "PauseTask",
    "FinishTask",
    "AssignTask",
    "task",
    "CheckIn",
    "CheckOut",
    "stay",
    "CreateWorkOrder",
    "draft",
    "AddComment",
    "comment",
    "subject",
    "text",
    "Undo",
    "operation",
    "EditGuest",
    "expected",
    "guest",
    "name",
    "phone",
    "EraseGuest",
    "Redacted",
    "acknowledged",
    "in-progress",
    "on-hold",
    "verified",
    "cancelled",
    "dirty",
    "pickup",
    "clean",
    "inspected",
    "vacant",
    "occupied",
    "do-not-disturb",
    "make-up-room",
];

/// What a command may refer to.
pub struct Context<'a> {
    /// The documents that the action changes.
    pub changed: &'a [Uuid],
    pub names: &'a mut Places<Uuid>,
    pub documents: &'a Places<Known>,
}

/// One item of CBOR, its content aside when that is items.
enum Item<'a> {
    Bytes(&'a [u8]),
    Text(&'a [u8]),
    /// A number, a word of CBOR itself, or the head of what contains others.
    Other(&'a [u8]),
}

/// The next item. What is no CBOR is handed on a byte at a time.
fn next<'a>(octets: &mut Octets<'a>) -> Result<Item<'a>, Unfit> {
    let whole = octets.0;
    let first = octets.byte()?;
    let length = match first & 0x1f {
        low @ 0..24 => u64::from(low),
        24 => u64::from(octets.byte()?),
        25 => u64::from(u16::from_be_bytes(octets.array()?)),
        26 => u64::from(u32::from_be_bytes(octets.array()?)),
        27 => u64::from_be_bytes(octets.array()?),
        _ => return Ok(Item::Other(&whole[..1])),
    };
    let item = match first >> 5 {
        major @ (BYTES | TEXT) => {
            let length = usize::try_from(length).map_err(|_| Unfit::Cut)?;
            octets.take(length)?;
            let all = &whole[..whole.len() - octets.0.len()];
            if major == BYTES {
                Item::Bytes(all)
            } else {
                Item::Text(all)
            }
        }
        _ => Item::Other(&whole[..whole.len() - octets.0.len()]),
    };
    Ok(item)
}

/// Writes a command shortly. None for one that has to be told as it is; nothing is remembered of that.
pub fn shorten(command: &[u8], context: &mut Context<'_>) -> Option<Vec<u8>> {
    if !can_be_short(command) {
        return None;
    }
    let mut out = Vec::with_capacity(command.len());
    let mut octets = Octets(command);
    while !octets.is_empty() {
        match next(&mut octets).ok()? {
            Item::Bytes(bytes) => match id_in(bytes) {
                Some(id) => refer(&mut out, id, context),
                None => out.extend_from_slice(bytes),
            },
            Item::Text(text) => match word(text) {
                Some(number) => out.extend([WORD, number]),
                None => out.extend_from_slice(text),
            },
            Item::Other(bytes) => out.extend_from_slice(bytes),
        }
    }
    Some(out)
}

/// Whether it is items to its end, and none of them begins as what stands for others.
fn can_be_short(command: &[u8]) -> bool {
    let mut octets = Octets(command);
    while !octets.is_empty() {
        match next(&mut octets) {
            Ok(Item::Other(&[CHANGED | NAMED | KNOWN | WORD, ..])) | Err(_) => return false,
            Ok(Item::Bytes(_) | Item::Text(_) | Item::Other(_)) => {}
        }
    }
    true
}

fn refer(out: &mut Vec<u8>, id: Uuid, context: &mut Context<'_>) {
    let changed = context.changed.iter().position(|changed| *changed == id);
    if let Some(number) = changed.and_then(|number| u8::try_from(number).ok()) {
        out.extend([CHANGED, number]);
    } else if let Some((place, _)) = context.names.known(id) {
        out.extend([NAMED, place]);
    } else if let Some((place, _)) = context.documents.known(id) {
        out.extend([KNOWN, place]);
    } else {
        put_id(out, id);
        context.names.keep(id);
    }
}

/// The id that an item is.
fn id_in(item: &[u8]) -> Option<Uuid> {
    match item {
        [ID_HEAD, id @ ..] => Uuid::from_slice(id).ok(),
        _ => None,
    }
}

fn put_id(out: &mut Vec<u8>, id: Uuid) {
    out.push(ID_HEAD);
    out.extend_from_slice(id.as_bytes());
}

/// The number of a word.
fn word(text: &[u8]) -> Option<u8> {
    let (_, said) = text.split_first()?;
    let number = WORDS.iter().position(|word| word.as_bytes() == said)?;
    u8::try_from(number).ok()
}

/// A word in CBOR: none is longer than what its first byte can say.
fn plain(word: &str) -> impl Iterator<Item = u8> {
    std::iter::once(TEXT << 5 | word.len() as u8).chain(word.bytes())
}

/// The command that was written shortly, of at most `most` bytes.
pub fn restore(short: &[u8], context: &mut Context<'_>, most: usize) -> Result<Vec<u8>, Unfit> {
    let mut out = Vec::with_capacity(short.len());
    let mut octets = Octets(short);
    while !octets.is_empty() {
        match next(&mut octets)? {
            Item::Other(&[CHANGED]) => {
                let changed = context.changed.get(usize::from(octets.byte()?));
                put_id(&mut out, *changed.ok_or(Unfit::Place)?);
            }
            Item::Other(&[NAMED]) => {
                let named = context.names.told(octets.byte()?)?;
                put_id(&mut out, *named.ok_or(Unfit::Place)?);
            }
            Item::Other(&[KNOWN]) => {
                let known = context.documents.told(octets.byte()?)?;
                put_id(&mut out, known.ok_or(Unfit::Place)?.document.id.0);
            }
            Item::Other(&[WORD]) => {
                let word = WORDS.get(usize::from(octets.byte()?));
                out.extend(plain(word.ok_or(Unfit::Place)?));
            }
            Item::Bytes(bytes) => {
                if let Some(id) = id_in(bytes) {
                    context.names.keep(id);
                }
                out.extend_from_slice(bytes);
            }
            Item::Text(bytes) | Item::Other(bytes) => out.extend_from_slice(bytes),
        }
        if out.len() > most {
            return Err(Unfit::TooMuch);
        }
    }
    Ok(out)
}

const _: () = assert!(ID_HEAD as usize == (BYTES as usize) << 5 | ID);
