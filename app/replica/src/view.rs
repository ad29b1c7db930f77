//! What a plan may ask of this replica, answered from its rows.

use crate::{
    documents,
    error::StoreError,
    store::{actions, history, lines, rows},
};
use keyrack_model::{
    change::Entity,
    command::Command,
    ids::{DocumentKind, DocumentRef, OperationId, RoomId, UserId},
    plan::{Effect, PastAction, View},
};
use rusqlite::Connection;

pub(crate) struct StoreView<'a>(pub(crate) &'a Connection);

impl View for StoreView<'_> {
    type Error = StoreError;

    fn entity(&self, document: DocumentRef) -> Result<Option<Entity>, StoreError> {
        Ok(rows::find(self.0, document.id)?.map(|row| row.entity))
    }

    fn about_room(
        &self,
        room: RoomId,
        kind: DocumentKind,
    ) -> Result<Vec<(DocumentRef, Entity)>, StoreError> {
        let rows = rows::current_in_room(self.0, kind, room)?;
        Ok(rows
            .into_iter()
            .map(|row| (row.document, row.entity))
            .collect())
    }

    fn past_action(&self, operation: OperationId) -> Result<Option<PastAction>, StoreError> {
        let Some((command, author)) = command_of(self.0, operation)? else {
            return Ok(None);
        };
        // Of one that is not here as a whole nothing can be undone: it would be torn.
        let Some(parts) = history::whole_of_operation(self.0, operation)? else {
            return Ok(None);
        };
        let mut effects = Vec::new();
        for (document, part) in parts {
            effects.extend(part.fields.into_iter().map(|field| Effect {
                document,
                created: part.created,
                key: field.key,
                before: field.before,
                after: field.after,
            }));
        }
        Ok(Some(PastAction {
            command,
            author,
            effects,
        }))
    }

    fn asked(&self, operation: OperationId) -> Result<Option<Command>, StoreError> {
        Ok(command_of(self.0, operation)?.map(|(command, _)| command))
    }

    fn is_contested(&self, document: DocumentRef, key: &str) -> Result<bool, StoreError> {
        let row = rows::find(self.0, document.id)?;
        Ok(row.is_some_and(|row| row.conflicts.iter().any(|conflict| conflict.key == key)))
    }

    fn writers(&self, document: DocumentRef, key: &str) -> Result<Vec<OperationId>, StoreError> {
        let (document, _) = documents::load(self.0, document)?;
        Ok(document.writers(key))
    }

    fn writers_before(
        &self,
        document: DocumentRef,
        key: &str,
        operation: OperationId,
    ) -> Result<Option<Vec<OperationId>>, StoreError> {
        let (document, _) = documents::load(self.0, document)?;
        Ok(document.writers_before(key, operation))
    }

    fn writers_after(
        &self,
        document: DocumentRef,
        key: &str,
        operation: OperationId,
    ) -> Result<Vec<OperationId>, StoreError> {
        let (document, _) = documents::load(self.0, document)?;
        Ok(document.writers_after(key, operation))
    }

    /// Imports run on the server only; a device treats every value as somebody's.
    fn written_by_person(&self, _: DocumentRef, _: &str) -> Result<bool, StoreError> {
        Ok(true)
    }
}

/// What an action said and who did it, whether its changes are here or the server told of it.
fn command_of(
    db: &Connection,
    operation: OperationId,
) -> Result<Option<(Command, UserId)>, StoreError> {
    if let Some(action) = actions::find(db, operation)? {
        return Ok(Some((action.command, action.author)));
    }
    let line = lines::of_operation(db, operation)?;
    Ok(line.map(|line| (line.command, line.author)))
}
