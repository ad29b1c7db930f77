//! An action of the signed-in person: planned, written and durable in one transaction.

use super::{Author, Intent, Replica, begin, distinct};
use crate::{
    documents::Documents,
    error::{ActError, StoreError},
    replica::rebuild::project,
    store::{
        actions, changes,
        history::{self, Part},
    },
    view::StoreView,
};
use keyrack_document::{ChangeHeader, DocumentError, Stamp};
use keyrack_model::{
    action::Action,
    change::Change,
    command::Command,
    ids::{DocumentRef, OperationId},
    limits,
    plan::{Context, Unplanned, plan},
    refusal::Refusal,
    rows::HistoryField,
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
        let done = execute(&tx, &mut self.documents, author, intent)
            .and_then(|touched| Ok(tx.commit().map(|()| touched).map_err(StoreError::from)?));
        match done {
            Ok(touched) => Ok(touched),
            Err(ActError::Store(error)) => self.resolve_doubt(operation, error),
            // A refused command has written to no document.
            Err(refused) => Err(refused),
        }
    }

    /// A failed commit may have reached the disk all the same: the store itself says.
    fn resolve_doubt(
        &mut self,
        operation: OperationId,
        error: StoreError,
    ) -> Result<Vec<DocumentRef>, ActError> {
        self.documents.evict_all();
        match actions::find(&self.db, operation) {
            Ok(Some(_)) => {
                let parts = history::of_operation(&self.db, operation)?;
                Ok(distinct(parts.iter().map(|part| part.document)))
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
    let planned = plan(intent.command, context, &StoreView(db)).map_err(|error| match error {
        Unplanned::Refused(refusal) => ActError::Refused(refusal),
        Unplanned::Unread(error) => ActError::Store(error),
    })?;
    let action = Action {
        operation: intent.operation,
        author: author.user,
        at: intent.at,
        schema: limits::SCHEMA,
        command: intent.command.clone(),
        changes: Vec::new(),
    };
    actions::insert(db, &action, author.device, None)?;
    actions::enter_outbox(db, intent.operation)?;
    let mut touched = Vec::new();
    for document in distinct(planned.iter().map(Change::document)) {
        let fields: Vec<Change> = planned
            .iter()
            .filter(|change| change.document() == document)
            .cloned()
            .collect();
        if write(db, documents, author, intent, document, &fields)? {
            touched.push(document);
        }
    }
    if touched.is_empty() {
        return Err(Refusal::NothingToDo.into());
    }
    Ok(touched)
}

/// Writes one document's part; false when the document says all of it already.
fn write(
    db: &Connection,
    documents: &mut Documents,
    author: Author,
    intent: Intent<'_>,
    reference: DocumentRef,
    fields: &[Change],
) -> Result<bool, StoreError> {
    let stamp = Stamp {
        operation: intent.operation,
        at: intent.at.wall,
    };
    let document = documents.open(db, reference)?;
    let Some(bytes) = document.write(author.actor, stamp, fields)? else {
        return Ok(false);
    };
    let (header, _) = ChangeHeader::parse(&bytes).map_err(DocumentError::from)?;
    changes::insert(db, reference, intent.operation, &header.hash, &bytes)?;
    let part = part_of(document, &bytes)?;
    history::insert(db, intent.operation, &part)?;
    project(db, document, intent.at.wall)?;
    documents.keep_short(db, reference)?;
    Ok(true)
}

/// What one change did to its document, for the history.
pub(super) fn part_of(
    document: &keyrack_document::Document,
    bytes: &[u8],
) -> Result<Part, StoreError> {
    let (header, _) = ChangeHeader::parse(bytes).map_err(DocumentError::from)?;
    let reference = document.reference();
    let fields = document.effects(bytes)?;
    Ok(Part {
        document: reference,
        created: header.deps == keyrack_document::Document::genesis(reference).heads(),
        fields: fields
            .into_iter()
            .map(|field| HistoryField {
                key: field.key.to_owned(),
                before: field.before,
                after: field.after,
            })
            .collect(),
    })
}
