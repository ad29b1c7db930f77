//! Each event is told once, by what makes it.

use super::*;
use crate::{
    accounts::{AccountError, Ended, Token},
    gate::{Author, ReadAction},
    heads::Announcements,
    hotel::Hotels,
    log::{Log, postgres::PostgresLog, review::Decider},
    pretend,
    review::Reviews,
};
use keyrack_model::{
    action::Sequence,
    administration::{Administration, IN_THE_NAME_OF, Suspicion},
    cleanliness::Cleanliness,
    ids::{LogEpoch, UserId},
    limits::{AUDIT_FAILED_MILLIS, REFRESH_GRACE_MILLIS, SUSPECTED_MILLIS},
    refusal::Refusal,
    wire::{SignedIn, Verdict},
};
use std::{sync::Arc, time::Duration};

fn after(millis: i64) -> Timestamp {
    Timestamp(NOW.0 + millis)
}

fn read_token(text: &str) -> Token {
    text.parse().unwrap_or_else(|_| panic!("a token"))
}

impl Resort {
    async fn signed_in(&self, name: &str, code: Option<String>) -> SignedIn {
        let asked = sign_in([name, &format!("{name}-keyrack")], DESK, code, NOW);
        self.accounts.sign_in(asked, HERE, NOW).await.unwrap()
    }

    /// What was told after so many entries.
    async fn since(&self, entries: usize) -> Vec<String> {
        self.told().await.split_off(entries)
    }

    async fn tries(&self, name: &str, at: Timestamp) {
        let wrong = sign_in([name, "a guess"], DESK, None, at);
        self.accounts.sign_in(wrong, HERE, at).await.err().unwrap();
    }

    /// The first of them is at work at the desk of a house that is open.
    async fn at_work(&self, maria: UserId) -> (PostgresLog, pretend::Device) {
        let log = PostgresLog::new(self.database.clone(), Announcements::default());
        pretend::open_house(&log, self.hotel).await;
        let code = self.code().await;
        self.signed_in("maria", Some(code)).await;
        let mut device = pretend::Device::of(maria, 1);
        device.id = DESK;
        device.at = after(1_000);
        let actors = [device.registration()];
        let registered = log.register_actors(self.hotel, device.id, &actors);
        registered.await.unwrap();
        (log, device)
    }

    /// Waits until there are so many entries: failed sign-ins are told after they were answered.
    async fn until_told(&self, entries: usize) {
        for _ in 0..1_000 {
            if self.told().await.len() >= entries {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it is not told: {:?}", self.told().await);
    }
}

#[tokio::test]
async fn a_hotel_its_people_and_their_ways_in_are_told_from_the_beginning() {
    let resort = Resort::open().await;
    let code = resort.code().await;
    let signed_in = resort.signed_in("maria", Some(code)).await;
    let token = read_token(&signed_in.token);
    for _ in 0..2 {
        resort.accounts.sign_out(&token, NOW).await.unwrap();
    }
    assert_eq!(
        resort.told().await,
        [
            "hotel-created",
            "person-taken-on housekeeper",
            "device-code-made",
            "device-enrolled desk",
            "signed-in",
            "signed-out",
        ]
    );
    let entries = resort.entries().await;
    let maria = signed_in.person.id;
    let [made, taken_on, _, enrolled, came, went] = &entries[..] else {
        panic!("six entries")
    };
    assert_eq!((made.actor, made.device, made.person), (None, None, None));
    assert_eq!((taken_on.actor, taken_on.person), (None, Some(maria)));
    for entry in [enrolled, came, went] {
        assert_eq!((entry.actor, entry.device), (Some(maria), Some(DESK)));
        assert_eq!(entry.at, NOW);
    }
    let numbers: Vec<u64> = entries.iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
}

#[tokio::test]
async fn a_role_a_password_and_a_farewell_are_told_with_the_sessions_that_they_end() {
    let resort = Resort::open().await;
    let code = resort.code().await;
    resort.signed_in("maria", Some(code)).await;
    let before = resort.told().await.len();
    let (accounts, hotel) = (&resort.accounts, resort.hotel);
    for _ in 0..2 {
        let role = accounts.set_role(hotel, "maria", Role::Supervisor, NOW);
        role.await.unwrap();
    }
    let password = "maria-keyrack".to_owned();
    accounts
        .set_password(hotel, "maria", password, NOW)
        .await
        .unwrap();
    resort.signed_in("maria", None).await;
    accounts.dismiss(hotel, "maria", NOW).await.unwrap();
    assert_eq!(
        resort.since(before).await,
        [
            "role-changed housekeeper → supervisor",
            "password-reset",
            "session-ended password",
            "signed-in",
            "person-dismissed supervisor",
            "session-ended dismissed",
        ]
    );
}

#[tokio::test]
async fn sessions_that_end_for_other_reasons_are_told_with_the_reason() {
    let resort = Resort::open().await;
    let code = resort.code().await;
    resort.signed_in("maria", Some(code)).await;
    for name in ["ana", "rui"] {
        resort.take_on(name, Role::FrontDesk).await;
    }
    let elsewhere = resort.signed_in("ana", None).await;
    resort.signed_in("rui", None).await;
    let beginning = resort.told().await.len();
    let taken = resort.signed_in("maria", None).await;
    let again = ["session-ended signed-in-again", "signed-in"];
    assert_eq!(resort.since(beginning).await, again);
    let before = resort.told().await.len();
    let (accounts, hotel) = (&resort.accounts, resort.hotel);
    let renewal = read_token(&taken.renewal.expect("a renewal").token);
    let next = accounts.refresh(&renewal, NOW).await.unwrap();
    let next = read_token(&next.renewal.token);
    accounts.refresh(&next, NOW).await.unwrap();
    let late = after(REFRESH_GRACE_MILLIS + 1);
    accounts.refresh(&renewal, late).await.err().unwrap();
    let who = accounts
        .authenticate(&read_token(&elsewhere.token), NOW)
        .await
        .unwrap();
    let why = Ended::EndedElsewhere;
    let ended = accounts.end_session(hotel, who.session, why, NOW);
    assert!(ended.await.unwrap());
    accounts.end_sessions_on(hotel, DESK, NOW).await.unwrap();
    assert_eq!(
        resort.since(before).await,
        [
            "session-reused",
            "session-ended ended-elsewhere",
            "session-ended device",
        ]
    );
}

#[tokio::test]
async fn a_device_that_is_trusted_no_longer_and_a_log_that_was_brought_back_are_told() {
    let resort = Resort::open().await;
    let code = resort.code().await;
    resort.signed_in("maria", Some(code)).await;
    let before = resort.told().await.len();
    let log = PostgresLog::new(resort.database.clone(), Announcements::default());
    for _ in 0..2 {
        assert!(log.distrust(resort.hotel, DESK, NOW).await.unwrap());
    }
    let epoch = LogEpoch(Uuid::from_u128(9));
    log.begin_epoch(resort.hotel, epoch, Sequence(1), NOW)
        .await
        .unwrap();
    let told = resort.since(before).await;
    assert_eq!(told, ["device-revoked desk", "log-restored 1"]);
}

#[tokio::test]
async fn a_log_that_was_brought_back_ends_codes_and_no_session() {
    let resort = Resort::open().await;
    let code = resort.code().await;
    let maria = resort.signed_in("maria", Some(code)).await;
    let open = resort.code().await;
    let log = PostgresLog::new(resort.database.clone(), Announcements::default());
    let epoch = LogEpoch(Uuid::from_u128(9));
    log.begin_epoch(resort.hotel, epoch, Sequence(1), NOW)
        .await
        .unwrap();
    let laptop = DeviceId(Uuid::from_u128(2));
    let asked = sign_in(MARIA, laptop, Some(open), NOW);
    let refused = resort.accounts.sign_in(asked, HERE, NOW).await;
    assert!(matches!(refused, Err(AccountError::NotEnrolled)));
    let token = read_token(&maria.token);
    resort.accounts.authenticate(&token, NOW).await.unwrap();
    // All of it was done before the database was started.
    let whole_until = log.whole_until(resort.hotel, Sequence(1)).await.unwrap();
    assert_eq!(whole_until, Some(NOW));
}

#[tokio::test]
async fn failures_before_a_right_password_are_told_although_the_device_kept_it_out() {
    let resort = Resort::open().await;
    let code = resort.code().await;
    resort.signed_in("maria", Some(code)).await;
    let before = resort.told().await.len();
    resort.tries("maria", NOW).await;
    resort.until_told(before + 1).await;
    for _ in 0..2 {
        resort.tries("maria", after(1)).await;
    }
    let laptop = DeviceId(Uuid::from_u128(2));
    let asked = sign_in(MARIA, laptop, None, after(1));
    let refused = resort.accounts.sign_in(asked, HERE, after(1)).await;
    assert!(matches!(refused, Err(AccountError::NotEnrolled)));
    resort.signed_in("maria", None).await;
    assert_eq!(
        resort.since(before).await,
        [
            "sign-in-failed 1",
            "sign-in-failed 3",
            "session-ended signed-in-again",
            "signed-in"
        ]
    );
}

#[tokio::test]
async fn guesses_are_told_once_a_minute_and_those_before_a_success_with_it() {
    let resort = Resort::open().await;
    let code = resort.code().await;
    resort.signed_in("maria", Some(code)).await;
    let before = resort.told().await.len();
    resort.tries("maria", NOW).await;
    resort.until_told(before + 1).await;
    for _ in 0..3 {
        resort.tries("maria", after(1)).await;
    }
    resort.signed_in("maria", None).await;
    assert_eq!(
        resort.since(before).await,
        [
            "sign-in-failed 1",
            "sign-in-failed 3",
            "session-ended signed-in-again",
            "signed-in"
        ]
    );
    resort.tries("maria", after(2)).await;
    resort.tries("maria", after(AUDIT_FAILED_MILLIS)).await;
    resort.until_told(before + 5).await;
    let told = resort.since(before + 4).await;
    assert_eq!(told, ["sign-in-failed 2"]);
    let entries = resort.entries().await;
    let last = entries.last().expect("an entry");
    assert!(last.person.is_some() && last.actor.is_none());
}

#[tokio::test]
async fn names_that_nobody_has_are_counted_together_and_named_nowhere() {
    let resort = Resort::open().await;
    let before = resort.told().await.len();
    resort.tries("nobody", NOW).await;
    resort.until_told(before + 1).await;
    for name in ["somebody", "anybody", "whoever"] {
        resort.tries(name, after(1)).await;
    }
    resort.tries("everybody", after(AUDIT_FAILED_MILLIS)).await;
    resort.until_told(before + 2).await;
    let told = resort.since(before).await;
    assert_eq!(told, ["sign-in-failed 1", "sign-in-failed 4"]);
    let entries = resort.entries().await;
    assert!(entries[before..].iter().all(|entry| entry.person.is_none()));
}

#[tokio::test]
async fn what_somebody_has_no_right_to_is_told_with_their_name_and_once_a_minute() {
    let resort = Resort::open().await;
    let code = resort.code().await;
    let signed_in = resort.signed_in("maria", Some(code)).await;
    let accounts = &resort.accounts;
    let token = read_token(&signed_in.token);
    let who = accounts.authenticate(&token, NOW).await.unwrap();
    let before = resort.told().await.len();
    let asks = async |at| {
        let asked = Administration::MakeDeviceCode;
        let refused = accounts.administer(&who, HERE, &asked, at).await;
        assert!(matches!(refused, Err(AccountError::NotAllowed(_))));
    };
    for millis in 0..4 {
        asks(after(millis)).await;
    }
    assert_eq!(resort.since(before).await, ["administration-refused 1"]);
    asks(after(AUDIT_FAILED_MILLIS)).await;
    let told = resort.since(before + 1).await;
    assert_eq!(told, ["administration-refused 4"]);
    // What somebody may is told by what it does.
    let look = Administration::Look;
    accounts.administer(&who, HERE, &look, NOW).await.unwrap();
    let entries = resort.entries().await;
    assert_eq!(entries.len(), before + 2);
    for entry in &entries[before..] {
        let maria = signed_in.person.id;
        assert_eq!((entry.actor, entry.person), (Some(maria), None));
        assert_eq!(entry.device, Some(DESK));
    }
}

#[tokio::test]
async fn work_that_looks_like_an_attack_is_told_once_an_hour_without_what_was_in_it() {
    let resort = Resort::open().await;
    let log = PostgresLog::new(resort.database.clone(), Announcements::default());
    let clock = Arc::new(std::sync::atomic::AtomicI64::new(NOW.0));
    let time = clock.clone();
    let now = move || Timestamp(time.load(std::sync::atomic::Ordering::Relaxed));
    let hotels = Hotels::new(Arc::new(log), Arc::new(now));
    let before = resort.told().await.len();
    let suspect = async |person, suspicion| {
        hotels
            .suspect(resort.hotel, (DESK, person), suspicion)
            .await;
    };
    let maria = resort.entries().await.iter().find_map(|entry| entry.person);
    for suspicion in [
        Suspicion::Signature,
        Suspicion::Signature,
        Suspicion::ForgedActor,
    ] {
        suspect(maria, suspicion).await;
    }
    let told = ["work-refused signature", "work-refused forged-actor"];
    assert_eq!(resort.since(before).await, told);
    let entry = &resort.entries().await[before];
    assert_eq!((entry.actor, entry.device), (maria, Some(DESK)));
    clock.fetch_add(SUSPECTED_MILLIS, std::sync::atomic::Ordering::Relaxed);
    suspect(None, Suspicion::Signature).await;
    assert_eq!(resort.since(before + 2).await, told[..1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_decided_under_review_is_told_once_with_who_did_it_and_who_decided() {
    let resort = Resort::open().await;
    resort.take_on("ana", Role::Manager).await;
    let entries = resort.entries().await.into_iter();
    let people: Vec<_> = entries.filter_map(|entry| entry.person).collect();
    let [maria, ana] = people[..] else {
        panic!("two people are taken on");
    };
    let hotel = resort.hotel;
    let (log, mut device) = resort.at_work(maria).await;
    let role = resort
        .accounts
        .set_role(hotel, "maria", Role::Engineer, after(2_000));
    role.await.unwrap();
    let hotels = Hotels::new(Arc::new(log), Arc::new(|| after(3_000)));
    let (clean, pickup) = (
        device.mark(Cleanliness::Clean),
        device.mark(Cleanliness::Pickup),
    );
    for action in [&clean, &pickup] {
        let read = vec![ReadAction::of(action.clone())];
        let from = Author::People(device.id);
        let told = hotels.push(hotel, from, read).await.unwrap();
        let under_review = Verdict::Refused(Refusal::UnderReview);
        assert_eq!(told[0].verdict, under_review);
    }
    let kept = [&clean, &pickup].map(|it| format!("work-under-review {}", it.operation));
    let before = resort.told().await.len();
    assert_eq!(resort.since(before - kept.len()).await, kept);

    let reviews = Reviews::of(&hotels, hotel);
    let operator = Decider::Operator { named: ana };
    let signed_in = Decider::SignedIn {
        person: ana,
        device: DESK,
    };
    reviews.approve(clean.operation, operator).await.unwrap();
    reviews.decline(pickup.operation, signed_in).await.unwrap();
    for action in [&clean, &pickup] {
        reviews
            .approve(action.operation, signed_in)
            .await
            .unwrap_err();
        reviews
            .decline(action.operation, operator)
            .await
            .unwrap_err();
    }
    let told = resort.since(before).await;
    let approved = format!("review-approved {}{IN_THE_NAME_OF}{ana}", clean.operation);
    let declined = format!("review-declined {}", pickup.operation);
    assert_eq!(told, [approved, declined]);
    let entries = resort.entries().await;
    let entries = entries[before..].iter();
    let hands: Vec<_> = entries
        .map(|entry| (entry.actor, entry.device, entry.person))
        .collect();
    // Nobody has checked that it was the person whom the operator named.
    let by_operator = (None, None, Some(maria));
    assert_eq!(hands, [by_operator, (Some(ana), Some(DESK), Some(maria))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_comes_too_late_is_told_once_with_whose_it_is_and_where_it_was_done() {
    let resort = Resort::open().await;
    let entries = resort.entries().await;
    let maria = entries.iter().find_map(|entry| entry.person).unwrap();
    let (log, mut device) = resort.at_work(maria).await;
    let hotel = resort.hotel;
    let dismissed = resort.accounts.dismiss(hotel, "maria", after(2_000));
    dismissed.await.unwrap();
    let hotels = Hotels::new(Arc::new(log), Arc::new(|| after(3_000)));
    let before = resort.told().await.len();
    let late = device.mark(Cleanliness::Clean);
    for _ in 0..2 {
        let read = vec![ReadAction::of(late.clone())];
        let told = hotels.push(hotel, Author::People(device.id), read).await;
        let set_aside = Verdict::Refused(Refusal::Quarantined);
        assert_eq!(told.unwrap()[0].verdict, set_aside);
    }
    let told = format!("work-quarantined {}", late.operation);
    assert_eq!(resort.since(before).await, [told]);
    let entry = &resort.entries().await[before];
    let hands = (entry.actor, entry.device, entry.person);
    assert_eq!(hands, (Some(maria), Some(DESK), Some(maria)));
    assert_eq!(entry.at, after(3_000));
}
