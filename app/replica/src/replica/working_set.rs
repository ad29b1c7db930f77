//! What a device holds: it begins with what the server hands out of the documents that a hotel works
//! with, asks for others when they are wanted, and lets go of what is over.
//!
//! **Architecture Invariant**: what was handed out is never taken for this device's own work, and a
//! document is let go of only when the server has all of it.

use super::{
    CLASSES, CURSOR, EPOCH, LAST_PLACE, LOST_AT, Replica, begin, rebuild::rebuild_document,
    records::note_last_place,
};
use crate::{
    error::StoreError,
    store::{self, absent, actions, bases, changes, done_here, lines, rows, settings::Setting},
    sync_session::Wanted,
};
use keyrack_document::{Document, DocumentError};
use keyrack_model::{
    action::Sequence,
    class::{Class, Reading},
    ids::{DocumentKind, DocumentRef, LogEpoch},
    limits::{MAX_SEGMENTS, TIDY_DOCUMENTS, WORKING_SET_DAYS},
    record::RecordRef,
    refusal::GateReason,
    rows::Row,
    segment::{DocumentState, RecordPage, Segment, SegmentId, SegmentName, WorkingSet},
    time::{BusinessDate, Timestamp},
};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

/// Segments that are still to come, in this order, all as of one entry.
#[derive(Clone, Serialize, Deserialize)]
struct ToCome {
    sequence: Sequence,
    segments: Vec<SegmentName>,
    /// Those that are here already.
    taken: Vec<SegmentId>,
}

/// Records that are still to come: all up to an entry, and how far they are here.
#[derive(Clone, Serialize, Deserialize)]
struct RecordsToCome {
    up_to: Sequence,
    after: Sequence,
    /// What was read on every page so far: the reader may become another one between two.
    classes: Option<Vec<Class>>,
}

const SEGMENTS: Setting<ToCome> = Setting::named("segments-to-come");
const RECORDS: Setting<RecordsToCome> = Setting::named("records-to-come");
/// Up to which entry the records were asked for that came last.
const RECORDS_UP_TO: Setting<Sequence> = Setting::named("records-up-to");
/// The business date on which this device last let go of what was over.
const TIDIED: Setting<BusinessDate> = Setting::named("tidied");
/// How far the log was told when something was last let go of: a log that ends before may say that
/// it is not over.
const LET_GO_AT: Setting<Sequence> = Setting::named("let-go-at");

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1_000;

impl Replica {
    /// What this device lacks of what it should hold, most wanted first.
    pub(crate) fn wanted(&self) -> Result<Option<Wanted>, StoreError> {
        if let Some(RecordsToCome { up_to, after, .. }) = RECORDS.get(&self.db)? {
            return Ok(Some(Wanted::Records { up_to, after }));
        }
        if self.has_nothing()? {
            return Ok(Some(Wanted::WorkingSet));
        }
        if let Some(name) = self.next_segment()? {
            return Ok(Some(Wanted::Segment(name)));
        }
        Ok(absent::next_wanted(&self.db)?.map(Wanted::Document))
    }

    /// Whether the log cannot be followed before something else has come.
    pub(crate) fn is_beginning(&self) -> Result<bool, StoreError> {
        Ok(RECORDS.get(&self.db)?.is_some() || self.has_nothing()?)
    }

    /// Whether there is more to come of the working set.
    pub(crate) fn is_incomplete(&self) -> Result<bool, StoreError> {
        Ok(self.is_beginning()? || self.next_segment()?.is_some())
    }

    fn has_nothing(&self) -> Result<bool, StoreError> {
        Ok(self.cursor == Sequence::default() && EPOCH.get(&self.db)?.is_none())
    }

    fn next_segment(&self) -> Result<Option<SegmentName>, StoreError> {
        let to_come = SEGMENTS.get(&self.db)?;
        Ok(to_come.and_then(|to_come| to_come.segments.first().copied()))
    }

    /// The entry up to which the segments that are to come have everything.
    pub(crate) fn segments_as_of(&self) -> Result<Option<Sequence>, StoreError> {
        Ok(SEGMENTS.get(&self.db)?.map(|to_come| to_come.sequence))
    }

    /// Begins with a working set: the log is read from its entry on.
    ///
    /// # Errors
    /// `NotAsked` when it names more segments than the documents of any hotel fill.
    pub(crate) fn begin_with(&mut self, set: &WorkingSet) -> Result<(), StoreError> {
        if set.segments.len() > MAX_SEGMENTS {
            return Err(StoreError::NotAsked);
        }
        let tx = begin(&mut self.db)?;
        EPOCH.set(&tx, &set.epoch)?;
        CURSOR.set(&tx, &set.sequence)?;
        SEGMENTS.set(
            &tx,
            &ToCome {
                sequence: set.sequence,
                segments: set.segments.clone(),
                taken: Vec::new(),
            },
        )?;
        ask_for_records(&tx, set.sequence)?;
        tx.commit()?;
        self.cursor = set.sequence;
        Ok(())
    }

    /// Takes in a page of the records that were asked for. They are in the log before the cursor.
    ///
    /// # Errors
    /// `Gap` when the page is not one of this log or does not go on where the last one ended,
    /// `NotAsked` when it leads nowhere.
    pub(crate) fn take_records(&mut self, page: &RecordPage) -> Result<Vec<RecordRef>, StoreError> {
        let asked = RECORDS.get(&self.db)?.ok_or(StoreError::Gap)?;
        let mut after = asked.after;
        let tx = begin(&mut self.db)?;
        if EPOCH.get(&tx)? != Some(page.epoch) {
            return Err(StoreError::Gap);
        }
        if page.entries.is_empty() && !page.is_last {
            return Err(StoreError::NotAsked);
        }
        let read: Reading = page.classes.iter().copied().collect();
        let mut told = Vec::new();
        for entry in &page.entries {
            if entry.sequence <= after || entry.sequence > asked.up_to {
                return Err(StoreError::Gap);
            }
            after = entry.sequence;
            told.extend(super::receive::take_in_record(&tx, entry, read)?);
        }
        note_last_place(&tx, &page.entries)?;
        let read = match &asked.classes {
            Some(before) => read.and(before.iter().copied().collect()),
            None => read,
        };
        if page.is_last {
            RECORDS.clear(&tx)?;
            RECORDS_UP_TO.set(&tx, &asked.up_to)?;
            let has_told_more = CURSOR.get(&tx)?.is_some_and(|cursor| cursor > asked.up_to);
            let held = if has_told_more {
                // The log was followed meanwhile, maybe as somebody who read less.
                let told = CLASSES.get(&tx)?.unwrap_or_default();
                read.and(told.into_iter().collect())
            } else {
                read
            };
            CLASSES.set(&tx, &held.classes())?;
        } else {
            let to_come = RecordsToCome {
                up_to: asked.up_to,
                after,
                classes: Some(read.classes()),
            };
            RECORDS.set(&tx, &to_come)?;
        }
        tx.commit()?;
        Ok(told)
    }

    /// Takes in a segment of the working set.
    ///
    /// # Errors
    /// `NotAsked` when it has more than its name says, `Document` when a document does not read as its
    /// row says; nothing has changed then.
    pub(crate) fn take_segment(
        &mut self,
        name: SegmentName,
        segment: &Segment,
    ) -> Result<Vec<DocumentRef>, StoreError> {
        if segment.documents.len() > name.documents as usize {
            return Err(StoreError::NotAsked);
        }
        let mut to_come = SEGMENTS.get(&self.db)?.ok_or(StoreError::Gap)?;
        let tx = begin(&mut self.db)?;
        let touched = put_all(&tx, segment, to_come.sequence)?;
        to_come.segments.retain(|it| it.id != name.id);
        to_come.taken.push(name.id);
        if to_come.segments.is_empty() {
            SEGMENTS.clear(&tx)?;
        } else {
            SEGMENTS.set(&tx, &to_come)?;
        }
        tx.commit()?;
        self.documents.evict_all();
        Ok(touched)
    }

    /// The segments that are still to come are not to be had any more: another working set has
    /// replaced theirs. What is here stays; of the rest the next one has a later state.
    ///
    /// # Errors
    /// As for the first one.
    pub(crate) fn go_on_with(&mut self, set: &WorkingSet) -> Result<(), StoreError> {
        if set.segments.len() > MAX_SEGMENTS {
            return Err(StoreError::NotAsked);
        }
        let Some(mut to_come) = SEGMENTS.get(&self.db)? else {
            return Ok(());
        };
        // The log of another epoch is told by the next greeting.
        if EPOCH.get(&self.db)? == Some(set.epoch) {
            let is_missing = |name: &&SegmentName| !to_come.taken.contains(&name.id);
            to_come.segments = set.segments.iter().filter(is_missing).copied().collect();
            to_come.sequence = set.sequence;
            SEGMENTS.set(&self.db, &to_come)?;
        }
        Ok(())
    }

    /// Takes in a document that was asked for by itself, with what came along.
    ///
    /// # Errors
    /// `Gap` when it is of another log, `NotAsked` when it is another document; `Document` as for a
    /// segment.
    pub(crate) fn take_document(
        &mut self,
        asked: DocumentRef,
        epoch: LogEpoch,
        sequence: Sequence,
        segment: &Segment,
    ) -> Result<Vec<DocumentRef>, StoreError> {
        let mut rows = segment.documents.iter().map(|state| &state.row);
        if !rows.clone().any(|row| row.document == asked)
            || !rows.all(|row| row.document == asked || is_comment_on(row, asked))
        {
            return Err(StoreError::NotAsked);
        }
        let tx = begin(&mut self.db)?;
        if EPOCH.get(&tx)? != Some(epoch) {
            return Err(StoreError::Gap);
        }
        let touched = put_all(&tx, segment, sequence)?;
        tx.commit()?;
        self.documents.evict_all();
        Ok(touched)
    }

    /// Something did not come: whatever else is wanted of its kind is asked for first.
    pub(crate) fn put_off(&mut self, wanted: Wanted) -> Result<(), StoreError> {
        match wanted {
            Wanted::Segment(name) => {
                let Some(mut to_come) = SEGMENTS.get(&self.db)? else {
                    return Ok(());
                };
                if to_come.segments.first() == Some(&name) {
                    to_come.segments.rotate_left(1);
                    SEGMENTS.set(&self.db, &to_come)?;
                }
                Ok(())
            }
            Wanted::Document(document) => absent::want_later(&self.db, document.id),
            Wanted::WorkingSet | Wanted::Records { .. } => Ok(()),
        }
    }

    /// The server has no such document.
    pub(crate) fn give_up_on(&mut self, document: DocumentRef) -> Result<(), StoreError> {
        absent::want_no_more(&self.db, document.id)
    }

    /// Somebody wants to see a document with all of its story. When the server has to be asked, what
    /// is here of it stays readable meanwhile.
    pub(crate) fn want(&mut self, document: DocumentRef) -> Result<(), StoreError> {
        let is_here = rows::find(&self.db, document.id)?.is_some();
        // Of what was begun here the server may have more, in a segment that is still to come.
        let is_settled =
            self.next_segment()?.is_none() || bases::sequence(&self.db, document.id)?.is_some();
        if is_here && is_settled && bases::story(&self.db, document.id)?.1 {
            return Ok(());
        }
        absent::want_whole(&self.db, document)
    }

    /// A document with the comments on it, as far as they are here.
    pub(crate) fn with_comments(
        &self,
        document: DocumentRef,
    ) -> Result<Vec<DocumentRef>, StoreError> {
        let mut here = Vec::new();
        if rows::find(&self.db, document.id)?.is_some() {
            let comments = rows::by_subject(&self.db, DocumentKind::Comment, document.id.0)?;
            here.push(document);
            here.extend(comments.iter().map(|row| row.document));
        }
        Ok(here)
    }

    /// Lets go of some of what is over for longer than the working set reaches back, by this device's
    /// clock and by the server's; true when there was something.
    pub(crate) fn tidy(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        let today = self.hotel()?.business_date;
        let tidied = TIDIED.get(&self.db)?;
        if tidied == Some(today) || !bases::any(&self.db)? {
            return Ok(false);
        }
        if tidied.is_none() {
            // What it has beyond the working set it was just asked for.
            TIDIED.set(&self.db, &today)?;
            return Ok(false);
        }
        // A clock that is ahead lets go of nothing before its time.
        let Some(told) = actions::received_last(&self.db)? else {
            return Ok(false);
        };
        let horizon = Timestamp(now.min(told).0 - i64::from(WORKING_SET_DAYS) * DAY_MILLIS);
        let since = today.plus_days(-WORKING_SET_DAYS);
        let tx = begin(&mut self.db)?;
        let over = rows::over(&tx, since, horizon, self.cursor, TIDY_DOCUMENTS)?;
        for document in &over {
            let_go(&tx, *document)?;
        }
        if !over.is_empty() {
            LET_GO_AT.set(&tx, &self.cursor)?;
        }
        if over.len() < TIDY_DOCUMENTS {
            done_here::drop_before(&tx, horizon)?;
            TIDIED.set(&tx, &today)?;
        }
        tx.commit()?;
        if !over.is_empty() {
            self.documents.evict_all();
        }
        Ok(!over.is_empty())
    }
}

/// Whether something was handed out, or is about to come: the log before the cursor is not here.
pub(super) fn is_handed_out(db: &Connection) -> Result<bool, StoreError> {
    Ok(bases::any(db)? || SEGMENTS.get(db)?.is_some())
}

/// Whether records came, or are to come, as of a later entry. Some of their pages may be of a log that
/// ended there and some of one that was brought back since.
pub(super) fn records_overhang(db: &Connection, last: Sequence) -> Result<bool, StoreError> {
    let came = RECORDS_UP_TO.get(db)?.is_some_and(|up_to| up_to > last);
    let to_come = RECORDS.get(db)?.is_some_and(|asked| asked.up_to > last);
    Ok(came || to_come)
}

/// Whether something was handed out, is about to come or was let go of by what the log said after an
/// entry.
pub(super) fn overhangs(db: &Connection, last: Sequence) -> Result<bool, StoreError> {
    let is_to_come = SEGMENTS
        .get(db)?
        .is_some_and(|to_come| to_come.sequence > last);
    let is_let_go = LET_GO_AT.get(db)?.is_some_and(|told| told > last);
    Ok(is_to_come || is_let_go || bases::any_after(db, last)?)
}

/// Nothing of the log is here, and nothing is to come: what this device holds begins anew.
pub(super) fn forget_all(db: &Connection) -> Result<(), StoreError> {
    store::forget_all(db)?;
    CURSOR.clear(db)?;
    EPOCH.clear(db)?;
    CLASSES.clear(db)?;
    LOST_AT.clear(db)?;
    LAST_PLACE.clear(db)?;
    SEGMENTS.clear(db)?;
    LET_GO_AT.clear(db)?;
    RECORDS_UP_TO.clear(db)?;
    RECORDS.clear(db)
}

/// The records up to an entry are asked for before the log is followed.
pub(super) fn ask_for_records(db: &Connection, up_to: Sequence) -> Result<(), StoreError> {
    let to_come = RecordsToCome {
        up_to,
        after: Sequence::default(),
        classes: None,
    };
    RECORDS.set(db, &to_come)
}

/// Whether it comes along with a document that was asked for.
fn is_comment_on(row: &Row, asked: DocumentRef) -> bool {
    let comment = row.as_comment();
    let subject = comment.and_then(|(_, comment)| comment.subject);
    subject.is_some_and(|order| asked == order.into())
}

fn put_all(
    db: &Connection,
    segment: &Segment,
    sequence: Sequence,
) -> Result<Vec<DocumentRef>, StoreError> {
    for line in &segment.actions {
        lines::put(db, line)?;
    }
    let mut touched = Vec::new();
    for state in &segment.documents {
        let document = state.row.document;
        match check(state) {
            Ok(()) => {}
            Err(StoreError::Document(DocumentError::Unfit(
                GateReason::TooLarge | GateReason::TooManyRows,
            ))) => {
                tracing::error!(%document, "a document is more than this device can hold");
                leave_out(db, document)?;
                continue;
            }
            Err(error) => return Err(error),
        }
        if changes::is_of_another_kind(db, document)? {
            return Err(DocumentError::OtherDocument.into());
        }
        let is_absent = absent::has(db, document.id)?;
        if bases::sequence(db, document.id)?.is_some_and(|known| known > sequence) {
            continue;
        }
        if !state.is_whole && !is_absent && bases::is_whole(db, document.id)? {
            // The log tells what came since.
            continue;
        }
        bases::put(db, state, sequence)?;
        absent::has_come(db, document.id, state.is_whole)?;
        if is_absent || changes::has_any_of(db, document.id)? {
            absent::remove(db, document.id)?;
            rebuild_document(db, document)?;
        } else {
            rows::upsert(db, &state.row)?;
        }
        touched.push(document);
    }
    Ok(touched)
}

/// The rest of what came with a document is taken in without it: somebody may have written more into
/// it than anybody can read. What is here of it stays; else it is one that the server alone has, and
/// is asked for again when something of it changes.
fn leave_out(db: &Connection, document: DocumentRef) -> Result<(), StoreError> {
    absent::want_no_more(db, document.id)?;
    if rows::find(db, document.id)?.is_none() {
        absent::note(db, document.id)?;
    }
    Ok(())
}

/// A document has to be the one that it is called, and to say what its row says.
fn check(state: &DocumentState) -> Result<(), StoreError> {
    let document = Document::load_measured(state.row.document, &state.snapshot)?;
    if document.is_read_as(&state.row.entity)? {
        Ok(())
    } else {
        Err(DocumentError::OtherDocument.into())
    }
}

/// Lets go of one document. What its actions did elsewhere stays whole: changes of an action of
/// which something is still here are kept.
fn let_go(db: &Connection, document: DocumentRef) -> Result<(), StoreError> {
    rows::delete(db, document.id)?;
    bases::delete(db, document.id)?;
    changes::drop_snapshot(db, document.id)?;
    for operation in changes::operations_of(db, document.id)? {
        let Some(action) = actions::id_of(db, operation)? else {
            continue;
        };
        if !changes::is_shown_of(db, action)? {
            actions::delete(db, operation)?;
        }
    }
    absent::note(db, document.id)
}
