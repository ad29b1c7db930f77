//! The contract, and what was erased.

use super::*;
use crate::log::{
    Log, Page,
    contract::{self, Ground},
};

#[tokio::test]
async fn what_was_erased_is_told_where_the_log_is_brought_back_to_before_that() {
    let (log, ground) = (MemoryLog::default(), Ground::sample());
    let (hotel, person) = ground.people().into_iter().next().unwrap();
    log.open(hotel, ground.epoch, Vec::new());
    let of = RecordRef::from(person.id);
    log.put_person(hotel, person.clone(), Timestamp(1)).unwrap();
    let erased = Record::version(of, 2, Payload::Erased);
    let erased = NewEntry::of_the_server(hotel, erased, Timestamp(2));
    let basis = Basis::end(Sequence(1));
    log.append(hotel, basis, &[erased], &[]).await.unwrap();
    let told = async || {
        let page = Page {
            entries: 1,
            bytes: usize::MAX,
        };
        let read = log.read(hotel, Sequence(0), page).await.unwrap();
        read[0].record().and_then(Record::person)
    };
    assert_eq!(told().await, None);
    log.restore(hotel, Sequence(1)).unwrap();
    assert_eq!(told().await, Some(person));
}

#[tokio::test]
async fn the_log_in_memory_keeps_the_contract() {
    contract::holds(async || {
        let log = MemoryLog::default();
        let ground = Ground::sample();
        for (hotel, person) in ground.people() {
            log.open(hotel, ground.epoch, vec![person]);
        }
        (log, ground)
    })
    .await;
}

#[tokio::test]
async fn somebody_is_served_as_their_device_may_be_by_the_log_in_memory() {
    let (log, ground) = (MemoryLog::default(), Ground::sample());
    let (hotel, person) = ground.people().into_iter().next().unwrap();
    log.open(hotel, ground.epoch, vec![person]);
    let keep = async |guests| {
        let workplace = Workplace {
            name: "Lobby".into(),
            revoked: false,
            guests,
        };
        log.put_device(hotel, ground.device, workplace, Timestamp(1))
            .unwrap();
    };
    contract::reviews::somebody_is_served_as_their_device_may_be(&log, ground, keep).await;
}
