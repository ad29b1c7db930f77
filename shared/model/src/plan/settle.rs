//! Deciding what several people wrote into one field at the same time.

use super::{
    Context, Planned, Planner, Unplanned, View,
    inspections::may_inspect,
    recall::{once_more, said_anew},
};
use crate::{
    change::{Change, Entity},
    cleanliness::{CleanlinessMark, MarkCause},
    command::Command,
    field::FieldValue,
    hotel::HotelChange,
    ids::{DocumentRef, OperationId},
    one_line::check_one_line,
    policy::{allows, allows_deciding},
    refusal::Refusal,
    room::RoomChange,
    task::TaskChange,
};

impl<V: View> Planner<'_, V> {
    /// What the chosen action wrote is written once more, over all that stands there. Whoever may do
    /// what that action did may choose it.
    pub(super) fn settle(
        &self,
        document: DocumentRef,
        key: &str,
        chosen: OperationId,
        command: &Command,
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
        let change = change.ok_or(Refusal::NotFound)?;
        let standing = self.standing(document, key, &writers)?;
        let shown = shown.as_ref();
        check_decided(self.context, shown, &standing, &change, command)?;
        Ok(vec![change])
    }

    /// What stands in a field: the value that is shown, and what each of its writers wrote.
    fn standing(
        &self,
        document: DocumentRef,
        key: &str,
        writers: &[OperationId],
    ) -> Result<Vec<FieldValue>, Unplanned<V::Error>> {
        let shown = self.view.entity(document).map_err(Unplanned::Unread)?;
        let mut standing: Vec<_> = shown.and_then(|it| it.field(key)).into_iter().collect();
        for writer in writers {
            let past = self.view.past_action(*writer).map_err(Unplanned::Unread)?;
            let effects = past.into_iter().flat_map(|past| past.effects);
            let of_field = effects.filter(|it| it.document == document && it.key == key);
            standing.extend(of_field.map(|effect| effect.after));
        }
        Ok(standing)
    }
}

/// Refuses to make a value hold, or to put it back, that could not be written anew, or over what
/// stands there in hands that could not have written it. `shown` is the document as whoever decides sees it.
pub(crate) fn check_decided(
    context: Context,
    shown: Option<&Entity>,
    standing: &[FieldValue],
    change: &Change,
    command: &Command,
) -> Result<(), Refusal> {
    match (change, shown) {
        (Change::WorkOrder(_, chosen), Some(Entity::WorkOrder(order))) => {
            let value = |value| match Change::from_field(change.document(), change.key(), value)? {
                Change::WorkOrder(_, value) => Some(value),
                _ => None,
            };
            let standing: Vec<_> = standing.iter().filter_map(value).collect();
            let hand = (context.role, context.author);
            allows_deciding(hand, order, &standing, chosen, command)
        }
        (Change::Task(task, TaskChange::Outcome(_)), _) => may_inspect(context.role, *task),
        (Change::Hotel(_, HotelChange::Name(name)), _) => check_one_line("name", name),
        _ => Ok(()),
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
