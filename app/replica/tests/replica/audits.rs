//! Two desks that end the same day without hearing of one another.

use crate::world::scene::{Scene, room, stay, today};
use keyrack_model::{
    command::{Command, DeskCommand, StayEdit, WorkCommand},
    ids::TaskId,
    plan::day,
    policy::Role,
    room::Room,
    rows::Row,
    task::{Task, TaskKind, TaskStatus},
    time::BusinessDate,
};
use std::collections::BTreeMap;

const HERE: usize = 0;
const THERE: usize = 1;
/// A desk of which nobody does anything, to see that all comes to it.
const BACK_OFFICE: usize = 2;

/// The room whose guest is checked out here alone.
const LEAVES: u128 = 0;
/// The room whose clean is begun here alone.
const IS_CLEANED: u128 = 1;
/// The room whose guest stays longer, as here alone is known.
const STAYS_ON: u128 = 2;
/// The room whose guest moves away here alone.
const MOVES: u128 = 3;
/// Where they move to: the room of the guest who leaves.
const MOVES_TO: u128 = LEAVES;

fn rows(scene: &Scene, device: usize) -> Vec<Row> {
    scene.devices[device].replica.all_rows().unwrap()
}

fn tasks(scene: &Scene, device: usize) -> BTreeMap<TaskId, Task> {
    let rows = rows(scene, device);
    let tasks = rows.iter().filter_map(Row::as_task);
    tasks.map(|(id, task)| (id, task.clone())).collect()
}

fn rooms(scene: &Scene, device: usize) -> Vec<Room> {
    let rows = rows(scene, device);
    let rooms = rows.iter().filter_map(Row::as_room);
    rooms.map(|(_, room)| room.clone()).collect()
}

fn date(scene: &Scene, device: usize) -> BusinessDate {
    scene.devices[device].replica.hotel().unwrap().business_date
}

/// What a desk's app does when somebody ends the day.
fn audit(scene: &mut Scene, device: usize) {
    let close = DeskCommand::CloseDay {
        date: date(scene, device),
    };
    scene.act(device, &Command::Desk(close)).unwrap();
    for command in scene.devices[device].replica.rooms_to_plan().unwrap() {
        // Of a room in which nothing is due there is nothing to write.
        scene.act(device, &command).ok();
    }
}

/// What happened here before the audit, of which nobody there knows.
fn only_here(scene: &mut Scene) -> TaskId {
    let desk = |scene: &mut Scene, asked| scene.act(HERE, &Command::Desk(asked)).unwrap();
    let out = Command::CheckOut { stay: stay(LEAVES) };
    scene.act(HERE, &out).unwrap();
    let begun = crate::world::scene::task(IS_CLEANED);
    scene
        .act(HERE, &Command::StartTask { task: begun })
        .unwrap();
    let longer = StayEdit {
        departure: Some(today().plus_days(3)),
        ..StayEdit::default()
    };
    let (stay_on, edit) = (stay(STAYS_ON), Box::new(longer));
    desk(
        scene,
        DeskCommand::EditStay {
            stay: stay_on,
            edit,
        },
    );
    let (moved, to) = (stay(MOVES), room(MOVES_TO));
    desk(
        scene,
        DeskCommand::MoveRoom {
            stay: moved,
            room: to,
        },
    );
    begun
}

#[test]
fn two_desks_audit_one_night_offline_with_different_knowledge() {
    let mut scene = Scene::with(&[Role::Manager, Role::FrontDesk, Role::FrontDesk]);
    scene.cut(HERE);
    scene.cut(THERE);
    let begun = only_here(&mut scene);
    // And something that is only known there: a task that nobody takes away.
    let pinned = crate::world::scene::task(STAYS_ON);
    let pin = WorkCommand::Pin {
        task: pinned,
        pinned: true,
    };
    scene.act(THERE, &Command::Work(pin)).unwrap();
    for device in [HERE, THERE] {
        audit(&mut scene, device);
        assert_eq!(date(&scene, device), today().plus_days(1));
    }
    // Where it was known that somebody had begun, it was let be; where it was not, it was cancelled.
    assert_eq!(tasks(&scene, HERE)[&begun].status, TaskStatus::InProgress);
    assert_eq!(tasks(&scene, THERE)[&begun].status, TaskStatus::Cancelled);

    scene.settle();
    scene.check_agreement();
    for device in [HERE, THERE, BACK_OFFICE] {
        assert_eq!(date(&scene, device), today().plus_days(1));
        let planned = |room: &Room| room.nights.counted_to == date(&scene, device);
        assert!(rooms(&scene, device).iter().all(planned));
    }
    let known = tasks(&scene, BACK_OFFICE);
    assert_eq!(known[&begun].status, TaskStatus::InProgress);
    let mut open = BTreeMap::new();
    for (id, task) in known.iter().filter(|(_, task)| task.status.is_open()) {
        let about = (task.kind, task.room, task.stay, task.business_date);
        let twin = open.insert(about, *id);
        assert_eq!(twin, None, "{about:?} is there twice");
    }
    // Whoever was where: the room that the guest moved out of is cleaned, and so is the one that they
    // are in and have to leave.
    let tomorrow = today().plus_days(1);
    for number in [MOVES, MOVES_TO] {
        let departure = (
            TaskKind::Departure,
            Some(room(number)),
            Some(stay(MOVES)),
            tomorrow,
        );
        assert!(open.contains_key(&departure), "{open:?}");
    }
}

#[test]
fn planning_all_rooms_again_after_two_audits_met_takes_nothing_from_anybody() {
    let mut scene = Scene::with(&[Role::Manager, Role::FrontDesk]);
    scene.cut(HERE);
    scene.cut(THERE);
    let begun = only_here(&mut scene);
    audit(&mut scene, HERE);
    audit(&mut scene, THERE);
    scene.settle();
    let tomorrow = date(&scene, HERE);
    let rooms: Vec<_> = (0..crate::world::scene::ROOMS).map(room).collect();
    for room in &rooms {
        let plan = DeskCommand::PlanRoom {
            room: *room,
            date: tomorrow,
        };
        scene.act(HERE, &Command::Desk(plan.clone())).ok();
        let again = scene.act(THERE, &Command::Desk(plan));
        assert!(again.is_err(), "{room} was not planned at once");
    }
    scene.settle();
    scene.check_agreement();
    assert_eq!(tasks(&scene, THERE)[&begun].status, TaskStatus::InProgress);
    let rows = rows(&scene, HERE);
    let left = day::due(rows.iter().filter_map(Row::as_room), tomorrow);
    assert!(left.is_empty());
}
