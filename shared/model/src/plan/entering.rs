//! Going into a room that is marked to be left alone, which takes a reason.
//!
//! **Architecture Invariant**: it is asked of somebody who is about to go in, and of nothing that was
//! done before: what a device does again after a refusal, and what somebody approves later, happened
//! whatever the room is marked since. So no plan asks it.

use super::{Unplanned, View, tasks::STARTED_FROM};
use crate::{
    change::Entity,
    command::Command,
    policy::{Role, allows},
    refusal::Refusal,
    room::ServiceStatus,
    task::Task,
};

/// Refuses to go into a marked room without a reason: to start what is to be done there, or to finish
/// a clean at once that nobody is at. Whoever has a reason gives it with
/// [`Enter`](crate::command::WorkCommand::Enter).
///
/// # Errors
/// `KeptOut`; `NotAllowed` of whom the mark is not what keeps them.
pub fn check_going_in<V: View>(
    command: &Command,
    role: Role,
    view: &V,
) -> Result<(), Unplanned<V::Error>> {
    let (Command::StartTask { task } | Command::FinishTask { task }) = command else {
        return Ok(());
    };
    allows(role, command)?;
    // What is not here, or not to be started, is for the plan to refuse.
    let entity = view.entity((*task).into()).map_err(Unplanned::Unread)?;
    let Some(Entity::Task(task)) = entity else {
        return Ok(());
    };
    let is_finished = matches!(command, Command::FinishTask { .. });
    if !STARTED_FROM.contains(&task.status) || (is_finished && !task.kind.cleans()) {
        return Ok(());
    }
    match left_alone(&task, view)? {
        Some(by) => Err(Refusal::KeptOut { by }.into()),
        None => Ok(()),
    }
}

/// How the room of a task is marked, where that is to be left alone.
pub(super) fn left_alone<V: View>(
    task: &Task,
    view: &V,
) -> Result<Option<ServiceStatus>, Unplanned<V::Error>> {
    let Some(room) = task.room else {
        return Ok(None);
    };
    let entity = view.entity(room.into()).map_err(Unplanned::Unread)?;
    Ok(match entity {
        Some(Entity::Room(it)) if it.service_status.keeps_out() => Some(it.service_status),
        _ => None,
    })
}
