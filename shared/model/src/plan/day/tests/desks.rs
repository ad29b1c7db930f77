//! Two desks that run the same audit offline, and what their changes come to together.

use super::*;
use crate::change::{fields_of, rule_of};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// What one desk alone knew before the audit.
#[derive(Clone, Copy, Debug)]
enum Known {
    Started,
    Finished,
    Pinned,
    KeptOut,
    CheckedOut,
    StaysOn,
    LeavesSooner,
}

fn knowledge() -> impl Strategy<Value = Vec<Known>> {
    let one = prop::sample::select(vec![
        Known::Started,
        Known::Finished,
        Known::Pinned,
        Known::KeptOut,
        Known::CheckedOut,
        Known::StaysOn,
        Known::LeavesSooner,
    ]);
    prop::collection::vec(one, 0..3)
}

fn command(known: Known) -> (Role, Command) {
    let task = YESTERDAYS;
    match known {
        Known::Started => (Role::Housekeeper, Command::StartTask { task }),
        Known::Finished => (Role::Housekeeper, Command::FinishTask { task }),
        Known::Pinned => {
            let pin = WorkCommand::Pin { task, pinned: true };
            (Role::Supervisor, Command::Work(pin))
        }
        Known::KeptOut => {
            let by = ServiceStatus::DoNotDisturb;
            let kept_out = WorkCommand::KeptOut { task, by };
            (Role::Housekeeper, Command::Work(kept_out))
        }
        Known::CheckedOut => (Role::FrontDesk, Command::CheckOut { stay: GUEST }),
        Known::StaysOn => (Role::FrontDesk, leaving_on("2017-05-30")),
        Known::LeavesSooner => (Role::FrontDesk, leaving_on("2017-05-25")),
    }
}

fn leaving_on(departure: &str) -> Command {
    let edit = StayEdit {
        departure: Some(date(departure)),
        adults: Some(2),
        ..StayEdit::default()
    };
    Command::Desk(DeskCommand::EditStay {
        stay: GUEST,
        edit: Box::new(edit),
    })
}

/// The audit of one desk: the day ends, and the room is planned for the next one.
fn audited(base: &House, known: &[Known], first_operation: u128) -> House {
    let mut house = House {
        hotel: base.hotel,
        entities: base.entities.clone(),
        operations: first_operation,
        ..House::default()
    };
    for known in known {
        let (role, command) = command(*known);
        // Not everything can be done after everything.
        house.act(role, command).ok();
    }
    let close = Command::Desk(DeskCommand::CloseDay { date: today() });
    house.act(Role::FrontDesk, close).unwrap();
    plan_room(&mut house).unwrap();
    house
}

/// What both come to: a field that one desk wrote is what it wrote, one that both wrote is what the
/// merge rules choose.
fn merged(base: &House, one: &House, other: &House) -> BTreeMap<DocumentRef, Entity> {
    let documents: BTreeSet<_> = one.entities.keys().chain(other.entities.keys()).collect();
    let mut merged = BTreeMap::new();
    for document in documents {
        let empty = Entity::empty(document.kind);
        let read = |house: &House| house.entities.get(document).unwrap_or(&empty).clone();
        let (before, mine, theirs) = (read(base), read(one), read(other));
        let mut entity = before.clone();
        for (key, _) in fields_of(document.kind) {
            let [before, mine, theirs] = [&before, &mine, &theirs].map(|it| it.field(key).unwrap());
            let value = if mine == before {
                theirs
            } else if theirs == before {
                mine
            } else {
                let values = [mine, theirs];
                let rule = rule_of(document.kind, key).unwrap();
                values[rule.merge(&values).unwrap().winner].clone()
            };
            assert!(entity.put(key, &value));
        }
        merged.insert(*document, entity);
    }
    merged
}

fn is_touched(house: &House) -> bool {
    let task = house.task(YESTERDAYS);
    matches!(task.status, TaskStatus::InProgress | TaskStatus::Done)
}

proptest! {
    #[test]
    fn two_desks_audit_the_same_night_as_one(
        departure in 24..29i8,
        is_departure in any::<bool>(),
        one in knowledge(),
        other in knowledge(),
    ) {
        let until = format!("2017-05-{departure}");
        let kind = if is_departure { TaskKind::Departure } else { TaskKind::Stayover };
        let base = with_task(guest("2017-05-20", &until), kind, |_| ());
        let (one, other) = (audited(&base, &one, 0), audited(&base, &other, 1_000));
        let merged = merged(&base, &one, &other);

        let mut together = House { hotel: base.hotel, entities: merged, ..House::default() };
        prop_assert_eq!(together.business_date(), date("2017-05-26"));
        prop_assert_eq!(together.room().nights.counted_to, date("2017-05-26"));
        if is_touched(&one) || is_touched(&other) {
            prop_assert_ne!(together.task(YESTERDAYS).status, TaskStatus::Cancelled);
        }
        let mut open = BTreeSet::new();
        for entity in together.entities.values() {
            if let Entity::Task(task) = entity
                && task.status.is_open()
            {
                let about = (task.kind, task.room, task.stay, task.business_date);
                prop_assert!(open.insert(about), "twice: {about:?}");
            }
        }
        // Whatever they knew, the audit of both together leaves nothing open that is not due.
        let again = plan_room(&mut together);
        prop_assert!(matches!(again, Ok(_) | Err(Refusal::NothingToDo)));
        prop_assert_eq!(plan_room(&mut together), Err(Refusal::NothingToDo));
    }

    #[test]
    fn two_desks_that_know_the_same_write_the_same(departure in 24..29i8) {
        let base = guest("2017-05-20", &format!("2017-05-{departure}"));
        let (one, other) = (audited(&base, &[], 0), audited(&base, &[], 1_000));
        prop_assert_eq!(one.entities, other.entities);
    }
}
