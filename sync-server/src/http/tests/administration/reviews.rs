//! What waits for a decision: told to whoever decides, and decided in their own name.

use super::*;
use crate::{
    gate::{Author, ReadAction},
    log::{Log, Page},
};
use keyrack_model::{
    action::{Action, LogEntry, Sequence},
    command::Command,
    ids::OperationId,
    limits::REVIEW_PAGE,
    review::{Queue, Reviews, Why},
};

fn approve(operation: OperationId) -> Administration {
    Administration::Approve { operation }
}

fn decline(operation: OperationId) -> Administration {
    Administration::Decline { operation }
}

/// A device at the desk, whose person has another role since a moment ago and does not know it yet.
async fn demoted(office: &Office, name: &str, person: UserId, to: Role) -> pretend::Device {
    let hotel = identity::hotel("resort");
    let log = office.site.hotels.log();
    pretend::open_house(log.as_ref(), hotel).await;
    office.token(name).await;
    let hand = at_desk(office, person, 1).await;
    let (accounts, now) = (&office.site.accounts, Timestamp(NOW));
    let changed = accounts.set_role(hotel, name, to, now);
    assert!(changed.await.unwrap());
    hand
}

async fn demoted_maria(office: &Office) -> pretend::Device {
    demoted(office, "maria", pretend::MARIA, Role::Engineer).await
}

async fn at_desk(office: &Office, person: UserId, number: u128) -> pretend::Device {
    let mut hand = pretend::Device::of(person, number);
    hand.id = Device::numbered(DESK).id;
    let actors = [hand.registration()];
    let log = office.site.hotels.log();
    let hotel = identity::hotel("resort");
    log.register_actors(hotel, hand.id, &actors).await.unwrap();
    hand
}

async fn push(office: &Office, hand: &pretend::Device, action: &Action) -> Verdict {
    let read = vec![ReadAction::of(action.clone())];
    let hotel = identity::hotel("resort");
    let from = Author::People(hand.id);
    let told = office.site.hotels.push(hotel, from, read).await.unwrap();
    told[0].verdict.clone()
}

async fn keep(office: &Office, hand: &mut pretend::Device, value: Cleanliness) -> Action {
    let action = hand.mark(value);
    let told = push(office, hand, &action).await;
    assert_eq!(told, Verdict::Refused(Refusal::UnderReview));
    action
}

#[track_caller]
fn kept(administered: Administered) -> Reviews {
    match administered {
        Administered::Kept(reviews) => reviews,
        other => panic!("no reviews: {other:?}"),
    }
}

async fn listed(office: &Office) -> Reviews {
    kept(office.done("ana", &Administration::Reviews).await)
}

fn operations(queue: &Queue) -> Vec<OperationId> {
    queue.first.iter().map(|review| review.operation).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_is_told_why_something_waits_and_decides_in_their_own_name() {
    let office = Office::open().await;
    let mut hand = demoted_maria(&office).await;
    let clean = keep(&office, &mut hand, Cleanliness::Clean).await;
    let pickup = keep(&office, &mut hand, Cleanliness::Pickup).await;
    let (approved, declined) = (clean.operation, pickup.operation);
    for name in ["rui", "maria"] {
        for asked in [
            Administration::Reviews,
            approve(approved),
            decline(declined),
        ] {
            check_not_allowed(&office.ask(name, &asked).await);
        }
    }

    let reviews = listed(&office).await;
    assert_eq!(reviews.set_aside, Queue::default());
    assert_eq!(operations(&reviews.waiting), [approved, declined]);
    assert_eq!(reviews.waiting.in_all, 2);
    let first = &reviews.waiting.first[0];
    assert_eq!(first.command, clean.command);
    assert_eq!((first.author, first.device), (pretend::MARIA, hand.id));
    assert_eq!((first.at, first.role), (hand.at, Some(Role::Housekeeper)));
    let to = Some(Role::Engineer);
    assert_eq!(first.why, Why::RoleChanged { to });

    let decided = office.done("ana", &approve(approved)).await;
    assert_eq!(decided, Administered::Done);
    let decided = office.done("ines", &decline(declined)).await;
    assert_eq!(decided, Administered::Done);
    assert_eq!(listed(&office).await, Reviews::default());
    for asked in [approve(approved), decline(approved), approve(declined)] {
        let late = office.ask("ana", &asked).await;
        assert_eq!((late.status, late.code()), (400, "bad-request".into()));
    }

    let (ana, ines) = (office.id("ana").await, office.id("ines").await);
    let page = Page {
        entries: 100,
        bytes: 1 << 20,
    };
    let log = office.site.hotels.log();
    let hotel = identity::hotel("resort");
    let entries = log.read(hotel, Sequence(0), page).await.unwrap();
    let approvals = entries.iter().filter_map(LogEntry::action);
    let approvals = approvals.filter_map(|action| match &action.command {
        Command::Approved(approval) => Some((action.operation, approval.approver)),
        _ => None,
    });
    assert_eq!(approvals.collect::<Vec<_>>(), [(approved, ana)]);
    let told = push(&office, &hand, &pickup).await;
    assert_eq!(told, Verdict::Refused(Refusal::Declined));

    // Each in the name of the session's person, on their device.
    let asked = Administration::ReadAudit { before: None };
    let Administered::Audit(audit) = office.done("ana", &asked).await else {
        panic!("no audit log");
    };
    let decisions = audit.iter().filter(|it| it.event.starts_with("review-"));
    let hands: Vec<_> = decisions
        .map(|it| (&*it.event, it.actor, it.device, it.person))
        .collect();
    let (desk, maria) = (Some(Device::numbered(DESK).id), Some(pretend::MARIA));
    assert_eq!(
        hands,
        [
            ("review-declined", Some(ines), desk, maria),
            ("review-approved", Some(ana), desk, maria),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_decides_on_their_own_work_nor_on_what_is_set_aside() {
    let office = Office::open().await;
    let mut hand = demoted_maria(&office).await;
    let own = keep(&office, &mut hand, Cleanliness::Clean).await.operation;
    let (accounts, now) = (&office.site.accounts, Timestamp(NOW));
    let hotel = identity::hotel("resort");
    let promoted = accounts.set_role(hotel, "maria", Role::Manager, now);
    assert!(promoted.await.unwrap());
    for asked in [approve(own), decline(own)] {
        check_not_allowed(&office.ask("maria", &asked).await);
    }

    accounts.dismiss(hotel, "maria", now).await.unwrap();
    let late = hand.mark(Cleanliness::Dirty);
    let told = push(&office, &hand, &late).await;
    assert_eq!(told, Verdict::Refused(Refusal::Quarantined));
    let reviews = listed(&office).await;
    let why = |queue: &Queue| queue.first.iter().map(|it| it.why).collect::<Vec<_>>();
    assert_eq!(why(&reviews.waiting), [Why::RoleChanged { to: None }]);
    assert_eq!(why(&reviews.set_aside), [Why::Dismissed]);
    assert_eq!(reviews.set_aside.in_all, 1);
    for asked in [
        approve(own),
        approve(late.operation),
        decline(late.operation),
    ] {
        let refused = office.ask("ana", &asked).await;
        assert_eq!(
            (refused.status, refused.code()),
            (400, "bad-request".into())
        );
    }
    assert_eq!(listed(&office).await, reviews);
    office.done("ana", &decline(own)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_carried_out_says_why_and_waits_on() {
    let office = Office::open().await;
    let mut rui = demoted(&office, "rui", pretend::RUI, Role::Housekeeper).await;
    // The hotel knows of no such stay.
    let stay = pretend::GUEST;
    let out = rui.ask(Command::CheckOut { stay }).unwrap();
    let told = push(&office, &rui, &out).await;
    assert_eq!(told, Verdict::Refused(Refusal::UnderReview));
    let decided = office.done("ana", &approve(out.operation)).await;
    assert_eq!(decided, Administered::NotPossible(Refusal::NotFound));
    assert_eq!(operations(&listed(&office).await.waiting), [out.operation]);
    office.done("ana", &decline(out.operation)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_names_the_oldest_and_counts_the_others_and_tells_no_other_hotel() {
    let office = Office::open().await;
    let mut hand = demoted_maria(&office).await;
    let mut asked = Vec::new();
    for number in 0..=REVIEW_PAGE {
        let value = match number % 2 {
            0 => Cleanliness::Clean,
            _ => Cleanliness::Pickup,
        };
        asked.push(keep(&office, &mut hand, value).await.operation);
    }
    let waiting = listed(&office).await.waiting;
    assert_eq!(operations(&waiting), asked[..REVIEW_PAGE]);
    assert_eq!(waiting.in_all, asked.len() as u64);

    take_on(&office.site, "city", "vera", Role::Admin).await;
    let desk = Device::numbered(DESK);
    let answer = office
        .site
        .sign_in(&desk, "city", "vera", "vera-keyrack")
        .await;
    let (vera, _) = answer.tokens();
    let seen = ask(&office.site, &vera, &Administration::Reviews).await;
    assert_eq!(kept(done(&seen)), Reviews::default());
    for asked in [approve(asked[0]), decline(asked[0])] {
        let refused = ask(&office.site, &vera, &asked).await;
        assert_eq!(
            (refused.status, refused.code()),
            (400, "bad-request".into())
        );
    }
    assert_eq!(listed(&office).await.waiting, waiting);
}
