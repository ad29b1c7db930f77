//! Every status of a task and of a stay, and what each command makes of it: whole tables, so that what is
//! not foreseen cannot hide between examples.

use super::{
    house::{House, ROOM, stay, today},
    *,
};
use crate::{
    cleanliness::TurnKind,
    command::{DeskCommand, StayEdit, WorkCommand},
    ids::{RoomId, StayId, TaskId, UserId},
    room::ServiceStatus,
    task::{EntryReason, InspectionOutcome, Task, TaskKind, TaskStatus},
};
use expect_test::{Expect, expect};
use std::fmt::Write;

const TASK: TaskId = TaskId(Uuid::from_u128(77));
const STAY: StayId = StayId(Uuid::from_u128(32));
const MARIA: UserId = UserId(Uuid::from_u128(2));
const OTHER_ROOM: RoomId = RoomId(Uuid::from_u128(205));

/// A line for each row and a column for each command; `=` where nothing becomes of it.
fn table<R: Copy + std::fmt::Display>(
    rows: &[R],
    commands: &[(&str, Command)],
    mut outcome: impl FnMut(R, &Command) -> String,
    expected: &Expect,
) {
    let mut table = String::new();
    for (name, command) in commands {
        writeln!(table, "{name}").expect("memory takes all text");
        for row in rows {
            let became = outcome(*row, command);
            writeln!(table, "  {:<12} {became}", row.to_string()).expect("memory takes all text");
        }
    }
    expected.assert_eq(&table);
}

fn house() -> House {
    let mut house = House::with_guest_due_out();
    let other = Room {
        number: "205".into(),
        ..Room::default()
    };
    house.put(OTHER_ROOM.into(), Entity::Room(other));
    house
}

/// What became of a house's task: its status, and of the room what is another than before.
fn of_task(kind: TaskKind, status: TaskStatus, command: &Command) -> String {
    let mut house = house();
    house.put(
        TASK.into(),
        Entity::Task(Task {
            kind,
            status,
            room: Some(ROOM),
            stay: Some(GUEST),
            business_date: today(),
            ..Task::default()
        }),
    );
    let before = house.room();
    match house.act(Role::Manager, command.clone()) {
        Err(refusal) => format!("refused: {refusal}"),
        Ok(_) => {
            let (task, room) = (house.task(TASK), house.room());
            let mut became = task.status.to_string();
            if room.cleanliness.value != before.cleanliness.value {
                write!(became, ", room {}", room.cleanliness.value).expect("memory");
            }
            if room.service_status != before.service_status {
                write!(became, ", marked {}", room.service_status).expect("memory");
            }
            if task.outcome != InspectionOutcome::Open {
                write!(became, ", {}", task.outcome).expect("memory");
            }
            became
        }
    }
}

#[test]
fn what_each_command_makes_of_a_clean_in_each_status() {
    let work = |command| Command::Work(command);
    let commands = [
        ("start", Command::StartTask { task: TASK }),
        ("pause", Command::PauseTask { task: TASK }),
        ("finish", Command::FinishTask { task: TASK }),
        (
            "give out",
            Command::AssignTask {
                task: TASK,
                assignee: Some(MARIA),
            },
        ),
        ("cancel", work(WorkCommand::Cancel { task: TASK })),
        (
            "pin",
            work(WorkCommand::Pin {
                task: TASK,
                pinned: true,
            }),
        ),
        (
            "kept out",
            work(WorkCommand::KeptOut {
                task: TASK,
                by: ServiceStatus::DoNotDisturb,
            }),
        ),
        (
            "go in with a reason",
            work(WorkCommand::Enter {
                task: TASK,
                reason: EntryReason::GuestAsked,
            }),
        ),
        (
            "inspect",
            work(WorkCommand::Inspect {
                task: TASK,
                outcome: InspectionOutcome::Passed,
                reason: String::new(),
            }),
        ),
    ];
    let outcome = |status, command: &_| of_task(TaskKind::Departure, status, command);
    table(
        TaskStatus::ALL,
        &commands,
        outcome,
        &expect![[r#"
        start
          planned      in-progress
          cancelled    refused: the task is cancelled and cannot be changed this way
          paused       in-progress
          in-progress  refused: the task is in-progress and cannot be changed this way
          done         refused: the task is done and cannot be changed this way
        pause
          planned      refused: the task is planned and cannot be changed this way
          cancelled    refused: the task is cancelled and cannot be changed this way
          paused       refused: the task is paused and cannot be changed this way
          in-progress  paused
          done         refused: the task is done and cannot be changed this way
        finish
          planned      done, room clean
          cancelled    refused: the task is cancelled and cannot be changed this way
          paused       done, room clean
          in-progress  done, room clean
          done         refused: the task is done and cannot be changed this way
        give out
          planned      planned
          cancelled    refused: the task is cancelled and cannot be changed this way
          paused       paused
          in-progress  in-progress
          done         refused: the task is done and cannot be changed this way
        cancel
          planned      cancelled
          cancelled    refused: the task is cancelled and cannot be changed this way
          paused       cancelled
          in-progress  refused: the task is in-progress and cannot be changed this way
          done         refused: the task is done and cannot be changed this way
        pin
          planned      planned
          cancelled    refused: the task is cancelled and cannot be changed this way
          paused       paused
          in-progress  in-progress
          done         refused: the task is done and cannot be changed this way
        kept out
          planned      planned, marked do-not-disturb
          cancelled    refused: the task is cancelled and cannot be changed this way
          paused       paused, marked do-not-disturb
          in-progress  in-progress, marked do-not-disturb
          done         refused: the task is done and cannot be changed this way
        go in with a reason
          planned      in-progress
          cancelled    refused: the task is cancelled and cannot be changed this way
          paused       in-progress
          in-progress  refused: the task is in-progress and cannot be changed this way
          done         refused: the task is done and cannot be changed this way
        inspect
          planned      refused: the task is no inspection
          cancelled    refused: the task is cancelled and cannot be changed this way
          paused       refused: the task is no inspection
          in-progress  refused: the task is no inspection
          done         refused: the task is done and cannot be changed this way
    "#]],
    );
}

#[test]
fn what_each_outcome_makes_of_an_inspection_in_each_status() {
    let inspect = |outcome, reason: &str| {
        Command::Work(WorkCommand::Inspect {
            task: TASK,
            outcome,
            reason: reason.into(),
        })
    };
    let commands = [
        ("finish", Command::FinishTask { task: TASK }),
        ("pass", inspect(InspectionOutcome::Passed, "")),
        (
            "fail",
            inspect(InspectionOutcome::Failed, "hair in the bath"),
        ),
        ("skip", inspect(InspectionOutcome::Skipped, "late")),
        ("leave open", inspect(InspectionOutcome::Open, "")),
    ];
    let outcome = |status, command: &_| of_task(TaskKind::Inspection, status, command);
    table(
        TaskStatus::ALL,
        &commands,
        outcome,
        &expect![[r#"
        finish
          planned      done, room inspected, passed
          cancelled    refused: the task is cancelled and cannot be changed this way
          paused       done, room inspected, passed
          in-progress  done, room inspected, passed
          done         refused: the task is done and cannot be changed this way
        pass
          planned      done, room inspected, passed
          cancelled    refused: the task is cancelled and cannot be changed this way
          paused       done, room inspected, passed
          in-progress  done, room inspected, passed
          done         refused: the task is done and cannot be changed this way
        fail
          planned      done, failed
          cancelled    refused: the task is cancelled and cannot be changed this way
          paused       done, failed
          in-progress  done, failed
          done         refused: the task is done and cannot be changed this way
        skip
          planned      done, skipped
          cancelled    refused: the task is cancelled and cannot be changed this way
          paused       done, skipped
          in-progress  done, skipped
          done         refused: the task is done and cannot be changed this way
        leave open
          planned      refused: outcome must not be empty
          cancelled    refused: the task is cancelled and cannot be changed this way
          paused       refused: outcome must not be empty
          in-progress  refused: outcome must not be empty
          done         refused: the task is done and cannot be changed this way
    "#]],
    );
}

/// A stay that is to come today, or that has come to a status since yesterday.
fn of_stay(status: StayStatus, command: &Command) -> String {
    let mut house = house();
    // Its room is free, but for it.
    house.entities.remove(&GUEST.into());
    let arrival = match status {
        StayStatus::Expected => "2017-05-25",
        _ => "2017-05-24",
    };
    house.put(
        STAY.into(),
        Entity::Stay(stay(arrival, "2017-05-27", status)),
    );
    match house.act(Role::FrontDesk, command.clone()) {
        Err(refusal) => format!("refused: {refusal}"),
        Ok(_) => {
            let Entity::Stay(after) = &house.entities[&STAY.into()] else {
                panic!("a stay");
            };
            let mut became = after.status.to_string();
            if after.room != Some(ROOM) {
                became += ", another room";
            }
            if after.queued_at.is_some() {
                became += ", waiting";
            }
            let left = house.room().cleanliness;
            if left.turn.kind == TurnKind::Departure {
                write!(became, ", room {}", left.value).expect("memory");
            }
            became
        }
    }
}

#[test]
fn what_each_command_makes_of_a_stay_in_each_status() {
    let desk = |command| Command::Desk(command);
    let edit = |edit| {
        desk(DeskCommand::EditStay {
            stay: STAY,
            edit: Box::new(edit),
        })
    };
    let commands = [
        ("check in", Command::CheckIn { stay: STAY }),
        ("check out", Command::CheckOut { stay: STAY }),
        ("cancel", desk(DeskCommand::CancelStay { stay: STAY })),
        ("no-show", desk(DeskCommand::MarkNoShow { stay: STAY })),
        (
            "give a room",
            desk(DeskCommand::AssignRoom {
                stay: STAY,
                room: Some(OTHER_ROOM),
            }),
        ),
        (
            "move",
            desk(DeskCommand::MoveRoom {
                stay: STAY,
                room: OTHER_ROOM,
            }),
        ),
        (
            "wait for the room",
            desk(DeskCommand::SetQueued {
                stay: STAY,
                queued: true,
            }),
        ),
        (
            "note",
            edit(StayEdit {
                note: Some("Allergic to feathers".into()),
                ..StayEdit::default()
            }),
        ),
        (
            "arrive later",
            edit(StayEdit {
                arrival: Some("2017-05-26".parse().unwrap()),
                ..StayEdit::default()
            }),
        ),
        (
            "stay longer",
            edit(StayEdit {
                departure: Some("2017-05-29".parse().unwrap()),
                ..StayEdit::default()
            }),
        ),
    ];
    table(
        StayStatus::ALL,
        &commands,
        of_stay,
        &expect![[r#"
            check in
              expected     in-house
              cancelled    refused: the stay is cancelled and cannot be changed this way
              no-show      refused: the stay is no-show and cannot be changed this way
              in-house     refused: the stay is in-house and cannot be changed this way
              departed     refused: the stay is departed and cannot be changed this way
            check out
              expected     refused: the stay is expected and cannot be changed this way
              cancelled    refused: the stay is cancelled and cannot be changed this way
              no-show      refused: the stay is no-show and cannot be changed this way
              in-house     departed, room dirty
              departed     refused: the stay is departed and cannot be changed this way
            cancel
              expected     cancelled
              cancelled    refused: the stay is cancelled and cannot be changed this way
              no-show      refused: the stay is no-show and cannot be changed this way
              in-house     refused: the stay is in-house and cannot be changed this way
              departed     refused: the stay is departed and cannot be changed this way
            no-show
              expected     no-show
              cancelled    refused: the stay is cancelled and cannot be changed this way
              no-show      refused: the stay is no-show and cannot be changed this way
              in-house     refused: the stay is in-house and cannot be changed this way
              departed     refused: the stay is departed and cannot be changed this way
            give a room
              expected     expected, another room
              cancelled    refused: the stay is cancelled and cannot be changed this way
              no-show      refused: the stay is no-show and cannot be changed this way
              in-house     refused: the stay is in-house and cannot be changed this way
              departed     refused: the stay is departed and cannot be changed this way
            move
              expected     refused: the stay is expected and cannot be changed this way
              cancelled    refused: the stay is cancelled and cannot be changed this way
              no-show      refused: the stay is no-show and cannot be changed this way
              in-house     in-house, another room, room dirty
              departed     refused: the stay is departed and cannot be changed this way
            wait for the room
              expected     expected, waiting
              cancelled    refused: the stay is cancelled and cannot be changed this way
              no-show      refused: the stay is no-show and cannot be changed this way
              in-house     refused: the stay is in-house and cannot be changed this way
              departed     refused: the stay is departed and cannot be changed this way
            note
              expected     expected
              cancelled    cancelled
              no-show      no-show
              in-house     in-house
              departed     departed
            arrive later
              expected     expected
              cancelled    refused: the stay is cancelled and cannot be changed this way
              no-show      refused: the stay is no-show and cannot be changed this way
              in-house     refused: the stay is in-house and cannot be changed this way
              departed     refused: the stay is departed and cannot be changed this way
            stay longer
              expected     expected
              cancelled    refused: the stay is cancelled and cannot be changed this way
              no-show      refused: the stay is no-show and cannot be changed this way
              in-house     in-house
              departed     refused: the stay is departed and cannot be changed this way
        "#]],
    );
}
