//! One server, two ways to talk to it: every scenario goes through a WebSocket and through requests,
//! and both hear the same.

mod client;

use crate::{
    gate::{Author, ReadAction},
    log::Log,
    pretend::{self, GUEST, NOW},
};
use client::{Client, Greeted, TurnedAway, Way};
use keyrack_model::{
    action::{Action, Content, LogEntry, Sequence},
    class::{Class, Reading},
    cleanliness::Cleanliness,
    command::Command,
    identity,
    ids::{ActorId, HotelId, LogEpoch, UserId},
    limits::{MAX_PUSH_ACTIONS, MAX_PUSH_WEIGHT, MAX_TEXT, OLDEST_PROTOCOL, PROTOCOL},
    policy::Role,
    record::Payload,
    wire::{ActorRegistration, OperationVerdict, Verdict},
    work_order::WorkOrderChange,
};
use uuid::Uuid;

/// The log once somebody has signed in: two people, the house, the device.
const OPENED: u64 = 2 + pretend::OPENED + 1;

/// What came of each step of a scenario.
type Told = Vec<String>;

/// Runs a scenario with a hotel of its own for each way.
async fn both_hear(who: &str, scenario: impl AsyncFn(&mut Client, &mut Told), expected: &[&str]) {
    for way in [Way::Socket, Way::Requests] {
        let (mut client, mut told) = (Client::open(way, who).await, Vec::new());
        scenario(&mut client, &mut told).await;
        assert_eq!(told, expected, "{way:?}");
    }
}

fn resort() -> HotelId {
    identity::hotel("resort")
}

fn verdict(told: &OperationVerdict) -> String {
    match &told.verdict {
        Verdict::Accepted { sequence, .. } => format!("accepted at {}", sequence.0),
        Verdict::Refused(reason) => serde_json::to_string(reason).unwrap(),
        Verdict::RetryAfter { millis } => format!("again after {millis}"),
    }
}

fn verdicts(told: Result<Vec<OperationVerdict>, TurnedAway>) -> Told {
    told.unwrap().iter().map(verdict).collect()
}

fn entry(entry: &LogEntry) -> String {
    let what = match &entry.content {
        Content::Action { action, .. } => action.command.name().to_owned(),
        Content::Record { record, .. } => match &record.payload {
            Payload::Guest(guest) => format!("guest {}", guest.name),
            Payload::Erased => format!("{} erased", record.kind),
            Payload::Person(_) | Payload::Device(_) => record.kind.to_string(),
        },
        Content::Hidden { first, .. } => format!("hidden from {}", first.0),
    };
    format!("{} {what}", entry.sequence.0)
}

fn entries(greeted: &Greeted) -> Told {
    greeted.entries.iter().map(entry).collect()
}

fn code(greeted: Result<Greeted, TurnedAway>) -> String {
    match greeted {
        Ok(greeted) => format!("welcome after {}", greeted.after),
        Err(code) => code,
    }
}

/// Rui does something at another desk.
async fn rui_does(client: &Client, make: impl Fn(&mut pretend::Device) -> Action) {
    let mut rui = pretend::Device::of(pretend::RUI, 9);
    let read = vec![ReadAction::of(make(&mut rui))];
    let from = Author::People(rui.id);
    let told = client.site.hotels.push(resort(), from, read).await.unwrap();
    assert!(verdict(&told[0]).starts_with("accepted"), "{told:?}");
}

/// The nth version of who the guest is.
fn names_guest(version: u64, name: &str) -> impl Fn(&mut pretend::Device) -> Action {
    move |rui| {
        for _ in 0..version {
            rui.operation();
        }
        rui.name_guest(GUEST, version, name)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_accepted_is_told_again_and_comes_in_the_log() {
    both_hear(
        "maria",
        async |maria, told| {
            maria.read_all().await;
            maria.register_hand().await;
            let values = [Cleanliness::Clean, Cleanliness::Pickup];
            let made = values.map(|value| maria.hand.mark(value));
            let first = maria.push(&made).await.unwrap();
            told.extend(first.iter().map(verdict));
            assert_eq!(maria.push(&made).await.unwrap(), first);
            told.extend(verdicts(maria.push(&made[1..]).await));
            let log = maria.read_all().await;
            told.extend(entries(&log).split_off(OPENED as usize));
        },
        &[
            "accepted at 10",
            "accepted at 11",
            "accepted at 11",
            "10 set-cleanliness",
            "11 set-cleanliness",
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_has_the_same_reason_however_often_it_is_sent() {
    both_hear(
        "maria",
        async |maria, told| {
            maria.read_all().await;
            let unbound = [maria.hand.mark(Cleanliness::Clean)];
            told.extend(verdicts(maria.push(&unbound).await));
            maria.register_hand().await;
            let beyond_her = maria.hand.name_guest(GUEST, 0, "Anabela");
            let later = maria.hand.mark(Cleanliness::Pickup);
            for _ in 0..2 {
                let pushed = [beyond_her.clone(), later.clone()];
                told.extend(verdicts(maria.push(&pushed).await));
            }
        },
        &[
            r#"{"Gate":{"reason":"unregistered-actor"}}"#,
            r#"{"NotAllowed":{"command":"edit-guest","role":"housekeeper"}}"#,
            r#"{"Gate":{"reason":"sequence"}}"#,
            r#"{"NotAllowed":{"command":"edit-guest","role":"housekeeper"}}"#,
            r#"{"Gate":{"reason":"sequence"}}"#,
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_a_version_that_is_not_the_present_one_is_refused() {
    both_hear(
        "rui",
        async |rui, told| {
            rui.read_all().await;
            rui.register_hand().await;
            for expected in [0, 0, 1] {
                let edit = rui.hand.name_guest(GUEST, expected, "Anabela");
                told.extend(verdicts(rui.push(&[edit]).await));
            }
        },
        &[
            "accepted at 10",
            r#"{"RecordChanged":{"version":1}}"#,
            "accepted at 11",
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_much_at_once_is_taken_later() {
    both_hear(
        "maria",
        async |maria, told| {
            maria.read_all().await;
            maria.register_hand().await;
            let text = WorkOrderChange::Description("a".repeat(MAX_TEXT));
            let long = maria.hand.edit(vec![text]);
            let short = maria.hand.mark(Cleanliness::Clean);
            // What comes again weighs again.
            let many = 1 + MAX_PUSH_WEIGHT as usize / MAX_TEXT;
            let mut pushed = vec![long; many];
            pushed.push(short.clone());
            let all = verdicts(maria.push(&pushed).await);
            told.extend([all[0].clone(), all[many].clone()]);
            told.extend(verdicts(maria.push(&[short]).await));
        },
        &["accepted at 10", "again after 2000", "accepted at 11"],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lacks_a_class_or_has_more_than_there_is_is_turned_away() {
    both_hear(
        "maria",
        async |maria, told| {
            let log = maria.read_all().await;
            assert_eq!(log.classes, Reading::of(Role::Housekeeper).classes());
            let (epoch, all) = (Some(log.epoch), log.classes);
            let rooms = [Class::Rooms];
            told.push(code(maria.greet(epoch, OPENED, &all).await));
            told.push(code(maria.greet(epoch, OPENED, &rooms).await));
            told.push(code(maria.greet(epoch, 0, &rooms).await));
            told.push(code(maria.greet(epoch, OPENED + 1, &all).await));
            told.push(code(maria.greet(None, 1, &all).await));
            for protocol in [OLDEST_PROTOCOL - 1, PROTOCOL + 1] {
                told.push(code(maria.greet_in(protocol, epoch, 0, &all).await));
            }
        },
        &[
            "welcome after 9",
            "must-refetch",
            "welcome after 0",
            "epoch-changed",
            "epoch-changed",
            "old-protocol",
            "new-protocol",
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_role_does_not_read_is_hidden_in_one_entry() {
    both_hear(
        "maria",
        async |maria, told| {
            rui_does(maria, names_guest(0, "Anabela")).await;
            rui_does(maria, names_guest(1, "Anabela Q.")).await;
            maria.read_all().await;
            maria.register_hand().await;
            let mark = maria.hand.mark(Cleanliness::Clean);
            told.extend(verdicts(maria.push(&[mark]).await));
            let log = maria.read_all().await;
            told.extend(entries(&log).split_off(OPENED as usize));
        },
        &["accepted at 12", "11 hidden from 10", "12 set-cleanliness"],
    )
    .await;
}

/// It was lost: what was done on it is for people to decide on, and it tells its finder nothing new.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_not_trusted_hands_in_what_was_done_and_reads_nothing() {
    both_hear(
        "maria",
        async |maria, told| {
            let log = maria.read_all().await;
            maria.register_hand().await;
            let device = maria.hand.id;
            let distrusted = maria.site.hotels.log().distrust(resort(), device, NOW);
            assert!(distrusted.await.unwrap());
            let accounts = &maria.site.accounts;
            let promoted = accounts.set_role(resort(), "rui", Role::Manager, NOW);
            assert!(promoted.await.unwrap());
            let has: Vec<Class> = Reading::of(Role::Housekeeper).classes();
            let greeted = maria.greet(Some(log.epoch), OPENED, &has).await.unwrap();
            assert_eq!(greeted.classes, []);
            told.extend(entries(&greeted));
            let mark = maria.hand.mark(Cleanliness::Clean);
            told.extend(verdicts(maria.push(&[mark]).await));
        },
        &["11 hidden from 10", r#""Quarantined""#],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_erased_is_gone_for_those_who_read_it_and_told_to_the_others() {
    for who in ["rui", "maria"] {
        both_hear(
            who,
            async |client, told| {
                rui_does(client, names_guest(0, "Anabela")).await;
                let accounts = &client.site.accounts;
                let promoted = accounts.set_role(resort(), "rui", Role::Manager, NOW);
                assert!(promoted.await.unwrap());
                let erase = Command::EraseGuest { stay: GUEST };
                rui_does(client, |rui| {
                    rui.operation();
                    rui.about_guest(erase.clone())
                })
                .await;
                let log = client.read_all().await;
                told.extend(entries(&log).split_off(OPENED as usize));
            },
            &["10 guest erased", "11 person", "12 guest erased"],
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_brought_back_is_read_from_what_is_shared_and_waits_for_what_it_lost() {
    both_hear(
        "maria",
        async |maria, told| {
            let before = maria.read_all().await;
            let restored = LogEpoch(Uuid::from_u128(0xE2));
            let log = maria.site.hotels.log().clone();
            let begun = log.begin_epoch(resort(), restored, Sequence(4), NOW).await;
            assert_eq!(begun.unwrap().epoch, restored);

            let unknown = Some(LogEpoch(Uuid::from_u128(0xE3)));
            for (epoch, cursor) in [
                (Some(before.epoch), OPENED),
                (Some(before.epoch), 2),
                (unknown, 2),
            ] {
                let greeted = maria.greet(epoch, cursor, &before.classes).await.unwrap();
                assert_eq!(greeted.epoch, restored);
                told.push(format!(
                    "after {}: {}",
                    greeted.after,
                    greeted.entries.len()
                ));
            }
            maria.register_hand().await;
            let lost = maria.hand.mark(Cleanliness::Clean);
            let later = maria.hand.mark(Cleanliness::Pickup);
            told.extend(verdicts(maria.push(std::slice::from_ref(&later)).await));
            told.extend(verdicts(maria.push(&[lost, later]).await));
        },
        &[
            "after 4: 5",
            "after 2: 7",
            "after 0: 9",
            "again after 10000",
            "accepted at 10",
            "accepted at 11",
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_keep_to_the_terms_hears_the_same_code() {
    both_hear(
        "maria",
        async |maria, told| {
            maria.read_all().await;
            maria.register_hand().await;
            let mark = maria.hand.mark(Cleanliness::Clean);
            let forged = maria
                .push_signed(std::slice::from_ref(&mark), [9; 32])
                .await;
            told.push(forged.unwrap_err());
            maria.read_all().await;
            let many = vec![mark; MAX_PUSH_ACTIONS + 1];
            told.push(maria.push(&many).await.unwrap_err());
            maria.read_all().await;
            let stranger = ActorRegistration {
                actor: ActorId(Uuid::from_u128(7)),
                user: UserId(Uuid::from_u128(8)),
            };
            maria.register(vec![stranger]).await.unwrap();
            let log = maria.read_all().await;
            told.push(format!("{} entries", log.entries.len()));
        },
        &["device-key", "too-large", "9 entries"],
    )
    .await;
}
