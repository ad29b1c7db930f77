//! What every log must do: one suite, run on each implementation.

#![allow(clippy::unwrap_used, reason = "it is a test wherever it runs")]

use super::{
    Appended, Basis, Log, LogError, NewEntry, Page, Refused, StoredVerdict,
    review::{Cause, Standing},
    stored_size,
};
use keyrack_model::{
    action::Sequence,
    ids::{ActorId, DeviceId, HotelId, LogEpoch, UserId},
    policy::Role,
    rows::Person,
    time::Timestamp,
    wire::ActorRegistration,
};
use sample::{operation, own_document, shared_document};
use uuid::Uuid;

mod basis;
mod grants;
mod records;
pub mod reviews;
mod sample;

/// What a store must hold before the suite begins: two hotels with one person and one device
/// each, and empty logs.
#[derive(Clone, Copy, Debug)]
pub struct Ground {
    pub hotel: HotelId,
    pub user: UserId,
    pub device: DeviceId,
    pub other_hotel: HotelId,
    pub other_user: UserId,
    pub other_device: DeviceId,
    /// Only for logs that do not make their own.
    pub epoch: LogEpoch,
}

impl Ground {
    pub fn sample() -> Self {
        let id = Uuid::from_u128;
        Self {
            hotel: HotelId(id(1)),
            user: UserId(id(2)),
            device: DeviceId(id(3)),
            other_hotel: HotelId(id(4)),
            other_user: UserId(id(5)),
            other_device: DeviceId(id(6)),
            epoch: LogEpoch(id(7)),
        }
    }

    /// The person of each hotel.
    pub fn people(&self) -> [(HotelId, Person); 2] {
        let person = |id, name: &str| Person {
            id,
            name: name.into(),
            display: name.into(),
            role: Role::Housekeeper,
            left: false,
        };
        [
            (self.hotel, person(self.user, "maria")),
            (self.other_hotel, person(self.other_user, "paulo")),
        ]
    }
}

/// The actor of every entry.
const ACTOR: ActorId = ActorId(Uuid::from_u128(1));

const ALL: Page = Page {
    entries: 1_000,
    bytes: 1 << 20,
};

/// Runs every clause, each on a log that `make` returns with its ground.
pub async fn holds<L: Log>(make: impl AsyncFn() -> (L, Ground)) {
    let (log, ground) = fresh(&make).await;
    sequences_have_no_gap_and_entries_read_back_as_they_were_stored(&log, ground).await;
    let (log, ground) = fresh(&make).await;
    an_append_on_an_outdated_head_stores_nothing(&log, ground).await;
    let (log, ground) = fresh(&make).await;
    appends_at_the_same_head_store_one_of_them(&log, ground).await;
    let (log, ground) = fresh(&make).await;
    basis::what_was_judged_before_is_not_taken_for_new(&log, ground).await;
    let (log, ground) = fresh(&make).await;
    basis::what_rests_on_who_may_do_what_is_stored_while_nothing_of_it_moved(&log, ground).await;
    let (log, ground) = fresh(&make).await;
    basis::what_rests_on_the_last_entry_is_stored_while_the_log_ends_with_it(&log, ground).await;
    let (log, ground) = fresh(&make).await;
    a_page_ends_at_its_bounds_and_never_before_its_first_entry(&log, ground).await;
    let (log, ground) = fresh(&make).await;
    a_verdict_is_repeated_and_acceptance_follows_a_refusal(&log, ground).await;
    let (log, ground) = fresh(&make).await;
    a_change_or_operation_that_is_there_is_not_stored_again(&log, ground).await;
    let (log, ground) = fresh(&make).await;
    changes_of_a_document_come_in_log_order(&log, ground).await;
    let (log, ground) = fresh(&make).await;
    the_first_binding_of_an_actor_stays(&log, ground).await;
    let (log, ground) = fresh(&make).await;
    an_epoch_shares_with_an_earlier_one_what_all_since_then_share(&log, ground).await;
    let (log, ground) = fresh(&make).await;
    reviews::what_is_kept_waits_in_order_until_it_is_decided(&log, ground).await;
    let (log, ground) = fresh(&make).await;
    reviews::a_decision_is_taken_once(&log, ground).await;
    let (log, ground) = fresh(&make).await;
    reviews::who_was_what_and_what_is_not_trusted_is_known(&log, ground).await;
    let (log, ground) = fresh(&make).await;
    grants::a_role_that_changes_is_remembered_as_the_device_knew_it(&log, ground).await;
    let (log, ground) = fresh(&make).await;
    grants::what_a_device_is_told_often_is_written_down_now_and_then(&log, ground).await;
    let (log, ground) = fresh(&make).await;
    records::records_stand_among_actions_in_one_order(&log, ground).await;
    let (log, ground) = fresh(&make).await;
    records::a_version_is_stored_once_and_has_a_verdict(&log, ground).await;
    let (log, ground) = fresh(&make).await;
    records::what_is_erased_is_gone_from_every_version(&log, ground).await;
    let (log, ground) = fresh(&make).await;
    a_hotel_sees_nothing_of_another(&log, ground).await;
    let (log, ground) = fresh(&make).await;
    a_hotel_that_is_not_there_is_named(&log, ground).await;
}

/// A log in which the actor of every entry is bound.
async fn fresh<L: Log>(make: &impl AsyncFn() -> (L, Ground)) -> (L, Ground) {
    let (log, ground) = make().await;
    bind(&log, ground).await;
    (log, ground)
}

async fn bind<L: Log>(log: &L, ground: Ground) {
    let actor = ActorRegistration {
        actor: ACTOR,
        user: ground.user,
    };
    let clashes = log
        .register_actors(ground.hotel, ground.device, &[actor])
        .await
        .unwrap();
    assert_eq!(clashes, []);
}

async fn sequences_have_no_gap_and_entries_read_back_as_they_were_stored<L: Log>(
    log: &L,
    ground: Ground,
) {
    assert_eq!(head(log, ground).await, 0);
    let first = [ground.entry(1), ground.entry(2)];
    let last = stored(log, ground, 0, &first).await;
    assert_eq!(last, 2);
    assert_eq!(stored(log, ground, 2, &[ground.entry(3)]).await, 3);
    assert_eq!(head(log, ground).await, 3);
    let entries = log.read(ground.hotel, Sequence(0), ALL).await.unwrap();
    let numbers: Vec<u64> = entries.iter().map(|entry| entry.sequence.0).collect();
    assert_eq!(numbers, [1, 2, 3]);
    for (entry, number) in entries.iter().zip(1..) {
        let sent = ground.entry(number);
        assert_eq!(*entry, sent.at(Sequence(number as u64)));
    }
    let rest = log.read(ground.hotel, Sequence(2), ALL).await.unwrap();
    assert_eq!(rest.len(), 1);
    let none = log.read(ground.hotel, Sequence(3), ALL).await.unwrap();
    assert!(none.is_empty());
    let people = log.people(ground.hotel).await.unwrap();
    assert_eq!(people, [ground.people()[0].1.clone()]);
}

async fn an_append_on_an_outdated_head_stores_nothing<L: Log>(log: &L, ground: Ground) {
    stored(log, ground, 0, &[ground.entry(1)]).await;
    for expected in [0, 2] {
        let entries = [ground.entry(2)];
        let refused = [ground.refused(3)];
        let appended = log
            .append(
                ground.hotel,
                Basis::end(Sequence(expected)),
                &entries,
                &refused,
            )
            .await
            .unwrap();
        assert_eq!(appended, Appended::HeadMoved);
    }
    assert_eq!(head(log, ground).await, 1);
    let asked = [operation(2), operation(3)];
    let verdicts = log.verdicts(ground.hotel, &asked).await.unwrap();
    assert_eq!(verdicts, []);
}

async fn appends_at_the_same_head_store_one_of_them<L: Log>(log: &L, ground: Ground) {
    let (one, two) = ([ground.entry(1)], [ground.entry(2)]);
    let (one, two) = futures_util::future::join(
        log.append(ground.hotel, Basis::end(Sequence(0)), &one, &[]),
        log.append(ground.hotel, Basis::end(Sequence(0)), &two, &[]),
    )
    .await;
    let outcomes = [one.unwrap(), two.unwrap()];
    assert!(outcomes.contains(&Appended::Stored { last: Sequence(1) }));
    assert!(outcomes.contains(&Appended::HeadMoved));
    assert_eq!(head(log, ground).await, 1);
}

async fn a_page_ends_at_its_bounds_and_never_before_its_first_entry<L: Log>(
    log: &L,
    ground: Ground,
) {
    let entries: Vec<_> = (1..=5).map(|number| ground.entry(number)).collect();
    stored(log, ground, 0, &entries).await;
    let all = log.read(ground.hotel, Sequence(0), ALL).await.unwrap();
    let read = async |entries, bytes| {
        let page = Page { entries, bytes };
        let page = log.read(ground.hotel, Sequence(1), page).await.unwrap();
        page.len()
    };
    assert_eq!(read(2, 1 << 20).await, 2);
    assert_eq!(read(100, 1).await, 1);
    let two: usize = all[1..3].iter().map(stored_size).sum();
    let bounded = read(100, two + 1).await;
    assert!((1..=2).contains(&bounded), "{bounded} entries in the page");
}

async fn a_verdict_is_repeated_and_acceptance_follows_a_refusal<L: Log>(log: &L, ground: Ground) {
    let appended = log
        .append(
            ground.hotel,
            Basis::end(Sequence(0)),
            &[ground.entry(1)],
            &[ground.refused(2)],
        )
        .await
        .unwrap();
    assert_eq!(appended, Appended::Stored { last: Sequence(1) });
    let accepted = |number, sequence| StoredVerdict::Accepted {
        operation: operation(number),
        sequence: Sequence(sequence),
        received_at: ground.entry(number).received_at,
    };
    let refused = StoredVerdict::Refused {
        operation: operation(2),
        digest: ground.refused(2).digest,
        refusal: ground.refused(2).refusal,
    };
    let asked = [operation(1), operation(2), operation(2), operation(9)];
    let found = sorted(log.verdicts(ground.hotel, &asked).await.unwrap());
    assert_eq!(found, [accepted(1, 1), refused]);

    let other = Refused {
        digest: [9; 32],
        ..ground.refused(2)
    };
    log.append(ground.hotel, Basis::end(Sequence(1)), &[], &[other])
        .await
        .unwrap();
    let found = log.verdicts(ground.hotel, &[operation(2)]).await.unwrap();
    assert!(matches!(found[..], [StoredVerdict::Refused { digest, .. }] if digest == [9; 32]));

    stored(log, ground, 1, &[ground.entry(2)]).await;
    let found = log.verdicts(ground.hotel, &[operation(2)]).await.unwrap();
    assert_eq!(found, [accepted(2, 2)]);
}

async fn a_change_or_operation_that_is_there_is_not_stored_again<L: Log>(log: &L, ground: Ground) {
    stored(log, ground, 0, &[ground.entry(1)]).await;
    let mut same_hash = ground.entry(2);
    same_hash.changes[0].hash = ground.entry(1).changes[0].hash;
    let mut same_place = ground.entry(2);
    same_place.changes[0].seq = 1;
    let mut same_operation = ground.entry(2);
    same_operation.action.operation = operation(1);
    for entry in [same_hash, same_place, same_operation] {
        let appended = log
            .append(
                ground.hotel,
                Basis::end(Sequence(1)),
                &[ground.entry(3), entry],
                &[ground.refused(4)],
            )
            .await;
        assert!(
            matches!(appended, Err(LogError::Taken)),
            "stored: {appended:?}"
        );
    }
    assert_eq!(head(log, ground).await, 1);
    let asked = [operation(3), operation(4)];
    assert_eq!(log.verdicts(ground.hotel, &asked).await.unwrap(), []);
    assert_eq!(stored(log, ground, 1, &[ground.entry(2)]).await, 2);
}

async fn changes_of_a_document_come_in_log_order<L: Log>(log: &L, ground: Ground) {
    let entries: Vec<_> = (1..=20).map(|number| ground.entry(number)).collect();
    stored(log, ground, 0, &entries).await;
    // Every entry changes a document of its own and the one that all share.
    let asked = [shared_document(), own_document(3), own_document(99)];
    let changes = log.document_changes(ground.hotel, &asked).await.unwrap();
    let of = |document| -> Vec<&[u8]> {
        let changes = changes.iter().filter(|change| change.document == document);
        changes.map(|change| &change.bytes[..]).collect()
    };
    let expected: Vec<Vec<u8>> = (1..=20)
        .map(|number| ground.entry(number).action.changes[0].bytes.clone())
        .collect();
    assert_eq!(of(shared_document()), expected);
    assert_eq!(of(own_document(3)), [&b"own 3"[..]]);
    assert_eq!(changes.len(), 21);
}

async fn the_first_binding_of_an_actor_stays<L: Log>(log: &L, ground: Ground) {
    let actors = [1, 2].map(|number| ActorRegistration {
        actor: ActorId(Uuid::from_u128(number)),
        user: ground.user,
    });
    for _ in 0..2 {
        let clashes = log
            .register_actors(ground.hotel, ground.device, &actors)
            .await
            .unwrap();
        assert_eq!(clashes, []);
    }
    let stolen = log
        .register_actors(
            ground.hotel,
            DeviceId(Uuid::from_u128(77)),
            &[
                actors[0],
                ActorRegistration {
                    actor: ActorId(Uuid::from_u128(3)),
                    user: ground.user,
                },
            ],
        )
        .await;
    // A device that is not enrolled may be refused altogether.
    if let Ok(clashes) = stolen {
        assert_eq!(clashes, [actors[0].actor]);
    }
    let given_away = ActorRegistration {
        user: UserId(Uuid::from_u128(78)),
        ..actors[1]
    };
    if let Ok(clashes) = log
        .register_actors(ground.hotel, ground.device, &[given_away])
        .await
    {
        assert_eq!(clashes, [actors[1].actor]);
    }
    let asked = [
        actors[0].actor,
        actors[1].actor,
        ActorId(Uuid::from_u128(9)),
    ];
    let mut bindings = log.actors(ground.hotel, &asked).await.unwrap();
    bindings.sort_by_key(|binding| binding.actor);
    assert_eq!(bindings.len(), 2);
    for (binding, registration) in bindings.iter().zip(actors) {
        assert_eq!(binding.actor, registration.actor);
        assert_eq!(binding.user, ground.user);
        assert_eq!(binding.device, ground.device);
    }
}

async fn an_epoch_shares_with_an_earlier_one_what_all_since_then_share<L: Log>(
    log: &L,
    ground: Ground,
) {
    let entries: Vec<_> = (1..=5).map(|number| ground.entry(number)).collect();
    stored(log, ground, 0, &entries).await;
    let first = log.head(ground.hotel).await.unwrap();
    assert_eq!(first.restored_at, None);
    let epochs = [11, 12, 13].map(|number| LogEpoch(Uuid::from_u128(number)));
    for ((epoch, shared), at) in epochs.into_iter().zip([3, 2, 4]).zip(1_000..) {
        let (shared, at) = (Sequence(shared), Timestamp(at));
        let begun = log.begin_epoch(ground.hotel, epoch, shared, at).await;
        let begun = begun.unwrap();
        assert_eq!(begun, log.head(ground.hotel).await.unwrap());
        assert_eq!((begun.epoch, begun.restored_at), (epoch, Some(at)));
        assert_eq!(begun.sequence, Sequence(5));
    }
    let known = [first.epoch, epochs[0], epochs[1], epochs[2]];
    for (epoch, shared) in known.into_iter().zip([2, 2, 4, 5]) {
        let found = log.shared_with(ground.hotel, epoch).await.unwrap();
        assert_eq!(found, Some(Sequence(shared)), "{epoch:?}");
    }
    let unknown = LogEpoch(Uuid::from_u128(99));
    let found = log.shared_with(ground.hotel, unknown).await.unwrap();
    assert_eq!(found, None);
    let found = log
        .shared_with(ground.other_hotel, epochs[0])
        .await
        .unwrap();
    assert_eq!(found, None, "another hotel's epoch");
}

async fn a_hotel_sees_nothing_of_another<L: Log>(log: &L, ground: Ground) {
    stored(log, ground, 0, &[ground.entry(1)]).await;
    let kept = [ground.kept(9, Cause::RoleChanged)];
    let appended = log
        .append(ground.hotel, Basis::end(Sequence(1)), &[], &kept)
        .await;
    appended.unwrap();
    let other = Ground {
        hotel: ground.other_hotel,
        user: ground.other_user,
        device: ground.other_device,
        ..ground
    };
    assert_eq!(head(log, other).await, 0);
    let entries = log.read(other.hotel, Sequence(0), ALL).await.unwrap();
    assert!(entries.is_empty());
    let changes = log
        .document_changes(other.hotel, &[shared_document()])
        .await
        .unwrap();
    assert_eq!(changes, []);
    let verdicts = log.verdicts(other.hotel, &[operation(1)]).await.unwrap();
    assert_eq!(verdicts, []);
    assert_eq!(log.actors(other.hotel, &[ACTOR]).await.unwrap(), []);
    let people = log.people(other.hotel).await.unwrap();
    assert_eq!(people, [ground.people()[1].1.clone()]);
    assert_eq!(log.reviews(other.hotel).await.unwrap(), []);
    let standing = log.standing(other.hotel, Timestamp(0)).await.unwrap();
    let expected = Standing {
        mark: standing.mark,
        ..Standing::of(&[ground.people()[1].1.clone()])
    };
    assert_eq!(standing, expected);
    // The same names are free in the other hotel.
    bind(log, other).await;
    assert_eq!(stored(log, other, 0, &[other.entry(1)]).await, 1);
}

async fn a_hotel_that_is_not_there_is_named<L: Log>(log: &L, ground: Ground) {
    let nowhere = HotelId(Uuid::from_u128(99));
    assert!(matches!(
        log.head(nowhere).await,
        Err(LogError::UnknownHotel)
    ));
    let appended = log
        .append(nowhere, Basis::end(Sequence(0)), &[ground.entry(1)], &[])
        .await;
    assert!(matches!(appended, Err(LogError::UnknownHotel)));
}

async fn head<L: Log>(log: &L, ground: Ground) -> u64 {
    log.head(ground.hotel).await.unwrap().sequence.0
}

/// Appends and returns the last sequence.
async fn stored<L: Log>(log: &L, ground: Ground, expected: u64, entries: &[NewEntry]) -> u64 {
    let appended = log
        .append(ground.hotel, Basis::end(Sequence(expected)), entries, &[])
        .await
        .unwrap();
    match appended {
        Appended::Stored { last } => last.0,
        moved => panic!("{moved:?} at {expected}"),
    }
}

fn sorted(mut verdicts: Vec<StoredVerdict>) -> Vec<StoredVerdict> {
    verdicts.sort_by_key(StoredVerdict::operation);
    verdicts
}
