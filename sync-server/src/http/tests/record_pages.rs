//! Records by pages, in a hotel that has more of them than fit one.

use super::site::{Device, Site};
use crate::{
    log::{Appended, Basis, Log, NewEntry},
    pretend,
};
use keyrack_model::{
    action::{LogEntry, Sequence},
    command::Command,
    identity,
    ids::StayId,
    limits::{PROTOCOL, RECORD_PAGE},
    record::{Payload, Record},
    segment::RecordPage,
};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn more_records_than_a_page_has_come_page_after_page_and_each_once() {
    let site = Site::open().await;
    let resort = identity::hotel("resort");
    let mut rui = pretend::Device::of(pretend::RUI, 1);
    let guests = (0..=RECORD_PAGE as u128).map(|number| {
        let stay = StayId(Uuid::from_u128(0x5_0000 + number));
        let action = rui.name_guest(stay, 0, "Anabela");
        let Command::EditGuest { guest, .. } = &action.command else {
            panic!("{action:?}");
        };
        let guest = Payload::Guest(guest.clone());
        NewEntry {
            record: Some(Record::version(stay.into(), 1, guest)),
            ..pretend::entry(&action, pretend::NOW)
        }
    });
    let guests: Vec<NewEntry> = guests.collect();
    let log = site.hotels.log();
    let head = log.head(resort).await.unwrap().sequence;
    let appended = log.append(resort, Basis::end(head), &guests, &[]).await;
    assert!(matches!(appended, Ok(Appended::Stored { .. })));

    let token = site.token(&Device::numbered(1), "rui").await;
    let head = log.head(resort).await.unwrap().sequence;
    let mut places: Vec<Sequence> = Vec::new();
    let mut pages = Vec::new();
    let is_last = |pages: &[RecordPage]| pages.last().is_some_and(|page| page.is_last);
    while !is_last(&pages) {
        let (up_to, after) = (head.0, places.last().map_or(0, |place| place.0));
        let line = format!("GET /v1/records?up_to={up_to}&after={after}");
        let answer = site.ask(&line, PROTOCOL, &token, b"").await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let page: RecordPage = ciborium::from_reader(&answer.bytes[..]).unwrap();
        places.extend(page.entries.iter().map(|entry| entry.sequence));
        pages.push(page);
    }
    // Two people, a device, and the guests.
    assert_eq!(places.len(), 3 + guests.len());
    assert!(places.is_sorted_by(|one, next| one < next));
    let [first, rest] = &pages[..] else {
        panic!("{} pages", pages.len());
    };
    assert_eq!(first.entries.len(), RECORD_PAGE);
    let named = |page: &RecordPage| page.entries.iter().filter_map(LogEntry::record).count();
    assert_eq!(named(first) + named(rest), places.len());
}
