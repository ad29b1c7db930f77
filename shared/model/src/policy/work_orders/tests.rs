//! Each role and each hand, at each stage of a work order.

use super::*;
use crate::{ids::WorkOrderId, work_order::Priority};
use uuid::Uuid;

const REPORTER: UserId = UserId(Uuid::from_u128(1));
const HAS_IT: UserId = UserId(Uuid::from_u128(2));
const OTHER: UserId = UserId(Uuid::from_u128(3));

const PEOPLE: [Role; 6] = [
    Role::Admin,
    Role::Manager,
    Role::Supervisor,
    Role::FrontDesk,
    Role::Housekeeper,
    Role::Engineer,
];

fn order(status: WorkOrderStatus) -> WorkOrder {
    WorkOrder {
        status,
        reported_by: Some(REPORTER),
        assignee: Some(HAS_IT),
        ..WorkOrder::default()
    }
}

fn unassigned() -> WorkOrder {
    WorkOrder {
        assignee: None,
        ..order(Open)
    }
}

fn is_inspector(role: Role) -> bool {
    INSPECTORS.contains(&role)
}

/// Checks who may write a field, in every role and every hand.
fn check(
    order: &WorkOrder,
    change: &WorkOrderChange,
    right: &str,
    may: impl Fn(Role, UserId) -> bool,
) {
    for role in PEOPLE {
        for user in [REPORTER, HAS_IT, OTHER] {
            let command = right.to_owned();
            let refused = Err(Refusal::NotAllowed { command, role });
            let expected = if may(role, user) { Ok(()) } else { refused };
            let judged = allows_edit(role, user, order, change);
            assert_eq!(judged, expected, "{role} {user:?}: {change:?} of {order:?}");
        }
    }
}

#[test]
fn another_is_given_work_by_who_inspects_and_an_engineer_takes_what_nobody_has() {
    let give = WorkOrderChange::Assignee;
    let right = "assign-work-order";
    check(&unassigned(), &give(Some(OTHER)), right, |role, user| {
        is_inspector(role) || role == Role::Engineer && user == OTHER
    });
    check(&order(Open), &give(Some(OTHER)), right, |role, _| {
        is_inspector(role)
    });
    check(&order(Open), &give(None), right, |role, user| {
        is_inspector(role) || role == Role::Engineer && user == HAS_IT
    });
}

#[test]
fn whoever_reported_it_ranks_and_cancels_it_until_somebody_has_begun() {
    let ranked = WorkOrderChange::Priority(Priority::P1);
    let cancelled = WorkOrderChange::Status(Cancelled);
    for status in WorkOrderStatus::ALL {
        let is_before_work = matches!(status, Open | Acknowledged);
        let order = order(*status);
        check(&order, &ranked, "prioritise-work-order", |role, user| {
            is_inspector(role) || user == REPORTER && !is_begun(*status)
        });
        let right = match status {
            Verified => "verify-work-order",
            _ => "cancel-work-order",
        };
        check(&order, &cancelled, right, |role, user| {
            *status == Cancelled || is_inspector(role) || user == REPORTER && is_before_work
        });
    }
}

#[test]
fn engineers_and_whoever_has_the_work_say_how_far_it_is() {
    let right = "progress-work-order";
    for from in [Open, Acknowledged, InProgress, OnHold, Done] {
        for to in [Acknowledged, InProgress, OnHold, Done] {
            let opens_again = from == Done && to == Acknowledged;
            let step = WorkOrderChange::Status(to);
            check(&order(from), &step, right, |role, user| {
                from == to
                    || is_inspector(role)
                    || role == Role::Engineer
                    || user == HAS_IT
                    || user == REPORTER && opens_again
            });
        }
    }
}

#[test]
fn whoever_reported_it_says_that_it_is_not_done_or_wanted_after_all() {
    let open = WorkOrderChange::Status(Open);
    check(
        &order(Cancelled),
        &open,
        "cancel-work-order",
        |role, user| is_inspector(role) || user == REPORTER,
    );
    let begun = WorkOrderChange::Status(InProgress);
    check(&order(Cancelled), &begun, "cancel-work-order", |role, _| {
        is_inspector(role)
    });
}

#[test]
fn what_is_done_is_verified_and_opened_again_by_an_inspector_alone() {
    let verified = WorkOrderChange::Status(Verified);
    let right = "verify-work-order";
    check(&order(Done), &verified, right, |role, _| is_inspector(role));
    for to in [Open, InProgress, Done, Cancelled] {
        let step = WorkOrderChange::Status(to);
        check(&order(Verified), &step, right, |role, _| is_inspector(role));
    }
    for status in [Open, InProgress, Cancelled] {
        let judged = allows_edit(Role::Manager, OTHER, &order(status), &verified);
        assert_eq!(judged, Err(Refusal::WorkOrderState { status }));
    }
}

#[test]
fn what_it_says_and_where_it_is_are_for_everybody() {
    for change in [
        WorkOrderChange::Title("Tap".into()),
        WorkOrderChange::Description("Drips".into()),
        WorkOrderChange::Room(None),
    ] {
        check(&order(Verified), &change, "", |_, _| true);
    }
}

fn settle() -> Command {
    Command::Settle {
        document: WorkOrderId::default().into(),
        key: "status".into(),
        chosen: Default::default(),
    }
}

fn decides(
    role: Role,
    user: UserId,
    standing: &[WorkOrderChange],
    chosen: &WorkOrderChange,
) -> bool {
    let shown = order(Open);
    let judged = allows_deciding((role, user), &shown, standing, chosen, &settle());
    let command = "settle".to_owned();
    let refused = Err(Refusal::NotAllowed { command, role });
    assert!(judged == Ok(()) || judged == refused, "{judged:?}");
    judged.is_ok()
}

#[test]
fn nobody_but_an_inspector_decides_what_is_verified_or_cancelled() {
    for (standing, chosen, is_for_engineers) in [
        (&[InProgress, Done][..], Done, true),
        (&[Done], Done, true),
        (&[Verified], Verified, true),
        (&[InProgress, Verified], InProgress, false),
        (&[Verified, InProgress], InProgress, false),
        (&[InProgress, Verified], Verified, false),
        (&[Verified], Done, false),
        (&[InProgress, Cancelled], InProgress, false),
        (&[InProgress, Cancelled], Cancelled, false),
    ] {
        let standing: Vec<_> = standing
            .iter()
            .copied()
            .map(WorkOrderChange::Status)
            .collect();
        let chosen = WorkOrderChange::Status(chosen);
        assert_eq!(
            decides(Role::Engineer, OTHER, &standing, &chosen),
            is_for_engineers,
            "{standing:?} {chosen:?}"
        );
        assert!(decides(Role::Supervisor, OTHER, &standing, &chosen));
    }
}

#[test]
fn of_two_who_took_the_same_work_neither_pushes_the_other_aside() {
    let to = |person| WorkOrderChange::Assignee(Some(person));
    let standing = [to(HAS_IT), to(OTHER)];
    for chosen in &standing {
        assert!(!decides(Role::Engineer, HAS_IT, &standing, chosen));
        assert!(decides(Role::Supervisor, REPORTER, &standing, chosen));
    }
}
