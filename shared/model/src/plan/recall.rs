//! What may be written once more when an earlier action is recalled: put back by an undo, or chosen
//! by whoever settles what several people wrote.
//!
//! **Architecture Invariant**: nothing that only moves forward goes back by it, and it makes no room
//! inspected in the hands of those who could not say so.

use super::{Context, Effect, PastAction};
use crate::{
    change::{Change, Entity},
    cleanliness::{Cleanliness, CleanlinessMark},
    command::Command,
    field::{FieldType, FieldValue},
    hotel::HotelChange,
    ids::{DocumentRef, RoomId},
    policy::{Role, allows},
    refusal::Refusal,
    room::RoomChange,
    rule_sheet::RuleSheetChange,
};

/// The change that writes a value into a field once more; None for what this version does not know,
/// for the business date, which only moves forward, and for the scope that a sheet is of for ever.
pub(crate) fn once_more(document: DocumentRef, key: &str, value: &FieldValue) -> Option<Change> {
    match Change::from_field(document, key, value)? {
        Change::Hotel(_, HotelChange::BusinessDate(_))
        | Change::RuleSheet(_, RuleSheetChange::Scope(_)) => None,
        change => Some(change),
    }
}

/// What was chosen, said of what is shown there: a mark is of the turn that the room is in, as any
/// that a person makes, whatever turn it was first made in.
///
/// # Errors
/// A room is inspected if somebody says so who may.
pub(crate) fn said_anew(
    chosen: &Effect,
    shown: Option<&Entity>,
    role: Role,
) -> Result<Effect, Refusal> {
    let mut said = chosen.clone();
    if let Some((id, mark)) = mark_in(chosen, &chosen.after) {
        check_inspects(role, id, mark)?;
        if let Some(Entity::Room(room)) = shown {
            let turn = room.cleanliness.turn;
            said.after = CleanlinessMark { turn, ..mark }.to_value();
        }
    }
    Ok(said)
}

/// Refuses to put an inspection back over what somebody else found in its turn, in hands that do not
/// inspect. One's own slip is taken back all the same, and so is what began another turn: that said
/// nothing against the inspection.
pub(crate) fn check_put_back(
    context: Context,
    past: &PastAction,
    effect: &Effect,
) -> Result<(), Refusal> {
    let Some((room, before)) = mark_in(effect, &effect.before) else {
        return Ok(());
    };
    let after = mark_in(effect, &effect.after);
    let began_a_turn = after.is_some_and(|(_, after)| after.turn.is_after(before.turn));
    if past.author == context.author || began_a_turn {
        return Ok(());
    }
    check_inspects(context.role, room, before)
}

/// A value of an effect, as the mark of a room that it is.
fn mark_in(effect: &Effect, value: &FieldValue) -> Option<(RoomId, CleanlinessMark)> {
    match Change::from_field(effect.document, &effect.key, value)? {
        Change::Room(room, RoomChange::Cleanliness(mark)) => Some((room, mark)),
        _ => None,
    }
}

fn check_inspects(role: Role, room: RoomId, mark: CleanlinessMark) -> Result<(), Refusal> {
    if mark.value != Cleanliness::Inspected {
        return Ok(());
    }
    let inspect = Command::SetCleanliness {
        rooms: vec![room],
        value: mark.value,
    };
    allows(role, &inspect)
}
