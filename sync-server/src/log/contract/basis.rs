//! The clauses about what a judgement rests on.

use super::{Ground, head, operation, stored};
use crate::log::{
    Appended, Basis, Log, Mark, Page,
    review::{Cause, Decider, Outcome, RoleChange, Step},
};
use keyrack_model::{
    action::Sequence, ids::LogEpoch, policy::Role, time::Timestamp, wire::KnownPlace,
};
use uuid::Uuid;

pub(super) async fn what_was_judged_before_is_not_taken_for_new<L: Log>(log: &L, ground: Ground) {
    let (entries, refused) = ([ground.entry(1)], [ground.refused(2)]);
    let appended = log
        .append(ground.hotel, Basis::end(Sequence(0)), &entries, &refused)
        .await;
    assert_eq!(appended.unwrap(), Appended::Stored { last: Sequence(1) });
    let append = async |number, unknown: &[u128], refuse: bool| {
        let unknown: Vec<_> = unknown.iter().map(|number| operation(*number)).collect();
        let basis = Basis {
            unknown: &unknown,
            ..Basis::end(Sequence(1))
        };
        let (entry, refused) = ([ground.entry(number)], [ground.refused(number)]);
        let appended = match refuse {
            true => log.append(ground.hotel, basis, &[], &refused).await,
            false => log.append(ground.hotel, basis, &entry, &[]).await,
        };
        appended.unwrap()
    };
    for known in [&[1][..], &[2], &[3, 2], &[1, 3]] {
        assert_eq!(append(3, known, false).await, Appended::Known, "{known:?}");
        assert_eq!(append(3, known, true).await, Appended::Known, "{known:?}");
    }
    assert_eq!(head(log, ground).await, 1);
    let asked = [operation(3)];
    assert_eq!(log.verdicts(ground.hotel, &asked).await.unwrap(), []);
    // What another hotel judged is nobody's business here.
    let other = Ground {
        hotel: ground.other_hotel,
        user: ground.other_user,
        device: ground.other_device,
        ..ground
    };
    let unknown = [operation(1)];
    let basis = Basis {
        unknown: &unknown,
        ..Basis::end(Sequence(0))
    };
    super::bind(log, other).await;
    let appended = log.append(other.hotel, basis, &[other.entry(1)], &[]).await;
    assert_eq!(appended.unwrap(), Appended::Stored { last: Sequence(1) });
    let last = Appended::Stored { last: Sequence(2) };
    assert_eq!(append(3, &[3, 4], false).await, last);
}

pub(super) async fn what_rests_on_who_may_do_what_is_stored_while_nothing_of_it_moved<L: Log>(
    log: &L,
    ground: Ground,
) {
    let mark = async || {
        let standing = log.standing(ground.hotel, Timestamp(0)).await.unwrap();
        standing.mark
    };
    let mut known = vec![mark().await];
    let step = |from, to| Step {
        operation: operation(9),
        from,
        to,
        by: Decider::Operator { named: ground.user },
        at: Timestamp(5),
    };
    let change = RoleChange {
        person: ground.user,
        at: Timestamp(10),
        before: Role::Housekeeper,
        after: Some(Role::Supervisor),
    };
    log.note_role_change(ground.hotel, change).await.unwrap();
    known.push(mark().await);
    let now = Timestamp(30);
    log.distrust(ground.hotel, ground.device, now)
        .await
        .unwrap();
    known.push(mark().await);
    let kept = [ground.kept(9, Cause::RoleChanged)];
    let before = Basis::end(Sequence(head(log, ground).await));
    let appended = log.append(ground.hotel, before, &[], &kept).await;
    appended.unwrap();
    known.push(mark().await);
    for (from, to) in [
        (Outcome::Waiting, Outcome::Approving),
        (Outcome::Approving, Outcome::Waiting),
        (Outcome::Waiting, Outcome::Declined),
    ] {
        assert!(log.decide(ground.hotel, step(from, to)).await.unwrap());
        known.push(mark().await);
    }
    let present = known.pop().unwrap();
    // The log tells of the device.
    let end = Sequence(head(log, ground).await);
    known.push(Mark {
        epoch: LogEpoch(Uuid::from_u128(99)),
        ..present
    });
    let append = async |mark| {
        let basis = Basis {
            standing: Some(mark),
            ..Basis::end(end)
        };
        let appended = log
            .append(ground.hotel, basis, &[ground.entry(1)], &[])
            .await;
        appended.unwrap()
    };
    for (index, outdated) in known.into_iter().enumerate() {
        let appended = append(outdated).await;
        assert_eq!(appended, Appended::StandingMoved, "the mark {index}");
    }
    assert_eq!(head(log, ground).await, end.0);
    let last = end.next();
    assert_eq!(append(present).await, Appended::Stored { last });
    // What others append moves nothing of it.
    let more = stored(log, ground, last.0, &[ground.entry(2)]).await;
    assert_eq!(more, last.0 + 1);
    assert_eq!(mark().await, present);
}

pub(super) async fn what_rests_on_the_last_entry_is_stored_while_the_log_ends_with_it<L: Log>(
    log: &L,
    ground: Ground,
) {
    assert_eq!(stored(log, ground, 0, &[ground.entry(1)]).await, 1);
    let page = Page {
        entries: 1,
        bytes: 1 << 20,
    };
    let read = log.read(ground.hotel, Sequence(0), page).await.unwrap();
    let there = KnownPlace::of(&read[0]).unwrap();
    let earlier = there.received_at.map(|at| Timestamp(at.0 - 1));
    let others = [
        KnownPlace {
            operation: operation(2),
            ..there
        },
        KnownPlace {
            received_at: earlier,
            ..there
        },
        KnownPlace {
            sequence: Sequence(0),
            ..there
        },
        KnownPlace {
            sequence: Sequence(2),
            ..there
        },
    ];
    let append = async |last| {
        let basis = Basis {
            last: Some(last),
            ..Basis::end(Sequence(1))
        };
        let appended = log
            .append(ground.hotel, basis, &[ground.entry(2)], &[])
            .await;
        appended.unwrap()
    };
    for other in others {
        assert!(!log.has(ground.hotel, other).await.unwrap(), "{other:?}");
        assert_eq!(append(other).await, Appended::HeadMoved, "{other:?}");
    }
    assert!(!log.has(ground.other_hotel, there).await.unwrap());
    let at_any_time = KnownPlace {
        received_at: None,
        ..there
    };
    assert!(log.has(ground.hotel, at_any_time).await.unwrap());
    assert!(log.has(ground.hotel, there).await.unwrap());
    let last = Appended::Stored { last: Sequence(2) };
    assert_eq!(append(there).await, last);
}
