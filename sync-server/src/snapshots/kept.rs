//! A snapshot as it is stored: columns under a checksum.

use super::made::Unsound;
use crate::packed::cbor;
use keyrack_document::Document;
use keyrack_model::{
    action::Sequence,
    change::Entity,
    ids::{DocumentId, DocumentKind, DocumentRef},
    rows::{Row, RowKeys},
    segment::StoryPart,
    time::Timestamp,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

/// One document as of the last entry that changed it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Kept {
    pub(super) sequence: Sequence,
    /// The latest that any of its entries was received.
    pub(super) received_at: Timestamp,
    pub(super) row: Row,
    pub(super) saved: Vec<u8>,
    pub(super) heads: [u8; 32],
    pub(super) story: Vec<Told>,
    /// Whether the story goes back to the beginning.
    pub(super) is_whole: bool,
}

/// A part of the story with the time that decides how long it is told: the latest that it or
/// anything before it was received.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Told {
    pub(super) received_at: Timestamp,
    pub(super) part: StoryPart,
}

/// The columns of one snapshot.
#[derive(sqlx::FromRow, Clone, PartialEq, Eq, Debug)]
pub(super) struct Columns {
    pub(super) kind: i16,
    pub(super) document: Uuid,
    pub(super) sequence: i64,
    pub(super) received_at: i64,
    pub(super) open: bool,
    pub(super) subject: Option<Uuid>,
    pub(super) from_date: Option<String>,
    pub(super) to_date: Option<String>,
    pub(super) booking: Option<String>,
    pub(super) saved: Vec<u8>,
    pub(super) heads: Vec<u8>,
    pub(super) shown: Vec<u8>,
    pub(super) story: Vec<u8>,
    pub(super) is_whole: bool,
    pub(super) checksum: Vec<u8>,
}

impl Kept {
    pub(super) fn document(&self) -> DocumentRef {
        self.row.document
    }
}

impl From<&Kept> for Columns {
    fn from(kept: &Kept) -> Self {
        let document = kept.document();
        let keys = RowKeys::of(&kept.row.entity);
        let mut columns = Self {
            kind: i16::from(u8::from(document.kind)),
            document: document.id.0,
            sequence: kept.sequence.0 as i64,
            received_at: kept.received_at.0,
            open: keys.open,
            subject: keys.subject,
            from_date: keys.from.map(String::from),
            to_date: keys.to.map(String::from),
            booking: booking(&kept.row.entity),
            saved: kept.saved.clone(),
            heads: kept.heads.to_vec(),
            shown: cbor(&kept.row),
            story: cbor(&kept.story),
            is_whole: kept.is_whole,
            checksum: Vec::new(),
        };
        columns.checksum = columns.sum().to_vec();
        columns
    }
}

impl Columns {
    pub(super) fn reference(&self) -> Option<DocumentRef> {
        Some(DocumentRef {
            kind: kind(self.kind)?,
            id: DocumentId(self.document),
        })
    }

    /// The snapshot with its document, if every part of it holds.
    pub(super) fn open(self) -> Result<(Kept, Document), Unsound> {
        if self.checksum != self.sum() {
            return Err(Unsound::Checksum);
        }
        let row: Row = decoded(&self.shown)?;
        let kept = Kept {
            sequence: Sequence(self.sequence.max(0) as u64),
            received_at: Timestamp(self.received_at),
            row,
            heads: self.heads[..].try_into().map_err(|_| Unsound::Columns)?,
            story: decoded(&self.story)?,
            is_whole: self.is_whole,
            saved: self.saved,
        };
        let document = Document::load(kept.document(), &kept.saved)?;
        if heads(&document) != kept.heads {
            return Err(Unsound::Heads);
        }
        if document.reading().entity != kept.row.entity {
            return Err(Unsound::Entity);
        }
        Ok((kept, document))
    }

    fn sum(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        let place = (self.kind, self.document, self.sequence, self.received_at);
        let chosen_by = (self.open, self.subject, &self.from_date, &self.to_date);
        let small = cbor(&(place, chosen_by, &self.booking, self.is_whole));
        for part in [&small, &self.saved, &self.heads, &self.shown, &self.story] {
            hasher.update(&(part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        *hasher.finalize().as_bytes()
    }
}

/// By what number a file may ask for it.
fn booking(entity: &Entity) -> Option<String> {
    if let Entity::Stay(stay) = entity {
        Some(stay.booking.clone()).filter(|number| !number.is_empty())
    } else {
        None
    }
}

/// What tells two states of a document apart.
pub(super) fn heads(document: &Document) -> [u8; 32] {
    *blake3::hash(&document.heads().concat()).as_bytes()
}

pub(super) fn kind(number: i16) -> Option<DocumentKind> {
    DocumentKind::try_from(u8::try_from(number).ok()?).ok()
}

fn decoded<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Unsound> {
    ciborium::from_reader(bytes).map_err(|_| Unsound::Columns)
}
