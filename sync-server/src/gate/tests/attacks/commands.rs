//! Changes that do more than their command, or something that it cannot do as things stand.

use super::*;
use keyrack_model::{
    cleanliness::{Cleanliness, CleanlinessMark, MarkCause, Turn},
    command::ImportedRow,
    hotel::HotelChange,
    stay::{StayChange, StayStatus},
    task::{Task, TaskChange, TaskKind, TaskRule, TaskStatus},
};

fn mark_clean(rooms: Vec<RoomId>) -> Command {
    Command::SetCleanliness {
        rooms,
        value: Clean,
    }
}

#[test]
fn a_mark_is_what_the_command_says_in_the_turn_the_room_is_in_and_by_this_action() {
    let turn = Turn::night(today(), Some(GUEST));
    let later = turn.arrival_of(NEXT, today());
    let honest = |operation| CleanlinessMark {
        value: Clean,
        turn,
        cause: MarkCause::Person,
        action: operation,
    };
    type Forge = fn(CleanlinessMark, Turn) -> CleanlinessMark;
    let forged: [Forge; 4] = [
        |mark, _| CleanlinessMark {
            value: Cleanliness::Inspected,
            ..mark
        },
        |mark, later| CleanlinessMark {
            turn: later,
            ..mark
        },
        |mark, _| CleanlinessMark {
            cause: MarkCause::Task,
            ..mark
        },
        |mark, _| CleanlinessMark {
            action: OperationId(Uuid::max()),
            ..mark
        },
    ];
    for forge in forged {
        Scene::set().refuses(GateReason::NotOfCommand, |device| {
            let operation = device.operation();
            let mark = forge(honest(operation), later);
            let change = Change::Room(ROOM, RoomChange::Cleanliness(mark));
            device.act(operation, mark_clean(vec![ROOM]), &[change])
        });
    }
}

#[test]
fn who_is_not_at_the_desk_does_away_with_no_task_by_a_mark() {
    let refusal = Refusal::NotAllowed {
        command: "set-cleanliness".into(),
        role: Role::Housekeeper,
    };
    Scene::set().refuses_as(refusal, |device| {
        device.role = Role::FrontDesk;
        device.ask(mark_clean(vec![ROOM])).unwrap()
    });
}

#[test]
fn a_room_that_the_command_does_not_name_is_left_alone() {
    let mut scene = Scene::with_another_room();
    scene.refuses_as(BEYOND, |device| {
        let mut action = device.ask(mark_clean(vec![ROOM, OTHER_ROOM])).unwrap();
        action.command = mark_clean(vec![ROOM]);
        action
    });
    let mut scene = Scene::with_another_room();
    scene.refuses_as(BEYOND, |device| {
        let mut action = device.mark(Clean);
        action.command = mark_clean(vec![OTHER_ROOM]);
        action
    });
}

#[test]
fn a_room_that_is_not_there_is_not_marked() {
    Scene::set().refuses_as(Refusal::NotFound, |device| {
        let operation = device.operation();
        let mark = CleanlinessMark {
            value: Clean,
            cause: MarkCause::Person,
            action: operation,
            ..CleanlinessMark::default()
        };
        let change = Change::Room(OTHER_ROOM, RoomChange::Cleanliness(mark));
        device.act(operation, mark_clean(vec![OTHER_ROOM]), &[change])
    });
}

#[test]
fn a_field_is_written_once_and_a_document_is_changed_once() {
    Scene::set().refuses(GateReason::NotOfCommand, |device| {
        rewritten(device.mark(Clean), |change| {
            let own = OpId(change.start_op.get(), change.actor_id.clone());
            let again = Op {
                pred: vec![own].into(),
                ..change.operations[0].clone()
            };
            change.operations.push(again);
        })
    });
    Scene::set().refuses(GateReason::NotOfCommand, |device| {
        let mut action = device.mark(Clean);
        action.changes.push(action.changes[0].clone());
        action
    });
    // A change of the room, and another on top of it in the same action.
    Scene::set().refuses(GateReason::Sequence, |device| {
        let mut action = device.mark(Clean);
        let operation = action.operation;
        let status = RoomChange::ServiceStatus(keyrack_model::room::ServiceStatus::DoubleLock);
        let more = device.act(
            operation,
            action.command.clone(),
            &[Change::Room(ROOM, status)],
        );
        action.changes.extend(more.changes);
        action
    });
}

/// Whoever gave it to them did not know it yet, or it was theirs before and goes on being so.
#[test]
fn what_is_given_to_somebody_who_has_left_is_admitted_and_to_a_stranger_it_is_not() {
    let task = stayover();
    let mut scene = Scene::set();
    let mut ines = scene.joined_by(INES, 8);
    scene.hotel.standing.roles.remove(&TOMAS);
    let stranger = ines.clone();
    let given = |device: &mut Device| {
        let assignee = Some(TOMAS);
        device.ask(Command::AssignTask { task, assignee }).unwrap()
    };
    let reason = GateReason::MissingDependency;
    let action = given(&mut stranger.clone());
    scene.refuses_from(&stranger, action, Refusal::Gate { reason });
    scene.hotel.standing.left.insert(TOMAS);
    let action = given(&mut ines);
    scene.hotel.judge(&ines, action).unwrap();
}

#[test]
fn a_task_is_taken_by_whoever_works_on_it_and_by_nobody_for_another() {
    let task = stayover();
    let start = || Command::StartTask { task };
    let started = Change::Task(task, TaskChange::Status(TaskStatus::InProgress));
    let given = |person| Change::Task(task, TaskChange::Assignee(person));
    let changes = [started.clone(), given(Some(TOMAS))];
    Scene::refuses_writing(MARIA, start(), BEYOND, &changes);
    let done = Change::Task(task, TaskChange::Status(TaskStatus::Done));
    Scene::refuses_writing(MARIA, start(), BEYOND, &[done]);
    // A task that is another's stays theirs.
    let mut scene = Scene::set();
    let mut ines = scene.joined_by(INES, 8);
    let assignee = Some(TOMAS);
    let assigned = ines.ask(Command::AssignTask { task, assignee }).unwrap();
    scene.hotel.judge(&ines, assigned.clone()).unwrap();
    scene.maria.receive(&assigned);
    scene.refuses_as(BEYOND, |device| {
        let operation = device.operation();
        device.act(operation, start(), &[started, given(Some(MARIA))])
    });
    // Nobody assigns whose role does not.
    let role = Role::Housekeeper;
    let command = Command::AssignTask {
        task,
        assignee: Some(MARIA),
    };
    let refusal = Refusal::NotAllowed {
        command: "assign-task".into(),
        role,
    };
    Scene::refuses_writing(MARIA, command, refusal, &[given(Some(MARIA))]);
}

#[test]
fn a_task_takes_only_the_steps_that_there_are() {
    let task = stayover();
    let mut scene = Scene::set();
    for command in [Command::StartTask { task }, Command::FinishTask { task }] {
        let action = scene.maria.ask(command).unwrap();
        scene.hotel.judge(&scene.maria, action).unwrap();
    }
    let status = TaskStatus::Done;
    for command in [
        Command::StartTask { task },
        Command::PauseTask { task },
        Command::FinishTask { task },
    ] {
        scene.refuses_as(Refusal::TaskState { status }, |device| {
            let operation = device.operation();
            let change = Change::Task(task, TaskChange::Status(TaskStatus::InProgress));
            device.act(operation, command, &[change])
        });
    }
}

#[test]
fn the_time_worked_is_the_time_that_went_by() {
    let task = stayover();
    let mut scene = Scene::set();
    let action = scene.maria.ask(Command::StartTask { task }).unwrap();
    scene.hotel.judge(&scene.maria, action).unwrap();
    for millis in [-1, 1, i64::MAX] {
        scene.refuses_as(BEYOND, |device| {
            let operation = device.operation();
            let change = Change::Task(task, TaskChange::WorkedMillis(millis));
            device.act(operation, Command::PauseTask { task }, &[change])
        });
    }
}

#[test]
fn a_finished_task_cleans_its_own_room_alone() {
    let task = stayover();
    let mut scene = Scene::with_another_room();
    scene.refuses_as(BEYOND, |device| {
        let operation = device.operation();
        let mark = CleanlinessMark {
            value: Clean,
            turn: Turn::night(today(), Some(GUEST)),
            cause: MarkCause::Task,
            action: operation,
        };
        let done = Change::Task(task, TaskChange::Status(TaskStatus::Done));
        let clean = Change::Room(OTHER_ROOM, RoomChange::Cleanliness(mark));
        device.act(operation, Command::FinishTask { task }, &[done, clean])
    });
    // Nor without the task.
    scene.refuses_as(BEYOND, |device| {
        let mut action = device.ask(Command::FinishTask { task }).unwrap();
        action
            .changes
            .retain(|change| change.document == ROOM.into());
        action
    });
}

#[test]
fn the_desk_moves_a_stay_forward_and_changes_nothing_else_of_it() {
    let status = |stay, status| Change::Stay(stay, StayChange::Status(status));
    let check_in = |stay| Command::CheckIn { stay };
    let refusal = Refusal::StayState {
        status: StayStatus::InHouse,
    };
    let departed = status(GUEST, StayStatus::Departed);
    let room = Change::Stay(GUEST, StayChange::Room(Some(OTHER_ROOM)));
    let leaves = |day: &str| Change::Stay(GUEST, StayChange::Departure(day.parse().unwrap()));
    let before_they_came = leaves("2017-05-01");
    // A day that the hotel has not begun.
    let longer = leaves("2017-06-30");
    let reason = GateReason::MissingDependency;
    let next = status(NEXT, StayStatus::InHouse);
    let no_show = status(NEXT, StayStatus::NoShow);
    let check_out = Command::CheckOut { stay: GUEST };
    for (command, refusal, changes) in [
        (check_in(GUEST), refusal, vec![departed.clone()]),
        (
            check_out.clone(),
            Refusal::Gate { reason },
            vec![departed.clone(), longer],
        ),
        (
            check_out.clone(),
            BEYOND,
            vec![departed.clone(), before_they_came],
        ),
        (check_out.clone(), BEYOND, vec![departed.clone(), room]),
        (check_out.clone(), BEYOND, vec![departed, next]),
        (check_in(NEXT), BEYOND, vec![no_show]),
    ] {
        Scene::refuses_writing(RUI, command, refusal, &changes);
    }
}

#[test]
fn a_check_out_makes_its_own_departure_task_and_no_other() {
    let check_out = Command::CheckOut { stay: GUEST };
    let left = Change::Stay(GUEST, StayChange::Status(StayStatus::Departed));
    let made = |change: TaskChange| Change::Task(departure(), change);
    let foreign = keyrack_model::ids::TaskId(Uuid::from_u128(4_711));
    for change in [
        Change::Task(foreign, TaskChange::Stay(Some(GUEST))),
        made(TaskChange::Stay(Some(NEXT))),
        made(TaskChange::Status(TaskStatus::Done)),
        made(TaskChange::BusinessDate("2017-05-24".parse().unwrap())),
        made(TaskChange::WorkedMillis(60_000)),
    ] {
        Scene::refuses_writing(RUI, check_out.clone(), BEYOND, &[left.clone(), change]);
    }
    // Whole but for its room.
    let field = "room".to_owned();
    let task = Task {
        kind: TaskKind::Departure,
        stay: Some(GUEST),
        business_date: today(),
        rule: TaskRule::EarlyDeparture,
        ..Task::default()
    };
    let mut changes = task.creation(departure());
    changes.push(left);
    Scene::refuses_writing(RUI, check_out, Refusal::Empty { field }, &changes);
}

#[test]
fn the_business_date_is_nobodys_on_a_device() {
    let later = HotelChange::BusinessDate("2017-05-26".parse().unwrap());
    let changes = [Change::Hotel(HOTEL, later)];
    let check_out = Command::CheckOut { stay: GUEST };
    Scene::refuses_writing(RUI, check_out, BEYOND, &changes);
}

#[test]
fn what_only_imports_do_is_done_by_nobody_else() {
    let fields = Room {
        number: "205".into(),
        ..Room::default()
    };
    let changes = fields.creation(OTHER_ROOM);
    let command = Command::Import(ImportedRow::Room {
        room: OTHER_ROOM,
        fields,
    });
    Scene::refuses_writing(INES, command, Refusal::ServerOnly, &changes);
}

#[test]
fn an_action_of_another_schema_or_of_another_time_than_its_changes_is_refused() {
    for schema in [0, SCHEMA + 1] {
        Scene::set().refuses(GateReason::Schema, |device| {
            let mut action = device.mark(Clean);
            action.schema = schema;
            action
        });
    }
    for millis in [-1, 1, i64::MAX - NOW.0] {
        Scene::set().refuses(GateReason::Timestamp, |device| {
            let mut action = device.mark(Clean);
            action.at.wall = Timestamp(NOW.0 + millis);
            action
        });
        Scene::set().refuses(GateReason::Timestamp, |device| {
            rewritten(device.mark(Clean), |change| change.time += millis)
        });
    }
}
