//! What a device holds that was handed documents, or was asked for one.

use super::Shown;
use crate::simulation::{
    desk::is_whole,
    handout::{handed_out, over},
    trace::short,
    world::Broken,
};
use keyrack_model::{
    action::{LogEntry, Sequence},
    ids::{DocumentRef, OperationId},
    ipc::{Answer, Question},
};
use keyrack_replica::{Replica, StoreError};
use std::collections::{BTreeMap, BTreeSet};

/// What the log says of its documents.
pub(super) struct Told {
    handed_out: Vec<DocumentRef>,
    over: BTreeSet<DocumentRef>,
    places: BTreeMap<OperationId, Sequence>,
}

impl Told {
    pub(super) fn by(log: &[LogEntry]) -> Result<Self, Broken> {
        let place = |entry: &LogEntry| Some((entry.operation()?, entry.sequence));
        Ok(Self {
            handed_out: handed_out(log)?,
            over: over(log)?,
            places: log.iter().filter_map(place).collect(),
        })
    }

    /// A device that was handed documents has those that it should have, and shows of what it has
    /// what a reader of the log shows.
    pub(super) fn is_what_is_held(
        &self,
        number: usize,
        replica: &Replica,
        newcomer: &Shown,
    ) -> Result<(), Broken> {
        let held = Shown::by(replica)?;
        let documents: BTreeSet<DocumentRef> = held.rows.iter().map(|row| row.document).collect();
        let is_missing = |document: &&DocumentRef| !documents.contains(document);
        if let Some(missing) = self.handed_out.iter().find(is_missing) {
            return Err(Broken(format!("device {number} has no {missing}")));
        }
        let whole = with_all_of_their_story(replica, &held)?;
        let expected = self.as_far_as_told(number, &held, &whole, newcomer.of(&documents))?;
        held.compare(
            &format!("what device {number} holds and the log"),
            &expected,
        )
    }

    /// What is expected of documents that need not have all of their story: what is missing of one is
    /// older than what is there.
    fn as_far_as_told(
        &self,
        number: usize,
        held: &Shown,
        whole: &BTreeSet<DocumentRef>,
        mut expected: Shown,
    ) -> Result<Shown, Broken> {
        let mut first: BTreeMap<DocumentRef, Sequence> = BTreeMap::new();
        let mut told = BTreeSet::new();
        for entry in &held.story {
            told.insert((entry.document, entry.operation));
            if let Some(place) = self.places.get(&entry.operation) {
                let first = first.entry(entry.document).or_insert(*place);
                *first = (*first).min(*place);
            }
        }
        let is_missing = |document: DocumentRef, operation: OperationId| {
            !whole.contains(&document) && !told.contains(&(document, operation))
        };
        let mut missing = expected.story.iter();
        let gap = missing.find(|entry| {
            let first = first.get(&entry.document);
            let place = self.places.get(&entry.operation);
            is_missing(entry.document, entry.operation) && first.is_some_and(|_| place > first)
        });
        if let Some(gap) = gap {
            return Err(Broken(format!(
                "device {number} has no {} of {}, and has what came before",
                short(gap.operation),
                gap.document
            )));
        }
        let story = &mut expected.story;
        story.retain(|entry| !is_missing(entry.document, entry.operation));
        Ok(expected)
    }

    /// What somebody opened is there with all of its story, if the hotel has it and it is not over.
    pub(super) fn what_was_opened_is_whole(
        &self,
        number: usize,
        replica: &Replica,
        opened: &BTreeSet<DocumentRef>,
        newcomer: &Shown,
    ) -> Result<(), Broken> {
        let there: BTreeSet<DocumentRef> = newcomer.rows.iter().map(|row| row.document).collect();
        for document in opened {
            if there.contains(document)
                && !self.over.contains(document)
                && !is_whole(replica, *document)?
            {
                return Err(Broken(format!(
                    "device {number} does not have all of {document}, which was opened"
                )));
            }
        }
        Ok(())
    }
}

/// Documents of which all is here that ever happened to them.
pub(super) fn with_all_of_their_story(
    replica: &Replica,
    held: &Shown,
) -> Result<BTreeSet<DocumentRef>, StoreError> {
    let documents: Vec<DocumentRef> = held.rows.iter().map(|row| row.document).collect();
    let mut whole: BTreeSet<DocumentRef> = documents.iter().copied().collect();
    if let Answer::NotWhole(not_whole) = replica.answer(&Question::NotWhole { documents })? {
        for document in not_whole {
            whole.remove(&document);
        }
    }
    Ok(whole)
}
