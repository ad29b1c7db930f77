//! How deliveries are cut and encoded.

use super::*;
use crate::pretend::*;
use keyrack_model::{
    action::Content,
    cleanliness::Cleanliness,
    limits::{MAX_CHANGE, MAX_FRAME},
    wire::ServerFrame,
};

pub fn entries(count: u64) -> Vec<LogEntry> {
    let mut maria = Device::of(MARIA, 1);
    let device = maria.id;
    let entry = |sequence| LogEntry {
        sequence: Sequence(sequence),
        content: Content::Action {
            received_at: NOW,
            device,
            action: maria.mark(Cleanliness::Clean),
        },
    };
    (1..=count).map(entry).collect()
}

#[test]
fn a_delivery_reads_as_the_frame_of_the_protocol() {
    let entries = entries(3);
    let delivery = Delivery::of(entries.clone()).unwrap();
    let frame: ServerFrame = ciborium::from_reader(&delivery.frame(Reading::all())[..]).unwrap();
    assert_eq!(frame, ServerFrame::Deliver { entries });
}

#[test]
fn deliveries_are_cut_at_their_bounds_and_hold_every_entry_once() {
    let by_count = entries(MAX_DELIVER_ENTRIES as u64 + 1);
    let mut by_size = entries(10);
    for entry in &mut by_size {
        if let Content::Action { action, .. } = &mut entry.content {
            action.changes[0].bytes = vec![0; MAX_CHANGE];
        }
    }
    for entries in [by_count, by_size] {
        let deliveries = Delivery::cut(entries.clone());
        assert!(deliveries.len() > 1);
        for delivery in &deliveries {
            assert!(delivery.entries().len() <= MAX_DELIVER_ENTRIES);
            assert!(delivery.frame(Reading::all()).len() <= MAX_FRAME);
        }
        let all: Vec<LogEntry> = deliveries
            .iter()
            .flat_map(|delivery| delivery.entries().to_vec())
            .collect();
        assert_eq!(all, entries);
    }
}

#[test]
fn what_is_sent_at_once_is_as_much_as_may_be() {
    let deliveries = Delivery::cut(entries(MAX_DELIVER_ENTRIES as u64));
    assert!(deliveries.len() > 1);
    let bytes = |entries: &[LogEntry]| entries.iter().map(stored_size).sum::<usize>();
    for delivery in &deliveries {
        assert!(bytes(delivery.entries()) <= DELIVER_BYTES);
    }
    for pair in deliveries.windows(2) {
        let with_the_next = bytes(pair[0].entries()) + stored_size(&pair[1].entries()[0]);
        assert!(with_the_next > DELIVER_BYTES);
    }
}

#[test]
fn a_frame_of_some_entries_is_the_frame_that_would_be_made_of_them() {
    let count = MAX_DELIVER_ENTRIES as u64;
    for count in [1, 23, 24, 25, 255, 256, count] {
        let entries = entries(count);
        let delivery = Delivery::of(entries.clone()).unwrap();
        let told = |first, last| Stored {
            first: Sequence(first),
            last: Sequence(last),
            received_at: NOW,
        };
        for left_out in [vec![], vec![told(1, 1)], vec![told(2, 20), told(24, 24)]] {
            let rest: Vec<LogEntry> = entries
                .iter()
                .filter(|entry| !left_out.iter().any(|told| told.has(entry.sequence)))
                .cloned()
                .collect();
            let expected = (!rest.is_empty()).then_some(ServerFrame::Deliver { entries: rest });
            let frame = delivery.frame_without(&left_out, Reading::all());
            let read = frame.map(|frame| ciborium::from_reader(&frame[..]).unwrap());
            assert_eq!(read, expected, "{count} {left_out:?}");
        }
    }
}
