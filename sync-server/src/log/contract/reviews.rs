//! The clauses about what is kept for people to decide on.

use super::{ALL, Ground, operation};
use crate::log::{
    Basis, Log, Page, Refused, StoredVerdict,
    review::{Amount, Cause, Decider, Outcome, Review, RoleChange, Step, kept_size},
};
use keyrack_model::{
    action::{LogEntry, Sequence},
    class::GuestNames,
    ids::DeviceId,
    policy::Role,
    record::{Payload, Record},
    refusal::Refusal,
    time::Timestamp,
};
use uuid::Uuid;

pub(super) async fn what_is_kept_waits_in_order_until_it_is_decided<L: Log>(
    log: &L,
    ground: Ground,
) {
    let refused = [
        ground.kept(3, Cause::RoleChanged),
        ground.kept(1, Cause::Dismissed),
        ground.kept(2, Cause::Distrusted),
    ];
    keep(log, ground, &refused).await;
    let found = log.reviews(ground.hotel).await.unwrap();
    let expected = refused.each_ref().map(|refused| Review {
        kept: (**refused.kept.as_ref().unwrap()).clone(),
        device: refused.device,
        received_at: refused.received_at,
        outcome: Outcome::Waiting,
    });
    assert_eq!(found, expected);
    let one = log.review(ground.hotel, operation(1)).await.unwrap();
    assert_eq!(one.as_ref(), Some(&expected[1]));
    assert_eq!(log.review(ground.hotel, operation(9)).await.unwrap(), None);
    let size = kept_size(&expected[0].kept.action);
    let standing = log.standing(ground.hotel, Timestamp(0)).await.unwrap();
    let amount = |actions| Amount {
        actions,
        bytes: actions * size,
    };
    assert_eq!(standing.kept.reviews.all, amount(1));
    assert_eq!(standing.kept.quarantined.all, amount(2));
    let share = standing
        .kept
        .quarantined
        .shares
        .get(&(ground.device, ground.user));
    assert_eq!(share, Some(&amount(2)));
    // Made again under its operation, it takes its own place.
    let again = Refused {
        digest: [9; 32],
        ..ground.kept(1, Cause::RoleChanged)
    };
    keep(log, ground, &[again]).await;
    let found = log.reviews(ground.hotel).await.unwrap();
    assert_eq!(found.len(), 3);
    let causes = found.iter().map(|review| review.kept.cause);
    assert_eq!(causes.filter(|it| *it == Cause::RoleChanged).count(), 2);
}

pub(super) async fn a_decision_is_taken_once<L: Log>(log: &L, ground: Ground) {
    use Outcome::{Approved, Approving, Declined, Waiting};
    let kept = [1, 2].map(|number| ground.kept(number, Cause::RoleChanged));
    keep(log, ground, &kept).await;
    let step = async |number, from, to| {
        let step = Step {
            operation: operation(number),
            from,
            to,
            by: Decider::Operator { named: ground.user },
            at: Timestamp(5),
        };
        log.decide(ground.hotel, step).await
    };
    assert!(step(1, Waiting, Declined).await.unwrap());
    assert_eq!(log.review(ground.hotel, operation(1)).await.unwrap(), None);
    for (from, to) in [
        (Waiting, Declined),
        (Waiting, Approving),
        (Approving, Approved),
    ] {
        assert!(!step(1, from, to).await.unwrap(), "{from} to {to}");
    }
    let verdicts = log.verdicts(ground.hotel, &[operation(1)]).await.unwrap();
    let declined = StoredVerdict::Refused {
        operation: operation(1),
        digest: kept[0].digest,
        refusal: Refusal::Declined,
    };
    assert_eq!(verdicts, [declined]);
    assert!(step(2, Waiting, Approving).await.unwrap());
    assert!(!step(2, Waiting, Declined).await.unwrap());
    // Nothing takes the place of what is being carried out.
    keep(log, ground, &[ground.kept(2, Cause::Dismissed)]).await;
    let found = log.reviews(ground.hotel).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].outcome, Approving);
    assert_eq!(found[0].kept.cause, Cause::RoleChanged);
    assert!(step(2, Approving, Waiting).await.unwrap());
    assert!(step(2, Waiting, Approving).await.unwrap());
    assert!(step(2, Approving, Approved).await.unwrap());
    assert_eq!(log.reviews(ground.hotel).await.unwrap(), []);
    assert!(step(2, Approved, Waiting).await.is_err());
    assert!(!step(9, Waiting, Approving).await.unwrap());
}

/// `keep` says whether who the guests are may be on the ground's device, as a manager would.
pub async fn somebody_is_served_as_their_device_may_be<L: Log>(
    log: &L,
    ground: Ground,
    keep: impl AsyncFn(GuestNames),
) {
    let on = async |device| {
        let served = log.served_as(ground.hotel, ground.user, device).await;
        served.unwrap().map(|served| served.guests)
    };
    let nowhere = DeviceId(Uuid::from_u128(77));
    assert_eq!(on(ground.device).await, Some(GuestNames::Shown));
    for guests in [GuestNames::KeptOff, GuestNames::Shown, GuestNames::KeptOff] {
        keep(guests).await;
        assert_eq!(on(ground.device).await, Some(guests));
        assert_eq!(on(nowhere).await, Some(GuestNames::Shown), "another device");
    }
    // Where it is not trusted any more, its record still says it.
    let distrusted = log.distrust(ground.hotel, ground.device, Timestamp(9));
    assert!(distrusted.await.unwrap());
    let told = log.read(ground.hotel, Sequence(0), ALL).await.unwrap();
    let last = told.iter().rev().find_map(LogEntry::record);
    let device = last.and_then(Record::device).unwrap();
    assert_eq!(device.guests, GuestNames::KeptOff);
}

pub(super) async fn who_was_what_and_what_is_not_trusted_is_known<L: Log>(log: &L, ground: Ground) {
    let change = |at, before, after| RoleChange {
        person: ground.user,
        at: Timestamp(at),
        before,
        after,
    };
    let changes = [
        change(10, Role::Housekeeper, Some(Role::Supervisor)),
        change(20, Role::Supervisor, None),
    ];
    for change in changes {
        log.note_role_change(ground.hotel, change).await.unwrap();
    }
    let standing = log.standing(ground.hotel, Timestamp(9)).await.unwrap();
    assert_eq!(standing.changes, changes);
    assert_eq!(standing.distrusted, []);
    let later = log.standing(ground.hotel, Timestamp(10)).await.unwrap();
    assert_eq!(later.changes, changes[1..]);
    let now = Timestamp(30);
    // One that is not there may be known to nobody.
    let nowhere = DeviceId(Uuid::from_u128(77));
    log.distrust(ground.other_hotel, nowhere, now)
        .await
        .unwrap();
    let serves = async |device| {
        let role = log.served_as(ground.hotel, ground.user, device).await;
        role.unwrap().is_some()
    };
    assert!(serves(ground.device).await);
    for _ in 0..2 {
        assert!(
            log.distrust(ground.hotel, ground.device, now)
                .await
                .unwrap()
        );
    }
    let standing = log.standing(ground.hotel, now).await.unwrap();
    assert_eq!(standing.distrusted, [ground.device]);
    assert!(!serves(ground.device).await);
    assert!(serves(nowhere).await, "another device");
    let nobody = log.served_as(ground.hotel, ground.other_user, nowhere);
    assert_eq!(nobody.await.unwrap(), None);
    // The log tells of it, once.
    let page = Page {
        entries: 10,
        bytes: 1 << 20,
    };
    let told = log.read(ground.hotel, Sequence(0), page).await.unwrap();
    let told: Vec<_> = told.iter().filter_map(LogEntry::record).collect();
    let [Record { payload, .. }] = told[..] else {
        panic!("{told:?}");
    };
    assert!(matches!(payload, Payload::Device(device) if device.revoked));
}

async fn keep<L: Log>(log: &L, ground: Ground, refused: &[Refused]) {
    let appended = log
        .append(ground.hotel, Basis::end(Sequence(0)), &[], refused)
        .await;
    appended.unwrap();
}
