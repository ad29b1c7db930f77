//! A snapshot before it is stored: made of changes, and read back to see that it holds.

use super::kept::{Kept, Told, heads};
use keyrack_document::{Document, DocumentError, Effects, Reading};
use keyrack_model::{
    action::Sequence,
    ids::{DocumentRef, OperationId, UserId},
    limits::{SEGMENT_STORY, WORKING_SET_DAYS},
    segment::StoryPart,
    time::Timestamp,
};
use std::collections::HashMap;

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1_000;

/// Why a snapshot is not one.
#[derive(Debug, thiserror::Error)]
pub enum Unsound {
    #[error("its checksum is another")]
    Checksum,
    #[error("a column does not read back")]
    Columns,
    #[error("it has other heads when it is loaded")]
    Heads,
    #[error("it says something else when it is loaded")]
    Entity,
    #[error("some of its changes are not there after reading it")]
    Incomplete,
    #[error(transparent)]
    Document(#[from] DocumentError),
}

/// One change of one document, with what its entry says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Touch {
    pub(super) sequence: Sequence,
    pub(super) received_at: Timestamp,
    /// When it happened, by the author's device.
    pub(super) acted_at: Timestamp,
    pub(super) bytes: Vec<u8>,
}

/// How much of the story is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Extent {
    Recent,
    Whole,
}

/// A snapshot whose authors are not named yet.
pub(super) struct Made {
    document: DocumentRef,
    sequence: Sequence,
    received_at: Timestamp,
    changed_at: Timestamp,
    reading: Reading,
    saved: Vec<u8>,
    heads: [u8; 32],
    story: Vec<Told>,
    is_whole: bool,
}

impl Made {
    /// Takes further changes into a snapshot.
    pub(super) fn going_on(
        kept: Kept,
        mut document: Document,
        touches: &[Touch],
    ) -> Result<Self, Unsound> {
        let mut story = kept.story;
        let (mut received_at, mut changed_at) = (kept.received_at, kept.row.changed_at);
        let mut sequence = kept.sequence;
        for touch in touches {
            received_at = received_at.max(touch.received_at);
            changed_at = changed_at.max(touch.acted_at);
            sequence = sequence.max(touch.sequence);
            if let Some(effects) = document.take_in(&touch.bytes)? {
                story.push(touch.told(received_at, effects));
            }
        }
        let times: Vec<Timestamp> = story.iter().map(|told| told.received_at).collect();
        let begin = recent(&times);
        story.drain(..begin);
        Self {
            document: document.reference(),
            sequence,
            received_at,
            changed_at,
            reading: document.reading(),
            saved: document.save(),
            heads: heads(&document),
            story,
            is_whole: kept.is_whole && begin == 0,
        }
        .that_reads_back(&document)
    }

    /// Makes a snapshot of all changes of a document, oldest first. There must be one.
    pub(super) fn of_all(
        reference: DocumentRef,
        touches: &[Touch],
        extent: Extent,
    ) -> Result<Self, Unsound> {
        let document = whole(reference, touches)?;
        let mut latest = Timestamp::default();
        let times: Vec<Timestamp> = touches
            .iter()
            .map(|touch| {
                latest = latest.max(touch.received_at);
                latest
            })
            .collect();
        let begin = match extent {
            Extent::Recent => recent(&times),
            Extent::Whole => 0,
        };
        let mut story = Vec::new();
        for (touch, received_at) in touches.iter().zip(times).skip(begin) {
            let effects = document.effects(&touch.bytes)?;
            story.push(touch.told(received_at, effects));
        }
        let changed_at = touches.iter().map(|touch| touch.acted_at).max();
        Self {
            document: reference,
            sequence: touches
                .last()
                .map_or_else(Sequence::default, |last| last.sequence),
            received_at: latest,
            changed_at: changed_at.unwrap_or_default(),
            reading: document.reading(),
            saved: document.save(),
            heads: heads(&document),
            story,
            is_whole: begin == 0,
        }
        .that_reads_back(&document)
    }

    /// What is stored must be what it was made from.
    fn that_reads_back(self, document: &Document) -> Result<Self, Unsound> {
        let again = Document::load(self.document, &self.saved)?;
        if again.heads() != document.heads() {
            return Err(Unsound::Heads);
        }
        if again.reading() != self.reading {
            return Err(Unsound::Entity);
        }
        Ok(self)
    }

    /// The actions whose authors the row names.
    pub(super) fn contestants(&self) -> impl Iterator<Item = OperationId> {
        self.reading.contestants()
    }

    pub(super) fn signed(self, authors: &HashMap<OperationId, UserId>) -> Kept {
        let author_of = |operation| {
            let author = authors.get(&operation).copied();
            Ok::<_, std::convert::Infallible>(author.unwrap_or_default())
        };
        let row = self
            .reading
            .into_row(self.document, self.changed_at, author_of);
        let Ok(row) = row;
        Kept {
            sequence: self.sequence,
            received_at: self.received_at,
            row,
            saved: self.saved,
            heads: self.heads,
            story: self.story,
            is_whole: self.is_whole,
        }
    }
}

impl Touch {
    fn told(&self, received_at: Timestamp, effects: Effects) -> Told {
        Told {
            received_at,
            part: StoryPart {
                sequence: self.sequence,
                created: effects.created,
                fields: effects.into_fields(),
            },
        }
    }
}

/// The instant so many days before another that nothing older belongs to the working set.
pub(super) fn horizon(latest: Timestamp) -> Timestamp {
    let days = i64::from(WORKING_SET_DAYS) * DAY_MILLIS;
    Timestamp(latest.0.saturating_sub(days))
}

/// Where the told part of a story begins, given its times in order. It depends on the document's
/// own past alone, so that a snapshot made at once and one that was kept up are the same.
fn recent(times: &[Timestamp]) -> usize {
    let from = horizon(times.last().copied().unwrap_or_default());
    let in_time = times.partition_point(|at| *at < from);
    in_time.max(times.len().saturating_sub(SEGMENT_STORY))
}

/// A document of all its changes. Automerge takes them at once much faster than one by one.
fn whole(reference: DocumentRef, touches: &[Touch]) -> Result<Document, Unsound> {
    let mut bytes = Document::genesis(reference).save();
    for touch in touches {
        bytes.extend_from_slice(&touch.bytes);
    }
    let document = Document::load(reference, &bytes)?;
    // The genesis is one more. Automerge drops what it does not understand at the end.
    if document.crdt().get_changes_meta(&[]).len() != touches.len() + 1 {
        return Err(Unsound::Incomplete);
    }
    Ok(document)
}
