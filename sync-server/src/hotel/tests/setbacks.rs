//! What happens when the log fails, is put away, ends, or was brought back.

use super::*;

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
            failures: AtomicUsize::new(1),
            stores,
            ..Failing::that_works(log.clone())
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
