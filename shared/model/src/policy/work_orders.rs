//! Who may write what of a work order, which hangs on whose it is and how far the work is: read by
//! the plan, by the gate, and by the interface to show what is refused.
//!
//! **Architecture Invariant**: a field is judged by what its author knew of the work order, one field
//! at a time, in the same way wherever it is written: by an edit, an undo or a decision.

use super::{INSPECTORS, Role};
use crate::{
    command::Command,
    ids::UserId,
    refusal::Refusal,
    work_order::{WorkOrder, WorkOrderChange, WorkOrderStatus},
};
use WorkOrderStatus::{Acknowledged, Cancelled, Done, InProgress, OnHold, Open, Verified};

/// Refuses a field of a work order in hands that it is not for. Whoever inspects gives work orders
/// out, ranks them, cancels and verifies them; engineers take on what nobody has, and say how far
/// anything is, as does whoever was given the work; whoever reported it may rank or cancel it until
/// somebody has begun, and say that it is not done after all.
///
/// # Errors
/// `WorkOrderState` for what is verified before it is done, else `NotAllowed`, which names what was
/// asked for.
pub fn allows_edit(
    role: Role,
    user: UserId,
    order: &WorkOrder,
    change: &WorkOrderChange,
) -> Result<(), Refusal> {
    let inspects = INSPECTORS.contains(&role);
    let reported = order.reported_by == Some(user);
    let (is_allowed, right) = match change {
        WorkOrderChange::Status(to) => return allows_step((role, user), order, *to),
        WorkOrderChange::Priority(_) => (
            inspects || reported && !is_begun(order.status),
            "prioritise-work-order",
        ),
        WorkOrderChange::Assignee(person) => (
            inspects || role == Role::Engineer && is_own(user, order.assignee, *person),
            "assign-work-order",
        ),
        WorkOrderChange::Title(_)
        | WorkOrderChange::Description(_)
        | WorkOrderChange::Room(_)
        // Nobody's edit says these: they are written with the work order.
        | WorkOrderChange::ReportedBy(_)
        | WorkOrderChange::ReportedAt(_) => (true, ""),
    };
    allowed_if(is_allowed, right, role)
}

/// Refuses to decide between values of a field of a work order, or to put one back, in hands that
/// could not have written it over each of the others. `standing` is all that is there, also what gave
/// way.
///
/// # Errors
/// `NotAllowed`, in the name of what recalls the value.
pub fn allows_deciding(
    (role, user): (Role, UserId),
    order: &WorkOrder,
    standing: &[WorkOrderChange],
    chosen: &WorkOrderChange,
    command: &Command,
) -> Result<(), Refusal> {
    let may_write_over = |value: &WorkOrderChange| {
        let mut then = order.clone();
        then.apply(value.clone());
        allows_edit(role, user, &then, chosen).is_ok()
    };
    let mut others = standing.iter().filter(|value| *value != chosen);
    let is_allowed = INSPECTORS.contains(&role) || others.all(may_write_over);
    allowed_if(is_allowed, command.name(), role)
}

fn allows_step(
    (role, user): (Role, UserId),
    order: &WorkOrder,
    to: WorkOrderStatus,
) -> Result<(), Refusal> {
    let from = order.status;
    if from == to {
        return Ok(());
    }
    let right = match (from, to) {
        (Verified, _) | (_, Verified) => "verify-work-order",
        (Cancelled, _) | (_, Cancelled) => "cancel-work-order",
        (
            Open | Acknowledged | InProgress | OnHold | Done,
            Open | Acknowledged | InProgress | OnHold | Done,
        ) => "progress-work-order",
    };
    let is_allowed = INSPECTORS.contains(&role)
        || match (from, to) {
            (Verified, _) | (_, Verified) => false,
            (Open | Acknowledged, Cancelled) | (Cancelled | Done, Open | Acknowledged)
                if order.reported_by == Some(user) =>
            {
                true
            }
            (Cancelled, _) | (_, Cancelled) => false,
            (
                Open | Acknowledged | InProgress | OnHold | Done,
                Open | Acknowledged | InProgress | OnHold | Done,
            ) => role == Role::Engineer || order.assignee == Some(user),
        };
    allowed_if(is_allowed, right, role)?;
    if to == Verified && from != Done {
        return Err(Refusal::WorkOrderState { status: from });
    }
    Ok(())
}

/// Whether nobody is pushed aside or sent: what nobody has is taken, what is one's own given back.
fn is_own(user: UserId, from: Option<UserId>, to: Option<UserId>) -> bool {
    [from, to]
        .into_iter()
        .flatten()
        .all(|person| person == user)
}

fn is_begun(status: WorkOrderStatus) -> bool {
    match status {
        Open | Acknowledged | Cancelled => false,
        InProgress | OnHold | Done | Verified => true,
    }
}

fn allowed_if(is_allowed: bool, right: &str, role: Role) -> Result<(), Refusal> {
    if is_allowed {
        return Ok(());
    }
    Err(Refusal::NotAllowed {
        command: right.to_owned(),
        role,
    })
}

#[cfg(test)]
mod tests;
