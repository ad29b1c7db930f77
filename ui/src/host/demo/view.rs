//! What plans ask of the demo's house.

use super::house::{Done, House};
use keyrack_model::{
    change::Entity,
    ids::{DocumentRef, OperationId, RoomId, StayId, TaskId},
    plan::{PastAction, View},
    stay::{Stay, StayStatus},
    task::Task,
    time::BusinessDate,
};
use std::convert::Infallible;

impl View for House {
    type Error = Infallible;

    fn entity(&self, document: DocumentRef) -> Result<Option<Entity>, Infallible> {
        Ok(self.entities.get(&document).cloned())
    }

    fn stays_in_house(&self, room: RoomId) -> Result<Vec<(StayId, Stay)>, Infallible> {
        let stays = self
            .entities
            .iter()
            .filter_map(|(document, entity)| match entity {
                Entity::Stay(stay) => Some((StayId(document.id.0), stay)),
                _ => None,
            });
        Ok(stays
            .filter(|(_, stay)| stay.room == Some(room) && stay.status == StayStatus::InHouse)
            .map(|(id, stay)| (id, stay.clone()))
            .collect())
    }

    fn open_tasks(
        &self,
        room: RoomId,
        date: BusinessDate,
    ) -> Result<Vec<(TaskId, Task)>, Infallible> {
        let tasks = self
            .entities
            .iter()
            .filter_map(|(document, entity)| match entity {
                Entity::Task(task) => Some((TaskId(document.id.0), task)),
                _ => None,
            });
        Ok(tasks
            .filter(|(_, task)| {
                task.room == Some(room) && task.business_date == date && task.status.is_open()
            })
            .map(|(id, task)| (id, task.clone()))
            .collect())
    }

    fn past_action(&self, operation: OperationId) -> Result<Option<PastAction>, Infallible> {
        let done = self.done.iter().find(|done| done.operation == operation);
        Ok(done.map(|done| done.past.clone()))
    }

    /// The demo's only conflict is about cleanliness, where every mark is a new one.
    fn is_contested(&self, _: DocumentRef, _: &str) -> Result<bool, Infallible> {
        Ok(false)
    }

    fn writers(&self, document: DocumentRef, key: &str) -> Result<Vec<OperationId>, Infallible> {
        Ok(last_writer(&self.done, document, key))
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
