//! Who reads what, and what is left of an action for whom.

use super::*;
use crate::{
    action::{DocumentChange, Sequence},
    ids::{DocumentId, DocumentRef, RecordId, StayId},
    record::{Guest, Payload, Record},
    time::{HybridTime, Timestamp},
};
use uuid::Uuid;

fn action(kinds: &[DocumentKind]) -> Content {
    let change = |kind: &DocumentKind| DocumentChange {
        document: DocumentRef {
            kind: *kind,
            id: DocumentId::default(),
        },
        bytes: vec![*kind as u8],
    };
    Content::Action {
        received_at: Timestamp(1),
        device: Default::default(),
        action: Action {
            operation: Default::default(),
            author: Default::default(),
            at: HybridTime::default(),
            schema: 1,
            command: Command::CheckOut {
                stay: StayId(Uuid::from_u128(7)),
            },
            changes: kinds.iter().map(change).collect(),
        },
    }
}

fn record(kind: RecordKind) -> Content {
    let of = crate::record::RecordRef {
        kind,
        id: RecordId::default(),
    };
    Content::Record {
        received_at: Timestamp(1),
        device: Default::default(),
        author: Default::default(),
        operation: Default::default(),
        record: Record::version(of, 1, Payload::Guest(Guest::default())),
    }
}

fn log(contents: Vec<Content>) -> Vec<LogEntry> {
    let numbered = contents.into_iter().zip(1..);
    numbered
        .map(|(content, number)| LogEntry {
            sequence: Sequence(number),
            content,
        })
        .collect()
}

#[test]
fn whoever_has_to_do_with_guests_reads_who_they_are_and_nobody_else() {
    let readers = Class::Guests.readers();
    assert_eq!(readers, [Admin, Manager, FrontDesk, Server]);
    assert!(!Reading::of(Housekeeper).has(Class::Guests));
    assert!(Reading::of(FrontDesk).covers(Reading::of(Housekeeper)));
    assert!(!Reading::of(Engineer).covers(Reading::of(FrontDesk)));
    assert_eq!(Reading::of(Manager), Reading::all());
}

/// What a device shows of rooms, and its gate for commands, needs all of these.
#[test]
fn every_role_reads_every_document() {
    for role in Role::ALL {
        for kind in DocumentKind::ALL {
            assert!(Reading::of(*role).has(Class::of_document(kind)), "{role}");
        }
    }
}

#[test]
fn a_run_of_hidden_entries_is_one_entry_and_no_place_is_left_out() {
    use RecordKind::{Guest, Person};
    let entries = log(vec![
        record(Guest),
        record(Guest),
        record(Person),
        record(Guest),
        action(&[DocumentKind::Room]),
    ]);
    let shown = Reading::of(Housekeeper).shown(&entries);
    let places: Vec<(u64, u64)> = shown
        .iter()
        .map(|entry| (entry.first().0, entry.sequence.0))
        .collect();
    assert_eq!(places, [(1, 2), (3, 3), (4, 4), (5, 5)]);
    assert_eq!(shown[1], entries[2]);
    assert_eq!(shown[3], entries[4]);
    assert_eq!(Reading::of(FrontDesk).shown(&entries), entries);
}

#[test]
fn an_action_is_shown_without_the_part_that_is_hidden_and_without_its_arguments() {
    use DocumentKind::{Room, Stay, Task};
    let reading: Reading = [Class::Rooms, Class::Tasks].into_iter().collect();
    let entries = log(vec![action(&[Stay, Room, Task]), action(&[Stay])]);
    let shown = reading.shown(&entries);
    let part = shown[0].action().unwrap();
    let kinds: Vec<_> = part.changes.iter().map(|it| it.document.kind).collect();
    assert_eq!(kinds, [Room, Task]);
    assert_eq!(part.command, Command::Redacted);
    assert!(matches!(shown[1].content, Content::Hidden { first, .. } if first == Sequence(2)));
}

#[test]
fn what_entries_are_about_is_known_without_looking_at_each_for_every_reader() {
    let entries = log(vec![
        action(&[DocumentKind::Room]),
        record(RecordKind::Guest),
    ]);
    assert_eq!(
        classes_in(&entries).classes(),
        [Class::Rooms, Class::Guests]
    );
}

#[test]
fn all_but_who_the_guests_are_may_be_on_a_device_that_they_are_kept_off() {
    let here = Reading::on_device(GuestNames::KeptOff);
    for class in Class::ALL {
        assert_eq!(here.has(*class), *class != Class::Guests, "{class}");
    }
    assert_eq!(Reading::on_device(GuestNames::Shown), Reading::all());
}

#[test]
fn what_is_read_somewhere_is_what_both_the_role_and_the_device_read() {
    for role in Role::ALL {
        for guests in GuestNames::ALL {
            let here = Reading::at(*role, *guests);
            for class in Class::ALL {
                let both =
                    Reading::of(*role).has(*class) && Reading::on_device(*guests).has(*class);
                assert_eq!(here.has(*class), both, "{role} {guests} {class}");
            }
        }
    }
}
