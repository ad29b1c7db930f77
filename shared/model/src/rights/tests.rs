//! What is planned is within the rights of its command, and nothing else is.

use crate::{
    change::{Change, Entity, fields_of},
    cleanliness::{Cleanliness, CleanlinessMark, MarkCause, Turn},
    command::{
        Command, DeskCommand, RoomCommand, StayEdit, TaskDraft, WorkCommand, WorkOrderDraft,
        WorkOrderEdit,
    },
    field::{FieldType, FieldValue},
    identity,
    ids::{
        BlockId, CommentId, DocumentKind, OperationId, RoomId, StayId, TaskId, UserId, WorkOrderId,
    },
    plan::tests::house::{ANA, Done, GUEST, House, ROOM, stay, today},
    policy::Role,
    refusal::{GateReason, Refusal},
    room::{Occupancy, ServiceStatus},
    room_block::RoomBlock,
    rule_sheet::{RuleKey, RuleScope},
    stay::StayStatus,
    task::{EntryReason, InspectionOutcome, Task, TaskKind, TaskRule, TaskStatus},
    time::Timestamp,
    work_order::{Priority, WorkOrderStatus},
};
use proptest::prelude::*;
use uuid::Uuid;

mod marks;
mod recall;

const MARIA: UserId = UserId(Uuid::from_u128(2));
const LEFT_OVER: TaskId = TaskId(Uuid::from_u128(950));
const NEXT: StayId = StayId(Uuid::from_u128(32));
const BLOCK: BlockId = BlockId(Uuid::from_u128(60));

fn order(number: u8) -> WorkOrderId {
    WorkOrderId(Uuid::from_u128(700 + u128::from(number)))
}

fn comment(number: u8) -> CommentId {
    CommentId(Uuid::from_u128(800 + u128::from(number)))
}

fn departure() -> TaskId {
    identity::departure_task(identity::hotel("resort"), today(), (GUEST, ROOM))
}

fn stayover() -> TaskId {
    identity::stayover_task(identity::hotel("resort"), today(), GUEST)
}

/// A guest who could leave early, one who is expected, a clean that nobody has begun, one that was
/// left from yesterday, and a block that is over.
fn house() -> House {
    let mut house = House::with_guest_due_out();
    let guest = stay("2017-05-22", "2017-05-27", StayStatus::InHouse);
    house.put(GUEST.into(), Entity::Stay(guest));
    let next = stay("2017-05-25", "2017-05-29", StayStatus::Expected);
    house.put(NEXT.into(), Entity::Stay(next));
    let clean = Task {
        kind: TaskKind::Stayover,
        room: Some(ROOM),
        stay: Some(GUEST),
        business_date: today(),
        rule: TaskRule::StayContinues,
        ..Task::default()
    };
    let left_over = Task {
        business_date: today().plus_days(-1),
        ..clean.clone()
    };
    house.put(LEFT_OVER.into(), Entity::Task(left_over));
    house.put(stayover().into(), Entity::Task(clean));
    house.put(BLOCK.into(), Entity::RoomBlock(block_of(ROOM)));
    house
}

fn block_of(room: RoomId) -> RoomBlock {
    RoomBlock {
        room: Some(room),
        reason: "Paint".into(),
        from: today().plus_days(-3),
        until: today(),
        ..RoomBlock::default()
    }
}

/// A command in which the undone action is given by how long ago it was.
#[derive(Clone, Debug)]
enum Asked {
    Command(Box<Command>),
    UndoOf(prop::sample::Index),
}

fn commands() -> impl Strategy<Value = Asked> {
    let task = prop::sample::select(vec![departure(), stayover()]).boxed();
    let person = prop::option::of(prop::sample::select(vec![ANA, MARIA])).boxed();
    let said = || "[a-z ]{0,12}";
    // Typed over what is there, over something else, or over nothing that is known.
    let typed = || {
        let base = prop_oneof![said().boxed(), Just("Tap".to_owned()).boxed()];
        (prop::option::of(said()), prop::option::of(base))
    };
    let edit = (
        typed(),
        typed(),
        prop::option::of(prop::option::of(Just(ROOM))),
        prop::option::of(prop::sample::select(Priority::ALL)),
        prop::option::of(prop::sample::select(WorkOrderStatus::ALL)),
        prop::option::of(person.clone()),
    )
        .prop_map(
            |(
                (title, title_base),
                (description, description_base),
                room,
                priority,
                status,
                assignee,
            )| WorkOrderEdit {
                title,
                title_base,
                description,
                description_base,
                room,
                priority,
                status,
                assignee,
            },
        );
    let draft = (said(), said(), prop::option::of(Just(ROOM)), person.clone()).prop_map(
        |(title, description, room, assignee)| WorkOrderDraft {
            title,
            description,
            room,
            assignee,
            ..WorkOrderDraft::default()
        },
    );
    let inspection =
        identity::following_task(identity::hotel("resort"), TaskKind::Inspection, stayover());
    let any_task = prop::sample::select(vec![departure(), stayover(), inspection]).boxed();
    let work = prop_oneof![
        any_task
            .clone()
            .prop_map(|task| WorkCommand::Cancel { task }),
        (any_task.clone(), any::<bool>())
            .prop_map(|(task, pinned)| WorkCommand::Pin { task, pinned }),
        (any_task.clone(), prop::sample::select(ServiceStatus::ALL))
            .prop_map(|(task, by)| WorkCommand::KeptOut { task, by }),
        (any_task.clone(), prop::sample::select(EntryReason::ALL))
            .prop_map(|(task, reason)| WorkCommand::Enter { task, reason }),
        (any_task.clone(), said(), said()).prop_map(|(task, text, base)| WorkCommand::Note {
            task,
            text,
            base
        }),
        (
            any_task,
            prop::sample::select(InspectionOutcome::ALL),
            said()
        )
            .prop_map(|(task, outcome, reason)| WorkCommand::Inspect {
                task,
                outcome,
                reason
            }),
        (
            0..2u8,
            prop::sample::select(TaskKind::ALL),
            said(),
            person.clone()
        )
            .prop_map(|(number, kind, title, assignee)| WorkCommand::Add {
                task: TaskId(Uuid::from_u128(900 + u128::from(number))),
                draft: Box::new(TaskDraft {
                    kind,
                    room: ROOM,
                    stay: Some(GUEST),
                    business_date: today(),
                    title,
                    note: String::new(),
                    assignee,
                }),
            }),
    ];
    let day = prop_oneof![
        Just(DeskCommand::CloseDay { date: today() }),
        (0..4i32).prop_map(|days| DeskCommand::EditStay {
            stay: GUEST,
            edit: Box::new(StayEdit {
                departure: Some(today().plus_days(days)),
                adults: Some(2),
                ..StayEdit::default()
            }),
        }),
        (0..2i32).prop_map(|days| DeskCommand::PlanRoom {
            room: ROOM,
            date: today().plus_days(days),
        }),
    ];
    let scope = prop::sample::select(vec![
        RuleScope::Hotel,
        RuleScope::Role(Role::Housekeeper),
        RuleScope::Person(ANA),
    ]);
    let rule = (
        scope,
        prop::sample::select(RuleKey::ALL),
        prop::option::of(0..3i64),
    )
        .prop_map(|(scope, rule, number)| Command::SetRule {
            scope,
            rule,
            number,
        });
    let name = prop::sample::select(vec!["Resort", "Hotel do Mar"]);
    let command = prop_oneof![
        3 => work.prop_map(Command::Work),
        2 => day.prop_map(Command::Desk),
        2 => rule,
        1 => name.prop_map(|name| Command::NameHotel { name: name.into() }),
        8 => prop_oneof![
        prop::sample::select(Cleanliness::ALL).prop_map(|value| Command::SetCleanliness {
            rooms: vec![ROOM],
            value
        }),
        prop::sample::select(Occupancy::ALL)
            .prop_map(|value| Command::SetOccupancySeen { room: ROOM, value }),
        prop::sample::select(ServiceStatus::ALL)
            .prop_map(|value| Command::SetServiceStatus { room: ROOM, value }),
        task.clone().prop_map(|task| Command::StartTask { task }),
        task.clone().prop_map(|task| Command::PauseTask { task }),
        task.clone().prop_map(|task| Command::FinishTask { task }),
        (task, person).prop_map(|(task, assignee)| Command::AssignTask { task, assignee }),
        prop::sample::select(vec![GUEST, NEXT]).prop_map(|stay| Command::CheckIn { stay }),
        prop::sample::select(vec![GUEST, NEXT]).prop_map(|stay| Command::CheckOut { stay }),
        (0..2u8, draft).prop_map(|(number, draft)| Command::CreateWorkOrder {
            work_order: order(number),
            draft
        }),
        (0..2u8, edit).prop_map(|(number, edit)| Command::EditWorkOrder {
            work_order: order(number),
            edit
        }),
        (0..2u8, 0..2u8, said()).prop_map(|(number, about, text)| Command::AddComment {
            comment: comment(number),
            subject: order(about),
            text
        }),
        ],
    ];
    prop_oneof![
        4 => command.prop_map(|command| Asked::Command(Box::new(command))),
        1 => any::<prop::sample::Index>().prop_map(Asked::UndoOf),
    ]
}

/// Values of every type that a field can hold, well-formed ones among them.
fn values() -> Vec<FieldValue> {
    let text = |value: &str| FieldValue::Text(value.to_owned());
    let mark = CleanlinessMark {
        value: Cleanliness::Inspected,
        turn: Turn::night(today(), Some(NEXT)),
        cause: MarkCause::Task,
        action: OperationId(Uuid::from_u128(66)),
    };
    let mut values = vec![
        FieldValue::Nothing,
        text("something else"),
        FieldValue::Integer(4_711),
        FieldValue::Time(Timestamp(4_711)),
        FieldValue::Flag(true),
        FieldValue::Flag(false),
        mark.to_value(),
        text("2017-05-20"),
        text("vacant 5"),
    ];
    values.extend([ANA.0, MARIA.0, ROOM.0, NEXT.0, order(1).0].map(|id| text(&id.to_string())));
    values.extend(TaskStatus::ALL.iter().map(FieldType::to_value));
    values.extend(StayStatus::ALL.iter().map(FieldType::to_value));
    values.extend(WorkOrderStatus::ALL.iter().map(FieldType::to_value));
    values.extend(Priority::ALL.iter().map(FieldType::to_value));
    values.extend(TaskKind::ALL.iter().map(FieldType::to_value));
    values.extend(ServiceStatus::ALL.iter().map(FieldType::to_value));
    values.extend(InspectionOutcome::ALL.iter().map(FieldType::to_value));
    values.extend(EntryReason::ALL.iter().map(FieldType::to_value));
    values.extend(TaskRule::ALL.iter().map(FieldType::to_value));
    values
}

/// Every other write to a document that the action touches is beyond its command, one that would
/// change nothing aside.
fn assert_nothing_else(done: &Done, values: &[FieldValue]) {
    let rights = done.rights();
    let is_planning = matches!(&done.command, Command::Desk(DeskCommand::PlanRoom { .. }));
    for (document, before) in &done.before {
        for (key, _) in fields_of(document.kind) {
            // Whose task of the room it was is not known here, nor whether one is due.
            let is_task = document.kind == DocumentKind::Task;
            let of_audit = ["kind", "stay", "rule", "counted", "of_every"].contains(key);
            let is_left_open =
                is_task && (before.is_none() && *key == "assignee" || is_planning && of_audit);
            let others = values
                .iter()
                .filter_map(|value| Change::from_field(*document, key, value))
                .filter(|change| !is_left_open && !done.changes.contains(change));
            for other in others {
                let shown = before.as_ref().and_then(|entity| entity.field(key));
                if shown == Some(other.value()) {
                    continue;
                }
                let judged = rights.allows_write(&other);
                assert!(judged.is_err(), "{:?} may write {other:?}", done.command);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]
    #[test]
    fn a_plan_is_within_its_rights_and_nothing_else_is(
        steps in prop::collection::vec((prop::sample::select(Role::ALL), any::<bool>(), commands()), 1..40),
    ) {
        let mut house = house();
        let values = values();
        for (role, is_ana, asked) in steps {
            let command = match asked {
                Asked::Command(command) => *command,
                Asked::UndoOf(_) if house.past.is_empty() => continue,
                Asked::UndoOf(index) => Command::Undo {
                    operation: *house.past.keys().nth(index.index(house.past.len())).unwrap(),
                },
            };
            let author = if is_ana { ANA } else { MARIA };
            // The rights are asserted within.
            if let Ok(done) = house.act_as(author, role, command) {
                assert_nothing_else(&done, &values);
                assert_within_rights_later(&done);
            }
        }
    }
}

/// A device comes back after the winter, with what was done on it before.
fn assert_within_rights_later(done: &Done) {
    let mut rights = done.rights();
    rights.today = rights.today.plus_days(150);
    for change in &done.changes {
        assert_eq!(rights.allows_write(change), Ok(()), "{change:?}");
    }
}

fn done(house: &mut House, role: Role, command: Command) -> Done {
    house.act_as(ANA, role, command).unwrap()
}

const BEYOND: Refusal = Refusal::Gate {
    reason: GateReason::NotOfCommand,
};

#[test]
fn a_document_that_the_command_does_not_name_is_beyond_it() {
    let mut house = house();
    let command = Command::SetCleanliness {
        rooms: vec![ROOM],
        value: Cleanliness::Clean,
    };
    let mut done = done(&mut house, Role::Housekeeper, command);
    let Change::Room(_, mark) = done.changes[0].clone() else {
        panic!("a room is marked");
    };
    let other = RoomId(Uuid::from_u128(205));
    let written = Change::Room(other, mark);
    assert_eq!(done.rights().allows_write(&written), Err(BEYOND));
    // Nor when the action touches it.
    let room = done.before[&ROOM.into()].clone();
    done.before.insert(other.into(), room);
    assert_eq!(done.rights().allows_write(&written), Err(BEYOND));
    // What is not there cannot be marked.
    done.before.insert(ROOM.into(), None);
    let written = done.changes[0].clone();
    assert_eq!(done.rights().allows_write(&written), Err(Refusal::NotFound));
}

#[test]
fn what_was_done_before_the_winter_is_within_its_rights_after_it() {
    let leaves = |departure| {
        let edit = StayEdit {
            departure: Some(departure),
            adults: Some(2),
            ..StayEdit::default()
        };
        Command::Desk(DeskCommand::EditStay {
            stay: GUEST,
            edit: Box::new(edit),
        })
    };
    let other = RoomId(Uuid::from_u128(205));
    let moves = DeskCommand::MoveRoom {
        stay: GUEST,
        room: other,
    };
    let ends = Command::Rooms(RoomCommand::EndBlock { block: BLOCK });
    let with_another_room = || {
        let mut house = house();
        let room = house.room();
        house.put(other.into(), Entity::Room(room));
        house.put(BLOCK.into(), Entity::RoomBlock(block_of(other)));
        house
    };
    for (mut house, command) in [
        (house(), Command::CheckOut { stay: GUEST }),
        (house(), leaves(today())),
        (House::with_guest_due_out(), leaves(today().plus_days(2))),
        (with_another_room(), Command::Desk(moves)),
        (with_another_room(), ends),
    ] {
        let name = command.name();
        let done = done(&mut house, Role::Manager, command);
        let of_tasks = done
            .changes
            .iter()
            .filter(|it| matches!(it, Change::Task(..)));
        assert!(of_tasks.count() > 0, "{name}");
        assert_within_rights_later(&done);
    }
}

#[test]
fn a_day_that_the_hotel_has_not_begun_is_waited_for() {
    let mut house = house();
    let mut done = done(
        &mut house,
        Role::FrontDesk,
        Command::CheckOut { stay: GUEST },
    );
    let yesterday = crate::time::BusinessDate(today().0.yesterday().unwrap());
    for room in done.before.values_mut().flatten() {
        if let Entity::Room(room) = room {
            room.cleanliness.turn.date = yesterday;
        }
    }
    let mut rights = done.rights();
    rights.today = yesterday;
    let mark = done.changes.iter().find(|it| it.key() == "cleanliness");
    let reason = GateReason::MissingDependency;
    assert_eq!(
        rights.allows_write(mark.unwrap()),
        Err(Refusal::Gate { reason })
    );
}

#[test]
fn a_role_that_lost_the_first_command_cannot_take_it_back() {
    let mut house = house();
    let out = done(
        &mut house,
        Role::FrontDesk,
        Command::CheckOut { stay: GUEST },
    );
    let operation = out.operation;
    let mut undo = done(&mut house, Role::FrontDesk, Command::Undo { operation });
    assert_eq!(undo.rights().allows_command(), Ok(()));
    undo.context.role = Role::Housekeeper;
    assert!(matches!(
        undo.rights().allows_command(),
        Err(Refusal::NotAllowed { .. })
    ));
    let change = undo.changes[0].clone();
    undo.undone = None;
    let reason = GateReason::MissingDependency;
    assert_eq!(
        undo.rights().allows_write(&change),
        Err(Refusal::Gate { reason })
    );
}

#[test]
fn a_comment_is_taken_back_by_its_author_or_a_manager() {
    let mut house = house();
    let draft = WorkOrderDraft {
        title: "Shower drips".into(),
        ..WorkOrderDraft::default()
    };
    let work_order = order(0);
    done(
        &mut house,
        Role::Engineer,
        Command::CreateWorkOrder { work_order, draft },
    );
    let command = Command::AddComment {
        comment: comment(0),
        subject: order(0),
        text: "It is the seal".into(),
    };
    let said = done(&mut house, Role::Engineer, command);
    let operation = said.operation;
    let undo = |house: &mut House, role| house.act_as(MARIA, role, Command::Undo { operation });
    assert!(matches!(
        undo(&mut house, Role::Supervisor),
        Err(Refusal::NotAllowed { .. })
    ));
    assert!(undo(&mut house, Role::Manager).is_ok());
}

#[test]
fn an_action_is_taken_back_and_done_again_only_so_often() {
    use crate::limits::MAX_UNDO_CHAIN;
    let mut house = house();
    let command = Command::SetServiceStatus {
        room: ROOM,
        value: ServiceStatus::DoNotDisturb,
    };
    let mut operation = done(&mut house, Role::FrontDesk, command).operation;
    for _ in 0..MAX_UNDO_CHAIN {
        operation = done(&mut house, Role::FrontDesk, Command::Undo { operation }).operation;
    }
    let limit = MAX_UNDO_CHAIN;
    assert_eq!(
        house
            .act_as(ANA, Role::FrontDesk, Command::Undo { operation })
            .err(),
        Some(Refusal::TakenBackTooOften { limit })
    );
}
