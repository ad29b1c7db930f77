//! What plans ask of the demo's house.

use super::house::{Done, House};
use keyrack_model::{
    change::Entity,
    ids::{DocumentKind, DocumentRef, OperationId, RoomId},
    plan::{PastAction, View},
    rows::RowKeys,
};
use std::convert::Infallible;

impl View for House {
    type Error = Infallible;

    fn entity(&self, document: DocumentRef) -> Result<Option<Entity>, Infallible> {
        Ok(self.entities.get(&document).cloned())
    }

    fn about_room(
        &self,
        room: RoomId,
        kind: DocumentKind,
    ) -> Result<Vec<(DocumentRef, Entity)>, Infallible> {
        let entities = self.entities.iter();
        Ok(entities
            .filter(|(document, entity)| {
                document.kind == kind && RowKeys::of(entity).subject == Some(room.0)
            })
            .map(|(document, entity)| (*document, entity.clone()))
            .collect())
    }

    fn past_action(&self, operation: OperationId) -> Result<Option<PastAction>, Infallible> {
        let done = self.done.iter().find(|done| done.operation == operation);
        Ok(done.map(|done| done.past.clone()))
    }

    fn is_contested(&self, document: DocumentRef, key: &str) -> Result<bool, Infallible> {
        Ok(self.contest(document, key).is_some())
    }

    fn writers(&self, document: DocumentRef, key: &str) -> Result<Vec<OperationId>, Infallible> {
        Ok(match self.contest(document, key) {
            Some(conflict) => std::iter::once(&conflict.shown)
                .chain(&conflict.gave_way)
                .map(|side| side.operation)
                .collect(),
            None => last_writer(&self.done, document, key),
        })
    }

    fn writers_before(
        &self,
        document: DocumentRef,
        key: &str,
        operation: OperationId,
    ) -> Result<Option<Vec<OperationId>>, Infallible> {
        let place = self
            .done
            .iter()
            .position(|done| done.operation == operation);
        let Some((before, [done, ..])) = place.map(|place| self.done.split_at(place)) else {
            return Ok(None);
        };
        let mut effects = done.past.effects.iter();
        let is_made = effects.any(|effect| effect.document == document && effect.created);
        Ok((!is_made).then(|| last_writer(before, document, key)))
    }

    fn written_by_person(&self, _: DocumentRef, _: &str) -> Result<bool, Infallible> {
        Ok(true)
    }
}

/// Of what was done in this order.
fn last_writer(done: &[Done], document: DocumentRef, key: &str) -> Vec<OperationId> {
    let wrote = |past: &PastAction| {
        let mut effects = past.effects.iter();
        effects.any(|effect| effect.document == document && effect.key == key)
    };
    let last = done.iter().rev().find(|done| wrote(&done.past));
    last.map(|done| done.operation).into_iter().collect()
}
