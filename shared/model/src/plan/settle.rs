//! Deciding what several people wrote into one field at the same time.

use super::{
    Planned, Planner, Unplanned, View,
    recall::{once_more, said_anew},
};
use crate::{
    change::Change,
    cleanliness::{CleanlinessMark, MarkCause},
    field::FieldValue,
    ids::{DocumentRef, OperationId},
    policy::allows,
    refusal::Refusal,
    room::RoomChange,
};

impl<V: View> Planner<'_, V> {
    /// What the chosen action wrote is written once more, over all that stands there. Whoever may do
    /// what that action did may choose it.
    pub(super) fn settle(
        &self,
        document: DocumentRef,
        key: &str,
        chosen: OperationId,
    ) -> Planned<V> {
        let writers = self.view.writers(document, key);
        let writers = writers.map_err(Unplanned::Unread)?;
        if !self.is_contested(document, key)? || !writers.contains(&chosen) {
            return Err(Refusal::NothingToDo.into());
        }
        let past = self.past(chosen)?;
        allows(self.context.role, &self.first_command(&past)?)?;
        let shown = self.view.entity(document).map_err(Unplanned::Unread)?;
        let anew = |effect| said_anew(effect, shown.as_ref(), self.context.role);
        let mut effects = past.effects.iter();
        let written = effects.find(|effect| effect.document == document && effect.key == key);
        let written = written.map(anew).transpose()?;
        let change = written
            .and_then(|effect| settled(document, key, &effect.after, self.context.operation));
        Ok(vec![change.ok_or(Refusal::NotFound)?])
    }
}

/// The change that makes a value hold; None as in [`once_more`].
pub(crate) fn settled(
    document: DocumentRef,
    key: &str,
    value: &FieldValue,
    operation: OperationId,
) -> Option<Change> {
    let change = once_more(document, key, value)?;
    Some(match change {
        Change::Room(room, RoomChange::Cleanliness(mark)) => Change::Room(
            room,
            RoomChange::Cleanliness(CleanlinessMark {
                cause: MarkCause::Person,
                action: operation,
                ..mark
            }),
        ),
        change => change,
    })
}
