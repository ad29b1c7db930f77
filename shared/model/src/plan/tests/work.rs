//! Tasks in people's hands, and what the rules make of what they do.

use super::*;
use crate::{
    command::{Approval, TaskDraft},
    limits::MAX_NAME,
    plan::inspections::with_reason,
    room::{DoneOn, Nights, ServiceStatus},
    rule_sheet::{RuleKey, RuleScope},
    task::{EntryReason, InspectionOutcome},
};

const TASK: TaskId = TaskId(Uuid::from_u128(50));
const MARIA: UserId = UserId(Uuid::from_u128(2));

fn house(kind: TaskKind) -> House {
    let mut house = House::with_guest_due_out();
    let task = Task {
        kind,
        room: Some(ROOM),
        stay: Some(GUEST),
        business_date: today(),
        rule: TaskRule::StayContinues,
        ..Task::default()
    };
    house.put(TASK.into(), Entity::Task(task));
    house
}

fn rule(house: &mut House, rule: RuleKey, number: i64) {
    let set = Command::SetRule {
        scope: RuleScope::Hotel,
        rule,
        number: Some(number),
    };
    house.act(Role::Manager, set).unwrap();
}

fn finish(house: &mut House, task: TaskId) {
    let finish = Command::FinishTask { task };
    house.act_as(MARIA, Role::Housekeeper, finish).unwrap();
}

fn says(house: &mut House, role: Role, value: Cleanliness) {
    let set = Command::SetCleanliness {
        rooms: vec![ROOM],
        value,
    };
    house.act(role, set).unwrap();
}

fn work(house: &mut House, role: Role, asked: WorkCommand) -> Result<OperationId, Refusal> {
    house.act(role, Command::Work(asked))
}

fn task_of(house: &House, kind: TaskKind) -> Option<(TaskId, Task)> {
    let mut entities = house.entities.iter();
    entities.find_map(|(document, entity)| match entity {
        Entity::Task(task) if task.kind == kind => Some((TaskId(document.id.0), task.clone())),
        _ => None,
    })
}

#[test]
fn only_what_cleans_makes_a_room_clean() {
    for kind in TaskKind::ALL {
        let mut house = house(*kind);
        if *kind == TaskKind::Inspection {
            continue;
        }
        finish(&mut house, TASK);
        let expected = if kind.cleans() {
            Cleanliness::Clean
        } else {
            Cleanliness::Dirty
        };
        assert_eq!(house.room().cleanliness.value, expected, "{kind}");
    }
}

#[test]
fn whoever_checks_their_own_work_leaves_the_room_inspected() {
    let mut house = house(TaskKind::Stayover);
    rule(&mut house, RuleKey::SelfCheck, 1);
    rule(&mut house, RuleKey::InspectEvery, 1);
    finish(&mut house, TASK);
    assert_eq!(house.room().cleanliness.value, Cleanliness::Inspected);
    assert_eq!(task_of(&house, TaskKind::Inspection), None);
}

#[test]
fn what_is_due_again_after_a_time_is_noted_of_the_room() {
    let done = DoneOn {
        date: today(),
        occupied: 12,
    };
    for (kind, deep_cleaned, checked) in [
        (TaskKind::DeepClean, done, DoneOn::default()),
        (TaskKind::Check, DoneOn::default(), done),
        (TaskKind::Stayover, DoneOn::default(), DoneOn::default()),
    ] {
        let mut house = house(kind);
        let mut room = house.room();
        room.nights = Nights {
            occupied: 12,
            ..Nights::default()
        };
        house.put(ROOM.into(), Entity::Room(room));
        finish(&mut house, TASK);
        let room = house.room();
        assert_eq!((room.deep_cleaned, room.checked), (deep_cleaned, checked));
    }
}

#[test]
fn one_of_every_so_many_cleans_is_inspected_whoever_asks() {
    let inspected = |every, number: u128| {
        let mut house = house(TaskKind::Stayover);
        rule(&mut house, RuleKey::InspectEvery, every);
        let id = identity::stayover_task(house.hotel, today(), StayId(Uuid::from_u128(number)));
        let task = house.task(TASK);
        house.put(id.into(), Entity::Task(task));
        finish(&mut house, id);
        task_of(&house, TaskKind::Inspection).map(|(_, task)| (task, id))
    };
    assert_eq!(inspected(0, 1), None);
    let (task, clean) = inspected(1, 1).unwrap();
    assert_eq!(
        (task.rule, task.follows, task.status, task.of_every),
        (TaskRule::InspectionDue, Some(clean), TaskStatus::Planned, 1)
    );
    let count = (0..400).filter(|it| inspected(4, *it).is_some()).count();
    assert!((60..140).contains(&count), "{count} of 400");
}

fn inspect(house: &mut House, outcome: InspectionOutcome, reason: &str) -> Result<(), Refusal> {
    let (task, _) = task_of(house, TaskKind::Inspection).unwrap();
    let reason = reason.to_owned();
    let asked = WorkCommand::Inspect {
        task,
        outcome,
        reason,
    };
    work(house, Role::Supervisor, asked).map(|_| ())
}

fn to_inspect() -> House {
    let mut house = house(TaskKind::Stayover);
    rule(&mut house, RuleKey::InspectEvery, 1);
    finish(&mut house, TASK);
    house
}

#[test]
fn an_inspection_says_what_the_room_is_and_has_what_failed_done_again() {
    use InspectionOutcome::{Failed, Open, Passed, Skipped};
    for (outcome, value) in [
        (Passed, Cleanliness::Inspected),
        (Failed, Cleanliness::Dirty),
        (Skipped, Cleanliness::Clean),
    ] {
        let mut house = to_inspect();
        inspect(&mut house, outcome, "Seen from the door").unwrap();
        assert_eq!(house.room().cleanliness.value, value, "{outcome}");
        let (_, inspection) = task_of(&house, TaskKind::Inspection).unwrap();
        assert_eq!(
            (inspection.status, inspection.outcome),
            (TaskStatus::Done, outcome)
        );
        assert_eq!(inspection.note, "Seen from the door");
        let again = task_of(&house, TaskKind::TouchUp);
        assert_eq!(again.is_some(), outcome == Failed);
        if let Some((id, task)) = again {
            assert_eq!(
                (task.rule, task.follows, task.assignee),
                (TaskRule::Rework, Some(TASK), Some(MARIA))
            );
            finish(&mut house, id);
            assert_eq!(house.room().cleanliness.value, Cleanliness::Clean);
        }
    }
    let mut house = to_inspect();
    let empty = |field: &str| {
        let field = field.to_owned();
        Err(Refusal::Empty { field })
    };
    assert_eq!(inspect(&mut house, Open, ""), empty("outcome"));
    assert_eq!(inspect(&mut house, Skipped, " "), empty("reason"));
    let asked = WorkCommand::Inspect {
        task: TASK,
        outcome: Passed,
        reason: String::new(),
    };
    assert!(work(&mut house, Role::Supervisor, asked).is_err());
    assert_eq!(with_reason("Mind the dog", "Hair"), "Mind the dog\nHair");
}

#[test]
fn what_is_inspected_or_done_again_too_late_leaves_the_next_guests_room_as_it_is() {
    let mut house = to_inspect();
    inspect(&mut house, InspectionOutcome::Failed, "").unwrap();
    let (touch_up, _) = task_of(&house, TaskKind::TouchUp).unwrap();
    let start = Command::StartTask { task: touch_up };
    house.act(Role::Housekeeper, start).unwrap();
    house
        .act(Role::FrontDesk, Command::CheckOut { stay: GUEST })
        .unwrap();
    finish(&mut house, touch_up);
    assert_eq!(house.room().cleanliness.value, Cleanliness::Dirty);

    let mut house = to_inspect();
    let (inspection, _) = task_of(&house, TaskKind::Inspection).unwrap();
    let start = Command::StartTask { task: inspection };
    house.act(Role::Supervisor, start).unwrap();
    house
        .act(Role::FrontDesk, Command::CheckOut { stay: GUEST })
        .unwrap();
    inspect(&mut house, InspectionOutcome::Passed, "").unwrap();
    assert_eq!(house.room().cleanliness.value, Cleanliness::Dirty);
}

#[test]
fn whoever_inspects_passes_a_room_by_finishing_its_inspection_and_nobody_else_does() {
    let finish = |house: &mut House, role| {
        let (task, _) = task_of(house, TaskKind::Inspection).unwrap();
        house.act(role, Command::FinishTask { task })
    };
    let mut house = to_inspect();
    let refused = Refusal::NotAllowed {
        command: "inspect".into(),
        role: Role::Housekeeper,
    };
    assert_eq!(finish(&mut house, Role::Housekeeper), Err(refused.clone()));
    assert_eq!(house.room().cleanliness.value, Cleanliness::Clean);
    let operation = finish(&mut house, Role::Supervisor).unwrap();
    let (_, inspection) = task_of(&house, TaskKind::Inspection).unwrap();
    assert_eq!(
        (inspection.status, inspection.outcome),
        (TaskStatus::Done, InspectionOutcome::Passed)
    );
    assert_eq!(house.room().cleanliness.value, Cleanliness::Inspected);
    // Nor do others take it back, or pass it again with that.
    let undo = Command::Undo { operation };
    assert_eq!(
        house.act(Role::Housekeeper, undo.clone()),
        Err(refused.clone())
    );
    let operation = house.act(Role::Supervisor, undo).unwrap();
    assert_eq!(house.room().cleanliness.value, Cleanliness::Clean);
    let again = Command::Undo { operation };
    assert_eq!(house.act(Role::Housekeeper, again), Err(refused));
}

/// Yesterday's clean, which was left over, done today with its inspection made, and today's clean.
fn cleaned_late() -> (House, TaskId) {
    let mut house = house(TaskKind::Stayover);
    let late = TaskId(Uuid::from_u128(49));
    let of_yesterday = Task {
        business_date: "2017-05-24".parse().unwrap(),
        ..house.task(TASK)
    };
    house.put(late.into(), Entity::Task(of_yesterday));
    let mut room = house.room();
    room.cleanliness.turn =
        crate::cleanliness::Turn::night("2017-05-24".parse().unwrap(), Some(GUEST));
    house.put(ROOM.into(), Entity::Room(room));
    rule(&mut house, RuleKey::InspectEvery, 1);
    finish(&mut house, late);
    let inspection = identity::following_task(house.hotel, TaskKind::Inspection, late);
    (house, inspection)
}

#[test]
fn an_inspection_of_a_clean_over_which_the_room_was_cleaned_again_is_needless() {
    let open = (TaskStatus::Planned, TaskRule::InspectionDue);
    let needless = (TaskStatus::Cancelled, TaskRule::Overtaken);
    let pin = |task| WorkCommand::Pin { task, pinned: true };
    let begin = |task| Command::StartTask { task };
    let asked = |house: &House, id| {
        let task = house.task(id);
        (task.status, task.rule)
    };
    let (mut house, earlier) = cleaned_late();
    assert_eq!(asked(&house, earlier), open);
    finish(&mut house, TASK);
    assert_eq!(asked(&house, earlier), needless);
    let later = identity::following_task(house.hotel, TaskKind::Inspection, TASK);
    assert_eq!(asked(&house, later), open);
    // And so is what was to be done again after one that failed.
    let (mut house, earlier) = cleaned_late();
    let failed = WorkCommand::Inspect {
        task: earlier,
        outcome: InspectionOutcome::Failed,
        reason: String::new(),
    };
    work(&mut house, Role::Supervisor, failed).unwrap();
    let again = identity::following_task(house.hotel, TaskKind::TouchUp, earlier);
    assert_eq!(house.task(again).status, TaskStatus::Planned);
    finish(&mut house, TASK);
    assert_eq!(asked(&house, again), needless);
    // Nobody's work is taken from them.
    let (mut house, earlier) = cleaned_late();
    work(&mut house, Role::Supervisor, pin(earlier)).unwrap();
    finish(&mut house, TASK);
    assert_eq!(asked(&house, earlier), open);
    let (mut house, earlier) = cleaned_late();
    house.act(Role::Supervisor, begin(earlier)).unwrap();
    finish(&mut house, TASK);
    assert_eq!(house.task(earlier).status, TaskStatus::InProgress);
    // A clean of the same turn, or of an earlier one, overtakes nothing.
    let (mut house, earlier) = cleaned_late();
    let draft = Box::new(TaskDraft {
        kind: TaskKind::TouchUp,
        ..draft()
    });
    let task = TaskId(Uuid::from_u128(52));
    let add = WorkCommand::Add { task, draft };
    work(&mut house, Role::Supervisor, add).unwrap();
    finish(&mut house, task);
    assert_eq!(asked(&house, earlier), open);
}

#[test]
fn a_departure_that_two_desks_have_of_two_days_is_done_once() {
    let both = |write: fn(&mut Task)| {
        let mut house = house(TaskKind::Departure);
        house
            .act(Role::FrontDesk, Command::CheckOut { stay: GUEST })
            .unwrap();
        let mut carried = Task {
            business_date: today().plus_days(1),
            rule: TaskRule::CarriedOver,
            ..house.task(TASK)
        };
        write(&mut carried);
        let id = identity::departure_task(house.hotel, today().plus_days(1), (GUEST, ROOM));
        house.put(id.into(), Entity::Task(carried));
        let start = Command::StartTask { task: TASK };
        house.act(Role::Housekeeper, start).unwrap();
        finish(&mut house, TASK);
        house.task(id)
    };
    let needless = both(|_| ());
    assert_eq!(
        (needless.status, needless.rule),
        (TaskStatus::Cancelled, TaskRule::Overtaken)
    );
    let others: [fn(&mut Task); 4] = [
        |task| task.status = TaskStatus::InProgress,
        |task| task.pinned = true,
        |task| task.rule = TaskRule::Person,
        |task| task.stay = Some(StayId(Uuid::from_u128(32))),
    ];
    for other in others {
        assert!(both(other).status.is_open());
    }
}

#[test]
fn a_room_cleaned_before_the_guest_left_is_inspected_after_that() {
    let mut house = house(TaskKind::Departure);
    rule(&mut house, RuleKey::InspectEvery, 1);
    finish(&mut house, TASK);
    house
        .act(Role::FrontDesk, Command::CheckOut { stay: GUEST })
        .unwrap();
    inspect(&mut house, InspectionOutcome::Passed, "").unwrap();
    assert_eq!(house.room().cleanliness.value, Cleanliness::Inspected);
}

#[test]
fn a_room_that_the_desk_calls_clean_is_looked_at_first() {
    let mut house = house(TaskKind::Stayover);
    says(&mut house, Role::FrontDesk, Cleanliness::Clean);
    assert_eq!(house.room().cleanliness.value, Cleanliness::Pickup);
    let clean = house.task(TASK);
    assert_eq!(
        (clean.status, clean.rule),
        (TaskStatus::Cancelled, TaskRule::DeskClean)
    );
    let (_, check) = task_of(&house, TaskKind::Check).unwrap();
    assert_eq!(
        (check.status, check.rule, check.business_date),
        (TaskStatus::Planned, TaskRule::DeskClean, today())
    );
    // Saying it again is no look, and whoever looks says so by finishing.
    says(&mut house, Role::FrontDesk, Cleanliness::Clean);
    assert_eq!(house.room().cleanliness.value, Cleanliness::Pickup);
    let (check, _) = task_of(&house, TaskKind::Check).unwrap();
    finish(&mut house, check);
    assert_eq!(house.room().cleanliness.value, Cleanliness::Clean);
}

#[test]
fn a_look_confirms_no_room_that_was_marked_otherwise_since() {
    for value in [Cleanliness::Dirty, Cleanliness::Inspected] {
        let mut house = house(TaskKind::Stayover);
        says(&mut house, Role::FrontDesk, Cleanliness::Clean);
        says(&mut house, Role::Supervisor, value);
        let (check, _) = task_of(&house, TaskKind::Check).unwrap();
        finish(&mut house, check);
        assert_eq!(house.room().cleanliness.value, value);
    }
}

#[test]
fn what_the_desk_says_holds_where_nobody_has_to_look() {
    // By rule, without a clean, and for those who have seen the room.
    let mut by_rule = house(TaskKind::Stayover);
    rule(&mut by_rule, RuleKey::DeskCleanIsChecked, 0);
    let nothing_open = House::with_guest_due_out();
    for (mut house, role) in [
        (by_rule, Role::FrontDesk),
        (nothing_open, Role::FrontDesk),
        (house(TaskKind::Stayover), Role::Supervisor),
    ] {
        says(&mut house, role, Cleanliness::Clean);
        assert_eq!(house.room().cleanliness.value, Cleanliness::Clean);
        assert_eq!(task_of(&house, TaskKind::Check), None);
    }
    // Somebody is at it: it is neither cancelled nor clean.
    let mut house = house(TaskKind::Stayover);
    let start = Command::StartTask { task: TASK };
    house.act(Role::Housekeeper, start).unwrap();
    says(&mut house, Role::FrontDesk, Cleanliness::Clean);
    assert_eq!(house.room().cleanliness.value, Cleanliness::Pickup);
    assert_eq!(house.task(TASK).status, TaskStatus::InProgress);
    assert_eq!(task_of(&house, TaskKind::Check), None);
}

#[test]
fn a_room_that_the_desk_calls_dirty_is_cleaned_and_not_inspected() {
    let mut house = to_inspect();
    says(&mut house, Role::FrontDesk, Cleanliness::Dirty);
    let (_, inspection) = task_of(&house, TaskKind::Inspection).unwrap();
    assert_eq!(
        (inspection.status, inspection.rule),
        (TaskStatus::Cancelled, TaskRule::DeskDirty)
    );
    let (first, clean) = task_of(&house, TaskKind::TouchUp).unwrap();
    assert_eq!(
        (clean.status, clean.rule),
        (TaskStatus::Planned, TaskRule::DeskDirty)
    );
    // Another one when that is done, and one is enough while it is open.
    finish(&mut house, first);
    for _ in 0..2 {
        says(&mut house, Role::FrontDesk, Cleanliness::Dirty);
        says(&mut house, Role::Supervisor, Cleanliness::Clean);
    }
    let touch_ups = house
        .entities
        .values()
        .filter(|entity| matches!(entity, Entity::Task(task) if task.kind == TaskKind::TouchUp));
    assert_eq!(touch_ups.count(), 2);
    // Somebody thought better of the other, and then it is said again.
    let kind = TaskKind::TouchUp;
    let task = identity::following_task(house.hotel, kind, first);
    let cancel = WorkCommand::Cancel { task };
    work(&mut house, Role::Supervisor, cancel).unwrap();
    says(&mut house, Role::FrontDesk, Cleanliness::Dirty);
    says(&mut house, Role::Supervisor, Cleanliness::Clean);
    says(&mut house, Role::FrontDesk, Cleanliness::Dirty);
    let third = house.task(identity::following_task(house.hotel, kind, task));
    assert_eq!(third.status, TaskStatus::Planned);
}

#[test]
fn who_was_kept_out_comes_back_and_the_mark_goes_with_a_reason() {
    let mut house = house(TaskKind::Stayover);
    let kept_out = |by| WorkCommand::KeptOut { task: TASK, by };
    let by = ServiceStatus::DoNotDisturb;
    assert!(work(&mut house, Role::Housekeeper, kept_out(ServiceStatus::None)).is_err());
    for attempts in 1..3 {
        work(&mut house, Role::Housekeeper, kept_out(by)).unwrap();
        let task = house.task(TASK);
        assert_eq!((task.attempts, task.kept_out_by), (attempts, by));
        assert!(task.attempted_at.is_some());
        assert_eq!(house.room().service_status, by);
    }
    let before = house.task(TASK);
    let start = Command::StartTask { task: TASK };
    let kept_out = Err(Refusal::KeptOut { by });
    assert_eq!(house.act(Role::Housekeeper, start), kept_out);
    let enter = WorkCommand::Enter {
        task: TASK,
        reason: EntryReason::GuestAsked,
    };
    let operation = work(&mut house, Role::Housekeeper, enter).unwrap();
    assert_eq!(house.room().service_status, ServiceStatus::None);
    let task = house.task(TASK);
    assert_eq!(task.status, TaskStatus::InProgress);
    assert_eq!(task.entered_because, Some(EntryReason::GuestAsked));
    let of_tries = |task: &Task| (task.attempts, task.attempted_at, task.kept_out_by);
    assert_eq!(of_tries(&task), of_tries(&before), "they are kept");

    let undo = Command::Undo { operation };
    house.act(Role::Housekeeper, undo).unwrap();
    assert_eq!(house.room().service_status, by);
    assert_eq!(house.task(TASK), before);
}

#[test]
fn a_mark_that_leaves_the_room_alone_takes_a_reason_to_go_in_and_no_other_does() {
    use ServiceStatus::{DoNotDisturb, DoubleLock, NoServiceRequired, ServiceRefused};
    for by in ServiceStatus::ALL {
        let mut house = house(TaskKind::Delivery);
        let mut room = house.room();
        room.service_status = *by;
        house.put(ROOM.into(), Entity::Room(room));
        let start = Command::StartTask { task: TASK };
        let began = house.act(Role::Housekeeper, start).map(|_| ());
        let leaves_alone = [NoServiceRequired, ServiceRefused, DoubleLock, DoNotDisturb];
        if leaves_alone.contains(by) {
            assert_eq!(began, Err(Refusal::KeptOut { by: *by }));
        } else {
            assert_eq!(began, Ok(()), "{by}");
        }
    }
}

#[test]
fn a_clean_is_not_finished_at_once_in_a_room_that_is_left_alone() {
    let by = ServiceStatus::DoNotDisturb;
    let marked = |kind, status| {
        let mut house = house(kind);
        let mut room = house.room();
        room.service_status = by;
        house.put(ROOM.into(), Entity::Room(room));
        let mut task = house.task(TASK);
        task.status = status;
        house.put(TASK.into(), Entity::Task(task));
        house
    };
    let finish = || Command::FinishTask { task: TASK };
    for kind in TaskKind::ALL {
        for status in [TaskStatus::Planned, TaskStatus::Paused] {
            let finished = marked(*kind, status).act(Role::Supervisor, finish());
            if kind.cleans() {
                assert_eq!(finished, Err(Refusal::KeptOut { by }), "{kind} {status}");
            } else {
                assert!(finished.is_ok(), "{kind} {status}: {finished:?}");
            }
        }
        // Whoever is in there already comes out.
        let mut begun = marked(*kind, TaskStatus::InProgress);
        assert!(begun.act(Role::Supervisor, finish()).is_ok(), "{kind}");
    }
    // Who may not finish it is told that, and whoever gives a reason goes in.
    let mut house = marked(TaskKind::Stayover, TaskStatus::Planned);
    let refused = house.act(Role::FrontDesk, finish());
    assert!(matches!(refused, Err(Refusal::NotAllowed { .. })));
    let enter = WorkCommand::Enter {
        task: TASK,
        reason: EntryReason::GuestAsked,
    };
    work(&mut house, Role::Housekeeper, enter).unwrap();
    house.act(Role::Housekeeper, finish()).unwrap();
    assert_eq!(house.room().service_status, ServiceStatus::None);
}

#[test]
fn what_was_done_before_the_mark_is_done_again_and_approved_after_it() {
    let (start, finish) = (
        Command::StartTask { task: TASK },
        Command::FinishTask { task: TASK },
    );
    for asked in [start, finish] {
        let approved = Command::Approved(Approval {
            command: Box::new(asked.clone()),
            author: MARIA,
            role: Role::Housekeeper,
            at: Timestamp(1),
            approver: ANA,
        });
        for (author, role, command) in [
            (MARIA, Role::Housekeeper, asked.clone()),
            (identity::SERVER, Role::Server, approved),
        ] {
            let mut house = house(TaskKind::Stayover);
            let mut room = house.room();
            room.service_status = ServiceStatus::DoNotDisturb;
            house.put(ROOM.into(), Entity::Room(room));
            let now = house.act_as(MARIA, Role::Housekeeper, asked.clone());
            assert!(matches!(now, Err(Refusal::KeptOut { .. })));
            house.act_again(author, role, command).unwrap();
            assert_ne!(house.task(TASK).status, TaskStatus::Planned);
            assert_eq!(house.task(TASK).assignee, Some(MARIA));
            let marked = house.room().service_status;
            assert_eq!(marked, ServiceStatus::DoNotDisturb);
        }
    }
}

#[test]
fn somebody_who_went_in_after_the_mark_was_taken_off_has_started_all_the_same() {
    let mut house = house(TaskKind::Stayover);
    let enter = WorkCommand::Enter {
        task: TASK,
        reason: EntryReason::GuestLeft,
    };
    work(&mut house, Role::Housekeeper, enter).unwrap();
    let task = house.task(TASK);
    assert_eq!(task.status, TaskStatus::InProgress);
    assert_eq!(task.entered_because, None);
}

#[test]
fn whose_work_is_inspected_is_said_by_name_by_role_and_then_by_the_room() {
    let hotel = || RuleScope::Hotel;
    let housekeepers = || RuleScope::Role(Role::Housekeeper);
    let supervisors = || RuleScope::Role(Role::Supervisor);
    let maria = || RuleScope::Person(MARIA);
    let ana = || RuleScope::Person(ANA);
    let suite = || RuleScope::RoomType("Suite".into());
    use Cleanliness::{Clean, Inspected};
    for (case, said, left) in [
        ("nothing", vec![], Clean),
        ("the hotel", vec![(hotel(), 1)], Inspected),
        ("her role", vec![(housekeepers(), 1)], Inspected),
        ("another role", vec![(supervisors(), 1)], Clean),
        ("herself", vec![(maria(), 1)], Inspected),
        ("somebody else", vec![(ana(), 1)], Clean),
        (
            "role before room",
            vec![(suite(), 1), (housekeepers(), 0)],
            Clean,
        ),
        (
            "name before role",
            vec![(housekeepers(), 0), (maria(), 1)],
            Inspected,
        ),
        (
            "name before all",
            vec![(hotel(), 1), (suite(), 1), (maria(), 0)],
            Clean,
        ),
    ] {
        let mut house = house(TaskKind::Stayover);
        let mut room = house.room();
        room.room_type = "Suite".into();
        house.put(ROOM.into(), Entity::Room(room));
        for (scope, number) in said {
            let set = Command::SetRule {
                scope,
                rule: RuleKey::SelfCheck,
                number: Some(number),
            };
            house.act(Role::Manager, set).unwrap();
        }
        finish(&mut house, TASK);
        assert_eq!(house.room().cleanliness.value, left, "{case}");
    }
}

#[test]
fn who_cleans_says_nothing_of_what_is_due() {
    let mut house = House::with_guest_due_out();
    for (scope, rule) in [
        (RuleScope::Person(MARIA), RuleKey::LinenEvery),
        (RuleScope::Role(Role::Housekeeper), RuleKey::Departure),
        (RuleScope::Role(Role::Engineer), RuleKey::InspectEvery),
    ] {
        let number = Some(1);
        let set = Command::SetRule {
            scope,
            rule,
            number,
        };
        let refused = house.act(Role::Manager, set);
        assert_eq!(refused, Err(Refusal::NotOfCleaner), "{rule}");
    }
}

#[test]
fn whoever_checks_their_own_work_leaves_to_be_inspected_what_somebody_else_cleaned() {
    let again = TaskId(Uuid::from_u128(51));
    let house = || {
        let mut house = to_inspect();
        let of_maria = |rule, number| Command::SetRule {
            scope: RuleScope::Person(MARIA),
            rule,
            number: Some(number),
        };
        let set = of_maria(RuleKey::SelfCheck, 1);
        house.act(Role::Manager, set).unwrap();
        let turn = Some(house.room().cleanliness.turn);
        let task = Task {
            kind: TaskKind::TouchUp,
            turn,
            ..house.task(TASK)
        };
        let status = TaskStatus::Planned;
        house.put(again.into(), Entity::Task(Task { status, ..task }));
        house
    };
    let mut awaited = house();
    finish(&mut awaited, again);
    assert_eq!(awaited.room().cleanliness.value, Cleanliness::Clean);
    let (_, inspection) = task_of(&awaited, TaskKind::Inspection).unwrap();
    assert_eq!(inspection.status, TaskStatus::Planned);

    let mut skipped = house();
    inspect(&mut skipped, InspectionOutcome::Skipped, "The guest is in").unwrap();
    finish(&mut skipped, again);
    assert_eq!(skipped.room().cleanliness.value, Cleanliness::Inspected);
}

#[test]
fn a_hotel_is_called_what_its_managers_say_and_that_is_taken_back() {
    let mut house = House::with_guest_due_out();
    let called = |house: &House| match &house.entities[&house.hotel.into()] {
        Entity::Hotel(hotel) => hotel.name.clone(),
        other => panic!("{other:?}"),
    };
    let name = |name: &str| Command::NameHotel { name: name.into() };
    for role in [Role::FrontDesk, Role::Supervisor, Role::Server] {
        let refused = house.act(role, name("Hotel do Mar"));
        assert!(matches!(refused, Err(Refusal::NotAllowed { .. })), "{role}");
    }
    let field = || "name".to_owned();
    let limit = MAX_NAME;
    for (typed, refused) in [
        ("  ", Refusal::Empty { field: field() }),
        (
            "x".repeat(limit + 1).as_str(),
            Refusal::TooLong {
                field: field(),
                limit,
            },
        ),
        (
            "Hotel\0do Mar",
            Refusal::ControlCharacter { field: field() },
        ),
        ("Resort ", Refusal::NothingToDo),
    ] {
        assert_eq!(house.act(Role::Manager, name(typed)), Err(refused));
    }
    let operation = house.act(Role::Manager, name(" Hotel do Mar ")).unwrap();
    assert_eq!(called(&house), "Hotel do Mar");
    house.act(Role::Admin, Command::Undo { operation }).unwrap();
    assert_eq!(called(&house), "Resort");
}

fn draft() -> TaskDraft {
    TaskDraft {
        kind: TaskKind::GuestRequest,
        room: ROOM,
        stay: Some(GUEST),
        business_date: today(),
        title: " Two pillows ".into(),
        note: String::new(),
        assignee: None,
    }
}

#[test]
fn a_task_that_somebody_asks_for_is_theirs_to_cancel() {
    let mut house = House::with_guest_due_out();
    let add = |draft| WorkCommand::Add {
        task: TASK,
        draft: Box::new(draft),
    };
    work(&mut house, Role::FrontDesk, add(draft())).unwrap();
    let task = house.task(TASK);
    assert_eq!(
        (task.title.as_str(), task.rule),
        ("Two pillows", TaskRule::Person)
    );
    let cancel = WorkCommand::Cancel { task: TASK };
    let start = Command::StartTask { task: TASK };
    house.act(Role::Housekeeper, start).unwrap();
    let status = TaskStatus::InProgress;
    assert_eq!(
        work(&mut house, Role::FrontDesk, cancel.clone()),
        Err(Refusal::TaskState { status })
    );
    let pause = Command::PauseTask { task: TASK };
    house.act(Role::Housekeeper, pause).unwrap();
    work(&mut house, Role::FrontDesk, cancel).unwrap();
    assert_eq!(house.task(TASK).status, TaskStatus::Cancelled);

    // Those who assign may assign it with that, nobody asks for yesterday's.
    let given = TaskDraft {
        assignee: Some(MARIA),
        ..draft()
    };
    let other = |draft: TaskDraft| WorkCommand::Add {
        task: TaskId(Uuid::from_u128(51)),
        draft: Box::new(draft),
    };
    assert!(matches!(
        work(&mut house, Role::FrontDesk, other(given.clone())),
        Err(Refusal::NotAllowed { .. })
    ));
    let late = TaskDraft {
        business_date: "2017-05-24".parse().unwrap(),
        ..draft()
    };
    let business_date = today();
    assert_eq!(
        work(&mut house, Role::FrontDesk, other(late)),
        Err(Refusal::OtherDay { business_date })
    );
    work(&mut house, Role::Supervisor, other(given)).unwrap();
}

#[test]
fn a_touch_up_that_somebody_asks_for_after_a_departure_is_for_that() {
    let mut house = House::with_guest_due_out();
    house
        .act(Role::FrontDesk, Command::CheckOut { stay: GUEST })
        .unwrap();
    let draft = Box::new(TaskDraft {
        kind: TaskKind::TouchUp,
        ..draft()
    });
    let add = WorkCommand::Add { task: TASK, draft };
    work(&mut house, Role::Supervisor, add).unwrap();
    finish(&mut house, TASK);
    assert_eq!(house.room().cleanliness.value, Cleanliness::Clean);
}

#[test]
fn what_is_pinned_or_noted_gives_way_to_no_rule() {
    let pin = |pinned| WorkCommand::Pin { task: TASK, pinned };
    let note = |text: &str, base: &str| WorkCommand::Note {
        task: TASK,
        text: text.into(),
        base: base.into(),
    };
    let out = || Command::CheckOut { stay: GUEST };
    for touch in [pin(true), note("After ten", "")] {
        let mut house = house(TaskKind::Stayover);
        work(&mut house, Role::Supervisor, touch).unwrap();
        house.act(Role::FrontDesk, out()).unwrap();
        assert_eq!(house.task(TASK).status, TaskStatus::Planned);
    }
    let mut house = house(TaskKind::Stayover);
    work(&mut house, Role::Supervisor, pin(true)).unwrap();
    let again = work(&mut house, Role::Supervisor, pin(true));
    assert_eq!(again, Err(Refusal::NothingToDo));
    work(&mut house, Role::Supervisor, pin(false)).unwrap();
    house.act(Role::FrontDesk, out()).unwrap();
    assert_eq!(house.task(TASK).status, TaskStatus::Cancelled);
    // Two who write in the same place are told.
    work(&mut house, Role::Housekeeper, note("Key broke", "")).unwrap();
    assert!(matches!(
        work(&mut house, Role::Housekeeper, note("Lamp broke", "")),
        Err(Refusal::WrittenMeanwhile { .. })
    ));
}

#[test]
fn a_guest_who_comes_makes_a_look_at_the_room_needless() {
    for kind in [TaskKind::Check, TaskKind::Inspection, TaskKind::Arrival] {
        let mut house = house(kind);
        let expected = stay("2017-05-25", "2017-05-27", StayStatus::Expected);
        house.put(GUEST.into(), Entity::Stay(expected));
        house
            .act(Role::FrontDesk, Command::CheckIn { stay: GUEST })
            .unwrap();
        let look = house.task(TASK);
        assert_eq!(
            (look.status, look.rule),
            (TaskStatus::Cancelled, TaskRule::CheckIn),
            "{kind}"
        );
    }
}

#[test]
fn a_check_out_makes_no_departure_where_the_rules_say_so() {
    let mut house = house(TaskKind::Stayover);
    rule(&mut house, RuleKey::Departure, 0);
    house
        .act(Role::FrontDesk, Command::CheckOut { stay: GUEST })
        .unwrap();
    assert_eq!(house.room().cleanliness.value, Cleanliness::Dirty);
    assert_eq!(house.task(TASK).status, TaskStatus::Cancelled);
    assert_eq!(task_of(&house, TaskKind::Departure), None);
}

#[test]
fn a_rule_takes_the_numbers_that_it_has_and_can_be_left_open_again() {
    let mut house = House::with_guest_due_out();
    let set = |scope: RuleScope, number| Command::SetRule {
        scope,
        rule: RuleKey::VacantCheckDays,
        number,
    };
    let hotel = || RuleScope::Hotel;
    let (least, most) = (1, 7);
    let beyond = Err(Refusal::OutOfBounds { least, most });
    for number in [0, 8] {
        let set = set(hotel(), Some(number));
        assert_eq!(house.act(Role::Manager, set), beyond);
    }
    let nameless = set(RuleScope::Rate(String::new()), Some(3));
    assert!(matches!(
        house.act(Role::Manager, nameless),
        Err(Refusal::Empty { .. })
    ));
    let held = |house: &House| {
        let Ok(rules) = rules::rules(house, house.hotel, &house.room(), None);
        rules.vacant_check_days
    };
    let rate = set(RuleScope::Rate("SAVER".into()), Some(3));
    let of_no_rate = house.act(Role::Manager, rate);
    assert_eq!(of_no_rate, Err(Refusal::NotOfCleaner));
    let suites = set(RuleScope::RoomType("Suite".into()), Some(3));
    let operation = house.act(Role::Manager, suites).unwrap();
    house
        .act(Role::Manager, Command::Undo { operation })
        .unwrap();
    house.act(Role::Manager, set(hotel(), Some(3))).unwrap();
    assert_eq!(held(&house), 3);
    let again = house.act(Role::Manager, set(hotel(), Some(3)));
    assert_eq!(again, Err(Refusal::NothingToDo));
    house.act(Role::Manager, set(hotel(), None)).unwrap();
    assert_eq!(held(&house), 7);
}
