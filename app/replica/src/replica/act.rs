//! An action of the signed-in person: planned, written and durable in one transaction.

use super::{Author, Intent, Replica, begin, distinct, proofs, records};
use crate::{
    documents::Documents,
    error::{ActError, StoreError},
    replica::rebuild::project,
    store::{
        absent, actions,
        changes::{self, Place},
        history::{self, Part},
    },
    view::StoreView,
};
use keyrack_document::{Effects, Stamp};
use keyrack_model::{
    action::{Action, DocumentChange},
    change::Change,
    command::Command,
    ids::{DocumentRef, OperationId},
    limits,
    plan::{Context, entering::check_going_in, plan},
    refusal::Refusal,
    time::Timestamp,
};
use rusqlite::Connection;

impl Replica {
    /// Does what a command says, and returns the documents it touched.
    ///
    /// # Errors
    /// A refusal with its reason; a store that failed. Nothing has changed then.
    pub fn act(
        &mut self,
        command: &Command,
        operation: OperationId,
        now: Timestamp,
    ) -> Result<Vec<DocumentRef>, ActError> {
        let session = self.session.as_ref().ok_or(ActError::SignedOut)?;
        let author = Author {
            hotel: session.hotel,
            user: session.me.id,
            role: session.me.role,
            actor: self.actor,
            device: self.device.id,
        };
        let intent = Intent {
            operation,
            at: self.clock.tick(now),
            command,
        };
        let tx = begin(&mut self.db)?;
        let done = check_going_in(command, author.role, &StoreView(&tx))
            .map_err(ActError::from)
            .and_then(|()| execute(&tx, &mut self.documents, author, intent))
            .and_then(|touched| {
                proofs::give(&tx, session, author.device, operation)?;
                tx.commit().map_err(StoreError::from)?;
                Ok(touched)
            });
        match done {
            Ok(touched) => Ok(touched),
            Err(ActError::Store(error)) => self.resolve_doubt(operation, error),
            // A refused command has written to no document.
            Err(refused) => Err(refused),
        }
    }

    /// An error after the commit leaves the action done: the store says so. One of the commit
    /// itself undoes it here; only when the disk failed on the very last step can it be found
    /// done after the next start.
    fn resolve_doubt(
        &mut self,
        operation: OperationId,
        error: StoreError,
    ) -> Result<Vec<DocumentRef>, ActError> {
        self.documents.evict_all();
        if error.leaves_doubt()
            && let Err(still) = self.reopen()
        {
            tracing::error!(%still, "the store does not open again");
        }
        match actions::find(&self.db, operation) {
            Ok(Some(_)) => {
                let parts = history::of_operation(&self.db, operation)?;
                Ok(parts.into_iter().map(|(document, _)| document).collect())
            }
            Ok(None) | Err(_) => Err(error.into()),
        }
    }
}

/// Plans a command and writes its action within the caller's transaction.
pub(super) fn execute(
    db: &Connection,
    documents: &mut Documents,
    author: Author,
    intent: Intent<'_>,
) -> Result<Vec<DocumentRef>, ActError> {
    let context = Context {
        hotel: author.hotel,
        operation: intent.operation,
        author: author.user,
        role: author.role,
        at: intent.at.wall,
    };
    if let Some(record) = intent.command.record() {
        return records::execute(db, author, intent, record);
    }
    let planned = plan(intent.command, context, &StoreView(db))?;
    for document in planned.iter().map(Change::document) {
        // What the plan would make is with the server, and some of it is here already.
        if absent::has(db, document.id)? {
            return Err(Refusal::NotFound.into());
        }
    }
    let action = Action {
        operation: intent.operation,
        author: author.user,
        at: intent.at,
        schema: limits::SCHEMA,
        command: intent.command.clone(),
        changes: Vec::new(),
    };
    let action = actions::insert(db, &action, author.device, None)?;
    let mut touched = Vec::new();
    for document in distinct(planned.iter().map(Change::document)) {
        let fields: Vec<Change> = planned
            .iter()
            .filter(|change| change.document() == document)
            .cloned()
            .collect();
        let Some(bytes) = write(db, documents, author, intent, document, &fields)? else {
            continue;
        };
        let place = Place {
            action,
            number: touched.len(),
        };
        let effects = documents
            .open(db, document)?
            .effects(&bytes)
            .map_err(StoreError::from)?;
        let change = DocumentChange { document, bytes };
        keep(db, documents, place, &change, effects, intent.at.wall)?;
        touched.push(document);
    }
    if touched.is_empty() {
        return Err(Refusal::NothingToDo.into());
    }
    Ok(touched)
}

/// Writes one document's part; None when the document says all of it already.
fn write(
    db: &Connection,
    documents: &mut Documents,
    author: Author,
    intent: Intent<'_>,
    reference: DocumentRef,
    fields: &[Change],
) -> Result<Option<Vec<u8>>, StoreError> {
    let stamp = Stamp {
        operation: intent.operation,
        at: intent.at.wall,
    };
    let document = documents.open(db, reference)?;
    Ok(document.write(author.actor, stamp, fields)?)
}

/// Keeps a change that a document has taken in, with what follows from it.
pub(super) fn keep(
    db: &Connection,
    documents: &mut Documents,
    place: Place,
    change: &DocumentChange,
    effects: Effects,
    acted_at: Timestamp,
) -> Result<(), StoreError> {
    changes::insert(db, place, change, &part(effects))?;
    project(db, documents.open(db, change.document)?, acted_at)?;
    documents.keep_short(db, change.document)
}

/// What one change did to its document, for the history.
pub(super) fn part(effects: Effects) -> Part {
    Part {
        created: effects.created,
        fields: effects.into_fields(),
    }
}
