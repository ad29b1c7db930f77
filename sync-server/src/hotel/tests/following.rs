//! What reaches those who follow: everything, once, in order, and what that costs.

use super::*;
use crate::log::{Appended, Basis, NewEntry};
use keyrack_model::{
    class::Reading,
    ids::{OperationId, RoomId},
    limits::{CATCH_UP_BYTES, MAX_FRAME, RECENT_BYTES, RECENT_MILLIS},
    record::{Payload, Record, RecordRef},
    time::ClockReading,
};

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
    let hotels = Hotels::new(log.clone(), clock());
    let mut slow = hotels.follow(HOTEL, nth(0)).unwrap();
    let action = maria.mark(Cleanliness::Clean);
    push(&hotels, &maria, &[action]).await;
    assert_eq!(received(&mut slow, 1).await.len(), 1);
    // More than is kept for one that is behind.
    let last = 1 + elsewhere(&hotels, &maria, 2 * RECENT_BYTES).await;
    let rest = received(&mut slow, last).await;
    assert_eq!(rest[0].sequence, nth(2));
    // And it is live again.
    let action = maria.mark(Cleanliness::Clean);
    push(&hotels, &maria, &[action]).await;
    assert_eq!(received(&mut slow, last + 1).await.len(), 1);
}

/// A slow device is behind for longer than its hotel keeps what is new, and nobody writes meanwhile.
#[tokio::test(start_paused = true)]
async fn a_session_that_is_behind_when_nothing_is_kept_any_more_goes_on_from_the_log() {
    let mut maria = Device::of(MARIA, 1);
    let log = log_with(&[&maria]).await;
    let hotels = Hotels::new(log.clone(), clock());
    let mut slow = hotels.follow(HOTEL, nth(0)).unwrap();
    // It has everything by now, and waits.
    let waited = tokio::time::timeout(Duration::from_millis(20), slow.next()).await;
    assert!(waited.is_err());
    for value in [Cleanliness::Clean, Cleanliness::Dirty] {
        let action = maria.mark(value);
        push(&hotels, &maria, &[action]).await;
    }
    tokio::time::sleep(Duration::from_millis(RECENT_MILLIS)).await;
    hotels.head_seen(HOTEL, log.head(HOTEL).await.unwrap());
    while hotels.kept(HOTEL) > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(received(&mut slow, 2).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_never_read_cost_the_same_however_many_they_are_and_however_much_there_is() {
    let maria = Device::of(MARIA, 1);
    for (readers, bytes) in [(1, 2), (20, 2), (20, 4)] {
        let log = log_with(&[&maria]).await;
        let hotels = Hotels::new(log, clock());
        let never = (0..readers).map(|_| hotels.follow(HOTEL, nth(0)).unwrap());
        let never: Vec<_> = never.collect();
        let mut reads = hotels.follow(HOTEL, nth(0)).unwrap();
        let last = elsewhere(&hotels, &maria, bytes * RECENT_BYTES).await;
        received(&mut reads, last).await;
        let kept = hotels.kept(HOTEL);
        assert!(
            kept <= RECENT_BYTES + CATCH_UP_BYTES + MAX_FRAME,
            "{kept} bytes are kept"
        );
        drop(never);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_sessions_that_read_the_same_share_one_encoding() {
    let mut maria = Device::of(MARIA, 1);
    let log = log_with(&[&maria]).await;
    let hotels = Hotels::new(log, clock());
    let mut feeds: Vec<_> = (0..200)
        .map(|_| hotels.follow(HOTEL, nth(0)).unwrap())
        .collect();
    let actions: Vec<Action> = (0..20).map(|_| maria.mark(Cleanliness::Clean)).collect();
    push(&hotels, &maria, &actions).await;
    let mut told = Vec::new();
    for (number, feed) in feeds.iter_mut().enumerate() {
        let delivery = feed.next().await.unwrap();
        let reading = match number % 2 {
            0 => Reading::of(Role::Housekeeper),
            _ => Reading::default(),
        };
        let message = delivery.message(reading).unwrap();
        told.push((delivery, reading, message));
    }
    assert_eq!(told[0].0.encodings(), 2, "one for each kind of reader");
    for (delivery, reading, message) in &told {
        assert!(Arc::ptr_eq(delivery, &told[0].0));
        let same = told.iter().find(|(_, other, _)| other == reading).unwrap();
        assert_eq!(message.as_ptr(), same.2.as_ptr(), "packed once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_are_behind_at_the_same_place_read_one_page() {
    let maria = Device::of(MARIA, 1);
    let log = log_with(&[&maria]).await;
    let hotels = Hotels::new(log, clock());
    let last = elsewhere(&hotels, &maria, RECENT_BYTES / 4).await;
    let mut feeds: Vec<_> = (0..50)
        .map(|_| hotels.follow(HOTEL, nth(0)).unwrap())
        .collect();
    let next = futures_util::future::join_all(feeds.iter_mut().map(Feed::next)).await;
    let pages: Vec<_> = next.into_iter().map(Result::unwrap).collect();
    assert!(pages.iter().all(|page| Arc::ptr_eq(page, &pages[0])));
    assert!(pages[0].last() < nth(last), "it is a part");
    for feed in &mut feeds {
        received(feed, last).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_erased_before_a_session_came_to_it_is_not_kept_for_it() {
    let maria = Device::of(MARIA, 1);
    let log = log_with(&[&maria]).await;
    let hotels = Hotels::new(log.clone(), clock());
    let mut slow = hotels.follow(HOTEL, nth(0)).unwrap();
    let mut quick = hotels.follow(HOTEL, nth(0)).unwrap();
    let person = people().into_iter().find(|it| it.id == MARIA).unwrap();
    let of = RecordRef::from(person.id);
    hotels.head_moved(HOTEL, log.put_person(HOTEL, person, NOW).unwrap());
    assert!(received(&mut quick, 1).await[0].record().is_some());
    let version = log.versions(HOTEL, of).unwrap() + 1;
    let erased = Record::version(of, version, Payload::Erased);
    let erased = NewEntry::of_the_server(HOTEL, erased, NOW);
    let appended = log.append(HOTEL, Basis::end(nth(1)), &[erased], &[]).await;
    assert_eq!(appended.unwrap(), Appended::Stored { last: nth(2) });
    hotels.head_moved(HOTEL, nth(2));
    received(&mut quick, 2).await;
    let told = received(&mut slow, 2).await;
    let mut records = told.iter().filter_map(LogEntry::record);
    assert!(records.all(|record| record.payload == Payload::Erased));
}

/// Another server stores so many bytes of entries, and says so. Returns how many they are.
async fn elsewhere(hotels: &Hotels<MemoryLog>, device: &Device, bytes: usize) -> u64 {
    const EACH: usize = 16 << 10;
    let log = hotels.log();
    let head = log.head(HOTEL).await.unwrap();
    let mut author = Device::of(MARIA, 1);
    let entry = |number| {
        let mut action = author.mark(Cleanliness::Clean);
        action.operation = OperationId(uuid::Uuid::from_u128(0xE15E_0000 + number as u128));
        // No document that anything is judged on.
        action.changes[0].document = RoomId(uuid::Uuid::from_u128(0xE15E)).into();
        action.changes[0].bytes = vec![number as u8; EACH];
        NewEntry {
            action,
            role: Role::Housekeeper,
            device: device.id,
            received_at: NOW,
            clock: ClockReading::Plausible,
            changes: vec![],
            record: None,
            names_hotel: None,
        }
    };
    let entries: Vec<NewEntry> = (0..bytes / EACH).map(entry).collect();
    let basis = Basis::end(head.sequence);
    log.append(HOTEL, basis, &entries, &[]).await.unwrap();
    let count = entries.len() as u64;
    hotels.head_moved(HOTEL, Sequence(head.sequence.0 + count));
    count
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
