//! Stories as people read them.

use super::*;
use crate::mirror::cabinet::Cabinet;
use keyrack_model::{
    change::Entity,
    cleanliness::{Cleanliness, Turn},
    field::FieldValue,
    ids::{BlockId, DeviceId, DocumentRef, StayId, UserId},
    policy::Role,
    room::Room,
    rows::{Person, Row},
    time::BusinessDate,
};
use uuid::Uuid;

const ROOM: RoomId = RoomId(Uuid::from_u128(204));
const MARIA: UserId = UserId(Uuid::from_u128(3));

fn mark(value: Cleanliness) -> FieldValue {
    CleanlinessMark {
        value,
        ..CleanlinessMark::default()
    }
    .to_value()
}

#[test]
fn an_action_reads_as_who_did_what_from_what_to_what() {
    let mut cabinet = Cabinet::default();
    let room = Room {
        number: "204".into(),
        ..Room::default()
    };
    cabinet.apply(
        true,
        vec![Row {
            document: ROOM.into(),
            entity: Entity::Room(room),
            conflicts: vec![],
            changed_at: Timestamp(0),
        }],
    );
    let people = [Person {
        id: MARIA,
        name: "maria".into(),
        display: "Maria Silva".into(),
        role: Role::Housekeeper,
        left: false,
    }];
    let entry = HistoryEntry {
        document: ROOM.into(),
        operation: OperationId::default(),
        command: Command::SetCleanliness {
            rooms: vec![ROOM, RoomId(Uuid::from_u128(205))],
            value: Cleanliness::Clean,
        },
        author: MARIA,
        device: DeviceId::default(),
        at: Timestamp(1),
        known_at: None,
        fields: vec![HistoryField {
            key: "cleanliness".into(),
            before: mark(Cleanliness::Dirty),
            after: mark(Cleanliness::Clean),
        }],
    };
    let names = Names {
        cabinet: &cabinet,
        people: &people,
        devices: &[],
        here: None,
    };
    let told = story(&[entry], Some(ROOM), &names, &|_| None);
    assert_eq!(told[0].what, "204 set to Clean");
    assert_eq!(told[0].who, "Maria Silva");
    assert_eq!(told[0].topics, [Topic::Cleanliness]);
    let change = &told[0].changes[0];
    assert_eq!(
        (
            &*change.field,
            change.before.as_str(),
            change.after.as_str()
        ),
        ("Cleanliness", "Dirty", "Clean")
    );
}

/// An entry of the room's or a task's story.
fn entry(document: impl Into<keyrack_model::ids::DocumentRef>, at: i64) -> HistoryEntry {
    HistoryEntry {
        document: document.into(),
        operation: OperationId(Uuid::from_u128(at as u128)),
        command: Command::CheckOut {
            stay: StayId::default(),
        },
        author: MARIA,
        device: DeviceId::default(),
        at: Timestamp(at),
        known_at: None,
        fields: vec![],
    }
}

fn field(key: &str, before: FieldValue, after: FieldValue) -> HistoryField {
    HistoryField {
        key: key.into(),
        before,
        after,
    }
}

fn told(entries: &[HistoryEntry]) -> Vec<Chapter> {
    let names = Names {
        cabinet: &Cabinet::default(),
        people: &[],
        devices: &[],
        here: None,
    };
    story(entries, Some(ROOM), &names, &|_| None)
}

#[test]
fn a_clean_of_a_turn_that_was_over_says_so_and_one_in_time_does_not() {
    let date = BusinessDate::default();
    let night = Turn::night(date, None);
    let marked = |at, turn, before, after, cause| HistoryEntry {
        fields: vec![field(
            "cleanliness",
            mark(before),
            CleanlinessMark {
                value: after,
                turn,
                cause,
                ..CleanlinessMark::default()
            }
            .to_value(),
        )],
        ..entry(ROOM, at)
    };
    use Cleanliness::{Clean, Dirty};
    let left = night.departure_of(StayId::default(), date);
    let left = marked(20, left, Clean, Dirty, MarkCause::CheckOut);
    let rule_of = |clean_at| {
        let clean = marked(clean_at, night, Dirty, Clean, MarkCause::Task);
        let chapters = told(&[clean, left.clone()]);
        chapters[0].changes[0].rule.clone()
    };
    assert!(rule_of(30).is_some_and(|rule| rule.starts_with("too late")));
    assert_eq!(rule_of(10), None);
}

#[test]
fn a_task_that_a_rule_made_is_told_by_its_kind_with_the_rule() {
    let task = TaskId(Uuid::from_u128(9));
    let date = BusinessDate(jiff::civil::date(2017, 5, 25));
    let made = HistoryEntry {
        fields: vec![
            field(
                "kind",
                TaskKind::default().to_value(),
                TaskKind::Departure.to_value(),
            ),
            field("business_date", FieldValue::Nothing, date.to_value()),
            field(
                "rule",
                TaskRule::default().to_value(),
                TaskRule::EarlyDeparture.to_value(),
            ),
        ],
        ..entry(task, 1)
    };
    let chapters = told(&[made]);
    let [change] = &chapters[0].changes[..] else {
        panic!("{chapters:?}");
    };
    assert_eq!(
        (
            &*change.field,
            &*change.before,
            &*change.after,
            change.rule.as_deref()
        ),
        ("Departure", "—", "Planned", Some("early departure"))
    );
    assert_eq!(chapters[0].topics, [Topic::Tasks]);
}

#[test]
fn every_rule_but_a_person_is_told_with_what_it_counted() {
    let task = TaskId(Uuid::from_u128(9));
    let rule_of = |rule: TaskRule, counted: i64, every: i64| {
        let written = |key, number: i64| field(key, 0.to_value(), number.to_value());
        let made = HistoryEntry {
            fields: vec![
                field(
                    "kind",
                    TaskKind::default().to_value(),
                    TaskKind::LinenChange.to_value(),
                ),
                field(
                    "business_date",
                    FieldValue::Nothing,
                    BusinessDate::default().to_value(),
                ),
                field("rule", TaskRule::default().to_value(), rule.to_value()),
                written("counted", counted),
                written("of_every", every),
            ],
            ..entry(task, 1)
        };
        told(&[made])[0].changes[0].rule.clone()
    };
    for rule in TaskRule::ALL {
        let word = t_word("task-rule", rule.word()).to_owned();
        let expected = (*rule != TaskRule::Person).then_some(word);
        assert_eq!(rule_of(*rule, 0, 0), expected, "{rule}");
    }
    let counted = rule_of(TaskRule::LinenDue, 3, 3).unwrap();
    assert_eq!(counted, "fresh linen is due: 3 of every 3");
}

#[test]
fn a_room_that_a_block_gave_back_says_so() {
    let back = |documents: &[DocumentRef]| {
        let mut entries: Vec<_> = documents.iter().map(|it| entry(*it, 5)).collect();
        entries[0].fields = vec![field(
            "cleanliness",
            mark(Cleanliness::Dirty),
            CleanlinessMark {
                value: Cleanliness::Clean,
                cause: MarkCause::Task,
                ..CleanlinessMark::default()
            }
            .to_value(),
        )];
        for other in &mut entries[1..] {
            other.fields = vec![field("ended", false.to_value(), true.to_value())];
        }
        told(&entries)[0].changes[0].rule.clone()
    };
    let block = BlockId(Uuid::from_u128(7));
    assert_eq!(back(&[ROOM.into()]), None);
    let said = back(&[ROOM.into(), block.into()]);
    assert_eq!(said.as_deref(), Some("the room is in use again"));
}

#[test]
fn what_cannot_be_taken_back_says_why() {
    let redacted = HistoryEntry {
        command: Command::Redacted,
        ..entry(ROOM, 1)
    };
    assert!(told(&[redacted])[0].way_back.is_err());
    assert!(told(&[entry(ROOM, 2)])[0].way_back.is_ok());
}
