//! What one direction has told already: a place of a table stands for an id of sixteen bytes.
//!
//! **Architecture Invariant**: the sender puts something where its id says and nowhere else, and what
//! was there before is forgotten on both sides; so neither end keeps more than [`COMPACT_PLACES`] of a kind.

use super::{
    Unfit,
    sheet::{Sheet, Sheets},
};
use keyrack_model::{
    ids::{DocumentId, DocumentKind, DocumentRef},
    limits::COMPACT_PLACES,
};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Stands for what has no place yet, and follows in full.
const IN_FULL: u8 = 0;

/// What is remembered by an id.
pub trait Placed {
    fn id(&self) -> Uuid;
}

#[derive(Debug)]
pub struct Places<T>(BTreeMap<u8, T>);

impl<T> Default for Places<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Placed> Places<T> {
    /// Where something of this id is or comes to be: from 1 to [`COMPACT_PLACES`].
    fn place(id: Uuid) -> u8 {
        let [.., last] = id.into_bytes();
        (u16::from(last) % COMPACT_PLACES) as u8 + 1
    }

    /// What is known under an id, and its place.
    pub fn known(&self, id: Uuid) -> Option<(u8, &T)> {
        let place = Self::place(id);
        let known = self.0.get(&place)?;
        (known.id() == id).then_some((place, known))
    }

    /// What a place that was told stands for; None when it follows in full.
    pub fn told(&self, place: u8) -> Result<Option<&T>, Unfit> {
        if place == IN_FULL {
            return Ok(None);
        }
        self.0.get(&place).map(Some).ok_or(Unfit::Place)
    }

    pub fn keep(&mut self, one: T) {
        self.0.insert(Self::place(one.id()), one);
    }
}

impl Placed for Uuid {
    fn id(&self) -> Uuid {
        *self
    }
}

impl Places<Uuid> {
    pub fn put(&mut self, out: &mut Sheet, id: Uuid) {
        match self.known(id) {
            Some((place, _)) => out.said.push(place),
            None => {
                out.said.push(IN_FULL);
                out.random.extend_from_slice(id.as_bytes());
                self.keep(id);
            }
        }
    }

    pub fn read(&mut self, sheets: &mut Sheets<'_>) -> Result<Uuid, Unfit> {
        if let Some(id) = self.told(sheets.said.byte()?)? {
            return Ok(*id);
        }
        let id = Uuid::from_bytes(sheets.random.array()?);
        self.keep(id);
        Ok(id)
    }
}

/// Who writes under an actor, and where: an actor is one person's in one process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hand {
    pub actor: Uuid,
    pub author: Uuid,
    pub device: Uuid,
}

impl Placed for Hand {
    fn id(&self) -> Uuid {
        self.actor
    }
}

impl Places<Hand> {
    pub fn put(&mut self, out: &mut Sheet, hand: Hand, names: &mut Places<Uuid>) {
        match self.known(hand.actor) {
            Some((place, known)) if *known == hand => out.said.push(place),
            Some(_) | None => {
                out.said.push(IN_FULL);
                for id in [hand.actor, hand.author, hand.device] {
                    names.put(out, id);
                }
                self.keep(hand);
            }
        }
    }

    pub fn read(
        &mut self,
        sheets: &mut Sheets<'_>,
        names: &mut Places<Uuid>,
    ) -> Result<Hand, Unfit> {
        if let Some(hand) = self.told(sheets.said.byte()?)? {
            return Ok(*hand);
        }
        let hand = Hand {
            actor: names.read(sheets)?,
            author: names.read(sheets)?,
            device: names.read(sheets)?,
        };
        self.keep(hand);
        Ok(hand)
    }
}

/// A document and the last change of it that went this way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Known {
    pub document: DocumentRef,
    pub last: [u8; 32],
}

impl Placed for Known {
    fn id(&self) -> Uuid {
        self.document.id.0
    }
}

impl Places<Known> {
    /// The last change of the document that went this way, if one is remembered.
    pub fn put(&self, out: &mut Sheet, document: DocumentRef) -> Option<[u8; 32]> {
        match self.known(document.id.0) {
            Some((place, known)) if known.document == document => {
                out.said.push(place);
                Some(known.last)
            }
            Some(_) | None => {
                out.said.push(IN_FULL);
                out.said.push(document.kind.into());
                out.random.extend_from_slice(document.id.0.as_bytes());
                None
            }
        }
    }

    pub fn read(&self, sheets: &mut Sheets<'_>) -> Result<(DocumentRef, Option<[u8; 32]>), Unfit> {
        if let Some(known) = self.told(sheets.said.byte()?)? {
            return Ok((known.document, Some(known.last)));
        }
        let kind = DocumentKind::try_from(sheets.said.byte()?).map_err(|_| Unfit::Form)?;
        let id = DocumentId(Uuid::from_bytes(sheets.random.array()?));
        Ok((DocumentRef { kind, id }, None))
    }
}
