//! Bringing snapshots up to date with the log, a bounded batch at a time. Most of what that costs is to
//! read a document and what was made of it: the more entries are in a batch, the more of them share it.
//!
//! **Architecture Invariant**: a batch and the mark behind it are one transaction, so every
//! snapshot is as of the mark. What does not read back as it was made is not stored, and the mark
//! stays before it.

use super::{
    SnapshotError, Snapshots,
    kept::Kept,
    made::{Extent, Made, Touch, Unsound},
    store::{self, Mark},
};
use crate::{
    log::{Head, Log, Page},
    processor::off_the_runtime,
};
use keyrack_document::Document;
use keyrack_model::{
    action::{Content, LogEntry, Sequence},
    ids::{DocumentRef, HotelId, OperationId},
    limits::{
        MAX_FRAME, SNAPSHOT_BATCH_DOCUMENTS, SNAPSHOT_BATCH_ENTRIES, SNAPSHOT_OPEN_DOCUMENTS,
    },
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

const BATCH: Page = Page {
    entries: SNAPSHOT_BATCH_ENTRIES,
    bytes: 2 * MAX_FRAME,
};

/// Whether the snapshots are at the end of the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress {
    UpToDate,
    Behind,
}

/// Changes by document, oldest first.
type Touched = BTreeMap<DocumentRef, Vec<Touch>>;

impl Snapshots {
    /// Takes up to `batches` batches of the log into the snapshots.
    pub async fn catch_up(
        &self,
        hotel: HotelId,
        batches: usize,
    ) -> Result<Progress, SnapshotError> {
        let _alone = self.alone(hotel).await;
        for _ in 0..batches {
            if self.step(hotel).await? == Progress::UpToDate {
                return Ok(Progress::UpToDate);
            }
        }
        Ok(Progress::Behind)
    }

    /// One batch. Only for who is alone with the hotel.
    pub(super) async fn step(&self, hotel: HotelId) -> Result<Progress, SnapshotError> {
        let _bench = self.bench().await?;
        let from = self.sound_mark(hotel).await?;
        let entries = self.log.read(hotel, from.sequence, BATCH).await?;
        let (touched, last) = batch(entries);
        let Some(last) = last else {
            return Ok(Progress::UpToDate);
        };
        let mut to = Mark {
            sequence: last,
            ..from
        };
        let mut kept = Vec::with_capacity(touched.len());
        for touched in helpings(touched) {
            let documents: Vec<DocumentRef> = touched.keys().copied().collect();
            let (ready, unready) = self.ready(hotel, &documents).await?;
            let old = self.log.known_by(hotel, &unready, from.sequence).await?;
            to.documents += (unready.len() - old.len()) as i64;
            let past = self.past(hotel, &old, last).await?;
            let made = off_the_runtime(|| make(touched, ready, past))?;
            kept.extend(self.signed(hotel, made).await?);
        }
        let mut tx = self.database.begin(hotel).await?;
        // Otherwise another server was faster, and these snapshots are not of its mark.
        if store::advance(&mut tx, hotel, from, to).await? {
            store::put(&mut tx, hotel, &kept).await?;
            tx.commit().await?;
        }
        Ok(Progress::Behind)
    }

    /// How far the snapshots are in a log that ends there; nowhere when there are none of it.
    pub(super) async fn reach(
        &self,
        hotel: HotelId,
        head: Head,
    ) -> Result<Sequence, SnapshotError> {
        let mut tx = self.database.begin(hotel).await?;
        let mark = store::mark(&mut tx, hotel).await?;
        let mark = mark.filter(|mark| mark.is_of(head));
        Ok(mark.map_or_else(Sequence::default, |mark| mark.sequence))
    }

    /// Where to go on. Snapshots of another epoch or of other code, those beyond the log and those
    /// that are not all there are dropped.
    async fn sound_mark(&self, hotel: HotelId) -> Result<Mark, SnapshotError> {
        let head = self.log.head(hotel).await?;
        let mut tx = self.database.begin(hotel).await?;
        let found = store::mark(&mut tx, hotel).await?;
        if let Some(mark) = found
            && mark.is_of(head)
        {
            return Ok(mark);
        }
        let mark = store::begin_anew(&mut tx, hotel, head.epoch).await?;
        tx.commit().await?;
        Ok(mark)
    }

    /// Drops the snapshots of a hotel of which some are not there.
    pub(super) async fn drop_unless_all_are_there(
        &self,
        hotel: HotelId,
    ) -> Result<(), SnapshotError> {
        let mut tx = self.database.begin(hotel).await?;
        if let Some(mark) = store::mark(&mut tx, hotel).await? {
            let there = store::count(&mut tx, hotel).await?;
            if there != mark.documents {
                tracing::error!(%hotel, there, expected = mark.documents, "snapshots are missing; all are made again");
                store::begin_anew(&mut tx, hotel, mark.epoch).await?;
                tx.commit().await?;
            }
        }
        Ok(())
    }

    /// The documents' snapshots that hold, and the documents that have none.
    pub(super) async fn ready(
        &self,
        hotel: HotelId,
        documents: &[DocumentRef],
    ) -> Result<(Ready, Vec<DocumentRef>), SnapshotError> {
        let mut tx = self.database.begin(hotel).await?;
        let found = store::find(&mut tx, hotel, documents).await?;
        drop(tx);
        let ready: Ready = off_the_runtime(|| {
            let opened = found.into_iter().filter_map(|columns| {
                let document = columns.reference()?;
                match columns.open() {
                    Ok((kept, opened)) if kept.document() == document => {
                        Some((document, (kept, opened)))
                    }
                    Ok(_) => None,
                    Err(error) => {
                        tracing::error!(%hotel, %document, %error, "a snapshot does not hold; it is made again");
                        None
                    }
                }
            });
            opened.collect()
        });
        let lacks = |document: &&DocumentRef| !ready.contains_key(*document);
        let unready = documents.iter().filter(lacks).copied().collect();
        Ok((ready, unready))
    }

    /// All changes of documents up to an entry.
    pub(super) async fn past(
        &self,
        hotel: HotelId,
        documents: &[DocumentRef],
        up_to: Sequence,
    ) -> Result<Touched, SnapshotError> {
        let mut touched = Touched::new();
        if documents.is_empty() {
            return Ok(touched);
        }
        for change in self.log.past_of(hotel, documents, up_to).await? {
            let touch = Touch {
                sequence: change.sequence,
                received_at: change.received_at,
                acted_at: change.acted_at,
                bytes: change.bytes,
            };
            touched.entry(change.document).or_default().push(touch);
        }
        Ok(touched)
    }

    /// Snapshots with the authors of what stands side by side in them.
    pub(super) async fn signed(
        &self,
        hotel: HotelId,
        made: Vec<Made>,
    ) -> Result<Vec<Kept>, SnapshotError> {
        let contestants: BTreeSet<OperationId> = made.iter().flat_map(Made::contestants).collect();
        let contestants: Vec<_> = contestants.into_iter().collect();
        let authors = self.log.authors(hotel, &contestants).await?;
        let signed = made.into_iter().map(|made| made.signed(&authors));
        Ok(signed.collect())
    }
}

/// Snapshots that hold, with their documents.
pub(super) type Ready = HashMap<DocumentRef, (Kept, Document)>;

/// Snapshots of what was touched: going on from what is there, or from the beginning.
fn make(touched: Touched, mut ready: Ready, mut past: Touched) -> Result<Vec<Made>, SnapshotError> {
    let make_one = |(document, touches): (DocumentRef, Vec<Touch>)| {
        let made = match (ready.remove(&document), past.remove(&document)) {
            (Some((kept, opened)), _) => Made::going_on(kept, opened, &touches),
            (None, Some(all)) => Made::of_all(document, &all, Extent::Recent),
            (None, None) => Made::of_all(document, &touches, Extent::Recent),
        };
        made.map_err(|why| unsound(document, why))
    };
    touched.into_iter().map(make_one).collect()
}

pub(super) fn unsound(document: DocumentRef, why: Unsound) -> SnapshotError {
    let why = Box::new(why);
    SnapshotError::Unsound { document, why }
}

/// What was touched, by so many documents as may be open at once.
fn helpings(touched: Touched) -> Vec<Touched> {
    let mut helpings = Vec::with_capacity(touched.len().div_ceil(SNAPSHOT_OPEN_DOCUMENTS));
    let mut rest = touched.into_iter().peekable();
    while rest.peek().is_some() {
        helpings.push(rest.by_ref().take(SNAPSHOT_OPEN_DOCUMENTS).collect());
    }
    helpings
}

/// As many of the entries as one batch may touch documents, by document, and the last of them.
fn batch(entries: Vec<LogEntry>) -> (Touched, Option<Sequence>) {
    let mut touched = Touched::new();
    let mut last = None;
    for entry in entries {
        if touched.len() >= SNAPSHOT_BATCH_DOCUMENTS {
            break;
        }
        last = Some(entry.sequence);
        let Content::Action {
            received_at,
            action,
            ..
        } = entry.content
        else {
            continue;
        };
        for change in action.changes {
            let touch = Touch {
                sequence: entry.sequence,
                received_at,
                acted_at: action.at.wall,
                bytes: change.bytes,
            };
            touched.entry(change.document).or_default().push(touch);
        }
    }
    (touched, last)
}
