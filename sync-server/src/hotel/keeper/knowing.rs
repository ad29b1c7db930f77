//! What a judgement needs to know: who may do what, who writes under which actor, and the documents.

use super::{Keeper, documents_of};
use crate::{
    gate::{asks_for_rules, rule_documents},
    hotel::{Push, keeper::Footing},
    log::{Head, KnownRecord, Log, LogError, StoredVerdict},
    processor::off_the_runtime,
};
use keyrack_document::Document;
use keyrack_model::{
    ids::{ActorId, DocumentRef, OperationId},
    limits::LATE_ACTION_MILLIS,
    record::RecordRef,
    time::Timestamp,
};
use std::collections::{BTreeSet, HashMap};

/// A stay, and the sheet of its rate.
const RULE_STEPS: usize = 2;

pub(super) type Verdicts = HashMap<OperationId, StoredVerdict>;

impl<L: Log> Keeper<L> {
    /// Sees to it that it is known who may do what.
    pub(super) async fn look_around(&mut self, head: Head) -> Result<Footing, LogError> {
        let lately = Timestamp((self.clock)().0.saturating_sub(LATE_ACTION_MILLIS));
        let serves = |since: Timestamp| {
            // What is long over is let go of now and then; a clock that was set back asks further.
            since <= lately && lately.millis_since(since) < LATE_ACTION_MILLIS
        };
        if !self
            .standing
            .as_ref()
            .is_some_and(|(_, since)| serves(*since))
        {
            let standing = self.log.standing(self.hotel, lately).await?;
            if standing.mark.epoch != head.epoch {
                self.check_footing(head).await?;
            }
            self.standing = Some((standing, lately));
        }
        Ok(self.footing)
    }

    /// Brings what a judgement needs and is not here.
    pub(super) async fn fetch(&mut self, pushes: &[Push]) -> Result<(), LogError> {
        self.learn_actors(pushes).await?;
        let hotel = DocumentRef::from(self.hotel);
        self.load(documents_of(pushes).chain([hotel])).await?;
        if !asks_for_rules(pushes.iter().flat_map(|push| &push.actions)) {
            return Ok(());
        }
        for _ in 0..RULE_STEPS {
            let (hotel, shelf) = (self.hotel, &self.shelf);
            let actions = pushes.iter().flat_map(|push| &push.actions);
            let of_rules = off_the_runtime(|| rule_documents(hotel, actions, shelf));
            self.load(of_rules.into_iter()).await?;
        }
        Ok(())
    }

    pub(super) async fn verdicts(&self, operations: &[OperationId]) -> Result<Verdicts, LogError> {
        let found = self.log.verdicts(self.hotel, operations).await?;
        let found = found.into_iter();
        Ok(found
            .map(|verdict| (verdict.operation(), verdict))
            .collect())
    }

    /// The present versions of the records that pushes write.
    pub(super) async fn records_of(
        &self,
        pushes: &[Push],
    ) -> Result<HashMap<RecordRef, KnownRecord>, LogError> {
        let actions = pushes.iter().flat_map(|push| &push.actions);
        let written: BTreeSet<RecordRef> = actions
            .filter_map(|read| read.action.command.record())
            .collect();
        if written.is_empty() {
            return Ok(HashMap::new());
        }
        let written: Vec<RecordRef> = written.into_iter().collect();
        let known = self.log.records(self.hotel, &written).await?;
        Ok(known.into_iter().map(|it| (it.record, it)).collect())
    }

    /// A binding never changes, so it is asked for once.
    async fn learn_actors(&mut self, pushes: &[Push]) -> Result<(), LogError> {
        let unknown: BTreeSet<ActorId> = headers_of(pushes)
            .map(|(_, actor)| actor)
            .filter(|actor| !self.actors.contains_key(actor))
            .collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let unknown: Vec<_> = unknown.into_iter().collect();
        let bindings = self.log.actors(self.hotel, &unknown).await?;
        self.actors
            .extend(bindings.into_iter().map(|binding| (binding.actor, binding)));
        Ok(())
    }

    /// Opens the documents on the shelf, and puts those there that are not; those that cannot be read
    /// stay away.
    pub(super) async fn load(
        &mut self,
        documents: impl Iterator<Item = DocumentRef>,
    ) -> Result<(), LogError> {
        let missing = self.shelf.open(documents);
        if missing.is_empty() {
            return Ok(());
        }
        let changes = self.log.document_changes(self.hotel, &missing).await?;
        let unreadable = off_the_runtime(|| self.shelf.load(&missing, &changes));
        for (document, error) in unreadable {
            tracing::error!(hotel = %self.hotel, %document, %error, "a document of the log cannot be read");
        }
        Ok(())
    }

    pub(super) async fn documents(
        &mut self,
        documents: &[DocumentRef],
    ) -> Result<Vec<Document>, LogError> {
        // What another program wrote since is part of them.
        let head = self.head().await?;
        self.catch_up(head).await?;
        if self.footing == Footing::Lost {
            return Err(LogError::Unavailable("the log was brought back".into()));
        }
        self.load(documents.iter().copied()).await?;
        let found = documents
            .iter()
            .map(|reference| self.shelf.get(*reference))
            .map(|shelved| shelved.map(|shelved| shelved.document.clone()))
            .collect::<Option<Vec<_>>>();
        self.shelf.end_round(documents.iter().copied());
        self.make_room();
        found.ok_or_else(|| LogError::Unavailable("a document of the log cannot be read".into()))
    }
}

fn headers_of(pushes: &[Push]) -> impl Iterator<Item = (DocumentRef, ActorId)> {
    pushes
        .iter()
        .flat_map(|push| &push.actions)
        .flat_map(|read| read.headers())
        .map(|(document, header)| (document, header.actor))
}
