//! A hotel's loop on the log in memory: verdicts, publication, and what happens when the log
//! fails or somebody else writes to it.

use super::*;
use crate::{
    gate::{Claim, Word, read_push},
    log::memory::MemoryLog,
    pretend::*,
};
use failing::{Failing, Stores};
use keyrack_model::{
    action::{Action, LogEntry},
    cleanliness::Cleanliness,
    command::Command,
    ids::ActorId,
    limits::{MAX_DELIVER_ENTRIES, MAX_ROUND_PUSHES},
    policy::Role,
    refusal::{GateReason, Refusal},
    rows::Person,
    wire::Verdict,
    work_order::WorkOrderChange,
};
use std::{
    sync::atomic::{AtomicI64, AtomicUsize, Ordering},
    time::Duration,
};

mod failing;
mod hostile;
mod recalled;

fn clock() -> Clock {
    Arc::new(|| NOW)
}

/// A log with the hotel and its people, and the actors of the devices.
async fn log_with(devices: &[&Device]) -> Arc<MemoryLog> {
    let log: MemoryLog = open_log().await;
    for device in devices {
        let actors = [device.registration()];
        let clashes = log.register_actors(HOTEL, device.id, &actors).await;
        assert_eq!(clashes.unwrap(), []);
    }
    Arc::new(log)
}

async fn push<L: Log>(
    hotels: &Hotels<L>,
    device: &Device,
    actions: &[Action],
) -> Vec<OperationVerdict> {
    let from = Author::People(device.id);
    hotels.push(HOTEL, from, read(actions)).await.unwrap()
}

fn read(actions: &[Action]) -> Vec<ReadAction> {
    actions.iter().cloned().map(ReadAction::of).collect()
}

/// Actions as their authors sent them.
fn given(actions: Vec<Action>) -> Vec<Claim> {
    let given = |action| Claim {
        action,
        word: Word::Given,
    };
    actions.into_iter().map(given).collect()
}

/// The device has heard what the log has up to there.
async fn told(log: &MemoryLog, device: &Device, up_to: u64, at: Timestamp) {
    let up_to = Sequence(up_to);
    log.note_told(HOTEL, device.id, up_to, at).await.unwrap();
}

fn sequences(verdicts: &[OperationVerdict]) -> Vec<u64> {
    let accepted = verdicts.iter().map(|verdict| match verdict.verdict {
        Verdict::Accepted { sequence, .. } => sequence.0 - OPENED,
        ref other => panic!("not accepted: {other:?}"),
    });
    accepted.collect()
}

/// The place of an entry that follows the opening of the house.
fn nth(number: u64) -> Sequence {
    Sequence(OPENED + number)
}

/// Entries after the opening up to the nth, as a session gets them.
async fn received<L: Log>(feed: &mut Feed<L>, last: u64) -> Vec<LogEntry> {
    let last = nth(last).0;
    let mut entries: Vec<LogEntry> = Vec::new();
    while entries.last().is_none_or(|entry| entry.sequence.0 < last) {
        let next = tokio::time::timeout(Duration::from_secs(10), feed.next());
        let delivery = next.await.expect("nothing comes any more").unwrap();
        assert!(delivery.entries().len() <= MAX_DELIVER_ENTRIES);
        entries.extend_from_slice(delivery.entries());
    }
    let numbers: Vec<u64> = entries.iter().map(|entry| entry.sequence.0).collect();
    let first = numbers[0];
    assert_eq!(numbers, (first..=last).collect::<Vec<_>>());
    entries
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_sent_twice_from_everywhere_is_in_the_log_once() {
    let mut maria = Device::of(MARIA, 1);
    let log = log_with(&[&maria]).await;
    let hotels = Hotels::new(log.clone(), clock());
    let actions: Vec<Action> = (0..20).map(|_| maria.mark(Cleanliness::Clean)).collect();
    let (one, two) = futures_util::future::join(
        push(&hotels, &maria, &actions),
        push(&hotels, &maria, &actions),
    )
    .await;
    assert_eq!(sequences(&one), (1..=20).collect::<Vec<_>>());
    assert_eq!(one, two);
    // A server that has just started says the same.
    let restarted = Hotels::new(log.clone(), clock());
    assert_eq!(push(&restarted, &maria, &actions).await, one);
    assert_eq!(log.head(HOTEL).await.unwrap().sequence, nth(20));
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_gets_everything_once_their_own_included_and_reads_the_same() {
    let (mut maria, mut rui) = (Device::of(MARIA, 1), Device::of(RUI, 2));
    let log = log_with(&[&maria, &rui]).await;
    let hotels = Hotels::new(log, clock());
    let mut feeds = [0, 0].map(|after| hotels.follow(HOTEL, nth(after)).unwrap());
    for round in 0..10 {
        let from_maria = vec![
            maria.mark(Cleanliness::Clean),
            maria.mark(Cleanliness::Dirty),
        ];
        let title = format!("Shower drips, {round}");
        let from_rui = vec![rui.edit(vec![WorkOrderChange::Title(title)])];
        let (one, two) = futures_util::future::join(
            push(&hotels, &maria, &from_maria),
            push(&hotels, &rui, &from_rui),
        )
        .await;
        sequences(&one);
        sequences(&two);
    }
    let mut logs = Vec::new();
    for (feed, device) in feeds.iter_mut().zip([&mut maria, &mut rui]) {
        let entries = received(feed, 30).await;
        let actions = entries.iter().filter_map(LogEntry::action);
        actions.for_each(|action| device.receive(action));
        logs.push(entries);
    }
    assert_eq!(logs[0], logs[1]);
    for reference in [ROOM.into(), ORDER.into()] {
        let reading = maria.document(reference).reading();
        assert_eq!(reading, rui.document(reference).reading());
        let on_server = hotels.documents(HOTEL, vec![reference]).await.unwrap();
        assert_eq!(on_server[0].reading(), reading);
    }
    // Whoever comes later begins at their cursor.
    let mut late = hotels.follow(HOTEL, nth(27)).unwrap();
    assert_eq!(received(&mut late, 30).await[..], logs[0][27..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_falls_behind_catches_up_without_a_gap() {
    let mut maria = Device::of(MARIA, 1);
    let log = log_with(&[&maria]).await;
    let hotels = Hotels::new(log, clock());
    let mut slow = hotels.follow(HOTEL, nth(0)).unwrap();
    let action = maria.mark(Cleanliness::Clean);
    push(&hotels, &maria, &[action]).await;
    assert_eq!(received(&mut slow, 1).await.len(), 1);
    // More deliveries than wait for one session.
    let last = 1 + 2 * FEED_QUEUE as u64;
    for _ in 1..last {
        let action = maria.mark(Cleanliness::Clean);
        push(&hotels, &maria, &[action]).await;
    }
    let rest = received(&mut slow, last).await;
    assert_eq!(rest[0].sequence, nth(2));
    // And it is live again.
    let action = maria.mark(Cleanliness::Clean);
    push(&hotels, &maria, &[action]).await;
    assert_eq!(received(&mut slow, last + 1).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_action_leaves_the_others_and_is_judged_anew_when_it_is_made_anew() {
    let mut maria = Device::of(MARIA, 1);
    let mut tomas = Device::of(TOMAS, 2);
    let log = log_with(&[&maria, &tomas]).await;
    let hotels = Hotels::new(log.clone(), clock());
    let beyond = tomas.mark(Cleanliness::Clean);
    let edit = tomas.edit(vec![WorkOrderChange::Title("Drips".into())]);
    let verdicts = push(&hotels, &tomas, &[beyond.clone(), edit]).await;
    assert!(matches!(
        &verdicts[0].verdict,
        Verdict::Refused(Refusal::NotAllowed { .. })
    ));
    assert_eq!(sequences(&verdicts[1..]), [1]);
    // He is a housekeeper from entry 2 on; what was refused stays refused.
    let mut person = people().remove(2);
    person.role = keyrack_model::policy::Role::Housekeeper;
    log.put_person(HOTEL, person, NOW).unwrap();
    let again = push(&hotels, &tomas, std::slice::from_ref(&beyond)).await;
    assert_eq!(again[0], verdicts[0]);
    // The same command on another ground, under another actor and the same operation.
    tomas = Device::of(TOMAS, 2);
    tomas.actor = ActorId(uuid::Uuid::from_u128(0xAC99));
    let actors = [tomas.registration()];
    log.register_actors(HOTEL, tomas.id, &actors).await.unwrap();
    let room = maria.mark(Cleanliness::Dirty);
    assert_eq!(
        sequences(&push(&hotels, &maria, std::slice::from_ref(&room)).await),
        [3]
    );
    tomas.receive(&room);
    let anew = tomas.mark(Cleanliness::Clean);
    assert_eq!(anew.operation, beyond.operation);
    assert_eq!(sequences(&push(&hotels, &tomas, &[anew]).await), [4]);
    assert_eq!(sequences(&push(&hotels, &tomas, &[beyond]).await), [4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_servers_clock_that_is_set_back_costs_no_work_from_before_a_change_of_role() {
    const MINUTE: i64 = 60_000;
    let (mut maria, mut rui) = (Device::of(MARIA, 1), Device::of(RUI, 2));
    let log = log_with(&[&maria, &rui]).await;
    let after = |minutes: i64| NOW.0 + minutes * MINUTE;
    let time = Arc::new(AtomicI64::new(after(24 * 60)));
    let shown = time.clone();
    let hotels = Hotels::new(
        log.clone(),
        Arc::new(move || Timestamp(shown.load(Ordering::Relaxed))),
    );
    let mark = maria.mark(Cleanliness::Clean);
    told(&log, &maria, OPENED, NOW).await;
    log.change_role(HOTEL, MARIA, Role::Engineer, Timestamp(after(1)))
        .unwrap();
    let of_today = [rui.mark(Cleanliness::Dirty)];
    sequences(&push(&hotels, &rui, &of_today).await);

    time.store(after(2), Ordering::Relaxed);
    let judged = push(&hotels, &maria, &[mark]).await;
    assert_eq!(judged[0].verdict, Verdict::Refused(Refusal::UnderReview));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_in_an_earlier_role_is_looked_at_until_the_device_has_heard_of_the_change() {
    let mut maria = Device::of(MARIA, 1);
    let mut elsewhere = Device::of(MARIA, 2);
    let log = log_with(&[&maria, &elsewhere]).await;
    told(&log, &maria, OPENED, NOW).await;
    let ahead = Timestamp(NOW.0 + 3_600_000);
    let hotels = Hotels::new(log.clone(), Arc::new(move || ahead));
    let engineer = Person {
        role: Role::Engineer,
        ..people().into_iter().find(|it| it.id == MARIA).unwrap()
    };
    log.put_person(HOTEL, engineer, NOW).unwrap();
    maria.at = ahead;
    let late = maria.mark(Cleanliness::Clean);
    let judged = push(&hotels, &maria, &[late]).await;
    assert_eq!(judged[0].verdict, Verdict::Refused(Refusal::UnderReview));
    let ended = Verdict::Refused(Refusal::GrantEnded {
        command: "set-cleanliness".into(),
        role: Role::Engineer,
    });
    // A device that had not heard the server at all.
    elsewhere.at = ahead;
    let mark = elsewhere.mark(Cleanliness::Clean);
    assert_eq!(push(&hotels, &elsewhere, &[mark]).await[0].verdict, ended);
    // And one that has heard of it since.
    told(&log, &maria, OPENED + 1, Timestamp(NOW.0 + 60_000)).await;
    let mark = maria.clone().mark(Cleanliness::Dirty);
    assert_eq!(push(&hotels, &maria, &[mark]).await[0].verdict, ended);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_on_one_log_store_everything_once_and_tell_everybody() {
    let (mut maria, mut rui) = (Device::of(MARIA, 1), Device::of(RUI, 2));
    let log = log_with(&[&maria, &rui]).await;
    let servers = [0, 1].map(|_| Hotels::new(log.clone(), clock()));
    let mut feeds = [0, 1].map(|server: usize| servers[server].follow(HOTEL, nth(0)).unwrap());
    for _ in 0..20 {
        let one = [maria.mark(Cleanliness::Clean)];
        let two = [rui.mark(Cleanliness::Dirty)];
        let (one, two) = futures_util::future::join(
            push(&servers[0], &maria, &one),
            push(&servers[1], &rui, &two),
        )
        .await;
        sequences(&one);
        sequences(&two);
    }
    for server in &servers {
        server.head_moved(HOTEL, nth(40));
    }
    let [one, two] = &mut feeds;
    assert_eq!(received(one, 40).await, received(two, 40).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_nobody_pushes_to_hears_of_what_others_stored() {
    let mut maria = Device::of(MARIA, 1);
    let log = log_with(&[&maria]).await;
    let [busy, quiet] = [0, 1].map(|_| Hotels::new(log.clone(), clock()));
    let mut feed = quiet.follow(HOTEL, nth(0)).unwrap();
    for last in 1..=3 {
        // The session has everything by now, and waits.
        let waited = tokio::time::timeout(Duration::from_millis(20), feed.next()).await;
        assert!(waited.is_err());
        let action = maria.mark(Cleanliness::Clean);
        push(&busy, &maria, &[action]).await;
        quiet.head_moved(HOTEL, nth(last));
        assert_eq!(received(&mut feed, last).await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_takes_what_waits_up_to_its_bound() {
    let mut maria = Device::of(MARIA, 1);
    let log = log_with(&[&maria]).await;
    let hotels = Hotels::new(log, clock());
    let mut pending = Vec::new();
    let count = 3 * MAX_ROUND_PUSHES as u64;
    for _ in 0..count {
        let from = Author::People(maria.id);
        let actions = read(&[maria.mark(Cleanliness::Clean)]);
        pending.push(hotels.begin_push(HOTEL, from, actions).await.unwrap());
    }
    for (pending, expected) in pending.into_iter().zip(1..=count) {
        let answer = pending.await.unwrap();
        assert_eq!(sequences(&answer.verdicts), [expected]);
        let (first, last) = (nth(expected), nth(expected));
        let received_at = NOW;
        let stored = Stored {
            first,
            last,
            received_at,
        };
        assert_eq!(answer.stored, Some(stored));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_push_that_is_all_new_and_admitted_is_stored_as_it_was_sent() {
    let mut maria = Device::of(MARIA, 1);
    let log = log_with(&[&maria]).await;
    let hotels = Hotels::new(log, clock());
    let from = Author::People(maria.id);
    let marks: Vec<Action> = (0..4).map(|_| maria.mark(Cleanliness::Clean)).collect();
    let mut refused = maria.mark(Cleanliness::Clean);
    refused.changes.clear();
    let pushes = [
        (marks[..2].to_vec(), Some((nth(1), nth(2)))),
        // Said before.
        (marks[1..3].to_vec(), None),
        (vec![marks[2].clone()], None),
        // Twice in one push.
        (vec![marks[3].clone(), marks[3].clone()], None),
        (vec![refused], None),
        (vec![], None),
    ];
    for (actions, places) in pushes {
        let pending = hotels
            .begin_push(HOTEL, from, read(&actions))
            .await
            .unwrap();
        let answer = pending.await.unwrap();
        assert_eq!(answer.verdicts.len(), actions.len());
        let stored = answer.stored.map(|stored| (stored.first, stored.last));
        assert_eq!(stored, places);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_before_the_end_is_judged_and_nothing_after_it() {
    let mut maria = Device::of(MARIA, 1);
    let log = log_with(&[&maria]).await;
    let hotels = Hotels::new(log, clock());
    let from = Author::People(maria.id);
    let actions = read(&[maria.mark(Cleanliness::Clean)]);
    let pending = hotels.begin_push(HOTEL, from, actions).await.unwrap();
    let mut feed = hotels.follow(HOTEL, nth(0)).unwrap();
    hotels.stop().await;
    received(&mut feed, 1).await;
    assert!(feed.next().await.is_err());
    assert_eq!(sequences(&pending.await.unwrap().verdicts), [1]);
    let actions = read(&[maria.mark(Cleanliness::Clean)]);
    assert!(hotels.push(HOTEL, from, actions).await.is_err());
    assert!(hotels.follow(HOTEL, nth(0)).is_err());
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_hotel_that_nobody_uses_is_put_away_and_comes_back_as_it_was() {
    let mut maria = Device::of(MARIA, 1);
    let log = log_with(&[&maria]).await;
    let hotels = Hotels::new(log, clock());
    let action = maria.mark(Cleanliness::Clean);
    push(&hotels, &maria, &[action]).await;
    let feed = hotels.follow(HOTEL, nth(1)).unwrap();
    let idle = Duration::from_millis(3 * keyrack_model::limits::HOTEL_IDLE_MILLIS);
    tokio::time::sleep(idle).await;
    assert_eq!(hotels.in_use(), [HOTEL]);
    drop(feed);
    let head = hotels.log().head(HOTEL).await.unwrap();
    for _ in 0..idle.as_secs() {
        tokio::time::sleep(Duration::from_secs(1)).await;
        hotels.head_seen(HOTEL, head);
    }
    assert_eq!(
        hotels.in_use(),
        [],
        "a look at its log is no use of a hotel"
    );
    let action = maria.mark(Cleanliness::Dirty);
    assert_eq!(sequences(&push(&hotels, &maria, &[action]).await), [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_fails_costs_a_retry_and_never_an_action() {
    for stores in [Stores::BeforeItFails, Stores::Nothing] {
        let mut maria = Device::of(MARIA, 1);
        let log = log_with(&[&maria]).await;
        let failing = Failing {
            log: log.clone(),
            failures: AtomicUsize::new(1),
            stores,
            asked: AtomicUsize::new(0),
        };
        let hotels = Hotels::new(Arc::new(failing), clock());
        let mut feed = hotels.follow(HOTEL, nth(0)).unwrap();
        let first = maria.mark(Cleanliness::Clean);
        let second = maria.mark(Cleanliness::Dirty);
        let told = push(&hotels, &maria, std::slice::from_ref(&first)).await;
        assert!(matches!(told[0].verdict, Verdict::RetryAfter { .. }));
        // What was under way when the first failed builds on it, and is not refused for that.
        let told = push(&hotels, &maria, std::slice::from_ref(&second)).await;
        match stores {
            Stores::BeforeItFails => assert_eq!(sequences(&told), [2]),
            Stores::Nothing => assert!(matches!(told[0].verdict, Verdict::RetryAfter { .. })),
        }
        let told = push(&hotels, &maria, &[first, second]).await;
        assert_eq!(sequences(&told), [1, 2]);
        assert_eq!(received(&mut feed, 2).await.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_is_refused_for_good_when_the_server_was_there_all_the_time() {
    let mut maria = Device::of(MARIA, 1);
    let log = log_with(&[&maria]).await;
    let hotels = Hotels::new(log, clock());
    maria.mark(Cleanliness::Clean);
    let second = maria.mark(Cleanliness::Dirty);
    let told = push(&hotels, &maria, &[second]).await;
    let reason = GateReason::Sequence;
    assert_eq!(told[0].verdict, Verdict::Refused(Refusal::Gate { reason }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_brought_back_under_a_running_server_is_read_anew() {
    let (mut maria, mut rui) = (Device::of(MARIA, 1), Device::of(RUI, 2));
    let log = log_with(&[&maria, &rui]).await;
    let hotels = Hotels::new(log.clone(), clock());
    for _ in 0..3 {
        let action = maria.mark(Cleanliness::Clean);
        push(&hotels, &maria, &[action]).await;
    }
    let mut feed = hotels.follow(HOTEL, nth(0)).unwrap();
    received(&mut feed, 3).await;
    log.restore(HOTEL, nth(1)).unwrap();
    hotels.head_seen(HOTEL, log.head(HOTEL).await.unwrap());
    let ended = tokio::time::timeout(Duration::from_secs(10), feed.next()).await;
    assert!(ended.expect("the session is not told").is_err());
    let action = rui.mark(Cleanliness::Dirty);
    assert_eq!(push_until_judged(&hotels, &rui, action).await, [2]);
}

/// Another server has written on since: the log is as long as it was, or longer.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_brought_back_and_has_grown_since_is_another_one() {
    for (grown, is_seen) in [(2, false), (5, false), (2, true), (5, true)] {
        let (mut maria, mut rui) = (Device::of(MARIA, 1), Device::of(RUI, 2));
        let log = log_with(&[&maria, &rui]).await;
        let here = Hotels::new(log.clone(), clock());
        for _ in 0..3 {
            let action = maria.mark(Cleanliness::Clean);
            push(&here, &maria, &[action]).await;
        }
        let mut feed = here.follow(HOTEL, nth(0)).unwrap();
        received(&mut feed, 3).await;
        log.restore(HOTEL, nth(1)).unwrap();
        let elsewhere = Hotels::new(log.clone(), clock());
        for _ in 0..grown {
            let action = rui.mark(Cleanliness::Dirty);
            push(&elsewhere, &rui, &[action]).await;
        }
        if is_seen {
            here.head_seen(HOTEL, log.head(HOTEL).await.unwrap());
        }
        // It builds on what the log has lost.
        let fourth = maria.mark(Cleanliness::Pickup);
        let told = push(&here, &maria, &[fourth]).await;
        let is_stored = matches!(told[0].verdict, Verdict::Accepted { .. });
        assert!(!is_stored, "{grown} {is_seen}: {told:?}");
        let ended = tokio::time::timeout(Duration::from_secs(10), feed.next()).await;
        assert!(
            ended.expect("the session is not told").is_err(),
            "{grown} {is_seen}"
        );
        let head = log.head(HOTEL).await.unwrap();
        assert_eq!(head.sequence, nth(1 + grown), "{grown} {is_seen}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_notices_that_the_log_was_brought_back() {
    let (mut maria, mut rui) = (Device::of(MARIA, 1), Device::of(RUI, 2));
    let log = log_with(&[&maria, &rui]).await;
    let hotels = Hotels::new(log.clone(), clock());
    for _ in 0..2 {
        let action = maria.mark(Cleanliness::Clean);
        push(&hotels, &maria, &[action]).await;
    }
    log.restore(HOTEL, nth(1)).unwrap();
    let action = rui.mark(Cleanliness::Dirty);
    let told = push(&hotels, &rui, std::slice::from_ref(&action)).await;
    assert!(matches!(told[0].verdict, Verdict::RetryAfter { .. }));
    assert_eq!(push_until_judged(&hotels, &rui, action).await, [2]);
}

/// What reaches a loop before it ends is asked for once more.
async fn push_until_judged(
    hotels: &Hotels<MemoryLog>,
    device: &Device,
    action: Action,
) -> Vec<u64> {
    for _ in 0..3 {
        let told = push(hotels, device, std::slice::from_ref(&action)).await;
        if !matches!(told[0].verdict, Verdict::RetryAfter { .. }) {
            return sequences(&told);
        }
    }
    panic!("it is never judged");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_log_was_brought_back_what_is_missing_may_still_come() {
    let mut maria = Device::of(MARIA, 1);
    let log = log_with(&[&maria]).await;
    let epoch = keyrack_model::ids::LogEpoch(uuid::Uuid::from_u128(77));
    for (ago, is_spared) in [(0, true), (keyrack_model::limits::RECOVERY_MILLIS, false)] {
        let began = Timestamp(NOW.0 - ago);
        log.begin_epoch(HOTEL, epoch, nth(0), began).await.unwrap();
        let hotels = Hotels::new(log.clone(), clock());
        maria.mark(Cleanliness::Clean);
        let second = maria.mark(Cleanliness::Dirty);
        let told = push(&hotels, &maria, &[second]).await;
        let spared = matches!(told[0].verdict, Verdict::RetryAfter { .. });
        assert_eq!(spared, is_spared, "{:?}", told[0].verdict);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_for_a_gap_is_judged_anew_once_it_is_said_that_the_log_was_brought_back() {
    let mut maria = Device::of(MARIA, 1);
    let log = log_with(&[&maria]).await;
    let both = [
        maria.mark(Cleanliness::Clean),
        maria.mark(Cleanliness::Dirty),
    ];
    let second = &both[1..];
    let hotels = Hotels::new(log.clone(), clock());
    let refused = push(&hotels, &maria, second).await;
    let reason = GateReason::Sequence;
    assert_eq!(
        refused[0].verdict,
        Verdict::Refused(Refusal::Gate { reason })
    );
    assert_eq!(push(&hotels, &maria, second).await, refused);

    let epoch = keyrack_model::ids::LogEpoch(uuid::Uuid::from_u128(77));
    log.begin_epoch(HOTEL, epoch, nth(0), NOW).await.unwrap();
    let hotels = Hotels::new(log, clock());
    let told = push(&hotels, &maria, second).await;
    assert!(matches!(told[0].verdict, Verdict::RetryAfter { .. }));
    assert_eq!(sequences(&push(&hotels, &maria, &both).await), [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_weighs_too_much_is_judged_in_parts() {
    let mut maria = Device::of(MARIA, 1);
    let log = log_with(&[&maria]).await;
    let hotels = Hotels::new(log, clock());
    let long: Vec<Action> = (0..32)
        .map(|number| {
            let letters = [keyrack_model::limits::MAX_TEXT, 0][number % 2];
            let text = "x".repeat(letters);
            maria.edit(vec![WorkOrderChange::Description(text)])
        })
        .collect();
    let from = Author::People(maria.id);
    let mut told = Vec::new();
    let mut rounds = 0;
    while told.len() < long.len() {
        let rest = long[told.len()..].to_vec();
        let verdicts = hotels
            .push(HOTEL, from, read_push(given(rest)))
            .await
            .unwrap();
        let accepted = verdicts
            .iter()
            .take_while(|told| matches!(told.verdict, Verdict::Accepted { .. }));
        let before = told.len();
        told.extend(accepted.cloned());
        assert!(told.len() > before, "{:?}", verdicts[0].verdict);
        let others = &verdicts[told.len() - before..];
        let is_later = |told: &OperationVerdict| matches!(told.verdict, Verdict::RetryAfter { .. });
        assert!(others.iter().all(is_later));
        rounds += 1;
    }
    assert!(rounds > 1, "it fits into one push");
    assert_eq!(sequences(&told), (1..=32).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_new_and_admitted_costs_the_log_no_question() {
    let mut maria = Device::of(MARIA, 1);
    let memory = log_with(&[&maria]).await;
    let log = Arc::new(Failing {
        log: memory.clone(),
        failures: AtomicUsize::new(0),
        stores: Stores::Nothing,
        asked: AtomicUsize::new(0),
    });
    let asked = || log.asked.load(Ordering::Relaxed);
    let hotels = Hotels::new(log.clone(), clock());
    let first = [maria.mark(Cleanliness::Clean)];
    let verdicts = push(&hotels, &maria, &first).await;
    assert_eq!(asked(), 1, "who may do what");
    for number in 2..10 {
        let action = [maria.mark(Cleanliness::Clean)];
        assert_eq!(sequences(&push(&hotels, &maria, &action).await), [number]);
    }
    assert_eq!(asked(), 1);
    // What was judged before is looked up.
    assert_eq!(push(&hotels, &maria, &first).await, verdicts);
    assert_eq!(asked(), 2);

    // Somebody else changes the role: it bites at the next action. Where the device has not heard of
    // it, what is done there is kept for review.
    let later = Timestamp(NOW.0 + 1_000);
    told(&memory, &maria, OPENED, NOW).await;
    memory
        .change_role(HOTEL, MARIA, Role::Engineer, later)
        .unwrap();
    let late = [maria.mark(Cleanliness::Clean)];
    let refused = push(&hotels, &maria, &late).await;
    let under_review = Verdict::Refused(Refusal::UnderReview);
    assert_eq!(refused[0].verdict, under_review);
    let standing = log.standing(HOTEL, Timestamp(0)).await.unwrap();
    assert_eq!(standing.kept.reviews.actions, 1);
    assert_eq!(push(&hotels, &maria, &late).await, refused);
    assert_eq!(memory.reviews(HOTEL).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_one_after_another_is_taken_back_one_after_another() {
    let mut maria = Device::of(MARIA, 1);
    let memory = log_with(&[&maria]).await;
    let log = Arc::new(Failing {
        log: memory.clone(),
        failures: AtomicUsize::new(0),
        stores: Stores::Nothing,
        asked: AtomicUsize::new(0),
    });
    let asked = || log.asked.load(Ordering::Relaxed);
    let hotels = Hotels::new(log.clone(), clock());
    let mut done = Vec::new();
    for value in [Cleanliness::Pickup, Cleanliness::Clean, Cleanliness::Dirty] {
        let action = maria.mark(value);
        done.push(action.operation);
        push(&hotels, &maria, &[action]).await;
    }
    let mut questions = Vec::new();
    for (operation, number) in done.into_iter().rev().zip(4..) {
        let before = asked();
        let undo = maria.ask(Command::Undo { operation }).unwrap();
        assert_eq!(sequences(&push(&hotels, &maria, &[undo]).await), [number]);
        questions.push(asked() - before);
    }
    // The undone action, and from the second on the undo that put it back with what that undid.
    assert_eq!(questions, [1, 3, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_of_another_server_is_the_verdict_here() {
    let mut maria = Device::of(MARIA, 1);
    let log = log_with(&[&maria]).await;
    let (here, there) = (
        Hotels::new(log.clone(), clock()),
        Hotels::new(log.clone(), clock()),
    );
    let first = [maria.mark(Cleanliness::Clean)];
    assert_eq!(sequences(&push(&here, &maria, &first).await), [1]);
    let mut broken = maria.mark(Cleanliness::Dirty);
    let whole = broken.clone();
    let last = broken.changes[0].bytes.len() - 1;
    broken.changes[0].bytes[last] ^= 1;
    let refused = push(&there, &maria, &[broken]).await;
    assert!(
        matches!(refused[0].verdict, Verdict::Refused(_)),
        "{refused:?}"
    );
    // Made again as it should have been: acceptance follows the refusal.
    let accepted = push(&here, &maria, std::slice::from_ref(&whole)).await;
    assert_eq!(sequences(&accepted), [2]);
    assert_eq!(push(&there, &maria, &[whole]).await, accepted);
}

/// A colleague's device shows what somebody did before they send it themselves.
#[tokio::test]
async fn what_was_refused_without_its_authors_word_is_taken_with_it() {
    let mut maria = Device::of(MARIA, 1);
    let log = log_with(&[&maria]).await;
    let hotels = Hotels::new(log, clock());
    let from = Author::People(maria.id);
    let action = maria.mark(Cleanliness::Clean);
    let told = async |word| {
        let action = action.clone();
        let read = read_push(vec![Claim { action, word }]);
        let mut verdicts = hotels.push(HOTEL, from, read).await.unwrap();
        verdicts.remove(0).verdict
    };
    let refused = Verdict::Refused(GateReason::WrongAuthor.into());
    for _ in 0..2 {
        assert_eq!(told(Word::Missing).await, refused);
    }
    let accepted = told(Word::Given).await;
    assert!(matches!(accepted, Verdict::Accepted { .. }), "{accepted:?}");
    // Asking what became of it is not claiming it.
    assert_eq!(told(Word::Missing).await, accepted);
}
