//! The clauses about what devices knew of a role that was changed.

use super::{Ground, stored};
use crate::log::{Grant, Log, review::RoleChange};
use keyrack_model::{
    action::Sequence,
    limits::{GRANT_KEPT_MILLIS, GRANT_RENEWED_MILLIS},
    policy::Role,
    time::Timestamp,
};

pub(super) async fn a_role_that_changes_is_remembered_as_the_device_knew_it<L: Log>(
    log: &L,
    ground: Ground,
) {
    change(log, ground, Role::Engineer).await;
    assert_eq!(grants(log, ground, 0).await, [], "it was told nothing");
    told(log, ground, 0, 100).await;
    change(log, ground, Role::Housekeeper).await;
    let known = grant(ground, Role::Housekeeper, 100, None);
    assert_eq!(grants(log, ground, 0).await, [known]);
    // What the device has of the log does not tell of the change yet.
    told(log, ground, 0, 200).await;
    assert_eq!(grants(log, ground, 0).await, [known]);
    stored(log, ground, 0, &[ground.entry(1)]).await;
    let mark = log.standing(ground.hotel, Timestamp(0)).await.unwrap().mark;
    told(log, ground, 1, 300).await;
    let ended = grant(ground, Role::Housekeeper, 100, Some(300));
    assert_eq!(grants(log, ground, 0).await, [ended]);
    let standing = log.standing(ground.hotel, Timestamp(0)).await.unwrap();
    assert_ne!(standing.mark, mark, "what was judged by it is judged again");
    // Once is enough.
    told(log, ground, 1, 400).await;
    assert_eq!(grants(log, ground, 0).await, [ended]);
    assert_eq!(grants(log, ground, GRANT_KEPT_MILLIS + 100).await, []);
    let elsewhere = log
        .standing(ground.other_hotel, Timestamp(0))
        .await
        .unwrap();
    assert_eq!(elsewhere.grants, []);
}

pub(super) async fn what_a_device_is_told_often_is_written_down_now_and_then<L: Log>(
    log: &L,
    ground: Ground,
) {
    for (at, written) in [
        (100, 100),
        (GRANT_RENEWED_MILLIS + 99, 100),
        (GRANT_RENEWED_MILLIS + 100, GRANT_RENEWED_MILLIS + 100),
        // A clock that was set back lengthens nothing.
        (200, 200),
    ] {
        told(log, ground, 0, at).await;
        change(log, ground, Role::Supervisor).await;
        let last = grants(log, ground, 0).await.pop();
        assert_eq!(last, Some(grant(ground, Role::Supervisor, written, None)));
    }
}

fn grant(ground: Ground, role: Role, told_at: i64, ended_at: Option<i64>) -> Grant {
    Grant {
        device: ground.device,
        person: ground.user,
        role,
        told_at: Timestamp(told_at),
        ended_at: ended_at.map(Timestamp),
    }
}

async fn change<L: Log>(log: &L, ground: Ground, before: Role) {
    let change = RoleChange {
        person: ground.user,
        at: Timestamp(1),
        before,
        after: Some(Role::FrontDesk),
    };
    log.note_role_change(ground.hotel, change).await.unwrap();
}

async fn told<L: Log>(log: &L, ground: Ground, up_to: u64, at: i64) {
    log.note_told(ground.hotel, ground.device, Sequence(up_to), Timestamp(at))
        .await
        .unwrap();
}

async fn grants<L: Log>(log: &L, ground: Ground, after: i64) -> Vec<Grant> {
    let standing = log.standing(ground.hotel, Timestamp(after)).await;
    standing.unwrap().grants
}
